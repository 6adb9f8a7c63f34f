"""DICOM series that the tests write themselves, with pydicom alone."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

from radcompare.errors import CaseError
from radcompare.imaging.dicom.series import read_series
from radcompare.imaging.volume import Volume
from radcompare.tables.case import Case

SPACING = (0.75, 0.5, 2.5)
"""x, y, z in mm; x and y differ, so that nobody may swap them."""
ORIGIN = (-120.5, 33.25, -80.0)
STRAIGHT = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
SOP_CLASSES = {
    "CT": pydicom.uid.CTImageStorage,
    "MR": pydicom.uid.MRImageStorage,
    "PT": pydicom.uid.PositronEmissionTomographyImageStorage,
    "CR": pydicom.uid.ComputedRadiographyImageStorage,
    "US": pydicom.uid.UltrasoundImageStorage,
    "OT": pydicom.uid.SecondaryCaptureImageStorage,
}
Edit = Callable[[Dataset, int], None]


def uid(*words: object) -> UID:
    """The same words, the same UID."""
    return generate_uid(entropy_srcs=[str(word) for word in words])


def voxels(shape: tuple[int, int, int] = (6, 8, 10), kind: type[np.integer] = np.int16) -> NDArray[Any]:
    low, high = (-1000, 2000) if np.issubdtype(kind, np.signedinteger) else (0, 3000)
    return np.random.default_rng(11).integers(low, high, shape).astype(kind)


def write_series(
    folder: Path,
    stored: NDArray[Any],
    modality: str = "CT",
    spacing: Sequence[float] = SPACING,
    origin: Sequence[float] = ORIGIN,
    direction: Sequence[float] = STRAIGHT,
    series: str = "one",
    edit: Edit | None = None,
    **tags: Any,
) -> list[Path]:
    """One file a slice, in names and instance numbers of another order than their positions.

    Args:
        folder: made if need be.
        stored: what Pixel Data holds, shape (z, y, x).
        modality: CT, MR, PT, ...
        spacing, origin, direction: x, y, z in mm, and SimpleITK's direction cosines.
        series: what the SeriesInstanceUID, its description and the names of the files are made of.
        edit: changes a data set, given its place along the normal, before it is written.
        **tags: further attributes of every slice, None to leave one out.

    Returns:
        The files in the order of the slices of `stored`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shuffled = np.random.default_rng(5).permutation(len(stored))
    axes = np.reshape(direction, (3, 3))
    files = []
    for index, pixels in enumerate(stored):
        header = image_header(pixels, modality, series, index)
        header.InstanceNumber = int(shuffled[index]) + 1
        header.ImagePositionPatient = [float(v) for v in np.array(origin) + axes[:, 2] * spacing[2] * index]
        header.ImageOrientationPatient = [float(v) for v in (*axes[:, 0], *axes[:, 1])]
        header.PixelSpacing = [spacing[1], spacing[0]]
        header.SliceThickness = spacing[2]
        set_tags(header, tags)
        if edit is not None:
            edit(header, index)
        files.append(write(folder / f"{series}_{shuffled[index]:04d}.dcm", header))
    return files


def image_header(pixels: NDArray[Any], modality: str, series: str, index: int) -> Dataset:
    """A slice without a place: whose, of which series, and its pixels."""
    header = Dataset()
    header.SOPClassUID = SOP_CLASSES.get(modality, SOP_CLASSES["OT"])
    header.SOPInstanceUID = uid(series, "slice", index)
    header.SeriesInstanceUID, header.StudyInstanceUID = uid(series), uid("study")
    header.FrameOfReferenceUID = uid("frame of reference")
    header.Modality, header.SeriesDescription, header.SeriesNumber = modality, f"series {series}", 3
    header.PatientID, header.PatientName = "P1", "Somebody^Else"
    header.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    set_pixels(header, pixels)
    return header


def set_pixels(header: Dataset, pixels: NDArray[Any]) -> None:
    """Uncompressed grey pixels, shape (rows, columns) or (frames, rows, columns)."""
    bits = pixels.itemsize * 8
    header.Rows, header.Columns = pixels.shape[-2:]
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.BitsAllocated, header.BitsStored, header.HighBit = bits, bits, bits - 1
    header.PixelRepresentation = int(pixels.dtype.kind == "i")
    header.PixelData = pixels.tobytes() + b"\0" * (pixels.nbytes % 2)
    header["PixelData"].VR = "OW" if bits > 8 else "OB"


def set_tags(header: Dataset, tags: dict[str, Any]) -> None:
    """Attributes by keyword; None takes one away."""
    for keyword, value in tags.items():
        if value is None:
            header.pop(keyword, None)
        else:
            setattr(header, keyword, value)


def write(path: Path, header: Dataset, syntax: UID = ExplicitVRLittleEndian) -> Path:
    """A file with the preamble and meta information that go with it."""
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = syntax
    header.file_meta.MediaStorageSOPClassUID = header.SOPClassUID
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    pydicom.dcmwrite(path, header, enforce_file_format=True)
    return path


def write_enhanced(
    path: Path,
    stored: NDArray[Any],
    modality: str = "CT",
    spacing: Sequence[float] = SPACING,
    origin: Sequence[float] = ORIGIN,
    direction: Sequence[float] = STRAIGHT,
    order: Sequence[int] | None = None,
    edit: Callable[[Dataset], None] | None = None,
) -> Path:
    """One multi-frame file with functional groups.

    Args:
        path: the file.
        stored: shape (z, y, x).
        modality: CT or MR.
        spacing, origin, direction: as for `write_series`.
        order: the slices in the order of the frames; as they lie if None.
        edit: changes the data set before it is written.
    """
    order = list(range(len(stored)) if order is None else order)
    header = image_header(stored[order], modality, "enhanced", 0)
    classes = {"CT": pydicom.uid.EnhancedCTImageStorage, "MR": pydicom.uid.EnhancedMRImageStorage}
    header.SOPClassUID = classes[modality]
    header.NumberOfFrames = len(order)
    axes = np.reshape(direction, (3, 3))
    header.SharedFunctionalGroupsSequence = [
        _group(
            PixelMeasuresSequence={"PixelSpacing": [spacing[1], spacing[0]], "SliceThickness": spacing[2]},
            PlaneOrientationSequence={"ImageOrientationPatient": [*axes[:, 0], *axes[:, 1]]},
            PixelValueTransformationSequence={
                "RescaleSlope": 1,
                "RescaleIntercept": -1024,
                "RescaleType": "HU",
            },
        )
    ]
    positions = [[float(v) for v in np.array(origin) + axes[:, 2] * spacing[2] * z] for z in order]
    header.PerFrameFunctionalGroupsSequence = [
        _group(PlanePositionSequence={"ImagePositionPatient": position}) for position in positions
    ]
    if edit is not None:
        edit(header)
    return write(path, header)


def _group(**macros: dict[str, Any]) -> Dataset:
    """Functional groups: sequences of one item each."""
    group = Dataset()
    for keyword, values in macros.items():
        item = Dataset()
        set_tags(item, values)
        setattr(group, keyword, [item])
    return group


def read(path: Path, **more: Any) -> Volume:
    """What the program makes of a folder or file."""
    return read_series(Case("case 7", path, path, **more), path)


def refusal(path: Path, **more: Any) -> CaseError:
    """Its error, checked for what every error has."""
    with pytest.raises(CaseError) as caught:
        read(path, **more)
    error = caught.value
    assert error.message.startswith("case case 7: ")
    assert path.name in error.message
    assert error.hint
    return error
