"""What the folds of one arm said, as rows of tables and as notes for the user."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.config import EVERYTHING
from radcompare.evaluation.fold import Scored
from radcompare.evaluation.kept import fits_of, stability_of
from radcompare.evaluation.nested import Fit
from radcompare.evaluation.study import Available, Study
from radcompare.learning.splits import Fold
from radcompare.tables.case import Failure
from radcompare.tables.predictions import COLUMNS, PROBABILITY, STAMP
from radcompare.tables.results import Stability
from radcompare.tables.roles import abridged

CHOSEN = ("arm", "repeat", "fold", "selector", "k", "classifier", "metric", "merit")
"""Columns of `chosen.csv`: the configuration that the inner loop of every fold picked, and how good it was there."""

SELECTED = ("arm", "selector", "k", "repeat", "fold", "rank", "feature")
"""Columns of `selected.csv`; rank counts from 1, source after source where each gave its best."""


def _nothing(columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns))


@dataclass(frozen=True)
class ArmRows:
    """What one arm adds to the tables of an evaluation.

    Attributes:
        predictions: columns of `tables.predictions.COLUMNS`, and the stamp of random weights.
        selected: columns of `SELECTED`.
        chosen: columns of `CHOSEN`.
        stability: of every selection.
        notes: for the user to know.
        curves: of networks that were trained; columns of `evaluation.cnn_arm.CURVES`.
        failures: test cases of folds that have no network.
    """

    predictions: pd.DataFrame
    selected: pd.DataFrame = field(default_factory=lambda: _nothing(SELECTED))
    chosen: pd.DataFrame = field(default_factory=lambda: _nothing(CHOSEN))
    stability: tuple[Stability, ...] = ()
    notes: tuple[str, ...] = ()
    curves: pd.DataFrame = field(default_factory=pd.DataFrame)
    failures: tuple[Failure, ...] = ()


def arm_rows(
    study: Study, arm: str, usable: Available, fits: Sequence[Fit], stamp: str, metric: str = ""
) -> ArmRows:
    """Everything that the folds of an arm said.

    Args:
        study: the cases.
        arm: its name.
        usable: the cases and columns it has.
        fits: one for every fold.
        stamp: names the random weights behind it, or is empty.
        metric: what the inner loops went by, if there were any.
    """
    every = [part for fit in fits for part in fit.scored]
    picked = [fit.pick.scored for fit in fits if fit.pick is not None]
    chosen = chosen_rows(arm, fits, metric)
    return ArmRows(
        prediction_rows(study, arm, usable, [*picked, *every]).assign(**{STAMP: stamp}),
        selected_rows(arm, usable, [*picked, *every]),
        chosen,
        tuple(stability_of(arm, usable, [*picked, *every])),
        (
            *lost_note(arm, usable.lost),
            *chosen_note(arm, chosen),
            *selection_notes(arm, every),
            *undecided_note(arm, every),
        ),
    )


def prediction_rows(study: Study, arm: str, usable: Available, scored: Sequence[Scored]) -> pd.DataFrame:
    """Predictions of one arm, configuration after configuration in the order asked for, then by fold."""
    by_configuration: dict[tuple[str, str, str], list[pd.DataFrame]] = {}
    for part in scored:
        rows = scored_rows(
            study,
            arm,
            usable.rows[part.fold.test],
            part.fold,
            part.scores,
            part.predicted,
            part.probabilities,
        )
        selector, k, classifier = part.configuration
        named = rows.assign(selector=selector, k=k, classifier=classifier)
        by_configuration.setdefault(part.configuration, []).append(named)
    parts = [part for parts in by_configuration.values() for part in parts]
    return pd.concat(parts, ignore_index=True)[[*COLUMNS, PROBABILITY]]


def scored_rows(
    study: Study,
    arm: str,
    rows: NDArray[np.int64],
    fold: Fold,
    scores: NDArray[np.float64],
    predicted: NDArray[np.int64],
    probabilities: NDArray[np.float64],
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
            PROBABILITY: probabilities,
        }
    )


def selected_rows(arm: str, usable: Available, scored: Sequence[Scored]) -> pd.DataFrame:
    """Which features every fold kept; a selection is the same for every classifier and told once."""
    names = [str(column) for column in usable.columns.columns.get_level_values(1)]
    frames = []
    for part in fits_of(scored):
        columns = part.choice.columns
        if part.choice.selection.method != EVERYTHING and not part.choice.projected:
            kept = {"rank": range(1, len(columns) + 1), "feature": [names[column] for column in columns]}
            selector, k, _ = part.configuration
            frame = pd.DataFrame(kept).assign(
                arm=arm, selector=selector, k=k, repeat=part.fold.repeat, fold=part.fold.number
            )
            frames.append(frame[list(SELECTED)])
    return pd.concat(frames, ignore_index=True) if frames else _nothing(SELECTED)


def chosen_rows(arm: str, fits: Sequence[Fit], metric: str) -> pd.DataFrame:
    """Which configuration the inner loop of every fold picked."""
    rows = []
    for pick in (fit.pick for fit in fits if fit.pick is not None):
        best, fold = replace(pick.scored, nested=False), pick.scored.fold
        rows.append((arm, fold.repeat, fold.number, *best.configuration, metric, pick.merit))
    return pd.DataFrame(rows, columns=list(CHOSEN)) if rows else _nothing(CHOSEN)


def chosen_note(arm: str, chosen: pd.DataFrame) -> Iterator[str]:
    """How often the inner loops picked what."""
    if len(chosen):
        names = chosen["selector"] + np.where(chosen["k"] == "", "", ":") + chosen["k"]
        counts = (names + " + " + chosen["classifier"]).value_counts(sort=True)
        told = ", ".join(f"{name} in {count}" for name, count in counts.items())
        yield f"arm {arm!r}: of {len(chosen)} inner loops picked: {told}"


def selection_notes(arm: str, scored: Sequence[Scored]) -> Iterator[str]:
    """Where a top K was filled with worthless features, or could not be filled at all."""
    for selection in dict.fromkeys(part.choice.selection for part in scored):
        fits = [part for part in fits_of(scored) if part.choice.selection == selection]
        choices = [part.choice for part in fits]
        filled = [choice.zeros for choice in choices if choice.zeros]
        if filled:
            yield (
                f"arm {arm!r}, {selection}: in {len(filled)} of {len(choices)} fits up to {max(filled)} of "
                "the kept features had no positive score; equal ones are taken in column order"
            )
        kept, projected = len(choices[0].columns), choices[0].projected
        if projected and fits[0].width < choices[0].asked:
            yield f"arm {arm!r}, {selection}: there are no more than {fits[0].width} components"
        elif not projected and kept < choices[0].asked:
            yield f"arm {arm!r}, {selection}: there are fewer features to choose from; {kept} are kept"


def undecided_note(arm: str, scored: Sequence[Scored]) -> Iterator[str]:
    """Where a classifier had nothing to learn from."""
    fits = list(fits_of(scored))
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
