"""check and extract: one bad case costs no other, and every problem is told with what to do."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk

from radcompare.cli.images import HANDCRAFTED

Run = Callable[..., Any]
Cohort = Callable[..., Path]
DEEP = ("--network", "cnn-f", "--weights", "random", "--layer", "conv1")


def lost(column: str, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Put something wrong into the first case."""
    return lambda frame: frame.assign(**{column: frame[column].astype(object).where(frame.index > 0, value)})


@pytest.fixture
def empty_mask(phantom: Path, tmp_path: Path) -> Path:
    """The first case's mask without a voxel."""
    mask = sitk.ReadImage(str(next((phantom / "mask").iterdir())))
    sitk.WriteImage(mask * 0, str(tmp_path / "empty.nii.gz"))
    return tmp_path / "empty.nii.gz"


def test_a_good_cohort_has_no_problem(radcompare: Run, cohort: Cohort) -> None:
    ended = radcompare("check", cohort())
    assert (ended.code, ended.out, ended.err) == (0, "", "note: errors: 0, warnings: 0\n")
    ended = radcompare("check", "-", "--json", "-q", stdin=cohort().read_bytes())
    assert (ended.code, json.loads(ended.out), ended.err) == (0, [], "")


def test_problems_for_programs_and_for_people(radcompare: Run, cohort: Cohort) -> None:
    path = cohort(lost("Image", "/nowhere/x.nii.gz"))
    ended = radcompare("check", path, "--json")
    assert ended.code == 3
    (problem,) = json.loads(ended.out)
    assert set(problem) == {"case", "severity", "problem", "hint"}
    assert (problem["case"], problem["severity"]) == ("phantom-001", "error")
    ended = radcompare("check", path)
    assert ended.out == f"phantom-001: error: {problem['problem']}\n    {problem['hint']}\n"
    assert ended.err == "note: errors: 1, warnings: 0\n"


def test_a_table_that_is_no_cohort_for_programs(radcompare: Run, cohort: Cohort) -> None:
    ended = radcompare("check", cohort(lambda frame: frame.assign(Label=1.5)), "--json")
    (problem,) = json.loads(ended.out)
    assert (ended.code, problem["case"], problem["severity"]) == (3, "", "error")
    assert problem["problem"].count("Label 1.5 is not an integer") == 6
    assert ended.err.startswith("error: ")


def test_an_empty_mask_and_one_of_another_case(radcompare: Run, cohort: Cohort, empty_mask: Path) -> None:
    ended = radcompare("check", cohort(lost("Mask", str(empty_mask))))
    assert (ended.code, "is an empty mask" in ended.out) == (3, True)
    ended = radcompare("check", cohort(lambda frame: frame.assign(Mask=frame["Mask"].iloc[0])))
    assert (ended.code, "does not lie on the grid" in ended.out) == (3, True)


def test_an_absent_label(radcompare: Run, cohort: Cohort) -> None:
    ended = radcompare("check", cohort(lambda frame: frame.assign(Label=7)))
    assert (ended.code, ended.out.count("does not hold label 7; it holds 1")) == (3, 6)


