"""What an RTSTRUCT file holds: its structures, and the points of their contours."""

# mypy: untyped-calls-exclude="pydicom"
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.dicom.choosing import Part
from radcompare.imaging.dicom.headers import text
from radcompare.imaging.dicom.stacks import Contour

if TYPE_CHECKING:
    from pydicom import Dataset

CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
"""Contour Geometric Types that enclose something (PS3.3 C.8.8.6); where several lie in a plane both mean even-odd."""


@dataclass(frozen=True)
class Roi:
    """One structure of a file.

    Attributes:
        part: what it is called.
        frame: UID of the frame of reference of its contours; empty where it does not say.
        closed: its closed contours, as they are in the file.
        others: how many it has of every other Contour Geometric Type.
    """

    part: Part
    frame: str
    closed: tuple["Dataset", ...]
    others: Counter[str]


def rois(header: "Dataset") -> list[Roi]:
    """All structures in the order of the file; of one that is drawn and not described, only the number is known."""
    described = {int(item.ROINumber): item for item in header.get("StructureSetROISequence") or []}
    drawn: dict[int, list[Dataset]] = {}
    for item in header.get("ROIContourSequence") or []:
        if item.get("ReferencedROINumber") is not None:
            drawn.setdefault(int(item.ReferencedROINumber), []).extend(item.get("ContourSequence") or [])
    frame = _frame(header)
    return [
        _roi(number, described.get(number), drawn.get(number, []), frame)
        for number in dict.fromkeys((*described, *drawn))
    ]


def _roi(number: int, described: "Dataset | None", contours: Sequence["Dataset"], frame: str) -> Roi:
    kinds = Counter(text(contour, "ContourGeometricType") or "none" for contour in contours)
    others = Counter({kind: count for kind, count in kinds.items() if kind not in CLOSED})
    closed = tuple(contour for contour in contours if text(contour, "ContourGeometricType") in CLOSED)
    missing = "" if closed else f"no closed contours, {in_words(others)}" if others else "no contours"
    if described is None:
        return Roi(Part(number, "", missing=missing), frame, closed, others)
    part = Part(number, text(described, "ROIName"), text(described, "ROIDescription"), missing)
    return Roi(part, text(described, "ReferencedFrameOfReferenceUID") or frame, closed, others)


def in_words(kinds: Counter[str]) -> str:
    """`2 of type POINT, 1 of type OPEN_PLANAR`."""
    return ", ".join(f"{count} of type {kind}" for kind, count in kinds.items())


def _frame(header: "Dataset") -> str:
    """The frame of reference of a whole file; empty where it says none or several."""
    said = {
        text(item, "FrameOfReferenceUID") for item in header.get("ReferencedFrameOfReferenceSequence") or []
    }
    return said.pop() if len(said) == 1 else text(header, "FrameOfReferenceUID")


def points(told: str, number: int, item: "Dataset") -> Contour:
    """The points of one contour, in mm.

    Args:
        told: `case CASE: the structure 'NAME' of FILE`, to begin sentences with.
        number: which of its contours.
        item: of the Contour Sequence.

    Raises:
        CaseError: there are none, not as many as it says, or some are no numbers.
    """
    hint = "the file is damaged: export it again"
    try:
        values = _coordinates(item)
    except ValueError as error:
        raise CaseError(
            f"{told} holds a value that is no number in contour {number} ({error})", hint
        ) from error
    if not values.size or not np.isfinite(values).all():
        found = "NaN or infinite values" if values.size else "no points"
        raise CaseError(f"{told} holds {found} in contour {number}", hint)
    said = item.get("NumberOfContourPoints")
    if values.size % 3 or said not in (None, values.size // 3):
        counted = "" if said is None else f", and says it has {said} points"
        raise CaseError(
            f"{told} has {values.size} coordinates in contour {number}{counted}; expected three for each point",
            hint,
        )
    return values.reshape(-1, 3)


def _coordinates(item: "Dataset") -> NDArray[np.float64]:
    """Contour Data as numbers, taken from the bytes: a decimal string object for each costs a hundred times more."""
    if "ContourData" not in item:
        return np.empty(0)
    value = item.get_item("ContourData").value
    if isinstance(value, bytes):
        stripped = value.strip(b" \0")
        return np.array(stripped.split(b"\\") if stripped else []).astype(np.float64)
    return np.asarray([] if value is None else value, dtype=np.float64).ravel()
