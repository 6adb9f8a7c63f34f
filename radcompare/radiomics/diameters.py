"""The two diameters a radiologist measures: the longest in an axial slice, and the extent across it."""

import numpy as np
from numpy.typing import NDArray

from radcompare.radiomics.patch import Patch
from radcompare.radiomics.solid import ROUNDING, neighbours


def slice_diameters(patch: Patch) -> tuple[float, float]:
    """Longest diameter (RECIST 1.1) and short axis (the WHO cross diameter) over the axial slices, in mm.

    The outline of a slice passes through the points halfway between a pixel inside and one outside, as in
    pyradiomics' mesh. The short axis is the extent of that slice's outline across the longest diameter. Where
    several diameters are equally long, the one with the largest extent across counts, so that mirroring
    or turning the image changes nothing.
    """
    each = [_diameters(outline) for outline in _outlines(patch)]
    longest = max(diameter for diameter, _ in each)
    return longest, max(across for diameter, across in each if diameter >= longest * (1 - ROUNDING))


def _outlines(patch: Patch) -> list[NDArray[np.float64]]:
    """Outline points (y, x) in mm of every slice that the mask enters."""
    spacing = np.array(patch.spacing[1:])
    points: list[list[NDArray[np.float64]]] = [[] for _ in patch.mask]
    for axis, side, inside in neighbours(patch.mask, outside=False, planar=True):
        exposed = patch.mask & ~inside
        for index in np.flatnonzero(exposed.any(axis=(1, 2))):
            edges = np.argwhere(exposed[index]) * spacing
            edges[:, axis - 1] += side * spacing[axis - 1] / 2
            points[index].append(edges)
    return [np.concatenate(parts) for parts in points if parts]


def _diameters(outline: NDArray[np.float64]) -> tuple[float, float]:
    """Largest distance between two points, and the largest extent across a pair that far apart."""
    from scipy.spatial import ConvexHull

    hull = outline[ConvexHull(outline).vertices]
    between = hull[:, None] - hull[None]
    distances = np.hypot(between[..., 0], between[..., 1])
    longest = float(distances.max())
    directions = between[np.triu(distances >= longest * (1 - ROUNDING))] / longest
    across = hull @ np.stack([-directions[:, 1], directions[:, 0]])
    return longest, float(np.ptp(across, axis=0).max())
