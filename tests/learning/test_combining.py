from itertools import permutations
from typing import get_args

import numpy as np
import pytest
from scipy.optimize import minimize

from radcompare.cnn_settings import How
from radcompare.errors import DataError
from radcompare.learning.combining import TIE, combined, learned_weights

OF_PROBABILITIES = ("mean", "median", "weighted")


def members(seed, count, cases=60, digits=2):
    """Probabilities with many equal ones, and what they predict at one half."""
    probabilities = np.round(np.random.default_rng(seed).random((count, cases)), digits)
    return probabilities, (probabilities >= 0.5).astype(np.int64)


@pytest.mark.parametrize("digits", [1, 2, 16])
@pytest.mark.parametrize("seed", range(30))
def test_the_median_and_the_vote_of_three_agree(seed, digits):
    median, vote = (combined(*members(seed, 3, digits=digits), how) for how in ("median", "vote"))
    assert (median.predicted == vote.predicted).all()


@pytest.mark.parametrize("count", [1, 5, 7])
def test_so_they_do_of_every_odd_number(count):
    median, vote = (combined(*members(1, count), how) for how in ("median", "vote"))
    assert (median.predicted == vote.predicted).all()


def test_not_so_of_an_even_number():
    probabilities = np.array([[0.9], [0.6], [0.4], [0.0]])
    predicted = (probabilities >= 0.5).astype(np.int64)
    assert combined(probabilities, predicted, "median").predicted.tolist() == [1]
    assert combined(probabilities, predicted, "vote").predicted.tolist() == [0]


def test_by_hand():
    probabilities = np.array([[0.1, 0.9, 0.5], [0.2, 0.3, 0.5], [0.9, 0.0, 0.5]])
    predicted = np.array([[0, 1, 1], [0, 0, 1], [1, 0, 0]])
    weights = np.array([3.0, 0.0, 1.0])
    assert combined(probabilities, predicted, "mean").score == pytest.approx([0.4, 0.4, 0.5], abs=1e-15)
    assert combined(probabilities, predicted, "median").score.tolist() == [0.2, 0.3, 0.5]
    assert combined(probabilities, predicted, "weighted", weights).score == pytest.approx(
        [0.3, 0.675, 0.5], abs=1e-15
    )
    assert combined(probabilities, predicted, "weighted", weights).predicted.tolist() == [0, 1, 1]
    vote = combined(probabilities, predicted, "vote")
    assert vote.score.tolist() == [0.0, 0.0, 1.0]
    assert vote.predicted.tolist() == [0, 0, 1]
    assert np.isnan(vote.probability).all()


@pytest.mark.parametrize("how", OF_PROBABILITIES)
@pytest.mark.parametrize("count", [1, 2, 3, 7, 10])
def test_equal_members_are_what_each_of_them_is(count, how):
    one, predicted = members(3, 1, digits=16)
    weights = np.random.default_rng(0).random(count)
    done = combined(np.repeat(one, count, axis=0), np.repeat(predicted, count, axis=0), how, weights)
    assert (done.score == one[0]).all()
    assert (done.probability == one[0]).all()
    assert (done.predicted == predicted[0]).all()


def test_equal_weights_are_the_mean_and_only_their_ratio_counts():
    probabilities, predicted = members(4, 3, digits=16)
    mean = combined(probabilities, predicted, "mean").score
    for equal in (1.0, 7.0, 1e-300, 1e300):
        weights = np.full(3, equal)
        assert (combined(probabilities, predicted, "weighted", weights).score == mean).all()
    two = [combined(probabilities, predicted, "weighted", np.array([1.0, 2, 5]) * by).score for by in (1, 8)]
    assert (two[0] == two[1]).all()


def test_a_weight_of_nothing_leaves_a_member_out():
    probabilities, predicted = members(5, 3)
    two = combined(probabilities[:2], predicted[:2], "mean").score
    three = combined(probabilities, predicted, "weighted", np.array([1.0, 1.0, 0.0])).score
    assert (two == three).all()


@pytest.mark.parametrize("how", get_args(How))
def test_the_order_of_the_members_does_not_matter(how):
    probabilities, predicted = members(6, 4, digits=16)
    weights = np.array([0.1, 0.2, 0.3, 0.7])
    expected = combined(probabilities, predicted, how, weights)
    for order in map(list, permutations(range(4))):
        found = combined(probabilities[order], predicted[order], how, weights[order])
        assert (found.score == expected.score).all()
        assert (found.predicted == expected.predicted).all()


