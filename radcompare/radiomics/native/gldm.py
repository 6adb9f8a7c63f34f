"""Grey level dependence: how many neighbours of a voxel have its level, or nearly.

Definition: pyradiomics 3.0.1, class `RadiomicsGLDM`, every feature that is not deprecated, under its name; the voxel
itself counts as one.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.radiomics.native.levels import Levels, directions, sides
from radcompare.radiomics.native.size_matrix import SizeMatrix


def features(region: Levels, settings: Mapping[str, Any]) -> dict[str, float]:
    """The 14 features of dependence.

    Args:
        region: its grey levels.
        settings: `distances` ([1]), `gldm_a` (0, by how much levels may differ), `force2D`, `force2Ddimension`.
    """
    matrix = _matrix(region, dependences(region, settings))
    total = matrix.total
    found = {
        "DependenceEntropy": matrix.entropy(),
        "DependenceNonUniformity": matrix.size_non_uniformity(),
        "DependenceNonUniformityNormalized": matrix.size_non_uniformity() / total,
        "DependenceVariance": matrix.size_variance(),
        "GrayLevelNonUniformity": matrix.level_non_uniformity(),
        "GrayLevelVariance": matrix.level_variance(),
        "HighGrayLevelEmphasis": matrix.of_levels(2),
        "LargeDependenceEmphasis": matrix.of_sizes(2),
        "LargeDependenceHighGrayLevelEmphasis": matrix.of_both(2, 2),
        "LargeDependenceLowGrayLevelEmphasis": matrix.of_both(-2, 2),
        "LowGrayLevelEmphasis": matrix.of_levels(-2),
        "SmallDependenceEmphasis": matrix.of_sizes(-2),
        "SmallDependenceHighGrayLevelEmphasis": matrix.of_both(2, -2),
        "SmallDependenceLowGrayLevelEmphasis": matrix.of_both(-2, -2),
    }
    return {name: float(values[0]) for name, values in found.items()}


def dependences(region: Levels, settings: Mapping[str, Any]) -> NDArray[np.int64]:
    """The number of dependent voxels of every voxel, itself included; the shape of the grid, 0 outside."""
    grid = region.grid
    inside = grid > 0
    alpha = int(settings.get("gldm_a", 0))
    found = inside.astype(np.int64)
    for step in directions(grid.shape, settings, settings.get("distances", (1,))):
        here, there = sides(step)
        if alpha:
            alike = (np.abs(grid[here] - grid[there]) <= alpha) & inside[here] & inside[there]
        else:
            alike = (grid[here] == grid[there]) & inside[here]
        found[here] += alike
        found[there] += alike
    return found


def _matrix(region: Levels, dependence: NDArray[np.int64]) -> SizeMatrix:
    inside = dependence > 0
    most = int(dependence.max())
    levels = region.present.astype(np.float64)
    cells = (region.ranks[inside] - 1) * most + dependence[inside] - 1
    counts = np.bincount(cells, minlength=len(levels) * most).reshape(len(levels), most)
    used = np.flatnonzero(counts.any(axis=0))
    return SizeMatrix(counts[:, used, None].astype(np.float64), levels, used.astype(np.float64) + 1)
