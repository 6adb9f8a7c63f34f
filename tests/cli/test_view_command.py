"""`radcompare view`: an address on standard output, a quiet end, and errors in words."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from radcompare.cli import viewing
from radcompare.view.server import Viewer

Run = Callable[..., Any]


@pytest.fixture
def run_folder(radcompare: Run, predictions: Path, tmp_path: Path) -> Path:
    """What the command needs of a finished run."""
    folder = tmp_path / "run"
    folder.mkdir()
    shutil.copy(predictions, folder / "predictions.csv")
    (folder / "results.json").write_text(radcompare("compare", predictions, "--json").out)
    (folder / "report.html").write_text("<body>small</body>")
    return folder


@contextmanager
def started(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """The command as a program of its own, with its output in pipes."""
    command = [sys.executable, "-m", "radcompare", "view", *map(str, arguments)]
    environment = {**os.environ, "BROWSER": "false"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as program:
        try:
            yield program
        finally:
            program.kill()


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_end(run_folder: Path, sent: signal.Signals) -> None:
    with started(run_folder, "-q") as program:
        assert program.stdout is not None
        address = program.stdout.readline().strip()
        # An opener of its own: urllib keeps the first, with the proxies of whoever asked for it.
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address) as page:
            assert page.status == 200
        program.send_signal(sent)
        assert program.communicate(timeout=20) == ("", "")
        assert program.returncode == 0


def serving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let serving end at once, as by Ctrl-C."""

    def interrupt(viewer: Viewer, poll_interval: float = 0.5) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Viewer, "serve_forever", interrupt)


def test_the_address_is_all_that_standard_output_gets(
    radcompare: Run, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving(monkeypatch)
    before = signal.getsignal(signal.SIGTERM)
    ended = radcompare("view", run_folder)
    assert ended.code == 0
    assert ended.out.startswith("http://127.0.0.1:")
    assert ended.out.count("\n") == 1
    assert ended.err == "note: only this machine can reach it, and every user of it; Ctrl-C ends it\n"
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize(("options", "opened"), [((), 0), (("--no-open",), 0), (("--open",), 1)])
def test_a_browser_is_opened_when_asked_for_or_on_a_terminal(
    radcompare: Run,
    run_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    opened: int,
) -> None:
    serving(monkeypatch)
    asked: list[str] = []
    monkeypatch.setattr(viewing, "_open", lambda *told: asked.append(told[0]))
    ended = radcompare("view", run_folder, "-q", *options)
    assert (ended.code, ended.err) == (0, "")
    assert asked == [ended.out.strip()] * opened


def test_no_browser_is_a_note(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    viewing._open("http://127.0.0.1:1/", quiet=False)
    assert "no browser could be started" in capsys.readouterr().err


def test_a_port_can_be_chosen_and_one_in_use_is_an_error(
    radcompare: Run, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving(monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = radcompare("view", run_folder, "--port", port)
    assert (ended.code, ended.out) == (2, "")
    assert ended.error.startswith(f"port {port}: ")
    assert "--port" in ended.hint
    assert radcompare("view", run_folder, "--port", port).out == f"http://127.0.0.1:{port}/\n"


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_what_is_no_port_is_refused(radcompare: Run, run_folder: Path, port: str) -> None:
    assert radcompare("view", run_folder, "--port", port).code == 2


def test_a_folder_without_a_run(radcompare: Run) -> None:
    ended = radcompare("view", ".")
    assert (ended.code, ended.error) == (3, ".: holds no results.json")
    assert ended.hint == "give the folder of a finished run"
