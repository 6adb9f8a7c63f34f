"""Cases measured in batches: while a network looks at some, the files of the next are read.

A case keeps its place, its own failure and its own entry in the cache. Memory holds a few batches of pictures,
however many cases there are.
"""

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from radcompare.cache import Cache, Row
from radcompare.imaging.reading import read_region
from radcompare.imaging.region import Region
from radcompare.parallel import Progress, each, silent, width
from radcompare.provenance import digest_settings
from radcompare.tables.case import Case, Failure, attempt, lost

AHEAD = 2
"""Batches of cases whose files are read before their turn."""
READERS = 2
"""Threads that read files, at least."""
LONGEST_RUN = 4
"""Batches of cases that a worker is given at a time, at most."""

Named = tuple[str, Sequence[Case]]
"""The ID of a case, and the images of it that are shown."""


class Shown(Protocol):
    """What a network is to be shown of one case."""

    @property
    def pictures(self) -> NDArray[np.float32]:
        """(inputs, channels, *sides)."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """What is known of the case besides."""


class BatchExtractor(Protocol):
    """An extractor that measures many pictures at a time."""

    @property
    def batch(self) -> int:
        """How many."""

    def show(self, regions: Sequence[Region]) -> Any:
        """The pictures of one case."""

    def read(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """What comes of a batch of pictures, a row each."""

    def combine(self, case: str, shown: Any, answers: NDArray[np.float32]) -> NDArray[np.float32]:
        """The values of one case from the rows of its pictures."""


@dataclass(frozen=True)
class MeasuredRow:
    """What one case gave, and the SHA-256 of its files."""

    row: Row
    files: tuple[str, ...]

    @property
    def read(self) -> list[dict[str, Any]]:
        """How the files of each image became a region."""
        return list(self.row.facts.get("read", ()))


@dataclass
class _Pending:
    """A case whose turn has come."""

    case: str
    key: str = ""
    files: tuple[str, ...] = ()
    shown: Shown | None = None
    answers: list[NDArray[np.float32]] = field(default_factory=list)
    done: MeasuredRow | Failure | None = None


def measure_in_batches(
    extractor: BatchExtractor,
    settings_key: str,
    cache: Cache,
    stage: str,
    cases: Sequence[tuple[str, Sequence[Case]]],
    *,
    jobs: int,
    progress: Progress,
) -> Iterator[MeasuredRow | Failure]:
    """Measure cases, or say why not, in their order.

    Args:
        extractor: what measures.
        settings_key: hash of all that determines the values.
        cache: where measurements are kept.
        stage: for failures and progress.
        cases: the ID of every case and the images of it that are shown.
        jobs: number of readers.
        progress: told after every case.
    """
    what = f"{stage}: cases"
    progress(what, 0, len(cases))
    with closing(_read_ahead(extractor, settings_key, cache, stage, cases, jobs)) as read:
        for number, pending in enumerate(_answered(extractor, cache, stage, read), start=1):
            progress(what, number, len(cases))
            assert pending.done is not None
            yield pending.done


def measure_in_runs(
    extractor: BatchExtractor,
    settings_key: str,
    cache: Cache,
    stage: str,
    cases: Sequence[Named],
    *,
    jobs: int,
    progress: Progress,
) -> Iterator[MeasuredRow | Failure]:
    """The same where loops are placed elsewhere: a worker measures runs of neighbouring cases in batches.

    A run that a worker dies of is done again case by case, so that no case costs another. The values are those of
    `measure_in_batches`: batches are filled up, so that it does not matter where a run ends, and the network has as
    many cores in a worker as it would have here. With a limit of memory there is therefore one worker.
    """
    work = partial(_run, extractor, settings_key, cache, stage, jobs)
    batches = -(-len(cases) // (extractor.batch * width(jobs=1)))
    size = extractor.batch * min(max(batches, 1), LONGEST_RUN)
    runs = [cases[at : at + size] for at in range(0, len(cases), size)]
    found = list(each(work, runs, what=f"{stage}: runs of cases", progress=progress, lost=_none))
    alone = [[case] for run, rows in zip(runs, found, strict=True) if rows is None for case in run]
    again = each(work, alone, what=f"{stage}: cases", progress=progress, lost=partial(_lost, stage))
    for run, rows in zip(runs, found, strict=True):
        for at in range(len(run)):
            yield rows[at] if rows is not None else (next(again) or [])[0]


def _run(
    extractor: BatchExtractor,
    settings_key: str,
    cache: Cache,
    stage: str,
    jobs: int,
    cases: Sequence[Named],
) -> list[MeasuredRow | Failure] | None:
    return list(measure_in_batches(extractor, settings_key, cache, stage, cases, jobs=jobs, progress=silent))


def _none(cases: Sequence[Named], reason: str) -> list[MeasuredRow | Failure] | None:  # noqa: ARG001
    return None


def _lost(stage: str, cases: Sequence[Named], reason: str) -> list[MeasuredRow | Failure] | None:
    return [lost(name, stage, reason) for name, _ in cases]


def _answered(
    extractor: BatchExtractor, cache: Cache, stage: str, cases: Iterable[_Pending]
) -> Iterator[_Pending]:
    """Fill batches with the pictures of one case after the other; a case is handed on once it has all answers."""
    waiting: deque[_Pending] = deque()
    pictures: list[NDArray[np.float32]] = []
    owners: list[_Pending] = []
    for pending in cases:
        waiting.append(pending)
        for picture in () if pending.shown is None else pending.shown.pictures:
            pictures.append(picture)
            owners.append(pending)
            if len(pictures) == extractor.batch:
                _show(extractor, pictures, owners)
        _finish(extractor, cache, stage, waiting)
        while waiting and waiting[0].done is not None:
            yield waiting.popleft()
    if pictures:
        _show(extractor, pictures, owners)
    _finish(extractor, cache, stage, waiting)
    yield from waiting


def _show(extractor: BatchExtractor, pictures: list[NDArray[np.float32]], owners: list[_Pending]) -> None:
    """Hand a batch to the network and its answers to the cases; both lists are emptied."""
    for owner, answer in zip(owners, extractor.read(np.stack(pictures)), strict=True):
        owner.answers.append(answer)
    pictures.clear()
    owners.clear()


def _finish(extractor: BatchExtractor, cache: Cache, stage: str, waiting: Iterable[_Pending]) -> None:
    for pending in waiting:
        shown = pending.shown
        if shown is None or len(pending.answers) < len(shown.pictures):
            continue
        pending.done = attempt(
            pending.case, stage, partial(_combined, extractor, cache, pending, shown, pending.answers)
        )
        pending.shown = None
        pending.answers.clear()


def _combined(
    extractor: BatchExtractor,
    cache: Cache,
    pending: _Pending,
    shown: Shown,
    answers: list[NDArray[np.float32]],
) -> MeasuredRow:
    row = Row(extractor.combine(pending.case, shown, np.stack(answers)), shown.facts)
    cache.put_row(pending.key, row)
    return MeasuredRow(row, pending.files)


def _read_ahead(
    extractor: BatchExtractor,
    settings_key: str,
    cache: Cache,
    stage: str,
    cases: Sequence[tuple[str, Sequence[Case]]],
    jobs: int,
) -> Generator[_Pending]:
    """Cases in their order, read by threads that are a few batches of pictures ahead."""
    number = max(READERS, jobs)
    most = 1  # pictures of one case
    with ThreadPoolExecutor(number) as readers:
        ahead: deque[Future[_Pending]] = deque()
        try:
            for name, images in cases:
                ahead.append(readers.submit(_read, extractor, settings_key, cache, stage, name, images))
                while len(ahead) > max(number, AHEAD * extractor.batch // most):
                    pending = ahead.popleft().result()
                    most = max(most, 0 if pending.shown is None else len(pending.shown.pictures))
                    yield pending
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()


def _read(
    extractor: BatchExtractor, settings_key: str, cache: Cache, stage: str, name: str, images: Sequence[Case]
) -> _Pending:
    """Find a case in the cache, or read its files and make its pictures."""
    found = attempt(name, stage, partial(_found_or_shown, extractor, settings_key, cache, name, images))
    return _Pending(name, done=found) if isinstance(found, Failure) else found


def _found_or_shown(
    extractor: BatchExtractor, settings_key: str, cache: Cache, name: str, images: Sequence[Case]
) -> _Pending:
    files = tuple(digest for case in images for digest in case.digests()[:2])
    told = [(*case.choices(), case.modality) for case in images]
    key = digest_settings([files, told, settings_key])
    row = cache.get_row(key)
    if row is not None:
        return _Pending(name, done=MeasuredRow(row, files))
    return _Pending(name, key, files, extractor.show([read_region(case) for case in images]))
