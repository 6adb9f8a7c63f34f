"""Outcomes joined to a cohort."""

from pathlib import Path

import pandas as pd
import pytest

from radcompare.errors import TableError
from radcompare.gathering.outcomes import Joined, join_outcomes
from radcompare.gathering.rows import Row
from radcompare.gathering.table import to_frame
from radcompare.tables.files import to_csv

ROWS = [
    Row("P1_1", Path("i/P1"), Path("m/P1_1"), "P1"),
    Row("P1_2", Path("i/P1"), Path("m/P1_2"), "P1"),
    Row("P2", Path("i/P2"), Path("m/P2"), "P2"),
    Row("007", Path("i/007"), Path("m/007"), "007"),
]


def joined(tmp_path: Path, text: str, name: str = "o.csv", **options: object) -> Joined:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return join_outcomes(to_frame(ROWS, Path(), Path()), ROWS, str(path), **options)  # type: ignore[arg-type]


def column(found: Joined, name: str) -> list[object]:
    return [None if pd.isna(cell) else cell for cell in found.frame[name]]


def reasons(found: Joined, tmp_path: Path) -> dict[str, str]:
    return {
        file.file.replace(f"{tmp_path}/", ""): file.reason.replace(f"{tmp_path}/", "")
        for file in found.unpaired
    }


def test_by_patient(tmp_path: Path) -> None:
    found = joined(tmp_path, "patient_id,died,age\nP2,1,60.5\nP1,0,71\n007,1,\n")
    assert column(found, "died") == [0, 0, 1, 1]
    assert column(found, "age") == [71, 71, 60.5, None]
    assert found.unpaired == ()
    assert found.remarks == (
        f"outcomes: patient_id of {tmp_path}/o.csv is patient_id of the cohort, for 4 of 4 cases",
    )


def test_by_id(tmp_path: Path) -> None:
    found = joined(tmp_path, "ID,died\nP1_1,1\nP1_2,0\nP2,1\n007,0\n")
    assert column(found, "died") == [1, 0, 1, 0]
    assert "ID of the cohort" in found.remarks[0]


def test_ids_that_are_patients(tmp_path: Path) -> None:
    found = joined(tmp_path, "case,died\nP1,1\nP2,0\n007,1\n")
    assert column(found, "died") == [1, 1, 0, 1]
    assert "case of" in found.remarks[0]
    assert "is patient_id of the cohort, for 4 of 4" in found.remarks[0]


def test_a_column_of_another_name(tmp_path: Path) -> None:
    assert column(joined(tmp_path, "RID,died\nP1,1\nP2,0\n007,1\n", on="RID"), "died") == [1, 1, 0, 1]
    assert column(joined(tmp_path, "x,ID,died\n1,P1_1,1\n", on="ID"), "died") == [1, None, None, None]


def test_what_has_no_partner(tmp_path: Path) -> None:
    found = joined(tmp_path, "patient_id,died\nP1,1\np 2,0\n7,1\n,0\nP9,1\n")
    assert reasons(found, tmp_path) == {
        "i/P2": "P2 has no outcome: no patient_id of o.csv is 'P2'; 'p 2' would match",
        "i/007": "007 has no outcome: no patient_id of o.csv is '007'; '7' would match",
        "o.csv, row 3": "an outcome without images: no patient_id is 'p 2'; 'P2' would match",
        "o.csv, row 4": "an outcome without images: no patient_id is '7'; '007' would match",
        "o.csv, row 5": "patient_id is empty",
        "o.csv, row 6": "an outcome without images: no patient_id is 'P9'",
    }
    assert to_csv(found.frame).splitlines()[1:] == [
        *("P1_1,i/P1,m/P1_1,P1,1", "P1_2,i/P1,m/P1_2,P1,1", "P2,i/P2,m/P2,P2,", "007,i/007,m/007,007,")
    ]


def test_blanks_around_keys_are_no_difference(tmp_path: Path) -> None:
    assert column(joined(tmp_path, "patient_id,died\n P1,1\nP2 ,0\n007,1\n"), "died") == [1, 1, 0, 1]


@pytest.mark.parametrize(
    ("text", "name"),
    [("patient_id\tscore\nP1\t0.5\n", "o.tsv"), ("patient_id;score\nP1;0,5\n", "o.csv")],
)
def test_other_formats(tmp_path: Path, text: str, name: str) -> None:
    assert column(joined(tmp_path, text, name), "score")[:2] == [0.5, 0.5]


def test_parquet_with_numbers_for_keys(tmp_path: Path) -> None:
    rows = [Row("a", Path("i"), Path("m"), "7")]
    pd.DataFrame({"patient_id": [7.0, 8.0], "died": [1, 0]}).to_parquet(tmp_path / "o.parquet")
    found = join_outcomes(to_frame(rows, Path(), Path()), rows, str(tmp_path / "o.parquet"))
    assert column(found, "died") == [1]


def test_chosen_columns(tmp_path: Path) -> None:
    found = joined(tmp_path, "patient_id,Image,died,age\nP1,x,1,2\n", columns=["died"])
    assert list(found.frame.columns) == ["ID", "Image", "Mask", "patient_id", "died"]


@pytest.mark.parametrize(
    ("text", "options", "problem"),
    [
        ("patient_id,died\nP1,1\nP2,0\nP1,0\n", {}, "patient_id 'P1' occurs 2 times (rows 2, 4)"),
        ("patient_id,Image\nP1,1\n", {}, "a cohort has columns of its own that are called 'Image'"),
        ("patient_id,label\nP1,1\n", {}, "a cohort has columns of its own that are called 'label'"),
        ("patient_id,ID,died\nP1,1,1\n", {}, "a cohort has columns of its own that are called 'ID'"),
        ("name,died\nP1,1\n", {}, "no column ID or patient_id says whose outcome a row is"),
        ("patient_id,died\nP1,1\n", {"on": "patientid"}, "no column 'patientid'; did you mean 'patient_id'?"),
        ("patient_id,died\nP1,1\n", {"columns": ["dead"]}, "no column 'dead'; did you mean 'died'?"),
        (
            "patient_id,died\np-1,1\n",
            {},
            "no patient_id is a case or a patient: p-1, ... against P1_1, P1_2, P2, ...; 'P1' would match",
        ),
        ("patient_id,died\n", {}, "has a header (patient_id, died, ...) and no row"),
    ],
)
def test_wrong_tables(tmp_path: Path, text: str, options: dict[str, object], problem: str) -> None:
    with pytest.raises(TableError) as caught:
        joined(tmp_path, text, **options)
    assert caught.value.message == f"{tmp_path}/o.csv: {problem}"
    assert caught.value.hint
