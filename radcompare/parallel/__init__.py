"""One loop for everything that repeats: cases, folds, permutations.

Every item runs with one thread for linear algebra and networks, whatever the number of jobs, so that
`-j 1` and `-j 2` add in the same order and give the same bytes. Where a loop runs (here, in other processes, on a
cluster) changes nothing of what it computes: it is said once, by `placed`, and every loop inside goes there.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from radcompare.errors import ConfigError
from radcompare.parallel.limit import allowed_memory, parse_memory
from radcompare.parallel.order import Lost, in_order
from radcompare.parallel.threads import single_threaded

if TYPE_CHECKING:
    from radcompare.parallel.cluster import Cluster

__all__ = [
    "Progress",
    "each",
    "in_this_process",
    "parse_memory",
    "placed",
    "silent",
    "single_threaded",
    "width",
]

Item = TypeVar("Item")
Value = TypeVar("Value")


class Progress(Protocol):
    """Told how far a loop is; the console shows it, tests may ignore it."""

    def __call__(self, what: str, done: int, total: int) -> None:
        """Say that `done` of `total` items of `what` are finished."""


def silent(what: str, done: int, total: int) -> None:
    """Progress that shows nothing."""


@dataclass(frozen=True)
class _Place:
    """Where loops run: on a cluster, in processes that may use so many bytes, or as `jobs` says."""

    cluster: "Cluster | None" = None
    memory: int | None = None


_HERE = _Place()
_place: ContextVar[_Place] = ContextVar("place", default=_HERE)


@contextmanager
def placed(*, scheduler: str | None = None, memory: int | str | None = None) -> Iterator[None]:
    """Let every loop inside run elsewhere.

    Args:
        scheduler: address of the scheduler of a Dask cluster, such as `tcp://host:8786`. `jobs` is ignored there.
        memory: what a worker process may use, in bytes or as `parse_memory` reads it. A loop of one job then runs in
            another process as well, so that what takes too much cannot take the program with it.

    Raises:
        ConfigError: nobody answers at the address, its workers run other code, memory cannot be limited on this
            system, or both are given: workers of a cluster have limits of their own.
        MissingLibraryError: there is no Dask.
    """
    size = None if memory is None else allowed_memory(memory)
    if scheduler is None:
        with _loops_at(_Place(memory=size)):
            yield
        return
    if size is not None:
        problem = "memory can be limited for processes of this machine, not for the workers of a scheduler"
        raise ConfigError(problem, "limit them where they start: dask worker --memory-limit")
    from radcompare.parallel.cluster import connected

    with connected(scheduler) as cluster, _loops_at(_Place(cluster)):
        yield


@contextmanager
def _loops_at(place: _Place) -> Iterator[None]:
    token = _place.set(place)
    try:
        yield
    finally:
        _place.reset(token)


def in_this_process(jobs: int) -> bool:
    """Whether a loop of so many jobs stays in this process, where it can speak to what is here."""
    place = _place.get()
    return jobs == 1 and place.cluster is None and place.memory is None


def width(jobs: int) -> int:
    """How many items a loop of so many jobs does at a time."""
    cluster = _place.get().cluster
    return jobs if cluster is None else max(1, cluster.threads())


def each(
    function: Callable[[Item], Value],
    items: Sequence[Item],
    *,
    jobs: int = 1,
    what: str = "items",
    progress: Progress = silent,
    lost: Callable[[Item, str], Value] | None = None,
) -> Iterator[Value]:
    """Yield `function(item)` for every item, in order, computed by `jobs` processes or where `placed` says.

    Memory holds a few values per process, however many items there are. A process that dies (memory ran out, a
    library is at fault) costs only the item it was at work on: that one is tried once more in a new process, with
    nothing beside it, and is lost if that dies too.

    Args:
        function: importable at the top of a module, so that processes can find it.
        items: what to do, in the order in which results come.
        jobs: number of processes; 1 stays in this one unless memory is limited.
        what: the noun that the progress names.
        progress: told after every item.
        lost: makes the value of an item that is lost from the item and the reason; without it the loop ends there.

    Raises:
        WorkerLostError: an item is lost, and `lost` was not given.
    """
    return _told(_values(function, items, jobs, Lost(what, lost)), len(items), what, progress)


def _told(values: Iterator[Value], total: int, what: str, progress: Progress) -> Iterator[Value]:
    progress(what, 0, total)
    for done, value in enumerate(values, start=1):
        progress(what, done, total)
        yield value


def _values(
    function: Callable[[Item], Value], items: Sequence[Item], jobs: int, lost: "Lost[Item, Value]"
) -> Iterator[Value]:
    cluster, memory = _place.get().cluster, _place.get().memory
    if cluster is not None:
        return in_order(partial(cluster.crew, function), items, lost)
    if memory is None and (jobs == 1 or len(items) < 2):
        return (single_threaded(function, item) for item in items)
    from radcompare.parallel.workers import Crew

    return in_order(partial(Crew, function, min(jobs, len(items)), memory), items, lost)
