import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from threading import Lock

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from radcompare.errors import CaseError, ConfigError
from radcompare.parallel import each, in_this_process, parse_memory, placed, single_threaded, width
from radcompare.parallel.limit import LEAST, memory_ran_out
from radcompare.parallel.parcels import LARGE, Packing, unpack
from radcompare.parallel.workers import AHEAD


def _square(item):
    return item * item


def _late_if_early(item):
    """Earlier items take longer, so that a careless loop would yield them last."""
    time.sleep(0.02 * (4 - item))
    return item


def _decompose(seed):
    """Sums whose last bits depend on the order of addition."""
    X = np.random.default_rng(seed).normal(size=(150, 120))
    return np.linalg.svd(X @ X.T)[0]


def _threads(_):
    return [library["num_threads"] for library in threadpool_info()], os.environ.get("OMP_NUM_THREADS")


def _fail(item):
    if item == "case":
        raise CaseError("case 7: the mask is empty", "draw it")
    return item


def _process(_):
    return os.getpid()


def _refuse_to_travel(_):
    raise _Stubborn(Lock())


def _total(table, factor):
    return float(table.sum() * factor), table.flags.writeable


class _Stubborn(Exception):
    pass


class Counted(Sequence):
    """Items that know how many of them were asked for."""

    def __init__(self, number):
        self.number = number
        self.asked = 0

    def __len__(self):
        return self.number

    def __getitem__(self, at):
        if at >= self.number:
            raise IndexError(at)
        self.asked = max(self.asked, at + 1)
        return at


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_items(jobs):
    assert list(each(_late_if_early, range(5), jobs=jobs)) == [0, 1, 2, 3, 4]


def test_one_and_two_jobs_give_the_same_bytes():
    one, two = ([value.tobytes() for value in each(_decompose, range(4), jobs=jobs)] for jobs in (1, 2))
    assert one == two
    assert len(set(one)) == 4


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_item_runs_with_one_thread(jobs):
    for threads, variable in each(_threads, range(3), jobs=jobs):
        assert set(threads) == {1}
        assert variable == "1"


def test_one_job_stays_in_this_process():
    assert set(each(_process, range(3), jobs=1)) == {os.getpid()}
    assert set(each(_process, [0], jobs=4)) == {os.getpid()}  # a single item is not worth a process
    assert os.getpid() not in set(each(_process, range(3), jobs=2))


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_is_told_after_every_item(jobs):
    told = []
    values = each(_square, [1, 2, 3], jobs=jobs, what="cases", progress=lambda *step: told.append(step))
    assert list(values) == [1, 4, 9]
    assert told == [("cases", 0, 3), ("cases", 1, 3), ("cases", 2, 3), ("cases", 3, 3)]


def test_values_come_while_others_are_still_to_do():
    told = []
    values = each(_square, [1, 2, 3], progress=lambda *step: told.append(step))
    assert next(values) == 1
    assert told == [("items", 0, 3), ("items", 1, 3)]


