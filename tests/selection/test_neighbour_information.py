"""Mutual information by neighbours against scikit-learn on the same numbers."""

import numpy as np
import pytest
from sklearn.feature_selection import mutual_info_classif
from sklearn.metrics import mutual_info_score

from radcompare.errors import ConfigError
from radcompare.selection.neighbour_information import MutualInformation

NAN = np.nan


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("nearest", [1, 3, 7])
def test_scikit_learn_on_complete_numbers(classes, nearest):
    random = np.random.default_rng(classes)
    y = random.integers(0, classes, 80)
    X = random.normal(size=(80, 6)) + y[:, None] * random.random(6)
    expected = mutual_info_classif(X, y, n_neighbors=nearest, random_state=1)
    assert (expected > 0).any()
    np.testing.assert_allclose(MutualInformation(nearest).fit(X, y).scores_, expected, rtol=0, atol=1e-12)


def test_nominal_columns_are_counted(make_table):
    table = make_table(4, n=100)
    found = MutualInformation().fit(*table).scores_
    for column in (2, 5, 6):
        codes = table.X[:, column]
        filled = np.where(np.isnan(codes), np.bincount(codes[~np.isnan(codes)].astype(int)).argmax(), codes)
        assert found[column] == pytest.approx(mutual_info_score(filled, table.y), abs=1e-12)


def test_gaps_take_the_median():
    random = np.random.default_rng(7)
    y = np.arange(60) % 2
    X = random.normal(size=(60, 2)) + y[:, None]
    X[::7, 0] = NAN
    filled = np.where(np.isnan(X), np.nanmedian(X, axis=0), X)
    np.testing.assert_array_equal(
        MutualInformation(seed=3).fit(X, y).scores_, MutualInformation(seed=3).fit(filled, y).scores_
    )


def test_the_seed_decides_between_equal_values():
    random = np.random.default_rng(0)
    X, y = random.integers(0, 4, (50, 3)).astype(float), np.arange(50) % 2
    scores = [MutualInformation(seed=seed).fit(X, y).scores_.tolist() for seed in (1, 1, 2)]
    assert scores[0] == scores[1]
    assert scores[0] != scores[2]


def test_a_parabola_that_no_mean_shows():
    random = np.random.default_rng(1)
    X = random.uniform(-1, 1, (200, 2))
    scores = MutualInformation().fit(X, (np.abs(X[:, 1]) > 0.5).astype(int)).scores_
    assert scores[1] > 0.5 > 0.1 > scores[0]


def test_classes_of_one_row_tell_nothing_of_numbers():
    assert MutualInformation().fit([[1.0], [2.0], [3.0]], [0, 1, 2]).scores_.tolist() == [0]


def test_no_neighbour_is_refused():
    with pytest.raises(ConfigError, match="nearest must be at least 1, found 0"):
        MutualInformation(nearest=0)
