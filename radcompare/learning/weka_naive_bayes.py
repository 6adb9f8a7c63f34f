"""Weka's naive Bayes (3.9), for results that are to be compared with a study made in Weka.

It differs from Gaussian naive Bayes: a column has a precision, its values are rounded to multiples of that, and
a case's factor is the normal mass over one such step, never below 1e-75. Rounding starts at 0, so that shifting a
column changes the result: it sees the columns as they are, neither scaled nor filled. A missing value says nothing,
in training or prediction, and a nominal column is a table of counts that start at 1.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]

CONSTANT_PRECISION = 0.01
"""Of a column with one value, or none (Weka: DEFAULT_NUM_PRECISION)."""
LEAST_FACTOR = 1e-75
LEAST_DEVIATION = 1e-10
"""A smaller standard deviation counts as none, whatever the unit of the column."""


class Column(Protocol):
    """What one column says of a case."""

    def log_factors(self, values: Floats) -> Floats:
        """Logarithms of the factors of present values, shape (2, values): a row for each class."""
        ...


@dataclass(frozen=True)
class Numeric:
    """Two normal distributions, one for each class.

    Attributes:
        precision: values are rounded to multiples of it.
        mean, deviation: of the classes' rounded values, shape (2, 1).
    """

    precision: float
    mean: Floats
    deviation: Floats

    def log_factors(self, values: Floats) -> Floats:
        """Log of the normal mass within half a precision of the rounded values."""
        distance = _rounded(values, self.precision) - self.mean
        half = self.precision / 2
        # A difference of two lower tails, as in Weka: far above the mean it is noise, then 0.
        mass = ndtr((distance + half) / self.deviation) - ndtr((distance - half) / self.deviation)
        logs: Floats = np.log(np.maximum(mass, LEAST_FACTOR))
        return logs


@dataclass(frozen=True)
class Nominal:
    """The shares of every level in each class, shape (2, levels)."""

    shares: Floats

    def log_factors(self, values: Floats) -> Floats:
        """Log of the shares of the levels coded by the values."""
        logs: Floats = np.log(np.maximum(self.shares[:, values.astype(np.int64)], LEAST_FACTOR))
        return logs


class WekaBayes:
    """An estimator with Weka's definition, for two classes.

    Args:
        equal_priors: take both classes as equally probable; else (n_c + 1)/(n + 2).
    """

    def __init__(self, *, equal_priors: bool = False) -> None:
        self.equal_priors = equal_priors
        self.prior = 0.0
        self.columns: tuple[Column, ...] = ()

    def fit(self, X: Floats, y: NDArray[np.int64], levels: NDArray[np.int64] | None = None) -> "WekaBayes":
        """Learn from rows.

        Args:
            X: shape (cases, columns); missing is NaN, nominal columns hold codes from 0.
            y: classes, 0 or 1.
            levels: 0 for a numeric column, else its number of levels; all numeric if absent.
        """
        counts = np.bincount(y, minlength=2)
        self.prior = 0.0 if self.equal_priors else float(np.log(counts[1] + 1) - np.log(counts[0] + 1))
        kinds = np.zeros(X.shape[1], dtype=np.int64) if levels is None else levels
        self.columns = tuple(
            _nominal(column, y, int(kind)) if kind else _numeric(column, y)
            for column, kind in zip(X.T, kinds, strict=True)
        )
        return self

    def log_odds(self, X: Floats) -> Floats:
        """Log of the odds of class 1, shape (cases,); Weka's probability of it is 1 / (1 + exp(-log odds))."""
        total = np.full(len(X), self.prior)
        for column, values in zip(self.columns, X.T, strict=True):
            present = ~np.isnan(values)
            logs = column.log_factors(values[present])
            total[present] += logs[1] - logs[0]
        return total


def _rounded(values: Floats, precision: float) -> Floats:
    steps: Floats = np.rint(values / precision) * precision
    return steps


def _precision(values: Floats) -> float:
    """(max - min)/(distinct - 1), the steps between neighbours added one by one as Weka does."""
    steps = np.diff(np.unique(values))
    return float(np.cumsum(steps)[-1]) / len(steps) if len(steps) else CONSTANT_PRECISION


def _numeric(column: Floats, y: NDArray[np.int64]) -> Numeric:
    present = ~np.isnan(column)
    precision = _precision(column[present])
    rounded, of = _rounded(column[present], precision), y[present]
    moments = [_moments(rounded[of == value], precision) for value in (0, 1)]
    mean, deviation = np.array(moments).T[:, :, None]
    return Numeric(precision, mean, deviation)


def _moments(values: Floats, precision: float) -> tuple[float, float]:
    """Mean and standard deviation of a class, the latter at least a sixth of the precision."""
    least = precision / 6
    if not len(values):
        return 0.0, least
    mean = values.sum() / len(values)
    deviation = np.sqrt(abs((values * values).sum() - mean * values.sum()) / len(values))
    return float(mean), max(least, float(deviation)) if deviation > LEAST_DEVIATION else least


def _nominal(column: Floats, y: NDArray[np.int64], levels: int) -> Nominal:
    present = ~np.isnan(column)
    codes, of = column[present].astype(np.int64), y[present]
    counts = np.array([np.bincount(codes[of == value], minlength=levels) for value in (0, 1)]) + 1.0
    return Nominal(counts / counts.sum(axis=1, keepdims=True))
