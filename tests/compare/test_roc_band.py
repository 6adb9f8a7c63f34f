"""The band around a ROC curve against curves of scikit-learn on the same resamples."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

from radcompare.compare.comparison import compare
from radcompare.compare.resampling import units
from radcompare.compare.roc_band import GRID, Band, roc_band
from radcompare.config import Statistics
from radcompare.errors import ConfigError, TestRefused
from radcompare.tables.predictions import checked_predictions

Labels = NDArray[np.int64]
Scores = NDArray[np.float64]
RESAMPLES = 150


def cases(seed: int, n: int = 40, *, steps: int = 0) -> tuple[Labels, Scores]:
    """Scores that tell something; in so many steps, which makes ties."""
    random = np.random.default_rng(seed)
    y = np.arange(n) % 3 == 0
    score = random.normal(y * 0.8)
    return y.astype(np.int64), np.round(score * steps) / steps if steps else score


def height(x: Scores, y: Scores, rate: float) -> float:
    """A curve read at one rate, along its straight pieces; at the top where it is vertical."""
    if (at := y[x == rate]).size:
        return float(at.max())
    after = int(np.argmax(x > rate))
    share = (rate - x[after - 1]) / (x[after] - x[after - 1])
    return float(y[after - 1] + share * (y[after] - y[after - 1]))


def expected(
    y: Labels, score: Scores, groups: Labels | None = None, *, confidence: float = 0.95, seed: int = 1
) -> Scores:
    """The same from scikit-learn's curves, resample for resample."""
    heights = []
    for weights in units(y, groups).draws(RESAMPLES, seed):
        for weight in weights:
            if min(weight[y == 0].sum(), weight[y == 1].sum()) == 0:
                continue
            x, top, _ = roc_curve(y, score, sample_weight=weight, drop_intermediate=False)
            heights.append([height(x, top, rate) for rate in GRID])
    ends = [(1 - confidence) / 2, (1 + confidence) / 2]
    return np.asarray(np.quantile(np.array(heights), ends, axis=0).T)


def ends_of(band: Band) -> Scores:
    assert [rate for rate, _, _ in band] == list(GRID)
    return np.array([(low, high) for _, low, high in band])


@pytest.mark.parametrize("steps", [0, 2], ids=["distinct", "ties"])
def test_it_is_the_interval_of_curves_that_scikit_learn_draws(steps: int) -> None:
    y, score = cases(3, steps=steps)
    assert (np.unique(score).size < score.size) == bool(steps)
    band = roc_band(y, score, resamples=RESAMPLES)
    np.testing.assert_allclose(ends_of(band), expected(y, score), rtol=0, atol=1e-12)


def test_patients_are_drawn_with_all_their_cases() -> None:
    y, score = cases(4)
    patients = np.arange(y.size) // 4
    band = ends_of(roc_band(y, score, groups=patients, resamples=RESAMPLES))
    np.testing.assert_allclose(band, expected(y, score, patients), rtol=0, atol=1e-12)
    assert np.abs(band - ends_of(roc_band(y, score, resamples=RESAMPLES))).max() > 0.01


def test_a_resample_of_one_class_alone_is_left_out() -> None:
    """The one patient with both classes joins the largest stratum, and may be drawn over all others."""
    y, patients = np.array([0, 0, 0, 1, 0, 1, 1]), np.array([1, 2, 3, 4, 4, 5, 5])
    score = np.array([0.1, 0.5, 0.2, 0.6, 0.4, 0.3, 0.9])
    drawn = np.concatenate(list(units(y, patients).draws(RESAMPLES, 1)))
    assert (drawn[:, y == 1].sum(axis=1) == 0).any()
    band = ends_of(roc_band(y, score, groups=patients, resamples=RESAMPLES))
    np.testing.assert_allclose(band, expected(y, score, patients), rtol=0, atol=1e-12)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.99])
def test_the_level_is_that_of_the_interval(confidence: float) -> None:
    y, score = cases(5)
    band = roc_band(y, score, confidence=confidence, resamples=RESAMPLES)
    np.testing.assert_allclose(ends_of(band), expected(y, score, confidence=confidence), rtol=0, atol=1e-12)


def test_perfect_separation_leaves_nothing_open() -> None:
    band = roc_band([0, 0, 0, 1, 1], [0.1, 0.2, 0.3, 0.7, 0.9], resamples=RESAMPLES)
    assert band == tuple((rate, 1.0, 1.0) for rate in GRID)


def test_scores_all_alike_are_the_diagonal() -> None:
    band = ends_of(roc_band([0, 0, 0, 1, 1], [0.5] * 5, resamples=RESAMPLES))
    np.testing.assert_allclose(band, np.array([GRID, GRID]).T, rtol=0, atol=1e-15)


