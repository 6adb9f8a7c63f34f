"""Sums over pairs against loops over pairs and features."""

import numpy as np
import pytest

from radcompare.selection import pair_sums
from radcompare.selection.difference import features
from radcompare.selection.pair_sums import Pairs, PairSums, listed, merged, netted
from radcompare.selection.training_rows import training


def pairs_of(n, count, seed=0):
    random = np.random.default_rng(seed)
    return Pairs(random.integers(0, n, count), random.integers(0, n, count), random.normal(size=count))


def one_by_one(columns, pairs):
    sums = np.zeros(len(columns.training.levels))
    for column in range(len(sums)):
        of_column = np.array([column])
        values = columns.scaled(of_column)
        for first, second, weight in zip(*pairs, strict=True):
            sums[column] += weight * columns.difference(of_column, values[[first]], values[[second]])[0, 0]
    return sums


@pytest.mark.parametrize("wide", [0, 4, 256])
@pytest.mark.parametrize("missing", [0, 0.2])
@pytest.mark.parametrize("count", [0, 1, 90])
def test_mixed_tables(make_table, monkeypatch, count, missing, wide):
    monkeypatch.setattr(pair_sums, "WIDE", wide)
    columns = features(training(*make_table(seed=1, missing=missing)), "exact")
    pairs = pairs_of(40, count)
    np.testing.assert_allclose(PairSums(columns)(pairs), one_by_one(columns, pairs), rtol=0, atol=1e-13)


@pytest.mark.parametrize("in_cache", [1, 1000, 2**16])
@pytest.mark.parametrize("order", ["C", "F"])
def test_wide_tables(monkeypatch, in_cache, order):
    monkeypatch.setattr(pair_sums, "ENTRIES_IN_CACHE", in_cache)
    X = np.random.default_rng(0).normal(size=(20, 300))
    columns = features(training(np.asarray(X, order=order), np.arange(20) % 2), "exact")
    assert len(PairSums(columns).complete) == 300
    pairs = pairs_of(20, 60)
    np.testing.assert_allclose(PairSums(columns)(pairs), one_by_one(columns, pairs), rtol=0, atol=1e-13)


def test_ranges_that_would_overflow_or_vanish_unscaled(monkeypatch):
    monkeypatch.setattr(pair_sums, "WIDE", 1)
    X = np.random.default_rng(0).random((20, 5)) * [1, 1e-310, 1e-250, 1e250, 1e307]
    columns = features(training(X, np.arange(20) % 2), "exact")
    assert PairSums(columns).complete.tolist() == [0]
    pairs = pairs_of(20, 50)
    pairs = pairs._replace(weight=pairs.weight * 100)
    np.testing.assert_allclose(PairSums(columns)(pairs), one_by_one(columns, pairs), rtol=0, atol=1e-11)


def test_merged_pairs_are_unordered_and_netted_ones_ordered():
    parts = [Pairs(np.array([2, 0]), np.array([1, 3]), np.array([1.0, 2])),
             Pairs(np.array([1, 0, 3]), np.array([2, 3, 0]), np.array([4.0, -2, 5]))]  # fmt: skip
    assert [part.tolist() for part in merged(parts)] == [[0, 1], [3, 2], [5, 5]]
    assert [part.tolist() for part in netted(parts)] == [[1, 2, 3], [2, 1, 0], [4, 1, 5]]


def test_listed_pairs_every_row_with_its_neighbours():
    pairs = listed(np.array([4, 7]), np.array([[1, 2], [3, 0]]), np.array([0.75, 0.25]))
    assert [part.tolist() for part in pairs] == [[4, 4, 7, 7], [1, 2, 3, 0], [0.75, 0.25, 0.75, 0.25]]
    assert [len(part) for part in listed(np.empty(0, int), np.empty((0, 3), int), np.ones(3))] == [0, 0, 0]
