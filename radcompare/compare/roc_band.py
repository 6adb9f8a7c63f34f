"""A pointwise band around a ROC curve: the interval of the sensitivity at given specificities."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radcompare.compare.auc import UNDEFINED
from radcompare.compare.inputs import binary, both_classes, scores_of_cases
from radcompare.compare.resampling import Weights, both_classes_in_units, units

GRID = tuple(step / 50 for step in range(51))
"""False positive rates at which the interval is told."""

Band = tuple[tuple[float, float, float], ...]


def roc_band(
    y: ArrayLike,
    score: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 1,
) -> Band:
    """Percentile intervals of the true positive rate at fixed false positive rates, by the bootstrap.

    Cases are drawn within their class, patients with all their cases (as `resampling.units`); the curve of every
    resample is read at the rates of `GRID` along its straight pieces, as pROC's `ci.se` does. The band is pointwise:
    it holds the true curve at each rate with the given confidence, not everywhere at once.

    Args:
        y: 0 or 1, shape (n,).
        score: higher means positive, shape (n,).
        groups: the patient of every case, shape (n,); None where cases are independent.
        confidence: of each interval.
        resamples: how many.
        seed: of the resamples.

    Returns:
        False positive rate, lower and upper end of the true positive rate, for each rate of `GRID`.

    Raises:
        TestRefused: fewer than 2 cases (or patients with cases) of a class, missing values, different lengths.
        ConfigError: a negative seed.
    """
    labels = binary(y)
    values = scores_of_cases([score], labels.size)[0]
    both_classes(labels, 2, UNDEFINED)
    drawn = units(labels, groups)
    both_classes_in_units(labels, drawn)
    curves = [_heights(labels, values, weights) for weights in drawn.draws(resamples, seed)]
    ends = ((1 - confidence) / 2, (1 + confidence) / 2)
    low, high = np.nanquantile(np.concatenate(curves), ends, axis=0)
    return tuple(zip(GRID, low.tolist(), high.tolist(), strict=True))


def _heights(labels: NDArray[np.bool_], values: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    """The true positive rate of every sample at `GRID`, shape (samples, rates); NaN for one of a single class."""
    order = np.argsort(-values, kind="stable")
    ranked, hits = values[order], labels[order]
    last_of_tie = np.append(ranked[1:] != ranked[:-1], True)
    rates = []
    for of_class in (~hits, hits):
        counted = np.cumsum(weights[:, order] * of_class, axis=1)
        with np.errstate(invalid="ignore"):
            reached = counted[:, last_of_tie] / counted[:, -1:]
        rates.append(np.concatenate([np.zeros((len(weights), 1)), reached], axis=1))
    found = np.full((len(weights), len(GRID)), np.nan)
    for row, (x, y) in enumerate(zip(*rates, strict=True)):
        if np.isfinite(x[-1] + y[-1]):
            found[row] = _read_along(x, y)
    return found


def _read_along(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """The height of a curve at `GRID`; where it is vertical, its upper end."""
    right = np.searchsorted(x, GRID, side="right")
    left = right - 1  # the last point at or before the rate, the highest where several are at it
    after = np.minimum(right, x.size - 1)
    width = x[after] - x[left]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(width > 0, (np.array(GRID) - x[left]) / width, 0.0)
    return np.asarray(y[left] + share * (y[after] - y[left]))
