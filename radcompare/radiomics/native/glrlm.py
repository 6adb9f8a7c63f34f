"""Grey level run lengths: how many voxels of one level follow one another in a direction.

Definition: pyradiomics 3.0.1, class `RadiomicsGLRLM`, every feature that is not deprecated, under its name: averaged
over directions, or of their weighted sum.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.radiomics.native.levels import Direction, Levels, directions, weights_of
from radcompare.radiomics.native.size_matrix import SizeMatrix

OUTSIDE, FRAME = 0, -1
"""Voxels outside the region, and beyond the grid."""


def features(region: Levels, settings: Mapping[str, Any]) -> dict[str, float]:
    """The 16 features of run lengths.

    Args:
        region: its grey levels.
        settings: `weightingNorm` (None), `force2D`, `force2Ddimension`.
    """
    steps = directions(region.grid.shape, settings)
    matrix = _weighted(counts(region, steps), steps, region, settings.get("weightingNorm"))
    with np.errstate(all="ignore"):
        return _of_matrix(matrix)


def _of_matrix(matrix: SizeMatrix) -> dict[str, float]:
    total = matrix.total
    found = {
        "GrayLevelNonUniformity": matrix.level_non_uniformity(),
        "GrayLevelNonUniformityNormalized": matrix.level_non_uniformity() / total,
        "GrayLevelVariance": matrix.level_variance(),
        "HighGrayLevelRunEmphasis": matrix.of_levels(2),
        "LongRunEmphasis": matrix.of_sizes(2),
        "LongRunHighGrayLevelEmphasis": matrix.of_both(2, 2),
        "LongRunLowGrayLevelEmphasis": matrix.of_both(-2, 2),
        "LowGrayLevelRunEmphasis": matrix.of_levels(-2),
        "RunEntropy": matrix.entropy(),
        "RunLengthNonUniformity": matrix.size_non_uniformity(),
        "RunLengthNonUniformityNormalized": matrix.size_non_uniformity() / total,
        "RunPercentage": total / matrix.voxels(),
        "RunVariance": matrix.size_variance(),
        "ShortRunEmphasis": matrix.of_sizes(-2),
        "ShortRunHighGrayLevelEmphasis": matrix.of_both(2, -2),
        "ShortRunLowGrayLevelEmphasis": matrix.of_both(-2, -2),
    }
    if not len(total):
        return dict.fromkeys(found, float("nan"))
    return {name: float(values.mean()) for name, values in found.items()}


def counts(region: Levels, steps: Sequence[Direction]) -> NDArray[np.float64]:
    """Runs of every level, length (from 1) and direction; shape (levels, longest side, steps)."""
    levels, longest = len(region.present), max(region.grid.shape)
    framed = np.pad(np.where(region.ranks > 0, region.ranks, OUTSIDE), 1, constant_values=FRAME)
    found = np.empty((levels, longest, len(steps)))
    for number, step in enumerate(steps):
        level, length = _runs(framed, step)
        cells = np.bincount((level - 1) * longest + length - 1, minlength=levels * longest)
        found[:, :, number] = cells.reshape(levels, longest)
    return found


def _runs(framed: NDArray[np.int64], step: Direction) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Level and length of every run of equal levels above 0 along a step.

    In a grid with a frame around it a step in space is always the same step in memory. Read with that step, one
    residue after the other, every line is in one piece, and the frame parts it from the next.
    """
    flat = framed.ravel()
    stride = int(np.dot(step, np.array(framed.strides) // framed.itemsize))
    rows = -(-flat.size // stride)
    padded = np.full(rows * stride, FRAME, flat.dtype)
    padded[: flat.size] = flat
    lines = padded.reshape(rows, stride).T.ravel()
    edges = np.flatnonzero(lines[1:] != lines[:-1]) + 1  # the first and the last value are of the frame
    level, length = lines[edges[:-1]], np.diff(edges)
    inside = level > 0
    level, length = level[inside], length[inside]
    return (level, length) if _any_line_of_two(lines, length) else (level[:0], length[:0])


def _any_line_of_two(lines: NDArray[np.int64], length: NDArray[np.int64]) -> bool:
    """Whether a line meets the region twice, perhaps with a gap; a direction without such a line does not count."""
    if (length > 1).any():
        return True
    line = np.cumsum(lines == FRAME)[lines > 0]
    return bool((line[1:] == line[:-1]).any())


def _weighted(
    runs: NDArray[np.float64], steps: Sequence[Direction], region: Levels, norm: str | None
) -> SizeMatrix:
    """The matrix of every direction, or of all with weights; only lengths that occur."""
    if norm is not None:
        runs = (runs * weights_of(steps, region.spacing, norm)).sum(axis=2, keepdims=True)
    elif runs.shape[2] > 1:
        runs = runs[:, :, runs.any(axis=(0, 1))]
    used = np.flatnonzero(runs.any(axis=(0, 2)))
    sizes = used.astype(np.float64) + 1
    return SizeMatrix(np.ascontiguousarray(runs[:, used]), region.present.astype(np.float64), sizes)
