"""What a check says of values that look wrong."""

import numpy as np
import pytest
from sound_table import FEATURES, PLAIN, ROWS, B, D, only, plain, planted, sound, text_of, told

pytestmark = pytest.mark.filterwarnings("error")

DOUBTS = {
    "missing values": (
        planted(B, dict.fromkeys(range(6), "NA")),
        f": 1 of 4 feature columns with missing values (at worst 10.0% of the rows, in {B}): {B}",
        "filled in within the folds",
    ),
    "an empty column": (
        planted(B, dict.fromkeys(range(ROWS), "")),
        f": 1 of 4 feature columns without any value: {B}",
        "leave it out",
    ),
    "a constant": (
        planted(B, dict.fromkeys(range(ROWS), 5)),
        f": 1 of 4 feature columns with one value only: {B}",
        "leave it out",
    ),
    "the outcome as a feature": (
        text_of(sound().assign(**{B: sound()["died"]})),
        f": 1 of 4 feature columns that predict 'died' without error, alone: {B}",
        "knows the outcome",
    ),
    "a feature that separates": (
        text_of(sound().assign(**{B: sound()[B].abs() * (1 - 2 * sound()["died"])})),
        f": 1 of 4 feature columns that predict 'died' without error, alone: {B}",
        "knows the outcome",
    ),
    "levels that separate": (
        text_of(sound().assign(**{B: [["u", "w"][row % 4 // 2] if row % 2 else "v" for row in range(ROWS)]})),
        f": 1 of 4 feature columns that predict 'died' without error, alone: {B}",
        "knows the outcome",
    ),
    "classes one after the other": (
        text_of(sound().assign(died=[row // 30 for row in range(ROWS)], patient_id=range(ROWS))),
        ": 'died' follows the order of the rows: the row number alone has an AUC of 1.00, rank-sum test p = 3e-11",
        "features may tell the collection",
    ),
    "few of a class": (
        text_of(sound().assign(died=[int(row in (5, 50)) for row in range(ROWS)], patient_id=range(ROWS))),
        ": few cases by the outcome 'died': 2 of class 1",
        "take fewer folds",
    ),
    "a patient of two classes": (
        planted("died", {0: 1}),
        ": 'died' differs between cases of the same patient_id: p0",
        "--groups patient_id",
    ),
}


@pytest.mark.parametrize("name", DOUBTS)
def test_what_looks_wrong(check, name):
    content, message, hint = DOUBTS[name]
    only(check(content), message, "warning", hint)


def test_infinite_values_are_missing_too(check):
    found = check(planted(B, {4: "inf"}))
    assert [text.rpartition("table.csv: ")[2] for text in told(found)] == [
        f"1 of 4 feature columns with infinite values: {B}",
        f"1 of 4 feature columns with missing values (at worst 1.7% of the rows, in {B}): {B}",
    ]


def test_rows_with_the_same_features(check):
    frame = sound()
    frame.loc[[12, 30], FEATURES] = frame.loc[[8, 8], FEATURES].to_numpy()
    only(
        check(text_of(frame)),
        ", row 10: the same features as c12 (row 14), c30 (row 32)",
        "warning",
        "keep one of them",
        case="c8",
    )
    frame.loc[30, "died"] = 1
    frame.loc[0, "died"] = 1  # of the same patient
    hint = "one of the rows has the wrong features or the wrong class"
    message = ", row 10: the same features as c12 (row 14), c30 (row 32); yet 'died' differs"
    only(check(text_of(frame)), message, "warning", hint, case="c8")
    assert message in told(check(text_of(frame), None))[0]


def test_rows_without_any_feature_are_not_the_same(check):
    frame = sound()
    frame.loc[[3, 8, 12], FEATURES] = ""
    assert not [text for text in told(check(text_of(frame))) if "the same features" in text]


def test_without_an_outcome_every_column_of_two_values_is_looked_at(check):
    halves = [row // 30 for row in range(ROWS)]
    found = check(
        plain(sex=["f" if half else "m" for half in halves], arm=halves, stage=np.arange(ROWS) // 20), None
    )
    assert [text.rpartition("table.csv: ")[2].partition(" follows")[0] for text in told(found)] == [
        "'sex'",
        "'arm'",
    ]
    assert found.features == 8  # what could be an outcome could be a feature
    assert "died" not in found.in_words()


def test_rows_that_are_equal_but_for_what_could_be_an_outcome(check):
    frame = sound().rename(columns=PLAIN)
    frame.loc[31] = frame.loc[30].to_numpy()
    frame.loc[31, ["ID", "died", "patient_id"]] = ["c31", 1, "p1"]
    message = ", row 32: the same features as c31 (row 33); yet 'died' differs"
    only(check(text_of(frame), None), message, "warning", "the wrong class", case="c30")


def test_columns_named_like_features_are_no_outcomes(check):
    assert check(text_of(sound().assign(**{D: [row // 30 for row in range(ROWS)]})), None).problems == ()


@pytest.mark.parametrize(
    ("cells", "severity"),
    [
        (["1", "2", "2a"], None),  # levels
        (["1.5", "2.5", "x"], "error"),  # a measurement
        (["u", "v", "1.5"], None),  # mostly text
    ],
)
def test_text_among_numbers_of_a_column_of_any_name(check, cells, severity):
    found = check(plain(grade=[cells[row % 7 % 3] for row in range(ROWS)]))
    assert [problem.severity for problem in found.problems] == ([severity] if severity else []), told(found)


def test_numbers_of_cases_with_a_letter_are_no_measurement(check):
    found = check(plain(accession=[str(row) if row else "A0" for row in range(ROWS)]))
    only(
        found,
        ": the column 'accession' holds text among numbers: row 2 'A0'",
        "warning",
        "leave a cell empty",
    )


@pytest.mark.slow
def test_a_decimal_comma(check):
    frame = sound().astype("str")
    frame.loc[3, B] = "1.2.3"
    text = frame.to_csv(index=False, sep=";").replace(".", ",")
    assert told(check(text)) == [told(check(text))[0]]
    assert f"the column {B!r} holds text among numbers: row 5 '1,2,3'" in told(check(text))[0]


def test_three_classes(check):
    """Order and separation are of two; the rest is of any."""
    frame = sound().assign(died=[row // 20 for row in range(ROWS)], patient_id=range(ROWS))
    assert check(text_of(frame.assign(**{B: frame["died"]}))).problems == ()
    assert check(text_of(frame)).classes == {"0": 20, "1": 20, "2": 20}


def test_classes_in_words(check):
    frame = sound().assign(died=[["no", "yes "][row % 2] for row in range(ROWS)])
    frame.loc[1, "died"] = "yes"
    assert check(text_of(frame)).classes == {"no": 30, "yes": 30}
    frame["died"] = frame["died"].str.startswith("y")
    assert check(text_of(frame)).classes == {"0": 30, "1": 30}
