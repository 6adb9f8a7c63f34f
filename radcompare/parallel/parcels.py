"""Objects on their way to another process: a pickle, and apart from it large arrays, each sent once.

Tasks of one loop often hold the same table. Its arrays are told by where they lie in memory, so that they travel once
however many tasks hold them. On arrival they cannot be written to.
"""

import mmap
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGE = 1_000_000
"""Bytes of an array that travels apart."""


@dataclass(frozen=True)
class Parcel:
    """A pickle, and where each of the arrays lies that are not in it."""

    pickled: bytes
    arrays: tuple[Any, ...] = ()


class Packing:
    """Makes parcels.

    Args:
        put: lays the bytes of an array where the other process finds them, and says where.
    """

    def __init__(self, put: Callable[[memoryview], Any]) -> None:
        self._put = put
        self._known: dict[tuple[int, int], tuple[pickle.PickleBuffer, Any]] = {}

    def pack(self, value: object) -> Parcel:
        """The parcel of an object; functions and classes of the main script travel by value."""
        import cloudpickle

        arrays = []

        def stays_inside(buffer: pickle.PickleBuffer) -> bool:
            if buffer.raw().nbytes < LARGE:
                return True
            arrays.append(self._place_of(buffer))
            return False

        pickled = cloudpickle.dumps(value, protocol=5, buffer_callback=stays_inside)
        return Parcel(pickled, tuple(arrays))

    def _place_of(self, buffer: pickle.PickleBuffer) -> Any:
        import numpy as np

        raw = buffer.raw()
        key = (np.frombuffer(raw, dtype=np.uint8).ctypes.data, raw.nbytes)
        if key not in self._known:
            self._known[key] = (
                buffer,
                self._put(raw),
            )  # as long as it is held, nothing else gets its address
        return self._known[key][1]


def unpack(pickled: bytes, arrays: Sequence[Any] = ()) -> Any:
    """The object of a parcel.

    Args:
        pickled: of the parcel.
        arrays: the bytes of its arrays, in their order.
    """
    return pickle.loads(pickled, buffers=arrays)


class Folder:
    """Arrays as files, which all processes of the machine map and so hold in memory together."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0

    def put(self, raw: memoryview) -> Path:
        """Write an array."""
        self._number += 1
        path = self._folder / f"{self._number}.array"
        path.write_bytes(raw)
        return path


def mapped(path: Path) -> mmap.mmap:
    """The bytes of a file that `Folder` wrote."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
