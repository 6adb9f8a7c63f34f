"""One thread for whatever adds numbers, so that sums do not depend on the machine's cores."""

import os
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

Item = TypeVar("Item")
Value = TypeVar("Value")


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
