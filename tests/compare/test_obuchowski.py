import numpy as np
import pytest

from radcompare.compare.auc import auc, auc_interval
from radcompare.compare.delong import delong_clustered, delong_test
from radcompare.compare.obuchowski import auc_interval_clustered
from radcompare.errors import TestRefused

Z975 = 1.959963984540054


def lesions(seed, patients=40, effect=1.0):
    """Patients with 1 to 4 lesions of either class; both scores share a patient effect of their own."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(patients), rng.integers(1, 5, patients))
    n = cluster.size
    y = rng.random(n) < rng.beta(1, 1, patients)[cluster]
    patient_a, patient_b = rng.normal(size=(2, patients))
    a = effect * y + patient_a[cluster] + 0.5 * rng.normal(size=n)
    b = effect * y + patient_b[cluster] + 0.5 * rng.normal(size=n)
    return y, a, b, cluster


def obuchowski_by_loops(y, scores, cluster):
    """The formulas of the paper, term by term: variance of the difference of two scores."""
    total = np.zeros((2, 2))
    names = sorted(set(cluster))
    m, n = y.sum(), (~y).sum()
    v10, v01, theta = [], [], []
    for s in scores:
        psi = (s[y][:, None] > s[~y]) + 0.5 * (s[y][:, None] == s[~y])
        v10.append(psi.mean(axis=1)), v01.append(psi.mean(axis=0)), theta.append(psi.mean())
    counts = len(names), len(set(cluster[y])), len(set(cluster[~y]))
    i_all, i10, i01 = counts
    for r in (0, 1):
        for t in (0, 1):
            s10 = s01 = s11 = s11_swapped = 0.0
            for name in names:
                pos, neg = cluster[y] == name, cluster[~y] == name
                x = [v10[k][pos].sum() - pos.sum() * theta[k] for k in (0, 1)]
                z = [v01[k][neg].sum() - neg.sum() * theta[k] for k in (0, 1)]
                s10 += x[r] * x[t]
                s01 += z[r] * z[t]
                s11 += x[r] * z[t]
                s11_swapped += x[t] * z[r]
            s10 *= i10 / ((i10 - 1) * m)
            s01 *= i01 / ((i01 - 1) * n)
            s11, s11_swapped = (s * i_all / (i_all - 1) for s in (s11, s11_swapped))
            total[r, t] = s10 / m + s01 / n + (s11 + s11_swapped) / (m * n)
    return total


@pytest.mark.parametrize("seed", range(5))
def test_the_paper_s_formulas(seed):
    y, a, b, cluster = lesions(seed)
    a, b = np.round(a, 1), np.round(b, 1)
    expected = obuchowski_by_loops(y, (a, b), cluster)
    variance = expected[0, 0] + expected[1, 1] - 2 * expected[0, 1]
    result = delong_clustered(y, a, b, cluster)
    assert (result.difference / result.statistic) ** 2 == pytest.approx(variance, rel=1e-11)
    estimate = auc_interval_clustered(y, a, cluster, confidence=0.5)
    half_width = (estimate.ci[1] - estimate.ci[0]) / 2 / 0.6744897501960817
    assert half_width**2 == pytest.approx(expected[0, 0], rel=1e-11)


def test_the_interval_of_single_lesions_is_delong_s():
    y, a, _, _ = lesions(1)
    alone, clustered = auc_interval(y, a), auc_interval_clustered(y, a, np.arange(y.size))
    assert clustered.value == alone.value == auc(y, a)
    assert clustered.ci == pytest.approx(alone.ci, abs=1e-14)
    assert "clusters" in clustered.note


def test_no_deviation_of_any_cluster_is_no_variance():
    y, cluster = [0, 0, 1, 1, 0, 1], [1, 1, 1, 2, 2, 3]
    result = delong_clustered(y, y, np.zeros(6), cluster)
    assert result.p == 0.0
    assert "variance is 0" in result.note


def test_patients_of_one_class_must_be_two():
    with pytest.raises(TestRefused, match="1 clusters with positive and 2 with negative") as refused:
        delong_clustered([1, 1, 0, 0], [4, 3, 2, 1], [1, 2, 3, 4], ["p", "p", "p", "q"])
    assert refused.value.hint


@pytest.mark.parametrize(
    ("clusters", "message"),
    [
        (["p", None, "q", "q"], "clusters: 1 missing, the first at position 1"),
        ([1.0, 2.0, 3.0, np.nan], "clusters: 1 missing"),
        ([1, 2, 3], "4 outcomes and 3 values"),
    ],
)
def test_every_case_has_a_cluster(clusters, message):
    with pytest.raises(TestRefused, match=message):
        delong_clustered([1, 1, 0, 0], [4, 3, 2, 1], [1, 2, 3, 4], clusters)


@pytest.mark.slow
def test_the_variance_is_that_of_new_patients_and_delong_s_is_too_small():
    runs = 1500
    differences, clustered, naive, rejected = np.zeros((4, runs))
    for seed in range(runs):
        data = lesions(seed, patients=60)
        result, plain = delong_clustered(*data), delong_test(*data[:3])
        differences[seed] = result.difference
        clustered[seed] = ((result.ci[1] - result.difference) / Z975) ** 2
        naive[seed] = ((plain.ci[1] - plain.difference) / Z975) ** 2
        rejected[seed] = result.p < 0.05
    # The variance of 1500 differences has a standard error of 3.7 %.
    assert clustered.mean() == pytest.approx(differences.var(), rel=0.1)
    assert naive.mean() < 0.75 * differences.var()
    assert 0.035 < rejected.mean() < 0.075


@pytest.mark.slow
def test_the_variance_is_that_of_resampled_patients():
    y, a, b, cluster = lesions(11, patients=150)
    members = [np.flatnonzero(cluster == name) for name in np.unique(cluster)]
    rng = np.random.default_rng(1)
    resampled = []
    for _ in range(1500):
        cases = np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])
        resampled.append(auc(y[cases], a[cases]) - auc(y[cases], b[cases]))
    result = delong_clustered(y, a, b, cluster)
    assert result.difference / result.statistic == pytest.approx(np.std(resampled), rel=0.1)
