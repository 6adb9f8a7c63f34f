"""A reader that has seen enough and goes is no error: the program ends at once, with 0, and says nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

PROGRAM = [sys.executable, "-m", "radcompare"]
OUTCOME = "--outcome malignant"
COMMANDS = {
    "merge": "merge t.csv wide.csv -q",
    "merge a pipe": "merge - wide.csv -q < t.csv",
    "select": f"select wide.csv {OUTCOME} --scores --method su -q",
    "best": f"select wide.csv {OUTCOME} --top 400 --method su -q",
    "evaluate": f"evaluate t.csv {OUTCOME} --cv 3 -q",
    "compare": "compare p.csv -q",
    "compare as JSON": "compare p.csv --json",
    "ensemble": "ensemble p.csv -q",
    "check": "check t.csv --json -q",
    "cohort": "cohort cohort -q",
    "features": "list features",
    "features as JSON": "list features --json",
    "help": "evaluate --help",
}
NO_READER, FIRST_LINE = "true", "head -n 1"
"""One is gone before anything is written, the other after a line, of which the pipe may hold many more."""


@pytest.fixture
def folder(table: Path, predictions: Path, phantom: Path, tmp_path: Path) -> Path:
    """Tables and a folder of images; wide.csv is more than a pipe holds."""
    frame = pd.read_csv(table)
    more = {f"original_glcm_F{n}": frame["original_firstorder_F0"] / (n + 1) for n in range(900)}
    pd.concat([frame, pd.DataFrame(more)], axis=1).to_csv(tmp_path / "wide.csv", index=False)
    (tmp_path / "cohort").symlink_to(phantom)
    return tmp_path


def piped(line: str, reader: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """A command into a reader; the exit code is that of the first program that fails."""
    defined = f'radcompare() {{ {" ".join(PROGRAM)} "$@"; }}\n'
    command = ["bash", "-o", "pipefail", "-c", f"{defined}radcompare {line} | {reader}"]
    environment = os.environ | {"RADCOMPARE_CACHE": str(folder / ".cache")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_no_reader_is_no_error(folder: Path, command: str) -> None:
    ended = piped(COMMANDS[command], NO_READER, folder)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.slow
@pytest.mark.parametrize("command", ["select", "evaluate", "compare as JSON", "cohort", "features"])
def test_a_reader_of_one_line_is_no_error(folder: Path, command: str) -> None:
    ended = piped(COMMANDS[command], FIRST_LINE, folder)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(ended.stdout.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("reader", [NO_READER, FIRST_LINE])
def test_more_than_a_pipe_holds(folder: Path, reader: str) -> None:
    ended = piped(COMMANDS["merge"], reader, folder)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("command", ["merge", "select", "evaluate"])
def test_notes_whose_reader_goes_are_no_error(folder: Path, command: str) -> None:
    line = COMMANDS[command].replace(" -q", "")
    ended = piped(f"{line} 2>&1 >/dev/null", NO_READER, folder)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
