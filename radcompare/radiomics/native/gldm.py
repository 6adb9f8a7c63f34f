"""Grey level dependence: how many neighbours of a voxel have its level, or nearly.

Definition: pyradiomics 3.0.1, class `RadiomicsGLDM`, every feature that is not deprecated, under its name; the voxel
itself counts as one.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.radiomics.native.levels import Levels
from radcompare.radiomics.native.neighbours import Neighbours
from radcompare.radiomics.native.size_matrix import SizeMatrix


def features(region: Levels, settings: Mapping[str, Any]) -> dict[str, float]:
    """The 14 features of dependence.

    Args:
        region: its grey levels.
        settings: `distances` ([1]), `gldm_a` (0, by how much levels may differ), `force2D`, `force2Ddimension`.
    """
    matrix = _matrix(region, *dependences(region, settings))
    total = matrix.total
    found = {
        "DependenceEntropy": matrix.entropy(),
        "DependenceNonUniformity": matrix.size_non_uniformity,
        "DependenceNonUniformityNormalized": matrix.size_non_uniformity / total,
        "DependenceVariance": matrix.size_variance(),
        "GrayLevelNonUniformity": matrix.level_non_uniformity,
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


def dependences(
    region: Levels, settings: Mapping[str, Any]
) -> tuple[NDArray[np.unsignedinteger], NDArray[np.intp]]:
    """Of every voxel inside: the rank of its level, from 1, and how many voxels depend on it, itself included."""
    around = region.neighbours(settings, settings.get("distances", (1,)))
    alpha = int(settings.get("gldm_a", 0))
    alike = _alike(region, around, alpha) if alpha else around.equal
    return around.here[around.inside], around.both_ways(alike)[around.inside].astype(np.intp) + 1


def _alike(region: Levels, around: Neighbours, alpha: int) -> NDArray[np.bool_]:
    """Whether a voxel's level and its neighbour's, both inside, differ by no more than alpha; (steps, size)."""
    level = np.concatenate([[-alpha - 1], region.present])[around.line]  # outside: too far from every level
    found = np.empty((len(around.steps), around.size), np.bool_)
    for row, offset in zip(found, around.offsets.tolist(), strict=True):
        row[:] = np.abs(level[: around.size] - level[offset : offset + around.size]) <= alpha
    found &= around.here > 0
    return found


def _matrix(region: Levels, rank: NDArray[np.unsignedinteger], dependence: NDArray[np.intp]) -> SizeMatrix:
    levels, most = len(region.present), int(dependence.max())
    cells = np.bincount(rank.astype(np.intp) * (most + 1) + dependence, minlength=(levels + 1) * (most + 1))
    counts = cells.reshape(1, levels + 1, most + 1)[:, 1:]
    used = np.flatnonzero(counts.any(axis=(0, 1)))
    return SizeMatrix(
        counts[:, :, used].astype(np.float64), region.present.astype(np.float64), used.astype(np.float64)
    )
