"""Stored numbers out of DICOM files, and the values that they stand for."""

# mypy: untyped-calls-exclude="pydicom"
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.dicom.headers import quiet_pydicom, read_tags, reason, refusing_damaged, text
from radcompare.imaging.dicom.slices import Slice
from radcompare.imaging.volume import read_volume

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.uid import UID

WANTED = (
    *(
        "SOPClassUID",
        "SOPInstanceUID",
        "Rows",
        "Columns",
        "NumberOfFrames",
        "SamplesPerPixel",
        "BitsAllocated",
    ),
    *("BitsStored", "HighBit", "PixelRepresentation", "PhotometricInterpretation", "PlanarConfiguration"),
    *("FloatPixelData", "DoubleFloatPixelData", "PixelData", "ExtendedOffsetTable"),
    "ExtendedOffsetTableLengths",
)
TO_THE_END = 0xFFFFFFFF
MEASURING = ("CT", "MR", "PT", "NM")
"""Modalities whose numbers mean what they say, however they are to be shown."""
BLOWN_UP = 1000, 2**28
"""A compressed image this many times its file, and of more than these bytes, is damage and not compression."""
DECODERS = {
    "JPEG 2000": "pylibjpeg pylibjpeg-openjpeg",
    "High-Throughput JPEG 2000": "pylibjpeg pylibjpeg-openjpeg",
    "JPEG-LS": "pyjpegls",
    "JPEG": "pylibjpeg pylibjpeg-libjpeg",
}
"""What to install, by how the names of transfer syntaxes begin."""


class StoredPixels:
    """Decodes files as their slices are asked for; a file of several frames once.

    Attributes:
        decoders: the libraries that decoded them.
    """

    def __init__(self, case: str) -> None:
        self.decoders: set[str] = set()
        self._case = case
        self._file: Path | None = None
        self._frames: NDArray[Any] = np.zeros((0, 0, 0))

    def of(self, one: Slice) -> NDArray[Any]:
        """The numbers of a slice as they are stored, shape (rows, columns).

        MONOCHROME1 of modalities that do not measure (X-rays, ultrasound) is turned around within the range of its
        bits, as SimpleITK does, so that more is brighter everywhere.

        Raises:
            CaseError: the file is damaged, or nothing installed can decode it.
        """
        if one.file != self._file:
            self._frames, decoder = _decoded(self._case, one.file)
            self._file = one.file
            self.decoders.add(decoder)
        if (one.frame or 0) >= len(self._frames) or self._frames.shape[1:] != one.size[::-1]:
            raise CaseError(
                f"case {self._case}: {one.file} says one size of its image and holds another",
                "the file is damaged: export it again",
            )
        pixels = self._frames[one.frame or 0]
        return _turned(pixels, one) if is_turned(one) else pixels


def is_turned(one: Slice) -> bool:
    """Whether a slice is stored dark for bright."""
    monochrome1 = text(one.header, "PhotometricInterpretation") == "MONOCHROME1"
    return monochrome1 and text(one.header, "Modality") not in MEASURING


def values(slices: Iterable[Slice], pixels: StoredPixels, factors: Iterable[float]) -> NDArray[Any]:
    """The volume of sorted slices, shape (z, y, x).

    Args:
        slices: one a position.
        pixels: decodes them.
        factors: what the values of each slice are multiplied with, 1 for none.

    Returns:
        The type that is stored where nothing is to be computed; the smallest signed one of at least 16 bits where
        slopes and intercepts are whole numbers; else float64.

    Raises:
        CaseError: a file cannot be decoded.
    """
    slices = list(slices)
    volume: NDArray[Any] | None = None
    for z, (one, factor) in enumerate(zip(slices, factors, strict=True)):
        plane = _rescaled(pixels.of(one), one.slope * factor, one.intercept * factor)
        if volume is None:
            volume = np.empty((len(slices), *plane.shape), plane.dtype)
        volume = volume.astype(np.promote_types(volume.dtype, plane.dtype), copy=False)
        volume[z] = plane
    assert volume is not None, "a series has slices"
    return volume


