import math

import numpy as np
import pytest
from scipy import stats

from radcompare.compare.auc import auc, auc_interval
from radcompare.compare.bca import Bootstrap, acceleration, bca_interval, bca_limits, bootstrap
from radcompare.compare.confusion import confusion
from radcompare.compare.resampling import draws, left_out, units
from radcompare.errors import ConfigError, TestRefused


def scored(seed, n=50, effect=1.0, decimals=9):
    rng = np.random.default_rng(seed)
    y = np.arange(n) < 0.4 * n
    return y, np.round(effect * y + rng.normal(size=n), decimals)


def slow_auc(y, score):
    """The same figure, but not the function that has a fast path."""
    return auc(y, score)


def sensitivity(y, called):
    return confusion(y, called).sensitivity


def mean(y, values):
    return float(values.mean())


def two_sample_auc(positive, negative):
    return ((positive[:, None] > negative).sum() + 0.5 * (positive[:, None] == negative).sum()) / (
        positive.size * negative.size
    )


def bca_by_loops(estimate, replicates, jackknife_strata, confidence):
    """Efron and Tibshirani (1993), equations 14.10, 14.14 and 14.15, over strata; quantiles by numpy."""
    below = sum(r < estimate for r in replicates) + 0.5 * sum(r == estimate for r in replicates)
    z0 = stats.norm.ppf(below / len(replicates))
    cubes = squares = 0.0
    for values in jackknife_strata:
        m, centre = len(values), sum(values) / len(values)
        for value in values:
            influence = (m - 1) * (centre - value)
            cubes += influence**3 / m**3
            squares += influence**2 / m**2
    a = cubes / (6 * squares**1.5)
    levels = []
    for z in (stats.norm.ppf((1 - confidence) / 2), stats.norm.ppf((1 + confidence) / 2)):
        levels.append(stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z))))
    return tuple(np.quantile(replicates, levels))


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95])
@pytest.mark.parametrize("seed", range(3))
def test_scipy_s_interval_of_a_mean(seed, confidence):
    values = np.random.default_rng(seed).exponential(size=23)
    reference = stats.bootstrap(
        (values,), np.mean, n_resamples=999, confidence_level=confidence, rng=seed, method="BCa"
    )
    y = np.ones(23)
    own = bootstrap(lambda weights: weights @ values / weights.sum(axis=1), units(y), resamples=100, seed=1)
    found = Bootstrap(own.estimate, reference.bootstrap_distribution, own.left_out, "")
    limits, remark = bca_limits(found, confidence)
    assert limits == pytest.approx(tuple(reference.confidence_interval), abs=1e-12)
    assert remark == ""


