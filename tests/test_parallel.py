import os
import time

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from radcompare.errors import CaseError
from radcompare.parallel import each, single_threaded


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
