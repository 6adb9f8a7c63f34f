"""Worker processes that die or want too much memory cost their own item, and nothing else depends on them."""

import os
import signal
import subprocess
import sys
import time
from functools import partial

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk

from radcompare import batches
from radcompare.batches import MeasuredRow, measure_in_runs
from radcompare.cache import Cache
from radcompare.errors import CaseError, ConfigError, ExitCode, WorkerLostError
from radcompare.imaging.phantom import write_cohort
from radcompare.parallel import each, limit, placed, silent
from radcompare.parallel.limit import is_limited
from radcompare.settings import Phantom
from radcompare.tables.case import LESS_AT_A_TIME, Failure, attempt

KILLED = "the worker process was killed, as the system does where memory runs out (SIGKILL)"
HUGE = 500_000_000
"""Numbers of eight bytes that no limit of these tests allows."""


def _die_of(fatal, item):
    if item in fatal:
        os.kill(os.getpid(), signal.SIGKILL)
    return item * item


def _die_the_first_time(marker, item):
    if item == 3 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return item * item


def _die_beside_others(folder, item):
    """Take the whole machine: die if another item is under way."""
    mine = folder / str(item)
    mine.touch()
    time.sleep(0.2)
    crowded = len(list(folder.iterdir())) > 1
    if item == 5 and crowded:
        mine.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    mine.unlink()
    return item


def _end_by(signal_number, item):
    if item == 1:
        os.kill(os.getpid(), signal_number)
    return item


def _leave(item):
    if item == 1:
        os._exit(7)
    return item


def _allocate(numbers):
    return float(np.ones(numbers)[-1]), os.getpid()


def _measure(numbers):
    return attempt(f"case{numbers}", "stage", lambda: float(np.ones(numbers).sum()))


def _told(item, reason):
    return item, reason


def _process(_):
    return os.getpid()


class _Greedy:
    """A function that is too large for any worker."""

    def __init__(self, numbers):
        self.numbers = numbers

    def __call__(self, item):
        return item

    def __setstate__(self, state):
        self.ones = np.ones(state["numbers"])


@pytest.mark.slow
@pytest.mark.parametrize(("jobs", "fatal"), [(2, (4,)), (2, (0, 9)), (3, (4, 5))])
def test_a_killed_worker_costs_only_its_own_item(fatal, jobs):
    found = list(each(partial(_die_of, fatal), range(10), jobs=jobs, lost=_told))
    assert found == [(item, KILLED) if item in fatal else item * item for item in range(10)]


@pytest.mark.slow
def test_without_a_value_for_it_the_loop_ends_and_says_where():
    values = each(partial(_die_of, (2,)), range(5), jobs=2, what="r219: cases")
    assert [next(values), next(values)] == [0, 1]
    with pytest.raises(WorkerLostError) as lost:
        next(values)
    assert lost.value.message == f"r219: cases: item 3 of 5 cannot be done: {KILLED}"
    assert "fewer jobs" in lost.value.hint
    assert "--memory" in lost.value.hint
    assert lost.value.exit_code == ExitCode.UNEXPECTED


@pytest.mark.slow
def test_an_item_that_took_its_worker_once_is_done_again(tmp_path):
    found = list(each(partial(_die_the_first_time, tmp_path / "died"), range(8), jobs=2))
    assert found == [item * item for item in range(8)]
    assert (tmp_path / "died").exists()


@pytest.mark.slow
def test_it_is_done_again_with_nothing_beside_it(tmp_path):
    assert list(each(partial(_die_beside_others, tmp_path), range(12), jobs=2)) == list(range(12))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGSEGV, "a fault in a library (SIGSEGV)"),
        (signal.SIGABRT, "by a library"),
        (signal.SIGTERM, "(SIGTERM)"),
    ],
)
def test_the_reason_says_how_it_ended(number, words):
    _, (item, reason), _ = each(partial(_end_by, number), range(3), jobs=2, lost=_told)
    assert item == 1
    assert words in reason


@pytest.mark.slow
def test_a_worker_that_leaves_by_itself_is_lost_too():
    assert list(each(_leave, range(3), jobs=2, lost=_told))[1] == (
        1,
        "the worker process was ended with exit code 7",
    )


@pytest.mark.slow
def test_workers_serve_the_next_loop_as_well():
    first, second = (set(each(_process, range(6), jobs=2)) for _ in range(2))
    assert first & second
    assert os.getpid() not in first | second


@pytest.mark.slow
def test_after_a_death_other_loops_go_on():
    list(each(partial(_die_of, (0, 1, 2)), range(4), jobs=2, lost=_told))
    assert list(each(partial(_die_of, ()), range(4), jobs=2)) == [0, 1, 4, 9]


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_what_needs_more_memory_than_allowed_is_lost_and_nothing_else(jobs):
    with placed(memory="1GB"):
        small, large, other = each(_allocate, [10, HUGE, 20], jobs=jobs, lost=_told)
    assert small[0] == other[0] == 1.0
    assert os.getpid() not in (small[1], other[1])
    assert large == (HUGE, "it needs more than the 1.0 GB of memory that a worker may use")


def test_one_item_with_a_limit_leaves_this_process_too():
    with placed(memory="1GB"):
        assert set(each(_process, [0])) != {os.getpid()}
    assert not is_limited()


