"""Shape features of a region in space: its surface, its diameters, the axes of its voxels.

Definition: pyradiomics 3.0.1, class `RadiomicsShape`, every feature that is not deprecated, under its name. The mask
is cut to its bounding box first, as pyradiomics' extractor does. Vertices of the surface lie in the middle between a
voxel inside and a neighbour outside. Conventions there and here: the axes are those of the voxel centres, so a
region of one slice has a least axis of 0, and of a single voxel Elongation and Flatness are missing (0 / 0).

Where voxels touch by their corners only, the surface has holes (see `surface`) and its volume can vanish; then
SurfaceVolumeRatio is missing, unless, in pyradiomics, a rounding error of 1e-16 or so remains to be divided by.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import DataError
from radcompare.imaging.geometry import bounding_box
from radcompare.radiomics.native.surface import area_and_volume

FLAT = 1e-6
"""Smallest ratio of two variances for which a sum in any order has the digits that we promise."""
ROUNDED_TO_ZERO = 1e-10
"""Variances below zero by less than this are rounding."""
STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Directions in which rows are compared with their neighbours."""
DISTANCES = (1, 2, 4, 7)
"""How far apart, in rows."""
MANY = 1000
"""From so many rows on, comparing at every distance pays."""
AT_ONCE = 1 << 20
"""Pairs of rows that are compared at once."""
FAR = 1 << 28
"""Further than any voxel; the sum of two, and twice that, still fits."""


def features(
    mask: NDArray[np.bool_],
    spacing: tuple[float, float, float],
    settings: Mapping[str, Any],  # noqa: ARG001 - every family is called alike; shape has no settings
) -> dict[str, float]:
    """The 14 shape features of one region.

    Args:
        mask: shape (z, y, x); at least one voxel.
        spacing: mm, in the order (z, y, x).
        settings: none of pyradiomics' settings matters here.

    Raises:
        DataError: the mask is empty.
    """
    inside = cut(mask)
    area, volume = area_and_volume(inside, spacing)
    least, minor, major = axis_variances(inside, spacing)
    with np.errstate(all="ignore"):
        found = {
            "Elongation": np.sqrt(minor / major),
            "Flatness": np.sqrt(least / major),
            "LeastAxisLength": 4 * np.sqrt(least),
            "MajorAxisLength": 4 * np.sqrt(major),
            "Maximum2DDiameterColumn": longest_in_planes(inside.transpose(1, 0, 2), spacing[0], spacing[2]),
            "Maximum2DDiameterRow": longest_in_planes(inside.transpose(2, 0, 1), spacing[0], spacing[1]),
            "Maximum2DDiameterSlice": longest_in_planes(inside, spacing[1], spacing[2]),
            "Maximum3DDiameter": _longest(inside, spacing),
            "MeshVolume": volume,
            "MinorAxisLength": 4 * np.sqrt(minor),
            "Sphericity": np.cbrt(36 * np.pi * volume**2) / area,
            "SurfaceArea": area,
            "SurfaceVolumeRatio": area / volume if volume else np.nan,
            "VoxelVolume": np.count_nonzero(inside) * (spacing[0] * spacing[2] * spacing[1]),
        }
    return {name: float(value) for name, value in found.items()}


