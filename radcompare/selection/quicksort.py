"""The order in which a quicksort leaves equal keys: what Weka's rank weights depend on.

Weka sorts its k neighbours by the classic quicksort with median of three (Weiss, "Data Structures and
Algorithm Analysis", ch. 7), which is not stable, so its ranks of tied neighbours follow from the swaps.
"""

from collections.abc import Sequence

import numpy as np

from radcompare.selection.training_rows import Floats, Integers


def quicksort_orders(keys: Floats) -> Integers:
    """The order of every row of keys; only a row with ties needs the swaps themselves, shape as keys."""
    orders = np.argsort(keys, axis=1, kind="stable")
    ordered = np.take_along_axis(keys, orders, axis=1)
    for row in np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1)):
        orders[row] = quicksort_order(keys[row].tolist())
    return orders


def quicksort_order(keys: Sequence[float]) -> list[int]:
    """Indices that sort the keys, tied ones in the order that the swaps leave them in."""
    order = list(range(len(keys)))
    pending = [(0, len(keys) - 1)] if len(keys) > 1 else []
    while pending:
        left, right = pending.pop()
        middle = (left + right) // 2
        for low, high in ((left, middle), (left, right), (middle, right)):
            if keys[order[low]] > keys[order[high]]:
                _swap(order, low, high)
        if right - left > 2:
            pivot = _partition(keys, order, left, right, middle)
            pending += [(left, pivot - 1), (pivot + 1, right)]
    return order


def _partition(keys: Sequence[float], order: list[int], left: int, right: int, middle: int) -> int:
    """Hide the median beside the right end, move both scans inwards past it, return where it lands."""
    _swap(order, middle, right - 1)
    pivot = keys[order[right - 1]]
    up, down = left + 1, right - 2
    while True:
        while keys[order[up]] < pivot:
            up += 1
        while keys[order[down]] > pivot:
            down -= 1
        if up >= down:
            break
        _swap(order, up, down)
        up, down = up + 1, down - 1
    _swap(order, up, right - 1)
    return up


def _swap(order: list[int], a: int, b: int) -> None:
    order[a], order[b] = order[b], order[a]
