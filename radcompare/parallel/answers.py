"""What comes of one item in another process, as bytes on the way back."""

import pickle
import traceback
from collections.abc import Callable
from typing import Any

from radcompare.parallel.limit import memory_ran_out
from radcompare.parallel.order import WorkerDied


def answer(work: Callable[[], Any]) -> bytes:
    """The value of some work, or the error that it ended with and whether memory had run out."""
    import cloudpickle

    try:
        return bytes(cloudpickle.dumps((work(), None, False)))
    except BaseException as error:  # noqa: BLE001 - it is raised where the answer is read
        return bytes(cloudpickle.dumps((None, _portable(error), memory_ran_out(error))))


def value_of(answered: bytes, out_of_memory: str = "") -> Any:
    """The value in an answer.

    Args:
        answered: by `answer`.
        out_of_memory: what to say of work that ran out of memory; empty to raise its error like any other.

    Raises:
        WorkerDied: memory ran out.
        BaseException: what the work ended with.
    """
    value, error, ran_out = pickle.loads(answered)
    if error is None:
        return value
    if out_of_memory and ran_out:
        raise WorkerDied(out_of_memory)
    raise error


def _portable(error: BaseException) -> BaseException:
    """The error with its traceback as a note; one that does not survive the way, as its text."""
    import cloudpickle

    told = "".join(traceback.format_exception(error))
    try:
        error.add_note(f"In a worker process:\n{told}")
        pickle.loads(cloudpickle.dumps(error))
    except Exception:  # noqa: BLE001
        return RuntimeError(told)
    return error
