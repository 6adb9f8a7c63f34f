"""One case: where its files lie, and what is said of one that a stage lost.

Apart from the tables, which take pandas: what measures cases does without.
"""

from dataclasses import dataclass
from pathlib import Path


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
