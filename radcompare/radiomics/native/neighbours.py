"""All voxels of a grid and their neighbours at once: laid out in one line, a step in space is a step in memory.

Zeros follow every row, every plane and the end, as many as the longest step along that axis: a step that leaves the
grid ends on a zero, which stands for a voxel outside the region.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Direction = tuple[int, int, int]


class Neighbours:
    """The voxels of a region and their neighbours at some steps.

    Args:
        ranks: shape (z, y, x), 0 outside the region.
        steps: (z, y, x); the first that is not 0 is positive.

    Attributes:
        steps: as given.
        offsets: of every step, how much further in the line it leads, shape (steps,).
        shape: of the grid with its zeros, (z, y, x).
        size: length of the line without the zeros after its end.
        line: the ranks in one line, with zeros between and after, in the type given.
    """

    def __init__(self, ranks: NDArray[Any], steps: Sequence[Direction]) -> None:
        self.steps = tuple(steps)
        reach = np.abs(np.array(self.steps, dtype=np.intp).reshape(-1, 3)).max(axis=0, initial=0)
        depth, height, width = ranks.shape
        row = width + int(reach[2])
        plane = (height + int(reach[1])) * row
        self.offsets = np.array([z * plane + y * row + x for z, y, x in self.steps], dtype=np.intp)
        self.shape = (depth, height + int(reach[1]), row)
        self.size = depth * plane
        self.line = np.zeros(self.size + int(self.offsets.max(initial=0)), ranks.dtype)
        self.line[: self.size].reshape(self.shape)[:, :height, :width] = ranks

    @property
    def here(self) -> NDArray[Any]:
        """The ranks of the voxels themselves, shape (size,)."""
        return self.line[: self.size]

    @cached_property
    def inside(self) -> NDArray[np.intp]:
        """Where in the line the voxels of the region are."""
        return np.flatnonzero(self.here)

    @cached_property
    def equal(self) -> NDArray[np.bool_]:
        """Whether a voxel of the region and its neighbour have the same rank; shape (steps, size)."""
        found = np.empty((len(self.steps), self.size), np.bool_)
        for row, offset in zip(found, self.offsets.tolist(), strict=True):
            np.equal(self.here, self.line[offset : offset + self.size], out=row)
        found &= self.here > 0
        return found

    def where(self, holds: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The steps and the places in the line of which something holds, as `np.nonzero`, much faster.

        Args:
            holds: shape (steps, size).
        """
        step, at = np.divmod(np.flatnonzero(holds), self.size)
        return step, at

    def both_ways(self, holds: NDArray[np.bool_]) -> NDArray[np.unsignedinteger]:
        """Of every place in the line, at how many steps forward or back something holds; shape (size,).

        Args:
            holds: of a voxel and its neighbour ahead, shape (steps, size).
        """
        kind: type[np.unsignedinteger] = np.uint8 if 2 * len(self.steps) < 256 else np.uint16
        found: NDArray[Any] = np.zeros(len(self.line), kind)
        for row, offset in zip(holds.view(np.uint8), self.offsets.tolist(), strict=True):
            found[: self.size] += row
            found[offset : offset + self.size] += row
        return found[: self.size]
