"""Grey level size zones: connected voxels of one level.

Definition: pyradiomics 3.0.1, class `RadiomicsGLSZM`, every feature under its name; voxels that share a corner are
connected (26 neighbours, 8 in a plane).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from radcompare.radiomics.native.levels import Levels, directions, sides
from radcompare.radiomics.native.size_matrix import SizeMatrix


def features(region: Levels, settings: Mapping[str, Any]) -> dict[str, float]:
    """The 16 features of size zones.

    Args:
        region: its grey levels.
        settings: `force2D`, `force2Ddimension`.
    """
    matrix = _matrix(region, *zones(region, settings))
    total = matrix.total
    found = {
        "GrayLevelNonUniformity": matrix.level_non_uniformity(),
        "GrayLevelNonUniformityNormalized": matrix.level_non_uniformity() / total,
        "GrayLevelVariance": matrix.level_variance(),
        "HighGrayLevelZoneEmphasis": matrix.of_levels(2),
        "LargeAreaEmphasis": matrix.of_sizes(2),
        "LargeAreaHighGrayLevelEmphasis": matrix.of_both(2, 2),
        "LargeAreaLowGrayLevelEmphasis": matrix.of_both(-2, 2),
        "LowGrayLevelZoneEmphasis": matrix.of_levels(-2),
        "SizeZoneNonUniformity": matrix.size_non_uniformity(),
        "SizeZoneNonUniformityNormalized": matrix.size_non_uniformity() / total,
        "SmallAreaEmphasis": matrix.of_sizes(-2),
        "SmallAreaHighGrayLevelEmphasis": matrix.of_both(2, -2),
        "SmallAreaLowGrayLevelEmphasis": matrix.of_both(-2, -2),
        "ZoneEntropy": matrix.entropy(),
        "ZonePercentage": total / matrix.voxels(),
        "ZoneVariance": matrix.size_variance(),
    }
    return {name: float(values[0]) for name, values in found.items()}


def zones(region: Levels, settings: Mapping[str, Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rank of the level (from 1) and the size in voxels of every zone."""
    ranks = region.ranks
    node = np.cumsum(ranks.ravel() > 0).reshape(ranks.shape) - 1
    pairs = []
    for step in directions(ranks.shape, settings):
        here, there = sides(step)
        equal = (ranks[here] == ranks[there]) & (ranks[here] > 0)
        pairs.append((node[here][equal], node[there][equal]))
    levels = ranks[ranks > 0]
    if not pairs:
        return levels, np.ones(len(levels), np.int64)
    first, second = (np.concatenate(side) for side in zip(*pairs, strict=True))
    edges = coo_array((np.ones(len(first), np.bool_), (first, second)), shape=(len(levels), len(levels)))
    count, zone = connected_components(edges, directed=False)
    level = np.empty(count, np.int64)
    level[zone] = levels
    return level, np.bincount(zone)


def _matrix(region: Levels, level: NDArray[np.int64], size: NDArray[np.int64]) -> SizeMatrix:
    sizes, column = np.unique(size, return_inverse=True)
    levels = region.present.astype(np.float64)
    cells = np.bincount((level - 1) * len(sizes) + column.ravel(), minlength=len(levels) * len(sizes))
    counts = cells.reshape(len(levels), len(sizes), 1).astype(np.float64)
    return SizeMatrix(counts, levels, sizes.astype(np.float64))
