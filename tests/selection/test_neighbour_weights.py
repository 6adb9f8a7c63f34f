"""Weights of neighbours against arithmetic."""

import math

import numpy as np
import pytest

from radcompare.selection.neighbour_weights import class_weight, rank_weights


def test_ranks_weigh_by_a_gaussian_or_alike():
    assert rank_weights(3, None).tolist() == [1, 1, 1]
    np.testing.assert_allclose(rank_weights(3, 2.0), [1, math.exp(-0.25), math.exp(-1)], rtol=1e-15)
    assert rank_weights(0, 2.0).tolist() == []


@pytest.mark.parametrize(
    ("own", "other", "expected"), [(0, 0, -1), (0, 1, 3 / 4), (0, 2, 1 / 4), (1, 0, 6 / 7), (2, 1, 3 / 9)]
)
def test_classes_weigh_by_their_share_of_the_others(own, other, expected):
    assert class_weight(np.array([6, 3, 1]), own, other) == pytest.approx(expected, abs=1e-16)


def test_of_two_classes_the_other_weighs_one():
    assert class_weight(np.array([17, 3]), 0, 1) == class_weight(np.array([17, 3]), 1, 0) == 1