def test_the_curve_of_the_cases_lies_within() -> None:
    y, score = cases(6, n=90)
    x, top, _ = roc_curve(y, score, drop_intermediate=False)
    band = ends_of(roc_band(y, score))
    told = np.array([height(x, top, rate) for rate in GRID])
    assert (band[:, 0] <= told).all()
    assert (told <= band[:, 1]).all()
    assert (np.diff(band, axis=0) >= 0).all()
    assert band[25, 1] - band[25, 0] > 0.1


def test_the_seed_alone_decides() -> None:
    y, score = cases(7)
    first = roc_band(y, score, resamples=RESAMPLES, seed=2)
    assert roc_band(y, score, resamples=RESAMPLES, seed=2) == first
    assert roc_band(y, score, resamples=RESAMPLES, seed=3) != first
    np.testing.assert_allclose(ends_of(first), expected(y, score, seed=2), rtol=0, atol=1e-12)


def test_the_order_of_the_scale_does_not_matter() -> None:
    y, score = cases(8)
    assert roc_band(y, np.exp(score), resamples=RESAMPLES) == roc_band(y, score, resamples=RESAMPLES)


@pytest.mark.parametrize(
    ("y", "score", "groups"),
    [
        ([0, 0, 0, 1], [0.1, 0.2, 0.3, 0.4], None),
        ([0, 0, 0, 0], [0.1, 0.2, 0.3, 0.4], None),
        ([0, 0, 1, 1], [0.1, 0.2, np.nan, 0.4], None),
        ([0, 0, 1, 1], [0.1, 0.2, 0.4], None),
        ([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], ["a", "b", "c", "c"]),
    ],
    ids=["one of a class", "one class", "missing", "lengths", "one patient of a class"],
)
def test_what_cannot_be_resampled_is_refused(
    y: list[int], score: list[float], groups: list[str] | None
) -> None:
    with pytest.raises(TestRefused):
        roc_band(y, score, groups=groups, resamples=RESAMPLES)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ConfigError, match="seed -1"):
        roc_band(*cases(9), resamples=RESAMPLES, seed=-1)


def predictions(repeats: int = 1) -> pd.DataFrame:
    """Two arms, the first with a second configuration."""
    y, score = cases(10)
    ids = [f"c{number}" for number in range(y.size)]
    plain = pd.DataFrame({"ID": ids, "y_true": y, "fold": np.arange(y.size) % 5})
    ways = [("a", "su", "5", score), ("a", "su", "9", -score), ("b", "su", "5", score**3)]
    return pd.concat(
        plain.assign(arm=arm, selector=selector, k=k, score=values, repeat=repeat)
        for repeat in range(repeats)
        for arm, selector, k, values in ways
    )


FEW = Statistics(resamples=RESAMPLES, seed=4)


def test_primary_arms_alone_have_bands_by_the_settings_of_the_comparison() -> None:
    results = compare(checked_predictions(predictions(), "p"), confidence=0.9, statistics=FEW)
    y, score = cases(10)
    assert results.arms[0].roc_band == roc_band(y, score, confidence=0.9, resamples=RESAMPLES, seed=4)
    assert all(arm.roc_band for arm in results.arms)
    assert [(arm.arm, arm.k, arm.roc_band, bool(arm.roc)) for arm in results.exploratory] == [
        ("a", "9", (), True)
    ]


def test_patients_reach_the_band() -> None:
    frame = predictions().assign(group=lambda rows: rows["ID"].str[:2])
    results = compare(checked_predictions(frame, "p"), statistics=FEW)
    y, score = cases(10)
    groups = [f"c{number}"[:2] for number in range(y.size)]
    assert results.arms[0].roc_band == roc_band(y, score, groups=groups, resamples=RESAMPLES, seed=4)


def test_several_runs_have_no_one_curve_and_no_band() -> None:
    results = compare(checked_predictions(predictions(2), "p"), statistics=FEW)
    assert [arm.roc_band for arm in results.arms] == [(), ()]


def test_one_case_of_a_class_has_a_curve_without_a_band() -> None:
    frame = pd.DataFrame(
        {"ID": list("abcd"), "arm": "a", "y_true": [0, 0, 0, 1], "score": [0.1, 0.4, 0.2, 0.3]}
    )
    (arm,) = compare(checked_predictions(frame, "p"), statistics=FEW).arms
    assert arm.roc == ((0.0, 0.0), (1 / 3, 0.0), (1 / 3, 1.0), (1.0, 1.0))
    assert arm.roc_band == ()
