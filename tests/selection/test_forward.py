"""Forward selection against a plain loop over scikit-learn's GaussianNB, folds and AUC."""

import numpy as np
import pytest
from scipy.special import logsumexp
from sklearn.feature_selection import f_classif
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import GaussianNB

from radcompare.errors import ConfigError, OutcomeError
from radcompare.selection.forward import Forward


def inner_area(X, y, seed):
    areas = []
    for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(X, y):
        joint = GaussianNB().fit(X[train], y[train]).predict_joint_log_proba(X[test])
        for own in range(joint.shape[1]):
            score = joint[:, own] - logsumexp(np.delete(joint, own, axis=1), axis=1)
            areas.append(roc_auc_score(y[test] == own, score))
    return np.mean(areas)


def loop(X, y, pool, seed):
    X, taken = (X - X.mean(axis=0)) / X.std(axis=0), []
    while len(taken) < len(pool):
        left = [k for k in pool if k not in taken]
        areas = np.round([inner_area(X[:, [*taken, k]], y, seed) for k in left], 9)
        taken.append(left[int(areas.argmax())])
    return taken


@pytest.mark.slow
@pytest.mark.parametrize(("classes", "seed"), [(2, 1), (2, 7), (3, 1)])
def test_the_plain_loop(classes, seed):
    random = np.random.default_rng(seed)
    y = random.integers(0, classes, 60)
    X = random.normal(size=(60, 9)) + y[:, None] * random.random(9)
    X[:, 1] = X[:, 0] + 0.1 * random.normal(size=60)
    pool = np.argsort(-f_classif(X, y)[0])[:6].tolist()
    expected = loop(X, y, pool, seed)
    assert Forward(top=9, candidates=6, seed=seed).fit(X, y).found_.tolist() == expected
    assert Forward(top=2, candidates=6, seed=seed).fit(X, y).found_.tolist() == expected[:2]


def test_equal_areas_fall_to_the_larger_f():
    y = np.repeat([0, 1], 20)
    X = np.column_stack([y + 0.3 * np.tile([0, 1], 20), np.zeros(40), y + 0.1 * np.tile([0, 1], 20)])
    assert Forward(top=2).fit(X, y).found_.tolist() == [2, 0]


def test_few_rows_of_a_class_make_fewer_folds_and_one_is_refused():
    X = np.random.default_rng(0).normal(size=(20, 3))
    y = np.array([1] * 2 + [0] * 18)
    assert len(Forward(top=3).fit(X, y).found_) == 3
    with pytest.raises(OutcomeError, match="a class has one training row"):
        Forward().fit(X, np.arange(20) == 0)


def test_a_nominal_column_joins_with_all_its_levels():
    random = np.random.default_rng(2)
    codes = random.integers(0, 4, 80).astype(float)
    y = np.isin(codes, [1, 2]).astype(int)
    X = np.column_stack([random.normal(size=80), codes])
    assert Forward(top=2).fit(X, y, [0, 4]).found_.tolist() == [1, 0]


@pytest.mark.parametrize("settings", [{"candidates": 0}, {"inner_folds": 1}, {"top": 0}])
def test_settings_out_of_range(settings):
    with pytest.raises(ConfigError, match="expected"):
        Forward(**settings)
