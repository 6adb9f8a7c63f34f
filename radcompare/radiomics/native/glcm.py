"""Grey level co-occurrence: how often two levels are neighbours.

Definition: pyradiomics 3.0.1, class `RadiomicsGLCM`, every feature that is not deprecated, under its name: features
are computed for every direction and averaged, or, with a weighting norm, of the weighted sum of all directions.
Conventions there and here: a flat region has Correlation 1, Imc1 and Imc2 0 and MCC 1; logarithms have 2.2e-16 added.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.radiomics.native.levels import Direction, Levels, directions, sides, weights_of

Floats = NDArray[np.float64]
EPS = float(np.spacing(1))
NAMES = (
    *("Autocorrelation", "ClusterProminence", "ClusterShade", "ClusterTendency", "Contrast", "Correlation"),
    *(
        "DifferenceAverage",
        "DifferenceEntropy",
        "DifferenceVariance",
        "Id",
        "Idm",
        "Idmn",
        "Idn",
        "Imc1",
        "Imc2",
    ),
    *(
        "InverseVariance",
        "JointAverage",
        "JointEnergy",
        "JointEntropy",
        "MCC",
        "MaximumProbability",
        "SumAverage",
    ),
    *("SumEntropy", "SumSquares"),
)


def features(
    region: Levels, settings: Mapping[str, Any], wanted: Collection[str] = NAMES
) -> dict[str, float]:
    """The features of co-occurrence that are wanted, of 24.

    Where no voxel has a neighbour all are missing but MCC of a flat region.

    Args:
        region: its grey levels.
        settings: `distances` ([1]), `symmetricalGLCM` (True), `weightingNorm` (None), `force2D`,
            `force2Ddimension`.
        wanted: their names; MCC takes longer than all others.
    """
    joint = normalised(region, settings)
    if not joint.shape[2]:
        flat = {"MCC": 1.0} if len(joint) == 1 else {}
        return {name: flat.get(name, float("nan")) for name in NAMES if name in wanted}
    with np.errstate(all="ignore"):
        values = _of_angles(joint, region)
        if "MCC" in wanted:
            values["MCC"] = _mcc(joint)
        return {name: _mean(values[name]) for name in NAMES if name in wanted}


def normalised(region: Levels, settings: Mapping[str, Any]) -> Floats:
    """The matrix of every direction that has a pair, each of sum 1; shape (levels, levels, directions)."""
    steps = directions(region.grid.shape, settings, settings.get("distances", (1,)))
    joint = counts(region, steps)
    if settings.get("symmetricalGLCM", True):
        joint += joint.transpose(1, 0, 2).copy()
    norm = settings.get("weightingNorm")
    if norm is not None:
        joint = (joint * _weights(steps, region.spacing, norm)).sum(axis=2, keepdims=True)
    sums = joint.sum(axis=(0, 1))
    kept = sums > 0
    return np.asarray(np.ascontiguousarray(joint[:, :, kept]) / sums[kept])


def counts(region: Levels, steps: Sequence[Direction]) -> Floats:
    """How often level i has level j as its neighbour at each step; shape (levels, levels, steps)."""
    size = len(region.present) + 1
    ranks = region.ranks
    found = np.empty((size - 1, size - 1, len(steps)))
    scaled = ranks * size
    for number, step in enumerate(steps):
        here, there = sides(step)
        pairs = np.bincount((scaled[here] + ranks[there]).ravel(), minlength=size * size)
        found[:, :, number] = pairs.reshape(size, size)[1:, 1:]
    return found


def _weights(steps: Sequence[Direction], spacing: Sequence[float], norm: str) -> Floats:
    """Weights that fall with the square of a step's length; 1 for `no_weighting`."""
    if norm == "no_weighting":
        return np.ones(len(steps))
    return np.asarray(np.exp(-(weights_of(steps, spacing, norm) ** 2)))


