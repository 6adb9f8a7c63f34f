"""Every shipped experiment loads, and runs in a small form."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from radcompare.cache import Cache
from radcompare.config import load_experiment, sample_config
from radcompare.experiment import Run, run
from radcompare.imaging.phantom import write_cohort
from radcompare.settings import Phantom

FOLDER = Path(__file__).resolve().parents[1] / "sample_configs"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
NODULES_PER_CLASS = 12


@pytest.mark.parametrize("name", NAMES)
def test_every_configuration_loads_and_is_called_like_its_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RADCOMPARE_DATA", str(tmp_path))
    monkeypatch.setenv("RADCOMPARE_COHORT", str(tmp_path / "cohort.csv"))
    experiment = load_experiment(sample_config(name))
    assert experiment.name == name
    assert set(experiment.sources) == {source for arm in experiment.arms.values() for source in arm.sources}


@pytest.mark.parametrize("name", NAMES)
def test_every_configuration_says_how_to_run_it(name: str) -> None:
    first, *_ = comment = [
        line for line in sample_config(name).read_text(encoding="utf-8").splitlines() if line[:1] == "#"
    ]
    assert len(first) > 20
    assert "radcompare " in " ".join(comment)


def small(name: str, folder: Path, overrides: Mapping[str, Any]) -> Run:
    finished = run(
        load_experiment(sample_config(name), overrides), folder / name, cache=Cache(folder / "cache"), jobs=2
    )
    assert finished.failures == ()
    assert (folder / name / "report.html").stat().st_size > 1000
    return finished


@pytest.mark.slow
def test_demo(tmp_path: Path) -> None:
    finished = small("demo", tmp_path, {"phantom.cases": 12, "validation": 3})
    assert [arm.arm for arm in finished.results.arms] == ["radiomics", "deep", "merged", "diameter"]
    assert {arm.n for arm in finished.results.arms} == {12}


@pytest.mark.slow
def test_nested(tmp_path: Path) -> None:
    finished = small("nested", tmp_path, {"phantom.cases": 16, "validation": {"folds": 3, "inner": 2}})
    assert [(arm.arm, arm.selector) for arm in finished.results.arms] == [
        ("radiomics", "nested"),
        ("diameter", "all"),
    ]
    assert len(finished.results.exploratory) == 5 * 4
    chosen = pd.read_csv(tmp_path / "nested" / "chosen.csv")
    assert chosen["arm"].tolist() == ["radiomics"] * 3


@pytest.mark.slow
def test_nodules(tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RADCOMPARE_DATA", str(shared_data))
    nodules = pd.read_csv(shared_data / "lidc-nodules" / "cohort.csv")
    few = nodules.groupby("malignant").head(NODULES_PER_CLASS)
    for column in ("Image", "Mask"):
        few = few.assign(**{column: str(shared_data / "lidc-nodules") + "/" + few[column]})
    few.to_csv(tmp_path / "few.csv", index=False)
    changes = {"cohort": str(tmp_path / "few.csv"), "validation.folds": 3, "classifiers": "naive-bayes"}
    finished = small("nodules", tmp_path, changes)
    assert {arm.n for arm in finished.results.arms} == {2 * NODULES_PER_CLASS}
    assert "delong-clustered" in {pair.test for pair in finished.results.pairs}


@pytest.mark.slow
def test_lung40(tmp_path: Path) -> None:
    changes = {"phantom.cases": 8, "sources.deep.sweep.window": ["warp"], "sources.deep.sweep.channel": ["r"]}
    finished = small("lung40", tmp_path, changes)
    assert [(arm.arm, arm.variant) for arm in finished.results.arms] == [
        ("radiomics", ""),
        ("deep", "cnn-f post"),
        ("merged", "cnn-f post"),
    ]
    assert {arm.variant for arm in finished.results.exploratory} == {
        f"{network} {relu}" for network in ("cnn-f", "cnn-m", "cnn-s") for relu in ("pre", "post")
    } - {"cnn-f post"}


@pytest.mark.slow
def test_tables(tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RADCOMPARE_DATA", str(shared_data))
    changes = {"sources.radiomics.columns": ["original_shape_*"], "classifiers": "naive-bayes"}
    changes |= {"arms.radiomics.select": "relieff:5"}
    finished = small("tables", tmp_path, changes)
    areas = {arm.arm: arm.auc for arm in finished.results.arms}
    assert areas["cnn"] == pytest.approx(0.70, abs=0.005)  # as published for the Radboud cohort


def phantoms(folder: Path, cases: int, **columns: Any) -> str:
    """A phantom cohort with further columns; a callable makes one from the cohort's frame."""
    path = write_cohort(Phantom(cases=cases, effect=1.5), folder)
    frame = pd.read_csv(path)
    for name, values in columns.items():
        frame[name] = values(frame) if callable(values) else values
    frame.to_csv(path, index=False)
    return str(path)


FEW = {"epochs": 1, "augment": {"per_epoch": 1}}
TUNED = {"arms.tuned.cnn.epochs": 1, "arms.tuned.cnn.schedule": "constant", "arms.tuned.cnn.augment": None}


@pytest.mark.slow
def test_ensemble(tmp_path: Path) -> None:
    few = {f"arms.arch{i}.cnn.{key}": value for i in (1, 2, 3) for key, value in FEW.items()}
    finished = small("ensemble", tmp_path, {"phantom.cases": 16, "validation.folds": 2, **few})
    found = {arm.arm: arm for arm in finished.results.arms}
    assert list(found) == ["arch1", "arch2", "arch3", "average", "median", "vote"]
    assert found["median"].accuracy == found["vote"].accuracy
    assert [curve.arm for curve in finished.results.curves] == ["arch1", "arch2", "arch3"]
    assert "learning_curves" in {path.stem for path in (finished.folder / "figures").iterdir()}


@pytest.mark.slow
def test_nlst(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cohort = phantoms(tmp_path / "phantom", 24, cohort=["1"] * 14 + ["2"] * 10)
    monkeypatch.setenv("RADCOMPARE_COHORT", cohort)
    few = {f"arms.arch{i}.cnn.{key}": value for i in (1, 2, 3) for key, value in FEW.items()}
    finished = small("nlst", tmp_path, {"sources.deep.network": "cnn-f", **few})
    assert {arm.n for arm in finished.results.arms} == {10}
    assert "delong" in {pair.test for pair in finished.results.pairs}


@pytest.mark.slow
def test_gbm22(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sequences = {f"Image_{name}": lambda frame: frame["Image"] for name in ("T1", "T2", "FLAIR")}
    cohort = phantoms(tmp_path / "phantom", 6, long_survival=lambda frame: frame["malignant"], **sequences)
    monkeypatch.setenv("RADCOMPARE_COHORT", cohort)
    finished = small("gbm22", tmp_path, {"validation": 2, **TUNED})
    assert [(arm.arm, arm.variant, arm.k) for arm in finished.results.arms] == [
        ("deep", "FLAIR", "7"),
        ("tuned", "", "7"),
    ]
    assert [arm.variant for arm in finished.results.exploratory] == ["T1", "T2"]


@pytest.mark.slow
def test_gbm68(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cohort = phantoms(tmp_path / "phantom", 6, long_survival=lambda frame: frame["malignant"])
    monkeypatch.setenv("RADCOMPARE_COHORT", cohort)
    finished = small("gbm68", tmp_path, {"validation": 2, **TUNED})
    assert [arm.arm for arm in finished.results.arms] == ["radiomics", "tuned"]
