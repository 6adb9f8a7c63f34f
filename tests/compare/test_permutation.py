import itertools
import math

import numpy as np
import pytest
from scipy.stats import norm, rankdata

from radcompare.compare import permutation
from radcompare.compare.auc import auc
from radcompare.compare.delong import delong_clustered, delong_test
from radcompare.compare.permutation import permutation_auc, swap_effects
from radcompare.errors import ConfigError, TestRefused


def correlated(seed, n=60, decimals=1, effect=0.5):
    rng = np.random.default_rng(seed)
    y = np.arange(n) < 0.4 * n
    common = rng.normal(size=n)
    a, b = (np.round(e * y + common + rng.normal(size=n), decimals) for e in (1.0, effect))
    return y, a, b


def gap_of_swapped(y, a, b, swapped):
    """The difference of the AUCs after the midranks of some cases have changed places."""
    rank_a, rank_b = rankdata(a), rankdata(b)
    return auc(y, np.where(swapped, rank_b, rank_a)) - auc(y, np.where(swapped, rank_a, rank_b))


def p_by_enumeration(y, a, b, groups):
    names = sorted(set(groups))
    observed = abs(gap_of_swapped(y, a, b, np.zeros(len(y), dtype=bool)))
    far = 0
    for choice in itertools.product([False, True], repeat=len(names)):
        swapped = np.array([choice[names.index(group)] for group in groups])
        far += abs(gap_of_swapped(y, a, b, swapped)) >= observed - 1e-12
    return far / 2 ** len(names)


@pytest.mark.parametrize("decimals", [0, 9])
@pytest.mark.parametrize("seed", range(8))
def test_every_swap_of_eight_cases(seed, decimals):
    y, a, b = correlated(seed, n=8, decimals=decimals)
    found = permutation_auc(y, a, b)
    assert found.p == pytest.approx(p_by_enumeration(y, a, b, range(8)), abs=1e-15)
    assert found.difference == pytest.approx(auc(y, a) - auc(y, b), abs=1e-15)
    assert found.note.startswith("all swaps counted")


@pytest.mark.parametrize("decimals", [0, 9])
@pytest.mark.parametrize("seed", range(4))
def test_every_swap_of_seven_patients(seed, decimals):
    y, a, b = correlated(seed, n=20, decimals=decimals)
    groups = np.random.default_rng(seed).permutation(np.arange(20) % 7)
    expected = p_by_enumeration(y, a, b, groups.tolist())
    assert permutation_auc(y, a, b, groups).p == pytest.approx(expected, abs=1e-15)
    named = [f"patient {group}" for group in groups]
    assert permutation_auc(y, a, b, named).p == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("decimals", [0, 1, 9])
@pytest.mark.parametrize("seed", range(5))
def test_the_difference_after_a_swap_is_a_signed_sum(seed, decimals):
    y, a, b = correlated(seed, n=40, decimals=decimals)
    effects = swap_effects(y, a, b)
    pairs = y.sum() * (~y).sum()
    rng = np.random.default_rng(seed)
    for _ in range(20):
        swapped = rng.random(40) < 0.5
        expected = gap_of_swapped(y, a, b, swapped)
        assert np.where(swapped, -effects, effects).sum() / (4 * pairs) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("seed", range(4))
def test_counting_sums_is_enumerating_swaps(seed):
    data = correlated(seed, n=12)
    counted = permutation_auc(*data, permutations=100)
    assert counted.p == pytest.approx(permutation_auc(*data, permutations=1 << 12).p, abs=1e-14)


def test_a_huge_number_of_permutations_takes_no_huge_memory():
    data = correlated(1, n=40)
    assert permutation_auc(*data, permutations=1 << 40) == permutation_auc(*data)


def test_an_exact_p_needs_neither_seed_nor_permutations():
    data = correlated(1)
    assert permutation_auc(*data, seed=1) == permutation_auc(*data, permutations=100, seed=2)


