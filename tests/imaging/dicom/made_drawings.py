"""RTSTRUCT files that the tests write themselves, and images to read drawings onto."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from made_series import ORIGIN, SPACING, STRAIGHT, uid, write
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian

from radcompare.errors import CaseError
from radcompare.imaging.geometry import Grid
from radcompare.imaging.inside import Inside
from radcompare.imaging.volume import Volume
from radcompare.reading_settings import Reading
from radcompare.tables.case import Case

FRAME = uid("frame of reference")
SIZE = (20, 16, 8)
Points = Sequence[Sequence[float]] | NDArray[np.float64]


def grid(
    size: tuple[int, int, int] = SIZE,
    spacing: tuple[float, float, float] = SPACING,
    origin: tuple[float, float, float] = ORIGIN,
    direction: tuple[float, ...] = STRAIGHT,
) -> Grid:
    return Grid(size, spacing, origin, direction)


def scan(of: Grid | None = None, series: str = "", frame: str = "") -> Volume:
    """An image of zeros; without UIDs it is none of DICOM."""
    of = grid() if of is None else of
    return Volume(
        Path("scan"), np.zeros(of.size[::-1], np.int16), of, series=series, frame_of_reference=frame
    )


def in_mm(points: Points, of: Grid) -> NDArray[np.float64]:
    """Where voxels (x, y, z), shape (n, 3), lie."""
    steps = np.reshape(of.direction, (3, 3)) * np.array(of.spacing)
    return np.asarray(np.array(of.origin) + np.asarray(points) @ steps.T)


def at(height: float, polygon: Points) -> NDArray[np.float64]:
    """A polygon of columns and rows at a slice."""
    flat = np.asarray(polygon, dtype=float)
    return np.column_stack([flat, np.full(len(flat), height)])


def box(left: float, top: float, right: float, bottom: float) -> list[list[float]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def write_structures(
    path: Path,
    rois: Mapping[str, Sequence[NDArray[np.float64]]],
    frame: str = FRAME,
    series: str = "",
    kind: str = "CLOSED_PLANAR",
    edit: Callable[[Dataset], None] | None = None,
    implicit: bool = False,
) -> Path:
    """An RTSTRUCT.

    Args:
        path: the file.
        rois: contours in mm by name, shape (n, 3) each.
        frame: Frame of Reference UID; empty to leave it out.
        series: Series Instance UID that it was drawn on; empty to leave it out.
        kind: Contour Geometric Type of all.
        edit: changes the data set before it is written.
        implicit: the transfer syntax.
    """
    file = Dataset()
    file.SOPClassUID = pydicom.uid.RTStructureSetStorage
    file.SOPInstanceUID, file.StudyInstanceUID = uid("drawn"), uid("study")
    file.SeriesInstanceUID, file.Modality = uid("drawings"), "RTSTRUCT"
    file.PatientID, file.PatientName = "P1", "Somebody^Else"
    if frame:
        referenced = _item(SeriesInstanceUID=series)
        study = _item(RTReferencedSeriesSequence=[referenced] if series else [])
        file.ReferencedFrameOfReferenceSequence = [
            _item(FrameOfReferenceUID=frame, RTReferencedStudySequence=[study])
        ]
    file.StructureSetROISequence = [
        _item(ROINumber=number, ROIName=name, ReferencedFrameOfReferenceUID=frame)
        for number, name in enumerate(rois, start=1)
    ]
    file.ROIContourSequence = [
        _item(ReferencedROINumber=number, ContourSequence=[_contour(points, kind) for points in contours])
        for number, contours in enumerate(rois.values(), start=1)
    ]
    if edit is not None:
        edit(file)
    return write(path, file, ImplicitVRLittleEndian if implicit else pydicom.uid.ExplicitVRLittleEndian)


def _contour(points: NDArray[np.float64], kind: str) -> Dataset:
    # 16 characters is all that a decimal string may have.
    numbers = [f"{value:.9f}"[:16] for value in np.ravel(points)]
    return _item(ContourGeometricType=kind, NumberOfContourPoints=len(points), ContourData=numbers)


def _item(**values: Any) -> Dataset:
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


Read = Callable[[Case, Path, Volume], Inside]


def wanted(
    path: Path, structure: str = "", label: int | None = None, union: bool = False, **reading: Any
) -> Case:
    """A case that asks for part of a file."""
    reads = Reading(labels="union" if union else "one", **reading)
    return Case("case 7", Path("scan"), path, label, structure=structure, reading=reads)


def refusal(read: Read, path: Path, onto: Volume, **asked: Any) -> CaseError:
    """Its error, checked for what every error has."""
    with pytest.raises(CaseError) as caught:
        read(wanted(path, **asked), path, onto)
    error = caught.value
    assert error.message.startswith("case case 7: ")
    assert path.name in error.message
    assert "Somebody" not in error.message
    assert error.hint
    return error


def doubts(inside: Inside) -> str:
    return "\n".join(doubt.problem for doubt in inside.doubts)
