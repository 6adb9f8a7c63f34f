"""Grey level run lengths: how many voxels of one level follow one another in a direction.

Definition: pyradiomics 3.0.1, class `RadiomicsGLRLM`, every feature that is not deprecated, under its name: averaged
over directions, or of their weighted sum.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.radiomics.native.levels import Levels, weights_of
from radcompare.radiomics.native.neighbours import Neighbours
from radcompare.radiomics.native.size_matrix import SizeMatrix


def features(region: Levels, settings: Mapping[str, Any]) -> dict[str, float]:
    """The 16 features of run lengths.

    Args:
        region: its grey levels.
        settings: `weightingNorm` (None), `force2D`, `force2Ddimension`.
    """
    around = region.neighbours(settings)
    matrix = _weighted(counts(region, around), around, region, settings.get("weightingNorm"))
    with np.errstate(all="ignore"):
        return _of_matrix(matrix)


def _of_matrix(matrix: SizeMatrix) -> dict[str, float]:
    total = matrix.total
    found = {
        "GrayLevelNonUniformity": matrix.level_non_uniformity,
        "GrayLevelNonUniformityNormalized": matrix.level_non_uniformity / total,
        "GrayLevelVariance": matrix.level_variance(),
        "HighGrayLevelRunEmphasis": matrix.of_levels(2),
        "LongRunEmphasis": matrix.of_sizes(2),
        "LongRunHighGrayLevelEmphasis": matrix.of_both(2, 2),
        "LongRunLowGrayLevelEmphasis": matrix.of_both(-2, 2),
        "LowGrayLevelRunEmphasis": matrix.of_levels(-2),
        "RunEntropy": matrix.entropy(),
        "RunLengthNonUniformity": matrix.size_non_uniformity,
        "RunLengthNonUniformityNormalized": matrix.size_non_uniformity / total,
        "RunPercentage": total / matrix.voxels(),
        "RunVariance": matrix.size_variance(),
        "ShortRunEmphasis": matrix.of_sizes(-2),
        "ShortRunHighGrayLevelEmphasis": matrix.of_both(2, -2),
        "ShortRunLowGrayLevelEmphasis": matrix.of_both(-2, -2),
    }
    if not len(total):
        return dict.fromkeys(found, float("nan"))
    return {name: float(values.mean()) for name, values in found.items()}


def counts(region: Levels, around: Neighbours) -> NDArray[np.float64]:
    """Runs of every level and length (from 1) in every direction; shape (directions, levels, longest run)."""
    levels, steps = len(region.present), len(around.steps)
    equal = around.equal
    starts = equal.copy()
    for row, same, offset in zip(starts, equal, around.offsets.tolist(), strict=True):
        row[offset:] &= ~same[:-offset]
    direction, at = around.where(starts)
    cell = direction * levels + around.line[at] - 1
    place, stride = direction * around.size + at, around.offsets[direction]
    # How many runs are longer than 1 voxel, than 2, and so on: those are followed whose next step is equal too.
    longer = []
    ahead = equal.ravel()
    while len(place):
        longer.append(np.bincount(cell, minlength=steps * levels))
        place = place + stride
        goes_on = np.flatnonzero(ahead[place])
        place, stride, cell = place[goes_on], stride[goes_on], cell[goes_on]
    found = np.zeros((len(longer) + 1, steps, levels))
    if longer:
        found[1:] = np.reshape(longer, (-1, steps, levels))
        found[1:-1] -= found[2:]
    lengths = np.arange(1.0, len(found) + 1)
    found[0] = region.counts - np.tensordot(lengths, found, axes=1)
    return np.asarray(found.transpose(1, 2, 0))


def _weighted(runs: NDArray[np.float64], around: Neighbours, region: Levels, norm: str | None) -> SizeMatrix:
    """The matrix of every direction that counts, or of all with weights; only lengths that occur."""
    kept = np.asarray(around.equal.any(axis=1))
    for number in np.flatnonzero(~kept):
        kept[number] = _meets_twice(around, int(number))
    runs = runs[kept]
    if norm is not None:
        steps = [step for step, keep in zip(around.steps, kept, strict=True) if keep]
        runs = np.tensordot(weights_of(steps, region.spacing, norm), runs, axes=1)[None]
    used = np.flatnonzero(runs.any(axis=(0, 1)))
    return SizeMatrix(runs[:, :, used], region.present.astype(np.float64), (used + 1).astype(np.float64))


def _meets_twice(around: Neighbours, number: int) -> bool:
    """Whether a line in a direction meets the region twice, with a gap; directions without do not count."""
    step = around.steps[number]
    where = np.nonzero(around.here.reshape(around.shape))
    along = next(axis for axis, length in enumerate(step) if length)
    # Lines are told apart by where they would meet the plane that is the first along that axis.
    feet = [where[axis] - step[axis] * where[along] for axis in range(3) if axis != along]
    lines = np.unique(np.stack(feet), axis=1).shape[1]
    return bool(lines < len(where[0]))
