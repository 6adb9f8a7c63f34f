"""Worker processes of this machine: one item each at a time, so that it is known which item one died of."""

import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from multiprocessing import resource_tracker
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from types import TracebackType
from typing import Any, Generic, TypeVar

from joblib.externals.loky.backend import get_context
from joblib.externals.loky.backend import resource_tracker as loky_tracker

from radcompare.errors import ConfigError, WorkerLostError
from radcompare.parallel.answers import answer, value_of
from radcompare.parallel.limit import in_words, limit_memory, memory_ran_out
from radcompare.parallel.order import WorkerDied
from radcompare.parallel.parcels import Folder, Packing, Parcel, mapped, unpack
from radcompare.parallel.threads import single_threaded

Item = TypeVar("Item")
Value = TypeVar("Value")

AHEAD = 4
"""Items per process that are under way or done before their turn."""
IDLE_S = 300.0
"""A process without work ends after so long; the next loop finds it ready until then."""
PATIENCE_S = 10.0
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""For libraries that make their threads, and memory for each, when they are loaded."""

_CONTEXT = get_context("loky")  # unlike spawn it does not run the main script again
_one_at_a_time = Lock()
_ENDS = {
    "SIGKILL": "killed, as the system does where memory runs out",
    "SIGABRT": "given up by a library, as many do where memory runs out",
    "SIGSEGV": "ended by a fault in a library",
    "SIGBUS": "ended by a fault in a library, or a full disk",
}


@dataclass(frozen=True)
class _Work:
    """The function of one loop, packed; `number` tells it from those of other loops."""

    number: int
    parcel: Parcel


class Worker:
    """A process that waits for items, and this end of the line to it.

    Args:
        memory: what it may use, in bytes.

    Raises:
        WorkerLostError: it does not start.
    """

    def __init__(self, memory: int | None) -> None:
        self._memory = memory
        self._has = 0
        with _one_at_a_time:
            self._line, theirs = _CONTEXT.Pipe()
            self._process = _CONTEXT.Process(target=serve, args=(theirs, memory), daemon=True, env=ONE_THREAD)
            with _without_interrupts():
                self._process.start()
            theirs.close()
        try:
            self._line.recv_bytes()
        except (EOFError, OSError):
            raise WorkerLostError(f"a worker process does not start: it was {self._end()}") from None

    @property
    def is_alive(self) -> bool:
        """Whether it still waits for items."""
        return bool(self._process.is_alive())

    def learn(self, work: _Work) -> None:
        """Take in what to do, unless that is known.

        Raises:
            WorkerDied: the process ended over it.
            ConfigError: the limit leaves no room for it.
        """
        if self._has == work.number:
            return
        try:
            value_of(self._ask((True, work.parcel)))
        except Exception as error:
            self.kill()
            if self._memory is None or not memory_ran_out(error):
                raise
            problem = (
                f"a worker that may use {in_words(self._memory)} has no room for what it is to work with"
            )
            raise ConfigError(problem, "give more memory") from error
        self._has = work.number

    def do(self, item: Parcel) -> Any:
        """What comes of an item.

        Raises:
            WorkerDied: the process ended, or needs more memory than it may use; then it is ended.
        """
        allowed = "" if self._memory is None else in_words(self._memory)
        told = f"it needs more than the {allowed} of memory that a worker may use" if allowed else ""
        try:
            return value_of(self._ask((False, item)), told)
        except WorkerDied:
            self.kill()
            raise

    def kill(self) -> None:
        """End the process, whatever it does."""
        self._process.terminate()
        self._process.join()

    def _ask(self, what: tuple[bool, Parcel]) -> bytes:
        try:
            self._line.send(what)
            return bytes(self._line.recv_bytes())
        except (EOFError, OSError):
            raise WorkerDied(f"the worker process was {self._end()}") from None

    def _end(self) -> str:
        ends = time.monotonic() + PATIENCE_S
        while (code := self._process.exitcode) is None and time.monotonic() < ends:
            time.sleep(0.01)  # another thread may be the one that the system tells
        if code is None or code >= 0:
            return f"ended with exit code {code}"
        name = signal.Signals(-code).name
        return f"{_ENDS.get(name, 'ended')} ({name})"


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Let a new process be deaf to Ctrl-C from its first moment; it takes over what is blocked in this thread."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    for tracker in (resource_tracker, loky_tracker):  # which let interrupts through where they are started
        tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def serve(line: Any, memory: int | None) -> None:
    """Do what comes over the line until it is closed; the life of a worker process.

    Args:
        line: the other end of `Worker`'s connection.
        memory: what this process may use, in bytes.
    """
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches all processes; the first one ends the others
    if memory is not None:
        limit_memory(memory)
    function: list[Callable[[Any], Any]] = []
    try:
        line.send_bytes(b"")
        while line.poll(IDLE_S):
            is_function, parcel = line.recv()
            if is_function:
                line.send_bytes(answer(partial(_take_in, function, parcel)))
            else:
                line.send_bytes(answer(partial(_do, function, parcel)))
    except (EOFError, OSError):  # the program has ended
        return


def _take_in(function: list[Callable[[Any], Any]], parcel: Parcel) -> None:
    function[:] = [_opened(parcel)]


def _do(function: list[Callable[[Any], Any]], parcel: Parcel) -> Any:
    return single_threaded(function[0], _opened(parcel))


def _opened(parcel: Parcel) -> Any:
    return unpack(parcel.pickled, [mapped(path) for path in parcel.arrays])


_idle: dict[int | None, deque[Worker]] = {}
"""Processes of earlier loops by their limit, which the next loop need not start."""
_numbers = count(1)


class Crew(Generic[Item, Value]):
    """As many processes as there are jobs, all with the same to do.

    Args:
        function: what to do with an item.
        jobs: how many.
        memory: what each may use, in bytes.
    """

    def __init__(self, function: Callable[[Item], Value], jobs: int, memory: int | None) -> None:
        self._memory = memory
        self._jobs = jobs
        self._folder = TemporaryDirectory(prefix="radcompare-", ignore_cleanup_errors=True)
        self._packing = Packing(Folder(Path(self._folder.name)).put)
        self._work = _Work(next(_numbers), self._packing.pack(function))
        self._idle = _idle.setdefault(memory, deque())
        self._busy: set[Worker] = set()
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="worker")
        self._lock = Lock()
        self._is_over = False

    @property
    def ahead(self) -> int:
        """How many items may be under way or done before their turn."""
        return AHEAD * self._jobs

    def submit(self, item: Item) -> Future[Value]:
        """Hand out an item."""
        return self._threads.submit(self._done, self._packing.pack(item))

    def alone(self, item: Item) -> Value:
        """Do an item in a new process; nothing else may be under way.

        Raises:
            WorkerDied: it took this one as well.
            WorkerLostError: the process ended before it began.
        """
        worker = Worker(self._memory)
        try:
            worker.learn(self._work)
        except WorkerDied as died:
            raise WorkerLostError(f"no process can take in what to do: {died}") from None
        value: Value = worker.do(self._packing.pack(item))
        self._idle.append(worker)
        return value

    def __enter__(self) -> "Crew[Item, Value]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Call off what is not done; processes that are at work on it end."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            self._is_over = True
            for worker in self._busy:
                worker.kill()
        self._threads.shutdown()
        self._folder.cleanup()

    def _done(self, item: Parcel) -> Value:
        worker = self._taken()
        try:
            worker.learn(self._work)
            value: Value = worker.do(item)
            return value
        finally:
            with self._lock:
                self._busy.discard(worker)
            if worker.is_alive:
                self._idle.append(worker)

    def _taken(self) -> Worker:
        """A process for this thread."""
        worker = self._ready() or Worker(self._memory)
        with self._lock:
            self._busy.add(worker)
            if self._is_over:
                worker.kill()
        return worker

    def _ready(self) -> Worker | None:
        """One that waits for items, if any does."""
        while self._idle:
            try:
                worker = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            if worker.is_alive:
                return worker
        return None
