"""Two arms compared over the folds of a repeated cross-validation, by the corrected resampled t test."""

from collections.abc import Callable

import pandas as pd

from radcompare.compare.auc import auc
from radcompare.compare.nadeau_bengio import nadeau_bengio
from radcompare.compare.result import Comparison
from radcompare.errors import TestRefused


def areas_over_folds(rows: pd.DataFrame, confidence: float) -> Comparison:
    """The mean over folds of the difference of two AUCs.

    Args:
        rows: one per case and run: `ID`, `repeat`, `fold_a`, `fold_b`, `y_true`, `score_a`, `score_b`.
        confidence: of the interval.

    Raises:
        TestRefused: the folds are not told or differ between the arms, or one has cases of one class only.
    """
    return _over_folds(rows, _area_difference, "auc", confidence)


def accuracies_over_folds(rows: pd.DataFrame, confidence: float) -> Comparison:
    """The mean over folds of the difference of two accuracies, from `predicted_a` and `predicted_b`.

    Raises:
        TestRefused: the folds are not told or differ between the arms, or a predicted class is missing.
    """
    return _over_folds(rows, _accuracy_difference, "accuracy", confidence)


def _over_folds(
    rows: pd.DataFrame, difference: Callable[[pd.DataFrame], float], metric: str, confidence: float
) -> Comparison:
    folds = [fold for _, fold in rows.groupby(["repeat", "fold_a"], sort=False)]
    cases, runs = rows["ID"].nunique(), rows["repeat"].nunique()
    n_test = len(rows) / len(folds)
    if len(folds) == runs:
        raise TestRefused("the predictions do not say their folds", "number the folds in a column `fold`")
    if (rows["fold_a"] != rows["fold_b"]).any():
        raise TestRefused("the arms were not run on the same folds", "the same folds for both arms")
    values = [difference(fold) for fold in folds]
    test = nadeau_bengio(values, cases - n_test, n_test, confidence, metric=metric)
    note = f"{len(folds)} folds in {runs} runs; the mean difference over folds"
    return test.noted(note)


def _area_difference(fold: pd.DataFrame) -> float:
    if fold["y_true"].nunique() < 2:
        raise TestRefused("a fold has test cases of one class, and so no AUC", "fewer folds")
    return auc(fold["y_true"], fold["score_a"]) - auc(fold["y_true"], fold["score_b"])


def _accuracy_difference(fold: pd.DataFrame) -> float:
    if fold[["predicted_a", "predicted_b"]].isna().any(axis=None):
        raise TestRefused("an arm has no predicted classes", "a column `predicted` of 0 and 1")
    right_a, right_b = (float((fold[f"predicted_{arm}"] == fold["y_true"]).mean()) for arm in "ab")
    return right_a - right_b
