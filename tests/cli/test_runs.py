"""demo, run, report: a whole experiment from one file, its folder, and what replaces its settings."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from radcompare.config import load_experiment

Run = Callable[..., Any]
CONFIG = """
name: small
table: t.csv
outcome: malignant
sources:
  s: {columns: ["original_*"]}
  one: {columns: original_firstorder_F0}
arms:
  a: {sources: s, select: "relieff:3"}
  b: {sources: one}
validation: {folds: 3, groups: patient_id}
reference: b
"""
IMAGES = """
name: images
cohort: cohort.csv
outcome: malignant
sources:
  r219: {extractor: r219}
  diameter: {columns: diameter_mm}
arms:
  radiomics: {sources: r219, select: "su:2"}
  diameter: {sources: diameter}
validation: 2
"""
FILES = {"results.json", "predictions.csv", "run.json", "failures.csv", "report.html", "config.yaml"}


@pytest.fixture
def config(table: Path, tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    assert table.parent == tmp_path
    return path


@pytest.mark.slow
def test_a_run_writes_its_folder_and_says_what_it_found(
    radcompare: Run, config: Path, tmp_path: Path
) -> None:
    ended = radcompare("run", config, "-q")
    folder = tmp_path / "runs" / "small"
    assert (ended.code, ended.err) == (0, "")
    assert {path.name for path in folder.iterdir()} >= FILES
    assert ended.out.startswith("24 cases of 12 ")
    assert ended.out.endswith("Report: runs/small/report.html\n")
    assert load_experiment(folder / "config.yaml") == load_experiment(config)


@pytest.mark.slow
def test_results_for_programs_are_those_in_the_folder_and_those_of_compare(
    radcompare: Run, config: Path
) -> None:
    ended = radcompare("run", config, "--json", "--out", "out", "-q")
    found = json.loads(ended.out)
    assert found == json.loads(Path("out/results.json").read_text(encoding="utf-8"))
    again = json.loads(radcompare("compare", "out/predictions.csv", "--reference", "b", "--json").out)
    assert [found[key] for key in ("arms", "pairs", "refused")] == [
        again[key] for key in ("arms", "pairs", "refused")
    ]


@pytest.mark.slow
def test_the_same_config_gives_the_same_bytes(radcompare: Run, config: Path) -> None:
    for out, jobs in (("one", 1), ("two", 2)):
        assert radcompare("run", config, "--out", out, "-j", jobs).code == 0
    for name in ("results.json", "predictions.csv", "report.html", "config.yaml"):
        assert Path("one", name).read_bytes() == Path("two", name).read_bytes(), name


@pytest.mark.slow
def test_the_users_own_config_is_not_written_over(radcompare: Run, config: Path) -> None:
    own = config.rename(config.with_name("config.yaml"))
    ended = radcompare("run", "config.yaml", "--out", ".")
    assert (ended.code, own.read_text(encoding="utf-8")) == (2, CONFIG)
    assert ended.err.startswith("error: config.yaml: --out . would write over it")
    assert radcompare("run", "config.yaml", "--out", "first", "-q").code == 0
    assert radcompare("run", "first/config.yaml", "--out", "first", "-q").code == 0


@pytest.mark.slow
def test_settings_are_replaced(radcompare: Run, config: Path) -> None:
    changed = (
        "--set",
        "validation.folds=4",
        "--set",
        "arms.a.select=su:2",
        "--set",
        "reference=",
        "--seed",
        "7",
    )
    assert radcompare("run", config, "--out", "out", *changed).code == 0
    experiment = load_experiment(Path("out/config.yaml"))
    assert (experiment.validation.folds, experiment.validation.groups) == (4, "patient_id")
    assert str(experiment.arms["a"].select[0]) == "su:2"
    assert (experiment.reference, experiment.seed) == (None, 7)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--set", "foo"], "--set: expected KEY=VALUE, found 'foo'"),
        (["--set", "=3"], "--set: expected KEY=VALUE, found '=3'"),
        (["--set", "a..b=3"], "--set: expected KEY=VALUE, found 'a..b=3'"),
        (["--set", "foo=3"], "small.yaml with foo replaced: unknown key foo (known: name, cohort,"),
        (
            ["--set", "folds=3"],
            "small.yaml with folds replaced: unknown key folds; did you mean 'validation.folds'?",
        ),
        (["--set", "validation={folds:"], "--set: cannot read the value '{folds:': line 1, column 8:"),
        (["--set", "name.x=3"], "--set name.x: name is 'small', which has no keys inside"),
        (
            ["--cohort", "c.csv"],
            "small.yaml with cohort replaced: give either cohort (images and masks) or table",
        ),
        (["-j", "0"], "--jobs/-j: expected at least 1, found '0'"),
    ],
)
def test_wrong_options_of_run(radcompare: Run, config: Path, options: list[str], error: str) -> None:
    ended = radcompare("run", config.name, *options)
    assert (ended.code, ended.out) == (2, "")
    assert ended.error.startswith(error)
    assert ended.hint
    assert not Path("runs").exists()


def test_wrong_files(radcompare: Run, table: Path) -> None:
    for name, error in (
        ("absent.yaml", "cannot be read"),
        (table.name, "holds text alone"),
        (".", "cannot be read"),
    ):
        ended = radcompare("run", name)
        assert (ended.code, ended.out) == (2, "")
        assert ended.error.startswith(f"{name}: {error}")
        assert ended.hint


def test_data_that_do_not_fit(radcompare: Run, config: Path) -> None:
    for setting, error in (
        ("outcome=malign", "no outcome column 'malign'; did you mean 'malignant'?"),
        ("positive=7", "the outcome 'malignant' has no value '7'"),
        ("validation.folds=20", "folds, but"),
        ("validation.groups=patient", "no column 'patient'; did you mean 'patient_id'?"),
        ("table=absent.csv", "absent.csv: cannot be read: No such file"),
    ):
        ended = radcompare("run", config, "--set", setting)
        assert (ended.code, ended.out) == (3, ""), setting
        assert error in ended.error
        assert ended.hint


@pytest.fixture
def images(cohort: Callable[..., Path], tmp_path: Path) -> Path:
    cohort(lambda frame: frame.assign(Image=frame["Image"].where(frame.index > 0, "/nowhere/x.nii.gz")))
    path = tmp_path / "images.yaml"
    path.write_text(IMAGES, encoding="utf-8")
    return path


@pytest.mark.slow
def test_a_lost_case_is_told_and_the_others_are_compared(radcompare: Run, images: Path) -> None:
    ended = radcompare("run", images, "--out", "out", "-q")
    assert ended.code == 4
    assert "note: 1 measurements failed: see out/failures.csv" in ended.err
    (failure,) = pd.read_csv("out/failures.csv").to_dict("records")
    assert (failure["ID"], failure["stage"]) == ("phantom-001", "r219")
    arms = {
        arm["arm"]: arm["n"]
        for arm in json.loads(Path("out/results.json").read_text(encoding="utf-8"))["arms"]
    }
    assert arms == {"radiomics": 5, "diameter": 6}
    assert len(pd.read_csv("out/features/r219.csv")) == 5


@pytest.mark.slow
def test_another_cohort_in_place_of_the_configs(
    radcompare: Run, images: Path, cohort: Callable[..., Path]
) -> None:
    good = cohort().read_bytes()
    Path("elsewhere").mkdir()
    Path("elsewhere/good.csv").write_bytes(good)
    by_name = radcompare("run", images, "--cohort", "elsewhere/good.csv", "--out", "a", "-q")
    by_stream = radcompare("run", images, "--cohort", "-", "--out", "b", "-q", stdin=good)
    assert (by_name.code, by_stream.code) == (0, 0)
    assert Path("a/predictions.csv").read_bytes() == Path("b/predictions.csv").read_bytes()


def test_an_unknown_outcome_is_told_before_anything_is_measured(radcompare: Run, images: Path) -> None:
    ended = radcompare("run", images, "--set", "outcome=malign", "--out", "out")
    assert (ended.code, ended.out) == (3, "")
    assert not Path("out/features").exists()


@pytest.mark.slow
def test_a_report_is_written_anew(radcompare: Run, config: Path) -> None:
    radcompare("run", config, "--out", "out")
    before = Path("out/report.html").read_bytes()
    Path("out/report.html").unlink()
    ended = radcompare("report", "out")
    assert (ended.code, ended.out, ended.err) == (0, "out/report.html\n", "")
    assert Path("out/report.html").read_bytes() == before


@pytest.mark.parametrize("folder", [".", "absent"])
def test_no_report_without_a_run(radcompare: Run, folder: str) -> None:
    ended = radcompare("report", folder)
    assert (ended.code, ended.out, ended.error) == (3, "", f"{folder}: holds no results.json")
    assert ended.hint


def test_the_phantom_cohort_alone(radcompare: Run) -> None:
    ended = radcompare("demo", "--write-cohort", "phantom", "--cases", "4", "--seed", "3")
    assert (ended.code, ended.out, ended.err) == (0, "phantom/cohort.csv\n", "")
    assert len(pd.read_csv("phantom/cohort.csv")) == 4


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--cases", "3"], "--cases: expected at least 4, found '3'"),
        (["--effect", "abc"], "--effect: expected a number, found 'abc'"),
        (["--effect", "nan"], "phantom.effect: expected a finite number, found nan"),
    ],
)
def test_wrong_options_of_demo(radcompare: Run, options: list[str], error: str) -> None:
    ended = radcompare("demo", *options)
    assert (ended.code, ended.out) == (2, "")
    assert ended.error.endswith(error)


@pytest.mark.slow
def test_the_demo_writes_everything_even_with_few_cases(radcompare: Run) -> None:
    ended = radcompare("demo", "--cases", "8", "--out", "out", "--json")
    found = json.loads(ended.out)
    assert ended.code == 0
    assert "note: 4 folds in place of 10: a class has no more cases\n" in ended.err
    assert {arm["arm"]: bool(arm["untrained"]) for arm in found["arms"]} == {
        "radiomics": False,
        "deep": True,
        "merged": True,
        "diameter": False,
    }
    assert {path.name for path in Path("out").iterdir()} >= FILES
    assert {path.name for path in Path("out/features").glob("*.csv")} == {
        "r219.csv",
        "r219.readings.csv",
        "cnn-f.csv",
        "cnn-f.readings.csv",
    }
