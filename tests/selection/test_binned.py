"""Bins and entropies against counting one by one."""

from collections import Counter
from math import log2

import numpy as np
import pytest

from radcompare.errors import ConfigError
from radcompare.selection import binned as module
from radcompare.selection.binned import binned, entropy
from radcompare.selection.discretise import FayyadIrani
from radcompare.selection.training_rows import training
from radcompare.selection.uncertainty import SymmetricUncertainty

NAN = np.nan


def counted_entropy(*columns):
    counts = Counter(zip(*(column.tolist() for column in columns), strict=True)).values()
    return -sum(count / sum(counts) * log2(count / sum(counts)) for count in counts)


@pytest.fixture
def nominal():
    random = np.random.default_rng(3)
    X = random.integers(0, [1, 2, 3, 5, 9], (50, 5)).astype(float)
    return training(X, random.integers(0, 3, 50), [1, 2, 3, 5, 20])


def test_entropies_by_counting(nominal):
    table = binned(nominal)
    assert table.column.tolist() == [1, 2, 3, 4]
    y = nominal.classes
    alone, joint = table.entropy(), table.entropy(y)
    information, uncertainty = table.information(y), table.uncertainty(y)
    for k, codes in enumerate(nominal.values.T[1:]):
        own, both = counted_entropy(codes), counted_entropy(codes, y)
        shared = own + counted_entropy(y) - both
        assert alone[k] == pytest.approx(own, abs=1e-12)
        assert joint[k] == pytest.approx(both, abs=1e-12)
        assert information[k] == pytest.approx(shared, abs=1e-12)
        assert uncertainty[k] == pytest.approx(2 * shared / (own + counted_entropy(y)), abs=1e-12)
    assert entropy(y) == pytest.approx(counted_entropy(y), abs=1e-12)


def test_counts_by_counting(nominal):
    table = binned(nominal)
    ((counts, first),) = table.counts(nominal.classes)
    assert first.tolist() == [0, 2, 5, 10]
    for k, codes in enumerate(nominal.values.T[1:]):
        for code in range(int(codes.max()) + 1):
            expected = np.bincount(nominal.classes[codes == code], minlength=3)
            np.testing.assert_array_equal(counts[first[k] + code], expected)


def test_blocks_change_nothing(nominal, monkeypatch):
    whole = binned(nominal).entropy(nominal.classes)
    monkeypatch.setattr(module, "ENTRIES_AT_ONCE", 120)
    assert len(list(binned(nominal).counts(nominal.classes))) == 2
    np.testing.assert_array_equal(binned(nominal).entropy(nominal.classes), whole)


def test_mdl_cuts_of_the_known_values_and_gaps_in_the_bin_of_the_median():
    random = np.random.default_rng(0)
    y = np.arange(90) % 3
    X = random.normal(size=(90, 4)) + 3 * y[:, None] * [1, 1, 0, 0]
    X[random.random(X.shape) < 0.1] = NAN
    table = binned(training(X, y))
    assert table.column.tolist() == [0, 1]
    for column, codes in zip(X.T, table.codes, strict=False):
        cuts = FayyadIrani(y).cuts(column)
        filled = np.where(np.isnan(column), np.nanmedian(column), column)
        assert codes.tolist() == [sum(cut < x for cut in cuts) for x in filled]


def test_intervals_of_equal_width():
    X = np.array([[0.0, 7], [1, 7], [2, 7], [3, NAN], [4, 7], [5, 7], [10, 7]])
    table = binned(training(X, [0, 1, 0, 1, 0, 1, 0]), 5)
    assert table.column.tolist() == [0]
    assert table.codes.tolist() == [[0, 0, 0, 1, 1, 2, 4]]


def test_missing_levels_are_the_most_frequent():
    table = binned(training([[1.0], [2], [2], [NAN]], [0, 1, 0, 1], [3]))
    assert table.codes.tolist() == [[1, 2, 2, 2]]


def test_nothing_in_several_bins(make_table):
    table = binned(training(make_table(0).X[:, [3, 4]], make_table(0).y))
    assert table.codes.shape == (0, 40)
    assert table.entropy().shape == (0,)


def test_uncertainty_is_that_of_the_selector_su(weka_table):
    table = weka_table("breast_cancer")
    found = binned(training(table.X, table.y, table.levels))
    expected = SymmetricUncertainty().fit(table.X, table.y, table.levels).scores_
    np.testing.assert_allclose(found.uncertainty(table.y), expected[found.column], rtol=0, atol=1e-12)
    assert not np.delete(expected, found.column).any()


def test_one_interval_is_refused(nominal):
    with pytest.raises(ConfigError, match="at least 2, found 1"):
        binned(nominal, 1)
