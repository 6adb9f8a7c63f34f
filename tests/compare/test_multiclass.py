"""Hand and Till's AUC against scikit-learn and its definition."""

from itertools import combinations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from radcompare.compare.auc import auc
from radcompare.compare.multiclass import coded, hand_till, weighted_hand_till
from radcompare.errors import TestRefused


def cases(seed, n=90, classes=3, ties=False):
    rng = np.random.default_rng(seed)
    codes = rng.permutation(np.arange(n) % classes)
    odds = rng.normal(size=(classes, n)) + 1.2 * (codes == np.arange(classes)[:, None])
    chances = np.exp(odds) / np.exp(odds).sum(axis=0)
    return codes, rng.multinomial(10, chances.T).T / 10 if ties else chances


@pytest.mark.parametrize("classes", [3, 4, 6])
@pytest.mark.parametrize("ties", [False, True])
def test_it_is_that_of_scikit_learn(classes, ties):
    codes, scores = cases(classes, classes=classes, ties=ties)
    expected = roc_auc_score(codes, scores.T, multi_class="ovo", average="macro")
    assert hand_till(codes, scores) == pytest.approx(expected, abs=1e-14)


def test_scores_need_not_sum_to_one():
    codes, scores = cases(1)
    assert hand_till(codes, 10 * scores - 3) == hand_till(codes, scores)


def test_the_definition():
    codes, scores = cases(2, classes=4)
    areas = []
    for i, j in combinations(range(4), 2):
        both = (codes == i) | (codes == j)
        areas += [auc(codes[both] == own, scores[own, both]) for own in (i, j)]
    assert hand_till(codes, scores) == pytest.approx(np.mean(areas), abs=1e-15)


def test_weights_are_copies_of_cases():
    codes, scores = cases(3, n=30)
    weights = np.random.default_rng(4).integers(0, 3, size=(20, 30)).astype(float)
    copied = [np.repeat(np.arange(30), row.astype(int)) for row in weights]
    expected = [hand_till(codes[sample], scores[:, sample]) for sample in copied]
    np.testing.assert_allclose(weighted_hand_till(codes, scores, weights), expected, atol=1e-14)


def test_a_sample_without_a_class_has_none():
    codes, scores = cases(5, n=30)
    assert np.isnan(weighted_hand_till(codes, scores, (codes != 2)[None, :].astype(float))[0])


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["a", "b", "d"], "no scores of class 'd'"),
        (["a", "b", "a"], "no case is of class 'c'"),
        (["a", "b", None], "outcome: 1 missing"),
        (["a", "b"], "2 outcomes and 3 values"),
    ],
)
def test_what_cannot_be_coded(y, message):
    with pytest.raises(TestRefused, match=message):
        coded(y, np.ones((3, 3)), "abc")
