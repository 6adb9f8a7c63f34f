"""Rows drawn with replacement by Java's generator, so that a sampled Relief-F equals Weka's."""

import numpy as np

from radcompare.selection.training_rows import Integers

MULTIPLIER, INCREMENT, MODULUS = 0x5DEECE66D, 0xB, 2**48


def java_rows(n: int, draws: int, seed: int) -> Integers:
    """Row indices |nextInt()| mod n of `java.util.Random(seed)`, shape (draws,).

    Args:
        n: rows to draw from.
        draws: how many.
        seed: any integer; the low 48 bits count.
    """
    state = (seed ^ MULTIPLIER) % MODULUS
    rows = np.empty(draws, np.int64)
    for draw in range(draws):
        state = (state * MULTIPLIER + INCREMENT) % MODULUS
        value = state >> 16
        rows[draw] = abs(value - 2**32 if value >= 2**31 else value) % n
    return rows
