from itertools import combinations, product

import numpy as np
import pytest

from radcompare.compare.cochran import cochran_q, exact_p
from radcompare.errors import TestRefused


def answers(right):
    """An outcome of ones, and labels that are right where the table says so."""
    return np.ones(len(right), int), [column.astype(int) for column in np.asarray(right).T]


@pytest.mark.parametrize(("n", "arms", "seed"), [(40, 3, 0), (100, 5, 1), (261, 4, 2), (12, 8, 3)])
def test_q_and_p_are_statsmodels(n, arms, seed):
    from statsmodels.stats.contingency_tables import cochrans_q

    right = np.random.default_rng(seed).random((n, arms)) < np.linspace(0.6, 0.8, arms)
    found, expected = cochran_q(*answers(right)), cochrans_q(right.astype(int))
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-10)
    assert (found.arms, found.n, found.df) == (arms, n, arms - 1)


@pytest.mark.parametrize(
    "right",
    [
        [[1, 1, 0], [1, 0, 0], [1, 0, 1], [1, 1, 1]],
        [[1, 0, 0]] * 5,
        [[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]],
        [[0, 1, 0], [1, 0, 0], [0, 0, 1]],
        [[1, 1, 0]] * 4 + [[1, 0, 0]] * 3 + [[0, 0, 0]] * 9,
    ],
)
def test_few_cases_are_counted_out(right):
    right = np.array(right)
    arms = right.shape[1]
    telling = [row for row in right if 0 < row.sum() < arms]
    ways = [list(combinations(range(arms), int(row.sum()))) for row in telling]
    observed = (right[[0 < row.sum() < arms for row in right]].sum(axis=0) ** 2).sum()
    sums = [[sum(arm in chosen for chosen in dealt) for arm in range(arms)] for dealt in product(*ways)]
    expected = np.mean([sum(s**2 for s in total) >= observed for total in sums])
    found = cochran_q(*answers(right))
    assert found.p == pytest.approx(expected, rel=1e-14)
    assert found.df is None
    assert found.note.endswith("p is exact")


def test_the_exact_p_comes_near_to_chi_squared():
    right = np.random.default_rng(5).random((60, 3)) < [0.6, 0.7, 0.8]
    telling = right[(right.sum(axis=1) > 0) & (right.sum(axis=1) < 3)].astype(np.int64)
    assert exact_p(telling) == pytest.approx(cochran_q(*answers(right)).p, rel=0.15)


def test_arms_that_are_right_on_the_same_cases_do_not_differ():
    found = cochran_q(*answers([[1, 1, 1], [0, 0, 0]] * 10))
    assert (found.statistic, found.p) == (0.0, 1.0)
    assert found.note == "no case tells the arms apart"


def test_labels_of_any_kind_and_number():
    y = np.array(["a", "b", "c"] * 10)
    arms = [np.roll(y, shift) for shift in (0, 1, 3)]
    assert cochran_q(y, arms).p == cochran_q(*answers(np.stack([arm == y for arm in arms], axis=1))).p


def test_what_is_refused():
    y = np.array([0, 1, 1])
    with pytest.raises(TestRefused, match="2 arms: the test is for three or more"):
        cochran_q(y, [y, y])
    with pytest.raises(TestRefused, match="some labels are numbers and some text"):
        cochran_q(y, [y, y, ["0", "1", "1"]])
    with pytest.raises(TestRefused, match="3 outcomes and 2 values"):
        cochran_q(y, [y, y, [0, 1]])
