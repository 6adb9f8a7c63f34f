"""The quicksort sorts; how it leaves ties was traced by hand, and Weka's scores in test_relieff depend on it."""

import numpy as np
import pytest

from radcompare.selection.quicksort import quicksort_order, quicksort_orders


@pytest.mark.parametrize("n", range(13))
def test_it_sorts(n):
    for keys in np.random.default_rng(n).integers(0, max(1, n // 2), (200, n)).astype(float):
        order = quicksort_order(keys.tolist())
        assert sorted(order) == list(range(n))
        assert keys[order].tolist() == sorted(keys)


@pytest.mark.parametrize(
    ("keys", "order"),
    [
        # Two and three keys: compared and swapped directly, so equal ones stay.
        ([1, 1], [0, 1]),
        ([1, 1, 1], [0, 1, 2]),
        ([2, 2, 1], [2, 1, 0]),
        # Four: the median (position 1) is hidden at position 2 and swapped back where the scans meet, at 1.
        ([1, 1, 1, 1], [0, 1, 2, 3]),
        # Five: 2 goes to 3; the scans stop at 1 and 2, swap, and meet at 2; the pivot returns from 3.
        ([1, 1, 1, 1, 1], [0, 3, 2, 1, 4]),
    ],
)
def test_ties_are_left_as_the_swaps_leave_them(keys, order):
    assert quicksort_order(keys) == order


def test_rows_with_and_without_ties_together():
    keys = np.array([[3.0, 1.0, 2.0, 5.0, 4.0], [1.0, 1.0, 1.0, 1.0, 1.0]])
    assert quicksort_orders(keys).tolist() == [[1, 2, 0, 4, 3], [0, 3, 2, 1, 4]]
