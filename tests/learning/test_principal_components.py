"""Principal components against the singular value decomposition written out."""

import numpy as np
import pytest

from radcompare.learning.principal_components import PrincipalComponents


@pytest.mark.parametrize("shape", [(30, 6), (12, 40)], ids=["tall", "wide"])
def test_components_are_the_decomposition(shape: tuple[int, int]) -> None:
    X = np.random.default_rng(1).normal(2, 3, size=shape)
    new = np.random.default_rng(2).normal(size=(5, shape[1]))
    fitted = PrincipalComponents(4).fit(X)
    _, _, directions = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    largest = np.abs(directions).argmax(axis=1)
    directions *= np.sign(directions[np.arange(len(directions)), largest])[:, None]
    np.testing.assert_allclose(fitted.transform(new), (new - X.mean(axis=0)) @ directions[:4].T, atol=1e-10)


def test_all_components_keep_distances() -> None:
    X = np.random.default_rng(1).normal(size=(20, 5))
    made = PrincipalComponents(5).fit(X).transform(X)
    between = np.linalg.norm(X[:, None] - X[None], axis=2)
    np.testing.assert_allclose(np.linalg.norm(made[:, None] - made[None], axis=2), between, atol=1e-10)


@pytest.mark.parametrize(("shape", "most"), [((10, 3), 3), ((4, 30), 3), ((4, 0), 0), ((1, 3), 0)])
def test_there_are_no_more_than_the_rows_allow(shape: tuple[int, int], most: int) -> None:
    X = np.random.default_rng(1).normal(size=shape)
    assert PrincipalComponents(10).fit(X).transform(X).shape == (shape[0], most)


def test_a_direction_without_variance_is_left_out() -> None:
    X = np.random.default_rng(1).normal(size=(20, 2))
    assert PrincipalComponents(3).fit(np.hstack([X, X])).transform(np.hstack([X, X])).shape == (20, 2)
    assert PrincipalComponents(3).fit(np.ones((20, 4))).transform(np.ones((20, 4))).shape == (20, 0)