def test_awkward_masks(radcompare: Run, shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "awkward-masks" / "prostate"
    rows = [("empty", "seg_empty", ""), ("two", "seg_two_labels", ""), ("absent", "seg_two_labels", 9)]
    rows += [("second", "seg_two_labels", 2), ("single", "seg_single_slice", "")]
    cases = [(name, folder / "img.nii.gz", folder / f"{mask}.nii.gz", label) for name, mask, label in rows]
    cases.append(("other", folder / "img.nii.gz", shared_data / "awkward-masks" / "CT_head_seg.nii.gz", ""))
    pd.DataFrame(cases, columns=["ID", "Image", "Mask", "Label"]).to_csv(tmp_path / "c.csv", index=False)
    ended = radcompare("check", "c.csv", "--json")
    errors = {p["case"]: p["problem"] for p in json.loads(ended.out) if p["severity"] == "error"}
    assert ended.code == 3
    assert set(errors) == {"empty", "two", "absent", "other"}
    assert "is an empty mask" in errors["empty"]
    assert "several labels: 1 (19401 voxels), 2 (2499 voxels)" in errors["two"]
    assert "does not hold label 9" in errors["absent"]
    assert "does not lie on the grid" in errors["other"]


WRONG_COHORTS = [
    (lambda f: f.assign(ID="a"), "cohort.csv: the ID 'a' occurs 6 times"),
    (lambda f: f.rename(columns={"Mask": "Maske"}), "cohort.csv: no column 'Mask'; did you mean 'Maske'?"),
    (lambda f: f.drop(columns="Image"), "cohort.csv: no column 'Image'"),
    (
        lambda f: f.assign(Label="tumour"),
        "cohort.csv, row 2 (ID phantom-001): Label 'tumour' is not an integer",
    ),
    (lost("Mask", None), "cohort.csv, row 2 (ID phantom-001): Mask is empty"),
    (lambda f: f.head(0), "cohort.csv: "),
]


@pytest.mark.parametrize(("how", "error"), WRONG_COHORTS)
def test_wrong_cohorts(
    radcompare: Run, cohort: Cohort, how: Callable[[pd.DataFrame], pd.DataFrame], error: str
) -> None:
    cohort(how)
    for command in (["check"], ["extract", "radiomics"], ["extract", "deep", *DEEP]):
        ended = radcompare(*command, "cohort.csv")
        assert (ended.code, ended.out) == (3, "")
        assert ended.error.startswith(error)
        assert ended.hint


@pytest.mark.parametrize(
    "command", [["radiomics"], ["radiomics", "--features", "pyradiomics"], ["deep", *DEEP]]
)
def test_extract_writes_a_table_alone_to_standard_output(
    radcompare: Run, cohort: Cohort, command: list[str]
) -> None:
    path = cohort(lambda frame: frame.head(3))
    ended = radcompare("extract", *command, path, "-o", "-")
    told = {
        "radiomics": ["no OrganMask was given"] * (len(command) == 1),
        "deep": ["are dead", "beyond the image"],
    }
    lines = ended.err.splitlines()
    assert ended.code == 0
    assert all(words in line for words, line in zip(told[command[0]], lines, strict=True)), lines
    frame = pd.read_csv(io.StringIO(ended.out))
    assert list(frame["ID"]) == ["phantom-001", "phantom-002", "phantom-003"]
    assert list(frame.columns[1:4]) == ["patient_id", "malignant", "diameter_mm"]
    assert len(frame.columns) > 50
    assert radcompare("extract", *command, path, "-o", "features/x.csv", "-j", "2").code == 0
    assert Path("features/x.csv").read_text(encoding="utf-8") == ended.out
    assert Path("features/failures.csv").read_text(encoding="utf-8") == "ID,stage,problem,hint\n"
    assert json.loads(Path("features/x.meta.json").read_text(encoding="utf-8"))["features"]


def test_a_lost_case_costs_no_other_and_is_told(radcompare: Run, cohort: Cohort) -> None:
    ended = radcompare(
        "extract", "radiomics", cohort(lost("Image", "/nowhere/x.nii.gz")), "-o", "new/r.csv", "-q"
    )
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.startswith("note: not measured: case phantom-001: /nowhere/x.nii.gz does not exist")
    assert len(pd.read_csv("new/r.csv")) == 5
    (failure,) = pd.read_csv("new/failures.csv").to_dict("records")
    assert (failure["ID"], failure["stage"]) == ("phantom-001", "r219")
    assert failure["hint"] == "correct the path in the cohort"


def test_no_case_at_all_is_bad_data(radcompare: Run, cohort: Cohort) -> None:
    path = cohort(lambda frame: frame.assign(Image="/nowhere/x.nii.gz"))
    ended = radcompare("extract", "radiomics", path, "-o", "r.csv")
    assert (ended.code, ended.out) == (3, "")
    assert ended.error.startswith(
        "r219: none of the 6 cases could be measured; the first problem: case phantom-001"
    )
    assert not Path("r.csv").exists()


PARAMETERS = "setting:\n  binWidth: {}\n"


def test_a_parameter_file_counts(radcompare: Run, cohort: Cohort, tmp_path: Path) -> None:
    path = cohort(lambda frame: frame.head(1))
    tables = []
    for width in (25, 100):
        (tmp_path / "params.yaml").write_text(PARAMETERS.format(width), encoding="utf-8")
        ended = radcompare("extract", "radiomics", path, "--params", "params.yaml")
        tables.append(pd.read_csv(io.StringIO(ended.out)).filter(like="glcm"))
    assert not np.allclose(tables[0], tables[1])


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("setting:\n  binWith: 25\n", "params.yaml: unknown key setting.binWith; did you mean 'binWidth'?"),
        ("- a\n", "params.yaml: "),
        (None, "params.yaml: cannot be read: No such file or directory"),
    ],
)
def test_wrong_parameter_files(
    radcompare: Run, cohort: Cohort, tmp_path: Path, content: str | None, error: str
) -> None:
    if content is not None:
        (tmp_path / "params.yaml").write_text(content, encoding="utf-8")
    ended = radcompare("extract", "radiomics", cohort(), "-p", "params.yaml")
    assert (ended.code, ended.out) == (2, "")
    assert ended.error.startswith(error)
    assert ended.hint


