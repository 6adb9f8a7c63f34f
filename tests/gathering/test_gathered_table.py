"""Rows as a table, and back as a cohort."""

from pathlib import Path

import pytest

from radcompare.gathering.rows import Row, as_name, distinct, file_safe, natural, numbered, shown, some
from radcompare.gathering.table import as_cell, to_frame
from radcompare.tables.cohort import read_cohort
from radcompare.tables.files import to_csv

AWKWARD = [
    "a b",
    "a, b",
    'say "x"',
    "日本",
    "=cmd",
    "-5",
    "+1",
    "@x",
    "a\nb",
    " lead",
    "a;b",
    "e\u0301",
    "NA",
    "007",
]


@pytest.mark.parametrize("name", AWKWARD)
@pytest.mark.parametrize("suffix", [".png", ""])
def test_awkward_paths_come_back(tmp_path: Path, name: str, suffix: str) -> None:
    image, mask = tmp_path / f"{name}{suffix}", tmp_path / "m" / f"{name}{suffix}"
    frame = to_frame([Row("a", image, mask, "a")], tmp_path, tmp_path)
    (tmp_path / "cohort.csv").write_text(to_csv(frame), encoding="utf-8")
    case = read_cohort(str(tmp_path / "cohort.csv")).cases[0]
    assert (case.image, case.mask) == (image, mask)
    assert not frame["Image"][0].startswith(("=", "+", "-", "@"))


def test_a_folder_that_ends_with_a_blank(tmp_path: Path) -> None:
    (tmp_path / "end ").mkdir()
    frame = to_frame([Row("a", tmp_path / "end ", tmp_path / "m", "a")], tmp_path, tmp_path)
    (tmp_path / "cohort.csv").write_text(to_csv(frame), encoding="utf-8")
    assert read_cohort(str(tmp_path / "cohort.csv")).cases[0].image.is_dir()


def test_paths_are_relative_to_the_table(tmp_path: Path) -> None:
    root = tmp_path / "data"
    root.mkdir()
    assert as_cell(root / "a.png", root, tmp_path) == "data/a.png"
    assert as_cell(root / "a.png", root, root) == "a.png"
    assert as_cell(root, root, root) == "."
    assert as_cell(root / "a.png", root, tmp_path / "results" / "first") == "../../data/a.png"
    assert as_cell(Path("/elsewhere/a.png"), root, tmp_path) == "/elsewhere/a.png"


def test_a_table_in_a_folder_that_is_a_link(tmp_path: Path) -> None:
    root, real = tmp_path / "data", tmp_path / "far" / "away"
    root.mkdir()
    real.mkdir(parents=True)
    (tmp_path / "linked").symlink_to(real)
    cell = as_cell(root / "a.png", root, tmp_path / "linked")
    assert (tmp_path / "linked" / cell).parent.resolve() == root


def test_relative_to_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    assert as_cell(Path("data/a.png"), Path("data"), Path()) == "data/a.png"


def test_columns_that_no_row_needs_are_left_out(tmp_path: Path) -> None:
    image, mask = tmp_path / "i", tmp_path / "m"
    rows = [
        Row("a", image, mask, "p", label=2, modality="CT", more={"Image_T2": image, "grade": 1}),
        Row("b", image, mask, "p", series="1.2", structure="GTV", organ=mask, more={"Image_T1": mask}),
    ]
    frame = to_frame(rows, tmp_path, tmp_path)
    assert list(frame.columns) == [
        *("ID", "Image", "Mask", "Label", "Series", "Structure", "OrganMask", "Image_T1", "Image_T2"),
        *("patient_id", "modality", "grade"),
    ]
    assert to_csv(frame).splitlines()[1] == "a,i,m,2,,,,,i,p,CT,1.0"
    assert list(to_frame(rows[:0], tmp_path, tmp_path).columns) == ["ID", "Image", "Mask", "patient_id"]


def test_natural_order() -> None:
    names = ["10", "9", "p", "p1", "P1", "p1-2", "p1a", "P2", "p10", "é", "²"]
    backwards = list(reversed(names))
    assert sorted(names, key=natural) == sorted(backwards, key=natural)
    assert sorted(["p10", "P2", "p1"], key=natural) == ["p1", "P2", "p10"]


def test_names() -> None:
    assert as_name(" a \n b\t") == "a b"
    assert as_name("=1+1") == "_=1+1"
    assert file_safe("GTV 1 (left)/é") == "GTV_1_left_é"
    assert shown("a\nb") == "a\\nb"
    assert some(["a", "b", "c", "d"], 2) == "a, b and 2 more"


def test_distinct_names() -> None:
    assert distinct([["a", "x_a"], ["a", "y_a"], ["b"]]) == ["x_a", "y_a", "b"]
    assert distinct([["a"], ["a"], ["a_2"]]) == ["a", "a_3", "a_2"]
    assert numbered(["a", "a", "a"]) == ["a", "a_2", "a_3"]
    assert numbered(["a", "a", "a_2"]) == ["a", "a_3", "a_2"]
