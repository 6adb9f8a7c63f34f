"""A sound table, and one planted fault after the other."""

import gzip
import io
import json
import sys
from types import SimpleNamespace

import pandas as pd
import pytest
from sound_table import FEATURES, ROWS, B, C, D, only, plain, planted, sound, text_of, told

from radcompare.errors import TableError
from radcompare.tables.case import Problem
from radcompare.tables.table_check import TableCheck, check_table

pytestmark = pytest.mark.filterwarnings("error")


def test_a_sound_table(check):
    found = check(text_of(sound()))
    assert found == TableCheck((), 60, 4, 30, {"0": 30, "1": 30})
    assert found.in_words() == "60 rows, 4 feature columns, 30 patients; 30 of class 0, 30 of class 1"
    assert check(text_of(sound()), None).in_words() == "60 rows, 4 feature columns, 30 patients"
    assert (
        check(text_of(sound().drop(columns="patient_id")))
        .in_words()
        .startswith("60 rows, 4 feature columns; ")
    )


def test_columns_that_are_no_features_are_noted(check):
    assert check(text_of(sound().assign(age=range(ROWS)))).notes == (
        "columns not named like features pass through: age",
    )


FAULTS = {
    "an empty ID": (planted("ID", {2: "", 7: " "}), ": the ID is empty in row 4, 9", "an ID of its own"),
    "a column without a name": (
        text_of(sound()).replace("died", "died,", 1).replace(",0,", ",0,9,").replace(",1,", ",1,9,"),
        ": without a name: column 4",
        "a delimiter at the end of every line makes a column too many",
    ),
    "a column twice": (
        text_of(sound()).replace(D, C, 1),
        f": the column {C!r} occurs 2 times (columns 6, 7)",
        "rename or remove one of them",
    ),
    "rows of another length": (
        text_of(sound())
        .replace("c3,", "c3,x,", 1)
        .replace("c40,p10,", "c40,", 1)
        .replace("c50,p", '"c50\nx",p'),
        ": rows that have not 7 cells, one for every column: line 5 has 8, line 42 has 6",
        "a cell that holds ',' needs quotes",
    ),
    "text among numbers": (
        planted(B, {2: "#DIV/0!", 5: "1.2.3"}),
        f": the column {B!r} holds text among numbers: row 4 '#DIV/0!', row 7 '1.2.3'",
        "leave a cell empty",
    ),
    "free text": (
        planted(B, {row: f"text {row}" for row in range(ROWS)}),
        f": the column {B!r} holds free text (more than 20 distinct values)",
        "leave it out",
    ),
    "missing outcomes": (
        planted("died", dict.fromkeys(range(0, 40, 2), "")),
        ": the outcome 'died' is missing for 20 cases: c0, c2, c4, c6, c8, c10, c12, c14, c16, c18, c20, c22, ... ",
        "fill in the outcome",
    ),
    "one class": (
        planted("died", dict.fromkeys(range(ROWS), 1)),
        ": the outcome 'died' has one class only: '1' in 60 cases",
        "two classes",
    ),
    "no class": (
        planted("died", dict.fromkeys(range(ROWS), "")),
        ": the outcome 'died' is missing for 60 cases: c0, ",
        "fill in",
    ),
    "a measurement for an outcome": (
        planted("died", {row: row for row in range(ROWS)}),
        ": the outcome 'died' has more than 10 distinct values",
        "cut a measurement into two groups",
    ),
    "text for an outcome": (
        planted("died", {row: f"v{row % 15}" for row in range(ROWS)}),
        ": the outcome 'died' has more than 10 distinct values",
        "cut a measurement",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_makes_a_table_unusable(check, name):
    content, message, hint = FAULTS[name]
    errors = [problem for problem in check(content).problems if problem.severity == "error"]
    assert any(f"table.csv{message}" in problem.problem and hint in problem.hint for problem in errors), (
        errors
    )
    assert len(errors) == (2 if name == "no class" else 1), errors


def test_a_repeated_id_is_told_with_its_rows(check):
    only(
        check(planted("ID", {7: "c2", 11: " c2"})),
        ": the ID 'c2' occurs 3 times (rows 4, 9, 13)",
        "error",
        "patient and lesion number",
        case="c2",
    )


def test_of_many_problems_of_a_kind_the_first_are_told(check):
    frame = sound()
    frame["ID"] = [f"c{row % 30}" for row in range(ROWS)]
    frame.loc[range(30, ROWS), FEATURES] = frame.loc[range(30), FEATURES].to_numpy()
    found = check(text_of(frame))
    repeated, same = ([p for p in found.problems if p.severity == kind] for kind in ("error", "warning"))
    assert [problem.case for problem in repeated] == [*(f"c{row}" for row in range(12)), ""]
    assert repeated[-1].problem.endswith("table.csv: and 18 more IDs that occur several times")
    assert [problem.case for problem in same] == [*(f"c{row}" for row in range(12)), ""]
    assert same[-1].problem.endswith("table.csv: and 18 more groups of rows with the same features")


def test_many_rows_are_abridged(check):
    found = check(planted("ID", dict.fromkeys(range(30), "")) + "c\n" * 20)
    lengths, empty = told(found, "error")
    assert lengths.endswith(", ".join(f"line {line} has 1" for line in range(62, 74)) + ", ... (20 in all)")
    assert empty.endswith("10, 11, 12, 13, ... (30 in all)")


def test_every_problem_at_once_errors_first(check):
    frame = sound().assign(**{D: 1})
    frame.loc[3, "ID"] = "c2"
    frame.loc[9, C] = "x"
    frame.loc[5, B] = ""
    found = check(text_of(frame) + "c60,p\n", "dead")
    assert [problem.severity for problem in found.problems] == ["error"] * 4 + ["warning"] * 2
    parts = [
        "line 62 has 2",
        "'c2' occurs",
        "no outcome column 'dead'",
        "text among",
        "one value only",
        "missing",
    ]
    assert all(part in text for part, text in zip(parts, told(found), strict=True)), told(found)


def test_an_outcome_that_is_not_there(check):
    found = check(text_of(sound()), "dead")
    only(found, ": no outcome column 'dead'; did you mean 'died'?", "error", "the table has patient_id, died")
    assert found.classes == {}


@pytest.mark.slow
def test_the_sidecar_says_what_is_a_feature(check, write):
    write(json.dumps({"features": ["t", "f0"], "levels": {"t": ["a", "b"]}}), "table.meta.json")
    levels = [["a", "b", "b", "a"][row % 4] for row in range(ROWS)]
    assert check(plain(t=levels)).in_words().startswith("60 rows, 2 feature columns")
    found = check(plain(t=[*levels[:-1], "c"]))
    only(
        found,
        ": 't' holds 'c', which is none of the levels in its sidecar",
        "error",
        "expected a, b; or remove",
    )


def test_no_feature(check):
    found = check(text_of(sound()[["ID", "patient_id", "died"]]))
    only(found, ": no feature column among patient_id", "error", "--features PATTERN")
    assert (found.rows, found.features, found.patients) == (60, 0, 30)


def test_cases_without_ids_are_numbered(check):
    frame = sound().drop(columns="ID")
    frame.loc[4, "died"] = ""
    assert "is missing for 1 cases: 5" in told(check(text_of(frame)))[0]


def test_rows_of_another_length_alone(check):
    found = check("ID,x\na\nb\n")
    only(
        found,
        ": rows that have not 2 cells, one for every column: line 2 has 1, line 3 has 1",
        "error",
        "cut off",
    )
    assert found.in_words() == "0 rows, 0 feature columns"


@pytest.mark.parametrize("kind", ["csv.gz", "parquet", "arff", "days.parquet"])
def test_other_formats(write, tmp_path, kind):
    frame = sound().infer_objects().assign(died=[row // 30 for row in range(ROWS)], patient_id=range(ROWS))
    path = tmp_path / f"table.{kind}"
    if kind == "arff":
        names = "".join(f"@attribute {name} numeric\n" for name in ("died", *FEATURES))
        rows = frame[["died", *FEATURES]].to_csv(index=False, header=False)
        path.write_text(f"@relation r\n{names}@data\n{rows}")
    elif kind == "csv.gz":
        path.write_bytes(gzip.compress(text_of(frame).encode()))
    else:
        frame.assign(**{"day": pd.Timestamp("2020-01-01")} if "days" in kind else {}).to_parquet(path)
    found = check_table(str(path), "died", 50)
    assert [(p.severity, "follows the order of the rows" in p.problem) for p in found.problems] == [
        ("warning", True)
    ]
    assert (found.rows, found.features) == (60, 4)


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(planted("ID", {2: ""}).encode())))
    found = check_table("-", "died")
    assert found.problems[0] == Problem(
        "", "error", "standard input: the ID is empty in row 4", "give every case an ID of its own"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("ID,x\n", "has a header (ID, x, ...) and no row"),
        (b"ID,x\na,\xff\n", "is not UTF-8 text (byte 7)"),
        ('ID,x\na,1\nb,"2\n', "cannot be parsed as a table"),
        (b"PAR1", "cannot be parsed as a table"),
    ],
)
def test_what_is_no_table(write, content, message):
    path = write(content)
    with pytest.raises(TableError) as refused:
        check_table(path)
    assert message in refused.value.message


def test_a_cell_beyond_the_limit_among_others(write):
    found = check_table(write(f"ID,x,t\na,1,u\nb,2,u\nc,3,v\nd,1,{'v' * 140_000}\ne,1,u\n"))
    assert found.rows == 2
    assert any("field larger than field limit" in text for text in told(found, "error"))


def test_a_table_that_is_not_there(tmp_path):
    with pytest.raises(TableError, match="cannot be read"):
        check_table(str(tmp_path / "none.csv"))


@pytest.mark.parametrize("name", ["HNSCC", "Fusco2022", "Li2020"])
def test_real_tables_hold_no_error(shared_data, name):
    found = check_table(str(shared_data / "tables" / "radmlbench" / f"{name}.csv.gz"), "Target")
    assert told(found, "error") == []
    assert found.features > 100
