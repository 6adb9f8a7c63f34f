"""Whether an image file holds all the bytes it declares, told before SimpleITK sees it.

SimpleITK reads a truncated NIfTI, JPEG or BMP file without an error and invents the voxels that are missing;
it refuses a truncated NRRD, MetaImage, PNG or TIFF by itself. This module covers the first three.
"""

import struct
from pathlib import Path

from radcompare.imaging.nifti import nifti_shortfall

_JPEG, _BMP = b"\xff\xd8\xff", b"BM"
_BMP_HEADER = 34


def truncation(path: Path) -> str | None:
    """What is missing from a file, in words, or None when nothing is (or its format is not covered)."""
    with path.open("rb") as stream:
        start = stream.read(3)
    if start.startswith(_JPEG):
        return _jpeg(path.read_bytes())
    if start.startswith(_BMP):
        return _bmp(path.read_bytes())
    return nifti_shortfall(path)


def _jpeg(data: bytes) -> str | None:
    """A scan (FF DA) is followed by the end-of-image marker (FF D9); coded data hold neither pair of bytes."""
    whole = data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda")
    return None if whole else f"it ends after {len(data)} bytes without an end-of-image marker"


def _bmp(data: bytes) -> str | None:
    """Compare the length with offset and rows, each padded to 4 bytes; run-length coding is not covered."""
    if len(data) < _BMP_HEADER:
        return f"it holds {len(data)} bytes, less than a header"
    (offset,) = struct.unpack_from("<I", data, 10)
    width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
    declared = offset + (width * bits + 31) // 32 * 4 * abs(height)
    missing = compression == 0 and len(data) < declared
    return f"it declares {declared} bytes and holds {len(data)}" if missing else None
