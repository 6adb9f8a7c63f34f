"""A whole experiment on handmade cases: what is in its folder, byte for byte, and what a failed run leaves."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
import yaml

from radcompare import registry
from radcompare.cache import Cache
from radcompare.compare.comparison import compare
from radcompare.config import Experiment, load_experiment, parse
from radcompare.errors import ConfigError, DataError, OutcomeError, RadcompareError
from radcompare.experiment import Run, run, table_study
from radcompare.imaging.region import Region
from radcompare.report.run_folder import rewrite_report
from radcompare.tables.features import read_features
from radcompare.tables.predictions import read_predictions
from radcompare.tables.results import read_results

CASES = 24
STAMP = "untrained (random, seed 1)"
FILES = {
    *(
        "results.json",
        "predictions.csv",
        "selected.csv",
        "chosen.csv",
        "failures.csv",
        "run.json",
        "config.yaml",
        "report.html",
    ),
    *("features/hand.csv", "features/hand.meta.json", "features/hand.readings.csv"),
    *("features/net.csv", "features/net.meta.json", "features/net.readings.csv"),
    *(f"figures/{name}.svg" for name in ("roc", "calibration", "decision", "confusion")),
    *(f"figures/{name}.svg" for name in ("flow", "forest", "selected", "correlation")),
    *(f"figures/roc_{arm}.svg" for arm in ("radiomics", "deep", "merged", "reader")),
    *(
        f"tables/{name}.{form}"
        for name in ("arms", "metrics", "pairs", "stability")
        for form in ("csv", "tex")
    ),
    *("tables/exploratory.csv", "tables/exploratory.tex", "views/net/sheet-01.png"),
}


class Meter:
    """Stands for every extractor: statistics of the region for radiomics, a few pixels for a network."""

    def __init__(self, source: Any) -> None:
        self.source = source
        if "missing" in getattr(source, "layer", ()):
            raise ConfigError("cnn-f has no layer 'missing'", "name another")

    def settings(self) -> Mapping[str, Any]:
        plain = {"extractor": self.source.extractor}
        return plain | ({"network": "cnn-f", "weights": STAMP} if self.source.extractor == "deep" else {})

    def extract(self, region: Region) -> dict[str, float]:
        values = region.image[region.mask]
        if values.max() > 9000:
            raise ZeroDivisionError("nothing to divide by")
        if self.source.extractor == "deep":
            return {f"deep_cnn-f_full7_post_{i:04d}": float(value) for i, value in enumerate(values[:6])}
        return {
            "r219_mean": float(values.mean()),
            "r219_sd": float(values.std()),
            "r219_max": float(values.max()),
        }

    def source_of(self, column: str) -> str:
        return "meter 1.0" if column.startswith(("r219_", "deep_")) else "?"


@pytest.fixture(autouse=True)
def _meters(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("r219", "deep"):
        monkeypatch.setitem(registry.EXTRACTORS, name, f"{__name__}:Meter")


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    return cohort_in(tmp_path)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run for the tests that only look at it."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("r219", "deep"):
            patch.setitem(registry.EXTRACTORS, name, f"{__name__}:Meter")
        return done(cohort_in(folder), folder / "run")


def cohort_in(parent: Path) -> Path:
    """Cases of which the positive ones are brighter, and a reader's suspicion of each."""
    folder = parent / "cohort"
    folder.mkdir()
    random = np.random.default_rng(5)
    rows = []
    for number in range(CASES):
        positive = number % 2
        image = random.normal(100 + 8 * positive, 10, size=(4, 4, 4)).astype(np.float32)
        write(folder / f"{number}_image.nii.gz", image)
        mask = np.zeros((4, 4, 4), dtype=np.uint8)
        mask[1:3, 1:3, 1:4] = 1
        write(folder / f"{number}_mask.nii.gz", mask)
        rows.append(
            {
                "ID": f"case{number}",
                "Image": f"{number}_image.nii.gz",
                "Mask": f"{number}_mask.nii.gz",
                "patient_id": f"p{number}",
                "malignant": positive,
                "suspicion": round(float(random.uniform() / 2 + positive / 3), 3),
            }
        )
    pd.DataFrame(rows).to_csv(folder / "cohort.csv", index=False)
    return folder / "cohort.csv"


def write(path: Path, array: np.ndarray) -> None:
    sitk.WriteImage(sitk.GetImageFromArray(array), str(path))


def experiment_on(cohort: Path, **settings: Any) -> Experiment:
    plain = {
        "name": "handmade",
        "cohort": str(cohort),
        "outcome": "malignant",
        "sources": {
            "hand": {"extractor": "r219"},
            "net": {"network": "cnn-f", "weights": "random", "layer": "full7", "extractor": "deep"},
        },
        "arms": {
            "radiomics": {"sources": "hand", "select": ["relieff:2", "su:1"]},
            "deep": {"sources": "net", "select": "su:2"},
            "merged": {"sources": ["hand", "net"], "select_each": "relieff:2"},
            "reader": {"score": "suspicion"},
        },
        "validation": 4,
        "reference": "radiomics",
        "seed": 3,
    }
    return parse(Experiment, plain | settings, origin="test")


