"""Points of ROC curves: those of scikit-learn, those of the results, and the cases that each consists of."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata
from sklearn.metrics import roc_curve
from small_run import ARMS, CASES, IMAGE, prediction_frame, predictions_of

from radcompare.compare.comparison import compare
from radcompare.tables.predictions import read_predictions
from radcompare.tables.results import read_results
from radcompare.view.points import ArmPoints, arm_points, case_numbers, panel, points_of


def curves_of(frame: pd.DataFrame) -> list[ArmPoints]:
    predictions = predictions_of(frame)
    return arm_points(predictions, compare(predictions).arms)


def corners(
    rates: tuple[tuple[float, float], ...], n_neg: int, n_pos: int
) -> tuple[tuple[float, float], ...]:
    """The points at which a curve turns, and its ends, in whole cases so that nothing is rounded."""
    counts = [(round(fpr * n_neg), round(tpr * n_pos)) for fpr, tpr in rates]
    kept = [
        here
        for number, here in enumerate(rates)
        if number in (0, len(rates) - 1) or turns(*counts[number - 1 : number + 2])
    ]
    return tuple(kept)


def turns(before: tuple[int, int], here: tuple[int, int], after: tuple[int, int]) -> bool:
    (x0, y0), (x1, y1), (x2, y2) = before, here, after
    return (x1 - x0) * (y2 - y1) != (x2 - x1) * (y1 - y0)


@pytest.mark.parametrize("decimals", [0, 1, 8])
def test_the_points_are_those_of_scikit_learn(decimals: int) -> None:
    random = np.random.default_rng(decimals)
    y = random.integers(0, 2, 300)
    scores = (y + random.normal(size=300)).round(decimals)
    points = points_of(y, scores, range(300))
    fpr, tpr, thresholds = roc_curve(y, scores, drop_intermediate=False)
    assert [point.threshold for point in points] == thresholds.tolist()
    assert [point.false_positives / (y == 0).sum() for point in points] == fpr.tolist()
    assert [point.true_positives / y.sum() for point in points] == tpr.tolist()


def test_the_points_at_which_the_curve_turns_are_those_of_the_results() -> None:
    predictions = predictions_of(prediction_frame())
    for curve in arm_points(predictions, compare(predictions).arms):
        assert curve.result.n_neg is not None
        assert curve.result.n_pos is not None
        assert corners(curve.rates, curve.result.n_neg, curve.result.n_pos) == curve.result.roc
        assert len(curve.points) == predictions.frame.query("arm == @curve.result.arm")["score"].nunique() + 1


def test_they_are_so_after_the_files_of_a_run_are_read_back(run_folder: Path) -> None:
    predictions = read_predictions(str(run_folder / "predictions.csv"))
    results = read_results(run_folder / "results.json")
    for curve in arm_points(predictions, results.arms):
        assert corners(curve.rates, len(CASES) // 2, len(CASES) // 2) == curve.result.roc


def test_a_point_consists_of_the_cases_with_its_score() -> None:
    frame = prediction_frame()
    numbers = case_numbers(frame)
    for curve in curves_of(frame):
        scores = frame[frame["arm"] == curve.result.arm].set_index("ID")["score"]
        assert [point.cases for point in curve.points[:1]] == [()]
        for point in curve.points[1:]:
            assert set(point.cases) == {numbers[case] for case in scores.index[scores == point.threshold]}
        assert sorted(case for point in curve.points for case in point.cases) == list(range(len(CASES)))


def test_ranks_count_from_the_highest_score_and_are_shared() -> None:
    frame = prediction_frame()
    curve = curves_of(frame)[0]
    scores = frame[frame["arm"] == ARMS[0]]["score"].to_numpy()
    first, last = rankdata(-scores, "min"), rankdata(-scores, "max")
    assert any(len(point.cases) > 1 for point in curve.points)
    for point in curve.points[1:]:
        assert {(first[case], last[case]) for case in point.cases} == {point.ranks}


def test_only_the_primary_configuration_of_an_arm_has_a_curve() -> None:
    swept = prediction_frame(k=5)
    swept = pd.concat([swept, swept.assign(k=10, score=swept["score"] * -1)], ignore_index=True)
    again = curves_of(swept)
    assert [curve.points for curve in again] == [curve.points for curve in curves_of(prediction_frame())]


def test_an_arm_may_lack_cases() -> None:
    frame = prediction_frame()
    curves = curves_of(frame.drop(index=range(4)))
    assert [curve.points[-1].ranks[1] for curve in curves] == [len(CASES) - 4, len(CASES), len(CASES)]


def test_runs_of_the_same_cases_have_no_single_curve() -> None:
    frame = pd.concat([prediction_frame(repeat=repeat) for repeat in range(3)], ignore_index=True)
    told = panel(predictions_of(frame), compare(predictions_of(frame)).arms)
    assert told["arms"] == told["cases"] == []
    assert told["without"] == [f"No single curve of {', '.join(ARMS)}: 3 runs of the same cases."]


def test_more_than_two_classes_have_none() -> None:
    random = np.random.default_rng(0)
    scores = {f"score_{name}": random.random(30) for name in "abc"}
    frame = pd.DataFrame({"ID": range(30), "arm": "x", "y_true": list("abc") * 10, **scores})
    assert [curve.reason for curve in curves_of(frame)] == ["more than two classes"]


def test_a_bootstrap_has_none() -> None:
    samples = [prediction_frame(bootstrap="left out", repeat=number) for number in range(2)]
    apparent = prediction_frame(bootstrap="apparent", repeat=2)
    predictions = predictions_of(pd.concat([*samples, apparent], ignore_index=True))
    arms = compare(predictions_of(prediction_frame())).arms
    assert {curve.reason for curve in arm_points(predictions, arms)} == {"2 bootstrap samples"}


def test_one_class_has_none() -> None:
    frame = prediction_frame()
    assert {c.reason for c in curves_of(frame[frame["y_true"] == 1])} == {"only cases of one class"}


def test_an_arm_without_predictions_is_told() -> None:
    frame = prediction_frame()
    arms = compare(predictions_of(frame)).arms
    found = arm_points(predictions_of(frame[frame["arm"] != ARMS[1]]), arms)
    assert [bool(curve.reason) for curve in found] == [False, True, False]
    assert "predictions.csv" in found[1].reason


def test_the_panel_is_strict_json_in_which_names_are_visible_text() -> None:
    predictions = predictions_of(prediction_frame())
    told = json.loads(json.dumps(panel(predictions, compare(predictions).arms), allow_nan=False))
    assert [arm["label"] for arm in told["arms"]] == list(ARMS)
    assert told["cases"][1] == {"ID": IMAGE, "positive": True, "patient": "p0"}
    assert told["cases"][5]["ID"] == r"two\nlines"
    assert told["arms"][0]["thresholds"][0] is None
    assert {len(told["arms"][0][key]) for key in ("thresholds", "fpr", "tpr", "ranks", "cases")} == {
        len(curves_of(prediction_frame())[0].points)
    }


@pytest.mark.slow
def test_colours_repeat_in_another_style_past_the_seventh() -> None:
    frame = prediction_frame()
    one = frame[frame["arm"] == ARMS[0]]
    many = pd.concat([one.assign(arm=f"a{number}") for number in range(8)], ignore_index=True)
    arms = panel(predictions_of(many), compare(predictions_of(many)).arms)["arms"]
    assert len({arm["colour"] for arm in arms}) == 7
    assert (arms[7]["colour"], arms[7]["style"]) == (arms[0]["colour"], 1)
