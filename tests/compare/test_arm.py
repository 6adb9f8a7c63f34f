"""What is said of one arm, against arithmetic and the pure functions."""

import numpy as np
import pandas as pd
import pytest

from radcompare.compare.arm import clusters, measure_arm
from radcompare.compare.auc import auc, auc_interval
from radcompare.compare.clustered_accuracy import accuracy_interval_clustered
from radcompare.compare.obuchowski import auc_interval_clustered
from radcompare.compare.proportion import wilson
from radcompare.tables.predictions import Configuration
from radcompare.tables.results import ArmResult

Y = [0, 0, 0, 0, 1, 1, 1, 1]
SCORE = [0.1, 0.4, 0.35, 0.8, 0.3, 0.6, 0.7, 0.9]
CONFIGURATION = Configuration("arm", "su", "5", "cart")


def rows(score: list[float] = SCORE, y: list[int] = Y, **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame({"ID": [f"c{i}" for i in range(len(y))], "y_true": y, "score": score})
    predicted = (frame["score"] >= 0.5).astype(float)
    return frame.assign(**({"repeat": 0, "fold": 0, "predicted": predicted} | columns))


def measured(frame: pd.DataFrame) -> ArmResult:
    return measure_arm(CONFIGURATION, frame, 0.95)


def test_the_metrics_of_one_run() -> None:
    arm = measured(rows())
    assert (arm.arm, arm.selector, arm.k, arm.classifier) == ("arm", "su", "5", "cart")
    assert (arm.n, arm.n_pos, arm.n_neg) == (8, 4, 4)
    assert arm.accuracy == 6 / 8
    assert (arm.sensitivity, arm.specificity, arm.balanced_accuracy) == (3 / 4, 3 / 4, 3 / 4)
    assert arm.accuracy_ci == wilson(6, 8).ci
    assert arm.auc == (1 + 3 + 3 + 4) / 16, "pairs won by the positives 0.3, 0.6, 0.7, 0.9"
    assert arm.auc_ci == auc_interval(Y, SCORE).ci
    assert (arm.accuracy_method, arm.auc_method) == ("wilson", "delong")
    assert arm.notes == ()
    assert arm.untrained == ""


def test_the_curve_encloses_the_area() -> None:
    x, y = zip(*measured(rows()).roc, strict=True)
    assert np.trapezoid(y, x) == pytest.approx(11 / 16, abs=1e-15)


def test_the_confidence_is_that_asked_for() -> None:
    arm = measure_arm(CONFIGURATION, rows(), 0.9)
    assert arm.accuracy_ci == wilson(6, 8, confidence=0.9).ci
    assert arm.auc_ci == auc_interval(Y, SCORE, confidence=0.9).ci


def test_several_runs_have_means_and_no_interval() -> None:
    second = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.45]
    arm = measured(pd.concat([rows(), rows(second, repeat=1)]))
    assert arm.auc == (11 / 16 + 1) / 2
    assert arm.accuracy == (6 / 8 + 7 / 8) / 2
    assert (arm.sensitivity, arm.specificity) == (3 / 4, (3 / 4 + 1) / 2)
    assert (arm.accuracy_ci, arm.auc_ci, arm.roc) == (None, None, ())
    assert (arm.n, arm.n_pos) == (8, 4)
    assert arm.notes == (
        "the mean over 2 runs of the same cases: no interval, as the runs are not independent",
    )


def test_runs_of_different_cases_count_every_case_once() -> None:
    arm = measured(pd.concat([rows().iloc[:6], rows(repeat=1).iloc[2:]]))
    assert (arm.n, arm.n_pos, arm.n_neg) == (8, 4, 4)


def test_cases_of_one_patient_make_patients_the_unit() -> None:
    groups = list("aabbccdd")
    arm = measured(rows(group=groups))
    expected = auc_interval_clustered(Y, SCORE, groups)
    assert (arm.auc, arm.auc_ci, arm.auc_method) == (expected.value, expected.ci, "delong-clustered")
    assert arm.accuracy == 6 / 8
    by_patient = accuracy_interval_clustered(Y, rows()["predicted"], groups)
    assert (arm.accuracy_ci, arm.accuracy_method) == (by_patient.ci, "wilson-clustered")
    assert by_patient.note in arm.notes


def test_groups_of_one_case_are_no_groups() -> None:
    arm = measured(rows(group=list("abcdefgh")))
    assert (arm.auc_method, arm.accuracy_method) == ("delong", "wilson")
    assert clusters(rows()) is None


def test_without_predicted_classes_there_is_no_accuracy() -> None:
    arm = measured(rows(predicted=[np.nan] + [1.0] * 7))
    assert (arm.accuracy, arm.accuracy_ci, arm.balanced_accuracy, arm.sensitivity) == (None,) * 4
    assert arm.notes == ("no accuracy, as there are no predicted classes",)
    assert arm.auc == 11 / 16


def test_one_class_has_an_accuracy_but_no_area() -> None:
    arm = measured(rows(y=[1] * 8))
    assert arm.accuracy == 4 / 8
    assert (arm.specificity, arm.balanced_accuracy, arm.auc, arm.auc_ci) == (None,) * 4
    assert arm.sensitivity == 4 / 8
    assert arm.notes == ("no AUC: 8 positive and 0 negative cases: at least 1 of each needed",)


def test_one_case_of_a_class_has_an_area_but_no_interval() -> None:
    arm = measured(rows(y=[0] * 7 + [1]))
    assert arm.auc == auc([0] * 7 + [1], SCORE) == 1.0
    assert arm.auc_ci is None
    assert arm.notes == (
        "no interval of the AUC: 1 positive and 7 negative cases: at least 2 of each needed",
    )


def test_perfect_separation_says_that_its_interval_is_no_interval() -> None:
    arm = measured(rows([0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9]))
    assert (arm.auc, arm.auc_ci) == (1.0, (1.0, 1.0))
    assert "variance is 0" in arm.notes[0]


def test_random_weights_show_in_the_label() -> None:
    arm = measured(rows(untrained="untrained (random, seed 1)"))
    assert arm.untrained == "untrained (random, seed 1)"
    assert arm.label == "arm [untrained]"
    assert measured(rows(untrained=None)).label == "arm"
