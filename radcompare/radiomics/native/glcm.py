"""Grey level co-occurrence: how often two levels are neighbours.

Definition: pyradiomics 3.0.1, class `RadiomicsGLCM`, every feature that is not deprecated, under its name: features
are computed for every direction and averaged, or, with a weighting norm, of the weighted sum of all directions.
Conventions there and here: a flat region has Correlation 1, Imc1 and Imc2 0 and MCC 1; logarithms have 2.2e-16 added.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.radiomics.native.levels import Levels, weights_of
from radcompare.radiomics.native.neighbours import Direction, Neighbours

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


AT_ONCE = 1 << 21
"""Numbers that are worked on at once: directions go in groups of so many pairs of levels, or of voxels."""


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
    if not len(joint):
        flat = {"MCC": 1.0} if joint.shape[1] == 1 else {}
        return {name: flat.get(name, float("nan")) for name in NAMES if name in wanted}
    many = max(1, AT_ONCE // joint[0].size)
    found: dict[str, list[Floats]] = {name: [] for name in NAMES if name in wanted}
    with np.errstate(all="ignore"):
        for start in range(0, len(joint), many):
            part = joint[start : start + many]
            values = _of_angles(part, region)
            if "MCC" in wanted:
                values["MCC"] = _mcc(part)
            for name, each in found.items():
                each.append(values[name])
        return _means(found)


def normalised(region: Levels, settings: Mapping[str, Any]) -> Floats:
    """The matrix of every direction that has a pair, each of sum 1; shape (directions, levels, levels)."""
    around = region.neighbours(settings, settings.get("distances", (1,)))
    pairs = counts(around, len(region.present))
    joint: NDArray[Any] = pairs
    if settings.get("symmetricalGLCM", True):
        joint = pairs + pairs.transpose(0, 2, 1)
    norm = settings.get("weightingNorm")
    if norm is not None:
        joint = np.tensordot(_weights(around.steps, region.spacing, norm), joint, axes=1)[None]
    sums = joint.sum(axis=(1, 2))
    kept = sums > 0
    return np.asarray((joint if kept.all() else joint[kept]) / sums[kept, None, None])


def counts(around: Neighbours, levels: int) -> NDArray[np.intp]:
    """How often level i has level j as its neighbour at each step; shape (steps, levels, levels)."""
    size = levels + 1  # with 0, outside
    inside = around.inside
    base = around.line[inside].astype(np.intp) * size
    many = max(1, AT_ONCE // len(inside))
    found = np.empty((len(around.steps), levels, levels), np.intp)
    for start in range(0, len(found), many):
        part = found[start : start + many]
        codes = around.line[inside + around.offsets[start : start + len(part), None]] + base
        codes += (np.arange(len(part)) * size**2)[:, None]
        pairs = np.bincount(codes.ravel(), minlength=len(part) * size**2)
        part[:] = pairs.reshape(-1, size, size)[:, 1:, 1:]
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
    flat = joint.reshape(len(joint), -1)
    px, py = joint.sum(axis=2), joint.sum(axis=1)
    ux, uy = px @ level, py @ level
    sums, k_sum = _by_value(flat, np.add.outer(region.present, region.present))
    gaps, k_gap = _by_value(flat, np.abs(np.subtract.outer(region.present, region.present)))
    away = k_sum - (ux + uy)[:, None]
    shade = sums * away * away
    entropy = _entropy(flat)
    average_gap = gaps @ k_gap
    k_gap2 = k_gap**2
    imc1, imc2 = _information(flat, px, py, entropy)
    x, y = level - ux[:, None], level - uy[:, None]
    var_x = _dots(px, x * x)
    inverse = np.divide(1.0, k_gap2, out=np.zeros_like(k_gap2), where=k_gap2 > 0)
    weights = (
        k_gap2,
        1 / (1 + k_gap),
        1 / (1 + k_gap2),
        1 / (1 + k_gap2 / highest**2),
        1 / (1 + k_gap / highest),
        inverse,
    )
    contrast, id_, idm, idmn, idn, inverse_variance = np.array(weights) @ gaps.T
    return {
        "Autocorrelation": _dots(joint @ level, np.broadcast_to(level, px.shape)),
        "ClusterProminence": _dots(shade, away * away),
        "ClusterShade": _dots(shade, away),
        "ClusterTendency": shade.sum(axis=1),
        "Contrast": contrast,
        "Correlation": _correlation(joint, x, y, var_x, _dots(py, y * y)),
        "DifferenceAverage": average_gap,
        "DifferenceEntropy": _entropy(gaps),
        "DifferenceVariance": _dots(gaps, (k_gap - average_gap[:, None]) ** 2),
        "Id": id_,
        "Idm": idm,
        "Idmn": idmn,
        "Idn": idn,
        "Imc1": imc1,
        "Imc2": imc2,
        "InverseVariance": inverse_variance,
        "JointAverage": ux,
        "JointEnergy": _dots(flat, flat),
        "JointEntropy": entropy,
        "MaximumProbability": flat.max(axis=1),
        "SumAverage": sums @ k_sum,
        "SumEntropy": _entropy(sums),
        "SumSquares": var_x,
    }


def _by_value(flat: Floats, value: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """The sum over all pairs of levels with the same value, shape (directions, values), and those values."""
    values = np.flatnonzero(np.bincount(value.ravel()))
    place = np.zeros(int(values[-1]) + 1, np.intp)
    place[values] = np.arange(len(values))
    cells = place[value.ravel()] + (np.arange(len(flat)) * len(values))[:, None]
    found: Floats = np.bincount(cells.ravel(), flat.ravel(), len(flat) * len(values)).astype(np.float64)
    return found.reshape(len(flat), -1), values.astype(np.float64)


def _entropy(shares: Floats) -> Floats:
    """Row by row, in bits."""
    return -_dots(shares, np.log2(shares + EPS))


def _dots(one: Floats, two: Floats) -> Floats:
    """Row by row, the sum of products."""
    return np.asarray(np.einsum("ij,ij->i", one, two))


def _correlation(joint: Floats, x: Floats, y: Floats, var_x: Floats, var_y: Floats) -> Floats:
    spread = np.sqrt(var_x) * np.sqrt(var_y)
    together = _dots(x, (joint @ y[:, :, None])[:, :, 0])
    return np.where(spread == 0, 1.0, together / (spread + EPS))


def _information(flat: Floats, px: Floats, py: Floats, entropy: Floats) -> tuple[Floats, Floats]:
    """The two informational measures of correlation."""
    independent = (px[:, :, None] * py[:, None, :]).reshape(flat.shape)
    logs = np.log2(independent + EPS)
    first, second = -_dots(flat, logs), -_dots(independent, logs)
    larger = np.fmax(_entropy(px), _entropy(py))
    imc1 = np.where(larger == 0, 0.0, (entropy - first) / np.where(larger == 0, 1.0, larger))
    imc2 = np.where(second == entropy, 0.0, np.sqrt(1 - np.exp(-2 * (second - entropy))))
    return imc1, imc2


def _mcc(joint: Floats) -> Floats:
    """The maximal correlation coefficient: the root of the second largest eigenvalue of Q.

    Q_ij = sum_k P_ik P_jk / (px_i py_k + 2.2e-16) is similar to S S', S = P / sqrt(px py), but for the small number;
    with S = P / sqrt(px py + 2.2e-16) their eigenvalues differ by its square. Those of S S' are the squares of the
    singular values of S, or, of a symmetric S, of its eigenvalues, which are found faster.
    """
    if joint.shape[1] == 1:
        return np.ones(len(joint))
    px, py = joint.sum(axis=2), joint.sum(axis=1)
    scaled = joint / np.sqrt(px[:, :, None] * py[:, None, :] + EPS)
    if np.array_equal(joint, joint.transpose(0, 2, 1)):
        values = np.abs(np.linalg.eigvalsh(scaled))
    else:
        values = np.linalg.svd(scaled, compute_uv=False)
    return np.partition(values, -2, axis=1)[:, -2]


def _means(found: Mapping[str, list[Floats]]) -> dict[str, float]:
    """Over the directions that have a value; nan if none has."""
    values = np.concatenate([np.stack(parts) for parts in zip(*found.values(), strict=True)], axis=1)
    known = ~np.isnan(values)
    means = np.where(known, values, 0.0).sum(axis=1) / known.sum(axis=1)
    return dict(zip(found, means.tolist(), strict=True))