def test_drawn_swaps_come_near_the_exact_p(monkeypatch):
    data = correlated(3, effect=0.2)
    exact = permutation_auc(*data)
    monkeypatch.setattr(permutation, "_ADDITIONS", 0)
    drawn = permutation_auc(*data, permutations=40_000, seed=1)
    assert drawn.p == pytest.approx(exact.p, abs=4 * math.sqrt(exact.p / 40_000))
    assert drawn.p != exact.p
    assert drawn.difference == exact.difference
    assert drawn == permutation_auc(*data, permutations=40_000, seed=1)
    assert drawn.p != permutation_auc(*data, permutations=40_000, seed=2).p
    monkeypatch.setattr(permutation, "_CELLS", 1000)
    assert permutation_auc(*data, permutations=40_000, seed=1).p == pytest.approx(exact.p, abs=0.01)


def test_a_drawn_p_is_never_zero_and_the_note_says_how_low_it_goes(monkeypatch):
    monkeypatch.setattr(permutation, "_ADDITIONS", 0)
    y = np.arange(60) < 20
    found = permutation_auc(y, y + np.linspace(0, 0.5, 60), np.sin(np.arange(60.0)), permutations=999)
    assert found.p == 0.001
    assert found.note.startswith("999 swaps of ")
    assert "p cannot go below 0.001;" in found.note


def test_what_the_comparison_says():
    found = permutation_auc(*correlated(1, n=30))
    assert (found.test, found.metric, found.ci, found.statistic) == ("permutation", "auc", None, None)
    assert "gives no interval" in found.note


def test_the_smallest_p_is_reached_and_stated():
    # All effects have one sign: only no swap, or a swap of every case, is as far from 0.
    y, a, b = [0, 0, 0, 1, 1, 1], [1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1]
    found = permutation_auc(y, a, b)
    assert (found.difference, found.p) == (1.0, 2 / 64)
    assert "p cannot go below 0.0312 with 6 cases that differ" in found.note
    of_patients = permutation_auc(y, a, b, list("pqrpqr"))
    assert of_patients.p == 2 / 8
    assert "0.25 with 3 patients that differ" in of_patients.note


def test_many_cases_with_extreme_ranks_are_counted_without_overflow():
    y = np.arange(600) < 300
    found = permutation_auc(y, y + np.linspace(0, 0.5, 600), -1.0 * y - np.linspace(0, 0.5, 600))
    assert found.difference == 1.0
    assert 0.0 < found.p < 1e-100


