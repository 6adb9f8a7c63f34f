"""Tables of other programs, from the command line: what is recognised is told, and only features predict."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

Run = Callable[..., Any]
CASES = 24


def columns(*names: str) -> dict[str, Any]:
    """Numbers, of which the first column knows the outcome."""
    random = np.random.default_rng(0)
    outcome = np.tile([0, 1], CASES // 2)
    return {name: random.normal(size=CASES) + 2 * outcome * (at == 0) for at, name in enumerate(names)}


def tables() -> dict[str, tuple[pd.DataFrame, str, list[str], str]]:
    """A table of each program, its outcome, its features, and how its first case is called."""
    paths = [f"/scans/c{number:02d}.nii.gz" for number in range(CASES)]
    outcome = np.tile([0, 1], CASES // 2)
    pred, ibsi = ["pred_0", "pred_1", "pred_4095"], ["stat_mean", "ngl_lde_3D", "morph_flatness"]
    batch = ["original_firstorder_Mean", "original_glcm_Contrast", "wavelet-LLH_glcm_Idm"]
    places = {"image_path": paths} | {f"coord{axis}": outcome * 3.0 for axis in "XYZ"}
    regions = {"PatientID": [Path(path).name for path in paths], "ROI": "label_1_lesion_1"}
    records = {"img_dim_x_init_img": outcome + 64, "int_mask_vox_count_init_roi": outcome + 9}
    made = {"diagnostics_Versions_PyRadiomics": "3.0.1", "diagnostics_Mask-original_VoxelNum": outcome}
    files = {"ID": [f"c{number:02d}" for number in range(CASES)], "Image": paths, "Mask": paths}
    return {
        "FMCIB": (pd.DataFrame(places | {"died": outcome} | columns(*pred)), "died", pred, "c00"),
        "PySERA": (pd.DataFrame(regions | records | columns(*ibsi) | {"died": outcome}), "died", ibsi, "c00"),
        "radMLBench": (
            pd.DataFrame(columns("f1", "f2", "f3") | {"ID": range(CASES), "Target": outcome}),
            "Target",
            ["f1", "f2", "f3"],
            "0",
        ),
        "pyradiomics": (
            pd.DataFrame(files | made | columns(*batch) | {"died": outcome}),
            "died",
            batch,
            "c00",
        ),
    }


@pytest.fixture(params=["FMCIB", "PySERA", "radMLBench", "pyradiomics"])
def given(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str, list[str], str]:
    """t.csv of a program: its name, outcome, features and first case."""
    frame, *known = tables()[request.param]
    frame.to_csv(tmp_path / "t.csv", index=False)
    return (request.param, *known)


def test_only_features_predict_and_a_note_says_which(
    radcompare: Run, given: tuple[str, str, list[str], str]
) -> None:
    program, outcome, features, first = given
    told = f"note: recognised as a table of {program}: 3 columns taken as features, {features[0]} to {features[-1]}"
    scored = radcompare("select", "t.csv", "--outcome", outcome, "--scores")
    assert sorted(pd.read_csv(io.StringIO(scored.out))["feature"]) == sorted(features)
    predicted = radcompare("evaluate", "t.csv", "--outcome", outcome, "--cv", 3)
    assert str(pd.read_csv(io.StringIO(predicted.out))["ID"][0]) == first
    checked = radcompare("check", "t.csv", "--outcome", outcome)
    assert (checked.code, "24 rows, 3 feature columns" in checked.err) == (0, True)
    for ended in (scored, predicted, checked):
        assert ended.code == 0
        assert (told in ended.err) == (program != "pyradiomics")


@pytest.mark.slow
def test_an_experiment_on_the_table(
    radcompare: Run, given: tuple[str, str, list[str], str], tmp_path: Path
) -> None:
    _, outcome, features, _ = given
    text = f"""
        table: t.csv
        outcome: {outcome}
        sources: {{every: {{columns: "*"}}, named: {{columns: {features}}}}}
        arms: {{every: {{sources: every}}, named: {{sources: named}}}}
        validation: {{scheme: kfold, folds: 3}}
    """
    (tmp_path / "experiment.yaml").write_text(text, encoding="utf-8")
    assert radcompare("run", "experiment.yaml", "--out", "run").code == 0
    scores = pd.read_csv(tmp_path / "run" / "predictions.csv").groupby("arm")["score"].apply(list)
    assert scores["every"] == scores["named"]


def test_what_records_the_extraction_passes_through_a_merge(
    radcompare: Run, given: tuple[str, str, list[str], str], tmp_path: Path
) -> None:
    cases = [
        given[3],
        *(f"c{number:02d}" if given[3] == "c00" else str(number) for number in range(1, CASES)),
    ]
    pd.DataFrame({"ID": cases, "r219_more": np.arange(CASES) / 3}).to_csv(tmp_path / "more.csv", index=False)
    merged = pd.read_csv(io.StringIO(radcompare("merge", "t.csv", "more.csv").out))
    frame = pd.read_csv(tmp_path / "t.csv")
    assert set(merged.columns) == {"ID", *frame.columns, "r219_more"}
    pd.testing.assert_frame_equal(merged[frame.columns], frame)
    scored = radcompare(
        "select", "-", "--outcome", given[1], "--scores", stdin=merged.to_csv(index=False).encode()
    )
    chosen = set(pd.read_csv(io.StringIO(scored.out))["feature"])
    assert chosen == ({"r219_more"} if given[0] == "radMLBench" else {*given[2], "r219_more"})


def test_every_column_is_asked_for(radcompare: Run, tmp_path: Path) -> None:
    frame = tables()["pyradiomics"][0].drop(columns=["Image", "Mask"])
    frame.to_csv(tmp_path / "t.csv", index=False)
    asked = ("select", "t.csv", "--outcome", "died", "--scores", "--features")
    ended = radcompare(*asked, "*")
    assert len(pd.read_csv(io.StringIO(ended.out))) == 3
    assert (
        "note: columns that record the extraction, left out: diagnostics_Versions_PyRadiomics, " in ended.err
    )
    ended = radcompare(*asked, "diagnostics_Mask-original_VoxelNum")
    assert list(pd.read_csv(io.StringIO(ended.out))["feature"]) == ["diagnostics_Mask-original_VoxelNum"]
    ended = radcompare(*asked, "diagnostics_*")
    assert (ended.code, "only by its full name" in ended.hint) == (3, True)
