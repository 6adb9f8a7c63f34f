"""NIfTI-1 files that need no library: what most programs write, read from their bytes in one go.

SimpleITK takes a millisecond to open a file however small, and reads a cohort of nodules slower than they are
measured. A file is plain if it has three axes that lie along those of the patient, millimetres, whole or real numbers
without a scale factor, and every byte it declares. Others are left to SimpleITK, and the values are the same.
"""

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.imaging.geometry import Grid
from radcompare.imaging.nifti import Header, parse_header
from radcompare.imaging.sound_header import DEFLATE

_HEADER = 352
_GZIP_MAGIC = b"\x1f\x8b"
_BEYOND = 1 << 20
"""Bytes that may follow the voxels."""
_TYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4"}
"""NIfTI's codes of data types, and numpy's names for them."""
_MILLIMETRES = 2
_TURNS = {
    (0.0, 0.0, 0.0): (1.0, 1.0, 1.0),
    (1.0, 0.0, 0.0): (1.0, -1.0, -1.0),
    (0.0, 1.0, 0.0): (-1.0, 1.0, -1.0),
    (0.0, 0.0, 1.0): (-1.0, -1.0, 1.0),
}
"""Quaternions (b, c, d) of no turn and of half a turn around an axis, and the signs that they give the axes."""


def read_plain(path: Path) -> tuple[NDArray[Any], Grid] | None:
    """The voxels, shape (z, y, x), and where they lie; None if the file is not plain, or not a NIfTI-1 file.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        start = stream.read(_HEADER)
        packed = start.startswith(_GZIP_MAGIC)
        if not packed and parse_header(start) is None:
            return None
        raw = start + stream.read()
    try:
        start = zlib.decompressobj(31).decompress(raw, _HEADER) if packed else raw[:_HEADER]
        header = parse_header(start)
        grid = _grid(start, header) if header is not None and len(start) == _HEADER else None
        if header is None or grid is None or not 0 < header.length <= DEFLATE * len(raw):
            return None
        data = _unpacked(raw, header.length) if packed else raw
    except zlib.error:
        return None  # SimpleITK's branch says what is wrong with it
    if len(data) < header.length:
        return None
    count, kind = header.length - header.offset, np.dtype(header.order + _TYPES[header.datatype])
    voxels = np.frombuffer(data, kind, count // kind.itemsize, header.offset)
    return voxels.reshape(header.shape[::-1]).astype(kind.newbyteorder("="), copy=False), grid


def _unpacked(raw: bytes, length: int) -> bytes:
    """So many bytes of what was gzipped; nothing where it goes on for long, or is packed in parts.

    To the end, as its sum is only then compared with that of the file.
    """
    packed = zlib.decompressobj(31)
    data = packed.decompress(raw, length)
    packed.decompress(packed.unconsumed_tail, _BEYOND)
    return data if packed.eof and not packed.unused_data.strip(b"\0") else b""


def _grid(start: bytes, header: Header) -> Grid | None:
    """Where the voxels lie, in SimpleITK's terms: x to the left of the patient, y to the back; None if not plain."""
    order, shape = header.order, header.shape
    dimensions, x, y, z = struct.unpack_from(f"{order}4h", start, 40)
    if dimensions != 3 or min(x, y) < 1 or z < 2 or header.datatype not in _TYPES or header.offset < _HEADER:
        return None
    handedness, *spacing = struct.unpack_from(f"{order}4f", start, 76)
    slope, intercept = struct.unpack_from(f"{order}2f", start, 112)
    by_quaternion, by_rows = struct.unpack_from(f"{order}2h", start, 252)
    b, c, d, *origin = struct.unpack_from(f"{order}6f", start, 256)
    signs = _TURNS.get((b, c, d))
    scaled = slope not in (0, 1) or intercept != 0
    if (
        scaled
        or signs is None
        or by_quaternion <= 0
        or start[123] & 7 != _MILLIMETRES
        or not min(spacing) > 0
    ):
        return None
    axes = np.diag(signs) * (1, 1, -1 if handedness < 0 else 1)
    if by_rows > 0:
        # Two ways to say where the voxels lie: which one counts is not asked where they agree.
        rows = np.array(struct.unpack_from(f"{order}12f", start, 280)).reshape(3, 4)
        if not (np.array_equal(rows[:, :3], axes * spacing) and np.array_equal(rows[:, 3], origin)):
            return None
    to_left_and_back = np.array([[-1.0], [-1.0], [1.0]])
    left, back, up = (float(mm) + 0.0 for mm in origin * to_left_and_back[:, 0])
    return Grid(
        (shape[0], shape[1], shape[2]),
        (spacing[0], spacing[1], spacing[2]),
        (left, back, up),
        tuple((axes * to_left_and_back + 0.0).ravel().tolist()),
    )
