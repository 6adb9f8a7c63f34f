"""Whether a MATLAB 5 file is built as the format says, told before scipy reads it.

scipy looks up types by the numbers in the file without looking at the numbers, and ends the whole program where one
is damaged. Format: MathWorks, MAT-File Format, chapter 1 (tags, arrays, compressed elements).
"""

import math
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

HEADER = 128
MATRIX, COMPRESSED = 14, 15
NUMBERS = (1, 2, 3, 4, 5, 6, 7, 9, 12, 13)
TEXTS = (16, 17, 18)
CONTAINERS = (1, 2, 3)
"""Classes of arrays that hold arrays: cells, structures, objects."""
OPAQUE = (16, 17)
"""Those of functions and of objects that MATLAB alone understands, which have no sizes."""
CLASSES = range(1, 19)
MOST_SIZES = 32
DEEPEST = 40
BLOCK = 2**20

Read = Callable[[int], bytes]


def refuse_damaged(path: Path) -> None:
    """Go through all tags of a file; a file of another kind passes.

    Raises:
        ValueError: a type or class is unknown, or an element is longer than what holds it.
        OSError, zlib.error: the file cannot be read.
    """
    with path.open("rb") as file:
        header = file.read(HEADER)
        order = {b"\0\1IM": "<", b"\1\0MI": ">"}.get(header[124:])
        if order is None or header[:4] == bytes(4):
            return  # MATLAB 4, HDF5 or no such file
        size = path.stat().st_size
        while size - file.tell() >= 8:
            kind, length = struct.unpack(f"{order}2I", file.read(8))
            start = file.tell()
            if length > size - start:
                raise ValueError(f"it ends within an element of {length:,} bytes")
            if kind == COMPRESSED:
                _Elements(order, _inflating(file, length)).check_whole()
            elif kind == MATRIX:
                _Elements(order, file.read).check_matrix(length, 0)
            else:
                raise ValueError(f"a variable is of type {kind}")
            file.seek(start + length)


class _Elements:
    """Elements one after the other, their contents passed over."""

    def __init__(self, order: str, read: Read) -> None:
        self._order, self._read = order, read

    def check_whole(self) -> None:
        """One variable."""
        kind, length = struct.unpack(f"{self._order}2I", self._exactly(8))
        if kind != MATRIX:
            raise ValueError(f"a variable is of type {kind}")
        self.check_matrix(length, 0)

    def check_matrix(self, length: int, depth: int) -> None:
        """An array: its flags, and what it consists of; none at all is an empty one."""
        if not length:
            return
        if depth > DEEPEST or length < 16:
            raise ValueError("an array is too short" if length < 16 else "arrays lie too deep in another")
        kind, size, flags, _ = struct.unpack(f"{self._order}4I", self._exactly(16))
        if (kind, size) != (6, 8) or flags & 0xFF not in CLASSES:
            raise ValueError(f"an array is of class {flags & 0xFF}")
        left, contains = length - 16, flags & 0xFF in (*CONTAINERS, *OPAQUE)
        if flags & 0xFF not in OPAQUE:
            left -= self._check_sizes(left - 8, contains)
        while left >= 8:
            left -= self._check_element(left - 8, contains, depth)
        self._skip(left)

    def _check_sizes(self, most: int, contains: bool) -> int:
        """The numbers of rows, columns, ...: at least two, and of no more cells than there are bytes for."""
        kind, length = struct.unpack(f"{self._order}2I", self._exactly(8))
        padded = length + -length % 8
        if kind not in (5, 6) or length % 4 or not 8 <= length <= MOST_SIZES * 4 or padded > most:
            raise ValueError("an array has no sizes")
        sizes = struct.unpack(f"{self._order}{length // 4}i", self._exactly(padded)[:length])
        if contains and not 0 <= math.prod(sizes) <= (most - padded) // 8:
            raise ValueError(f"an array says that it holds {math.prod(sizes):,} others")
        return 8 + int(padded)

    def _check_element(self, most: int, contains: bool, depth: int) -> int:
        """Pass over one element; returns its bytes, tag and padding included."""
        kind, length = struct.unpack(f"{self._order}2I", self._exactly(8))
        kind, length = int(kind), int(length)
        within = kind >> 16 > 0  # a small element lies within its tag
        if within:
            kind, length = kind & 0xFFFF, 0
        if kind not in (*NUMBERS, *TEXTS) and not (kind == MATRIX and contains and not within):
            raise ValueError(f"an element is of type {kind}")
        if length > most:
            raise ValueError(f"an element has {length:,} bytes, and what holds it {most:,}")
        padding = min(-length % 8, most - length)
        if kind == MATRIX:
            self.check_matrix(length, depth + 1)
            self._skip(padding)
        else:
            self._skip(length + padding)
        return 8 + length + padding

    def _skip(self, length: int) -> None:
        while length:
            length -= len(self._exactly(min(length, BLOCK)))

    def _exactly(self, length: int) -> bytes:
        found = self._read(length)
        if len(found) < length:
            raise ValueError("it ends early")
        return found


def _inflating(file: BinaryIO, length: int) -> Read:
    """Reads what a compressed element of so many bytes holds."""
    packed, held, left = zlib.decompressobj(), b"", length

    def read(wanted: int) -> bytes:
        nonlocal held, left
        found = b""
        while len(found) < wanted:
            if not held:
                held = file.read(min(BLOCK, left))
                left -= len(held)
            block = packed.decompress(held, wanted - len(found))
            if not block and (packed.eof or not held):
                break
            held = packed.unconsumed_tail
            found += block
        return found

    return read
