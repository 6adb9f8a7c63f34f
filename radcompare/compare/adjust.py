"""p values adjusted for the number of tests, as R's `p.adjust`.

A NaN stands for a test that was refused: it stays NaN and does not count as a test.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radcompare.errors import TestRefused


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Holm's step-down adjustment: controls the chance of any false claim. Holm (1979).

    Args:
        p: p values, shape (m,), NaN where there is none; m may be 0.

    Raises:
        TestRefused: a value outside [0, 1].
    """
    values = _p_values(p)
    order, m = _ranked(values)
    factors = m - np.arange(m)
    return _placed(values, order, np.maximum.accumulate(factors * values[order]))


def benjamini_hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """Benjamini and Hochberg's step-up adjustment: controls the share of false claims (1995).

    Args:
        p: p values, shape (m,), NaN where there is none; m may be 0.

    Raises:
        TestRefused: a value outside [0, 1].
    """
    values = _p_values(p)
    order, m = _ranked(values)
    factors = m / np.arange(1, m + 1)
    return _placed(values, order, np.minimum.accumulate((factors * values[order])[::-1])[::-1])


def _p_values(p: ArrayLike) -> NDArray[np.float64]:
    values = np.atleast_1d(np.asarray(p, dtype=np.float64))
    outside = values[(values < 0) | (values > 1)]
    if outside.size:
        raise TestRefused(f"{outside[0]} is no p value", "p values lie between 0 and 1")
    return values


def _ranked(values: NDArray[np.float64]) -> tuple[NDArray[np.int_], int]:
    """Positions of the p values that exist, smallest first, and how many there are."""
    m = int(np.count_nonzero(~np.isnan(values)))
    return np.argsort(values, kind="stable")[:m], m


def _placed(
    values: NDArray[np.float64], order: NDArray[np.int_], adjusted: NDArray[np.float64]
) -> NDArray[np.float64]:
    result = np.full_like(values, np.nan)
    result[order] = np.minimum(1.0, adjusted)
    return result
