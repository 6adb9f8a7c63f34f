"""extract: one bad case costs no other, and every problem is told with what to do."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from radcompare.cli.images import HANDCRAFTED

Run = Callable[..., Any]
Cohort = Callable[..., Path]
DEEP = ("--network", "cnn-f", "--weights", "random", "--layer", "conv1")


def lost(column: str, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Put something wrong into the first case."""
    return lambda frame: frame.assign(**{column: frame[column].astype(object).where(frame.index > 0, value)})


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
    for command in (["extract", "radiomics"], ["extract", "deep", *DEEP]):
        ended = radcompare(*command, "cohort.csv")
        assert (ended.code, ended.out) == (3, "")
        assert ended.error.startswith(error)
        assert ended.hint


@pytest.mark.slow
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
