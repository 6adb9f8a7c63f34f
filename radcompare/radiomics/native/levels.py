"""What every texture is computed from: grey levels cut to the region, and the directions to neighbours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.imaging.geometry import bounding_box
from radcompare.radiomics.native.binning import levels
from radcompare.radiomics.native.neighbours import Direction, Neighbours

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Levels:
    """Grey levels of a region.

    Attributes:
        grid: shape (z, y, x), cut to the region: the level of every voxel inside, from 1, and 0 outside.
        spacing: mm, in the order (z, y, x).
    """

    grid: Ints
    spacing: tuple[float, float, float]
    _neighbours: dict[tuple[Direction, ...], Neighbours] = field(
        default_factory=dict, repr=False, compare=False
    )

    @cached_property
    def counts(self) -> Ints:
        """How many voxels every level that occurs has."""
        return np.bincount(self.grid.ravel())[self.present]

    @cached_property
    def present(self) -> Ints:
        """The levels that occur, ascending."""
        return np.flatnonzero(np.bincount(self.grid.ravel())[1:]) + 1

    @property
    def highest(self) -> int:
        """The highest level, which pyradiomics calls Ng."""
        return int(self.present[-1])

    @cached_property
    def ranks(self) -> NDArray[np.unsignedinteger]:
        """The grid with every level replaced by its place among those present, from 1, in the smallest type."""
        count = len(self.present)
        place = np.zeros(self.highest + 1, np.min_scalar_type(count))
        place[self.present] = np.arange(1, count + 1)
        return np.asarray(place[self.grid])

    def neighbours(self, settings: Mapping[str, Any], distances: Sequence[int] = (1,)) -> Neighbours:
        """Every voxel's neighbours at some distances; classes that ask for the same share them.

        Args: as for `directions`.
        """
        steps = tuple(directions(self.grid.shape, settings, distances))
        if steps not in self._neighbours:
            self._neighbours[steps] = Neighbours(self.ranks, steps)
        return self._neighbours[steps]


def levels_of_region(
    image: NDArray[Any],
    mask: NDArray[np.bool_],
    spacing: tuple[float, float, float],
    settings: Mapping[str, Any],
) -> Levels:
    """The grey levels of a region.

    Args:
        image: shape (z, y, x), any pixel type.
        mask: the same shape; at least one voxel.
        spacing: mm, in the order (z, y, x).
        settings: `binWidth` (25), or `binCount`.

    Raises:
        DataError: the mask is empty, a value inside it is not finite, or the bins are too narrow for the values.
    """
    box = bounding_box(mask) if mask.any() else ...
    return Levels(levels(image[box], mask[box], settings), spacing)


def directions(
    shape: Sequence[int], settings: Mapping[str, Any], distances: Sequence[int] = (1,)
) -> list[Direction]:
    """One of every two opposite steps to a neighbour, as pyradiomics counts them.

    A neighbour at distance d is one whose largest step along an axis is d; along an axis of n voxels no step is
    longer than n - 1, so a region of one slice has only the four directions of its plane.

    Args:
        shape: of the grid.
        settings: `force2D` (False) leaves out steps along the axis `force2Ddimension` (0, the slices).
        distances: in voxels, each at least 1.
    """
    flat = settings.get("force2Ddimension", 0) if settings.get("force2D", False) else None
    furthest = max(distances, default=0)
    room = tuple(0 if axis == flat else min(size - 1, furthest) for axis, size in enumerate(shape))
    return list(_directions(room, tuple(distances)))


@cache
def _directions(room: tuple[int, ...], distances: tuple[int, ...]) -> list[Direction]:
    """The same, of the longest step along each axis."""
    found = []
    for distance in dict.fromkeys(distances):
        reach = [min(distance, longest) for longest in room]
        for step in product(*(range(-r, r + 1) for r in reach)):
            # The first step that is not 0 goes forward: its opposite is the same direction.
            if max(map(abs, step)) == distance and next(s for s in step if s) > 0:
                found.append((step[0], step[1], step[2]))
    return found


def weights_of(steps: Sequence[Direction], spacing: Sequence[float], norm: str) -> NDArray[np.float64]:
    """The length of every step in mm, by `manhattan`, `euclidean` or `infinity`; 1 for `no_weighting`."""
    lengths = np.abs(np.array(steps, dtype=np.float64).reshape(-1, 3)) * np.array(spacing)
    if norm == "infinity":
        return np.asarray(lengths.max(axis=1))
    if norm == "euclidean":
        return np.asarray(np.sqrt((lengths**2).sum(axis=1)))
    return np.asarray(lengths.sum(axis=1)) if norm == "manhattan" else np.ones(len(steps))
