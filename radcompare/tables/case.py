"""One case: where its files lie, and what is said of one that a stage lost.

Apart from the tables, which take pandas: what measures cases does without.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from radcompare.errors import ConfigError, RadcompareError
from radcompare.parallel.limit import is_limited, memory_ran_out
from radcompare.provenance import digest_input
from radcompare.reading_settings import AS_STORED, Reading

Found = TypeVar("Found")

LESS_AT_A_TIME = (
    "use fewer jobs, give workers more memory (--memory), or make the image smaller (--reading spacing=...)"
)


@dataclass(frozen=True)
class Case:
    """One row: where the image and the mask of a case lie.

    Attributes:
        case: the ID.
        image, mask, organ: files, or folders of DICOM; `organ` is None where no organ mask was given.
        label: the mask's value that is the region; None when the mask holds only one.
        modality: CT, MR, US, ..., or the name of the sequence; empty where nothing is said.
        series: SeriesInstanceUID of the image, where its folder holds several; empty otherwise.
        structure: name or shell pattern of the structure (RTSTRUCT) or segment (DICOM SEG); empty where there is one.
        reading: what is done to files on the way to a region.
    """

    case: str
    image: Path
    mask: Path
    label: int | None = None
    organ: Path | None = None
    modality: str = ""
    series: str = ""
    structure: str = ""
    reading: Reading = AS_STORED

    def digests(self) -> tuple[str, ...]:
        """SHA-256 of what image, mask and organ mask hold, wherever they lie; empty for what is not there."""
        return tuple(digest_input(path) for path in (self.image, self.mask, self.organ))

    def choices(self) -> tuple[Any, ...]:
        """All besides the files that decides which voxels are measured, for keys of what was measured."""
        return (self.label, self.series, self.structure, self.reading.changed())


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, or looks wrong.

    Attributes:
        case: the ID; empty where the whole table is meant.
        severity: `error` when the case cannot be used, `warning` when it can.
        problem: what was found, and in which file.
        hint: what to do about it.
    """

    case: str
    severity: Literal["error", "warning"]
    problem: str
    hint: str


@dataclass(frozen=True)
class Failure:
    """One case that one stage lost."""

    ID: str
    stage: str
    problem: str
    hint: str


def attempt(case: str, stage: str, work: Callable[[], Found]) -> Found | Failure:
    """What comes of one case, or why nothing does: whatever goes wrong with it must not cost the others.

    Raises:
        ConfigError: a missing library, wrong weights or a full disk, which concern every case.
        MemoryError: in a worker with a limit, where the loop tries the case again and tells what the limit was.
    """
    try:
        return work()
    except ConfigError:
        raise
    except Exception as error:
        if is_limited() and memory_ran_out(error):
            raise MemoryError from error
        return Failure(case, stage, *_in_words(case, error))


def lost(case: str, stage: str, reason: str) -> Failure:
    """What is said of a case that took its worker with it."""
    return Failure(case, stage, f"case {case}: {reason}", LESS_AT_A_TIME)


def _in_words(case: str, error: Exception) -> tuple[str, str]:
    """What went wrong, and what to do about it."""
    if memory_ran_out(error):
        return f"case {case}: memory ran out", LESS_AT_A_TIME
    if isinstance(error, RadcompareError):
        return error.message, error.hint
    if isinstance(error, OSError):
        return f"cannot be read: {error}", "check the file and who may read it"
    problem = f"unexpected {type(error).__name__}: {error}"
    return problem, "this is a fault of radcompare: please report it"