def _rescaled(stored: NDArray[Any], slope: float, intercept: float) -> NDArray[Any]:
    if slope == 1 and intercept == 0:
        return stored
    if stored.dtype.kind not in "iub" or not (slope.is_integer() and intercept.is_integer()):
        return stored.astype(np.float64) * slope + intercept
    exact = stored.astype(np.int64) * int(slope) + int(intercept)
    kind = np.result_type(np.int16, _signed(exact.min()), _signed(exact.max()))
    return exact.astype(kind, copy=False)


def _signed(number: np.int64) -> np.dtype[Any]:
    """The smallest signed type that holds a number and its negative."""
    return np.min_scalar_type(-abs(int(number)))


def _turned(stored: NDArray[Any], one: Slice) -> NDArray[Any]:
    """The least for the most within the bits that are stored."""
    if stored.dtype.kind == "i":
        return np.asarray(-1 - stored)
    return np.asarray((1 << int(one.header.BitsStored)) - 1 - stored.astype(np.int64)).astype(stored.dtype)


def _decoded(case: str, file: Path) -> tuple[NDArray[Any], str]:
    """Frames, shape (n, rows, columns), and the library that decoded them."""
    pydicom = quiet_pydicom()
    with refusing_damaged(case, file):
        header = read_tags(file, WANTED, TO_THE_END)
        syntax = _syntax(header)
        if not any(keyword in header for keyword in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
            raise ValueError("it ends before its pixels")
        _refuse_absurd(file, header, syntax)
        if not syntax.is_encapsulated:
            return _frames(pydicom.pixels.pixel_array(header), header), "pydicom"
    try:
        return _frames(pydicom.pixels.pixel_array(header), header), "pydicom"
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - plugins raise anything; another library has a try
        return _by_simpleitk(case, file, header, error), "SimpleITK"


def _frames(pixels: NDArray[Any], header: "Dataset") -> NDArray[Any]:
    return pixels.reshape(-1, header.Rows, header.Columns)


def _syntax(header: "Dataset") -> "UID":
    """How the pixels are encoded; of a file that starts without saying so, as its headers are."""
    from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

    if "TransferSyntaxUID" not in header.file_meta:
        implicit = header.original_encoding[0]
        header.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    return header.file_meta.TransferSyntaxUID


def _refuse_absurd(file: Path, header: "Dataset", syntax: "UID") -> None:
    """Sizes that the file cannot hold are found out before memory is asked for.

    Raises:
        ValueError: the file is too short for its image.
    """
    frames = int(header.get("NumberOfFrames") or 1)
    needed = int(header.Rows) * int(header.Columns) * frames * int(header.BitsAllocated) // 8
    present = file.stat().st_size
    times, least = (1, 0) if not (syntax.is_encapsulated or syntax.is_deflated) else BLOWN_UP
    if needed > max(times * present, least):
        raise ValueError(
            f"{frames} frames of {header.Columns} x {header.Rows} pixels take {needed} bytes, the file has {present}"
        )


def _by_simpleitk(case: str, file: Path, header: "Dataset", error: Exception) -> NDArray[Any]:
    """The stored numbers of a compressed image by GDCM, out of a file that holds nothing else.

    Raises:
        CaseError: neither library can decode it.
    """
    header.PhotometricInterpretation = "MONOCHROME2"  # numbers as stored, not as shown
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / "pixels.dcm"
        try:
            header.save_as(alone, enforce_file_format=True)
            return _frames(read_volume(case, alone).voxels, header)
        except MemoryError:
            raise
        except Exception as other:
            raise _undecodable(case, file, header, error) from other


def _undecodable(case: str, file: Path, header: "Dataset", error: Exception) -> CaseError:
    from pydicom.pixels.decoders.base import get_decoder

    syntax = header.file_meta.TransferSyntaxUID
    try:
        available = get_decoder(syntax).is_available
    except NotImplementedError:
        available = False
    if available:
        return CaseError(
            f"case {case}: {file} cannot be read as DICOM ({reason(error)})",
            "the file is damaged or incomplete: export it again",
        )
    package = next((package for start, package in DECODERS.items() if syntax.name.startswith(start)), "")
    return CaseError(
        f"case {case}: the pixels of {file} are compressed as {syntax.name}, which nothing installed here decodes",
        (f"pip install {package}, or " if package else "") + "export the images uncompressed",
    )
