"""From scores to kept columns: the top K of the merged vector, or the top K of every source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from radcompare import registry
from radcompare.config import EVERYTHING, Selection
from radcompare.errors import ConfigError
from radcompare.selection.ranking import top
from radcompare.selection.relieff import ReliefF
from radcompare.selection.scored import Search


class Selector(Protocol):
    """What every entry of `registry.SELECTORS` is: a dataclass whose settings are keys of `Selection`."""

    scores_: NDArray[np.float64]

    def fit(
        self, X: NDArray[np.float64], y: NDArray[np.int64], levels: NDArray[np.int64] | None = None
    ) -> "Selector":
        """Score the columns of X, shape (cases, columns); nominal ones hold codes and have `levels` > 0."""


Known = Mapping[Selection, NDArray[np.float64]]
"""Scores of all columns, by selection without its K."""


@dataclass(frozen=True)
class Choice:
    """What one selection kept.

    Attributes:
        selection: as it was asked for.
        columns: kept column numbers, best first; source after source if chosen by source.
        zeros: how many of them had no positive score.
        asked: how many were to be kept; there may be fewer columns.
        projected: for a projection (principal components): columns that are projected together, into `top` new
            ones each. `columns` are then all columns, and the projection is to be learned from the training rows.
    """

    selection: Selection
    columns: NDArray[np.int64]
    zeros: int = 0
    asked: int = 0
    projected: tuple[NDArray[np.int64], ...] = ()


def make(selection: Selection) -> Selector:
    """The selector (or projection) that a selection names, with its settings.

    Raises:
        ConfigError: a setting was given that this selector does not have.
    """
    kind = registry.load("projection" if projects(selection) else "selector", selection.method)
    has = [field.name for field in fields(kind) if field.init and hasattr(selection, field.name)]
    given = selection.model_dump(exclude_defaults=True, exclude={"method", "top"})
    for name in given:
        if name not in has:
            known = ", ".join(other for other in has if other != "top") or "none"
            raise ConfigError(f"{selection.method} has no setting {name!r}", f"its settings: {known}")
    selector: Selector = kind(**{name: getattr(selection, name) for name in has})
    return selector


def choose(
    selections: Sequence[Selection],
    X: NDArray[np.float64],
    y: NDArray[np.int64],
    levels: NDArray[np.int64],
    source: NDArray[np.int64] | None = None,
    known: Known | None = None,
) -> Iterator[Choice]:
    """Keep columns, scoring them once for selections that differ in K alone.

    A search (mrmr, cfs, ...) may end before K columns; then those it found are kept.

    Args:
        selections: what to keep.
        X: training rows, shape (cases, columns); missing is NaN.
        y: classes of the training rows.
        levels: 0 for a numeric column, else its number of levels.
        source: the source that each column is of, to keep the top K of each; None for the merged vector.
        known: scores that `scores_in_folds` made already.
    """
    deepest: dict[Selection, Selection] = {}
    for selection in selections:
        alike = _without_top(selection)
        deepest[alike] = max(selection, deepest.get(alike, selection), key=lambda one: one.top or 0)
    parts = _parts(source, X.shape[1])
    scored = {selection: _Scored(scores, searched=False) for selection, scores in (known or {}).items()}
    for selection in selections:
        if selection.method == EVERYTHING:
            yield Choice(selection, np.arange(X.shape[1]))
            continue
        if projects(selection):
            asked = (selection.top or 0) * len(parts)
            yield Choice(selection, np.arange(X.shape[1]), asked=asked, projected=tuple(parts))
            continue
        alike = _without_top(selection)
        if alike not in scored:
            scored[alike] = _score(deepest[alike], X, y, levels, parts)
        yield _choice(selection, scored[alike], parts)


def projects(selection: Selection) -> bool:
    """Whether new columns are made, and none is kept."""
    return selection.method in registry.names("projection")


def shares_folds(selection: Selection) -> bool:
    """Whether the selector can score many folds with less work than one after another."""
    if selection.method == EVERYTHING or projects(selection):
        return False
    return registry.load("selector", selection.method) is ReliefF


def scores_in_folds(
    selections: Sequence[Selection],
    X: NDArray[np.float64],
    y: NDArray[np.int64],
    levels: NDArray[np.int64],
    trains: Sequence[NDArray[np.int64]],
    source: NDArray[np.int64] | None = None,
) -> list[Known]:
    """Scores of the selectors that share work between folds (Relief-F), for `choose` in each of them.

    Args:
        selections, levels, source: as for `choose`.
        X, y: all rows.
        trains: row numbers of the training rows of every fold.

    Returns:
        For every fold what is known, the same whichever other folds are asked for.
    """
    known: list[dict[Selection, NDArray[np.float64]]] = [{} for _ in trains]
    parts = _parts(source, X.shape[1])
    for alike in dict.fromkeys(_without_top(s) for s in selections if shares_folds(s)):
        selector = make(alike.model_copy(update={"top": 1}))
        assert isinstance(selector, ReliefF)
        for in_fold in known:
            in_fold[alike] = np.empty(X.shape[1])
        for part in parts:
            folds = selector.fit_folds(X[:, part], y, trains, levels[part])
            for in_fold, scores in zip(known, folds, strict=True):
                in_fold[alike][part] = scores
    return list(known)


class _Scored(NamedTuple):
    """Scores of all columns, and whether a search made them: it ends where no further column helps."""

    scores: NDArray[np.float64]
    searched: bool


def _without_top(selection: Selection) -> Selection:
    """What is equal for selections that differ in K alone."""
    return selection.model_copy(update={"top": None})


def _choice(selection: Selection, scored: _Scored, parts: Sequence[NDArray[np.int64]]) -> Choice:
    k = selection.top or 0
    kept = np.concatenate([part[top(scored.scores[part], k)] for part in parts])
    worthless = scored.scores[kept] <= 0
    if scored.searched:
        return Choice(selection, kept[~worthless], 0, k * len(parts))
    return Choice(selection, kept, int(worthless.sum()), k * len(parts))


def _parts(source: NDArray[np.int64] | None, columns: int) -> list[NDArray[np.int64]]:
    if source is None:
        return [np.arange(columns)]
    return [np.flatnonzero(source == number) for number in np.unique(source)]


def _score(
    selection: Selection,
    X: NDArray[np.float64],
    y: NDArray[np.int64],
    levels: NDArray[np.int64],
    parts: Sequence[NDArray[np.int64]],
) -> _Scored:
    """Scores of all columns; each part is scored by itself, as Relief-F's distance depends on its columns."""
    scores, searched = np.empty(X.shape[1]), False
    for part in parts:
        selector = make(selection)
        scores[part] = selector.fit(X[:, part], y, levels[part]).scores_
        searched = isinstance(selector, Search)
    return _Scored(scores, searched)
