"""One image file in memory: voxels on a grid, read with SimpleITK or refused with the reason.

Plain NIfTI files are read without it, several times faster.
"""

# mypy: untyped-calls-exclude="SimpleITK"
import math
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.completeness import truncation
from radcompare.imaging.geometry import Grid
from radcompare.imaging.inside import Fact, Suspicion
from radcompare.imaging.nifti import restore_non_finite
from radcompare.imaging.plain_nifti import read_plain
from radcompare.imaging.sound_header import packing, unsound
from radcompare.parallel.limit import memory_ran_out

if TYPE_CHECKING:
    import SimpleITK as sitk

REC601 = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in luminance (ITU-R BT.601)."""

LARGE = 2**28
"""Bytes of voxels that any file may declare."""
SMALL = 2**24
"""Bytes for which memory does not run out: where it does, the header is damaged."""

_PICTURES = {"PNGImageIO": "PNG", "JPEGImageIO": "JPEG", "TIFFImageIO": "TIFF", "BMPImageIO": "BMP"}
_NAMES = {"Nifti": "NIfTI", "Nrrd": "NRRD", "Meta": "MetaImage"}
_REDIRECTION = threading.Lock()


@dataclass(frozen=True)
class Volume:
    """What one file holds.

    Attributes:
        path: the file.
        voxels: shape (z, y, x), or (z, y, x, channel) for colour, in the type the file has.
        grid: where the voxels lie.
        picture: `PNG`, `JPEG`, `TIFF` or `BMP` for a picture, which knows nothing of millimetres; "" otherwise.
        modality: of a DICOM image; empty otherwise.
        series, frame_of_reference: their UIDs for a DICOM image; empty otherwise.
        facts: how the file became voxels, for the record: at least `image_format`.
        doubts: what looks wrong.
    """

    path: Path
    voxels: NDArray[Any]
    grid: Grid
    picture: str = ""
    modality: str = ""
    series: str = ""
    frame_of_reference: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    doubts: tuple[Suspicion, ...] = ()


def read_volume(case: str, path: Path) -> Volume:
    """Read a 2-D or 3-D file of any format that SimpleITK knows.

    A picture's dots per inch are about paper, so its voxels are 1 mm wide whatever it says.

    Raises:
        CaseError: the file is missing, unreadable, truncated, 4-D, complex or a vector field.
    """
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "does not exist"
        raise CaseError(
            f"case {case}: {path} {found}, expected an image file", "correct the path in the cohort"
        )
    plain = read_plain(path)
    if plain is not None:
        return Volume(path, *plain, facts={"image_format": "NIfTI"})
    import SimpleITK as sitk

    missing = truncation(path)
    if missing:
        raise CaseError(f"case {case}: {path} is truncated: {missing}", "copy or export the file again")
    wrong = unsound(path)
    if wrong:
        raise CaseError(f"case {case}: {path} cannot be read as an image ({wrong})", "export the file again")
    with _silent_libraries():
        image, format_name = _read(case, path)
    _refuse_pixel_type(case, path, image)
    voxels = restore_non_finite(path, sitk.GetArrayFromImage(image))
    flat = image.GetDimension() == 2
    picture = _PICTURES.get(format_name, "")
    grid = Grid.of(image)
    name = format_name.removesuffix("ImageIO")
    facts = {"image_format": _NAMES.get(name, name)}
    array = voxels[np.newaxis] if flat else voxels
    return Volume(path, array, grid.unit() if picture else grid, picture, facts=facts)


def intensities(volume: Volume) -> NDArray[Any]:
    """Voxel values as they are, shape (z, y, x); of colour, the luminance as float64 (Rec. 601, alpha ignored).

    Where red, green and blue are equal the value is theirs to the last digit.
    """
    if volume.voxels.ndim == 3:
        return volume.voxels
    voxels = volume.voxels.astype(np.float64)
    red, green, blue = voxels[..., 0], voxels[..., 1], voxels[..., 2]
    luminance = REC601[0] * red + REC601[1] * green + REC601[2] * blue
    grey = (red == green) & (green == blue)
    return np.asarray(np.where(grey, red, luminance))


def _read(case: str, path: Path) -> "tuple[sitk.Image, str]":
    import SimpleITK as sitk

    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    declared = 0
    try:
        reader.ReadImageInformation()
        declared = _declared(reader)
        _refuse_more_than_it_holds(case, path, declared)
        return reader.Execute(), reader.GetImageIOFromFileName(str(path))
    except RuntimeError as error:
        if declared > SMALL and memory_ran_out(error):  # of which the file is not guilty
            raise MemoryError(str(path)) from error
        raise CaseError(
            f"case {case}: {path} cannot be read as an image ({_reason(str(error))})",
            "the file is truncated, damaged or in another format: export it again as "
            "NIfTI-1, NRRD, MHA, PNG, JPEG, TIFF or BMP",
        ) from error


def _declared(reader: "sitk.ImageFileReader") -> int:
    """Bytes of voxels by the header."""
    import SimpleITK as sitk

    kind = sitk.GetPixelIDValueAsString(reader.GetPixelIDValue())
    bits = next((int(number) for number in re.findall(r"\d+", kind)), 8)
    return int(math.prod(reader.GetSize()) * reader.GetNumberOfComponents() * bits // 8)


def _refuse_more_than_it_holds(case: str, path: Path, declared: int) -> None:
    """Refuse a header that declares gigabytes over a few bytes, before memory is taken for them."""
    held = path.stat().st_size
    if declared > LARGE and declared > packing(path) * held:
        raise CaseError(
            f"case {case}: {path} declares {declared:,} bytes of voxels in a file of {held:,}",
            "its header is damaged: export it again",
        )


def _reason(message: str) -> str:
    """The line of SimpleITK's message that names the trouble, without source files and addresses."""
    if "Unable to determine ImageIO reader" in message:
        return "no format that SimpleITK knows"
    lines = [line for line in message.splitlines() if "ERROR" in line] or message.splitlines()
    return re.sub(r"^.*?ERROR: (\w+\(0x[0-9a-f]+\): )?", "", lines[-1])


def _refuse_pixel_type(case: str, path: Path, image: "sitk.Image") -> None:
    size = image.GetSize()
    if len(size) > 3:
        raise CaseError(
            f"case {case}: {path} is {len(size)}-D, size {size}, expected 2-D or 3-D",
            "write the one volume to be measured (a time point, a sequence) as a file of its own",
        )
    channels = image.GetNumberOfComponentsPerPixel()
    kind = image.GetPixelIDTypeAsString()
    if "complex" in kind or (channels > 1 and (channels not in (3, 4) or "unsigned" not in kind)):
        raise CaseError(
            f"case {case}: {path} holds {channels} numbers per voxel of type {kind!r}, "
            "expected one, or RGB(A) as unsigned integers",
            "write a scalar image, e.g. the magnitude or one channel",
        )


@contextmanager
def _silent_libraries() -> Iterator[None]:
    """Keep off the terminal what the C libraries print about a broken file: the error says it better.

    They write to the file descriptors 1 and 2 themselves (libjpeg to standard output, where tables go), so
    those are redirected; one thread at a time.
    """
    with _REDIRECTION, Path(os.devnull).open("wb") as nowhere:
        sys.stdout.flush()
        sys.stderr.flush()
        kept = os.dup(1), os.dup(2)
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            for number, copy in enumerate(kept, start=1):
                os.dup2(copy, number)
                os.close(copy)
