import numpy as np
import pytest
from sklearn.metrics import auc as trapezoid_area
from sklearn.metrics import roc_auc_score
from sklearn.metrics import roc_curve as sklearn_roc_curve

from radcompare.compare.auc import auc, auc_interval, delong_covariance, placements, roc_curve
from radcompare.errors import TestRefused

OUTCOME = {"aSAH": "outcome"}
VARIANCES = [("auc1", "var1", "ci1"), ("auc2", "var2", "ci2")]


def kernel(positive, negative):
    """The Mann-Whitney kernel of every pair, shape (n_pos, n_neg)."""
    return (positive[:, None] > negative[None, :]) + 0.5 * (positive[:, None] == negative[None, :])


def brute_covariance(y, scores):
    v10 = np.array([kernel(s[y], s[~y]).mean(axis=1) for s in scores])
    v01 = np.array([kernel(s[y], s[~y]).mean(axis=0) for s in scores])
    return np.cov(v10) / y.sum() + np.cov(v01) / (~y).sum()


def tied_data(seed, n=60, k=4):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) < rng.integers(5, n - 5))
    return y, np.round(rng.normal(size=(k, n)) + 0.7 * y, decimals=seed % 3)


def test_every_auc_variance_and_interval_of_proc(rows, column):
    reference = rows("auc_delong_reference")
    assert len(reference) == 12
    for row in reference:
        y = column(row["dataset"], OUTCOME.get(row["dataset"], "y"))
        scores = [column(row["dataset"], row[marker]) for marker in ("marker1", "marker2")]
        areas, covariance = delong_covariance(y, scores)
        assert covariance[0, 1] == pytest.approx(float(row["cov12"]), abs=1e-12, rel=0)
        for i, (area, variance, ci) in enumerate(VARIANCES):
            estimate = auc_interval(y, scores[i])
            assert estimate.value == areas[i] == auc(y, scores[i])
            assert areas[i] == pytest.approx(float(row[area]), abs=1e-12, rel=0)
            assert covariance[i, i] == pytest.approx(float(row[variance]), abs=1e-12, rel=0)
            expected = (float(row[f"{ci}_lo"]), float(row[f"{ci}_hi"]))
            assert estimate.ci == pytest.approx(expected, abs=1e-12, rel=0)


@pytest.mark.parametrize("seed", range(12))
def test_midranks_equal_the_kernel_on_tied_scores(seed):
    y, scores = tied_data(seed)
    areas, covariance = delong_covariance(y, scores)
    brute = [kernel(s[y], s[~y]).mean() for s in scores]
    assert areas == pytest.approx(brute, abs=1e-14)
    assert areas == pytest.approx([roc_auc_score(y, s) for s in scores], abs=1e-14)
    assert covariance == pytest.approx(brute_covariance(y, scores), abs=1e-14)


def test_placements_are_counts():
    components = placements([0, 1, 0, 1], [[1.0, 2.0, 2.0, 3.0]])
    assert components.positive.tolist() == [[1.5, 2.0]]
    assert components.negative.tolist() == [[2.0, 1.5]]
    assert (components.n_pos, components.n_neg) == (2, 2)


@pytest.mark.parametrize(
    "transform", [np.exp, np.cbrt, lambda s: 3 * s - 100, lambda s: s.astype(np.float32)]
)
def test_only_the_order_of_scores_matters(transform):
    y, scores = tied_data(1)
    expected, actual = delong_covariance(y, scores), delong_covariance(y, transform(scores))
    assert np.array_equal(expected[0], actual[0])
    assert np.array_equal(expected[1], actual[1])


def test_a_reversed_score_mirrors_the_area():
    y, scores = tied_data(4)
    areas, covariance = delong_covariance(y, [scores[0], -scores[0]])
    assert areas.sum() == pytest.approx(1.0, abs=1e-15)
    assert covariance == pytest.approx(covariance[0, 0] * np.array([[1, -1], [-1, 1]]), abs=1e-16)


def test_infinite_scores_are_ordered():
    assert auc([0, 1, 0, 1], [-np.inf, np.inf, 0.0, np.inf]) == 1.0


