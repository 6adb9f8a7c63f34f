"""Nearest rows within a fold from those among all rows: most lists stay, and only the others are made anew."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from radcompare.selection.nearest import CLEAR, DECIMALS, nearest_by_index
from radcompare.selection.training_rows import Floats, Integers

Flags = NDArray[np.bool_]

ROUNDING_ERRORS = 64 * np.finfo(np.float64).eps
"""How far two ways to add up one distance may differ, as a part of it."""


def found(counts: Integers, k: int) -> Integers:
    """How many neighbours a row of one class (first axis) finds in another (second), shape (C, C).

    Args:
        counts: rows per class.
        k: how many are looked for.
    """
    return np.minimum(k, np.tile(counts, (len(counts), 1)) - np.eye(len(counts), dtype=np.int64))


class Neighbours:
    """The nearest rows of every row in every class among all rows, and from them those in a fold.

    Rows are numbered class by class, so that a class is a range of numbers.

    Args:
        distances: shape (n, n); infinite from a row to itself.
        classes: shape (n,), ascending codes 0..C-1.
        k: how many to find in every class, or as many as there are.
        ordered: whether their order counts.

    Attributes:
        near: row numbers, nearest first, shape (n, C, k); where fewer are found, the rest is the row itself.
        found: as the function of this name gives it.
    """

    def __init__(self, distances: Floats, classes: Integers, k: int, *, ordered: bool) -> None:
        counts, n = np.bincount(classes), len(classes)
        self.found = found(counts, k)
        self._classes, self._ordered = classes, ordered
        stops = np.cumsum(counts)
        self._ranges = [slice(int(a), int(b)) for a, b in zip(stops - counts, stops, strict=True)]
        self.near = np.tile(np.arange(n)[:, None, None], (1, len(counts), int(self.found.max())))
        everything = np.ones((n, len(counts)), bool)
        self._fill(self.near, everything, self.found, lambda z, c, k: nearest_by_index(distances[z, c], k))
        self._entries = self.near + n * np.arange(n)[:, None, None]
        self._absent = np.arange(self.near.shape[2]) >= self.found[classes][:, :, None]

    def in_fold(
        self, distances: Floats, kept: Flags, measure: Callable[[Integers], Floats], *, moved: bool
    ) -> tuple[Integers, Flags]:
        """The nearest in a fold.

        Args:
            distances: in the fold, shape (n, n); infinite to rows left out and from a row to itself. Used as
                scratch, and left as it was.
            kept: which rows train, shape (n,).
            measure: distances of rows, shape (rows, n), infinite in the same places, as a plain fit of the
                fold has them to the last bit. It is asked where rounding errors can decide what is nearest.
            moved: whether any distance between two training rows may be another one than among all rows.

        Returns:
            Their row numbers, as `near`, and which lists were made anew, shape (n, C). Lists of rows left out
            mean nothing, nor does what exceeds the number found in the fold.
        """

        def choose(rows: Integers, candidates: slice, count: int) -> Integers:
            return self._chosen(distances[rows, candidates], count, lambda z: measure(rows[z])[:, candidates])

        wanted = found(np.bincount(self._classes[kept]), self.near.shape[2])
        anew = ~self._settled(distances, moved) & kept[:, None]
        near = self.near.copy()
        self._fill(near, anew, wanted, choose)
        return near, anew

    def _fill(
        self,
        near: Integers,
        anew: Flags,
        wanted: Integers,
        choose: Callable[[Integers, slice, int], Integers],
    ) -> None:
        """Write new lists; `choose` gets rows, candidates and how many of these are the nearest."""
        for other, candidates in enumerate(self._ranges):
            rows = np.flatnonzero(anew[:, other])
            counts = wanted[self._classes[rows], other]
            for count in np.unique(counts).tolist():
                asked = rows[counts == count]
                near[asked, other, :count] = choose(asked, candidates, count) + candidates.start

    def _settled(self, distances: Floats, moved: bool) -> Flags:
        """Whether the nearest stay the nearest, shape (n, C).

        They do if none is left out and no distance moved, or if all are clearly nearer than the others. A class
        that has fewer rows than are looked for has all of them listed, so that a list gets shorter only where
        a row of it is left out.
        """
        inside = distances.take(self._entries)
        if not moved:
            return np.asarray((np.isfinite(inside) | self._absent).all(axis=2))
        distances.put(self._entries, np.inf)
        outside = np.stack([distances[:, part].min(axis=1) for part in self._ranges], axis=1)
        distances.put(self._entries, inside)
        inside[self._absent] = -np.inf
        settled = inside.max(axis=2) + CLEAR < outside
        if self._ordered:
            ascending = inside[:, :, 1:] > inside[:, :, :-1] + CLEAR
            settled &= (ascending | self._absent[:, :, 1:]).all(axis=2)
        return np.asarray(settled)

    def _chosen(self, measured: Floats, count: int, measure: Callable[[Flags], Floats]) -> Integers:
        """The nearest candidates; distances that are nearly equal are rounded, and measured if need be."""
        order = np.argsort(measured, axis=1)
        ascending = np.take_along_axis(measured, order[:, : count + 1], axis=1)
        gaps = ascending[:, 1:] > ascending[:, :-1] + CLEAR
        clear = np.asarray((gaps if self._ordered else gaps[:, count - 1 :]).all(axis=1))
        chosen = order[:, :count]
        if not clear.all():
            tied = measured[~clear]
            doubtful = in_doubt(tied, count)
            if doubtful.any():
                among = ~clear
                among[among] = doubtful
                tied[doubtful] = measure(among)
            chosen[~clear] = nearest_by_index(tied, count)
        return chosen


def in_doubt(measured: Floats, count: int) -> Flags:
    """Whether rounding errors can decide which candidates are the nearest, or their order, shape (rows,).

    They can where a distance lies half way between two multiples of the unit to which distances are rounded,
    and another one equals it but for rounding.

    Args:
        measured: shape (rows, candidates); infinite where there is no candidate.
        count: how many are the nearest, at least 1.
    """
    ascending = np.sort(measured, axis=1)
    units = np.where(np.isfinite(ascending), ascending, 0.0) * 10.0**DECIMALS
    half_way = np.abs(units - np.floor(units) - 0.5) <= ROUNDING_ERRORS * units
    close = ascending[:, 1:] < ascending[:, :-1] + CLEAR
    rivalled = np.zeros(ascending.shape, bool)
    rivalled[:, 1:] |= close
    rivalled[:, :-1] |= close
    within = ascending <= ascending[:, count - 1 : count] + CLEAR
    return np.asarray((half_way & rivalled & within).any(axis=1))
