"""--json on every command: what a program needs to know of what was written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer

from radcompare.cli import app

Run = Callable[..., Any]


def every_command() -> dict[str, Any]:
    found: dict[str, Any] = {}

    def walk(group: Any, path: tuple[str, ...]) -> None:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                walk(command, (*path, name))
            else:
                found[" ".join((*path, name))] = command

    walk(typer.main.get_command(app), ())
    return found


LIVE = {"view"}
"""Serves until it is ended: what it prints is an address."""


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(every_command()) - LIVE))
def test_every_command_takes_it(name: str) -> None:
    options = {option for parameter in every_command()[name].params for option in parameter.opts}
    assert "--json" in options


def test_merge_says_how_much_it_wrote(radcompare: Run, table: Path) -> None:
    pd.read_csv(table)[["ID"]].assign(deep_x=1.5).to_csv("other.csv", index=False)
    ended = radcompare("merge", table, "other.csv", "-o", "merged.csv", "--json")
    told = json.loads(ended.out)
    assert (told["output"], told["cases"], told["features"]) == ("merged.csv", 24, 7)
    assert len(pd.read_csv("merged.csv")) == 24


def test_select_names_the_best(radcompare: Run, table: Path) -> None:
    call = ("select", table, "--outcome", "malignant", "--top", "2", "-o", "best.csv")
    told = json.loads(radcompare(*call, "--json").out)
    kept = [column for column in pd.read_csv("best.csv").columns if column.startswith("original")]
    assert sorted(entry["feature"] for entry in told["features"]) == sorted(kept)
    assert told["notes"][0].startswith("selected on all 24 rows")


def test_evaluate_gives_results(radcompare: Run, table: Path) -> None:
    call = ("evaluate", table, "--outcome", "malignant", "--cv", "4", "-o", "p.csv")
    told = json.loads(radcompare(*call, "--json").out)
    compared = json.loads(radcompare("compare", "p.csv", "--json").out)
    assert told["output"] == "p.csv"
    assert told["arms"] == compared["arms"]


def test_ensemble_names_its_arms(radcompare: Run, predictions: Path) -> None:
    told = json.loads(radcompare("ensemble", predictions, "-o", "e.csv", "--json").out)
    assert told["arms"] == ["a", "b", "mean"]
    assert told["rows"] == len(pd.read_csv("e.csv")) == 72


@pytest.mark.parametrize(
    "call",
    [
        ("merge", "t.csv", "t.csv"),
        ("select", "t.csv", "--outcome", "malignant", "--scores"),
        ("evaluate", "t.csv", "--outcome", "malignant"),
        ("ensemble", "p.csv"),
        ("extract", "radiomics", "cohort.csv"),
    ],
)
def test_the_table_and_json_have_no_room_together(
    radcompare: Run, table: Path, predictions: Path, call: tuple[str, ...]
) -> None:
    ended = radcompare(*call, "--json")
    assert ended.code == 2
    assert ended.error == "--json and -o -: only one has room on standard output"
    assert ended.out == ""


@pytest.mark.slow
def test_extraction_tells_cases_and_failures(radcompare: Run) -> None:
    radcompare("demo", "--write-cohort", "phantom", "--cases", "4")
    Path("phantom/mask").joinpath("phantom-002.nii.gz").write_bytes(b"nothing")
    ended = radcompare("extract", "radiomics", "phantom/cohort.csv", "-o", "r.csv", "--json")
    told = json.loads(ended.out)
    assert ended.code == 4
    assert (told["cases"], told["features"]) == (3, 219)
    assert [failure["ID"] for failure in told["failed"]] == ["phantom-002"]


@pytest.mark.slow
def test_a_report_and_a_bundle_name_their_files(radcompare: Run, table: Path) -> None:
    Path("c.yaml").write_text(
        "table: t.csv\noutcome: malignant\nsources: {f: {columns: ['original*']}}\narms: {f: {sources: f}}\n"
        "validation: 4\n",
        encoding="utf-8",
    )
    assert radcompare("run", "c.yaml", "--out", "r").code == 0
    told = json.loads(radcompare("report", "r", "--json").out)
    assert told["report"] == "r/report.html"
    assert all(Path(file).is_file() for file in (*told["figures"], *told["tables"]))
    assert "r/tables/arms.tex" in told["tables"]
    packed = json.loads(radcompare("freeze", "r", "-o", "b.zip", "--json").out)
    assert packed["files"][-1] == "MANIFEST.json"
    beside = json.loads(radcompare("report", "r", "r", "--json").out)
    assert beside["changes"] == []
    assert {pair["difference"] for pair in beside["pairs"]} == {0.0}
    text = radcompare("report", "r", "r").out
    assert "p (Holm)" in text
