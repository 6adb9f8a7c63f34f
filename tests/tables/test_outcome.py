import numpy as np
import pandas as pd
import pytest

from radcompare.errors import OutcomeError
from radcompare.tables.files import read_frame
from radcompare.tables.outcome import read_binary_outcome, read_outcome


def _column(values):
    return pd.Series(values, index=[f"case{number}" for number in range(len(values))], name="died")


@pytest.mark.parametrize(
    ("values", "codes", "classes"),
    [
        ([0, 1, 0], [0, 1, 0], ("0", "1")),
        ([2.0, 1.0, 2.0], [1, 0, 1], ("1", "2")),
        ([True, False], [1, 0], ("0", "1")),
        (["malignant", "benign"], [1, 0], ("benign", "malignant")),
        (["yes ", " no"], [1, 0], ("no", "yes")),
        ([0.5, -1.5], [1, 0], ("-1.5", "0.5")),
        (pd.Categorical(["b", "a"], categories=["b", "a", "unused"]), [1, 0], ("a", "b")),
        (["c", "a", "b"], [2, 0, 1], ("a", "b", "c")),
        ([10, 9, 2], [2, 1, 0], ("2", "9", "10")),
    ],
)
def test_classes_are_coded_in_sorted_order(values, codes, classes):
    outcome = read_outcome(_column(values), "t.csv")
    assert outcome.codes.tolist() == codes
    assert outcome.codes.dtype == np.int64
    assert outcome.classes == classes


@pytest.mark.parametrize(
    ("values", "positive", "codes", "classes"),
    [
        ([0, 1, 1], None, [0, 1, 1], ("0", "1")),
        ([0, 1, 1], 0, [1, 0, 0], ("1", "0")),
        ([1.0, 2.0], "1", [1, 0], ("2", "1")),
        ([1, 2], "1.0", [1, 0], ("2", "1")),
        ([1, 2], 1.0, [1, 0], ("2", "1")),
        ([True, False], "False", [0, 1], ("1", "0")),
        ([True, False], True, [1, 0], ("0", "1")),
        (["good", "bad"], "good", [1, 0], ("bad", "good")),
        (["low", "mid", "high"], "high", [0, 0, 1], ("low/mid", "high")),
        ([1, 2, 3], 2, [0, 1, 0], ("1/3", "2")),
    ],
)
def test_the_positive_class_is_one(values, positive, codes, classes):
    outcome = read_binary_outcome(_column(values), "t.csv", positive)
    assert outcome.codes.tolist() == codes
    assert outcome.classes == classes


@pytest.mark.parametrize(
    ("values", "message", "hint"),
    [
        ([0, None, 1, None], "the outcome 'died' is missing for 2 cases: case1, case3", "remove these rows"),
        (["a", " ", "b"], "the outcome 'died' is missing for 1 cases: case1", "remove these rows"),
        ([1, 1], "the outcome 'died' has one class only: 1 in 2 cases", "right column"),
        (["a", "a"], "has one class only: 'a' in 2 cases", "right column"),
        ([], "has one class only: nothing in 0 cases", "right column"),
        (list(range(11)), r"has 11 distinct values, e\.g\. \[0, 1, 2, 3, 4\]", "cut a measurement"),
    ],
)
def test_what_cannot_be_learned_from(values, message, hint):
    for read in (read_outcome, read_binary_outcome):
        with pytest.raises(OutcomeError, match=message) as refused:
            read(_column(values), "t.csv")
        assert refused.value.message.startswith("t.csv: ")
        assert hint in refused.value.hint


def test_three_classes_need_a_positive_one():
    with pytest.raises(OutcomeError, match="the outcome 'died' has 3 classes: a, b, c") as refused:
        read_binary_outcome(_column(["c", "a", "b"]), "t.csv")
    assert "--positive" in refused.value.hint


def test_a_positive_value_that_does_not_occur():
    with pytest.raises(OutcomeError, match="the outcome 'died' has no value 'yes'; it has 0, 1") as refused:
        read_binary_outcome(_column([0, 1]), "t.csv", "yes")
    assert "name one of its values" in refused.value.hint


def test_ten_classes_are_still_classes():
    assert len(read_outcome(_column(list(range(10))), "t.csv").classes) == 10


@pytest.mark.parametrize(
    ("file", "column", "positives", "cases"),
    [
        ("tables/deep-prognosis/HarvardRT.csv", "surv2yr", 159, 293),
        ("tables/fae_example.csv", "label", 127, 260),
        ("tables/ramella2018.arff", "adaptive", 50, 91),
        ("lidc-nodules/cohort.csv", "malignant", 165, 383),
    ],
)
def test_outcomes_of_real_tables(shared_data, file, column, positives, cases):
    frame, _ = read_frame(str(shared_data / file))
    outcome = read_binary_outcome(frame[column], file)
    assert len(outcome.codes) == cases
    assert outcome.codes.tolist() == [int(float(value)) for value in frame[column]]
    assert outcome.codes.sum() == positives
