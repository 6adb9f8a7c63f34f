from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from radcompare.errors import DataError
from radcompare.learning.cut import best_cut


def _merit(cut, scores, y):
    """Sensitivity plus specificity, exactly."""
    positives, negatives = scores[y == 1], scores[y == 0]
    return Fraction(int((positives > cut).sum()), len(positives)) + Fraction(
        int((negatives <= cut).sum()), len(negatives)
    )


def _every_cut(scores):
    values = sorted(set(scores.tolist()))
    return [-np.inf, *((low + high) / 2 for low, high in pairwise(values))]


@pytest.mark.parametrize("seed", range(40))
def test_against_trying_every_cut(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 30))
    y = np.array([0, 1, *rng.integers(0, 2, n - 2)])
    scores = np.round(rng.normal(size=n) + y * rng.normal(), int(rng.integers(0, 3)))  # rounded: many ties
    best = max(_merit(cut, scores, y) for cut in _every_cut(scores))
    expected = next(cut for cut in _every_cut(scores) if _merit(cut, scores, y) == best)
    assert best_cut(scores, y) == expected


def test_by_hand():
    assert best_cut(np.array([1.0, 2.0, 4.0, 8.0]), np.array([0, 0, 1, 1])) == 3.0
    assert best_cut(np.array([1.0, 2.0, 3.0]), np.array([0, 1, 0])) == 1.5


@pytest.mark.parametrize("scores", [[5.0, 5.0], [8.0, 1.0]])
def test_a_score_without_use_calls_every_case_positive(scores):
    assert best_cut(np.array(scores), np.array([0, 1])) == -np.inf


def test_a_monotone_change_of_the_score_changes_no_decision():
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 50)
    scores = rng.normal(size=50) + y
    for changed in (scores * 1e300, scores * 1e-300, np.exp(scores), scores + 1e6):
        assert ((changed > best_cut(changed, y)) == (scores > best_cut(scores, y))).all()


@pytest.mark.parametrize("y", [[], [1], [0, 0, 0]])
def test_one_class_teaches_no_cut(y):
    with pytest.raises(DataError, match=f"{len(y)} training cases have one") as refused:
        best_cut(np.zeros(len(y)), np.array(y, dtype=np.int64))
    assert "fewer folds" in refused.value.hint
