"""Slices as their headers tell: where each lies, and how its stored numbers become values.

Frames of an enhanced image are slices like files of their own.
"""

# mypy: untyped-calls-exclude="pydicom"
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.dicom.headers import refusing_damaged, text

if TYPE_CHECKING:
    from pydicom import Dataset

TELLING = (
    *("ImageType", "FrameType", "AcquisitionNumber", "FrameAcquisitionNumber", "TemporalPositionIdentifier"),
    *("TemporalPositionIndex", "EchoTime", "EchoNumbers", "EffectiveEchoTime", "RepetitionTime", "FlipAngle"),
    *("InversionTime", "InversionTimes", "DiffusionBValue", "TriggerTime", "NominalCardiacTriggerDelayTime"),
    *("NominalPercentageOfCardiacPhase", "FrameReferenceTime", "StackID", "ConvolutionKernel", "KVP"),
    *("ReconstructionDiameter", "AcquisitionDate", "AcquisitionTime", "ContentTime"),
)
"""What tells phases, echoes and time points apart, the first reasons first."""
PLACE = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "ImagerPixelSpacing")
NUMBERS = ("RescaleSlope", "RescaleIntercept", "PixelPaddingValue", "ModalityLUTSequence")
PIXELS = ("Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation", "NumberOfFrames", "BitsStored")
GROUPS = (
    *("PlanePositionSequence", "PlaneOrientationSequence", "PixelMeasuresSequence", "FrameContentSequence"),
    *("PixelValueTransformationSequence", "CTImageFrameTypeSequence", "MRImageFrameTypeSequence"),
    *("PETFrameTypeSequence", "MREchoSequence", "MRDiffusionSequence", "MRModifierSequence"),
    *("MRTimingAndRelatedParametersSequence", "CardiacSynchronizationSequence", "CTReconstructionSequence"),
    *("CTXRayDetailsSequence", "TemporalPositionSequence"),
)
"""The functional groups (PS3.3 C.7.6.16) that say what a file of a single slice says of itself."""
WANTED = (
    *("SOPInstanceUID", "SpacingBetweenSlices", "SliceThickness", "GantryDetectorTilt"),
    *(*TELLING, *PLACE, *NUMBERS, *PIXELS),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
)


@dataclass(frozen=True)
class Slice:
    """One slice.

    Attributes:
        file: where its pixels are.
        frame: which of the file's frames it is, from 0; None in a file of one.
        header: what is said of it, functional groups laid flat.
        size: columns and rows.
        position: of its first voxel in mm; None if not said.
        axes: direction cosines along a row and down a column, shape (2, 3); None if not said.
        spacing: between columns and between rows in mm; None if not said.
        slope, intercept: of the line from stored numbers to values.
    """

    file: Path
    frame: int | None
    header: "Dataset"
    size: tuple[int, int]
    position: NDArray[np.float64] | None
    axes: NDArray[np.float64] | None
    spacing: tuple[float, float] | None
    slope: float
    intercept: float

    @property
    def name(self) -> str:
        """For messages."""
        return self.file.name if self.frame is None else f"{self.file.name} frame {self.frame + 1}"


def slices_of(case: str, path: Path, headers: Sequence[tuple[Path, "Dataset"]]) -> list[Slice]:
    """The slices of a series.

    Args:
        case: for messages.
        path: the folder or file.
        headers: its files, each with at least `WANTED`.

    Raises:
        CaseError: colour, a table in place of a line of values, several multi-frame files, or a damaged file.
    """
    _refuse_several_multiframe(case, path, headers)
    slices: list[Slice] = []
    for file, header in headers:
        with refusing_damaged(case, file):
            slices += [_slice(file, frame, told) for frame, told in _frames(case, file, header)]
    _refuse_colour(case, path, slices)
    _refuse_tables(case, path, slices)
    _refuse_half_rescaled(case, path, slices)
    return slices


def named(slices: Iterable[Slice], most: int = 3) -> str:
    """The first few slices by name."""
    names = [one.name for one in slices]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _frames(case: str, file: Path, header: "Dataset") -> Iterator[tuple[int | None, "Dataset"]]:
    """What is said of each slice of a file."""
    if "PerFrameFunctionalGroupsSequence" not in header:
        if int(header.get("NumberOfFrames") or 1) > 1:
            raise CaseError(
                f"case {case}: {file} holds {header.NumberOfFrames} frames and does not say where they lie",
                "convert it to NIfTI or NRRD with a program that knows the scanner, and give that file",
            )
        yield None, header
        return
    groups = header.PerFrameFunctionalGroupsSequence
    if len(groups) != int(header.get("NumberOfFrames") or 1):
        raise ValueError(f"{header.get('NumberOfFrames')} frames, {len(groups)} of them described")
    shared = header.get("SharedFunctionalGroupsSequence") or []
    for frame, group in enumerate(groups):
        yield frame, _flat(header, [*shared, group])