@pytest.mark.parametrize("decimals", [1, 9])
@pytest.mark.parametrize("seed", range(3))
def test_scipy_s_interval_of_an_auc_of_two_samples(seed, decimals):
    y, score = scored(seed, n=30, decimals=decimals)
    reference = stats.bootstrap(
        (score[y], score[~y]), two_sample_auc, vectorized=False, n_resamples=500, rng=seed, method="BCa"
    )
    without = np.array([auc(y[kept], score[kept]) for kept in left_out(y)])
    found = Bootstrap(auc(y, score), reference.bootstrap_distribution, [without[y], without[~y]], "")
    limits, _ = bca_limits(found, 0.95)
    assert limits == pytest.approx(tuple(reference.confidence_interval), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("clustered", [False, True], ids=["cases", "patients"])
def test_the_definition_with_the_same_draws(seed, clustered):
    y, score = scored(seed, decimals=1)
    groups = np.random.default_rng(seed).integers(0, 25, y.size) if clustered else None
    replicates = [auc(y[sample], score[sample]) for sample in draws(y, groups, 200, seed=7)]
    without = np.array([auc(y[sample], score[sample]) for sample in left_out(y, groups)])
    strata = [without[stratum] for stratum in units(y, groups).strata]
    expected = bca_by_loops(auc(y, score), replicates, strata, 0.9)
    found = bca_interval(auc, y, score, groups, confidence=0.9, resamples=200, seed=7)
    assert found.value == auc(y, score)
    assert found.ci == pytest.approx(expected, abs=1e-12)
    assert bca_interval(slow_auc, y, score, groups, confidence=0.9, resamples=200, seed=7) == found


def test_the_note_counts_resamples_and_units():
    y, score = scored(1)
    assert bca_interval(auc, y, score, resamples=150).note == "150 resamples of 50 cases"
    found = bca_interval(auc, y, score, np.arange(50) // 2, resamples=150)
    assert found.note == "150 resamples of 25 patients"


def test_the_interval_is_near_delong_s_with_many_cases():
    y, score = scored(3, n=1000)
    assert bca_interval(auc, y, score).ci == pytest.approx(auc_interval(y, score).ci, abs=0.005)


def test_copies_in_their_patient_add_no_evidence():
    y, score = scored(2)
    once = bca_interval(auc, y, score)
    copied = bca_interval(auc, *(np.repeat(v, 3) for v in (y, score, np.arange(50))))
    assert copied.value == once.value
    assert copied.ci == pytest.approx(once.ci, abs=1e-12)
    naive = bca_interval(auc, *(np.repeat(v, 3) for v in (y, score)))
    assert np.ptp(naive.ci) < 0.65 * np.ptp(once.ci)


def test_the_same_seed_the_same_interval():
    y, score = scored(5)
    assert bca_interval(auc, y, score, seed=3) == bca_interval(auc, y, score, seed=3)
    assert bca_interval(auc, y, score, seed=3) != bca_interval(auc, y, score, seed=4)


def test_a_monotone_transform_changes_nothing():
    y, score = scored(5)
    assert bca_interval(auc, y, np.exp(score)) == bca_interval(auc, y, score)


def test_reversing_the_score_mirrors_the_interval():
    y, score = scored(6)
    there, back = bca_interval(auc, y, score), bca_interval(auc, y, -score)
    assert back.ci == pytest.approx((1 - there.ci[1], 1 - there.ci[0]), abs=1e-12)


@pytest.mark.parametrize("groups", [None, [0, 0, 1, 2, 3, 3, 4, 5]], ids=["cases", "patients"])
@pytest.mark.parametrize(
    ("score", "value"), [(range(8), 1.0), (range(8, 0, -1), 0.0), ([5] * 8, 0.5)], ids=["1", "0", "ties"]
)
def test_without_variation_there_is_no_interval_and_the_note_says_why(score, value, groups):
    y = [0, 0, 0, 0, 1, 1, 1, 1]
    found = bca_interval(auc, y, score, groups, resamples=100)
    assert (found.value, found.ci) == (value, None)
    assert "BCa is undefined where every resample gives the same value" in found.note


def test_an_estimate_outside_all_resamples_gets_the_percentile_interval():
    replicates = np.linspace(0.2, 0.7, 101)
    for estimate in (0.1, 0.8):
        limits, remark = bca_limits(Bootstrap(estimate, replicates, [np.array([0.1, 0.3])], ""), 0.9)
        assert limits == pytest.approx((0.225, 0.675), abs=1e-12)
        assert "percentile" in remark


def test_no_skewness_and_no_bias_is_the_percentile_interval():
    found = Bootstrap(0.5, np.linspace(0.0, 1.0, 101), [np.array([0.4, 0.5, 0.6])], "")
    assert bca_limits(found, 0.9) == (pytest.approx((0.05, 0.95), abs=1e-12), "")


def test_a_jackknife_without_influence_leaves_the_bias_correction():
    replicates = np.linspace(0.0, 1.0, 1001)
    limits, remark = bca_limits(Bootstrap(0.6, replicates, [np.full(5, 0.6)], ""), 0.9)
    bias = stats.norm.ppf(600.5 / 1001)
    z = stats.norm.ppf(0.95)
    assert limits == pytest.approx(stats.norm.cdf([2 * bias - z, 2 * bias + z]), abs=1e-12)
    assert "bias only" in remark


def test_the_acceleration_of_one_sample_is_a_sixth_of_the_skewness_over_the_root_of_n():
    values = np.random.default_rng(1).exponential(size=40)
    without = (values.sum() - values) / 39
    assert acceleration([without]) == pytest.approx(stats.skew(values) / 6 / math.sqrt(40), rel=1e-12)
    assert acceleration([1e-5 * without]) == pytest.approx(acceleration([without]), rel=1e-9)
    assert acceleration([np.ones(3), np.zeros(2)]) is None


def test_beyond_the_pole_the_limit_is_the_end():
    influential = np.append(np.zeros(2000), -1.0)
    assert acceleration([influential]) == pytest.approx(1 / 6, abs=1e-3)
    replicates = np.append(np.zeros(2000), np.linspace(1, 2, 2))
    limits, _ = bca_limits(Bootstrap(1.5, replicates, [influential], ""), 0.9999)
    assert limits[1] == 2.0


def test_any_figure_of_called_classes():
    y, score = scored(4)
    called = score > 0.5
    found = bca_interval(sensitivity, y, called, resamples=300, seed=2)
    replicates = [called[sample][y[sample]].mean() for sample in draws(y, None, 300, seed=2)]
    without = np.array([called[kept][y[kept]].mean() for kept in left_out(y)])
    expected = bca_by_loops(called[y].mean(), replicates, [without[y], without[~y]], 0.95)
    assert found.ci == pytest.approx(expected, abs=1e-12)


def test_a_figure_of_two_arms():
    y, score = scored(4)
    arms = np.stack([score, score + np.random.default_rng(1).normal(size=y.size)], axis=1)

    def gap(outcome, columns):
        return auc(outcome, columns[:, 0]) - auc(outcome, columns[:, 1])

    found = bca_interval(gap, y, arms, resamples=200)
    assert found.value == auc(y, arms[:, 0]) - auc(y, arms[:, 1])
    assert found.ci[0] < found.value < found.ci[1]


def test_one_class_is_enough_for_a_mean():
    values = np.random.default_rng(8).normal(size=40)
    low, high = bca_interval(mean, np.zeros(40), values).ci
    half_width = 1.96 * values.std() / math.sqrt(40)
    assert (low, high) == pytest.approx((values.mean() - half_width, values.mean() + half_width), abs=0.05)


def undefined_where(condition):
    return lambda _, values: math.nan if condition(values) else float(values.mean())


def test_few_undefined_resamples_are_skipped_and_counted():
    values = np.arange(20.0)
    found = bca_interval(undefined_where(lambda v: v.mean() > 12), np.ones(20), values, resamples=1000)
    replicates = np.array([values[sample].mean() for sample in draws(np.ones(20), None, 1000, seed=1)])
    skipped = int((replicates > 12).sum())
    assert 0 < skipped <= 100
    assert f"1000 resamples of 20 cases, {skipped} of them skipped" in found.note
    without = (values.sum() - values) / 19
    assert found.ci == pytest.approx(bca_by_loops(9.5, replicates[replicates <= 12], [without], 0.95))


def test_too_many_undefined_resamples_are_refused():
    statistic = undefined_where(lambda v: v.mean() > 10)
    with pytest.raises(TestRefused, match=r"undefined in \d+ of 1000 resamples of 20 cases") as refused:
        bca_interval(statistic, np.ones(20), np.arange(20.0), resamples=1000)
    assert "delong" in refused.value.hint


def test_resamples_of_patients_may_lack_a_class():
    # p and q, each alone of its kind, have all positive cases: a draw of 6 misses both with (4/6)^6 = 9 %.
    y, groups = [1, 1, 0, 0, 0, 0, 0], list("pqqrstu")
    found = bca_interval(auc, y, [3, 1, 2, 0, 2, 1, 0], groups, resamples=2000)
    skipped = int(found.note.split(", ")[1].split()[0])
    assert skipped / 2000 == pytest.approx((4 / 6) ** 6, abs=0.02)
    more = np.arange(30)  # negative cases, each of another patient: now 13 % miss p and q
    with pytest.raises(TestRefused, match="resamples of 32 patients"):
        bca_interval(auc, [1, 1, 0, *(0 * more)], [3, 1, 2, *more], [*"pqq", *map(str, more)])


def test_a_figure_that_hangs_on_one_case_is_refused():
    with pytest.raises(TestRefused, match="undefined without one of the 4 cases") as refused:
        bca_interval(
            undefined_where(lambda v: v.tolist() == [1.0, 2.0, 3.0]), np.ones(4), [1.0, 2.0, 3.0, 4.0]
        )
    assert refused.value.hint


def test_a_figure_that_is_undefined_is_refused():
    with pytest.raises(TestRefused, match="undefined for these cases"):
        bca_interval(undefined_where(lambda _: True), [0, 1], [1.0, 2.0])
    with pytest.raises(TestRefused, match="undefined for these cases"):
        bca_interval(slow_auc, [1, 1], [1.0, 2.0])


@pytest.mark.parametrize(
    ("y", "values", "groups", "message"),
    [
        ([1, 0, 0], [1, 2, 3], None, "1 positive and 2 negative"),
        ([1, 1, 0, 0], [1, 2, 3, 4], list("ppqr"), "1 patients with positive"),
        ([1, 1, 0, 0], [1, 2, 3, math.nan], None, "score: 1 missing"),
        ([1, 1, 0, 0], [1, 2, 3], None, "4 outcomes and 3 values"),
    ],
)
def test_what_has_no_auc_interval_is_refused_with_a_hint(y, values, groups, message):
    with pytest.raises(TestRefused, match=message) as refused:
        bca_interval(auc, y, values, groups)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0, math.nan, 2.0], "values: 1 missing"),
        ([[1.0, 2.0], [1.0, math.nan], [2.0, 2.0]], "values of arm 2: 1 missing, the first at position 1"),
        ([1.0, 2.0], "3 outcomes and 2 values"),
        ([[1.0, 2.0, 3.0]], "3 outcomes and 1 values"),
    ],
)
def test_values_are_one_for_each_case(values, message):
    with pytest.raises(TestRefused, match=message):
        bca_interval(mean, [0, 1, 1], values)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"resamples": 99}, "99 resamples"), ({"seed": -1}, "seed -1"), ({"confidence": 95}, "confidence 95")],
    ids=["resamples", "seed", "confidence"],
)
def test_settings_are_checked(settings, message):
    with pytest.raises(ConfigError, match=message):
        bca_interval(auc, *scored(1), **settings)


