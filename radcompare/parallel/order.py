"""Values in the order of their items, from workers that finish in any order and may die."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from radcompare.errors import WorkerLostError

Item = TypeVar("Item")
Value = TypeVar("Value")
Item_contra = TypeVar("Item_contra", contravariant=True)
Value_co = TypeVar("Value_co", covariant=True)


class WorkerDied(Exception):
    """The process that was at work on an item is no more, or had not memory enough; the text says how it ended."""


class Pending(Protocol[Value_co]):
    """A value that a worker is to give."""

    def result(self) -> Value_co:
        """Wait for the value, or raise what the work ended with."""

    def exception(self) -> BaseException | None:
        """Wait, and say what the work ended with."""


class Workers(Protocol[Item_contra, Value_co]):
    """Processes that all do the same to every item."""

    @property
    def ahead(self) -> int:
        """How many items may be under way or done before their turn."""

    def submit(self, item: Item_contra) -> Pending[Value_co]:
        """Hand out an item; `WorkerDied` comes as the error of what is pending."""

    def alone(self, item: Item_contra) -> Value_co:
        """Do an item in a new process while all others rest.

        Raises:
            WorkerDied: it took this one as well.
        """


@dataclass(frozen=True)
class Lost(Generic[Item, Value]):
    """What becomes of an item whose worker died twice."""

    what: str
    value: Callable[[Item, str], Value] | None

    def __call__(self, item: Item, place: str, reason: str) -> Value:
        """The value in place of the one that did not come.

        Raises:
            WorkerLostError: there is none.
        """
        if self.value is not None:
            return self.value(item, reason)
        problem = f"{self.what}: {place} cannot be done: {reason}"
        raise WorkerLostError(problem, "use fewer jobs, or set or raise the memory of a worker with --memory")


def in_order(
    open_workers: Callable[[], AbstractContextManager[Workers[Item, Value]]],
    items: Sequence[Item],
    lost: Lost[Item, Value],
) -> Iterator[Value]:
    """Yield the value of every item in its turn.

    Items whose worker died are done again when their turn comes, one at a time with nothing beside them: what was out
    of memory with others may do alone, and what dies alone is known to be the cause.

    Args:
        open_workers: the workers, who stop when they are left.
        items: what to hand out.
        lost: for those that cannot be done.
    """
    with open_workers() as workers:
        waiting: deque[tuple[Item, Pending[Value]]] = deque()
        done = 0
        for item in items:
            waiting.append((item, workers.submit(item)))
            if len(waiting) >= workers.ahead:
                done += 1
                yield _first(waiting, workers, lost, f"item {done} of {len(items)}")
        while waiting:
            done += 1
            yield _first(waiting, workers, lost, f"item {done} of {len(items)}")


def _first(
    waiting: deque[tuple[Item, Pending[Value]]],
    workers: Workers[Item, Value],
    lost: Lost[Item, Value],
    place: str,
) -> Value:
    item, pending = waiting.popleft()
    try:
        return pending.result()
    except WorkerDied:
        for _, other in waiting:
            other.exception()
    try:
        return workers.alone(item)
    except WorkerDied as died:
        return lost(item, place, str(died))
