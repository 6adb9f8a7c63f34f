import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from radcompare.tables.order import SURE, effect_of_sum, order_predicts

BLOCK = np.repeat([0, 1], 15)


@pytest.mark.parametrize("seed", range(5))
def test_against_scipy(seed):
    rng = np.random.default_rng(seed)
    codes = np.sort(rng.integers(0, 2, 80))
    moved = rng.choice(80, 30, replace=False)
    codes[moved] = codes[rng.permutation(moved)]
    rows = np.arange(80)
    expected = mannwhitneyu(rows[codes == 1], rows[codes == 0], method="asymptotic", use_continuity=False)
    effect = order_predicts(codes, sure=2.0)
    assert effect is not None
    assert effect.p == pytest.approx(expected.pvalue, rel=1e-12)
    assert effect.auc == pytest.approx(expected.statistic / np.prod(np.bincount(codes)), rel=1e-12)


@pytest.mark.parametrize(("codes", "auc"), [(BLOCK, 1.0), (1 - BLOCK, 0.0), (BLOCK.astype(np.int8), 1.0)])
def test_a_table_that_came_class_by_class(codes, auc):
    effect = order_predicts(codes)
    assert effect is not None
    assert effect.auc == auc
    assert effect.p < SURE
    assert effect.in_words() == f"the row number alone has an AUC of {auc:.2f}, rank-sum test p = 3e-06"


@pytest.mark.parametrize(
    "codes",
    [np.tile([0, 1], 50), np.zeros(50, int), np.ones(50, int), np.array([], int), np.repeat([0, 1], 5)],
)
def test_no_effect(codes):
    """Classes in turn, one class, none, and too few cases to tell."""
    assert order_predicts(codes) is None


def test_no_size_is_told_of_what_is_too_small():
    assert "p < 1e-99" in order_predicts(np.repeat([0, 1], 5000)).in_words()
    assert effect_of_sum(sum(range(5001, 10001)), 5000, 10_000) == order_predicts(np.repeat([0, 1], 5000))


def test_how_often_it_is_wrong():
    """At p < 0.05, of orders drawn at random."""
    rng = np.random.default_rng(1)
    wrong = sum(order_predicts(rng.permutation(BLOCK), sure=0.05) is not None for _ in range(4000))
    assert 0.04 < wrong / 4000 < 0.06
