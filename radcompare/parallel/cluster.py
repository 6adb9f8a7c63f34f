"""Loops on a running Dask cluster: its workers take the items, and a worker that is lost changes nothing.

The scheduler hands the items of a lost worker to others by itself; only an item that several workers died of is done
alone. Arrays and the function travel once: they are results of tasks of their own, which the scheduler can repeat
when the worker that held them is lost (what is scattered would be gone).

A worker with several threads does one item at a time nevertheless, for the limit of one thread for linear algebra
belongs to the whole process: give every worker one thread.
"""

import gc
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Lock
from types import TracebackType
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from radcompare.errors import ConfigError, MissingLibraryError, WorkerLostError
from radcompare.parallel.answers import answer, value_of
from radcompare.parallel.order import WorkerDied
from radcompare.parallel.parcels import Packing, unpack
from radcompare.parallel.threads import single_threaded
from radcompare.provenance import digest_code

Item = TypeVar("Item")
Value = TypeVar("Value")

AHEAD = 4
"""Items per thread of the cluster that are under way or done before their turn."""
PATIENCE_S = 10.0
"""How long to wait for the scheduler, and for its first worker."""
DESERTED_S = 120.0
"""How long to wait for new workers when the last one is lost."""
OUT_OF_MEMORY = "it needs more memory than a worker of the cluster has"
MANY_DIED = "several workers of the cluster died over it, as they do where memory runs out"
SAME_CODE = "install the same radcompare for every worker, and start the workers again"

_one_at_a_time = Lock()


@contextmanager
def connected(address: str) -> Iterator["Cluster"]:
    """A cluster whose workers run the code that runs here.

    Args:
        address: of its scheduler.

    Raises:
        ConfigError: nobody answers there, there are no workers, or they run other code.
        MissingLibraryError: there is no Dask.
    """
    try:
        import dask
        import distributed
    except ImportError as error:
        raise MissingLibraryError(
            f"a scheduler needs Dask: {error}", "pip install 'radcompare[dask]'"
        ) from None
    _silence()
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):
        client = _client(distributed.Client, address)
        try:
            _await_workers(client, address)
            _refuse_other_code(client, address)
            yield Cluster(client, address)
        finally:
            client.close()


def _silence() -> None:
    """Keep Dask's log off the terminal: what it has to say comes as errors here."""
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)


def _client(kind: Callable[..., Any], address: str) -> Any:
    try:
        return kind(address, timeout=PATIENCE_S, set_as_default=False)
    except Exception as error:  # noqa: BLE001 - whatever another server or no address at all leads to
        problem = f"no Dask scheduler answers at {address!r}: {error or type(error).__name__}"
    # What is left of that client ends itself when it is collected, and waits for a lock meanwhile: if that were while
    # the next client starts, which holds the lock, the program would stand still.
    gc.collect()
    raise ConfigError(problem, "dask scheduler prints its address, such as tcp://host:8786")


def _await_workers(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=PATIENCE_S)
    except TimeoutError:
        problem = f"the scheduler at {address} has no workers"
        raise ConfigError(problem, f"start some: dask worker {address} --nthreads 1") from None


def _refuse_other_code(client: Any, address: str) -> None:
    try:
        digests = client.run(digest_code)
    except Exception as error:  # a worker without radcompare, or of another Python
        raise ConfigError(f"workers at {address} cannot run radcompare: {error}", SAME_CODE) from error
    other = [worker for worker, digest in digests.items() if digest != digest_code()]
    if other:
        problem = f"{len(other)} of {len(digests)} workers run another version of radcompare: {other[0]}"
        raise ConfigError(problem, SAME_CODE)


@dataclass(frozen=True)
class Cluster:
    """A cluster that is there."""

    client: Any
    address: str

    def threads(self) -> int:
        """Threads of all workers that there are now."""
        return sum(self.client.nthreads().values())

    def crew(self, function: Callable[[Item], Value]) -> "Crew[Item, Value]":
        """Its workers, with something to do."""
        return Crew(self, function)