def _of_angles(joint: Floats, region: Levels) -> dict[str, Floats]:
    """Every feature but MCC of every direction, shape (directions,)."""
    level = region.present.astype(np.float64)
    highest = region.highest
    i, j = level[:, None, None], level[None, :, None]
    px, py = joint.sum(axis=1, keepdims=True), joint.sum(axis=0, keepdims=True)
    ux = (level[:, None] * px[:, 0]).sum(axis=0)
    uy = (level[:, None] * py[0]).sum(axis=0)
    total = np.add.outer(region.present, region.present)
    gap = np.abs(np.subtract.outer(region.present, region.present))
    sums = _by_value(joint, total, 2 * highest + 1)[2:]
    gaps = _by_value(joint, gap, highest)
    k_sum, k_gap = np.arange(2.0, 2 * highest + 1)[:, None], np.arange(float(highest))[:, None]
    away = k_sum - (ux + uy)
    away2 = away * away
    entropy = _entropy(joint, (0, 1))
    average_gap = (k_gap * gaps).sum(axis=0)
    imc1, imc2 = _information(joint, px, py, entropy)
    var_x = ((level[:, None] - ux) ** 2 * px[:, 0]).sum(axis=0)
    return {
        "Autocorrelation": (joint * (i * j)).sum(axis=(0, 1)),
        "ClusterProminence": (sums * away2 * away2).sum(axis=0),
        "ClusterShade": (sums * away2 * away).sum(axis=0),
        "ClusterTendency": (sums * away2).sum(axis=0),
        "Contrast": (gaps * k_gap**2).sum(axis=0),
        "Correlation": _correlation(
            joint, i - ux, j - uy, var_x, ((level[:, None] - uy) ** 2 * py[0]).sum(axis=0)
        ),
        "DifferenceAverage": average_gap,
        "DifferenceEntropy": _entropy(gaps, 0),
        "DifferenceVariance": (gaps * (k_gap - average_gap) ** 2).sum(axis=0),
        "Id": (gaps / (1 + k_gap)).sum(axis=0),
        "Idm": (gaps / (1 + k_gap**2)).sum(axis=0),
        "Idmn": (gaps / (1 + k_gap**2 / highest**2)).sum(axis=0),
        "Idn": (gaps / (1 + k_gap / highest)).sum(axis=0),
        "Imc1": imc1,
        "Imc2": imc2,
        "InverseVariance": (gaps[1:] / k_gap[1:] ** 2).sum(axis=0),
        "JointAverage": ux,
        "JointEnergy": (joint**2).sum(axis=(0, 1)),
        "JointEntropy": entropy,
        "MaximumProbability": joint.max(axis=(0, 1)),
        "SumAverage": (k_sum * sums).sum(axis=0),
        "SumEntropy": _entropy(sums, 0),
        "SumSquares": var_x,
    }


def _by_value(joint: Floats, value: NDArray[np.int64], size: int) -> Floats:
    """The sum over all pairs of levels with the same value, shape (size, directions)."""
    flat = value.ravel()
    columns = [np.bincount(flat, joint[:, :, angle].ravel(), size) for angle in range(joint.shape[2])]
    return np.stack(columns, axis=1)


def _entropy(shares: Floats, axis: int | tuple[int, int]) -> Floats:
    return np.asarray(-(shares * np.log2(shares + EPS)).sum(axis=axis))


def _correlation(joint: Floats, x: Floats, y: Floats, var_x: Floats, var_y: Floats) -> Floats:
    spread = np.sqrt(var_x) * np.sqrt(var_y)
    return np.where(spread == 0, 1.0, (joint * x * y).sum(axis=(0, 1)) / (spread + EPS))


def _information(joint: Floats, px: Floats, py: Floats, entropy: Floats) -> tuple[Floats, Floats]:
    """The two informational measures of correlation."""
    independent = px * py
    logs = np.log2(independent + EPS)
    first, second = -(joint * logs).sum(axis=(0, 1)), -(independent * logs).sum(axis=(0, 1))
    larger = np.fmax(_entropy(px, (0, 1)), _entropy(py, (0, 1)))
    imc1 = np.where(larger == 0, 0.0, (entropy - first) / np.where(larger == 0, 1.0, larger))
    imc2 = np.where(second == entropy, 0.0, np.sqrt(1 - np.exp(-2 * (second - entropy))))
    return imc1, imc2


def _mcc(joint: Floats) -> Floats:
    """The maximal correlation coefficient: the root of the second largest eigenvalue of Q.

    Q_ij = sum_k P_ik P_jk / (px_i py_k + 2.2e-16). Without the small number Q is similar to S S',
    S = P / sqrt(px py), whose singular values are found faster; the small number comes back in as l Q r / l r, with
    the vectors of S. That is exact to its square.
    """
    if len(joint) == 1:
        return np.ones(joint.shape[2])
    matrices = joint.transpose(2, 0, 1)
    x, y = joint.sum(axis=1).T, joint.sum(axis=0).T
    if np.array_equal(matrices, matrices.transpose(0, 2, 1)):
        # Singular values are eigenvalues without their sign, and all directions go at once. A level without a
        # neighbour has a row of zeros, whatever that is divided by.
        x = np.where(x > 0, x, 1.0)
        values, vectors = np.linalg.eigh(matrices / np.sqrt(x[:, :, None] * x[:, None, :]))
        second = np.argsort(-np.abs(values), axis=1)[:, 1]
        chosen = np.take_along_axis(vectors, second[:, None, None], axis=2)[:, :, 0]
        return np.array([_second(*one) for one in zip(matrices, x, x, chosen, strict=True)])
    return np.array([_of_one(*one) for one in zip(matrices, x, y, strict=True)])


def _of_one(P: Floats, x: Floats, y: Floats) -> float:
    """The same of one direction, in which a level may have no neighbour."""
    P = P[x > 0][:, y > 0]
    x, y = x[x > 0], y[y > 0]
    if min(P.shape) < 2:
        return 0.0
    u = np.linalg.svd(P / np.sqrt(np.outer(x, y)), full_matrices=False)[0][:, 1]
    return _second(P, x, y, u)


def _second(P: Floats, x: Floats, y: Floats, u: Floats) -> float:
    """The root of the eigenvalue of Q that belongs to the singular vector u of S."""
    root = np.sqrt(x)
    return float(np.sqrt((u * root) @ ((P / (np.outer(x, y) + EPS)) @ (P.T @ (u / root)))))


def _mean(values: Floats) -> float:
    """Over the directions that have a value."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