def done(cohort: Path, folder: Path, jobs: int = 1, **settings: Any) -> Run:
    return run(experiment_on(cohort, **settings), folder, cache=Cache(folder.parent / "cache"), jobs=jobs)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_the_folder_holds_everything_and_nothing_else(finished: Run) -> None:
    assert files(finished.folder) == FILES
    assert finished.failures == ()
    assert read_results(finished.folder / "results.json") == finished.results
    assert (finished.folder / "failures.csv").read_text() == "ID,stage,problem,hint\n"


def test_the_predictions_give_the_same_results_again(finished: Run) -> None:
    predictions = read_predictions(str(finished.folder / "predictions.csv"))
    again = compare(predictions, reference="radiomics")
    assert again.arms == finished.results.arms
    assert again.pairs == finished.results.pairs
    assert [arm.label for arm in again.arms] == [
        "radiomics",
        "deep [untrained]",
        "merged [untrained]",
        "reader",
    ]
    assert [(arm.arm, arm.selector) for arm in again.exploratory] == [("radiomics", "su")]


@pytest.mark.slow
def test_two_runs_and_two_processes_give_the_same_bytes(cohort: Path, tmp_path: Path) -> None:
    for name, jobs in (("one", 1), ("again", 1), ("two", 2)):
        run(experiment_on(cohort), tmp_path / name, cache=Cache(tmp_path / f"cache-{name}"), jobs=jobs)
    for file in FILES - {"run.json"}:
        bytes_of = {(tmp_path / name / file).read_bytes() for name in ("one", "again", "two")}
        assert len(bytes_of) == 1, file


def test_provenance_names_versions_hashes_and_the_seed(finished: Run) -> None:
    told = json.loads((finished.folder / "run.json").read_text())
    assert told["versions"]["numpy"] == np.__version__
    assert {"radcompare", "python", "scikit-learn", "torch"} <= set(told["versions"])
    assert told["seed"] == 3
    assert told["experiment"] == "handmade"
    assert len(told["inputs"]["cohort"]) == len(told["config_sha256"]) == 64
    assert told["failures"] == 0
    (net,) = told["sources"]["net"]
    assert (net["computed_by"], net["columns"], net["settings"]["weights"]) == ("meter 1.0", 6, STAMP)
    assert len(net["inputs_sha256"]) == 64
    assert str(finished.folder.parent) not in json.dumps(told), "nothing that names a person's folders"


def test_features_are_written_with_what_is_known_and_their_origin(finished: Run) -> None:
    table = read_features(str(finished.folder / "features" / "net.csv"), outcome="malignant")
    assert len(table.ids) == CASES
    assert list(table.features.columns) == [f"deep_cnn-f_full7_post_{i:04d}" for i in range(6)]
    assert set(table.passthrough["weights_cnn-f"]) == {STAMP}
    assert table.passthrough["patient_id"].tolist() == [f"p{i}" for i in range(CASES)]
    assert table.stamp() == STAMP


@pytest.mark.slow
def test_the_written_configuration_runs_again_from_anywhere(cohort: Path, tmp_path: Path) -> None:
    beside = tmp_path / "experiment.yaml"
    raw = experiment_on(cohort).model_dump(mode="json") | {"cohort": "cohort/cohort.csv"}
    beside.write_text(yaml.safe_dump(raw))
    first = run(load_experiment(beside), tmp_path / "first", cache=Cache(None))
    again = run(load_experiment(tmp_path / "first" / "config.yaml"), tmp_path / "second", cache=Cache(None))
    assert first.results == again.results
    assert (tmp_path / "first/predictions.csv").read_bytes() == (
        tmp_path / "second/predictions.csv"
    ).read_bytes()


@pytest.mark.slow
def test_a_broken_case_costs_no_other_and_is_told(cohort: Path, tmp_path: Path, finished: Run) -> None:
    (cohort.parent / "4_image.nii.gz").unlink()
    write(cohort.parent / "7_image.nii.gz", np.full((4, 4, 4), 9999, dtype=np.float32))
    broken = done(cohort, tmp_path / "run")
    told = pd.read_csv(tmp_path / "run" / "failures.csv")
    assert list(zip(told["ID"], told["stage"], strict=True)) == [
        *(("case4", "hand"), ("case7", "hand"), ("case4", "net"), ("case7", "net"))
    ]
    assert len(broken.failures) == 4
    assert {arm.arm: arm.n for arm in broken.results.arms} == {
        **dict.fromkeys(("radiomics", "deep", "merged"), CASES - 2),
        "reader": CASES,
    }
    assert {pair.n for pair in broken.results.pairs} == {CASES - 2}
    assert "2 cases could not be measured: see failures.csv" in broken.results.notes
    assert "4_image.nii.gz" in (tmp_path / "run" / "report.html").read_text()
    assert broken.results.arms[3] == finished.results.arms[3], "the arm that needs no image lost nothing"


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"outcome": "patient_id"}, OutcomeError),
        ({"validation": {"scheme": "kfold", "folds": 20}}, DataError),
        ({"validation": {"scheme": "loo", "groups": "patient"}}, DataError),
        ({"arms": {"reader": {"score": "suspicious"}}, "reference": None}, DataError),
        ({"sources": {"hand": {"extractor": "r219"}, "net": {"columns": ["nothing_*"]}}}, DataError),
        (
            {
                "sources": {
                    "hand": {"extractor": "r219"},
                    "net": {"extractor": "deep", "network": "cnn-f", "weights": "random", "layer": "missing"},
                }
            },
            ConfigError,
        ),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_measured(
    cohort: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, Any],
    error: type[Exception],
) -> None:
    def measured(self: Meter, region: Region) -> dict[str, float]:
        raise AssertionError("too late")

    monkeypatch.setattr(Meter, "extract", measured)
    with pytest.raises(error) as caught:
        done(cohort, tmp_path / "run", **settings)
    assert isinstance(caught.value, RadcompareError)
    assert "too late" not in str(caught.value)


