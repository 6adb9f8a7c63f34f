"""Rough distances find the neighbours that exact ones find."""

import sys

import numpy as np
import pytest

from radcompare.selection import rough_distance
from radcompare.selection.difference import features
from radcompare.selection.distance import distances
from radcompare.selection.relieff import ReliefF
from radcompare.selection.rough_distance import ADDED_IN_SEQUENCE, UNIT, nearest_distances
from radcompare.selection.training_rows import training


@pytest.fixture
def rough(monkeypatch):
    monkeypatch.setattr(rough_distance, "_worth_it", lambda _: True)


def exact_scores(monkeypatch, table, **settings):
    with monkeypatch.context() as patched:
        patched.setattr(rough_distance, "_worth_it", lambda _: False)
        return ReliefF(**settings).fit(*table).scores_


def noise(n, p, classes=2):
    random = np.random.default_rng(n)
    return random.normal(size=(n, p)), random.integers(0, classes, n), np.zeros(p, int)


@pytest.mark.parametrize("settings", [{}, {"neighbours": 3}, {"neighbours": 60}, {"sigma": 2.0}])
@pytest.mark.parametrize("size", [(60, 40), (90, 700), (40, 3)])
@pytest.mark.parametrize("decimals", [0, 9])
def test_complete_tables_get_the_same_scores(monkeypatch, rough, size, decimals, settings):
    X, y, levels = noise(*size, classes=3)
    table = np.round(X, decimals), y, levels
    expected = exact_scores(monkeypatch, table, **settings)
    np.testing.assert_array_equal(ReliefF(**settings).fit(*table).scores_, expected)


@pytest.mark.parametrize("decimals", [0, 8])
def test_mixed_tables_get_the_same_scores(monkeypatch, make_table, rough, decimals):
    for seed in range(4):
        table = make_table(seed, decimals=decimals)
        expected = exact_scores(monkeypatch, table)
        np.testing.assert_allclose(ReliefF().fit(*table).scores_, expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("size", [(50, 30), (50, 4000)])
def test_the_error_is_within_its_bound(size):
    columns = features(training(*noise(*size)), "exact")
    everyone = np.arange(size[0])
    found = distances(columns, everyone, all_pairs=rough_distance._single_precision)
    exact = distances(columns, everyone)
    error = np.abs(found - exact).max()
    assert 0 < error < UNIT * (ADDED_IN_SEQUENCE * found.max() + 2 * size[1]) / 4


def test_unclear_rows_are_exact_and_the_others_are_not(rough):
    X, y, levels = noise(60, 200)
    X[1:15] = X[0] + 1e-7 * X[1:15]
    columns = features(training(X, y, levels), "exact")
    found, exact = (
        nearest_distances(columns, np.arange(60), 5, ordered=False),
        distances(columns, np.arange(60)),
    )
    is_exact = (found == exact).all(axis=1)
    assert is_exact[:15].all()
    assert not is_exact[15:].all()


def test_everything_is_exact_where_most_rows_are_unclear(rough):
    X, y, levels = noise(60, 5)
    columns = features(training(np.round(X), y, levels), "exact")
    found = nearest_distances(columns, np.arange(60), 5, ordered=False)
    np.testing.assert_array_equal(found, distances(columns, np.arange(60)))


def test_some_rows_alone_are_measured_exactly(rough):
    columns = features(training(*noise(60, 200)), "exact")
    rows = np.array([3, 9])
    np.testing.assert_array_equal(nearest_distances(columns, rows, 5, ordered=True), distances(columns, rows))


def test_the_size_decides_and_not_whether_torch_is_loaded(monkeypatch):
    for loaded in (False, True):
        if loaded:
            monkeypatch.setitem(sys.modules, "torch", rough_distance)
        else:
            monkeypatch.delitem(sys.modules, "torch", raising=False)
        assert not rough_distance._worth_it(3.9e9)
        assert rough_distance._worth_it(4e9)
