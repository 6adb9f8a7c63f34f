"""Scores that folds share are those of a fit of each fold, whatever the columns, the classes and what is left out."""

import numpy as np
import pytest
from numpy.typing import NDArray

from radcompare.config import Selection
from radcompare.selection.choosing import choose, scores_in_folds
from radcompare.selection.ranking import top
from radcompare.selection.relieff import ReliefF

Table = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]


def table(seed: int, *, n: int = 40, p: int = 60, classes: int = 2, kind: str = "numeric") -> Table:
    """Random rows; mixed ones have nominal columns, gaps, ties and columns that are constant but in one row."""
    random = np.random.default_rng(seed)
    y = np.arange(n) % classes
    X = random.normal(size=(n, p)) + 0.7 * np.outer(y, random.normal(size=p) > 0.8)
    levels = np.zeros(p, dtype=np.int64)
    if kind == "mixed":
        X[:, :10] = random.integers(0, 3, size=(n, 10))
        levels[:10] = 3
        X[:, 10:20] = np.round(X[:, 10:20])
        X[:, 20] = 5.0
        X[:, 21] = 0.0
        X[7, 21] = 1.0
        X[random.random((n, p)) < 0.08] = np.nan
        X[:, 22] = np.nan
    return X, y, levels


def leave_out(n: int, size: int) -> list[NDArray[np.int64]]:
    return [np.setdiff1d(np.arange(n), np.arange(start, min(start + size, n))) for start in range(0, n, size)]


@pytest.mark.parametrize("kind", ["numeric", "mixed"])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("size", [1, 3, 4, 10])
def test_folds_equal_fits(kind: str, classes: int, size: int) -> None:
    X, y, levels = table(size + classes, classes=classes, kind=kind)
    trains = leave_out(len(y), size)
    for train, shared in zip(trains, ReliefF().fit_folds(X, y, trains, levels), strict=True):
        alone = ReliefF().fit(X[train], y[train], levels).scores_
        np.testing.assert_allclose(shared, alone, rtol=0, atol=1e-10)
        assert top(shared, 50).tolist() == top(alone, 50).tolist()


@pytest.mark.parametrize("kind", ["numeric", "mixed"])
def test_a_fold_does_not_depend_on_the_folds_beside_it(kind: str) -> None:
    X, y, levels = table(9, kind=kind)
    trains = leave_out(len(y), 1)
    every = list(ReliefF().fit_folds(X, y, trains, levels))
    some = list(ReliefF().fit_folds(X, y, trains[25:31][::-1], levels))
    assert [scores.tobytes() for scores in some[::-1]] == [scores.tobytes() for scores in every[25:31]]


@pytest.mark.parametrize("by_source", [False, True])
def test_known_scores_choose_what_a_fit_in_the_fold_chooses(by_source: bool) -> None:
    X, y, levels = table(4, kind="mixed")
    source = np.arange(X.shape[1]) % 3 if by_source else None
    selections = [Selection.model_validate(text) for text in ("relieff:5", "su:4", "relieff:9", "all")]
    trains = leave_out(len(y), 2)
    for train, known in zip(trains, scores_in_folds(selections, X, y, levels, trains, source), strict=True):
        assert len(known) == 1, "of these only Relief-F shares work between folds"
        told = choose(selections, X[train], y[train], levels, source, known)
        alone = choose(selections, X[train], y[train], levels, source)
        assert [c.columns.tolist() for c in told] == [c.columns.tolist() for c in alone]