class Crew(Generic[Item, Value]):
    """The workers of a cluster, all with the same to do.

    Args:
        cluster: whose.
        function: what to do with an item.
    """

    def __init__(self, cluster: Cluster, function: Callable[[Item], Value]) -> None:
        self._cluster = cluster
        self._handed_out: WeakSet[Any] = WeakSet()
        self._packing = Packing(lambda raw: self._submit(bytes, bytes(raw)))
        parcel = self._packing.pack(function)
        self._function = self._submit(take_in, digest_code(), parcel.pickled, list(parcel.arrays))
        self._counted = (0.0, 1)

    @property
    def ahead(self) -> int:
        """How many items may be under way or done before their turn; the cluster may grow."""
        counted_at, threads = self._counted
        if time.monotonic() - counted_at > PATIENCE_S:
            threads = max(1, self._cluster.threads())
            self._counted = (time.monotonic(), threads)
        return AHEAD * threads

    def submit(self, item: Item) -> "Promised":
        """Hand out an item."""
        parcel = self._packing.pack(item)
        future = self._submit(do, digest_code(), self._function, parcel.pickled, list(parcel.arrays))
        return Promised(future, self._cluster)

    def alone(self, item: Item) -> Value:
        """Do an item again; nothing else may be under way.

        Raises:
            WorkerDied: workers died of this one as well.
        """
        value: Value = self.submit(item).result()
        return value

    def __enter__(self) -> "Crew[Item, Value]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Call off what is not done."""
        self._cluster.client.cancel(list(self._handed_out), force=True)

    def _submit(self, *work: Any) -> Any:
        future = self._cluster.client.submit(*work, pure=False)
        self._handed_out.add(future)
        return future


@dataclass(frozen=True)
class Promised:
    """The value that a worker of the cluster is to give."""

    future: Any
    cluster: Cluster

    def result(self) -> Any:
        """Wait for the value, or raise what the work ended with.

        Raises:
            WorkerDied: workers died of it, or memory ran out.
            WorkerLostError: the scheduler is gone, or all workers are.
        """
        from distributed import CancelledError, KilledWorker

        try:
            return value_of(self._answer(), OUT_OF_MEMORY)
        except KilledWorker:
            raise WorkerDied(MANY_DIED) from None
        except CancelledError:
            problem = f"the scheduler at {self.cluster.address} is gone, or was told to drop what it had"
            raise WorkerLostError(problem, "start it and its workers again, and run again") from None

    def exception(self) -> BaseException | None:
        """Wait, and say what the work ended with."""
        try:
            self.result()
        except Exception as error:  # noqa: BLE001
            return error
        return None

    def _answer(self) -> bytes:
        """The bytes, as long as there are workers that may yet give them."""
        deserted = 0.0
        while True:
            try:
                return bytes(self.future.result(timeout=PATIENCE_S))
            except TimeoutError:
                deserted = 0.0 if self.cluster.threads() else deserted + PATIENCE_S
            if deserted >= DESERTED_S:
                problem = f"the scheduler at {self.cluster.address} has no workers any more"
                raise WorkerLostError(problem, "start workers and run again; those that die may lack memory")


def take_in(code: str, pickled: bytes, arrays: Sequence[bytes]) -> Callable[[Any], Any]:
    """The function of a loop, on a worker.

    Raises:
        ConfigError: the worker runs other code; it came after those that were asked.
    """
    if digest_code() != code:
        raise ConfigError("a new worker runs another version of radcompare", SAME_CODE)
    function: Callable[[Any], Any] = unpack(pickled, arrays)
    return function


def do(code: str, function: Callable[[Any], Any], pickled: bytes, arrays: Sequence[bytes]) -> bytes:
    """What the function gives for an item, on a worker."""
    return answer(partial(_done, code, function, pickled, arrays))


def _done(code: str, function: Callable[[Any], Any], pickled: bytes, arrays: Sequence[bytes]) -> Any:
    item = take_in(code, pickled, arrays)
    with _one_at_a_time:
        return single_threaded(function, item)
