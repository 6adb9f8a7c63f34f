"""How many voxels a file holds along each axis, from its header alone and without the libraries that read images."""

import gzip
import re
import zlib
from pathlib import Path

from radcompare.imaging.nifti import parse_header

Size = tuple[int, ...]
"""x, y and z, or more; a picture has z of 1."""

_NIFTI_HEADER = 348
_NIFTI_2 = (b"n+2", b"ni2")
_TEXT_HEADER = 1 << 16
_NRRD_SIZES = re.compile(rb"^sizes:\s*([\d ]+)", re.MULTILINE)
_NRRD_KINDS = re.compile(rb"^kinds:\s*(.+)", re.MULTILINE)
_META_SIZES = re.compile(rb"^\s*DimSize\s*=\s*([\d ]+)", re.MULTILINE)
_CHANNELS = (b"vector", b"list", b"rgb-color", b"rgba-color", b"3-vector", b"4-vector")


def size_of(path: Path) -> Size | None:
    """The size that a file declares; None where that takes more than its header.

    Raises:
        ValueError: it is not what its suffix says, in words.
        OSError: it cannot be read.
    """
    lower = path.name.lower()
    if lower.endswith((".nii", ".nii.gz")):
        return _nifti(path)
    if lower.endswith((".nrrd", ".nhdr")):
        return _nrrd(_start(path))
    if lower.endswith((".mha", ".mhd")):
        return _sizes(_META_SIZES, _start(path), "MetaImage")
    return _picture(path)


def _start(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_TEXT_HEADER)


def _nifti(path: Path) -> Size | None:
    start = _start(path)
    if not start:
        raise ValueError("it is empty")
    try:
        if start[:2] == b"\x1f\x8b":
            start = zlib.decompressobj(31).decompress(start, _NIFTI_HEADER)
    except (zlib.error, gzip.BadGzipFile):
        raise ValueError("its compressed data are damaged") from None
    header = parse_header(start)
    if header is not None:
        return _three(header.shape[:4])  # behind time come the numbers of a voxel
    if start[4:7] in _NIFTI_2:
        return None
    raise ValueError("it does not begin as NIfTI does")


def _nrrd(start: bytes) -> Size | None:
    if not start.startswith(b"NRRD"):
        raise ValueError("it does not begin as NRRD does")
    kinds = _NRRD_KINDS.search(start)
    sizes = _sizes(_NRRD_SIZES, start, "NRRD")
    axes = kinds[1].lower().split() if kinds else []
    if len(axes) != len(sizes):
        return sizes
    return _three(tuple(size for size, axis in zip(sizes, axes, strict=True) if axis not in _CHANNELS))


def _sizes(pattern: re.Pattern[bytes], start: bytes, kind: str) -> Size:
    found = pattern.search(start)
    if found is None:
        raise ValueError(f"its header lacks the size that {kind} has")
    return _three(tuple(int(size) for size in found[1].split()))


def _picture(path: Path) -> Size:
    import warnings

    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a large slide is no attack
        try:
            with Image.open(path) as image:
                return (*image.size, getattr(image, "n_frames", 1))
        except UnidentifiedImageError:
            raise ValueError("it is no picture of the formats that are known") from None
        except (SyntaxError, Image.DecompressionBombError) as error:
            raise ValueError(str(error)) from None


def _three(shape: Size) -> Size:
    """Without axes of length 1 behind the third, and with three at least."""
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    return (*shape, *[1] * (3 - len(shape)))
