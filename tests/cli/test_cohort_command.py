"""cohort: from a folder to a table, with everything told that could not be paired."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk

from radcompare.tables.cohort import read_cohort

Run = Callable[..., Any]


def write(*names: str, labels: tuple[int, ...] = (1,)) -> None:
    """Small pictures below the working folder."""
    for name in names:
        voxels = np.zeros((4, 5), np.uint8)
        voxels.flat[: len(labels)] = labels
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        sitk.WriteImage(sitk.GetImageFromArray(voxels), name)


@pytest.fixture
def folder(radcompare: Run) -> Path:
    """Two cases that can be paired, in the working folder that `radcompare` has made."""
    write("data/image/a.png", "data/mask/a.png", "data/image/b.png", "data/mask/b.png")
    return Path("data")


def test_a_folder_becomes_a_cohort(radcompare: Run, folder: Path) -> None:
    ended = radcompare("cohort", folder, "-o", "out/cohort.csv")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.endswith("note: cases: 2, not paired: 0\n")
    assert Path("out/cohort.csv").read_text(encoding="utf-8") == (
        "ID,Image,Mask,patient_id\n"
        "a,../data/image/a.png,../data/mask/a.png,a\n"
        "b,../data/image/b.png,../data/mask/b.png,b\n"
    )
    assert all(case.image.is_file() and case.mask.is_file() for case in read_cohort("out/cohort.csv").cases)


def test_standard_output_is_relative_to_the_working_folder(radcompare: Run, folder: Path) -> None:
    ended = radcompare("cohort", folder, "-q")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[1] == "a,data/image/a.png,data/mask/a.png,a"


@pytest.mark.slow
def test_the_same_bytes_twice_and_with_several_jobs(radcompare: Run, folder: Path) -> None:
    for name, more in (("1.csv", []), ("2.csv", []), ("3.csv", ["-j", "2"])):
        radcompare("cohort", folder.absolute(), "-o", name, *more)
    assert Path("1.csv").read_bytes() == Path("2.csv").read_bytes() == Path("3.csv").read_bytes()


def test_check_takes_what_cohort_writes(radcompare: Run, folder: Path) -> None:
    radcompare("cohort", folder, "-o", "cohort.csv")
    assert radcompare("check", "cohort.csv", "--json").code == 0


def test_what_cannot_be_paired_is_told_three_times(radcompare: Run, folder: Path) -> None:
    write("data/mask/c.png")
    ended = radcompare("cohort", folder, "-o", "cohort.csv", "--json", "--unpaired", "unpaired.csv")
    reason = "a mask without an image: no image is called 'c'"
    assert ended.code == 4
    assert f"note: not paired: data/mask/c.png: {reason}\n" in ended.err
    told = json.loads(ended.out)
    assert (told["cases"], told["unpaired"]) == (2, [{"file": "data/mask/c.png", "reason": reason}])
    assert [line.startswith("patient_id of 2 cases") for line in told["remarks"]] == [True]
    assert pd.read_csv("unpaired.csv").to_dict("records") == told["unpaired"]
    assert len(pd.read_csv("cohort.csv")) == 2


def test_a_quiet_user_hears_of_files_that_are_lost(radcompare: Run, folder: Path) -> None:
    write("data/mask/c.png")
    assert radcompare("cohort", folder, "-o", "cohort.csv", "-q").err.count("\n") == 1


def test_nothing_to_pair(radcompare: Run, tmp_path: Path) -> None:
    write("data/a_mask.png")
    ended = radcompare("cohort", "data", "-o", "cohort.csv", "--json", "--unpaired", "unpaired.csv")
    assert (ended.code, ended.error) == (3, "data: no image could be put together with a mask")
    assert "--mask" in ended.hint
    assert json.loads(ended.out)["cases"] == 0
    assert not Path("cohort.csv").exists()
    assert len(pd.read_csv("unpaired.csv")) == 1


def test_an_empty_folder(radcompare: Run) -> None:
    Path("data").mkdir()
    ended = radcompare("cohort", "data", "-o", "cohort.csv", "--unpaired", "unpaired.csv")
    assert ended.code == 3
    assert "NIfTI, NRRD" in ended.hint
    assert Path("unpaired.csv").read_text(encoding="utf-8") == "file,reason\n"


def test_a_row_for_each_label(radcompare: Run, folder: Path) -> None:
    write("data/mask/b.png", labels=(1, 2))
    assert "--each-label" in radcompare("cohort", folder, "-o", "cohort.csv").err
    assert radcompare("cohort", folder, "--each-label", "-q").out.splitlines()[1:] == [
        "a,data/image/a.png,data/mask/a.png,1,a",
        "b_1,data/image/b.png,data/mask/b.png,1,b",
        "b_2,data/image/b.png,data/mask/b.png,2,b",
    ]


def test_outcomes(radcompare: Run, folder: Path) -> None:
    Path("o.csv").write_text("patient_id,died,grade\na,1,2\nb,0,3\n", encoding="utf-8")
    ended = radcompare("cohort", folder, "--outcomes", "o.csv", "--columns", "died")
    assert ended.code == 0
    assert ended.out.splitlines()[1].endswith(",a,1")
    assert "patient_id of o.csv is ID of the cohort, for 2 of 2 cases" in ended.err


def test_outcomes_that_belong_to_nobody(radcompare: Run, folder: Path) -> None:
    stdin = b"patient,died\na,1\nC,0\n"
    ended = radcompare(
        "cohort", folder, "--outcomes", "-", "--on", "patient", "-o", "cohort.csv", stdin=stdin
    )
    assert ended.code == 4
    assert "standard input, row 3: an outcome without images: no ID is 'C'" in ended.err
    assert "data/image/b.png: b has no outcome" in ended.err
    assert pd.read_csv("cohort.csv")["died"].tolist()[0] == 1


def test_a_repeated_outcome_is_an_error_and_nothing_is_written(radcompare: Run, folder: Path) -> None:
    Path("o.csv").write_text("patient_id,died\na,1\na,0\n", encoding="utf-8")
    ended = radcompare("cohort", folder, "--outcomes", "o.csv", "-o", "cohort.csv")
    assert (ended.code, ended.error) == (3, "o.csv: patient_id 'a' occurs 2 times (rows 2, 3)")
    assert not Path("cohort.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["nowhere"], "nowhere: does not exist, expected a folder"),
        (["data/image/a.png"], "data/image/a.png: is a file, expected a folder"),
        (
            ["data", "--json"],
            "the cohort, --unpaired - and --json: only one of them has room on standard output",
        ),
        (
            ["data", "--unpaired", "-"],
            "the cohort, --unpaired - and --json: only one of them has room on standard output",
        ),
        (["data", "--unpaired", "x.xlsx"], "x.xlsx: no writer for '.xlsx'"),
        (["data", "--on", "ID"], "--on and --columns belong to --outcomes"),
        (["data", "--columns", "died"], "--on and --columns belong to --outcomes"),
        (["data", "--image", "*.gif"], "--image *.gif: fits no file"),
        (["data", "--from", "pyradiomic"], "unknown importer 'pyradiomic'; did you mean 'pyradiomics'?"),
        (
            ["data", "--from", "pyradiomics", "--each-label"],
            "--from pyradiomics has a rule of its own for what belongs together",
        ),
    ],
)
def test_wrong_use(radcompare: Run, folder: Path, arguments: list[str], error: str) -> None:
    ended = radcompare("cohort", *arguments)
    assert (ended.code, ended.out, ended.error) == (2, "", error)
    assert ended.hint


def test_a_batch_file_of_pyradiomics(radcompare: Run, folder: Path) -> None:
    Path("data/batch.csv").write_text("Image,Mask,Label\nimage/a.png,mask/a.png,1\n", encoding="utf-8")
    ended = radcompare("cohort", "data/batch.csv", "--from", "pyradiomics", "-q")
    assert ended.out == "ID,Image,Mask,Label,patient_id\na,data/image/a.png,data/mask/a.png,1,a\n"


def test_names_that_would_command_a_terminal(radcompare: Run, folder: Path) -> None:
    write("data/mask/c\n\x1b[2J.png")
    ended = radcompare("cohort", folder, "-o", "cohort.csv")
    assert ended.code == 4
    assert "\x1b" not in ended.err
    assert "data/mask/c\\n\\x1b[2J.png" in ended.err


def test_a_real_folder_of_dicom(radcompare: Run, shared_data: Path) -> None:
    ended = radcompare("cohort", shared_data / "dicom-rtstruct", "--structure", "gtv*ct", "-o", "cohort.csv")
    assert ended.code == 4  # masks of voxels lie beside it, and there is no such structure for PET
    frame = pd.read_csv("cohort.csv")
    assert frame["ID"].tolist() == ["STS_001_CT", "STS_002_CT"]
    assert frame["Structure"].tolist() == ["GTV_Mass_CT"] * 2
