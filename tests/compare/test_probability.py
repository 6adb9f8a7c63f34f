"""Brier score, log loss and calibration against scikit-learn and statsmodels, and where they have no value."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit
from sklearn.calibration import calibration_curve as sklearn_curve
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as sklearn_log_loss

from radcompare.compare import probability
from radcompare.compare.probability import (
    brier,
    calibration_curve,
    calibration_slope_intercept,
    expected_calibration_error,
    log_loss,
)
from radcompare.errors import ConfigError, TestRefused


def drawn(seed: int, n: int = 80, slope: float = 0.7, shift: float = 0.4) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    eta = random.normal(0, 1.5, n)
    return (random.random(n) < expit(shift + slope * eta)).astype(int), expit(eta)


@pytest.mark.parametrize("seed", range(4))
def test_scores_of_probabilities_are_scikit_learns(seed: int) -> None:
    y, p = drawn(seed)
    assert brier(y, p) == pytest.approx(brier_score_loss(y, p), abs=1e-15)
    assert log_loss(y, p) == pytest.approx(sklearn_log_loss(y, p), abs=1e-14)


@pytest.mark.parametrize("seed", range(4))
def test_slope_and_intercept_are_those_of_a_logistic_regression(seed: int) -> None:
    y, p = drawn(seed)
    family = sm.families.Binomial()
    slope = sm.GLM(y, sm.add_constant(logit(p)), family=family).fit(tol=1e-14).params[1]
    intercept = sm.GLM(y, np.ones((len(y), 1)), family=family, offset=logit(p)).fit(tol=1e-14).params[0]
    found = calibration_slope_intercept(y, p)
    assert found.slope == pytest.approx(slope, abs=1e-10)
    assert found.intercept == pytest.approx(intercept, abs=1e-10)
    assert found.note == ""


@pytest.mark.parametrize("seed", range(3))
def test_the_curve_and_its_error(seed: int) -> None:
    y, p = drawn(seed, 300)
    observed, predicted = sklearn_curve(y, p, n_bins=10)
    curve = calibration_curve(y, p)
    np.testing.assert_allclose(curve.observed, observed, atol=1e-14)
    np.testing.assert_allclose(curve.predicted, predicted, atol=1e-14)
    assert curve.count.sum() == 300
    weights = curve.count / 300
    assert expected_calibration_error(y, p) == pytest.approx(
        float((weights * abs(observed - predicted)).sum()), abs=1e-14
    )


def test_a_value_on_an_edge_is_in_the_lower_bin() -> None:
    assert calibration_curve([0, 1, 0], [0.0, 0.3, 0.31]).count.tolist() == [1, 1, 1]
    assert calibration_curve([0, 1], [0.25, 0.3]).count.tolist() == [2]


def test_what_was_called_impossible_and_happened_costs_everything() -> None:
    assert log_loss([1, 0], [0.0, 0.2]) == math.inf
    assert log_loss([1, 0], [1.0, 0.0]) == 0.0
    assert brier([1, 0], [0.0, 0.0]) == 0.5


@pytest.mark.parametrize(
    ("y", "p", "note"),
    [
        ([0, 1, 1], [0.0, 0.5, 0.7], "1 of 3 probabilities are exactly 0 or 1"),
        ([1, 1, 1], [0.2, 0.5, 0.7], probability.ONE_CLASS),
        ([0, 1, 1], [0.5, 0.5, 0.5], probability.CONSTANT),
        ([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], probability.SEPARATED),
        ([1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4], probability.SEPARATED_WRONGLY),
    ],
    ids=["certain", "one class", "constant", "separated", "separated wrongly"],
)
def test_where_there_is_no_slope_the_note_says_why(y: list[int], p: list[float], note: str) -> None:
    found = calibration_slope_intercept(y, p)
    assert math.isnan(found.slope)
    assert note in found.note


def test_what_is_no_probability_is_refused() -> None:
    with pytest.raises(TestRefused, match=r"expected 0 to 1, found 1\.5"):
        brier([0, 1], [0.5, 1.5])
    with pytest.raises(TestRefused, match="2 outcomes and 3 values"):
        log_loss([0, 1], [0.5, 0.5, 0.5])
    with pytest.raises(ConfigError, match="0 bins"):
        calibration_curve([0, 1], [0.5, 0.5], 0)
