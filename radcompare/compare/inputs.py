"""What every test demands of its arrays: one dimension, one length, nothing missing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radcompare.errors import ConfigError, TestRefused

SAME_CASES = "give both arms the same cases in the same order"
NO_GAPS = "leave the case out of every arm, or find out why it has no value"


def tail(confidence: float) -> float:
    """The probability beyond each end of a two-sided interval: 0.025 for a confidence of 0.95.

    Raises:
        ConfigError: the confidence is not strictly between 0 and 1.
    """
    if not 0.0 < confidence < 1.0:
        raise ConfigError(f"confidence {confidence} is not between 0 and 1", "write 95 % as 0.95")
    return (1.0 - confidence) / 2.0


def numbers(values: ArrayLike, what: str) -> NDArray[np.float64]:
    """A one-dimensional array of numbers without gaps; infinities are numbers.

    Args:
        values: shape (n,), n at least 1.
        what: the name of the array, for the message.

    Raises:
        TestRefused: empty, not one-dimensional, not numeric, or NaN inside.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise TestRefused(f"{what}: not every value is a number", NO_GAPS) from None
    _check_shape(array, what)
    missing = np.flatnonzero(np.isnan(array))
    if missing.size:
        raise TestRefused(f"{what}: {missing.size} missing, the first at position {missing[0]}", NO_GAPS)
    return array


def binary(y: ArrayLike, what: str = "outcome") -> NDArray[np.bool_]:
    """Labels 0 and 1 (or False and True) as booleans, shape (n,).

    Raises:
        TestRefused: empty, missing values, or another value than 0 and 1.
    """
    array = numbers(y, what)
    odd = array[(array != 0.0) & (array != 1.0)]
    if odd.size:
        raise TestRefused(f"{what}: expected 0 and 1, found {odd[0]:g}", "code the positive class as 1")
    return np.asarray(array == 1.0)


def categories(values: ArrayLike, what: str) -> NDArray[Any]:
    """Labels of any kind (numbers or text) without gaps, shape (n,).

    Raises:
        TestRefused: empty, not one-dimensional, or a value is missing.
    """
    array = np.asarray(values)
    _check_shape(array, what)
    listed = array.tolist()
    missing = [i for i, value in enumerate(listed) if value is None or value != value]
    if missing:
        raise TestRefused(f"{what}: {len(missing)} missing, the first at position {missing[0]}", NO_GAPS)
    return np.asarray(listed)


def scores_of_cases(scores: Sequence[ArrayLike], n: int) -> NDArray[np.float64]:
    """Several scores of the same n cases, shape (k, n).

    Raises:
        TestRefused: a score has another length, or a missing value.
    """
    rows = [numbers(score, f"score {i}") for i, score in enumerate(scores, start=1)]
    same_length(n, rows)
    return np.stack(rows)


def same_length(n: int, arrays: Sequence[NDArray[Any]]) -> None:
    """Refuse arrays that do not have one value for each of the n cases."""
    for array in arrays:
        if array.size != n:
            raise TestRefused(f"{n} outcomes and {array.size} values of an arm", SAME_CASES)


def both_classes(y: NDArray[np.bool_], each: int, hint: str) -> tuple[int, int]:
    """The number of positives and negatives, if there are enough of each.

    Args:
        y: True for a positive case.
        each: the fewest cases of a class that will do.
        hint: what to use instead.

    Raises:
        TestRefused: fewer than that.
    """
    n_pos = int(np.count_nonzero(y))
    n_neg = y.size - n_pos
    if min(n_pos, n_neg) < each:
        raise TestRefused(
            f"{n_pos} positive and {n_neg} negative cases: at least {each} of each needed", hint
        )
    return n_pos, n_neg


def _check_shape(array: NDArray[Any], what: str) -> None:
    if array.ndim != 1:
        raise TestRefused(f"{what}: expected one value per case, found shape {array.shape}", SAME_CASES)
    if array.size == 0:
        raise TestRefused(f"{what}: no cases", "check that the arms share cases")
