"""Order of entering against a path from another solver, at the same penalties."""

import numpy as np
import pytest
from scipy.optimize import minimize

from radcompare.selection.lasso import Lasso


def weights_at(X, own, penalty):
    """Minimise the sum of log losses + penalty x sum |w|, w = u - v with u, v >= 0, intercept free."""
    n_columns, sign = X.shape[1], 2 * own - 1
    design = np.column_stack([X, -X, np.ones(len(X))])

    def loss(parameters):
        margin = sign * (design @ parameters)
        gradient = -design.T @ (sign / (1 + np.exp(margin)))
        gradient[:-1] += penalty
        return np.logaddexp(0, -margin).sum() + penalty * parameters[:-1].sum(), gradient

    bounds = [(0, None)] * (2 * n_columns) + [(None, None)]
    options = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 10_000}
    found = minimize(loss, np.zeros(2 * n_columns + 1), jac=True, bounds=bounds, options=options).x
    return np.abs(found[:n_columns] - found[n_columns:-1])


def path_order(X, members, steps):
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    largest = max(np.abs(X.T @ (own - own.mean())).max() for own in members)
    entered = []
    for step in range(1, steps):
        weights = np.max([weights_at(X, own, largest * 0.01 ** (step / 99)) for own in members], axis=0)
        new = [k for k in np.argsort(-weights).tolist() if weights[k] > 1e-5 and k not in entered]
        entered += new
    return entered


def noisy_table(seed, classes):
    random = np.random.default_rng(seed)
    y = np.where(random.random(70) < 0.4, 0, random.integers(0, classes, 70))
    X = random.normal(size=(70, 8)) + y[:, None] * np.linspace(0, 1.2, 8)
    X[:, 2] = X[:, 7] + 0.5 * random.normal(size=70)
    return X * np.logspace(-4, 4, 8), y


@pytest.mark.parametrize("seed", range(3))
def test_two_classes(seed):
    X, y = noisy_table(seed, 2)
    expected = path_order(X, [y.astype(float)], 70)
    assert len(expected) >= 5
    assert Lasso(top=8).fit(X, y).found_[: len(expected)].tolist() == expected


@pytest.mark.slow
def test_three_classes_each_against_the_others():
    X, y = noisy_table(1, 3)
    expected = path_order(X, [(y == c).astype(float) for c in range(3)], 35)
    assert len(expected) >= 5
    assert Lasso(top=8).fit(X, y).found_[: len(expected)].tolist() == expected


def test_the_first_to_enter_is_the_most_correlated_one():
    for seed in range(10):
        X, y = noisy_table(seed, 2)
        r = [abs(np.corrcoef(column, y)[0, 1]) for column in X.T]
        assert Lasso(top=1).fit(X, y).found_.tolist() == [int(np.argmax(r))]


def test_fewer_are_the_first_of_more_and_more_than_there_are_end():
    random = np.random.default_rng(5)
    y = np.arange(40) % 2
    X = random.normal(size=(40, 200))
    X[:, :5] += y[:, None]
    more, fewer = (Lasso(top=top).fit(X, y).found_.tolist() for top in (12, 4))
    assert fewer == more[:4]
    assert len(set(more)) == 12
    assert len(Lasso(top=99).fit(X[:, :6], y).found_) == 6


def test_of_copies_the_lowest_index_enters_first():
    random = np.random.default_rng(6)
    y = np.arange(60) % 2
    X = random.normal(size=(60, 4)) + y[:, None] * [0.5, 1, 0.7, 0]
    copies = np.column_stack([X, -3e5 * X[:, 1], X[:, 1]])
    found = Lasso(top=6).fit(copies, y).found_.tolist()
    assert found[:4] == Lasso(top=4).fit(X, y).found_.tolist()


@pytest.mark.parametrize(("positives", "expected"), [([55, 54, 5, 5], [0, 1]), ([56, 55, 5, 5], [0])])
def test_the_penalty_falls_to_a_hundredth(positives, expected):
    """In a balanced design of a and b, b enters where the penalty is |sum of b y|: 1/99 or 1/101 of the largest."""
    a, b = np.repeat([1, 1, -1, -1], 60), np.repeat([1, -1, 1, -1], 60)
    y = np.concatenate([np.arange(60) < count for count in positives]).astype(int)
    assert Lasso(top=2).fit(np.column_stack([a, b]), y).found_.tolist() == expected


def test_what_has_no_correlation_never_enters():
    X, y = np.tile([[0.0, 0], [1, 5]], (4, 1)), np.repeat([0, 1], 4)
    found = Lasso(top=2).fit(X, y)
    assert found.scores_.tolist() == [0, 0]
    assert len(found.found_) == 0
