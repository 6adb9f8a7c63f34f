"""Grey level size zones: connected voxels of one level.

Definition: pyradiomics 3.0.1, class `RadiomicsGLSZM`, every feature under its name; voxels that share a corner are
connected (26 neighbours, 8 in a plane).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.radiomics.native.levels import Levels
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
        "GrayLevelNonUniformity": matrix.level_non_uniformity,
        "GrayLevelNonUniformityNormalized": matrix.level_non_uniformity / total,
        "GrayLevelVariance": matrix.level_variance(),
        "HighGrayLevelZoneEmphasis": matrix.of_levels(2),
        "LargeAreaEmphasis": matrix.of_sizes(2),
        "LargeAreaHighGrayLevelEmphasis": matrix.of_both(2, 2),
        "LargeAreaLowGrayLevelEmphasis": matrix.of_both(-2, 2),
        "LowGrayLevelZoneEmphasis": matrix.of_levels(-2),
        "SizeZoneNonUniformity": matrix.size_non_uniformity,
        "SizeZoneNonUniformityNormalized": matrix.size_non_uniformity / total,
        "SmallAreaEmphasis": matrix.of_sizes(-2),
        "SmallAreaHighGrayLevelEmphasis": matrix.of_both(2, -2),
        "SmallAreaLowGrayLevelEmphasis": matrix.of_both(-2, -2),
        "ZoneEntropy": matrix.entropy(),
        "ZonePercentage": total / matrix.voxels(),
        "ZoneVariance": matrix.size_variance(),
    }
    return {name: float(values[0]) for name, values in found.items()}


def zones(region: Levels, settings: Mapping[str, Any]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The rank of the level (from 1) and the size in voxels of every zone."""
    around = region.neighbours(settings)
    step, at = around.where(around.equal)
    first = joined(around.size, at, at + around.offsets[step])
    size = np.bincount(first[around.inside], minlength=around.size)
    zone = np.flatnonzero(size)
    return around.line[zone].astype(np.intp), size[zone]


def joined(count: int, one: NDArray[np.intp], two: NDArray[np.intp]) -> NDArray[np.intp]:
    """Connected components: of every node, the lowest node that it is connected to.

    Of two components that an edge joins the higher is hung under the lower, of all edges at once; what is left is
    joined in the next round.

    Args:
        count: of nodes, which are numbered from 0.
        one, two: the ends of every edge.
    """
    every = np.arange(count)
    above = every.copy()
    while len(one):
        higher = np.maximum(one, two)
        above[higher] = np.minimum(one, two)
        _shorten(above, higher if len(higher) < count else every)
        one, two = above[one], above[two]
        apart = np.flatnonzero(one != two)
        one, two = one[apart], two[apart]
    _shorten(above, every)
    return above


def _shorten(above: NDArray[np.intp], nodes: NDArray[np.intp]) -> None:
    """Let nodes point to the top of their chains."""
    now = above[nodes]
    while True:
        top = above[now]
        if np.array_equal(top, now):
            return
        above[nodes] = now = top


def _matrix(region: Levels, rank: NDArray[np.intp], size: NDArray[np.intp]) -> SizeMatrix:
    sizes, column = np.unique(size, return_inverse=True)
    levels = region.present.astype(np.float64)
    cells = np.bincount((rank - 1) * len(sizes) + column.ravel(), minlength=len(levels) * len(sizes))
    counts = cells.reshape(1, len(levels), len(sizes)).astype(np.float64)
    return SizeMatrix(counts, levels, sizes.astype(np.float64))
