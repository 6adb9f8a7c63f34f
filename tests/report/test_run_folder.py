"""A report written anew from the files of a run; tests/test_experiment.py compares it with that of the run."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from radcompare.config import Experiment, parse
from radcompare.errors import RadcompareError, TableError
from radcompare.report.page import write_report
from radcompare.report.run_folder import rewrite_report
from radcompare.tables.case import Failure
from radcompare.tables.failures import write_failures
from radcompare.tables.results import Results, Stability, write_results

Make = Callable[..., Any]


@pytest.fixture
def finished(tmp_path: Path, make_results: Make, make_arm: Make, make_pair: Make) -> Path:
    """A run whose names look like missing values."""
    results: Results = make_results((make_arm("NA"), make_arm("None")), (make_pair("NA", "None", ci=None),))
    raw = {
        "cohort": "phantom",
        "outcome": "y",
        "sources": {"x": {"columns": ["x"]}},
        "arms": {"NA": {"sources": "x"}},
    }
    experiment = parse(Experiment, raw, origin="test")
    stability = (Stability("NA", "su", "2", 2, 3, None, 0.5, (("null", 1.0), ("1.0", 0.5), ("?", 0.5))),)
    results = replace(results, stability=stability)
    failures = [Failure("007", "x", "no file,\nnone at all", ""), Failure("NA", "x", '"', "?")]
    write_results(results, tmp_path / "results.json")
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(experiment.model_dump(mode="json")))
    write_failures(failures, tmp_path / "failures.csv")
    write_report(results, experiment, failures, tmp_path)
    return tmp_path


@pytest.mark.slow
def test_nothing_is_lost_on_the_way_through_the_files(finished: Path) -> None:
    before = (finished / "report.html").read_text()
    (finished / "report.html").unlink()
    assert rewrite_report(finished) == finished / "report.html"
    assert (finished / "report.html").read_text() == before
    assert "<td>007</td>" in before
    assert "NA, su:2" in before


def test_a_folder_without_results_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"holds no results\.json") as caught:
        rewrite_report(tmp_path)
    assert "finished run" in caught.value.hint


@pytest.mark.parametrize("file", ["config.yaml", "failures.csv"])
def test_a_missing_file_is_named(finished: Path, file: str) -> None:
    (finished / file).unlink()
    with pytest.raises(RadcompareError, match=file):
        rewrite_report(finished)
