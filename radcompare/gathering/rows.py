"""What comes of gathering: rows of a cohort, files without a partner, and what is to be said of both."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from radcompare.printable import visible

_DIGITS = re.compile(r"(\d+)")
_FORMULA = re.compile(r"[=+\-@]")
"""What makes a spreadsheet take a cell for a formula."""
_UNSAFE = re.compile(r"[^\w.\-]+")


@dataclass(frozen=True)
class Row:
    """One row of a cohort.

    Attributes:
        id: of the case.
        image, mask: files, or folders of DICOM.
        patient_id: rows with the same one are of one patient.
        label: the mask's value that is the region; None where nothing is chosen.
        series: SeriesInstanceUID, where the folder of the image holds several.
        structure: of an RTSTRUCT; empty elsewhere.
        organ: the organ mask, where there is one.
        modality: as the header says, or the name of the sequence; empty where nothing is said.
        more: further columns by name; paths are written as those of the image are.
    """

    id: str
    image: Path
    mask: Path
    patient_id: str
    label: int | None = None
    series: str = ""
    structure: str = ""
    organ: Path | None = None
    modality: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Unpaired:
    """A file (or a folder, or a row of another table) that is in no row, or lacks something in its row."""

    file: str
    reason: str


@dataclass(frozen=True)
class Gathered:
    """Everything that was found.

    Attributes:
        rows: in natural order of their IDs.
        unpaired: in natural order of their files.
        remarks: what to know of the rows.
    """

    rows: tuple[Row, ...]
    unpaired: tuple[Unpaired, ...]
    remarks: tuple[str, ...] = ()


def in_order(rows: Iterable[Row], unpaired: Iterable[Unpaired], remarks: Iterable[str] = ()) -> Gathered:
    """All of it, sorted."""
    return Gathered(
        tuple(sorted(rows, key=lambda row: natural(row.id))),
        tuple(sorted(unpaired, key=lambda file: (natural(file.file), file.reason))),
        tuple(remarks),
    )


def natural(text: str) -> tuple[Any, ...]:
    """A key that sorts numbers by their value and letters without regard to case.

    >>> sorted(["p10", "P2", "p1"], key=natural)
    ['p1', 'P2', 'p10']
    """
    parts = _DIGITS.split(text.casefold())
    return (*((int(part), "") if part.isdecimal() else (-1, part) for part in parts), (-2, text))


def as_name(text: str) -> str:
    """A file's name or a header's value as an ID: composed letters, single blanks, nothing that is run as a formula.

    >>> as_name("case\\n 1"), as_name("=cmd")
    ('case 1', '_=cmd')
    """
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    return f"_{plain}" if _FORMULA.match(plain) else plain


def file_safe(text: str) -> str:
    """Letters, digits and `_.-` of a name, whatever else there is as one `_`.

    >>> file_safe("GTV 1 (left)")
    'GTV_1_left'
    """
    return _UNSAFE.sub("_", text).strip("_")


def shown(path: Path | str) -> str:
    """A path on one line of a message, whatever its name holds."""
    return visible(str(path))


def some(names: Sequence[str], most: int = 3) -> str:
    """The first few of them in words."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def distinct(names: Sequence[Sequence[str]]) -> list[str]:
    """A name for each that no other has.

    Args:
        names: of each, the names that would do, the one that is wanted first.

    Returns:
        The first name of each that is its own; where none is, the last one with a number behind it.
    """
    level = [0] * len(names)
    while True:
        chosen = [of[at] for of, at in zip(names, level, strict=True)]
        shared = _repeated(chosen)
        longer = [n for n, name in enumerate(chosen) if name in shared and level[n] + 1 < len(names[n])]
        if not longer:
            return numbered(chosen)
        for number in longer:
            level[number] += 1


def numbered(names: Sequence[str]) -> list[str]:
    """The names, with `_2`, `_3`, ... behind those that were there before."""
    taken, given = set(names), dict[str, None]()
    for name in names:
        free, number = name, 1
        while free in given or (number > 1 and free in taken):
            number += 1
            free = f"{name}_{number}"
        given[free] = None
    return list(given)


def _repeated(names: Sequence[str]) -> set[str]:
    seen: set[str] = set()
    return {name for name in names if name in seen or seen.add(name)}  # type: ignore[func-returns-value]
