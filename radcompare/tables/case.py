"""One case: where its files lie, and what is said of one that a stage lost.

Apart from the tables, which take pandas: what measures cases does without.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from radcompare.errors import ConfigError, RadcompareError

Found = TypeVar("Found")


@dataclass(frozen=True)
class Case:
    """One row: where the image and the mask of a case lie.

    Attributes:
        case: the ID.
        image, mask, organ: files; `organ` is None where no organ mask was given.
        label: the mask's value that is the region; None when the mask holds only one.
        modality: CT, MR, US, ..., or the name of the sequence; empty where nothing is said.
    """

    case: str
    image: Path
    mask: Path
    label: int | None = None
    organ: Path | None = None
    modality: str = ""


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
    """
    try:
        return work()
    except ConfigError:
        raise
    except RadcompareError as error:
        return Failure(case, stage, error.message, error.hint)
    except OSError as error:
        return Failure(case, stage, f"cannot be read: {error}", "check the file and who may read it")
    except Exception as error:  # noqa: BLE001
        problem = f"unexpected {type(error).__name__}: {error}"
        return Failure(case, stage, problem, "this is a fault of radcompare: please report it")
