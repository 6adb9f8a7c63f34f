"""The k nearest candidates of every row, under two rules for equal distances."""

import numpy as np

from radcompare.selection.training_rows import Floats, Integers

DECIMALS = 9
CLEAR = 2 * 10.0**-DECIMALS
"""Distances farther apart than this differ when rounded, whichever way they are rounded."""


def nearest_by_index(distances: Floats, k: int) -> Integers:
    """Distances rounded to 1e-9, then the earlier candidate: the same on every machine.

    Args:
        distances: shape (rows, candidates).
        k: how many, at most the number of candidates.

    Returns:
        Positions of the candidates, nearest first, shape (rows, k).
    """
    if k == 0:
        return np.empty((len(distances), 0), np.int64)
    rounded = np.round(distances, DECIMALS)
    farthest = np.partition(rounded, k - 1, axis=1)[:, k - 1 : k]
    nearer, level = rounded < farthest, rounded == farthest
    room = k - nearer.sum(axis=1, keepdims=True)
    chosen = np.nonzero(nearer | (level & (np.cumsum(level, axis=1) <= room)))[1].reshape(-1, k)
    order = np.argsort(np.take_along_axis(rounded, chosen, axis=1), axis=1, kind="stable")
    return np.take_along_axis(chosen, order, axis=1)


def nearest_by_slots(distances: Floats, k: int) -> Integers:
    """Weka's rule: k slots take the first k; then a strictly nearer candidate replaces the farthest.

    Of equally far slots the first is replaced. Every row is scanned at once, candidate by candidate.

    Returns:
        Positions of the candidates in the order of the slots, not of distance, shape (rows, k).
    """
    rows, candidates = distances.shape
    held = np.tile(np.arange(k), (rows, 1))
    if k == candidates:
        return held
    by_candidate, slots = np.ascontiguousarray(distances.T), distances[:, :k].copy()
    farthest = slots.argmax(axis=1)
    limit = slots[np.arange(rows), farthest]
    for candidate in range(k, candidates):
        closer = np.flatnonzero(by_candidate[candidate] < limit)
        if len(closer):
            slots[closer, farthest[closer]] = by_candidate[candidate, closer]
            held[closer, farthest[closer]] = candidate
            farthest[closer] = slots[closer].argmax(axis=1)
            limit[closer] = slots[closer, farthest[closer]]
    return held