@pytest.mark.slow
def test_coverage_near_one_beats_delong_s():
    runs, truth = 500, stats.norm.cdf(2.0 / math.sqrt(2))
    inside = np.zeros((runs, 2))
    for seed in range(runs):
        y, score = scored(1000 + seed, n=50, effect=2.0)
        for column, ci in enumerate(
            (bca_interval(auc, y, score, resamples=1000).ci, auc_interval(y, score).ci)
        ):
            inside[seed, column] = ci is not None and ci[0] <= truth <= ci[1]
    # The standard error of a coverage of 95 % is 1 %.
    assert 0.93 < inside[:, 0].mean() < 0.97
    assert inside[:, 1].mean() < inside[:, 0].mean() - 0.02


@pytest.mark.slow
def test_coverage_with_patients():
    runs, truth = 300, stats.norm.cdf(1.0 / math.sqrt(2.5))
    inside, naive = np.zeros((2, runs))
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        patient = np.repeat(np.arange(60), 3)
        y = patient < 25
        score = y + rng.normal(size=60)[patient] + 0.5 * rng.normal(size=180)
        for counted, groups in ((inside, patient), (naive, None)):
            low, high = bca_interval(auc, y, score, groups, resamples=500, seed=seed).ci
            counted[seed] = low <= truth <= high
    # The standard error of a coverage of 95 % is 1.3 %.
    assert 0.91 < inside.mean() < 0.98
    assert naive.mean() < 0.85