@pytest.mark.slow
def test_a_limit_without_a_value_for_what_it_costs():
    with (
        placed(memory=700_000_000),
        pytest.raises(WorkerLostError, match=r"item 1 of 1 .* 0\.7 GB of memory"),
    ):
        list(each(_allocate, [HUGE]))


@pytest.mark.slow
def test_workers_of_one_limit_never_serve_another():
    with placed(memory="1GB"):
        assert next(each(_allocate, [HUGE], lost=_told))[0] == HUGE
    with placed(memory="8GB"):
        assert next(each(_allocate, [HUGE // 4]))[0] == 1.0


@pytest.mark.slow
def test_a_function_that_fills_the_worker_is_everyones_trouble():
    with (
        placed(memory="1GB"),
        pytest.raises(ConfigError, match=r"1\.0 GB has no room for what it is to work with"),
    ):
        list(each(_Greedy(HUGE), [1, 2], lost=_told))


def test_a_case_without_memory_is_a_failure_that_says_so(monkeypatch):
    def refuse():
        raise MemoryError

    failure = attempt("c7", "r219", refuse)
    assert failure == Failure("c7", "r219", "case c7: memory ran out", LESS_AT_A_TIME)
    monkeypatch.setattr(limit, "_limit", 10**9)
    with pytest.raises(MemoryError):
        attempt("c7", "r219", refuse)


def test_a_reader_without_memory_is_one_too():
    def read():
        try:
            raise RuntimeError("Failed to allocate memory for image.")
        except RuntimeError as error:
            raise CaseError("case c7: image.nii cannot be read", "export it again") from error

    assert attempt("c7", "r219", read).problem == "case c7: memory ran out"


@pytest.mark.slow
def test_under_a_limit_the_loop_hears_of_it_and_tells_the_limit():
    with placed(memory="1GB"):
        fine, large = each(_measure, [10, HUGE], lost=_told)
    assert fine == 10.0
    assert large == (HUGE, "it needs more than the 1.0 GB of memory that a worker may use")


def _rows(fatal, extractor, key, cache, stage, cases, *, jobs, progress):
    """What `measure_in_batches` would give, of names alone."""
    for name, _ in cases:
        if name in fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        yield MeasuredRow(name, (stage,))


class _Batch:
    batch = 2


def _run_of(fatal, extractor, key, cache, stage, jobs, cases):
    return list(_rows(fatal, extractor, key, cache, stage, cases, jobs=1, progress=silent))


@pytest.mark.slow
@pytest.mark.parametrize("fatal", [(), ("c0", "c16")])
def test_a_lost_run_of_cases_costs_only_the_case_that_it_died_of(fatal, monkeypatch):
    monkeypatch.setattr(batches, "_run", partial(_run_of, fatal))
    cases = [(f"c{number}", ()) for number in range(17)]
    with placed(memory="1GB"):
        found = list(measure_in_runs(_Batch(), "key", Cache(None), "deep", cases, jobs=2, progress=silent))
    for (name, _), value in zip(cases, found, strict=True):
        lost = Failure(name, "deep", f"case {name}: {KILLED}", LESS_AT_A_TIME)
        assert value == (lost if name in fatal else MeasuredRow(name, ("deep",)))


@pytest.mark.slow
def test_no_files_are_left_of_large_arrays(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    table = np.ones(1_000_000)
    assert list(each(partial(_scaled, table), [1, 2], jobs=2)) == [1e6, 2e6]
    assert list(tmp_path.iterdir()) == []


def _scaled(table, item):
    return float(table.sum() * item)


@pytest.fixture(scope="module")
def with_large(tmp_path_factory):
    """Three phantoms and a case of a gigabyte."""
    folder = tmp_path_factory.mktemp("large")
    path = write_cohort(Phantom(cases=4), folder)
    for kind, pixel in (("image", sitk.sitkFloat64), ("mask", sitk.sitkUInt8)):
        volume = sitk.Image([500, 500, 500], pixel)
        volume[3, 3, 3] = volume[4, 4, 4] = 1
        sitk.WriteImage(volume, str(folder / f"large_{kind}.nrrd"), True)
    table = pd.read_csv(path, dtype=str)
    table.loc[1, ["ID", "Image", "Mask"]] = ["large", "large_image.nrrd", "large_mask.nrrd"]
    table.to_csv(path, index=False)
    return path


ARCH3 = ("--network", "arch3", "--weights", "random", "--layer", "conv3")
TOO_LARGE = "it needs more than the 1.0 GB of memory that a worker may use"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("extract", "radiomics"), ExitCode.SOME_CASES_FAILED),
        (("extract", "deep", *ARCH3), ExitCode.SOME_CASES_FAILED),
        (("preview", "--out", "sheets"), ExitCode.SOME_CASES_FAILED),
        (("check",), ExitCode.DATA),
    ],
)
def test_a_case_too_large_for_a_worker_fails_alone(words, code, with_large, tmp_path):
    program = [sys.executable, "-m", "radcompare", *words, str(with_large), "--memory", "1GB"]
    environment = {**os.environ, "RADCOMPARE_CACHE": ""}
    ended = subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert ended.returncode == code, ended.stderr
    assert f"case large: {TOO_LARGE}" in (ended.stdout if words == ("check",) else ended.stderr)
    assert "--reading spacing" in ended.stdout + ended.stderr
    if "extract" in words:
        assert len(ended.stdout.splitlines()) == 1 + 3
