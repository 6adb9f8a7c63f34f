"""Draws against the published output of java.util.Random."""

import numpy as np
import pytest

from radcompare.selection.java_random import java_rows

NEXT_INT = {
    1: [-1155869325, 431529176, 1761283695, 1749940626, 892128508],
    42: [-1170105035, 234785527, -1360544799, 205897768],
}


@pytest.mark.parametrize("seed", NEXT_INT)
@pytest.mark.parametrize("n", [2**31, 150, 7])
def test_absolute_value_then_remainder(seed, n):
    values = NEXT_INT[seed]
    assert java_rows(n, len(values), seed).tolist() == [abs(value) % n for value in values]


def test_a_negative_seed_is_one_too():
    rows = java_rows(10, 200, -3)
    assert set(rows.tolist()) == set(range(10))
    assert rows.dtype == np.int64
