"""Scores that rounding alone tells apart."""

import numpy as np

from radcompare.selection.equal_scores import WITHIN, equalised
from radcompare.selection.ranking import ranking


def test_scores_apart_stay_as_they_are():
    scores = np.random.default_rng(0).normal(size=1000)
    np.testing.assert_array_equal(equalised(scores), scores)
    np.testing.assert_array_equal(equalised(np.array([0.0, 2 * WITHIN])), [0, 2 * WITHIN])


def test_nearly_equal_ones_rank_by_column():
    scores = np.array([0.5, 0.1 + 0.2, 0.3, 0.3 - 1e-14, -0.2])
    assert scores[1] > scores[2]
    assert ranking(scores).tolist() == [0, 1, 2, 3, 4]
    assert ranking(equalised(scores[::-1])).tolist() == [4, 1, 2, 3, 0]
    assert len(set(equalised(scores)[1:4])) == 1


def test_what_reaches_across_zero_is_zero():
    assert equalised(np.array([3e-17, 0.0, -2e-17, 1.0, 5e-17])).tolist() == [0, 0, 0, 1, 0]
    assert equalised(np.array([3e-17, 1e-17])).tolist() == [1e-17, 1e-17]


def test_no_scores():
    assert equalised(np.empty(0)).tolist() == []
