"""Neighbourhood grey tone difference: how far a voxel's level is from the mean of its neighbours.

Definition: pyradiomics 3.0.1, class `RadiomicsNGTDM`, every feature under its name. Conventions there and here: a
region without any difference has Coarseness 1000000, and Busyness, Contrast and Strength 0.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.radiomics.native.levels import Levels, directions, sides

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
    inside = grid > 0
    sums, neighbours = np.zeros(grid.shape, np.int64), np.zeros(grid.shape, np.int64)
    for step in directions(grid.shape, settings, settings.get("distances", (1,))):
        here, there = sides(step)
        sums[here] += grid[there]
        sums[there] += grid[here]
        neighbours[here] += inside[there]
        neighbours[there] += inside[here]
    level, count = grid[inside], neighbours[inside]
    away = np.where(count > 0, np.abs(level - sums[inside] / np.maximum(count, 1)), 0.0)
    n, s = np.bincount(level), np.bincount(level, away)
    return (
        n[region.present].astype(np.float64),
        s[region.present].astype(np.float64),
        region.present.astype(np.float64),
    )
