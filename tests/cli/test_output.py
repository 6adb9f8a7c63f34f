"""A result that cannot be written is refused before the work, and writes the same bytes wherever it goes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from radcompare.cli.output import SUFFIXES, refuse_folder, refuse_target, write_frame
from radcompare.errors import ConfigError
from radcompare.tables import files

Run = Callable[..., Any]


def message(function: Callable[[Any], None], target: object) -> str:
    with pytest.raises(ConfigError) as caught:
        function(target)
    assert caught.value.hint
    return caught.value.message


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.parquet", "plain", "a/b/c/x.csv", "-"])
def test_what_can_be_written_passes_and_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    refuse_target(name)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.csv").mkdir()
    Path("file").touch()
    assert message(refuse_target, "x.xlsx") == "x.xlsx: no writer for '.xlsx'"
    assert message(refuse_target, "folder.csv") == "folder.csv: is a folder"
    assert message(refuse_target, "file/x.csv") == "file: cannot be a folder, as file is a file"
    assert (
        message(refuse_folder, Path("file/a/b"))
        == f"file/a/b: cannot be a folder, as {tmp_path}/file is a file"
    )


def test_a_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != tmp_path)
    assert (
        message(refuse_target, str(tmp_path / "x.csv")) == f"{tmp_path}: no permission to write in {tmp_path}"
    )


@pytest.mark.parametrize("suffix", [".csv", ".gz", ".parquet", "", ".xlsx", ".tsv", ".arff"])
def test_suffixes_are_those_that_the_tables_can_write(tmp_path: Path, suffix: str) -> None:
    frame = pd.DataFrame({"ID": ["a"], "x": [1.0]})
    if suffix in SUFFIXES:
        files.write_frame(frame, tmp_path / f"x{suffix}")
    else:
        with pytest.raises(ConfigError):
            files.write_frame(frame, tmp_path / f"x{suffix}")


def test_a_file_holds_what_standard_output_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = pd.DataFrame({"ID": ["a", "b"], "x": [0.1, 1 / 3]})
    write_frame(frame, "-")
    write_frame(frame, str(tmp_path / "x.csv"))
    assert capsys.readouterr().out == (tmp_path / "x.csv").read_text(encoding="utf-8")


COMMANDS = [
    ["merge", "t.csv", "t.csv"],
    ["select", "t.csv", "--outcome", "malignant", "--top", "2"],
    ["evaluate", "t.csv", "--outcome", "malignant"],
    ["extract", "radiomics", "absent.csv"],
    ["ensemble", "p.csv"],
    ["cohort", "absent"],
    ["extract", "deep", "absent.csv", "--network", "cnn-f", "--weights", "random", "--layer", "full7"],
]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_looks_before_it_works(radcompare: Run, table: Path, command: list[str]) -> None:
    for target in ("x.xlsx", ".", f"{table}/x.csv"):
        ended = radcompare(*command, "-o", target)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith("error: ")
        assert ended.hint


@pytest.mark.parametrize("command", [["demo"], ["demo", "--write-cohort"]], ids=" ".join)
def test_a_run_looks_before_it_works(radcompare: Run, table: Path, command: list[str]) -> None:
    ended = radcompare(*command, *([] if "--write-cohort" in command else ["--out"]), table / "run")
    assert (ended.code, ended.out) == (2, "")
    assert ended.error == f"{table}/run: cannot be a folder, as {table} is a file"
