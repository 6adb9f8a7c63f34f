"""Two arms compared over the folds of a repeated cross-validation, from predictions."""

from collections.abc import Callable
from functools import partial

import pandas as pd

from radcompare.compare.auc import auc
from radcompare.compare.five_by_two import FOLDS, RUNS, combined_f
from radcompare.compare.multiclass import AREA, coded, hand_till
from radcompare.compare.nadeau_bengio import nadeau_bengio
from radcompare.compare.result import Comparison
from radcompare.errors import TestRefused
from radcompare.tables.class_scores import PREFIX


def resampled_t(
    rows: pd.DataFrame, metric: str, confidence: float, classes: tuple[str, ...] = ()
) -> Comparison:
    """The mean difference over folds by the corrected resampled t test.

    Args:
        rows: one per case and run: `ID`, `repeat`, `fold_a`, `fold_b`, `y_true`, and both arms' `score` or
            `predicted`.
        metric: `auc`, `accuracy`, or `hand_till`, for which `score_CLASS_a` and `score_CLASS_b` take the place of
            the scores.
        confidence: of the interval.
        classes: their names, for `hand_till`.

    Raises:
        TestRefused: the folds are not told or differ between the arms, one has cases of one class only, or a
            predicted class is missing.
    """
    folds = _folds(rows)
    cases, runs = rows["ID"].nunique(), rows["repeat"].nunique()
    n_test = len(rows) / len(folds)
    difference = partial(_hand_till_difference, classes) if metric == AREA else _DIFFERENCES[metric]
    values = [difference(fold) for fold in folds]
    test = nadeau_bengio(values, cases - n_test, n_test, confidence, metric=metric)
    return test.noted(f"{len(folds)} folds in {runs} runs; the mean difference over folds")


def five_by_two_f(rows: pd.DataFrame, metric: str) -> Comparison:
    """The mean difference over five runs of two folds by the combined F test; arguments and errors as above."""
    runs = [_folds(run) for _, run in rows.groupby("repeat", sort=False)]
    values = [[_DIFFERENCES[metric](fold) for fold in folds] for folds in runs]
    return combined_f(values, metric=metric).noted("10 folds in 5 runs; the mean difference over folds")


def is_five_by_two(rows: pd.DataFrame) -> bool:
    """Whether there are five runs of two folds."""
    folds = rows.groupby("repeat")["fold_a"].nunique()
    return len(folds) == RUNS and bool((folds == FOLDS).all())


def _folds(rows: pd.DataFrame) -> list[pd.DataFrame]:
    folds = [fold for _, fold in rows.groupby(["repeat", "fold_a"], sort=False)]
    runs = rows["repeat"].nunique()
    if len(folds) == runs:
        raise TestRefused("the predictions do not say their folds", "number the folds in a column `fold`")
    if (rows["fold_a"] != rows["fold_b"]).any():
        raise TestRefused("the arms were not run on the same folds", "the same folds for both arms")
    return folds


def _area_difference(fold: pd.DataFrame) -> float:
    if fold["y_true"].nunique() < 2:
        raise TestRefused("a fold has test cases of one class, and so no AUC", "fewer folds")
    return auc(fold["y_true"], fold["score_a"]) - auc(fold["y_true"], fold["score_b"])


def _hand_till_difference(classes: tuple[str, ...], fold: pd.DataFrame) -> float:
    try:
        arms = [
            coded(fold["y_true"], [fold[f"{PREFIX}{name}_{arm}"] for name in classes], classes)
            for arm in "ab"
        ]
    except TestRefused as refusal:
        raise TestRefused(f"a fold has no AUC: {refusal.message}", "fewer folds") from None
    a, b = (hand_till(*arm) for arm in arms)
    return a - b


def _accuracy_difference(fold: pd.DataFrame) -> float:
    if fold[["predicted_a", "predicted_b"]].isna().any(axis=None):
        raise TestRefused("an arm has no predicted classes", "a column `predicted` of 0 and 1")
    right_a, right_b = (float((fold[f"predicted_{arm}"] == fold["y_true"]).mean()) for arm in "ab")
    return right_a - right_b


_DIFFERENCES: dict[str, Callable[[pd.DataFrame], float]] = {
    "auc": _area_difference,
    "accuracy": _accuracy_difference,
}
