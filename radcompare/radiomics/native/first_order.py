"""First-order features: the distribution of the intensities inside the mask, wherever they lie.

Definition: pyradiomics 3.0.1, class `RadiomicsFirstOrder`, every feature that is not deprecated, under its name.
Conventions there and here: variances divide by n; Kurtosis is 3 for a normal distribution; Skewness and Kurtosis of
a flat region are 0; Entropy adds 2.2e-16 to every probability, so a flat region has -3.2e-16.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.radiomics.native.binning import bin_counts

PERCENTILES = (10, 25, 50, 75, 90)


def features(
    image: NDArray[Any],
    mask: NDArray[np.bool_],
    spacing: tuple[float, float, float],
    settings: Mapping[str, Any],
) -> dict[str, float]:
    """The 18 first-order features of one region.

    Args:
        image: shape (z, y, x), any pixel type.
        mask: the same shape; at least one voxel.
        spacing: mm, in the order (z, y, x).
        settings: `voxelArrayShift` (0), added before squaring in Energy, TotalEnergy and RootMeanSquared; `binWidth`
            (25) or `binCount` for Entropy and Uniformity.

    Raises:
        DataError: the mask is empty, a value inside it is not finite, or the bins are too narrow for the values.
    """
    values = image[mask]
    shares = bin_counts(values, settings) / values.size
    wide = values.astype(np.float64)
    p10, p25, median, p75, p90 = _percentiles(wide)
    energy = _sum_of_squares(wide + settings.get("voxelArrayShift", 0))
    mean = float(np.add.reduce(wide)) / wide.size
    away = wide - mean
    variance, skewness, kurtosis = _moments(away)
    low, high = float(wide.min()), float(wide.max())
    return {
        "10Percentile": p10,
        "90Percentile": p90,
        "Energy": energy,
        "Entropy": float(-(shares * np.log2(shares + np.spacing(1))).sum()),
        "InterquartileRange": p75 - p25,
        "Kurtosis": kurtosis,
        "Maximum": high,
        "MeanAbsoluteDeviation": float(np.abs(away, out=away).sum()) / wide.size,
        "Mean": mean,
        "Median": median,
        "Minimum": low,
        "Range": high - low,
        "RobustMeanAbsoluteDeviation": _mean_deviation(wide[(wide - p10 >= 0) & (wide - p90 <= 0)]),
        "RootMeanSquared": float(np.sqrt(energy / wide.size)),
        "Skewness": skewness,
        "TotalEnergy": energy * (spacing[2] * spacing[1] * spacing[0]),
        "Uniformity": float((shares**2).sum()),
        "Variance": variance,
    }


def _percentiles(values: NDArray[np.float64]) -> list[float]:
    """Percentiles between the two nearest ranks, in the order of `PERCENTILES`."""
    ranks = [percent / 100 * (values.size - 1) for percent in PERCENTILES]
    below = [int(rank) for rank in ranks]
    above = [min(rank + 1, values.size - 1) for rank in below]
    ordered = np.partition(values, sorted({*below, *above}))
    return [
        _between(float(ordered[low]), float(ordered[high]), rank - low)
        for low, high, rank in zip(below, above, ranks, strict=True)
    ]


def _between(low: float, high: float, share: float) -> float:
    """The value that lies a share of the way up, rounded as numpy rounds it."""
    return low + (high - low) * share if share < 0.5 else high - (high - low) * (1 - share)


def _sum_of_squares(values: NDArray[np.float64]) -> float:
    return float(np.add.reduce(values * values))


def _moments(away: NDArray[np.float64]) -> tuple[float, float, float]:
    """Variance, skewness and kurtosis from the distances to the mean."""
    squares = away * away
    variance = float(np.add.reduce(squares)) / away.size
    third = float(np.add.reduce(squares * away)) / away.size
    fourth = float(np.add.reduce(squares * squares)) / away.size
    divisor = variance or 1.0  # flat: 0 / 1
    return variance, third / divisor**1.5, fourth / divisor**2


def _mean_deviation(values: NDArray[np.float64]) -> float:
    """Mean distance to the mean; nan of nothing, where rounding puts both percentiles beside equal values."""
    return float(np.abs(values - values.mean()).mean()) if values.size else float("nan")