WRONG_DEEP = [
    (
        ["--network", "cnnf"],
        "radcompare extract deep: network: unknown network 'cnnf'; did you mean 'cnn-f'?",
    ),
    (["--weights", "missing.pth"], "no weights file missing.pth"),
    (["--weights", "imagenat"], "radcompare extract deep: weights: no weights file 'imagenat'; did you mean"),
    (["--weights", "cohort.csv"], "cohort.csv: .csv is no known kind of weights file"),
    (["--weights", "imagenet"], "no ImageNet weights of cnn-f are known"),
    (
        ["--intensity", "5"],
        "radcompare extract deep: intensity: expected percentile or LOW:HIGH such as -1000:400",
    ),
    (["--relu", "x"], "radcompare extract deep: relu: expected 'pre', 'post' or 'both', found 'x'"),
    (
        ["--channel", "x"],
        "radcompare extract deep: channel: expected 'r', 'g', 'b', 'all' or 'each', found 'x'",
    ),
    (["--window", "c"], "radcompare extract deep: window: expected 'crop' or 'warp', found 'c'"),
    (["--pool", "avg"], "radcompare extract deep: pool: expected 'mean', 'max' or 'flatten', found 'avg'"),
    (["--size", "100000"], "radcompare extract deep: size: expected at most 4096, found 100000"),
    (["--window", "warp", "--size", "30"], "--size is the side of the crop window: warp has none"),
]


@pytest.mark.parametrize(("options", "error"), WRONG_DEEP)
def test_wrong_options_of_extract_deep(
    radcompare: Run, cohort: Cohort, options: list[str], error: str
) -> None:
    cohort()
    ended = radcompare("extract", "deep", "cohort.csv", *DEEP, *options)
    assert (ended.code, ended.out) == (2, "")
    assert ended.error.startswith(error)
    assert ended.hint


def test_an_unknown_layer_lists_those_there_are(radcompare: Run, cohort: Cohort) -> None:
    ended = radcompare("extract", "deep", cohort(), *DEEP[:-1], "fc7")
    assert (ended.code, ended.error) == (2, "unknown layer of cnn-f 'fc7'")
    assert ended.hint.startswith("known: conv1, conv2, conv3, conv4, conv5, full6, full7, full8; ")


def test_unreachable_imagenet_weights_say_what_to_do(
    radcompare: Run, cohort: Cohort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    deep = ("--network", "resnet18", "--weights", "imagenet", "--layer", "fc")
    ended = radcompare("extract", "deep", cohort(), *deep)
    assert (ended.code, ended.out) == (2, "")
    assert ended.error.startswith("cannot fetch the ImageNet weights of resnet18")
    assert "--weights FILE" in ended.hint


@pytest.mark.parametrize("name", ["r21", "deep", "R219"])
def test_an_unknown_set_of_features(radcompare: Run, name: str) -> None:
    ended = radcompare("extract", "radiomics", "cohort.csv", "--features", name)
    assert ended.code == 2
    assert ended.error.startswith(f"unknown feature set '{name}'")
    assert ended.hint == f"known: {', '.join(HANDCRAFTED)}"
