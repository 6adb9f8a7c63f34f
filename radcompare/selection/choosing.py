"""From scores to kept columns: the top K of the merged vector, or the top K of every source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from radcompare import registry
from radcompare.config import EVERYTHING, Selection
from radcompare.selection.ranking import top


class Selector(Protocol):
    """What every entry of `registry.SELECTORS` is: a dataclass whose settings are keys of `Selection`."""

    scores_: NDArray[np.float64]

    def fit(
        self, X: NDArray[np.float64], y: NDArray[np.int64], levels: NDArray[np.int64] | None = None
    ) -> "Selector":
        """Score the columns of X, shape (cases, columns); nominal ones hold codes and have `levels` > 0."""


@dataclass(frozen=True)
class Choice:
    """What one selection kept.

    Attributes:
        selection: as it was asked for.
        columns: kept column numbers, best first; source after source if chosen by source.
        zeros: how many of them had no positive score.
        asked: how many were to be kept; there may be fewer columns.
    """

    selection: Selection
    columns: NDArray[np.int64]
    zeros: int = 0
    asked: int = 0


def make(selection: Selection) -> Selector:
    """The selector that a selection names, with those of the selection's settings that it has."""
    kind = registry.load("selector", selection.method)
    names = [field.name for field in fields(kind) if field.init and hasattr(selection, field.name)]
    selector: Selector = kind(**{name: getattr(selection, name) for name in names})
    return selector


def choose(
    selections: Sequence[Selection],
    X: NDArray[np.float64],
    y: NDArray[np.int64],
    levels: NDArray[np.int64],
    source: NDArray[np.int64] | None = None,
) -> Iterator[Choice]:
    """Keep columns, scoring them once for selections that differ in K alone.

    Args:
        selections: what to keep.
        X: training rows, shape (cases, columns); missing is NaN.
        y: classes of the training rows.
        levels: 0 for a numeric column, else its number of levels.
        source: the source that each column is of, to keep the top K of each; None for the merged vector.
    """
    scored: dict[Selection, NDArray[np.float64]] = {}
    parts = _parts(source, X.shape[1])
    for selection in selections:
        if selection.method == EVERYTHING:
            yield Choice(selection, np.arange(X.shape[1]))
            continue
        method = selection.model_copy(update={"top": 1})
        if method not in scored:
            scored[method] = _scores(method, X, y, levels, parts)
        k = selection.top or 0
        kept = np.concatenate([part[top(scored[method][part], k)] for part in parts])
        yield Choice(selection, kept, int((scored[method][kept] <= 0).sum()), k * len(parts))


def _parts(source: NDArray[np.int64] | None, columns: int) -> list[NDArray[np.int64]]:
    if source is None:
        return [np.arange(columns)]
    return [np.flatnonzero(source == number) for number in np.unique(source)]


def _scores(
    method: Selection,
    X: NDArray[np.float64],
    y: NDArray[np.int64],
    levels: NDArray[np.int64],
    parts: Sequence[NDArray[np.int64]],
) -> NDArray[np.float64]:
    """Scores of all columns; each part is scored by itself, as Relief-F's distance depends on its columns."""
    scores = np.empty(X.shape[1])
    for part in parts:
        scores[part] = make(method).fit(X[:, part], y, levels[part]).scores_
    return scores
