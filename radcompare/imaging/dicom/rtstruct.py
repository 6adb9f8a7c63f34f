"""Regions out of RTSTRUCT files: the contours of a structure, filled on the grid of an image."""

# mypy: untyped-calls-exclude="pydicom"
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from radcompare.imaging.dicom.belonging import other_series, refuse_other_frame, refuse_unplaced
from radcompare.imaging.dicom.choosing import chosen, facts_of
from radcompare.imaging.dicom.contours import Roi, in_words, points, rois
from radcompare.imaging.dicom.headers import read_header, refusing_damaged, text
from radcompare.imaging.dicom.structures import Structure, rasterised
from radcompare.imaging.inside import Inside, Suspicion
from radcompare.imaging.volume import Volume
from radcompare.tables.case import Case

if TYPE_CHECKING:
    from pydicom import Dataset


def read_structure(case: Case, path: Path, scan: Volume) -> Inside:
    """The voxels of an image whose centres lie inside the contours of a structure.

    Args:
        case: its structure (ROI Name) or label (ROI Number) says which one, its reading whether several are united.
        path: the RTSTRUCT.
        scan: the image, of any format and orientation.

    Returns:
        The region; its doubts tell of slices without contours, parts beyond the image and the like.

    Raises:
        CaseError: the file is damaged, no structure is meant or several are, or it does not lie on the image.
    """
    meant, series = _meant(case, path, scan)
    voxels = np.zeros(scan.grid.size[::-1], dtype=np.bool_)
    doubts = list(other_series(path, series, scan))
    for roi in meant:
        structure = _structure(case, path, roi)
        inside, found = rasterised(structure, scan)
        voxels |= inside
        doubts += [*_not_closed(structure.told, roi), *found]
    facts = {"mask_format": "RTSTRUCT", **facts_of([roi.part for roi in meant])}
    return Inside(voxels, facts, tuple(doubts))


def _meant(case: Case, path: Path, scan: Volume) -> tuple[list[Roi], set[str]]:
    """The structures that are the region, and the series that they were drawn on."""
    with refusing_damaged(case.case, path):
        header = read_header(case.case, path)
        _refuse_short(header)
        held = rois(header)
        numbers = {part.number for part in chosen(case, path, [roi.part for roi in held], "structure")}
        meant = [roi for roi in held if roi.part.number in numbers]
        refuse_unplaced(case, path, scan)
        refuse_other_frame(case, path, {roi.frame for roi in meant}, scan)
        return meant, _referenced_series(header)


def _structure(case: Case, path: Path, roi: Roi) -> Structure:
    told = f"the structure {roi.part.name or roi.part.number!r} of {path}"
    with refusing_damaged(case.case, path):
        contours = [
            points(f"case {case.case}: {told}", i, item) for i, item in enumerate(roi.closed, start=1)
        ]
    return Structure(case.case, told, contours)


def _not_closed(told: str, roi: Roi) -> Iterator[Suspicion]:
    """The doubt about contours that enclose nothing."""
    if roi.others:
        yield Suspicion(
            f"{told} has contours that are not closed and were passed over: {in_words(roi.others)}",
            "if they are part of the region, close them where they were drawn",
        )


def _referenced_series(header: "Dataset") -> set[str]:
    """Series Instance UIDs of the images that were drawn on."""
    frames = header.get("ReferencedFrameOfReferenceSequence") or []
    studies = [study for frame in frames for study in frame.get("RTReferencedStudySequence") or []]
    series = [item for study in studies for item in study.get("RTReferencedSeriesSequence") or []]
    return {text(item, "SeriesInstanceUID") for item in series} - {""}


def _refuse_short(header: "Dataset") -> None:
    """A file that ends within an element is read as if it were whole.

    Raises:
        ValueError: it does.
    """
    for element in header.values():
        length, value = getattr(element, "length", None), element.value
        if isinstance(value, bytes) and length not in (None, 0xFFFFFFFF) and len(value) < length:
            raise ValueError(f"it ends within {element.tag}, {length - len(value)} bytes early")
