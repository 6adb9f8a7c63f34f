"""One loop for everything that repeats: cases, folds, later permutations.

Every item runs with one thread for linear algebra and networks, whatever the number of jobs, so that
`-j 1` and `-j 2` add in the same order and give the same bytes.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Protocol, TypeVar

Item = TypeVar("Item")
Value = TypeVar("Value")


class Progress(Protocol):
    """Told how far a loop is; the console shows it, tests may ignore it."""

    def __call__(self, what: str, done: int, total: int) -> None:
        """Say that `done` of `total` items of `what` are finished."""


def silent(what: str, done: int, total: int) -> None:
    """Progress that shows nothing."""


def each(
    function: Callable[[Item], Value],
    items: Sequence[Item],
    *,
    jobs: int = 1,
    what: str = "items",
    progress: Progress = silent,
) -> Iterator[Value]:
    """Yield `function(item)` for every item, in order, computed by `jobs` processes.

    Args:
        function: importable at the top of a module, so that processes can find it.
        items: what to do, in the order in which results come.
        jobs: number of processes; 1 stays in this one.
        what: the noun that the progress names.
        progress: told after every item.
    """
    progress(what, 0, len(items))
    for done, value in enumerate(_values(function, items, jobs), start=1):
        progress(what, done, len(items))
        yield value


def _values(function: Callable[[Item], Value], items: Sequence[Item], jobs: int) -> Iterator[Value]:
    if jobs == 1 or len(items) < 2:
        return (single_threaded(function, item) for item in items)
    from joblib import Parallel, delayed

    pool = Parallel(n_jobs=min(jobs, len(items)), return_as="generator")
    values: Iterator[Value] = pool(delayed(single_threaded)(function, item) for item in items)
    return values


@lru_cache(maxsize=1)
def _thread_pools(modules: int) -> Any:  # noqa: ARG001 - whatever was imported since may have brought one along
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def single_threaded(function: Callable[[Item], Value], item: Item) -> Value:
    """Call `function(item)` with one thread in BLAS, OpenMP and torch."""
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)
    os.environ["OMP_NUM_THREADS"] = "1"  # for a torch that the function itself will import
    with _thread_pools(len(sys.modules)).limit(limits=1):
        return function(item)