@pytest.mark.slow
def test_a_failed_run_leaves_no_results_of_an_earlier_one(cohort: Path, tmp_path: Path) -> None:
    done(cohort, tmp_path / "run")
    with pytest.raises(OutcomeError):
        done(cohort, tmp_path / "run", outcome="patient_id")
    assert "results.json" not in files(tmp_path / "run")
    assert "report.html" not in files(tmp_path / "run")
    with pytest.raises(RadcompareError, match="no results"):
        rewrite_report(tmp_path / "run")
    done(cohort, tmp_path / "run")
    assert files(tmp_path / "run") == FILES


@pytest.mark.slow
def test_another_experiment_leaves_nothing_behind_but_what_is_not_ours(cohort: Path, tmp_path: Path) -> None:
    done(cohort, tmp_path / "run")
    (tmp_path / "run" / "features" / "mine.csv").write_text("ID\n")
    sources = {"hand": {"extractor": "r219"}}
    done(cohort, tmp_path / "run", sources=sources, arms={"one": {"sources": "hand"}}, reference=None)
    gone = {f"features/net.{end}" for end in ("csv", "meta.json", "readings.csv")}
    gone |= {f"figures/roc_{arm}.svg" for arm in ("radiomics", "deep", "merged", "reader")}
    gone |= {f"figures/{name}.svg" for name in ("forest", "selected", "correlation")}
    gone |= {
        f"tables/{name}.{form}" for name in ("pairs", "stability", "exploratory") for form in ("csv", "tex")
    }
    gone |= {"views/net/sheet-01.png"}
    assert files(tmp_path / "run") == FILES - gone | {"figures/roc_one.svg", "features/mine.csv"}


@pytest.mark.slow
def test_a_report_written_anew_is_the_report_of_the_run(finished: Run) -> None:
    before = {file: (finished.folder / file).read_bytes() for file in FILES}
    for file in FILES:
        if file.startswith("figures") or file == "report.html":
            (finished.folder / file).unlink()
    assert rewrite_report(finished.folder) == finished.folder / "report.html"
    assert {file: (finished.folder / file).read_bytes() for file in FILES} == before


def test_names_with_slashes_stay_in_the_folder(cohort: Path, tmp_path: Path) -> None:
    name = "../../läsion/<b>$x$"
    sources = {name: {"extractor": "r219"}}
    done(cohort, tmp_path / "deep" / "run", sources=sources, arms={name: {"sources": [name]}}, reference=None)
    written = files(tmp_path / "deep")
    assert all(file.startswith(("run/", "cache/")) for file in written)
    assert any(file.startswith("run/features/..%2F..%2Fl") or "%2F" in file for file in written)


def test_images_are_needed_to_measure(tmp_path: Path) -> None:
    pd.DataFrame({"ID": ["a", "b", "c", "d"], "y": [0, 1, 0, 1], "x": [1, 2, 3, 4]}).to_csv(
        tmp_path / "t.csv"
    )
    given = parse(
        Experiment,
        {
            "table": str(tmp_path / "t.csv"),
            "outcome": "y",
            "sources": {"hand": {"extractor": "r219"}},
            "arms": {"hand": {"sources": "hand"}},
            "validation": "loo",
        },
        origin="test",
    )
    with pytest.raises(ConfigError, match="source 'hand': r219 needs images"):
        run(given, tmp_path / "run", cache=Cache(None))


def test_tables_alone_are_a_study(tmp_path: Path) -> None:
    frame = pd.DataFrame({"ID": ["a", "b", "c"], "y": [0, 1, 0], "x1": [1.0, float("inf"), 3.0]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    raw = {"table": str(tmp_path / "t.csv"), "outcome": "y", "sources": {"x": {"columns": ["x*"]}}}
    study, notes = table_study(parse(Experiment, raw | {"arms": {"x": {"sources": "x"}}}, origin="test"))
    assert study.sources["x"]["x1"].isna().tolist() == [False, True, False]
    assert notes == ("infinite values are taken as missing in x1",)
