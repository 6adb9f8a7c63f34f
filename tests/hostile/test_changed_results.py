"""Results that were changed by hand: they are shown, or refused in words, and never a traceback."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from table_targets import predictions_seeds

from radcompare.compare.comparison import compare
from radcompare.config import Experiment, Statistics, parse
from radcompare.errors import TableError
from radcompare.report.run_folder import rewrite_report
from radcompare.tables.descriptive import Correlation, Flow, Loss
from radcompare.tables.failures import write_failures
from radcompare.tables.predictions import checked_predictions


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    """Results of two arms, with a flow and a correlation."""
    frame = pd.read_csv(io.BytesIO(predictions_seeds()[1]))
    results = compare(checked_predictions(frame, "p"), statistics=Statistics(resamples=100))
    flow = Flow(12, None, "y", (("0", 6), ("1", 6)), (Loss("x", 1, "why"),), (("a", 12), ("b", 12)), 12)
    correlation = Correlation("a", ("f", "g"), ("s", "t"), ((1.0, 0.5), (0.5, 1.0)), 12)
    found: dict[str, Any] = replace(results, flow=flow, correlation=correlation).to_json()
    return found


@pytest.fixture
def folder(stored: dict[str, Any], tmp_path: Path) -> Path:
    """A finished run without its report."""
    raw = {
        "table": "t.csv",
        "outcome": "y",
        "sources": {"x": {"columns": ["*"]}},
        "arms": {"a": {"sources": "x"}, "b": {"sources": "x"}},
    }
    experiment = parse(Experiment, raw, origin="test")
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(experiment.model_dump(mode="json")))
    (tmp_path / "results.json").write_text(json.dumps(stored))
    write_failures((), tmp_path / "failures.csv")
    return tmp_path


def change(folder: Path, part: str, key: str, value: object) -> None:
    path = folder / "results.json"
    raw = json.loads(path.read_text())
    raw[part][key] = value
    path.write_text(json.dumps(raw))


@pytest.mark.slow
def test_unchanged_it_is_shown(folder: Path) -> None:
    assert rewrite_report(folder).is_file()


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("flow", "classes", 5),
        ("flow", "classes", None),
        ("flow", "classes", [["a"]]),
        ("flow", "classes", [["a", 1, 2]]),
        ("flow", "classes", [[1, 2]]),
        ("flow", "scored", True),
        ("flow", "scored", [[["a"], 1]]),
        ("flow", "scored", ["abc"]),
        ("flow", "outcome", None),
        ("flow", "outcome", ["y"]),
        ("flow", "losses", [{"stage": 5, "cases": 1, "reason": "x"}]),
        ("flow", "losses", [{"stage": "x", "cases": 1, "reason": None}]),
        ("correlation", "values", None),
        ("correlation", "values", 5),
        ("correlation", "values", []),
        ("correlation", "values", [1.0, 0.5]),
        ("correlation", "values", [[1.0], [0.5, 1.0]]),
        ("correlation", "values", [["x", "y"], ["z", "w"]]),
        ("correlation", "values", [[{}, 1], [1, 1]]),
        ("correlation", "features", None),
        ("correlation", "features", 7),
        ("correlation", "features", [1, 2]),
        ("correlation", "features", []),
        ("correlation", "sources", ["s"]),
        ("correlation", "sources", [None, 5]),
        ("correlation", "cases", "many"),
        ("correlation", "cases", None),
    ],
)
def test_another_shape_is_refused_in_words(part: str, key: str, value: object, folder: Path) -> None:
    change(folder, part, key, value)
    with pytest.raises(TableError, match="it is not as a run writes it") as caught:
        rewrite_report(folder)
    assert "run the experiment again" in caught.value.hint
    assert not (folder / "report.html").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("roc_band", [[0.0, 1.0]]),
        ("roc_band", [0.0, 0.5]),
        ("roc_band", 5),
        ("confusion", [["0", "1", 3]]),
        ("confusion", [["0", "0"]]),
        ("confusion", [["0", "0", "many"]]),
        ("confusion", 7),
    ],
)
def test_so_is_another_shape_of_what_an_arm_shows(key: str, value: object, folder: Path) -> None:
    path = folder / "results.json"
    raw = json.loads(path.read_text())
    raw["arms"][0][key] = value
    path.write_text(json.dumps(raw))
    with pytest.raises(TableError, match="it is not as a run writes it"):
        rewrite_report(folder)


@pytest.mark.slow
@pytest.mark.parametrize("losses", [0, 400])
def test_a_list_may_be_empty_or_long(losses: int, folder: Path) -> None:
    change(
        folder, "flow", "losses", [{"stage": f"s{n}", "cases": n, "reason": "r" * 300} for n in range(losses)]
    )
    assert rewrite_report(folder).is_file()
