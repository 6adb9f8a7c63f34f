"""L1 logistic regression by its optimality conditions, and against scikit-learn's saga."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from radcompare.selection.logistic_path import logistic_path


def wide_table(seed, n=50, p=120):
    random = np.random.default_rng(seed)
    positive = (random.random(n) < 0.3).astype(float)
    X = random.normal(size=(n, p))
    X[:, :10] += positive[:, None] * random.random(10)
    X[:, 10:20] = X[:, :10] + 0.3 * random.normal(size=(n, 10))
    return (X - X.mean(axis=0)) / X.std(axis=0), positive


def penalties_of(X, positive, ratios):
    return (np.abs(X.T @ (positive - positive.mean())).max() * np.asarray(ratios)).tolist()


def intercept_of(X, positive, weights):
    """The free intercept: mean probability equals the share of positives."""
    low, high = -50.0, 50.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(X @ weights + middle).mean() < positive.mean() else (low, middle)
    return low


def assert_optimal(X, positive, penalty, weights):
    """The gradient of the loss is penalty x -sign at coefficients that are not 0, and no larger at the others."""
    residual = expit(X @ weights + intercept_of(X, positive, weights)) - positive
    gradient, inside = X.T @ residual / penalty, weights != 0
    np.testing.assert_allclose(gradient[inside], -np.sign(weights[inside]), rtol=0, atol=1e-4)
    assert np.abs(gradient).max() < 1 + 1e-4


def separable_table(seed):
    random = np.random.default_rng(seed)
    positive = (random.random(30) < 0.3).astype(float)
    X = random.normal(size=(30, 60))
    X[:, 0] += 3 * positive
    return (X - X.mean(axis=0)) / X.std(axis=0), positive


@pytest.mark.parametrize(
    "table", [*map(wide_table, range(4)), separable_table(8), separable_table(13), separable_table(16)]
)
def test_optimality(table):
    X, positive = table
    penalties = penalties_of(X, positive, 0.01 ** (np.arange(1, 100, 6) / 99))
    for penalty, weights in zip(penalties, logistic_path(X, positive, penalties), strict=True):
        assert weights.any()
        assert_optimal(X, positive, penalty, weights)


def test_few_positives_without_a_near_start():
    """A full Newton step from there overshoots in several of these tables."""
    for seed in range(40):
        random = np.random.default_rng(seed)
        positive = (random.random(60) < 0.05).astype(float)
        positive[0] = 1
        X = random.normal(size=(60, 5))
        X[:, 0] += 3 * positive
        X = (X - X.mean(axis=0)) / X.std(axis=0)
        (penalty,) = penalties_of(X, positive, [0.03])
        assert_optimal(X, positive, penalty, next(logistic_path(X, positive, [penalty])))


def test_saga_at_one_penalty():
    X, positive = wide_table(9, n=200, p=20)
    (penalty,) = penalties_of(X, positive, [0.2])
    saga = LogisticRegression(l1_ratio=1.0, C=1 / penalty, solver="saga", tol=1e-10, max_iter=100_000)
    expected = saga.fit(X, positive).coef_[0]
    found = next(logistic_path(X, positive, [penalty]))
    assert 1 < np.count_nonzero(found) < 20
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_at_the_largest_penalty_nothing_is_in_and_below_it_the_most_correlated():
    X, positive = wide_table(2)
    above, below = logistic_path(X, positive, penalties_of(X, positive, [1.001, 0.999]))
    assert not above.any()
    correlation = np.abs(X.T @ (positive - positive.mean()))
    assert np.flatnonzero(below).tolist() == [int(correlation.argmax())]


def test_one_column_by_hand():
    """Of x = 1 and -1 with a share q of positives each: logit(q) - penalty moves it to a mean of q - penalty/n."""
    x = np.repeat([1.0, -1.0], 20)
    positive = np.concatenate([np.arange(20) < 15, np.arange(20) < 5]).astype(float)
    (weights,) = logistic_path(x[:, None], positive, [4.0])
    assert weights == pytest.approx([logit(0.75 - 4 / 40)], abs=1e-7)
