"""What lies in one folder of DICOM files: image series, structure sets and segmentations, from headers alone."""

# mypy: untyped-calls-exclude="pydicom"
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from radcompare.imaging.dicom.headers import CONTOURS, Kind, is_dicom, kind_of, read_tags, reason, text

if TYPE_CHECKING:
    from pydicom import Dataset

WANTED = (
    *(
        "SOPClassUID",
        "Modality",
        "SeriesDescription",
        "SeriesNumber",
        "SeriesInstanceUID",
        "StudyInstanceUID",
    ),
    *("PatientID", "FrameOfReferenceUID", "Rows", "Columns", "ReferencedSeriesSequence", "SegmentSequence"),
    *("ReferencedFrameOfReferenceSequence", "StructureSetROISequence", "SpecificCharacterSet"),
)


@dataclass(frozen=True)
class FoundSeries:
    """One series of images.

    Attributes:
        folder: where its files lie.
        files: in the order of their names; one for a multi-frame image.
        uid: SeriesInstanceUID.
        modality: CT, MR, PT, ...
        description: SeriesDescription; empty where there is none.
        number: SeriesNumber; empty where there is none.
        study: StudyInstanceUID.
        patient_id: PatientID.
        frame_of_reference: FrameOfReferenceUID; empty where there is none.
    """

    folder: Path
    files: tuple[Path, ...]
    uid: str
    modality: str
    description: str
    number: str
    study: str
    patient_id: str
    frame_of_reference: str


@dataclass(frozen=True)
class FoundStructures:
    """One RTSTRUCT.

    Attributes:
        file: the file.
        patient_id: PatientID.
        study: StudyInstanceUID.
        series: SeriesInstanceUID of the images that it was drawn on; empty where it does not say.
        frame_of_reference: of its contours; empty where it does not say.
        names: of the structures, in the order of the file.
    """

    file: Path
    patient_id: str
    study: str
    series: tuple[str, ...]
    frame_of_reference: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class FoundSegments:
    """One DICOM SEG.

    Attributes:
        file: the file.
        patient_id: PatientID.
        study: StudyInstanceUID.
        series: SeriesInstanceUID of the images that it was drawn on; empty where it does not say.
        frame_of_reference: FrameOfReferenceUID; empty where there is none.
        segments: number and label of each, in the order of the file.
    """

    file: Path
    patient_id: str
    study: str
    series: tuple[str, ...]
    frame_of_reference: str
    segments: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class FoundFolder:
    """The DICOM files directly in one folder.

    Attributes:
        folder: the folder.
        series: by modality, number and UID.
        structures, segments: by file name.
        unreadable: files that say they are DICOM and cannot be read, each with the reason.
    """

    folder: Path
    series: tuple[FoundSeries, ...]
    structures: tuple[FoundStructures, ...]
    segments: tuple[FoundSegments, ...]
    unreadable: tuple[tuple[Path, str], ...]


def series_in(folder: Path) -> FoundFolder:
    """Look through a folder once, without pixels and contours; folders inside it are not entered.

    Raises:
        OSError: the folder itself cannot be listed.
    """
    images: dict[str, list[FoundSeries]] = {}
    structures: list[FoundStructures] = []
    segments: list[FoundSegments] = []
    unreadable: list[tuple[Path, str]] = []
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        found = _look(file)
        if isinstance(found, FoundSeries):
            images.setdefault(found.uid, []).append(found)
        elif isinstance(found, FoundStructures):
            structures.append(found)
        elif isinstance(found, FoundSegments):
            segments.append(found)
        elif found:
            unreadable.append((file, found))
    series = sorted((_together(parts) for parts in images.values()), key=_order)
    return FoundFolder(folder, tuple(series), tuple(structures), tuple(segments), tuple(unreadable))


def _look(file: Path) -> FoundSeries | FoundStructures | FoundSegments | str | None:
    """What a file is, a series of its own at first; why it cannot be read; None for what is of no use here."""
    try:
        if not is_dicom(file):
            return None
        header = read_tags(file, WANTED, CONTOURS)
        make = _MAKERS.get(kind_of(header))
        return None if make is None else make(file, header)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - libraries that take bytes apart raise anything
        return reason(error)


def _image(file: Path, header: "Dataset") -> FoundSeries:
    return FoundSeries(
        folder=file.parent,
        files=(file,),
        uid=text(header, "SeriesInstanceUID"),
        modality=text(header, "Modality"),
        description=text(header, "SeriesDescription"),
        number=text(header, "SeriesNumber"),
        study=text(header, "StudyInstanceUID"),
        patient_id=text(header, "PatientID"),
        frame_of_reference=text(header, "FrameOfReferenceUID"),
    )


def _structures(file: Path, header: "Dataset") -> FoundStructures:
    frames = header.get("ReferencedFrameOfReferenceSequence") or []
    studies = [study for frame in frames for study in frame.get("RTReferencedStudySequence") or []]
    rois = header.get("StructureSetROISequence") or []
    within = [text(part, "FrameOfReferenceUID") for part in frames]
    within += [text(roi, "ReferencedFrameOfReferenceUID") for roi in rois]
    return FoundStructures(
        file=file,
        patient_id=text(header, "PatientID"),
        study=text(header, "StudyInstanceUID"),
        series=_uids(part for study in studies for part in study.get("RTReferencedSeriesSequence") or []),
        frame_of_reference=next(filter(None, within), text(header, "FrameOfReferenceUID")),
        names=tuple(text(roi, "ROIName") for roi in rois),
    )


def _segments(file: Path, header: "Dataset") -> FoundSegments:
    segments = header.get("SegmentSequence") or []
    return FoundSegments(
        file=file,
        patient_id=text(header, "PatientID"),
        study=text(header, "StudyInstanceUID"),
        series=_uids(header.get("ReferencedSeriesSequence") or []),
        frame_of_reference=text(header, "FrameOfReferenceUID"),
        segments=tuple((int(part.SegmentNumber), text(part, "SegmentLabel")) for part in segments),
    )


_MAKERS: dict[Kind, Callable[[Path, "Dataset"], FoundSeries | FoundStructures | FoundSegments]] = {
    "image": _image,
    "RTSTRUCT": _structures,
    "SEG": _segments,
}


def _uids(items: Iterable["Dataset"]) -> tuple[str, ...]:
    """Their SeriesInstanceUIDs, each once."""
    return tuple(dict.fromkeys(uid for item in items if (uid := text(item, "SeriesInstanceUID"))))


def _together(parts: list[FoundSeries]) -> FoundSeries:
    return replace(parts[0], files=tuple(file for part in parts for file in part.files))


def _order(series: FoundSeries) -> tuple[str, int, str]:
    digits = series.number if series.number.isdecimal() else "0"
    return series.modality, int(digits), series.uid
