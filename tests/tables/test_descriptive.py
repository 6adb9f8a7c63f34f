"""What a run says of its cases and features on the way through results.json."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from radcompare.errors import TableError
from radcompare.tables.descriptive import Correlation, Flow, Loss
from radcompare.tables.results import ArmResult, Results, read_results, write_results

FLOW = Flow(
    383,
    203,
    "malignant",
    (("benign", 100), ("malignant", 283)),
    (Loss("cnn-f", 2, "mask is empty"), Loss("clinical", 1, "no features of it")),
    (("radiomics", 383), ("deep", 381)),
    380,
)
CORRELATION = Correlation("merged", ("a", "b"), ("r219", "cnn-f"), ((1.0, None), (None, 1.0)), 380)
ARM = ArmResult(
    "radiomics", "", "", "", 4, 2, 2, 0.5, None, "none", 0.5, 0.5, 0.5, 0.5, None, "none",
    roc_band=((0.0, 1 / 3, 2 / 3), (1.0, 1.0, 1.0)),
    confusion=(("0", "0", 1), ("0", "1", 1), ("1", "0", 1), ("1", "1", 1)),
)  # fmt: skip
RESULTS = Results("d", 0.95, (ARM,), (), flow=FLOW, correlation=CORRELATION)


def raw(**changed: Any) -> dict[str, Any]:
    return RESULTS.to_json() | changed


def written(content: dict[str, Any], folder: Path) -> Path:
    path = folder / "results.json"
    path.write_text(json.dumps(content))
    return path


def test_they_come_back_as_they_were(tmp_path: Path) -> None:
    write_results(RESULTS, tmp_path / "results.json")
    found = read_results(tmp_path / "results.json")
    assert found == RESULTS
    assert isinstance(found.flow, Flow)
    assert found.flow.losses[1] == Loss("clinical", 1, "no features of it")
    assert isinstance(found.correlation, Correlation)
    assert found.correlation.values[0] == (1.0, None)
    assert found.arms[0].roc_band[0] == (0.0, 1 / 3, 2 / 3)
    assert found.arms[0].confusion[1] == ("0", "1", 1)


def test_without_groups_or_losses(tmp_path: Path) -> None:
    results = replace(RESULTS, flow=replace(FLOW, groups=None, losses=()), correlation=None)
    write_results(results, tmp_path / "results.json")
    assert read_results(tmp_path / "results.json") == results


def test_results_of_a_version_that_had_none_of_them(tmp_path: Path) -> None:
    old = raw()
    for key in ("flow", "correlation"):
        del old[key]
    for key in ("roc_band", "confusion"):
        del old["arms"][0][key]
    found = read_results(written(old, tmp_path))
    assert (found.flow, found.correlation) == (None, None)
    assert (found.arms[0].roc_band, found.arms[0].confusion) == ((), ())


def test_keys_of_a_newer_version_are_ignored(tmp_path: Path) -> None:
    newer = raw()
    for block in (newer["flow"], newer["flow"]["losses"][0], newer["correlation"]):
        block["brand_new"] = 1
    assert read_results(written(newer, tmp_path)) == RESULTS


@pytest.mark.parametrize("key", ["flow", "correlation"])
@pytest.mark.parametrize("value", [5, "text", [], [1, 2], {}, {"cases": 3}, True])
def test_what_is_none_is_refused(key: str, value: object, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="cannot be read as results") as caught:
        read_results(written(raw(**{key: value}), tmp_path))
    assert "finished run" in caught.value.hint


@pytest.mark.parametrize("losses", [5, "x", [5], [[]], [{"stage": "a"}], {"stage": "a"}, None])
def test_losses_of_another_form_are_refused(losses: object, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="cannot be read as results"):
        read_results(written(raw(flow=RESULTS.to_json()["flow"] | {"losses": losses}), tmp_path))