def test_nothing_to_do():
    told = []
    assert list(each(_square, [], jobs=2, progress=lambda *step: told.append(step))) == []
    assert told == [("items", 0, 0)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_arrives_whole(jobs):
    with pytest.raises(CaseError) as raised:
        list(each(_fail, ["fine", "case", "fine"], jobs=jobs))
    assert (raised.value.message, raised.value.hint) == ("case 7: the mask is empty", "draw it")


def test_single_threaded_gives_what_the_function_gives():
    assert single_threaded(_square, 7) == 49


@pytest.mark.parametrize("jobs", [1, 2])
def test_memory_stays_flat_however_many_items_there_are(jobs):
    items = Counted(100_000)
    values = each(_square, items, jobs=jobs)
    assert [next(values) for _ in range(3)] == [0, 1, 4]
    assert items.asked <= 3 + AHEAD * jobs
    values.close()


def test_errors_come_in_the_order_of_the_items():
    values = each(_fail, ["first", "second", "case", "fourth"], jobs=2)
    assert [next(values), next(values)] == ["first", "second"]
    with pytest.raises(CaseError, match="mask is empty"):
        next(values)


def test_an_error_that_cannot_travel_arrives_as_text():
    with pytest.raises(RuntimeError, match="_Stubborn"):
        list(each(_refuse_to_travel, [1, 2], jobs=2))


def test_an_error_shows_where_it_was_raised():
    with pytest.raises(TypeError) as raised:
        list(each(_square, [1, None], jobs=2))
    assert "return item * item" in "".join(raised.value.__notes__)


def test_functions_without_a_module_reach_other_processes():
    assert list(each(lambda item: item + 1, [1, 2, 3], jobs=2)) == [2, 3, 4]


def test_a_large_table_is_sent_once_and_cannot_be_changed():
    table = np.arange(LARGE, dtype=np.float64)
    found = list(each(partial(_total, table), [1, 2, 3], jobs=2))
    assert found == [(table.sum() * factor, False) for factor in (1, 2, 3)]
    put = []
    packing = Packing(lambda raw: put.append(bytes(raw)) or len(put))
    first, second = packing.pack((table, "a")), packing.pack({"b": table})
    assert len(put) == 1
    assert first.arrays == second.arrays == (1,)
    assert len(first.pickled) < 1000
    assert np.array_equal(unpack(second.pickled, put)["b"], table)


def test_parts_of_a_table_are_not_taken_for_the_whole():
    table = np.arange(2 * LARGE, dtype=np.uint8)
    put = []
    packing = Packing(lambda raw: put.append(bytes(raw)) or len(put))
    for part in (table, table[:LARGE], table[LARGE:], table[::2], table.reshape(2, -1).T):
        parcel = packing.pack(part)
        assert np.array_equal(unpack(parcel.pickled, [put[at - 1] for at in parcel.arrays]), part)


def test_small_arrays_stay_inside():
    parcel = Packing(pytest.fail).pack(np.ones(10))
    assert parcel.arrays == ()
    assert pickle.loads(parcel.pickled).flags.writeable


def test_where_loops_run_is_known():
    assert in_this_process(1)
    assert not in_this_process(2)
    with placed(memory="2GB"):
        assert not in_this_process(1)
        assert width(3) == 3
    assert in_this_process(1)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2GB", 2 * 10**9),
        ("2G", 2 * 10**9),
        ("512M", 512 * 10**6),
        ("512 mb", 512 * 10**6),
        ("1.5GiB", 3 * 2**29),
        ("1.5gib", 3 * 2**29),
        ("4Gi", 2**32),
        ("700000000", 700_000_000),
        ("0.1TB", 10**11),
    ],
)
def test_sizes_are_read(text, size):
    assert parse_memory(text) == size


@pytest.mark.parametrize(
    "text", ["", "much", "GB", "-2GB", "2 potatoes", "2GBB", "1e9", "2I", "iB", "0x10", "nan", "inf"]
)
def test_other_sizes_are_refused(text):
    with pytest.raises(ConfigError, match="expected a size") as refused:
        parse_memory(text)
    assert "2GB" in refused.value.hint


@pytest.mark.parametrize("memory", ["0", "100MB", LEAST - 1])
def test_a_limit_below_any_work_is_refused(memory):
    with pytest.raises(ConfigError, match="500 MB for its libraries"), placed(memory=memory):
        pytest.fail("entered")


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_a_limit_that_cannot_be_kept_is_refused(system, monkeypatch):
    monkeypatch.setattr(sys, "platform", system)
    with pytest.raises(ConfigError, match=f"cannot be limited on {system}"), placed(memory="2GB"):
        pytest.fail("entered")


def test_memory_that_ran_out_is_known_from_every_library():
    for error in (
        MemoryError("Unable to allocate 3.73 GiB"),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory"
        ),
        RuntimeError("Exception thrown in SimpleITK: Failed to allocate memory for image."),
        RuntimeError("std::bad_alloc"),
    ):
        wrapped = CaseError("cannot be read", "")
        wrapped.__cause__ = error
        assert memory_ran_out(error)
        assert memory_ran_out(wrapped)
    assert not memory_ran_out(RuntimeError("the file is damaged"))
    assert not memory_ran_out(None)


INTERRUPTED = """
import os, signal, sys, time
from functools import partial
from pathlib import Path
from radcompare.parallel import each

signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs these tests may be deaf to it

def wait(folder, item):
    Path(folder, str(os.getpid())).touch()
    time.sleep(60)

list(each(partial(wait, sys.argv[1]), range(4), jobs=2))
"""


@pytest.mark.slow
def test_an_interrupt_ends_the_workers_at_once(tmp_path):
    program = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path)], stderr=subprocess.PIPE, text=True
    )
    _wait(lambda: len(list(tmp_path.iterdir())) == 2)
    began = time.monotonic()
    program.send_signal(signal.SIGINT)
    _, said = program.communicate(timeout=20)
    assert time.monotonic() - began < 10
    assert "KeyboardInterrupt" in said
    _wait(lambda: not any(Path("/proc", worker.name).exists() for worker in tmp_path.iterdir()))


def _wait(until, seconds=20.0):
    ends = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < ends
        time.sleep(0.02)
