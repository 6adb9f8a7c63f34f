import math

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from radcompare.compare.auc import auc
from radcompare.compare.confusion import METRICS, Confusion, confusion
from radcompare.errors import TestRefused

ORACLES = {
    "accuracy": sklearn_metrics.accuracy_score,
    "balanced_accuracy": sklearn_metrics.balanced_accuracy_score,
    "sensitivity": sklearn_metrics.recall_score,
    "specificity": lambda y, called: sklearn_metrics.recall_score(y, called, pos_label=0),
    "ppv": sklearn_metrics.precision_score,
    "npv": lambda y, called: sklearn_metrics.precision_score(y, called, pos_label=0),
    "f1": sklearn_metrics.f1_score,
    "mcc": sklearn_metrics.matthews_corrcoef,
}


@pytest.mark.parametrize("name", METRICS)
def test_scikit_learn_agrees(name):
    rng = np.random.default_rng(8)
    for _ in range(20):
        y = rng.integers(0, 2, 50)
        called = np.where(rng.random(50) < 0.3, 1 - y, y)
        assert confusion(y, called).metrics()[name] == pytest.approx(ORACLES[name](y, called), abs=1e-14)


def test_the_four_cells():
    counts = confusion([1, 1, 1, 0, 0, 1], [1, 0, 0, 1, 0, 1])
    assert counts == Confusion(tp=2, fn=2, fp=1, tn=1)
    assert counts.n == 6


def test_the_vote_of_the_lecture():
    # 56 of 85 cancers and 134 of 152 benign nodules right: 190 of 237, printed as 80.16 % there.
    counts = Confusion(tp=56, fn=29, fp=18, tn=134)
    assert counts.accuracy == 190 / 237
    y, called = np.repeat([1, 0], [85, 152]), np.repeat([1, 0, 0, 1], [56, 29, 134, 18])
    assert confusion(y, called) == counts
    assert counts.balanced_accuracy == pytest.approx(auc(y, called), abs=1e-15)
    assert round(counts.balanced_accuracy, 3) == 0.770


def test_mcc_is_the_correlation_of_labels_even_for_huge_counts():
    y, called = np.repeat([1, 1, 0, 0], [5, 2, 3, 9]), np.repeat([1, 0, 1, 0], [5, 2, 3, 9])
    expected = np.corrcoef(y, called)[0, 1]
    assert confusion(y, called).mcc == pytest.approx(expected, rel=1e-14)
    assert Confusion(5 * 10**9, 2 * 10**9, 3 * 10**9, 9 * 10**9).mcc == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("y", "called", "undefined"),
    [
        ([1, 1], [1, 0], {"balanced_accuracy", "specificity", "mcc"}),
        ([0, 0], [1, 0], {"balanced_accuracy", "sensitivity", "mcc"}),
        ([1, 0], [1, 1], {"npv", "mcc"}),
        ([1, 0], [0, 0], {"ppv", "mcc"}),
        ([0, 0], [0, 0], {"balanced_accuracy", "sensitivity", "ppv", "f1", "mcc"}),
        ([1, 0], [1, 0], set()),
        ([1, 0], [0, 1], set()),
    ],
)
def test_exactly_these_are_undefined(y, called, undefined):
    values = confusion(y, called).metrics()
    assert list(values) == list(METRICS)
    assert {name for name, value in values.items() if math.isnan(value)} == undefined


@pytest.mark.parametrize(
    ("y", "called", "message"),
    [
        ([], [], "no cases"),
        ([1, 0], [1], "2 outcomes and 1 values"),
        ([1, 0], [1, math.nan], "predicted: 1 missing"),
        ([1, 0], [1, 0.5], "predicted: expected 0 and 1, found 0.5"),
        (["yes", "no"], [1, 0], "outcome: not every value is a number"),
    ],
)
def test_what_cannot_be_counted_is_refused(y, called, message):
    with pytest.raises(TestRefused, match=message):
        confusion(y, called)
