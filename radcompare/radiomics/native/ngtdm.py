"""Neighbourhood grey tone difference: how far a voxel's level is from the mean of its neighbours.

Definition: pyradiomics 3.0.1, class `RadiomicsNGTDM`, every feature under its name. Conventions there and here: a
region without any difference has Coarseness 1000000, and Busyness, Contrast and Strength 0.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.radiomics.native.levels import Ints, Levels

Floats = NDArray[np.float64]
NAMES = ("Busyness", "Coarseness", "Complexity", "Contrast", "Strength")
COARSEST = 1e6


def features(region: Levels, settings: Mapping[str, Any]) -> dict[str, float]:
    """The 5 features of grey tone difference.

    Args:
        region: its grey levels.
        settings: `distances` ([1]), `force2D`, `force2Ddimension`.
    """
    n, s, level = differences(region, settings)
    voxels = float(n.sum())
    p = n / voxels
    coarse = float((p * s).sum())
    levels = len(p)
    gap = level[:, None] - level[None, :]
    weighted = level * p
    spread = float(np.abs(weighted[:, None] - weighted[None, :]).sum())
    contrast = float((p[:, None] * p[None, :] * gap**2).sum()) * float(s.sum()) / voxels
    shares = p[:, None] + p[None, :]
    ps = p * s
    complexity = float((np.abs(gap) * (ps[:, None] + ps[None, :]) / shares).sum()) / voxels
    strength = float((shares * gap**2).sum())
    total = float(s.sum())
    found = (
        coarse / spread if spread else 0.0,
        1 / coarse if coarse else COARSEST,
        complexity,
        contrast / (levels * (levels - 1)) if levels > 1 else 0.0,
        strength / total if total else 0.0,
    )
    return dict(zip(NAMES, found, strict=True))


def differences(region: Levels, settings: Mapping[str, Any]) -> tuple[Floats, Floats, Floats]:
    """Of every level: how many voxels, the sum of their differences (0 without a neighbour), and the level."""
    grid = region.grid
    flat = settings.get("force2Ddimension", 0) if settings.get("force2D", False) else None
    axes = [axis for axis in range(3) if axis != flat]
    distances = set(settings.get("distances", (1,)))
    inside = grid > 0
    level = grid[inside]
    total = _around(grid, distances, axes)[inside]
    count = _around(inside.astype(np.int64), distances, axes)[inside]
    away = np.where(count > 0, np.abs(level - total / np.maximum(count, 1)), 0.0)
    difference = np.asarray(np.bincount(level, away)[region.present], dtype=np.float64)
    return region.counts.astype(np.float64), difference, region.present.astype(np.float64)


def _around(grid: Ints, distances: Collection[int], axes: Sequence[int]) -> Ints:
    """The sum over all voxels whose furthest axis is one of some distances away: boxes less the boxes in them."""
    found = np.zeros_like(grid)
    for distance in distances:
        found += _box_sum(grid, distance, axes)
        found -= _box_sum(grid, distance - 1, axes)
    return found


def _box_sum(grid: Ints, reach: int, axes: Sequence[int]) -> Ints:
    """The sum over the box that reaches so far along some axes, one axis after the other."""
    for axis in axes if reach else ():
        total = grid.copy()
        for step in range(1, min(reach, grid.shape[axis] - 1) + 1):
            low = (slice(None),) * axis + (slice(None, -step),)
            high = (slice(None),) * axis + (slice(step, None),)
            total[low] += grid[high]
            total[high] += grid[low]
        grid = total
    return grid
