"""Differences over the folds of repeated runs, against the pure test."""

import numpy as np
import pandas as pd
import pytest

from radcompare.compare.auc import auc
from radcompare.compare.five_by_two import combined_f
from radcompare.compare.folds import five_by_two_f, is_five_by_two, resampled_t
from radcompare.compare.nadeau_bengio import nadeau_bengio
from radcompare.errors import TestRefused

CASES, FOLDS, RUNS = 24, 4, 3


def runs(seed: int = 0) -> pd.DataFrame:
    """Two arms over four folds of six cases, three times."""
    random = np.random.default_rng(seed)
    parts = []
    for repeat in range(RUNS):
        y = np.arange(CASES) % 2
        part = pd.DataFrame({"ID": [f"c{i}" for i in range(CASES)], "repeat": repeat, "y_true": y})
        for arm, strength in (("a", 1.5), ("b", 0.5)):
            part[f"score_{arm}"] = random.normal(size=CASES) + strength * y
            part[f"predicted_{arm}"] = (part[f"score_{arm}"] > 0.5).astype(float)
            part[f"fold_{arm}"] = (np.arange(CASES) + repeat) // 6 % FOLDS
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def folds_of(frame: pd.DataFrame) -> list[pd.DataFrame]:
    return [fold for _, fold in frame.groupby(["repeat", "fold_a"])]


def test_areas_are_compared_fold_by_fold() -> None:
    frame = runs()
    found = resampled_t(frame, "auc", 0.9)
    differences = [auc(f["y_true"], f["score_a"]) - auc(f["y_true"], f["score_b"]) for f in folds_of(frame)]
    expected = nadeau_bengio(differences, 18, 6, 0.9, metric="auc")
    assert len(differences) == 12
    assert (found.test, found.metric) == ("nadeau-bengio", "auc")
    assert (found.difference, found.p, found.df) == pytest.approx((expected.difference, expected.p, 11))
    assert found.ci == pytest.approx(expected.ci)
    assert found.note == "12 folds in 3 runs; the mean difference over folds"


def test_accuracies_are_compared_fold_by_fold() -> None:
    frame = runs()
    found = resampled_t(frame, "accuracy", 0.95)
    right = [(frame[f"predicted_{arm}"] == frame["y_true"]).mean() for arm in "ab"]
    assert found.difference == pytest.approx(right[0] - right[1]), "folds are of one size"
    assert found.metric == "accuracy"


def test_a_missing_class_is_refused_and_not_counted_as_wrong() -> None:
    frame = runs()
    frame.loc[3, "predicted_b"] = np.nan
    with pytest.raises(TestRefused, match="no predicted classes"):
        resampled_t(frame, "accuracy", 0.95)
    assert resampled_t(frame, "auc", 0.95).p == resampled_t(runs(), "auc", 0.95).p


def test_a_fold_of_one_class_has_no_area() -> None:
    frame = runs()
    frame.loc[frame["fold_a"] == 2, "y_true"] = 1
    with pytest.raises(TestRefused, match="test cases of one class"):
        resampled_t(frame, "auc", 0.95)
    assert resampled_t(frame, "accuracy", 0.95).p <= 1


def test_folds_must_be_told_and_shared() -> None:
    with pytest.raises(TestRefused, match="do not say their folds"):
        resampled_t(runs().assign(fold_a=0, fold_b=0), "auc", 0.95)
    frame = runs()
    with pytest.raises(TestRefused, match="not run on the same folds"):
        resampled_t(frame.assign(fold_b=3 - frame["fold_b"]), "auc", 0.95)


def test_five_runs_of_two_folds_have_a_test_of_their_own() -> None:
    parts = [runs().query("repeat == 0").assign(repeat=run) for run in range(5)]
    rng = np.random.default_rng(8)
    frame = pd.concat(parts, ignore_index=True)
    halves = np.concatenate([rng.permutation(np.arange(len(part)) % 2) for part in parts])
    frame = frame.assign(fold_a=halves, fold_b=halves, score_a=rng.normal(size=len(frame)))
    differences = [auc(f["y_true"], f["score_a"]) - auc(f["y_true"], f["score_b"]) for f in folds_of(frame)]
    assert is_five_by_two(frame)
    found = five_by_two_f(frame, "auc")
    assert found.difference == pytest.approx(np.mean(differences), abs=1e-15)
    assert found.p == pytest.approx(combined_f(np.reshape(differences, (5, 2)), metric="auc").p, rel=1e-12)
    assert not is_five_by_two(frame.query("repeat < 4"))
    assert not is_five_by_two(runs())