def test_probabilities_stay_probabilities():
    random = np.random.default_rng(7)
    for _ in range(300):
        count = int(random.integers(2, 9))
        certain = np.repeat(random.choice([0.0, 1.0, 0.5 - 2**-54], (1, 3)), count, axis=0)
        done = combined(certain, certain.astype(np.int64), "weighted", random.random(count))
        assert (done.probability == certain[0]).all()


def test_ties_go_by_the_mean_probability():
    probabilities = np.array([[0.9, 0.6, 0.6], [0.2, 0.3, 0.4]])
    vote = combined(probabilities, np.array([[1, 1, 1], [0, 0, 0]]), "vote")
    assert vote.score.tolist() == [TIE, TIE, TIE]
    assert vote.predicted.tolist() == [1, 0, 1]


@pytest.mark.parametrize("missing", [[0, 1], [1]])
def test_ties_are_negative_where_a_member_has_no_probability(missing):
    probabilities = np.array([[0.9], [0.9]])
    probabilities[missing] = np.nan
    assert combined(probabilities, np.array([[1], [0]]), "vote").predicted.tolist() == [0]


@pytest.mark.parametrize("how", OF_PROBABILITIES)
def test_a_missing_probability_is_refused(how):
    probabilities, predicted = members(8, 3)
    probabilities[1, [4, 9]] = np.nan
    with pytest.raises(DataError, match="2 of 60 cases have no probability") as refused:
        combined(probabilities, predicted, how, np.ones(3))
    assert "vote" in refused.value.hint
    with pytest.raises(DataError, match="2 of 60 cases"):
        learned_weights(probabilities, predicted[0])


@pytest.mark.parametrize("weights", [None, [1.0, -1.0], [np.nan, 1.0], [np.inf, 1.0], [0.0, 0.0]])
def test_weights_that_cannot_be_used(weights):
    with pytest.raises(DataError, match="weights") as refused:
        combined(*members(9, 2), "weighted", None if weights is None else np.array(weights))
    assert refused.value.hint


def outcome_and_members(seed, count, cases=200):
    random = np.random.default_rng(seed)
    y = random.integers(0, 2, cases)
    skill = random.random((count, 1))
    return y, np.clip(skill * y + (1 - skill) * random.random((count, cases)), 0, 1)


def test_a_perfect_member_takes_all_the_weight():
    y, probabilities = outcome_and_members(0, 4)
    probabilities[2] = y
    assert learned_weights(probabilities, y) == pytest.approx([0, 0, 1, 0], abs=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_weights_are_the_least_squares_of_another_optimiser(seed):
    y, probabilities = outcome_and_members(seed, 4)
    found = minimize(
        lambda weights: np.sum((y - weights @ probabilities) ** 2),
        np.full(4, 0.25),
        jac=lambda weights: -2 * probabilities @ (y - weights @ probabilities),
        bounds=[(0, None)] * 4,
        method="L-BFGS-B",
        options={"ftol": 1e-15, "gtol": 1e-10},
    ).x
    weights = learned_weights(probabilities, y)
    assert weights == pytest.approx(found / found.sum(), abs=1e-5)
    assert weights.sum() == pytest.approx(1, abs=1e-14)
    assert (weights >= 0).all()


def test_a_mixture_of_members_is_found_again():
    probabilities = outcome_and_members(1, 3)[1]
    mixed = np.array([0.2, 0.5, 0.3]) @ probabilities  # nothing demands that y be whole numbers
    distinct = np.concatenate([probabilities, np.random.default_rng(2).random((1, 200))])
    assert learned_weights(distinct * 1e6, (mixed * 1e6).round().astype(np.int64)) == pytest.approx(
        [0.2, 0.5, 0.3, 0], abs=1e-5
    )


def test_members_that_say_the_same_share_a_weight_whatever_their_order():
    y, probabilities = outcome_and_members(5, 3)
    alone = learned_weights(probabilities, y)
    assert (alone > 0.05).sum() > 1
    best = int(alone.argmax())
    halved = np.where(np.arange(3) == best, alone / 2, alone)
    twice = learned_weights(probabilities[[0, 1, 2, best]], y)
    assert twice == pytest.approx([*halved, halved[best]], abs=1e-12)
    assert learned_weights(probabilities[[2, 0, 1]], y).tolist() == alone[[2, 0, 1]].tolist()


@pytest.mark.parametrize("y", [[0, 0, 0], [1, 1, 1]])
def test_members_without_use_weigh_alike(y):
    nothing = np.zeros((4, 3))
    assert learned_weights(nothing, np.array(y)).tolist() == [0.25] * 4
