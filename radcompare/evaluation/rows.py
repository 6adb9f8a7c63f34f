"""What the folds of one arm said, as rows of tables and as notes for the user."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.config import EVERYTHING, Selection
from radcompare.evaluation.fold import Scored
from radcompare.evaluation.study import Available, Study
from radcompare.learning.splits import Fold
from radcompare.tables.predictions import COLUMNS, STAMP
from radcompare.tables.roles import abridged

SELECTED = ("arm", "selector", "k", "repeat", "fold", "rank", "feature")
"""Columns of `selected.csv`; rank counts from 1, source after source where each gave its best."""


@dataclass(frozen=True)
class ArmRows:
    """What one arm adds to the tables of an evaluation.

    Attributes:
        predictions: columns of `tables.predictions.COLUMNS`, and the stamp of random weights.
        selected: columns of `SELECTED`.
        notes: for the user to know.
    """

    predictions: pd.DataFrame
    selected: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(SELECTED)))
    notes: tuple[str, ...] = ()


def arm_rows(study: Study, arm: str, usable: Available, scored: Sequence[Scored], stamp: str) -> ArmRows:
    """Everything that the folds of an arm said; `stamp` names the random weights behind it, or is empty."""
    return ArmRows(
        prediction_rows(study, arm, usable, scored).assign(**{STAMP: stamp}),
        selected_rows(arm, usable, scored),
        (*lost_note(arm, usable.lost), *selection_notes(arm, scored), *undecided_note(arm, scored)),
    )


def prediction_rows(study: Study, arm: str, usable: Available, scored: Sequence[Scored]) -> pd.DataFrame:
    """Predictions of one arm, configuration after configuration in the order asked for, then by fold."""
    by_configuration: dict[tuple[Selection, str], list[pd.DataFrame]] = {}
    for part in scored:
        rows = scored_rows(study, arm, usable.rows[part.fold.test], part.fold, part.scores, part.predicted)
        selection = part.choice.selection
        named = rows.assign(selector=selection.selector, k=_k(selection), classifier=part.classifier)
        by_configuration.setdefault((selection, part.classifier), []).append(named)
    parts = [part for parts in by_configuration.values() for part in parts]
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def scored_rows(
    study: Study,
    arm: str,
    rows: NDArray[np.int64],
    fold: Fold,
    scores: NDArray[np.float64],
    predicted: NDArray[np.int64],
) -> pd.DataFrame:
    """The test rows of one fold, without the columns that name a configuration."""
    return pd.DataFrame(
        {
            "ID": study.columns.index[rows],
            "arm": arm,
            "repeat": fold.repeat,
            "fold": fold.number,
            "y_true": study.outcome.codes[rows],
            "score": scores,
            "predicted": predicted,
        }
    )


def selected_rows(arm: str, usable: Available, scored: Sequence[Scored]) -> pd.DataFrame:
    """Which features every fold kept; a selection is the same for every classifier and told once."""
    names = [str(column) for column in usable.columns.columns.get_level_values(1)]
    frames = []
    for part in _fits(scored):
        selection, columns = part.choice.selection, part.choice.columns
        if selection.method != EVERYTHING:
            kept = {"rank": range(1, len(columns) + 1), "feature": [names[column] for column in columns]}
            frame = pd.DataFrame(kept).assign(
                arm=arm,
                selector=selection.selector,
                k=_k(selection),
                repeat=part.fold.repeat,
                fold=part.fold.number,
            )
            frames.append(frame[list(SELECTED)])
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(SELECTED))


def selection_notes(arm: str, scored: Sequence[Scored]) -> Iterator[str]:
    """Where a top K was filled with worthless features, or could not be filled at all."""
    for selection in dict.fromkeys(part.choice.selection for part in scored):
        choices = [part.choice for part in _fits(scored) if part.choice.selection == selection]
        filled = [choice.zeros for choice in choices if choice.zeros]
        if filled:
            yield (
                f"arm {arm!r}, {selection}: in {len(filled)} of {len(choices)} fits up to {max(filled)} of "
                "the kept features had no positive score; equal ones are taken in column order"
            )
        kept = len(choices[0].columns)
        if kept < choices[0].asked:
            yield f"arm {arm!r}, {selection}: there are fewer features to choose from; {kept} are kept"


def undecided_note(arm: str, scored: Sequence[Scored]) -> Iterator[str]:
    """Where a classifier had nothing to learn from."""
    fits = list(_fits(scored))
    undecided = [part for part in fits if part.undecided]
    if undecided:
        yield (
            f"arm {arm!r}: in {len(undecided)} of {len(fits)} fits no kept feature varied over the training "
            "cases; the test cases all get the score of the cut, and count as negative"
        )


def lost_note(arm: str, lost: Iterable[str]) -> Iterator[str]:
    """Which cases an arm could not score."""
    cases = [str(case) for case in lost]
    if cases:
        yield f"arm {arm!r} lacks {len(cases)} cases: {abridged(cases)}"


def _fits(scored: Sequence[Scored]) -> Iterator[Scored]:
    """One entry per fold and selection, whatever the number of classifiers."""
    return (part for part in scored if part.classifier == scored[0].classifier)


def _k(selection: Selection) -> str:
    return "" if selection.top is None else str(selection.top)