def test_perfect_separation_has_an_interval_without_width_and_says_so():
    estimate = auc_interval([0, 0, 1, 1], [1, 2, 3, 4])
    assert (estimate.value, estimate.ci) == (1.0, (1.0, 1.0))
    assert "variance is 0" in estimate.note


def test_equal_scores_say_nothing():
    estimate = auc_interval([0, 0, 1, 1], [7, 7, 7, 7])
    assert (estimate.value, estimate.ci) == (0.5, (0.5, 0.5))


def test_a_vote_is_scored_by_its_hard_labels():
    # 56 of 85 and 134 of 152 right: (56/85 + 134/152) / 2
    y = np.repeat([1, 0], [85, 152])
    vote = np.repeat([1, 0, 0, 1], [56, 29, 134, 18])
    assert auc(y, vote) == pytest.approx((56 / 85 + 134 / 152) / 2, abs=1e-15)
    assert round(auc(y, vote), 3) == 0.770


def test_the_ratings_of_hanley_and_mcneil():
    # Radiology 143:29, table II: 58 normal and 51 abnormal CT images rated 1 to 5; area 0.893.
    counts = [33, 6, 6, 11, 2, 3, 2, 2, 11, 33]
    assert round(auc(np.repeat([0, 1], [58, 51]), np.repeat([1, 2, 3, 4, 5] * 2, counts)), 3) == 0.893


def test_higher_confidence_is_wider():
    y, scores = tied_data(7)
    narrow, wide = (auc_interval(y, scores[0], confidence=c).ci for c in (0.8, 0.99))
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


@pytest.mark.parametrize("y", [[1, 1, 1], [0, 0, 0]])
def test_one_class_has_no_auc(y):
    for measure in (auc, auc_interval, roc_curve):
        with pytest.raises(TestRefused, match="positive and") as refused:
            measure(y, [1.0, 2.0, 3.0])
        assert refused.value.hint


def test_one_positive_has_an_auc_but_no_variance():
    assert auc([0, 0, 1], [1, 3, 2]) == 0.5
    with pytest.raises(TestRefused, match="at least 2 of each") as refused:
        auc_interval([0, 0, 1], [1, 3, 2])
    assert "Hanley-McNeil" in refused.value.hint


@pytest.mark.parametrize("seed", range(9))
def test_the_curve_encloses_the_area(seed):
    y, scores = tied_data(seed)
    curve = roc_curve(y, scores[0])
    assert trapezoid_area(curve.fpr, curve.tpr) == pytest.approx(auc(y, scores[0]), abs=1e-14)
    assert (curve.fpr[0], curve.tpr[0], curve.fpr[-1], curve.tpr[-1]) == (0, 0, 1, 1)
    assert curve.thresholds[0] == np.inf
    assert np.all(np.diff(curve.thresholds) < 0)
    for fpr, tpr, threshold in zip(*curve, strict=True):
        assert tpr == np.mean(scores[0][y] >= threshold)
        assert fpr == np.mean(scores[0][~y] >= threshold)


@pytest.mark.parametrize("seed", range(9))
def test_the_curve_is_that_of_scikit_learn_without_straight_points(seed):
    y, scores = tied_data(seed)
    every = np.array(sklearn_roc_curve(y, scores[0], drop_intermediate=False)[:2])
    curve = roc_curve(y, scores[0])
    assert {tuple(p) for p in zip(curve.fpr, curve.tpr, strict=True)} <= {tuple(p) for p in every.T}
    along_every, along_curve = every.sum(axis=0), curve.fpr + curve.tpr
    assert np.interp(along_every, along_curve, curve.fpr) == pytest.approx(every[0], abs=1e-14)
    assert np.interp(along_every, along_curve, curve.tpr) == pytest.approx(every[1], abs=1e-14)
    steps = np.diff(np.array(curve[:2]), axis=1)
    turns = steps[0, :-1] * steps[1, 1:] - steps[0, 1:] * steps[1, :-1]
    assert np.all(np.abs(turns) > 1e-9)


def test_the_curve_of_a_perfect_score_has_three_corners():
    curve = roc_curve([0, 0, 1, 1], [1, 2, 3, 4])
    assert (curve.fpr.tolist(), curve.tpr.tolist()) == ([0, 0, 1], [0, 1, 1])
    assert curve.thresholds.tolist() == [np.inf, 3, 1]
