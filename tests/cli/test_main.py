"""How the program ends: exit codes, what goes where, pipes, interruptions, surprises."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import radcompare as package
from radcompare import console
from radcompare.cli import menus

Run = Callable[..., Any]
PROGRAM = [sys.executable, "-m", "radcompare"]


def shell(line: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """A line for bash; its exit code is that of the first program that fails."""
    environment = os.environ | {"RADCOMPARE_CACHE": str(folder / ".cache")}
    defined = f'radcompare() {{ {" ".join(PROGRAM)} "$@"; }}\n'
    command = ["bash", "-o", "pipefail", "-c", defined + line]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_version_goes_to_standard_output(radcompare: Run) -> None:
    ended = radcompare("--version")
    assert (ended.code, ended.out, ended.err) == (0, f"radcompare {package.__version__}\n", "")


def test_no_command_shows_the_help_and_counts_as_wrong_usage(radcompare: Run) -> None:
    ended = radcompare()
    assert ended.code == 2
    assert "demo" in ended.out
    assert ended.err == ""


WRONG = [
    ("runn", "", "No such command 'runn'. Did you mean 'run'?"),
    ("run", "", "Missing argument 'CONFIG.yaml'."),
    ("select", "t.csv", "Missing option '--outcome'."),
    ("view", "r --no-opn", "no option --no-opn; did you mean '--no-open'?"),
    ("select", "--out x", "no option --out; did you mean '--output'?"),
    ("extract deep", "c.csv --size 0", "--size: expected at least 1, found '0'"),
    ("evaluate", "t.csv -j 0", "--jobs/-j: expected at least 1, found '0'"),
    ("select", "t.csv --top two", "--top: expected a whole number, found 'two'"),
    ("demo", "--effect abc", "--effect: expected a number, found 'abc'"),
    ("list", "a b", "Got unexpected extra argument(s) (b)"),
]


@pytest.mark.parametrize(("command", "rest", "error"), WRONG)
def test_a_wrong_command_line(radcompare: Run, command: str, rest: str, error: str) -> None:
    ended = radcompare(*command.split(), *rest.split())
    program = "radcompare" if command == "runn" else f"radcompare {command}"
    assert (ended.code, ended.out, ended.error) == (2, "", error)
    assert ended.hint == f"{program} --help shows what it takes"


def test_an_option_without_its_value(radcompare: Run) -> None:
    ended = radcompare("run", "x.yaml", "--set")
    assert (ended.code, ended.out, ended.error) == (2, "", "Option '--set' requires an argument.")


def failing(problem: BaseException) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise problem

    return fail


def test_a_fault_of_the_program_is_one_sentence(radcompare: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menus, "_rows", failing(ZeroDivisionError("division by zero")))
    ended = radcompare("list", "networks")
    assert (ended.code, ended.out) == (1, "")
    assert ended.error == "unexpected ZeroDivisionError: division by zero"
    assert "RADCOMPARE_DEBUG=1" in ended.hint


@pytest.mark.parametrize("problem", [EOFError("too short"), KeyError("x"), RuntimeError()])
def test_every_fault_is_told_as_one(
    radcompare: Run, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    monkeypatch.setattr(menus, "_rows", failing(problem))
    ended = radcompare("list", "networks")
    assert (ended.code, ended.out) == (1, "")
    assert ended.error == f"unexpected {type(problem).__name__}: {problem}"


@pytest.mark.parametrize("problem", [ZeroDivisionError("division by zero"), PermissionError(13, "no", "/x")])
def test_a_developer_sees_where_it_failed(
    radcompare: Run, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    monkeypatch.setattr(menus, "_rows", failing(problem))
    radcompare("--version")
    monkeypatch.setenv("RADCOMPARE_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["radcompare", "list", "networks"])
    from radcompare.cli import main

    with pytest.raises(type(problem)):
        main()


@pytest.mark.parametrize(
    ("problem", "code", "error"),
    [
        (OSError(28, "No space left on device"), 1, "the system refuses: No space left on device"),
        (PermissionError(13, "Permission denied", "/x/y.csv"), 2, "/x/y.csv: Permission denied"),
    ],
)
def test_what_the_system_refuses_is_no_fault_of_the_program(
    radcompare: Run, monkeypatch: pytest.MonkeyPatch, problem: OSError, code: int, error: str
) -> None:
    monkeypatch.setattr(menus, "_rows", failing(problem))
    ended = radcompare("list", "networks")
    assert (ended.code, ended.error) == (code, error)
    assert ended.hint


def test_an_interruption_ends_with_130_and_says_what_is_kept(
    radcompare: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(menus, "_rows", failing(KeyboardInterrupt()))
    ended = radcompare("list", "networks")
    assert (ended.code, ended.out) == (130, "")
    assert ended.err.startswith("note: interrupted; measurements made so far are kept")


@pytest.mark.parametrize("arguments", [["list", "tests"], ["--version"], ["--help"], []])
def test_a_reader_who_has_gone_is_no_error(
    radcompare: Run, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with suppress(BrokenPipeError), os.fdopen(writing, "w", encoding="utf-8") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        ended = radcompare(*arguments)
    assert (ended.code, ended.err) == (0, "")


def test_streams_that_the_caller_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    console.open_streams()
    console.write("a table that nobody wants")
    console.note("a note that nobody wants")
    assert sys.stdin.read() == ""


@pytest.mark.parametrize(
    ("stdin", "error"),
    [
        (b"", "standard input: is empty"),
        (b" \n\n", "standard input: is empty"),
        (bytes(range(128, 256)) * 9, "standard input: is not UTF-8 text (byte 0)"),
    ],
)
def test_nothing_and_nonsense_from_standard_input(radcompare: Run, stdin: bytes, error: str) -> None:
    for arguments in (["select", "-", "--outcome", "y", "--scores"], ["compare", "-"], ["check", "-"]):
        ended = radcompare(*arguments, stdin=stdin)
        assert (ended.code, ended.out, ended.error) == (3, "", error)


@pytest.mark.slow
def test_a_pipeline_from_table_to_verdict(table: Path, tmp_path: Path) -> None:
    assert table.exists()
    ended = shell(
        "cat t.csv | radcompare select - --outcome malignant --method relieff --top 2"
        " | radcompare evaluate - --outcome malignant --cv 3 --groups patient_id -q"
        " | radcompare compare - --json | head -n 2",
        tmp_path,
    )
    assert (ended.returncode, ended.stdout) == (
        0,
        '{\n  "design": "24 cases of 12 groups, 3-fold cross-validation",\n',
    )


@pytest.mark.slow
def test_tables_are_utf_8_whatever_the_locale(predictions: Path, tmp_path: Path) -> None:
    ended = shell(f"export PYTHONIOENCODING=ascii; radcompare compare {predictions.name}", tmp_path)
    assert ended.returncode == 0
    assert "a − b" in ended.stdout


@pytest.mark.slow
def test_control_c_in_the_middle_of_the_work(tmp_path: Path) -> None:
    environment = os.environ | {"RADCOMPARE_CACHE": ""}
    command = [*PROGRAM, "demo", "--out", "run", "--cases", "200"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that puts the tests in the background makes everything below it deaf to Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "run" / "config.yaml").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err.startswith("note: interrupted")
    assert len(err.splitlines()) == 1
