"""Contours in the planes of a voxel lattice: which slice each belongs to, and the voxels inside."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import floor
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from radcompare.imaging.dicom.polygons import filled
from radcompare.imaging.geometry import Grid

FLAT = 0.1
"""How far the points of a contour may lie apart across its plane, in slice spacings: coordinates are rounded."""
HALF = 0.5 + 0.01
"""How far from a slice, in slice spacings, a contour still belongs to it; over a half by what rounding takes."""
SAME_PLANE = 0.01
"""Contours that lie nearer to each other than this, in slice spacings, are filled together."""

Contour = NDArray[np.float64]
"""Points, shape (n, 3): x, y, z of the patient in mm, or column, row, slice in voxels; the last joins the first."""


class Plane(NamedTuple):
    """The contours of one plane, in voxels, and its height in slice spacings from the first slice."""

    height: float
    contours: Sequence[Contour]


@dataclass(frozen=True)
class Stack:
    """Planes of contours over a voxel lattice.

    Attributes:
        axes: which of the grid's axes (0, 1, 2 for x, y, z) columns, rows and slices run along.
        size: number of columns, rows and slices.
        planes: by height.
    """

    axes: tuple[int, int, int]
    size: tuple[int, int, int]
    planes: tuple[Plane, ...]

    @classmethod
    def along_slices(cls, contours: Sequence[Contour], grid: Grid) -> Self | None:
        """The contours in the slices of an image; None if they are not parallel to those.

        Args:
            contours: in mm.
            grid: the image's, which may lie in any way.
        """
        return cls._along((0, 1, 2), [in_voxels(contour, grid) for contour in contours], grid)

    @classmethod
    def across_slices(cls, contours: Sequence[Contour], grid: Grid) -> Self | None:
        """The contours in planes of voxels that run across the slices, if they leave out no plane; or None.

        Images whose axes were stored in another order have such planes where the scan had its slices.
        """
        points = [in_voxels(contour, grid) for contour in contours]
        stacks = (cls._along(axes, points, grid) for axes in ((1, 2, 0), (0, 2, 1)))
        return next((stack for stack in stacks if stack and stack.nearest and not stack.skipped), None)

    @classmethod
    def _along(cls, axes: tuple[int, int, int], points: Sequence[Contour], grid: Grid) -> Self | None:
        columns, rows, slices = (grid.size[axis] for axis in axes)
        turned = [contour[:, axes] for contour in points]
        if any(np.ptp(contour[:, 2]) > FLAT for contour in turned):
            return None
        return cls(axes, (columns, rows, slices), _planes(turned))

    @cached_property
    def nearest(self) -> dict[int, Plane]:
        """The plane that each slice takes, of those that belong to it; slices without one are not in it."""
        taken: dict[int, Plane] = {}
        for plane in self.planes:
            number = self._slice_of(plane)
            if number is not None and (
                number not in taken or _off(plane, number) < _off(taken[number], number)
            ):
                taken[number] = plane
        return taken

    @property
    def beyond(self) -> int:
        """How many planes lie beyond the first or last slice."""
        return sum(self._slice_of(plane) is None for plane in self.planes)

    @property
    def passed_over(self) -> int:
        """How many planes lie on the image, and a nearer one was taken in their place."""
        return len(self.planes) - self.beyond - len(self.nearest)

    @property
    def skipped(self) -> int:
        """How many slices between the first and the last contours have none."""
        return max(self.nearest) - min(self.nearest) + 1 - len(self.nearest) if self.nearest else 0

    @property
    def farthest(self) -> float:
        """How far, in slice spacings, the planes that were taken lie off their slices at most."""
        return max((_off(plane, number) for number, plane in self.nearest.items()), default=0.0)

    @property
    def repeated(self) -> int:
        """How many contours are the same as another of their plane."""
        return sum(len(plane.contours) - len(_once(plane.contours)) for plane in self.planes)

    def beside(self) -> tuple[int, int]:
        """How many contours reach over the edge of the slices, and how many lie beyond it altogether."""
        over = [self._over_edge(contour) for plane in self.nearest.values() for contour in plane.contours]
        return sum(bool(out.any()) for out in over), sum(bool(out.all()) for out in over)

    def voxels(self) -> NDArray[np.bool_]:
        """True where a voxel's centre is inside, shape (z, y, x) of the grid.

        Every plane is filled by the even-odd rule, a contour that is there twice once. Nothing is interpolated
        between planes.
        """
        columns, rows, slices = self.size
        made = np.zeros((slices, rows, columns), dtype=np.bool_)
        for number, plane in self.nearest.items():
            made[number] = filled([contour[:, :2] for contour in _once(plane.contours)], (rows, columns))
        lying = self.axes[::-1]
        return np.ascontiguousarray(made.transpose([lying.index(axis) for axis in (2, 1, 0)]))

    def _slice_of(self, plane: Plane) -> int | None:
        last = self.size[2] - 1
        if not -HALF <= plane.height <= last + HALF:
            return None
        # A stack that lies half a slice off must not stumble over rounding: all of it goes the same way.
        return min(max(floor(plane.height + HALF), 0), last)

    def _over_edge(self, contour: Contour) -> NDArray[np.bool_]:
        over = (contour[:, :2] < -0.5) | (contour[:, :2] > np.array(self.size[:2]) - 0.5)
        return np.asarray(over.any(axis=1))


def in_voxels(points: NDArray[np.float64], grid: Grid) -> NDArray[np.float64]:
    """Positions in mm as fractions of voxels: whole numbers are voxel centres.

    Args:
        points: shape (n, 3).
        grid: of the image.
    """
    axes = np.array(grid.direction).reshape(3, 3) * np.array(grid.spacing)
    return np.asarray(np.linalg.solve(axes, (points - np.array(grid.origin)).T).T)


def _planes(contours: Sequence[Contour]) -> tuple[Plane, ...]:
    heights = np.array([contour[:, 2].mean() for contour in contours])
    order = np.argsort(heights, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(heights[order]) > SAME_PLANE) + 1)
    return tuple(Plane(float(heights[group].mean()), [contours[i] for i in group]) for group in groups)


def _off(plane: Plane, number: int) -> float:
    """Rounded, so that of two that are equally far the lower one is taken."""
    return round(abs(plane.height - number), 6)


def _once(contours: Sequence[Contour]) -> list[Contour]:
    """Without repetitions, wherever they start and whichever way they run: even-odd would let both vanish."""
    if len(contours) == 1:
        return list(contours)
    seen = {np.unique(np.round(contour, 6), axis=0).tobytes(): contour for contour in reversed(contours)}
    return list(seen.values())
