"""What SimpleITK keeps silent about NIfTI-1 files: that one is truncated, and that it held NaN.

Of a truncated file it reads what is there and invents the rest; voxels that are not finite become 0. This
module reads the header (nifti1.h) and the bytes themselves to tell.
"""

import gzip
import io
import math
import struct
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_HEADER = 348
_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 20
_FLOATS = {16: "f4", 64: "f8"}
"""Codes of the data types that can hold NaN, and numpy's names for them."""


class Header(NamedTuple):
    """The part of a NIfTI-1 header that says where the voxels are.

    Attributes:
        order: `<` or `>`, the byte order.
        shape: number of voxels along each axis, the fastest first.
        datatype: NIfTI's code of the voxel type.
        bits: size of a voxel.
        offset: position of the first voxel in the file.
    """

    order: str
    shape: tuple[int, ...]
    datatype: int
    bits: int
    offset: int

    @property
    def length(self) -> int:
        """Bytes of the whole file."""
        return self.offset + math.prod(self.shape) * self.bits // 8


def parse_header(data: bytes) -> Header | None:
    """The header of a single-file NIfTI-1 image, or None when these bytes begin something else."""
    if len(data) < _HEADER or data[344:347] != b"n+1":
        return None
    order = "<" if struct.unpack_from("<i", data) == (_HEADER,) else ">"
    dim = struct.unpack_from(f"{order}8h", data, 40)
    datatype, bits = struct.unpack_from(f"{order}2h", data, 70)
    (offset,) = struct.unpack_from(f"{order}f", data, 108)
    if not math.isfinite(offset):
        return None
    return Header(order, dim[1 : dim[0] + 1], datatype, bits, int(offset))


def nifti_shortfall(path: Path) -> str | None:
    """What is missing from a file, in words; None when nothing is, or when it is no NIfTI-1 file."""
    try:
        with _open(path) as stream:
            start = stream.read(_HEADER)
            header = parse_header(start)
            if header is None:
                return None
            rest = sum(len(chunk) for chunk in iter(lambda: stream.read(_CHUNK), b""))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        return f"the compressed data are damaged or end early ({error})"
    held = len(start) + rest
    return f"it declares {header.length} bytes and holds {held}" if held < header.length else None


def restore_non_finite(path: Path, voxels: NDArray[Any]) -> NDArray[Any]:
    """Put back the NaN and infinite voxels that SimpleITK read as 0.

    Args:
        path: the file, complete.
        voxels: what SimpleITK made of it, (z, y, x).

    Returns:
        The same array when the file is no NIfTI-1 of floating-point numbers or all of them are finite.
    """
    with _open(path) as stream:
        header = parse_header(stream.read(_HEADER))
        kind = _FLOATS.get(header.datatype) if header else None
        if header is None or kind is None or math.prod(header.shape) != voxels.size:
            return voxels
        stream.seek(header.offset)
        stored = np.frombuffer(stream.read(header.length - header.offset), dtype=header.order + kind)
    stored = stored.reshape(voxels.shape)
    finite = np.isfinite(stored)
    return voxels if finite.all() else np.where(finite, voxels, stored)


def _open(path: Path) -> io.BufferedIOBase:
    """The bytes of a file, decompressed where it is compressed."""
    with path.open("rb") as raw:
        compressed = raw.read(2) == _GZIP_MAGIC
    return gzip.open(path) if compressed else path.open("rb")
