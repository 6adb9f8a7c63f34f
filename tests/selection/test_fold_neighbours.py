"""Neighbours in a fold against a search among its rows alone."""

import numpy as np
import pytest

from radcompare.selection.fold_neighbours import Neighbours, found, in_doubt

CLASSES = np.repeat([0, 1, 2], [12, 15, 3])


def symmetric(seed, decimals=None, n=30):
    table = np.random.default_rng(seed).random((n, n))
    table = table + table.T
    table = table if decimals is None else np.round(table, decimals)
    np.fill_diagonal(table, np.inf)
    return table


def searched(distances, kept, k):
    """Sets of nearest rows by row and class, as lists of row numbers, nearest first."""
    lists = []
    for row in range(len(distances)):
        for other in range(3):
            candidates = [j for j in np.flatnonzero((other == CLASSES) & kept) if j != row]
            lists.append(sorted(candidates, key=lambda j: (round(distances[row, j], 9), j))[:k])
    return lists


def lists_of(near, counts, kept, ordered):
    wanted = counts[CLASSES]
    lists = [near[row, other, : wanted[row, other]].tolist() for row in range(30) for other in range(3)]
    return lists if ordered else [sorted(one) for one in lists]


def never(rows):
    raise AssertionError(f"rows {rows} are not in doubt")


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("k", [1, 2, 3, 7, 40])
@pytest.mark.parametrize("decimals", [None, 1])
def test_lists_of_a_fold(decimals, k, ordered):
    distances = symmetric(0, decimals)
    neighbours = Neighbours(distances.copy(), CLASSES, k, ordered=ordered)
    whole = lists_of(neighbours.near, neighbours.found, np.ones(30, bool), True)
    assert whole == searched(distances, np.ones(30, bool), k)
    for rows in ([4], [12, 13, 20], [27, 28]):
        kept = np.ones(30, bool)
        kept[rows] = False
        in_fold = distances + 0.3 * symmetric(1, decimals)
        in_fold[:, ~kept] = np.inf
        before = in_fold.copy()
        near, anew = neighbours.in_fold(in_fold, kept, never, moved=True)
        np.testing.assert_array_equal(in_fold, before)
        counts = found(np.bincount(CLASSES[kept]), near.shape[2])
        expected = searched(before, kept, k)
        expected = expected if ordered else [sorted(one) for one in expected]
        of_kept = np.repeat(kept, 3)
        pairs = zip(lists_of(near, counts, kept, ordered), expected, of_kept, strict=True)
        assert all(a == b for a, b, counted in pairs if counted)
        assert not anew[~kept].any()


def test_lists_without_a_row_left_out_stay_where_no_distance_moved():
    distances = symmetric(3, decimals=1)
    neighbours = Neighbours(distances, CLASSES, 4, ordered=True)
    kept = np.ones(30, bool)
    kept[5] = False
    in_fold = distances.copy()
    in_fold[:, 5] = np.inf
    near, anew = neighbours.in_fold(in_fold, kept, never, moved=False)
    had_it = (neighbours.near == 5).any(axis=2) & (np.arange(30) != 5)[:, None]
    np.testing.assert_array_equal(anew, had_it)
    assert (near[~anew] == neighbours.near[~anew]).all()


def test_how_many_are_found():
    assert found(np.array([4, 2, 1]), 3).tolist() == [[3, 2, 1], [3, 1, 1], [3, 2, 0]]


HALF = 0.5e-9


@pytest.mark.parametrize(
    ("distances", "count", "expected"),
    [
        ([1.0, 2.0, 3.0], 1, False),
        ([1.0, 1.0, 3.0], 1, False),  # equal, and rounded alike
        ([1 + HALF, 1 + HALF, 3.0], 1, True),
        ([1 + HALF, 2.0, 3.0], 1, False),  # half way, and without a rival
        ([1 + HALF, 1 + 2 * HALF, 3.0], 1, True),
        ([1.0, 2 + HALF, 2 + HALF], 1, False),  # too far to matter
        ([1.0, 2 + HALF, 2 + HALF], 2, True),
        ([1 + HALF, np.inf, np.inf], 1, False),
        ([np.inf, 1 + HALF, 1 + HALF], 2, True),
    ],
)
def test_what_rounding_errors_can_decide(distances, count, expected):
    assert in_doubt(np.array([distances, [1.0, 2.0, 3.0]]), count).tolist() == [expected, False]


def test_rows_in_doubt_are_measured():
    distances = symmetric(0)
    neighbours = Neighbours(distances, CLASSES, 2, ordered=False)
    in_fold = distances.copy()
    in_fold[0, 1:4] = 0.1 + HALF
    exact = in_fold.copy()
    exact[0, 1:4] = [0.1 + 1e-9, 0.1, 0.1]
    asked = []

    def measure(rows):
        asked.append(rows.tolist())
        return exact[rows]

    near, anew = neighbours.in_fold(in_fold, np.ones(30, bool), measure, moved=True)
    assert asked == [[0]]
    assert anew[0, 0]
    assert near[0, 0].tolist() == [2, 3]
