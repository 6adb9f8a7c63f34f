"""Classes made equal in the training rows: what is drawn, what is made, and what is refused."""

import numpy as np
import pytest
from scipy.spatial import ConvexHull, Delaunay

from radcompare.errors import DataError
from radcompare.learning.sampling import resampled

Y = np.array([0] * 30 + [1] * 8)


@pytest.fixture
def X() -> np.ndarray:
    found = np.random.default_rng(1).normal(size=(38, 2))
    found[3, 0] = np.nan
    return found


def rows(X: np.ndarray) -> list[tuple[str, ...]]:
    return sorted(tuple(map(repr, row)) for row in X.tolist())


def test_none_changes_nothing(X: np.ndarray) -> None:
    same, y = resampled(X, Y, "none", 1)
    assert same is X
    assert y is Y


def test_under_keeps_the_smaller_class_and_as_many_of_the_larger(X: np.ndarray) -> None:
    made, y = resampled(X, Y, "under", 1)
    assert np.bincount(y).tolist() == [8, 8]
    assert rows(made[y == 1]) == rows(X[Y == 1])
    kept = rows(made[y == 0])
    assert len(set(kept)) == 8
    assert set(kept) < set(rows(X[Y == 0]))


def test_over_keeps_every_row_and_draws_the_smaller_class_again(X: np.ndarray) -> None:
    made, y = resampled(X, Y, "over", 1)
    assert np.bincount(y).tolist() == [30, 30]
    assert rows(made[y == 0]) == rows(X[Y == 0])
    assert set(rows(made[y == 1])) == set(rows(X[Y == 1]))
    np.testing.assert_array_equal(made[:38], X)


def test_smote_puts_new_cases_between_cases_of_the_smaller_class(X: np.ndarray) -> None:
    made, y = resampled(np.nan_to_num(X), Y, "smote", 1)
    assert np.bincount(y).tolist() == [30, 30]
    np.testing.assert_array_equal(made[:38], np.nan_to_num(X))
    new = made[38:]
    assert set(y[38:]) == {1}
    smaller = X[Y == 1]
    hull = Delaunay(smaller[ConvexHull(smaller).vertices])
    assert (hull.find_simplex(new) >= 0).all()
    segments = (smaller[:, None], smaller[None] - smaller[:, None])
    for point in new:  # on a line between two of them
        to = point - segments[0]
        off = np.abs(to[..., 0] * segments[1][..., 1] - to[..., 1] * segments[1][..., 0])
        np.fill_diagonal(off, np.inf)
        assert off.min() < 1e-12


@pytest.mark.parametrize("how", ["under", "over", "smote"])
def test_a_seed_reproduces(X: np.ndarray, how: str) -> None:
    filled = np.nan_to_num(X)
    one, same, other = (resampled(filled, Y, how, seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert one.tolist() != other.tolist()


@pytest.mark.parametrize("how", ["under", "over", "smote"])
def test_equal_classes_stay(how: str) -> None:
    X, y = np.arange(8.0).reshape(4, 2), np.array([0, 1, 0, 1])
    made, classes = resampled(X, y, how, 1)
    assert rows(made) == rows(X)
    assert sorted(classes) == [0, 0, 1, 1]


def test_smote_with_few_cases_uses_all_others() -> None:
    X, y = np.arange(20.0).reshape(10, 2), np.array([0] * 8 + [1] * 2)
    made, classes = resampled(X, y, "smote", 1)
    assert np.bincount(classes).tolist() == [8, 8]
    assert made[10:].min() >= 16


def test_what_smote_cannot_do() -> None:
    X, y = np.zeros((5, 1)), np.array([0, 0, 0, 0, 1])
    with pytest.raises(DataError, match="a class has one training case"):
        resampled(X, y, "smote", 1)
    with pytest.raises(DataError, match="levels of a nominal feature do not allow"):
        resampled(X, y, "smote", 1, nominal=True)
