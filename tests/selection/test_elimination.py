"""Recursive elimination against scikit-learn's."""

import numpy as np
import pytest
from sklearn.feature_selection import RFE
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from radcompare.errors import ConfigError
from radcompare.selection.elimination import RecursiveElimination


@pytest.mark.parametrize("classes", [2, 3])
def test_one_at_a_time_it_is_scikit_learns(classes):
    random = np.random.default_rng(classes)
    y = random.integers(0, classes, 60)
    X = (random.normal(size=(60, 15)) + y[:, None] * random.random(15)) * np.logspace(-6, 6, 15)
    machine = RFE(SVC(kernel="linear"), n_features_to_select=1, step=1)
    expected = machine.fit(StandardScaler().fit_transform(X), y).ranking_
    np.testing.assert_allclose(1 / RecursiveElimination(step=0).fit(X, y).scores_, expected, rtol=1e-12)


def test_a_share_is_dropped_by_the_weights_of_one_fit():
    random = np.random.default_rng(0)
    y = np.arange(50) % 2
    X = random.normal(size=(50, 8)) + y[:, None] * random.random(8)
    left, order = list(range(8)), []
    while len(left) > 1:
        weights = SVC(kernel="linear").fit(StandardScaler().fit_transform(X[:, left]), y).coef_[0] ** 2
        worst = np.argsort(weights)[: len(left) // 2]
        order += [left[k] for k in worst]
        left = [column for k, column in enumerate(left) if k not in worst]
    scores = RecursiveElimination(step=0.5).fit(X, y).scores_
    assert np.argsort(scores).tolist() == order + left


def test_a_constant_column_is_never_in_the_race():
    y = np.arange(20) % 2
    X = np.column_stack([np.full(20, 3.0), y, np.tile([0.0, 0.0, 1.0, 1.0], 5)])
    assert RecursiveElimination().fit(X, y).scores_.tolist() == [0, 1, 1 / 2]


def test_of_equal_weights_the_higher_index_goes_first():
    y = np.arange(30) % 2
    X = np.column_stack([y, 5 - 3 * y, y * 1e-9])
    assert RecursiveElimination().fit(X, y).scores_.tolist() == [1, 1 / 2, 1 / 3]


def test_no_weight_at_all():
    X, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    assert sorted(RecursiveElimination().fit(X, y).scores_) == [1 / 2, 1]


def test_levels_stay_together():
    random = np.random.default_rng(2)
    y = np.arange(60) % 2
    codes = np.where(random.random(60) < 0.8, 2 * y, random.integers(0, 4, 60))
    scores = RecursiveElimination().fit(np.column_stack([random.normal(size=60), codes]), y, [0, 4]).scores_
    assert scores.tolist() == [1 / 2, 1]


@pytest.mark.parametrize("step", [-0.1, 1, np.nan])
def test_step_out_of_range(step):
    with pytest.raises(ConfigError, match="step must be from 0 to below 1"):
        RecursiveElimination(step=step)
