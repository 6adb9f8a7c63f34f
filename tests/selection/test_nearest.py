"""Both tie rules against plain loops."""

import numpy as np
import pytest

from radcompare.selection.nearest import nearest_by_index, nearest_by_slots

TIED = np.random.default_rng(0).integers(0, 6, (50, 30)).astype(float)


@pytest.mark.parametrize("k", [0, 1, 7, 30])
def test_by_index_is_a_sort_by_distance_then_position(k):
    expected = [sorted(range(30), key=lambda i, row=row: (row[i], i))[:k] for row in TIED]
    assert nearest_by_index(TIED, k).tolist() == expected


def test_by_index_ignores_what_is_beyond_nine_decimals():
    assert nearest_by_index(np.array([[0.3 + 4e-10, 0.3, 0.1]]), 2).tolist() == [[2, 0]]
    assert nearest_by_index(np.array([[0.3 + 2e-9, 0.3, 0.1]]), 2).tolist() == [[2, 1]]


@pytest.mark.parametrize("k", [1, 7, 30])
def test_by_slots_replaces_the_first_of_the_farthest(k):
    def slots(row):
        held = list(range(k))
        for i in range(k, len(row)):
            far = [row[j] for j in held]
            if row[i] < max(far):
                held[far.index(max(far))] = i
        return held

    assert nearest_by_slots(TIED, k).tolist() == [slots(row) for row in TIED]


def test_by_slots_keeps_the_order_of_the_slots():
    assert nearest_by_slots(np.array([[5.0, 5.0, 1.0, 5.0, 0.0]]), 3).tolist() == [[4, 1, 2]]


def test_by_slots_with_nobody_to_choose_from():
    assert nearest_by_slots(np.empty((4, 0)), 0).shape == (4, 0)
