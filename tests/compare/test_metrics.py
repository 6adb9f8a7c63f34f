"""Every metric of a run with its interval, against the pure functions and the generic bootstrap."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, matthews_corrcoef

from radcompare.compare.auc import auc
from radcompare.compare.bca import bca_interval
from radcompare.compare.metrics import OF_PROBABILITIES, PROPORTIONS, mean_of_runs, measure_run
from radcompare.compare.precision_recall import average_precision
from radcompare.compare.probability import brier
from radcompare.compare.proportion import clopper_pearson, wilson
from radcompare.config import Statistics

N = 60
BOOTSTRAP = Statistics(intervals="bootstrap", resamples=200, seed=3)


@pytest.fixture
def run() -> pd.DataFrame:
    random = np.random.default_rng(1)
    y = np.arange(N) % 2
    p = 1 / (1 + np.exp(-random.normal(y - 0.5, 1)))
    return pd.DataFrame({"y_true": y, "score": p, "predicted": (p >= 0.5).astype(float), "probability": p})


def test_the_values_are_scikit_learns(run: pd.DataFrame) -> None:
    found = measure_run(run, None, Statistics(), 0.95).metrics
    y, p, called = run["y_true"], run["probability"], run["predicted"]
    expected = {
        "f1": f1_score(y, called),
        "mcc": matthews_corrcoef(y, called),
        "average_precision": average_precision_score(y, p),
        "brier": brier_score_loss(y, p),
        "ppv": (called * y).sum() / called.sum(),
        "npv": ((1 - called) * (1 - y)).sum() / (1 - called).sum(),
    }
    assert {name: found[name].value for name in expected} == pytest.approx(expected, abs=1e-14)


def test_proportions_have_wilsons_or_the_exact_interval(run: pd.DataFrame) -> None:
    standard = measure_run(run, None, Statistics(), 0.9).metrics
    exact = measure_run(run, None, Statistics(intervals="exact"), 0.9).metrics
    right = int((run["predicted"] == run["y_true"]).sum())
    assert standard["accuracy"].ci == wilson(right, N, confidence=0.9).ci
    assert exact["accuracy"].ci == clopper_pearson(right, N, confidence=0.9).ci
    for name in PROPORTIONS:
        assert (standard[name].method, exact[name].method) == ("wilson", "clopper-pearson")
    assert (standard["auc"].method, exact["auc"].method) == ("delong", "delong")
    assert {standard[name].ci for name in ("f1", "mcc", "brier")} == {None}


@pytest.mark.parametrize("by_patient", [False, True])
def test_bootstrap_intervals_are_those_of_the_generic_one(run: pd.DataFrame, by_patient: bool) -> None:
    patients = np.repeat(np.arange(N // 2), 2).astype(object) if by_patient else None
    found = measure_run(run, patients, BOOTSTRAP, 0.95).metrics
    settings = {"resamples": 200, "seed": 3}
    y = run["y_true"]
    for name, statistic, values in (
        ("auc", auc, run["score"]),
        ("average_precision", average_precision, run["score"]),
        ("brier", brier, run["probability"]),
        ("mcc", matthews_corrcoef, run["predicted"]),
        ("accuracy", lambda truth, called: float(np.mean(truth == called)), run["predicted"]),
    ):
        expected = bca_interval(statistic, y, values.to_numpy(), patients, **settings)
        assert found[name].ci == pytest.approx(expected.ci, abs=1e-12), name
        assert found[name].method == "bca"
    assert found["calibration_slope"].ci is None


def test_without_probabilities_there_is_no_calibration(run: pd.DataFrame) -> None:
    found = measure_run(run.assign(probability=np.nan), None, BOOTSTRAP, 0.95).metrics
    assert {found[name].value for name in OF_PROBABILITIES} == {None}
    partly = run.assign(probability=run["probability"].where(run.index > 0))
    assert measure_run(partly, None, Statistics(), 0.95).metrics["brier"].value is None


def test_an_infinite_loss_is_told(run: pd.DataFrame) -> None:
    wrong = run.assign(probability=(1 - run["y_true"]).astype(float))
    measured = measure_run(wrong, None, Statistics(), 0.95)
    assert measured.metrics["log_loss"].value is None
    assert any(note.startswith("the log loss is infinite") for note in measured.notes)
    assert any(
        note.startswith("calibration: 60 of 60 probabilities are exactly 0 or 1") for note in measured.notes
    )


def test_the_mean_over_runs(run: pd.DataFrame) -> None:
    other = run.assign(score=1 - run["score"], predicted=1 - run["predicted"])
    found = mean_of_runs([run, other]).metrics
    assert found["auc"].value == pytest.approx(0.5, abs=1e-15)
    assert found["accuracy"].value == pytest.approx(0.5, abs=1e-15)
    assert {metric.ci for metric in found.values()} == {None}


@pytest.mark.parametrize(("called", "word"), [(0, "negative"), (1, "positive")])
def test_one_call_for_all_is_told(called: int, word: str) -> None:
    run = pd.DataFrame({"y_true": [0, 1, 0, 1], "score": [0.1, 0.4, 0.3, 0.2], "predicted": called})
    told = measure_run(run, None, Statistics(), 0.95).notes
    assert f"every case is called {word}: accuracy is but the share of that class" in told
    both = measure_run(run.assign(predicted=[0, 1, 0, 0]), None, Statistics(), 0.95).notes
    assert not any("every case is called" in note for note in both)