@pytest.mark.parametrize("n", [200, 400])
def test_p_is_near_delong_s_with_many_cases(n):
    y, a, b = correlated(4, n=n, effect=0.7)
    groups = np.random.default_rng(1).integers(0, n // 2, n)
    for found, delong in (
        (permutation_auc(y, a, b), delong_test(y, a, b)),
        (permutation_auc(y, a, b, groups), delong_clustered(y, a, b, groups)),
    ):
        assert found.difference == delong.difference
        assert norm.isf(found.p / 2) == pytest.approx(abs(delong.statistic), abs=0.15)


@pytest.mark.parametrize("seed", range(4))
def test_swapping_the_arms_flips_the_sign(seed):
    y, a, b = correlated(seed)
    there, back = permutation_auc(y, a, b), permutation_auc(y, b, a)
    assert (back.difference, back.p) == (-there.difference, there.p)


def test_monotone_transforms_and_the_order_of_cases_change_nothing():
    y, a, b = correlated(2)
    expected = permutation_auc(y, a, b)
    assert permutation_auc(y, np.exp(a), 5 * b + 1) == expected
    order = np.random.default_rng(0).permutation(y.size)
    assert permutation_auc(y[order], a[order], b[order]).p == pytest.approx(expected.p, rel=1e-12)


def test_copies_of_a_case_in_its_patient_add_no_evidence():
    y, a, b = correlated(5)
    copied = permutation_auc(*(np.repeat(v, 3) for v in (y, a, b, np.arange(y.size))))
    assert copied.p == pytest.approx(permutation_auc(y, a, b).p, rel=1e-12)


@pytest.mark.parametrize("groups", [None, np.arange(60) // 3], ids=["cases", "patients"])
def test_the_same_ranks_have_p_one(groups):
    y, a, _ = correlated(5)
    found = permutation_auc(y, a, 2 * a, groups)
    assert (found.difference, found.p) == (0.0, 1.0)
    assert "no swap changes anything" in found.note


@pytest.mark.parametrize(
    ("a", "b"),
    [([1, 2, 3, 4], [2, 1, 4, 3]), ([1, 2, 3, 4], [1, 1, 9, 9]), ([7, 7, 7, 7], [0, 0, 0, 0])],
    ids=["perfect", "perfect-with-ties", "ties"],
)
def test_two_scores_without_variation_do_not_differ(a, b):
    found = permutation_auc([0, 0, 1, 1], a, b)
    assert (found.difference, found.p, found.ci) == (0.0, 1.0, None)


@pytest.mark.parametrize(
    ("y", "a", "b", "groups", "message"),
    [
        ([1, 0, 0], [1, 2, 3], [1, 2, 3], None, "1 positive and 2 negative"),
        ([0, 0, 0], [1, 2, 3], [1, 2, 3], None, "0 positive and 3 negative"),
        ([1, 1, 0, 0], [1, 2, 3, 4], [1, 2, 3, 4], list("pppp"), "all cases are of one patient"),
        ([1, 1, 0, 0], [1, 2, 3, 4], [1, 2, 3, 4], ["p", None, "q", "q"], "clusters: 1 missing"),
        ([1, 1, 0, 0], [1, 2, 3, 4], [1, 2, 3], None, "4 outcomes and 3 values"),
        ([1, 1, 0, 0], [math.nan, 2, 3, 4], [1, 2, 3, 4], None, "score 1: 1 missing"),
    ],
)
def test_what_cannot_be_tested_is_refused_with_a_hint(y, a, b, groups, message):
    with pytest.raises(TestRefused, match=message) as refused:
        permutation_auc(y, a, b, groups)
    assert refused.value.hint


def test_too_few_cases_name_the_alternative():
    with pytest.raises(TestRefused) as refused:
        permutation_auc([1, 0, 0], [1, 2, 3], [1, 2, 3])
    assert "mcnemar-exact" in refused.value.hint


def test_settings_are_checked(monkeypatch):
    with pytest.raises(ConfigError, match="99 permutations are too few"):
        permutation_auc(*correlated(1), permutations=99)
    monkeypatch.setattr(permutation, "_ADDITIONS", 0)
    with pytest.raises(ConfigError, match="seed -1 is negative"):
        permutation_auc(*correlated(1), seed=-1)


def test_under_the_null_one_in_twenty_is_at_most_five_per_cent():
    runs = 600
    p = np.array([permutation_auc(*correlated(seed, n=30, effect=1.0)).p for seed in range(runs)])
    # Exact, hence at most 5 %; the standard error is 0.9 %.
    assert 0.025 < (p <= 0.05).mean() < 0.075
    assert np.mean(p) == pytest.approx(0.5, abs=0.05)


@pytest.mark.slow
def test_under_the_null_patients_are_the_unit():
    runs = 500
    kept, naive = np.zeros((2, runs))
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        patient = np.repeat(np.arange(30), 4)
        y = rng.random(120) < rng.beta(1, 1, 30)[patient]
        a, b = (y + rng.normal(size=30)[patient] + 0.5 * rng.normal(size=120) for _ in "ab")
        kept[seed] = permutation_auc(y, a, b, patient).p <= 0.05
        naive[seed] = permutation_auc(y, a, b).p <= 0.05
    assert 0.025 < kept.mean() < 0.08
    assert naive.mean() > 0.1