def cut(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The bounding box of a mask of two or three axes.

    Raises:
        DataError: the mask is empty.
    """
    if not mask.any():
        raise DataError("the mask is empty", "check the mask and its label")
    if mask.ndim == 3:
        return np.ascontiguousarray(mask[bounding_box(mask)])
    return np.ascontiguousarray(mask[bounding_box(mask[None])[1:]])


def axis_variances(mask: NDArray[np.bool_], spacing: tuple[float, ...]) -> NDArray[np.float64]:
    """Variances (mm²) of the voxel centres along their principal axes, smallest first; nan where below zero.

    Whole numbers are summed without rounding. Of a flat region this leaves out what rounding does to pyradiomics'
    sums, a variance of 1e-17 in place of 0, which under a square root becomes 1e-8: there the sums are pyradiomics'.
    """
    steps = np.array(spacing, dtype=np.float64)
    found = np.asarray(np.linalg.eigvalsh(_exact_covariance(mask, steps)), dtype=np.float64)
    if found[0] < FLAT * found[-1] or not found[-1]:
        found = np.asarray(np.linalg.eigvals(_rounded_covariance(mask, steps)).real, dtype=np.float64)
    found = np.sort(np.where((found < 0) & (found > -ROUNDED_TO_ZERO), 0.0, found))
    return np.where(found < 0, np.nan, found)


def _exact_covariance(mask: NDArray[np.bool_], spacing: NDArray[np.float64]) -> NDArray[np.float64]:
    """Covariance of the voxel centres from sums of whole numbers."""
    where = np.array(np.nonzero(mask), dtype=np.float64)
    count = where.shape[1]
    where -= np.rint(where.mean(axis=1))[:, None]
    total = where.sum(axis=1)
    covariance = (where @ where.T - np.outer(total, total) / count) / count
    return np.asarray(covariance * np.outer(spacing, spacing))


def _rounded_covariance(mask: NDArray[np.bool_], spacing: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same with pyradiomics' rounding: voxels counted from one outside the box, in the order of the array."""
    where = (np.array(np.nonzero(mask)).T + 1) * spacing
    where -= where.mean(axis=0)
    where /= np.sqrt(len(where))
    return np.asarray(where.T.copy() @ where)


def _longest(mask: NDArray[np.bool_], spacing: tuple[float, float, float]) -> float:
    """Largest distance (mm) between two vertices.

    It joins opposite faces of two voxels: as far apart as their centres, and one voxel further along one axis.
    """
    steps = np.array(spacing, dtype=float)
    corners = _corners(mask) * steps
    squares = np.einsum("ij,ij->i", corners, corners)
    apart = squares[:, None] + squares - 2 * (corners @ corners.T)
    enough = max(np.sqrt(max(apart.max(), 0.0)) - steps.max(), 0.0) ** 2 * (1 - 1e-9)
    one, two = np.divmod(np.flatnonzero(apart >= enough), len(corners))
    return _longest_by_one(np.abs(corners[one] - corners[two]), steps)


def _longest_by_one(between: NDArray[np.float64], steps: NDArray[np.float64]) -> float:
    """Length of the longest of some vectors, each one step longer along one axis, whichever.

    Args:
        between: absolute components, shape (n, d).
        steps: voxel size, shape (d,).
    """
    squares = between**2
    longer = (between + steps) ** 2
    return float(np.sqrt((squares.sum(axis=1, keepdims=True) - squares + longer).max()))


def _corners(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Voxels (z, y, x) among which are all corners of the convex hull, shape (n, 3): few of all voxels.

    A row reaches from its first to its last voxel. One that ends no further out than halfway between the ends of
    two rows at equal distances on both sides has no corner at that end.
    """
    first, last = _row_ends(mask)
    ends = np.stack([-first, last])
    side, z, y = np.nonzero(_may_be_corners(ends))
    x = np.abs(ends[side, z, y])
    return np.stack([z, y, x], axis=1)


def _may_be_corners(ends: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Rows that end further out than halfway between neighbours, at one or several distances.

    Args:
        ends: how far out, by side, z and y; `-FAR` where there is no voxel.
    """
    kept = ends > -FAR
    twice = 2 * ends
    _, height, width = ends.shape
    for distance in DISTANCES if ends.size > MANY else DISTANCES[:1]:
        for dz, dy in STEPS:
            z, y = dz * distance, abs(dy) * distance
            low, high = (slice(0, -2 * y or None), slice(2 * y, None))[:: -1 if dy < 0 else 1]
            if height > 2 * z and width > 2 * y:
                inner = np.s_[:, z : height - z, y : width - y]
                around = ends[:, : height - 2 * z, low] + ends[:, 2 * z :, high]
                kept[inner] &= around < twice[inner]
    return kept


def _row_ends(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """First and last voxel of every row along the last axis; of an empty row `FAR` and `-FAR`."""
    first = mask.argmax(axis=-1).astype(np.int32)
    last = (mask.shape[-1] - 1 - mask[..., ::-1].argmax(axis=-1)).astype(np.int32)
    empty = ~mask.any(axis=-1)
    first[empty], last[empty] = FAR, -FAR
    return first, last


def longest_in_planes(mask: NDArray[np.bool_], row_step: float, voxel_step: float) -> float:
    """Largest distance (mm) between two vertices in one plane.

    Planes of vertices lie in the planes of voxels (the first axis) and halfway between them, where a voxel and its
    neighbour in the next plane differ. In the former they are on the faces of voxels, so the longest is a voxel
    longer than the way between centres, across rows or along them; in the latter they are in line with centres.

    Args:
        mask: shape (planes, rows, voxels); at least one voxel.
        row_step: mm from row to row.
        voxel_step: mm from voxel to voxel.
    """
    first, last = _row_ends(np.concatenate([mask, mask[1:] ^ mask[:-1]]))
    count, rows = mask.shape[:2]
    apart = np.stack([_furthest(first[:count], last[:count]), _furthest(first[count:], last[count:])])
    np.maximum(apart, apart.transpose(0, 2, 1), out=apart)
    along = apart * voxel_step
    across = np.abs(np.subtract.outer(np.arange(rows), np.arange(rows))) * row_step
    squares = across**2 + along**2
    squares[0] += np.maximum(
        (2 * row_step) * across + row_step**2, (2 * voxel_step) * along[0] + voxel_step**2
    )
    squares[apart < 0] = 0  # no plane has voxels in both rows
    return float(np.sqrt(squares.max()))


def _furthest(first: NDArray[np.int32], last: NDArray[np.int32]) -> NDArray[np.int32]:
    """How far the end of one row lies beyond the start of another at most, over all planes; shape (rows, rows)."""
    rows = first.shape[1]
    many = max(AT_ONCE // rows**2, 1)
    found = np.full((rows, rows), -FAR, dtype=np.int32)
    for start in range(0, len(first), many):
        along = last[start : start + many, :, None] - first[start : start + many, None, :]
        np.maximum(found, along.max(axis=0), out=found)
    return found
