"""Which structures or segments of a file are the region of a case."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from radcompare.errors import CaseError, did_you_mean
from radcompare.imaging.inside import Fact
from radcompare.tables.case import Case

_SHOWN = 30


@dataclass(frozen=True)
class Part:
    """A structure (RTSTRUCT) or segment (DICOM SEG) of a file.

    Attributes:
        number: ROI Number or Segment Number.
        name: ROI Name or Segment Label.
        description: ROI or Segment Description; empty where there is none.
        missing: why there is no region in it, such as `no contours`; empty where there is one.
    """

    number: int
    name: str
    description: str = ""
    missing: str = ""

    def __str__(self) -> str:
        named = f"{self.name!r} (number {self.number})"
        return f"{named}, {self.missing}" if self.missing else named


def chosen(
    case: Case, path: Path, parts: Sequence[Part], kind: Literal["structure", "segment"]
) -> tuple[Part, ...]:
    """The parts that a case means.

    `case.label` is a number; `case.structure` a name, else a shell pattern, else either without regard to case, else
    the same of descriptions. Both given must agree; none given, the only part that has a region is meant.

    Args:
        case: its label and structure, and whether its reading takes several together.
        path: the file, for messages.
        parts: all that it holds.
        kind: what they are, for messages.

    Returns:
        At least one, all of them with a region; several only where the reading takes them together.

    Raises:
        CaseError: no part is meant, several are, or there is no region in what is meant.
    """
    meant = _named(_numbered(parts, case.label), case.structure)
    if not meant:
        raise _not_there(case, path, parts, kind)
    drawn = tuple(part for part in meant if not part.missing)
    if not drawn:
        raise CaseError(
            f"case {case.case}: {path} holds no region under what is asked for: {_listing(meant, kind)}",
            f"draw it, name another {kind} in the case's `Structure`, or drop the case",
        )
    if len(drawn) > 1 and case.reading.labels == "one":
        raise CaseError(
            f"case {case.case}: {path} holds several {kind}s that may be meant: {_listing(drawn, kind)}; "
            "expected one",
            "add a `Structure` column to the cohort with the name to measure, or a `Label` column with the number, "
            "or --reading labels=union to take all together",
        )
    return drawn


def facts_of(parts: Sequence[Part]) -> dict[str, Fact]:
    """The names of the parts that were taken, and the number of a single one, for the record."""
    names = "; ".join(part.name for part in parts)
    return {"structure": names} | ({"label": parts[0].number} if len(parts) == 1 else {})


def _numbered(parts: Sequence[Part], number: int | None) -> Sequence[Part]:
    return [part for part in parts if number is None or part.number == number]


def _named(parts: Sequence[Part], wanted: str) -> Sequence[Part]:
    """Those of that name, by the strictest reading of it that finds any."""
    if not wanted:
        return parts
    lower = wanted.lower()
    readings: tuple[Callable[[Part], bool], ...] = (
        lambda part: part.name == wanted,
        lambda part: fnmatchcase(part.name, wanted),
        lambda part: part.name.lower() == lower,
        lambda part: fnmatchcase(part.name.lower(), lower),
        lambda part: part.description.lower() == lower,
        lambda part: bool(part.description) and fnmatchcase(part.description.lower(), lower),
    )
    return next((found for reads in readings if (found := [part for part in parts if reads(part)])), [])


def _not_there(case: Case, path: Path, parts: Sequence[Part], kind: str) -> CaseError:
    if not parts:
        return CaseError(
            f"case {case.case}: {path} holds no {kind}s", "the file is incomplete: export it again"
        )
    near = did_you_mean(case.structure, [part.name for part in parts if part.name]) if case.structure else ""
    asked = [
        f"a {kind} {case.structure!r}" if case.structure else "",
        f"number {case.label}" if case.label is not None else "",
    ]
    wanted = " with ".join(filter(None, asked))
    return CaseError(
        f"case {case.case}: {path} does not hold {wanted}{near}; it holds {_listing(parts, kind)}",
        "correct the case's `Structure` or `Label` in the cohort",
    )


def _listing(parts: Sequence[Part], kind: str) -> str:
    more = f" and {len(parts) - _SHOWN} more {kind}s" if len(parts) > _SHOWN else ""
    return ", ".join(str(part) for part in parts[:_SHOWN]) + more
