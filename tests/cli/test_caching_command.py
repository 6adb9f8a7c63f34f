"""`radcompare cache`: what is kept, how to be rid of it, and what a cache that cannot be written does to a run."""

import errno
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Cohort = Callable[..., Path]


def entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_an_empty_cache(radcompare: Run) -> None:
    info = radcompare("cache", "info")
    assert (info.code, info.err) == (0, "")
    assert info.out.splitlines()[-1] == "Oldest entry: none; newest: none"
    assert radcompare("cache", "clear").out.startswith("Removed 0 files, 0 bytes, from ")


def test_a_cache_that_keeps_nothing(radcompare: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RADCOMPARE_CACHE", "")
    for command in ("info", "clear"):
        ended = radcompare("cache", command)
        assert (ended.code, ended.out) == (0, "RADCOMPARE_CACHE is empty: nothing is kept.\n")
        assert json.loads(radcompare("cache", command, "--json").out)["folder"] is None


def test_info_and_clear_after_a_run(radcompare: Run, cohort: Cohort, tmp_path: Path) -> None:
    first = radcompare("extract", "radiomics", cohort(), "-o", "first.csv")
    assert first.code == 0
    folder = tmp_path / ".cache"
    size = sum(path.stat().st_size for path in entries(folder))
    (folder / "mine.txt").write_text("mine")

    found = json.loads(radcompare("cache", "info", "--json").out)
    assert found["folder"] == str(folder)
    assert found["entries"]["measurements"] == {"files": 6, "bytes": size}
    assert (found["bytes"], found["files_of_others"]) == (size, 1)
    assert found["oldest"] <= found["newest"]
    assert found["newest"].endswith("+00:00")
    assert f"measurements          6      {size:,}" in radcompare("cache", "info").out

    assert json.loads(radcompare("cache", "clear", "--older", 1, "--json").out)["removed"] == 0
    removed = json.loads(radcompare("cache", "clear", "--json").out)
    assert removed == {"folder": str(folder), "removed": 6, "bytes": size}
    assert entries(folder) == [folder / "mine.txt"]
    assert radcompare("extract", "radiomics", cohort(), "-o", "second.csv").code == 0
    assert Path("first.csv").read_bytes() == Path("second.csv").read_bytes()


def test_old_entries_alone(radcompare: Run, cohort: Cohort, tmp_path: Path) -> None:
    radcompare("extract", "radiomics", cohort(), "-o", "first.csv")
    old, *_ = entries(tmp_path / ".cache")
    os.utime(old, (1e9, 1e9))
    assert radcompare("cache", "clear", "--older", 30).out.startswith("Removed 1 file, ")
    assert not old.exists()


@pytest.mark.parametrize("days", ["-1", "x", "nan", "1e400", "99999999999"])
def test_days_that_are_none(radcompare: Run, days: str) -> None:
    assert radcompare("cache", "clear", "--older", days).code == 2


def test_damaged_entries_are_measured_anew(radcompare: Run, cohort: Cohort, tmp_path: Path) -> None:
    radcompare("extract", "radiomics", cohort(), "-o", "first.csv")
    intact = {path: path.read_bytes() for path in entries(tmp_path / ".cache")}
    half, flipped, empty, foreign, folder, other = intact
    half.write_bytes(intact[half][:500])
    flipped.write_bytes(intact[flipped][:700] + bytes([intact[flipped][700] ^ 4]) + intact[flipped][701:])
    empty.write_bytes(b"")
    foreign.write_bytes(b'{"r219_size_Volume": "1"}')
    folder.unlink()
    folder.mkdir()
    other.write_bytes(intact[half])
    assert radcompare("extract", "radiomics", cohort(), "-o", "second.csv").code == 0
    assert Path("first.csv").read_bytes() == Path("second.csv").read_bytes()
    assert {path: path.read_bytes() for path in entries(tmp_path / ".cache")} == intact


@pytest.mark.parametrize("command", [["cache", "info"], ["cache", "clear"], ["extract"]], ids=" ".join)
def test_a_cache_that_is_a_file(
    radcompare: Run, cohort: Cohort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RADCOMPARE_CACHE", str(tmp_path / "file"))
    ended = radcompare(*(["extract", "radiomics", cohort()] if command == ["extract"] else command))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("error:") == 1
    assert f"{tmp_path}/file" in ended.error
    assert "RADCOMPARE_CACHE" in ended.hint


def _small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_full_disk_is_one_clear_error(cohort: Cohort, tmp_path: Path, jobs: int) -> None:
    program = [Path(sys.executable).parent / "radcompare", "extract", "radiomics", cohort(), "-j", str(jobs)]
    environment = os.environ | {"RADCOMPARE_CACHE": str(tmp_path / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*program, "-o", "-"], env=environment, preexec_fn=_small_files, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    error, hint = done.stderr.splitlines()
    assert error.startswith(f"error: {tmp_path}/cache/")
    assert error.endswith("cannot be written: File too large")
    assert "free some space there" in hint
    assert "RADCOMPARE_CACHE" in hint
    assert entries(tmp_path / "cache") == []


def test_a_read_only_cache_serves_what_it_has(
    radcompare: Run, cohort: Cohort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = cohort()
    radcompare("extract", "radiomics", path, "-o", "first.csv")

    opened = Path.open

    def refuse(self: Path, mode: str = "r", **how: Any) -> object:
        if ".cache" in self.parts and mode != "rb":
            raise OSError(errno.EROFS, "Read-only file system", str(self))
        return opened(self, mode, **how)

    monkeypatch.setattr(Path, "open", refuse)
    again = radcompare("extract", "radiomics", path)
    assert (again.code, again.out) == (0, Path("first.csv").read_text())
    entries(tmp_path / ".cache")[0].unlink()
    lacking = radcompare("extract", "radiomics", path)
    assert (lacking.code, lacking.out) == (2, "")
    assert lacking.error.endswith(": cannot be written: Read-only file system")
    assert "RADCOMPARE_CACHE" in lacking.hint
