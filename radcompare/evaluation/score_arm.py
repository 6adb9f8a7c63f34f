"""An arm whose score stands in a column: nothing is learned but, where it is no probability, a cut."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.errors import DataError
from radcompare.evaluation.rows import ArmRows, lost_note, scored_rows
from radcompare.evaluation.study import Study
from radcompare.learning.cut import best_cut
from radcompare.learning.splits import Fold
from radcompare.tables.predictions import COLUMNS, PROBABILITY

CLASSIFIER = "score"
"""What such an arm has in the column `classifier`."""


def score_arm(study: Study, name: str, column: str, folds: Sequence[Fold]) -> ArmRows:
    """Rank the test cases by a column as it is, higher meaning positive.

    A column within 0 and 1 is taken as a probability: one half and more is positive, as where predictions of
    another program are read. Any other is cut where the training rows say.

    Raises:
        DataError: there is no such column, it holds no number for any test case, or the training cases that
            have one are of one class.
    """
    given = pd.to_numeric(study.column(column, f"arm {name!r}"), errors="coerce")
    values = given.to_numpy(dtype=np.float64)
    present = np.isfinite(values)
    probability = bool(((values[present] >= 0) & (values[present] <= 1)).all())
    frames = []
    for fold in folds:
        train, test = fold.train[present[fold.train]], fold.test[present[fold.test]]
        if not len(test):
            continue
        positive = values >= 0.5 if probability else values > _cut(study, name, column, fold, values, train)
        predicted = positive[test].astype(np.int64)
        chances = values[test] if probability else np.full(len(test), np.nan)
        frames.append(scored_rows(study, name, test, fold, values[test], predicted, chances))
    if not frames:
        raise DataError(
            f"arm {name!r}: {column!r} holds no number for any test case", "name a numeric column"
        )
    rows = pd.concat(frames, ignore_index=True).assign(selector="", k="", classifier=CLASSIFIER)
    notes = list(lost_note(name, study.columns.index[~present]))
    if probability:
        notes.append(
            f"arm {name!r}: {column!r} is within 0 and 1, a probability: one half and more is positive"
        )
    return ArmRows(rows[[*COLUMNS, PROBABILITY]], notes=tuple(notes))


def _cut(
    study: Study, name: str, column: str, fold: Fold, values: NDArray[np.float64], train: NDArray[np.int64]
) -> float:
    y = study.outcome.codes[train]
    if len(np.unique(y)) < 2:
        problem = (
            f"arm {name!r}, repeat {fold.repeat}, fold {fold.number}: one class left to learn a cut from"
        )
        raise DataError(problem, f"too many cases lack a value of {column!r}")
    return best_cut(values[train], y)
