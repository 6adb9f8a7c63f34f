"""Both routes to the distances against a sum over features, one after another."""

import numpy as np
import pytest

from radcompare.selection import distance
from radcompare.selection.difference import features
from radcompare.selection.distance import distance_blocks, distances, ordered_distances
from radcompare.selection.training_rows import training


def one_by_one(columns, rows):
    total = np.zeros((len(rows), len(columns.training.values)))
    for column in range(len(columns.training.levels)):
        values = columns.scaled(np.array([column]))
        total += columns.difference(np.array([column]), values[rows], values.T)
    return total


@pytest.mark.parametrize("rows", [np.arange(40), np.array([3, 3, 17])])
def test_mixed_tables(make_table, rows):
    columns = features(training(*make_table(seed=1)), "exact")
    np.testing.assert_allclose(distances(columns, rows), one_by_one(columns, rows), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(ordered_distances(columns, rows), one_by_one(columns, rows))


@pytest.mark.parametrize("p", [1, 3, 4, 7, 64, 1001])
@pytest.mark.parametrize("rows", [np.arange(37), np.array([5, 30])])
def test_complete_numeric_tables_are_summed_in_column_order_to_the_last_bit(p, rows):
    random = np.random.default_rng(p)
    columns = features(training(random.normal(size=(37, p)), np.arange(37) % 2), "exact")
    np.testing.assert_array_equal(ordered_distances(columns, rows), one_by_one(columns, rows))
    np.testing.assert_allclose(distances(columns, rows), one_by_one(columns, rows), rtol=0, atol=1e-11)


@pytest.mark.parametrize(("held", "at_once"), [(2**26, 2**22), (400, 90), (1, 1)])
def test_blocks_bound_the_memory_and_give_every_row_once(make_table, monkeypatch, held, at_once):
    monkeypatch.setattr(distance, "ENTRIES_HELD", held)
    monkeypatch.setattr(distance, "ENTRIES_AT_ONCE", at_once)
    columns = features(training(*make_table(seed=9)), "exact")
    rows, measured = zip(*distance_blocks(columns, np.arange(40)), strict=True)
    assert all(block.size <= max(at_once, 40) for block in measured)
    np.testing.assert_array_equal(np.concatenate(rows), np.arange(40))
    np.testing.assert_allclose(np.vstack(measured), distances(columns, np.arange(40)), rtol=0, atol=1e-12)


def test_no_features_mean_no_distance():
    columns = features(training(np.empty((3, 0)), [0, 1, 1]), "exact")
    for measure in (distances, ordered_distances):
        np.testing.assert_array_equal(measure(columns, np.arange(3)), np.zeros((3, 3)))
