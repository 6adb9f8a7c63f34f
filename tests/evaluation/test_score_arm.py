"""Arms whose score stands in a column."""

from collections.abc import Callable

import numpy as np
import pytest

from radcompare.config import Arm, Validation
from radcompare.errors import DataError
from radcompare.evaluation.arms import evaluate
from radcompare.evaluation.score_arm import score_arm
from radcompare.evaluation.study import Study
from radcompare.learning.splits import Fold

MakeStudy = Callable[..., Study]
Y = np.array([0, 1, 0, 1, 0, 1, 0, 1])
FOLDS = [
    Fold(0, 0, np.array([0, 1, 2, 3]), np.array([4, 5, 6, 7])),
    Fold(0, 1, np.array([4, 5, 6, 7]), np.array([0, 1, 2, 3])),
]


def test_a_probability_is_cut_at_one_half_as_where_predictions_are_read(make_study: MakeStudy) -> None:
    probability = [0.1, 0.5, 0.2, 0.9, 0.6, 0.499, 0.0, 1.0]
    rows = score_arm(make_study({}, Y, {"net": probability}), "net", "net", FOLDS).predictions.sort_values(
        "ID"
    )
    assert rows["score"].tolist() == probability
    assert rows["predicted"].tolist() == [0, 1, 0, 1, 1, 0, 0, 1]
    assert rows["y_true"].tolist() == Y.tolist()
    assert rows["fold"].tolist() == [1, 1, 1, 1, 0, 0, 0, 0]
    assert set(rows["classifier"]) == {"score"}
    assert set(rows["selector"]) == {""}


def test_a_raw_score_is_cut_where_the_training_rows_say(make_study: MakeStudy) -> None:
    raw = [
        1.0,
        3.0,
        1.5,
        4.0,
        10.0,
        30.0,
        15.0,
        40.0,
    ]  # the best cut is 2.25 on the first four, 22.5 on the rest
    found = score_arm(make_study({}, Y, {"net": raw}), "net", "net", FOLDS)
    assert found.notes == ()
    rows = found.predictions.sort_values("ID")
    assert rows["predicted"].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_the_cut_does_not_depend_on_test_rows(make_study: MakeStudy) -> None:
    random = np.random.default_rng(0)
    raw = random.normal(size=8) * 10
    before = score_arm(make_study({}, Y, {"net": raw}), "net", "net", FOLDS[:1]).predictions
    changed, y = raw.copy(), Y.copy()
    changed[[4, 5]], y[[4, 5]] = [-500.0, 500.0], [1, 0]
    after = score_arm(make_study({}, y, {"net": changed}), "net", "net", FOLDS[:1]).predictions
    assert before["predicted"].tolist()[2:] == after["predicted"].tolist()[2:]


def test_cases_without_a_score_are_left_out_and_named(make_study: MakeStudy) -> None:
    rows = score_arm(
        make_study({}, Y, {"net": [0.1, None, 0.2, 0.9, 0.6, 0.4, 0.0, "x"]}), "net", "net", FOLDS
    )
    assert sorted(rows.predictions["ID"]) == ["c00", "c02", "c03", "c04", "c05", "c06"]
    assert rows.notes == (
        "arm 'net' lacks 2 cases: c01, c07",
        "arm 'net': 'net' is within 0 and 1, a probability: one half and more is positive",
    )


def test_a_fold_without_a_test_case_of_the_arm_falls_away(make_study: MakeStudy) -> None:
    given = [0.1, 0.2, 0.3, 0.4, None, None, None, None]
    rows = score_arm(make_study({}, Y, {"net": given}), "net", "net", FOLDS)
    assert set(rows.predictions["fold"]) == {1}
    assert rows.predictions["y_true"].dtype == np.int64


def test_a_column_without_numbers_is_refused(make_study: MakeStudy) -> None:
    with pytest.raises(DataError, match="'stage' holds no number for any test case"):
        score_arm(make_study({}, Y, {"stage": ["I", "II"] * 4}), "net", "stage", FOLDS)


def test_one_class_is_not_enough_for_a_cut(make_study: MakeStudy) -> None:
    given = [5.0, None, 6.0, None, 7.0, 8.0, 9.0, 9.5]
    with pytest.raises(DataError, match="repeat 0, fold 0: one class left to learn a cut from"):
        score_arm(make_study({}, Y, {"net": given}), "net", "net", FOLDS)


def test_every_repeat_has_the_same_scores(make_study: MakeStudy) -> None:
    study = make_study({}, Y, {"net": np.linspace(0, 1, 8)})
    frame = evaluate(study, {"net": Arm(score="net")}, Validation.model_validate("3x2")).predictions.frame
    runs = [run.sort_values("ID")["score"].tolist() for _, run in frame.groupby("repeat")]
    assert runs == [np.linspace(0, 1, 8).tolist()] * 3
