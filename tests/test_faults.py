"""Machines stop, disks fill, files vanish: what was finished is kept, and the exit code tells the truth."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from radcompare.config import Phantom
from radcompare.imaging.phantom import write_cohort

CASES = 24
CONFIG = """
name: kept
cohort: {cohort}
outcome: malignant
sources: {{r219: {{extractor: r219}}, all: {{extractor: pyradiomics}}}}
arms: {{small: {{sources: r219, select: "anova:5"}}, both: {{sources: [r219, all], select: "su:5"}}}}
classifiers: logistic-l2
validation: {{folds: 4}}
permutations: 20
"""
PROGRAM = (sys.executable, "-m", "radcompare")


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cohort(Phantom(cases=CASES), tmp_path_factory.mktemp("faults"))


@pytest.fixture
def config(cohort: Path, tmp_path: Path) -> Path:
    path = tmp_path / "kept.yaml"
    path.write_text(CONFIG.format(cohort=cohort), encoding="utf-8")
    return path


def environment(cache: Path) -> dict[str, str]:
    return {
        **os.environ,
        "RADCOMPARE_CACHE": str(cache),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }


def start(*arguments: object, cache: Path, **more: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*PROGRAM, *map(str, arguments)],
        env=environment(cache),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **more,  # type: ignore[call-overload]
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Every file, but run.json, which tells times."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "run.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def entries(cache: Path) -> int:
    return sum(path.is_file() and not path.name.startswith(".") for path in cache.rglob("*"))


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_is_killed_again_and_again_ends_as_one_left_alone(
    config: Path, tmp_path: Path, jobs: int
) -> None:
    began = time.monotonic()
    alone = start("run", config, "--out", tmp_path / "alone", "-q", cache=tmp_path / "c1")
    assert alone.wait(300) == 0
    whole = time.monotonic() - began
    draw, kills, kept = random.Random(jobs), 0, [0]
    while kills < 8:
        running = start("run", config, "--out", tmp_path / "out", "-q", "-j", jobs, cache=tmp_path / "c2")
        try:
            running.communicate(timeout=draw.uniform(0.3, 0.6 * whole))
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
            kills += 1
            kept.append(entries(tmp_path / "c2"))
            continue
        break
    assert kills >= 2
    assert kept == sorted(kept)
    assert kept[-1] > 0
    last = start("run", config, "--out", tmp_path / "out", "-q", "-j", jobs, cache=tmp_path / "c2")
    assert last.wait(300) == 0
    expected = contents(tmp_path / "alone")
    assert {"predictions.csv", "results.json", "failures.csv", "features/r219.csv"} <= expected.keys()
    assert contents(tmp_path / "out") == expected


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupted_run_says_so_and_keeps_what_it_has(config: Path, tmp_path: Path, jobs: int) -> None:
    running = start("run", config, "--out", tmp_path / "out", "-j", jobs, cache=tmp_path / "cache")
    give_up = time.monotonic() + 60
    while entries(tmp_path / "cache") < 3 and time.monotonic() < give_up:
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does it: to the program and its processes
    _, told = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in told
    assert told.strip().splitlines()[-1].startswith("note: interrupted; measurements made so far are kept")
    assert entries(tmp_path / "cache") >= 3
    assert not (tmp_path / "out" / "results.json").exists()
    assert not (tmp_path / "out" / "failures.csv").exists()


def limited() -> None:
    """No file beyond 40 kB: what a disk that is nearly full does, without one."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))


@pytest.mark.slow
def test_a_full_disk_costs_nothing_that_was_finished(cohort: Path, tmp_path: Path) -> None:
    out, cache = tmp_path / "out", tmp_path / "cache"
    command = ("extract", "radiomics", cohort, "-o", out / "r.csv")
    running = start(*command, cache=cache, preexec_fn=limited)
    printed, told = running.communicate(timeout=120)
    assert (running.returncode, printed) == (2, "")
    assert "r.csv: cannot be written: File too large" in told
    assert "hint: check the folder, its permissions and the space left" in told
    assert [path.name for path in out.iterdir()] == []
    assert entries(cache) == CASES
    again = start(*command, cache=cache)
    assert again.wait(120) == 0
    assert len(pd.read_csv(out / "r.csv")) == CASES


@pytest.mark.slow
def test_a_file_that_vanishes_costs_its_case_alone(cohort: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(cohort)
    for name in ("Image", "Mask"):
        frame[name] = [str(cohort.parent / path) for path in frame[name]]
    vanishing = tmp_path / "vanishing.nii.gz"
    vanishing.write_bytes(Path(frame.loc[20, "Image"]).read_bytes())
    frame.loc[20, "Image"] = str(vanishing)
    frame.to_csv(tmp_path / "c.csv", index=False)
    out = tmp_path / "out"
    running = start("extract", "radiomics", tmp_path / "c.csv", "-o", out / "r.csv", cache=tmp_path / "cache")
    vanishing.unlink()  # while the program is starting
    _, told = running.communicate(timeout=120)
    assert running.returncode == 4
    assert "vanishing.nii.gz does not exist" in told
    assert len(pd.read_csv(out / "r.csv")) == CASES - 1
    (failure,) = pd.read_csv(out / "failures.csv").to_dict("records")
    assert failure["ID"] == frame.loc[20, "ID"]


def outcome_of(command: tuple[object, ...], cache: Path) -> tuple[int, str]:
    running = start(*command, cache=cache)
    _, told = running.communicate(timeout=120)
    return running.returncode, told


@pytest.mark.slow
def test_a_folder_that_takes_nothing_is_told_before_any_work(cohort: Path, tmp_path: Path) -> None:
    """Where the tests run as root no permission is in the way; a folder of the system's is."""
    out = Path("/proc/radcompare")
    code, told = outcome_of(("extract", "radiomics", cohort, "-o", out / "r.csv"), tmp_path / "cache")
    assert code == 2
    assert told.startswith("error: ")
    assert entries(tmp_path / "cache") == 0


@pytest.mark.slow
def test_failures_of_an_earlier_run_do_not_stay_beside_a_new_table(cohort: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "failures.csv").write_text("ID,stage,problem,hint\nold,r219,gone,none\n")
    head = pd.read_csv(cohort).head(2)
    head.to_csv(cohort.parent / "two.csv", index=False)
    command = ("extract", "radiomics", cohort.parent / "two.csv", "-o", tmp_path / "out" / "r.csv")
    code, _ = outcome_of(command, tmp_path / "cache")
    assert code == 0
    assert (tmp_path / "out" / "failures.csv").read_text() == "ID,stage,problem,hint\n"


@pytest.mark.slow
def test_nothing_measured_still_lists_every_case(tmp_path: Path) -> None:
    rows: list[Mapping[str, str]] = [{"ID": name, "Image": f"{name}.nii", "Mask": "m.nii"} for name in "ab"]
    pd.DataFrame(rows).to_csv(tmp_path / "c.csv", index=False)
    code, told = outcome_of(
        ("extract", "radiomics", tmp_path / "c.csv", "-o", tmp_path / "r.csv"), tmp_path / "k"
    )
    assert code == 3
    assert "none of the 2 cases could be measured" in told
    assert list(pd.read_csv(tmp_path / "failures.csv")["ID"]) == ["a", "b"]
    assert not (tmp_path / "r.csv").exists()
