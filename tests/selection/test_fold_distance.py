"""Changed columns and distances of a fold against those of a fit of its rows alone."""

import numpy as np
import pytest
from scipy.spatial.distance import squareform

from radcompare.selection import difference
from radcompare.selection.difference import features
from radcompare.selection.distance import distances
from radcompare.selection.fold_distance import changed, fold_distances, of_columns
from radcompare.selection.training_rows import training


def every(columns):
    return distances(columns, np.arange(len(columns.training.values)))


def left_out(n, *rows):
    kept = np.ones(n, bool)
    kept[list(rows)] = False
    return kept


def assert_distances_of_the_fold(table, kept, rule):
    rows = training(*table)
    moved = changed(rows, kept, rule)
    found = fold_distances(squareform(every(features(rows, rule)), checks=False), moved)
    alone = features(training(table[0][kept], table[1][kept], table[2]), rule)
    apart = ~np.eye(kept.sum(), dtype=bool)
    np.testing.assert_allclose(found[np.ix_(kept, kept)][apart], every(alone)[apart], rtol=0, atol=1e-12)
    whole = features(rows, rule).training
    differ = (alone.training.low != whole.low) | (alone.training.high != whole.high)
    both_empty = np.isnan(alone.training.low) & np.isnan(whole.low)
    assert moved.columns.tolist() == np.flatnonzero(differ & ~both_empty & (whole.levels == 0)).tolist()
    np.testing.assert_array_equal(moved.after.span, alone.span[moved.columns])


@pytest.mark.parametrize("rule", ["exact", "weka"])
@pytest.mark.parametrize("missing", [0, 0.2])
@pytest.mark.parametrize("rows", [[], [7], [3, 4, 21, 39]])
def test_mixed_tables(make_table, rows, missing, rule):
    for seed in range(5):
        assert_distances_of_the_fold(make_table(seed, missing=missing), left_out(40, *rows), rule)


@pytest.mark.parametrize("at_once", [1, 3, 128])
def test_columns_are_corrected_in_blocks(monkeypatch, at_once):
    monkeypatch.setattr(difference, "COLUMNS_AT_ONCE", at_once)
    X = np.random.default_rng(0).normal(size=(30, 50))
    X[4] = 10 * X[4]
    table = X, np.arange(30) % 2, np.zeros(50, int)
    assert_distances_of_the_fold(table, left_out(30, 4), "exact")


@pytest.mark.parametrize("rule", ["exact", "weka"])
@pytest.mark.parametrize("value", [1e12, 5e-7, -3e200, np.nan])
def test_one_row_makes_the_range(value, rule):
    X = np.random.default_rng(0).random((12, 4)) * [1, 4e-7, 0, 1]
    X[5] = value
    X[6:, 3] = np.nan
    assert_distances_of_the_fold((X, np.arange(12) % 2, np.zeros(4, int)), left_out(12, 5), rule)


def test_growth_and_stretch_of_ranges():
    X = np.array([[0.0, 0, 0, 0], [1, 0, 3e-7, np.nan], [4, 2, 2e-6, np.nan], [0.5, 0, 1e-7, 5]])
    moved = changed(training(X, [0, 1, 0, 1]), left_out(4, 2), "weka")
    assert moved.columns.tolist() == [0, 1, 2]
    assert moved.stretch.tolist() == [4, 0, 0]
    assert moved.growth.tolist() == [0.75, -1, -1]
    assert moved.holed.tolist() == [False, False, False]


def test_values_of_rows_left_out_cannot_overflow():
    X = np.array([[0.0], [1e-300], [1e300], [5e-301]])
    moved = changed(training(X, [0, 1, 0, 1]), left_out(4, 2), "exact")
    assert moved.after.training.values[2] == 0
    assert np.isfinite(every(moved.after)).all()


def test_of_columns_picks_columns(make_table):
    columns = features(training(*make_table(seed=1)), "exact")
    picked = of_columns(columns, np.array([7, 0]))
    np.testing.assert_array_equal(picked.training.values, columns.training.values[:, [7, 0]])
    assert picked.training.levels.tolist() == columns.training.levels[[7, 0]].tolist()
    assert picked.span.tolist() == columns.span[[7, 0]].tolist()
