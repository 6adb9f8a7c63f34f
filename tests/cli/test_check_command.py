"""check: every problem of the input at once, with what to do, and what is to come."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import SimpleITK as sitk

Run = Callable[..., Any]
Cohort = Callable[..., Path]


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
    assert (ended.code, ended.out) == (0, "")
    plan, summary = ended.err.splitlines()
    assert plan.startswith("note: extract radiomics: 219 features of 6 cases, ")
    assert summary == "note: errors: 0, warnings: 0"
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
    assert ended.err.endswith("note: errors: 1, warnings: 0\n")
    assert "219 features of 5 cases" in ended.err


def test_rows_that_are_no_case_cost_no_other(radcompare: Run, cohort: Cohort) -> None:
    def spoilt(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.assign(Label="1").astype({"Label": object})
        frame.loc[0, "Label"], frame.loc[1, "Mask"], frame.loc[2, "Image"] = (
            "tumour",
            None,
            "/nowhere/x.nii.gz",
        )
        frame.loc[4, "ID"] = frame.loc[5, "ID"]
        return frame

    ended = radcompare("check", cohort(spoilt), "--json", "-q")
    found = [(p["case"], p["problem"]) for p in json.loads(ended.out) if p["severity"] == "error"]
    assert ended.code == 3
    assert [case for case, _ in found] == ["", "phantom-001", "phantom-002", "phantom-003"]
    words = [
        "occurs 2 times (rows 6, 7)",
        "Label 'tumour' is not an integer",
        "Mask is empty",
        "does not exist",
    ]
    assert all(word in problem for word, (_, problem) in zip(words, found, strict=True))


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        (lambda f: f.rename(columns={"Mask": "Maske"}), "no column 'Mask'; did you mean 'Maske'?"),
        (lambda f: f.drop(columns="Image"), "no column 'Image'"),
        (lambda f: f.head(0), "has a header"),
    ],
)
def test_a_table_of_which_no_row_is_a_case(
    radcompare: Run, cohort: Cohort, how: Callable[[pd.DataFrame], pd.DataFrame], problem: str
) -> None:
    ended = radcompare("check", cohort(how), "--json")
    (told,) = json.loads(ended.out)
    assert (ended.code, told["case"], told["severity"]) == (3, "", "error")
    assert problem in told["problem"]
    assert ended.err.startswith("error: ")
    ended = radcompare("check", "cohort.csv")
    assert (ended.code, ended.out) == (3, "")
    assert problem in ended.error


def test_no_file_is_bad_data(radcompare: Run) -> None:
    ended = radcompare("check", "none.csv")
    assert (ended.code, ended.error) == (3, "none.csv: cannot be read: No such file or directory")


def test_problems_as_a_table(radcompare: Run, cohort: Cohort) -> None:
    path = cohort(lost("Image", "/nowhere/x.nii.gz"))
    ended = radcompare("check", path, "-o", "told/problems.csv")
    (row,) = pd.read_csv("told/problems.csv").to_dict("records")
    assert (ended.code, row["case"], row["severity"]) == (3, "phantom-001", "error")
    assert row["problem"] in ended.out
    ended = radcompare("check", path, "-o", "-", "-q")
    assert ended.out == Path("told/problems.csv").read_text(encoding="utf-8")


def test_copies_are_told_with_what_differs(radcompare: Run, cohort: Cohort) -> None:
    def copied(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[1, ["Image", "Mask"]] = frame.loc[0, ["Image", "Mask"]].tolist()
        return frame

    ended = radcompare("check", cohort(copied), "--json")
    (told,) = [p for p in json.loads(ended.out) if "by content" in p["problem"]]
    assert (ended.code, told["case"], told["severity"]) == (0, "phantom-001", "warning")
    assert told["problem"].startswith(
        "the same image and region as phantom-002, by content; yet 'malignant' differs"
    )


def test_an_outcome_that_is_not_there_costs_no_case(radcompare: Run, cohort: Cohort) -> None:
    path = cohort(lost("Image", "/nowhere/x.nii.gz"))
    ended = radcompare("check", path, "--outcome", "malignan", "--json", "-q")
    column, case = (p for p in json.loads(ended.out) if p["severity"] == "error")
    assert (ended.code, case["case"]) == (3, "phantom-001")
    assert "no outcome column 'malignan'; did you mean 'malignant'?" in column["problem"]


def test_an_outcome_with_holes(radcompare: Run, cohort: Cohort) -> None:
    ended = radcompare("check", cohort(lost("malignant", None)), "--outcome", "malignant", "--json", "-q")
    (told,) = [p for p in json.loads(ended.out) if p["severity"] == "error"]
    assert ended.code == 3
    assert told["problem"].endswith("the outcome 'malignant' is missing for 1 cases: phantom-001")


def test_the_table_and_json_have_not_both_room(radcompare: Run, cohort: Cohort) -> None:
    ended = radcompare("check", cohort(), "--json", "-o", "-")
    assert (ended.code, ended.out, ended.error) == (
        2,
        "",
        "--json and -o -: only one has room on standard output",
    )


def test_reading_is_what_extraction_would_do(radcompare: Run, cohort: Cohort) -> None:
    path = cohort()
    ended = radcompare("check", path, "--reading", "spacing=50", "--json", "-q")
    told = [problem["problem"] for problem in json.loads(ended.out)]
    assert ended.code == 0
    assert sum("the mask holds 1 voxels" in problem for problem in told) == 6
    ended = radcompare("check", path, "--reading", "spacin=50")
    assert (ended.code, "did you mean 'spacing'?" in ended.error) == (2, True)
    ended = radcompare("check", path, "--reading", "spacing")
    assert (ended.code, ended.error) == (2, "--reading: expected KEY=VALUE, found 'spacing'")


EXPERIMENT = """
cohort: cohort.csv
outcome: malignant
sources:
  r219: {extractor: r219}
  diameter: {columns: diameter_mm}
