"""The .632+ bootstrap, against Efron and Tibshirani's formulas written out and what is known at the ends."""

import numpy as np
import pandas as pd
import pytest

from radcompare.compare.arm import measure_arm
from radcompare.compare.auc import auc
from radcompare.compare.bootstrap_632 import auc_632, error_632, no_information_error, split
from radcompare.compare.comparison import compare
from radcompare.tables.predictions import Configuration, checked_predictions

N, SAMPLES = 20, 15
Y = np.arange(N) % 2


def efron_tibshirani(apparent: float, left_out: float, luck: float) -> float:
    """Err.632 + (Err1' - err) .368 .632 R / (1 - .368 R), their equations 24 and 29 to 32."""
    capped = min(left_out, luck)
    rate = (capped - apparent) / (luck - apparent) if min(left_out, luck) > apparent else 0.0
    plain = 0.368 * apparent + 0.632 * left_out
    return plain + (capped - apparent) * 0.368 * 0.632 * rate / (1 - 0.368 * rate)


@pytest.mark.parametrize(
    ("apparent", "left_out"), [(0.0, 0.2), (0.1, 0.4), (0.05, 0.05), (0.2, 0.45), (0.3, 0.25)]
)
def test_the_error_is_efron_and_tibshiranis(apparent: float, left_out: float) -> None:
    expected = efron_tibshirani(apparent, left_out, 0.5)
    assert error_632(apparent, left_out, 0.5) == pytest.approx(expected, abs=1e-15)


def test_full_overfitting_is_worth_nothing() -> None:
    """One nearest neighbour on noise: no apparent error, and half of the left-out cases wrong."""
    assert error_632(0.0, 0.5, 0.5) == pytest.approx(0.5, abs=1e-15)
    assert auc_632(1.0, 0.5) == pytest.approx(0.5, abs=1e-15)
    assert auc_632(1.0, 0.3) == pytest.approx(0.5, abs=1e-15), "below one half reads one half"


def test_without_overfitting_the_weights_are_those_of_the_632_estimate() -> None:
    assert auc_632(0.8, 0.8) == pytest.approx(0.8, abs=1e-15)
    assert auc_632(0.75, 0.8) == pytest.approx(0.368 * 0.75 + 0.632 * 0.8, abs=1e-15)


def test_the_auc_is_sahiners() -> None:
    apparent, left_out = 0.95, 0.7
    rate = (apparent - left_out) / (apparent - 0.5)
    weight = 0.632 / (1 - 0.368 * rate)
    assert auc_632(apparent, left_out) == pytest.approx(
        (1 - weight) * apparent + weight * left_out, abs=1e-15
    )


def test_the_error_without_information() -> None:
    y, predicted = np.array([1, 0, 0, 0]), np.array([1, 1, 0, 0])
    pairs = [t != p for t in y for p in predicted]
    assert no_information_error(y, predicted) == pytest.approx(np.mean(pairs), abs=1e-15)


@pytest.fixture
def rows() -> pd.DataFrame:
    """Left-out cases of every sample, each with its own score, then all cases by a model that saw them."""
    random = np.random.default_rng(1)
    frames = []
    for sample in range(SAMPLES):
        out = np.setdiff1d(np.arange(N), random.integers(0, N, N))
        frames.append(pd.DataFrame({"case": out, "repeat": sample, "bootstrap": "left out"}))
    frames.append(pd.DataFrame({"case": range(N), "repeat": SAMPLES, "bootstrap": "apparent"}))
    frame = pd.concat(frames, ignore_index=True)
    frame["y_true"] = Y[frame["case"]]
    better = np.where(frame["bootstrap"] == "apparent", 2.0, 1.0)
    frame["score"] = frame["y_true"] * better + random.normal(size=len(frame))
    return frame.assign(
        ID=frame["case"].map("c{}".format), predicted=(frame["score"] > 0.5).astype(int), fold=0
    )


def test_an_arm_is_measured_by_it(rows: pd.DataFrame) -> None:
    arm = measure_arm(Configuration("a"), rows, 0.95)
    left_out, apparent = rows[rows["bootstrap"] == "left out"], rows[rows["bootstrap"] == "apparent"]
    areas = [auc(sample["y_true"], sample["score"]) for _, sample in left_out.groupby("repeat")]
    assert arm.auc == auc_632(auc(apparent["y_true"], apparent["score"]), float(np.mean(areas)))
    by_case = [(case["predicted"] != case["y_true"]).mean() for _, case in left_out.groupby("ID")]
    wrong = (apparent["predicted"] != apparent["y_true"]).mean()
    luck = no_information_error(apparent["y_true"], apparent["predicted"])
    assert arm.accuracy == pytest.approx(1 - efron_tibshirani(wrong, np.mean(by_case), luck), abs=1e-14)
    assert (arm.n, arm.n_pos, arm.n_neg) == (N, N // 2, N // 2)
    assert (arm.auc_ci, arm.accuracy_ci, arm.auc_method, arm.roc) == (None, None, ".632+", ())
    assert arm.notes[0].startswith(".632+ estimates from 15 bootstrap samples: no interval")


def test_without_classes_there_is_an_auc_alone(rows: pd.DataFrame) -> None:
    arm = measure_arm(Configuration("a"), rows.assign(predicted=np.nan), 0.95)
    assert arm.accuracy is None
    assert arm.auc is not None


def test_other_designs_are_not_split(rows: pd.DataFrame) -> None:
    assert split(rows.drop(columns="bootstrap")) is None


def test_no_test_is_offered(rows: pd.DataFrame) -> None:
    both = pd.concat([rows.assign(arm="a"), rows.assign(arm="b", score=-rows["score"])])
    results = compare(checked_predictions(both, "p.csv"))
    assert results.pairs == ()
    assert {refusal.test for refusal in results.refused} == {"delong", "mcnemar-exact"}
    assert all("the 15 bootstrap samples share cases" in refusal.reason for refusal in results.refused)
    assert results.design == "20 cases, .632+ bootstrap, 15 samples"
