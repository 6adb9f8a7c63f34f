"""The region as a solid made of boxes: centroid, moments, border.

Moments are those of the solid voxels (spacing²/12 is added along every axis), so a solid box has exactly the
moments of that box and even a single voxel has a shape. A 2-D image gives a plane figure: x and y only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import gamma, pi

import numpy as np
from numpy.typing import NDArray

from radcompare.radiomics.patch import Patch

ROUNDING = 1e-9
"""Relative differences below this are rounding, not shape."""


@dataclass(frozen=True)
class Solid:
    """Geometry of a region in mm, relative to its centroid.

    Attributes:
        points: voxel centres, shape (n, d) with d = 3 axes (z, y, x), or 2 (y, x) for a 2-D image.
        border: centres of the voxel faces between inside and outside, shape (m, d).
        face_areas: area of each of those faces (length of each edge in 2-D), shape (m,).
        spacing: voxel size, shape (d,).
        moments: variances along the principal axes, largest first, shape (d,).
        axes: those axes as columns, shape (d, d).
        holds_centroid: whether the centroid lies in a voxel of the region.
    """

    points: NDArray[np.float64]
    border: NDArray[np.float64]
    face_areas: NDArray[np.float64]
    spacing: NDArray[np.float64]
    moments: NDArray[np.float64]
    axes: NDArray[np.float64]
    holds_centroid: bool

    @property
    def dimension(self) -> int:
        """3, or 2 for a plane figure."""
        return len(self.spacing)

    @property
    def volume(self) -> float:
        """Number of voxels times their volume, mm³ (area, mm², in 2-D)."""
        return len(self.points) * float(np.prod(self.spacing))

    @property
    def box_sides(self) -> NDArray[np.float64]:
        """Sides of the box with the region's volume and the proportions of its moments, longest first, mm."""
        return self._scaled(1.0)

    @property
    def ellipsoid_axes(self) -> NDArray[np.float64]:
        """Semi-axes of the ellipsoid with the region's volume and the proportions of its moments, mm."""
        return self._scaled(pi ** (self.dimension / 2) / gamma(self.dimension / 2 + 1))

    def principal(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coordinates of points (relative to the centroid) along the principal axes."""
        return points @ self.axes

    def _scaled(self, unit_volume: float) -> NDArray[np.float64]:
        deviations: NDArray[np.float64] = np.sqrt(self.moments)
        scale = self.volume / (unit_volume * float(deviations.prod()))
        sides: NDArray[np.float64] = deviations * scale ** (1 / self.dimension)
        return sides


def solid_of(patch: Patch) -> Solid:
    """Measure the voxels and faces of a region."""
    axes = range(1, 3) if patch.planar else range(3)
    spacing = np.array([patch.spacing[axis] for axis in axes])
    centres = np.argwhere(patch.mask)[:, axes.start :] * spacing
    centroid = centres.mean(axis=0)
    points = centres - centroid
    border, areas = _border(patch, axes, spacing)
    moments, directions = _principal_axes(points, spacing)
    holds_centroid = bool((np.abs(points) <= spacing * (0.5 + ROUNDING)).all(axis=1).any())
    return Solid(points, border - centroid, areas, spacing, moments, directions, holds_centroid)


def neighbours(
    values: NDArray[np.bool_], *, outside: bool, planar: bool = False
) -> Iterator[tuple[int, int, NDArray[np.bool_]]]:
    """For every direction across a voxel face: the axis, the side (-1 or +1), and each voxel's neighbour there.

    Args:
        values: shape (z, y, x).
        outside: the value of neighbours beyond the array.
        planar: leave out the neighbours in other slices.
    """
    padded = np.pad(values, 1, constant_values=outside)
    for axis in range(1 if planar else 0, 3):
        for side in (-1, 1):
            window = [slice(1, -1)] * 3
            window[axis] = slice(1 + side, padded.shape[axis] - 1 + side)
            yield axis, side, padded[tuple(window)]


def face_area(axis: int, spacing: tuple[float, float, float], *, planar: bool) -> float:
    """Area of a voxel face perpendicular to an axis, mm² (length of an edge, mm, in 2-D)."""
    return float(np.prod([spacing[other] for other in range(1 if planar else 0, 3) if other != axis]))


def _border(
    patch: Patch, axes: range, spacing: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres and areas of the faces between the mask and its outside."""
    centres, areas = [], []
    for axis, side, inside in neighbours(patch.mask, outside=False, planar=patch.planar):
        faces = np.argwhere(patch.mask & ~inside)[:, axes.start :] * spacing
        faces[:, axis - axes.start] += side * spacing[axis - axes.start] / 2
        centres.append(faces)
        areas.append(np.full(len(faces), face_area(axis, patch.spacing, planar=patch.planar)))
    return np.concatenate(centres), np.concatenate(areas)


def _principal_axes(
    points: NDArray[np.float64], spacing: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Variances and directions; covariances that are mere rounding must not turn the axes of a cube."""
    covariance = points.T @ points / len(points) + np.diag(spacing**2 / 12)
    rounding = np.abs(covariance) < ROUNDING * np.trace(covariance)
    moments, directions = np.linalg.eigh(np.where(rounding, 0.0, covariance))
    return moments[::-1], directions[:, ::-1]