arms:
  radiomics: {sources: r219, select: "anova:3"}
  both: {sources: [r219, diameter], select: "anova:3"}
validation: {scheme: loo}
permutations: 10
"""


def test_an_experiment_is_checked_and_foretold(radcompare: Run, cohort: Cohort, tmp_path: Path) -> None:
    cohort()
    (tmp_path / "e.yaml").write_text(EXPERIMENT, encoding="utf-8")
    ended = radcompare("check", "e.yaml")
    lines = ended.err.splitlines()
    assert ended.code == 0
    assert ended.out.startswith("warning: ")
    assert "few cases by the outcome 'malignant': 3 of class 0, 3 of class 1" in ended.out
    assert lines[0].startswith("note: source r219: 219 features of 6 cases, ")
    assert lines[1].startswith("note: 6 folds of 2 configurations, and 10 times more on permuted outcomes, ")
    assert lines[2].startswith("note: in all ")
    quiet = radcompare("check", "e.yaml", "-q")
    assert (quiet.code, quiet.err) == (0, "")
    assert not (tmp_path / "runs").exists()
    assert radcompare("check", "e.yaml", "--outcome", "malignant").code == 2


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


def test_what_an_experiment_would_die_of_is_a_problem_beside_the_others(
    radcompare: Run, cohort: Cohort, tmp_path: Path
) -> None:
    cohort(lost("Image", "/nowhere/x.nii.gz"))
    (tmp_path / "e.yaml").write_text(EXPERIMENT.replace("{scheme: loo}", "{folds: 5}"), encoding="utf-8")
    ended = radcompare("check", "e.yaml", "--json")
    case, design = (p for p in json.loads(ended.out) if p["severity"] == "error")
    assert (ended.code, case["case"], design["case"]) == (3, "phantom-001", "")
    assert "5 folds" in design["problem"]
    assert design["hint"]


def test_missing_weights_are_a_problem_too(radcompare: Run, cohort: Cohort, tmp_path: Path) -> None:
    cohort()
    source = "{extractor: deep, network: cnn-f, weights: none.mat, layer: full7}"
    (tmp_path / "e.yaml").write_text(EXPERIMENT.replace("{extractor: r219}", source), encoding="utf-8")
    ended = radcompare("check", "e.yaml", "--json", "--jobs", "1")
    (weights,) = (p for p in json.loads(ended.out) if p["severity"] == "error")
    assert (ended.code, "none.mat" in weights["problem"]) == (3, True)
