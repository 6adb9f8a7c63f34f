from itertools import islice

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from radcompare.compare.auc import auc
from radcompare.compare.resampling import (
    both_classes_in_units,
    draws,
    generator,
    left_out,
    over_pairs,
    units,
    weighted_auc,
    weighted_wins,
)
from radcompare.errors import ConfigError, TestRefused

Y = np.array([1, 1, 1, 0, 0, 0, 0])
# Patients a and e have positive cases only, c and d negative ones only, b and f both.
PATIENT = np.array(list("aabbcccddeff"))
LESION = np.array([1, 1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0])


def scored(seed, n=60, decimals=1):
    rng = np.random.default_rng(seed)
    y = rng.random(n) < 0.4
    return y, np.round(y + rng.normal(size=n), decimals), rng


def test_cases_are_drawn_within_their_class():
    samples = list(draws(Y, None, 300, seed=1))
    assert len(samples) == 300
    for sample in samples:
        assert sample.size == 7
        assert Y[sample].sum() == 3
    assert set(np.concatenate(samples)) == set(range(7))


def test_every_case_of_a_class_is_as_likely():
    times = np.bincount(np.concatenate(list(draws(Y, None, 20_000, seed=3))), minlength=7) / 20_000
    # Each is binomial with mean 1; its standard error is below 0.007.
    assert times == pytest.approx(np.ones(7), abs=0.03)


def test_patients_are_drawn_among_their_kind_with_all_their_cases():
    size = {name: (name == PATIENT).sum() for name in "abcdef"}
    seen = set()
    for sample in draws(LESION, PATIENT, 200, seed=1):
        names, cases = np.unique(PATIENT[sample], return_counts=True)
        times = {name: count / size[name] for name, count in zip(names, cases, strict=True)}
        for kind in ("ae", "cd", "bf"):
            assert sum(times.get(name, 0) for name in kind) == 2
        for name in names:
            members = np.flatnonzero(name == PATIENT)
            assert (np.bincount(sample, minlength=12)[members] == times[name]).all()
        seen.add(tuple(sample))
    assert len(seen) == 27  # 3 multisets of 2 patients in each of three kinds


def test_the_seed_and_nothing_else_decides():
    np.random.seed(0)
    first = [sample.tolist() for sample in draws(Y, None, 20, seed=5)]
    np.random.seed(1)
    assert [sample.tolist() for sample in draws(Y, None, 20, seed=5)] == first
    assert [sample.tolist() for sample in draws(Y, None, 20, seed=6)] != first


@pytest.mark.parametrize("groups", [None, PATIENT], ids=["cases", "patients"])
def test_more_resamples_begin_with_the_same(groups):
    few = list(draws(LESION, groups, 10, seed=2))
    many = islice(draws(LESION, groups, 1000, seed=2), 10)
    assert all(np.array_equal(a, b) for a, b in zip(few, many, strict=True))


@pytest.mark.parametrize("groups", [None, PATIENT], ids=["cases", "patients"])
def test_batches_change_nothing(groups, monkeypatch):
    whole = [sample.tolist() for sample in draws(LESION, groups, 50, seed=2)]
    without = [sample.tolist() for sample in left_out(LESION, groups)]
    monkeypatch.setattr("radcompare.compare.resampling._CELLS", 40)
    assert [sample.tolist() for sample in draws(LESION, groups, 50, seed=2)] == whole
    assert [sample.tolist() for sample in left_out(LESION, groups)] == without


def test_patients_of_one_case_are_cases():
    alone = [sample.tolist() for sample in draws(Y, None, 30, seed=4)]
    assert [sample.tolist() for sample in draws(Y, np.arange(7), 30, seed=4)] == alone


def test_the_jackknife_leaves_out_each_case_or_patient():
    assert [sample.tolist() for sample in left_out([1, 0, 0])] == [[1, 2], [0, 2], [0, 1]]
    assert [sample.tolist() for sample in left_out([1, 0, 0, 1], ["p", "q", "p", "q"])] == [[1, 3], [0, 2]]


def test_a_unit_alone_of_its_kind_joins_the_largest_stratum():
    assert [stratum.tolist() for stratum in units([1, 0, 0]).strata] == [[0, 1, 2]]
    # p has both, q and r positive, s t u negative cases only.
    drawn = units([1, 0, 1, 1, 0, 0, 0], list("ppqrstu"))
    assert [stratum.tolist() for stratum in drawn.strata] == [[1, 2], [0, 3, 4, 5]]
    assert (drawn.count, drawn.n, drawn.noun) == (6, 7, "patients")
    all_alone = units([1, 0, 1, 0], list("ppqr"))
    assert [stratum.tolist() for stratum in all_alone.strata] == [[0, 1, 2]]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("decimals", [0, 1, 9])
def test_weighted_auc_is_that_of_the_samples_and_of_scikit_learn(seed, decimals):
    y, score, rng = scored(seed, decimals=decimals)
    weights = rng.integers(0, 4, (50, y.size)).astype(float)
    found = weighted_auc(y, score, weights)
    for value, row in zip(found, weights.astype(int), strict=True):
        sample = np.repeat(np.arange(y.size), row)
        assert value == auc(y[sample], score[sample])
        assert value == pytest.approx(roc_auc_score(y, score, sample_weight=row), abs=1e-14)


def test_infinite_scores_are_scores():
    y, score, _ = scored(2)
    score[:5], score[5:9] = np.inf, -np.inf
    assert weighted_auc(y, score, np.ones((1, y.size)))[0] == auc(y, score)


def test_a_sample_of_one_class_has_no_auc():
    y, weights = np.array([True, False]), np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 3.0]])
    score = np.array([2.0, 1.0])
    assert np.isnan(weighted_auc(y, score, weights)).tolist() == [True, True, False]
    assert weighted_wins(y, score, weights).tolist() == [0.0, 0.0, 3.0]
    assert over_pairs(np.array([0.0, 0.0, 1.5]), y, weights)[2] == 0.5


@pytest.mark.parametrize(
    ("y", "groups", "message"),
    [
        ([1], None, "only 1 case to draw"),
        ([1, 0], ["p", "p"], "only 1 patient to draw"),
        ([1, 0, 0], ["p", None, "q"], "clusters: 1 missing"),
        ([1, 0, 0], ["p", "q"], "3 outcomes and 2 values"),
        ([1, 2], None, "expected 0 and 1"),
    ],
)
def test_what_cannot_be_resampled_is_refused_with_a_hint(y, groups, message):
    with pytest.raises(TestRefused, match=message) as refused:
        list(draws(y, groups, 1, seed=1))
    assert refused.value.hint


def test_an_auc_needs_two_of_each():
    both_classes_in_units(np.array([True, True, False, False]), units([1, 1, 0, 0]))
    with pytest.raises(TestRefused, match="1 positive and 2 negative") as refused:
        both_classes_in_units(np.array([True, False, False]), units([1, 0, 0]))
    assert "mcnemar-exact" in refused.value.hint
    labels = np.array([True, True, False, False])
    with pytest.raises(TestRefused, match="1 patients with positive and 2 with negative") as refused:
        both_classes_in_units(labels, units(labels, list("ppqr")))
    assert "without a test" in refused.value.hint


def test_a_negative_seed_is_refused():
    with pytest.raises(ConfigError, match="seed -1 is negative"):
        generator(-1)