def _flat(header: "Dataset", groups: Iterable["Dataset"]) -> "Dataset":
    """What is said of one frame, as a file of that frame alone would say it."""
    from pydicom import Dataset

    flat = Dataset()
    flat.update({element.tag: element for element in header if element.VR != "SQ"})
    for group in groups:
        for keyword in GROUPS:
            for item in group.get(keyword) or []:
                flat.update(item)
    return flat


def _slice(file: Path, frame: int | None, header: "Dataset") -> Slice:
    axes = _numbers(header, "ImageOrientationPatient", 6)
    spacing = _numbers(header, "PixelSpacing", 2)
    if spacing is None:
        spacing = _numbers(header, "ImagerPixelSpacing", 2)
    if spacing is not None and not (spacing > 0).all():
        raise ValueError(f"its pixel spacing is {spacing.tolist()} mm")
    slope, intercept = (_number(header, "RescaleSlope", 1.0), _number(header, "RescaleIntercept", 0.0))
    if slope == 0 or not np.isfinite([slope, intercept]).all():
        raise ValueError(f"its rescale slope is {slope}, its intercept {intercept}")
    size = int(header.Columns), int(header.Rows)
    if min(size) < 1:
        raise ValueError(f"its image has {size[0]} x {size[1]} pixels")
    return Slice(
        file=file,
        frame=frame,
        header=header,
        size=size,
        position=_numbers(header, "ImagePositionPatient", 3),
        axes=None if axes is None else _perpendicular(axes.reshape(2, 3)),
        spacing=None if spacing is None else (float(spacing[1]), float(spacing[0])),
        slope=slope,
        intercept=intercept,
    )


def _numbers(header: "Dataset", keyword: str, count: int) -> NDArray[np.float64] | None:
    """A value of several numbers; None where it is missing or empty.

    Raises:
        ValueError: there are not as many, or they are not finite.
    """
    value = header.get(keyword)
    if value is None or value == "":
        return None
    numbers = np.array([float(part) for part in value])
    if numbers.shape != (count,) or not np.isfinite(numbers).all():
        raise ValueError(f"{keyword} is {text(header, keyword)}")
    return numbers


def _number(header: "Dataset", keyword: str, missing: float) -> float:
    value = header.get(keyword)
    return missing if value is None or value == "" else float(value)


def _perpendicular(axes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The axes themselves.

    Raises:
        ValueError: they are not of length 1, or not at a right angle.
    """
    if np.abs(axes @ axes.T - np.eye(2)).max() > 1e-3:
        raise ValueError(f"its direction cosines are {axes.ravel().tolist()}")
    return axes


def _refuse_several_multiframe(case: str, path: Path, headers: Sequence[tuple[Path, "Dataset"]]) -> None:
    multiframe = [file.name for file, header in headers if "PerFrameFunctionalGroupsSequence" in header]
    if multiframe and len(headers) > 1:
        raise CaseError(
            f"case {case}: {path} holds {len(headers)} files of one series, {len(multiframe)} of them multi-frame: "
            f"{', '.join(multiframe[:3])}",
            "give the path of the one file that is the image",
        )


def _refuse_colour(case: str, path: Path, slices: Sequence[Slice]) -> None:
    kinds = {one.name: text(one.header, "PhotometricInterpretation") for one in slices}
    colour = {name: kind for name, kind in kinds.items() if kind and not kind.startswith("MONOCHROME")}
    if colour:
        names = ", ".join(list(colour)[:3])
        raise CaseError(
            f"case {case}: {path} holds {len(colour)} colour images ({next(iter(colour.values()))}) among "
            f"{len(slices)}: {names}",
            "screenshots and reports do not belong to a series; of an image that is in colour itself, e.g. "
            "ultrasound, give a PNG, whose luminance is measured",
        )


def _refuse_tables(case: str, path: Path, slices: Sequence[Slice]) -> None:
    tables = [one for one in slices if one.header.get("ModalityLUTSequence")]
    if tables:
        raise CaseError(
            f"case {case}: {path} turns stored numbers into values by a table (Modality LUT): {named(tables)}",
            "export it as NIfTI, NRRD or a DICOM with RescaleSlope and RescaleIntercept",
        )


def _refuse_half_rescaled(case: str, path: Path, slices: Sequence[Slice]) -> None:
    """Slices without a slope or intercept among others that have one would silently lie in another unit."""
    for keyword in ("RescaleSlope", "RescaleIntercept"):
        lacking = [one for one in slices if not text(one.header, keyword)]
        if lacking and len(lacking) < len(slices):
            raise CaseError(
                f"case {case}: {path} holds {len(slices)} slices, {len(lacking)} of them without {keyword}: "
                f"{named(lacking)}",
                "the files are damaged, or of several series: export the series again",
            )
