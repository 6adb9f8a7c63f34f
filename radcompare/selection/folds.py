"""Relief-F in many folds of one table without measuring every distance again in each.

Distances, neighbours and sums of differences are made once among all rows. A fold that leaves few rows out
has the same ranges but in a few columns (see `fold_distance`), the same neighbours but in some lists (see
`fold_neighbours`), and the same sums but for the pairs in those lists; in columns whose range changed the sums
stretch, or are made anew. Every fold is made from what holds among all rows and never from another fold, so
that it comes out the same to the last bit whichever other folds are asked for.
"""

from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import squareform

from radcompare.selection.difference import RangeRule, features
from radcompare.selection.distance import ENTRIES_HELD, distances
from radcompare.selection.fold_distance import changed, fold_distances, of_columns
from radcompare.selection.fold_neighbours import Flags, Neighbours, found
from radcompare.selection.neighbour_weights import class_weight, rank_weights
from radcompare.selection.pair_sums import Pairs, PairSums, listed, merged, netted
from radcompare.selection.rough_distance import WORTH_AN_IMPORT, differences
from radcompare.selection.training_rows import Floats, Integers, Training, training

LARGEST_SHARE_LEFT_OUT = {"exact": 1 / 8, "rough": 1 / 16}
"""Folds that leave out more are faster fitted by themselves, sooner where a fit uses rough distances: measured
by `benchmarks/selection.py`."""

LARGEST_STRETCH = 1e3
"""Where the range shrinks by more, sums are made anew: rounding errors of the old ones would grow as much."""


def worth_updating(rows: Training, train: Integers) -> bool:
    """Whether a fold is better updated from all rows than fitted by itself.

    It is if all distances fit in memory, the training rows ascend (ties go to the earlier row), all classes
    remain, and few rows are left out. It depends on nothing but the table and the fold.

    Args:
        rows: all rows.
        train: the training rows of the fold.
    """
    n = len(rows.values)
    if n**2 > ENTRIES_HELD or len(train) < n * (1 - largest_share_left_out(*rows.values.shape)):
        return False
    if train[0] < 0 or train[-1] >= n or (np.diff(train) <= 0).any():
        return False
    return bool(np.bincount(rows.classes[train], minlength=len(rows.class_counts)).all())


def largest_share_left_out(n: int, p: int) -> float:
    """Up to which share of rows left out a fold of a table of n x p is worth updating."""
    return LARGEST_SHARE_LEFT_OUT["exact" if differences(n, p) < WORTH_AN_IMPORT else "rough"]


class Weights(NamedTuple):
    """What the pair of a row and its neighbour counts: the product of both.

    Attributes:
        ranks: shape (C, C, k), by the classes of both and the rank; 0 where no neighbour is found.
        classes: shape (C, C), by the classes of both.
    """

    ranks: Floats
    classes: Floats


class AllRows:
    """What all rows of a table have in common with its folds.

    One copy of the table is held, its rows class by class, in their order within a class, by which ties go.

    Args:
        rows: all rows.
        neighbours: k.
        sigma: of the rank weights; all neighbours of a class weigh the same if absent.
        range_rule: when a range counts as zero.
    """

    def __init__(self, rows: Training, neighbours: int, sigma: float | None, range_rule: RangeRule) -> None:
        order = np.argsort(rows.classes, kind="stable")
        self._position = np.argsort(order)
        self._rows = replace(rows, values=np.take(rows.values, order, axis=0), classes=rows.classes[order])
        self._range_rule = range_rule
        columns = features(self._rows, range_rule)
        square = distances(columns, np.arange(len(order)))
        self._condensed = squareform(square, checks=False)
        np.fill_diagonal(square, np.inf)
        self._neighbours = Neighbours(square, self._rows.classes, neighbours, ordered=sigma is not None)
        self._sigma = sigma
        self._ranks = self._ranked(self._neighbours.found)
        self._sums = PairSums(columns)
        self._totals = self._sums_by_classes()

    def scores(self, train: Integers) -> Floats:
        """Scores of a fold, shape (p,), as a plain fit of its training rows gives them.

        Args:
            train: ascending row numbers in the caller's order, for which `worth_updating` holds.
        """
        kept = np.zeros(len(self._position), bool)
        kept[self._position[train]] = True
        moved = changed(self._rows, kept, self._range_rule)
        square = fold_distances(self._condensed, moved)
        square[:, ~kept] = np.inf
        np.fill_diagonal(square, np.inf)
        measure = partial(self._measured, kept)
        near, anew = self._neighbours.in_fold(square, kept, measure, moved=len(moved.columns) > 0)
        weights = self._weights(np.bincount(self._rows.classes[kept]))
        scores = weights.classes.ravel() @ self._totals
        scores += self._sums(self._swapped(near, anew, kept, weights))
        scores[moved.columns] *= moved.stretch
        anew_summed = np.flatnonzero(moved.holed | (moved.stretch > LARGEST_STRETCH))
        if len(anew_summed):
            sums = PairSums(of_columns(moved.after, anew_summed))
            scores[moved.columns[anew_summed]] = sums(self._listed(near, kept, weights))
        return scores

    def _sums_by_classes(self) -> Floats:
        """Sums over all pairs of one class and another or the same, weighted by rank, shape (C x C, p)."""
        near, classes, sums = self._neighbours.near, self._rows.classes, []
        for own, other in np.ndindex(self._ranks.shape[:2]):
            rows = np.flatnonzero(classes == own)
            sums.append(self._sums(merged([listed(rows, near[rows, other], self._ranks[own, other])])))
        return np.stack(sums)

    def _weights(self, counts: Integers) -> Weights:
        """The weights in a fold with so many training rows per class."""
        ranks = self._ranked(found(counts, self._ranks.shape[2]))
        every = range(len(counts))
        by_class = np.array([[class_weight(counts, own, other) for other in every] for own in every])
        sums = ranks.sum(axis=2) * counts.sum()
        return Weights(ranks, np.divide(by_class, sums, out=np.zeros_like(by_class), where=sums > 0))

    def _ranked(self, wanted: Integers) -> Floats:
        """Rank weights by the classes of row and neighbour, 0 beyond the number found, shape (C, C, k)."""
        ranks = np.arange(self._neighbours.near.shape[2])
        return np.where(ranks < wanted[:, :, None], rank_weights(len(ranks), self._sigma), 0.0)

    def _measured(self, kept: Flags, rows: Integers) -> Floats:
        """Distances of some training rows as a plain fit has them, shape (rows, n); infinite to no candidate."""
        trained = np.flatnonzero(kept)
        plain = training(self._rows.values[trained], self._rows.classes[trained], self._rows.levels)
        measured = np.full((len(rows), len(kept)), np.inf)
        measured[:, trained] = distances(features(plain, self._range_rule), np.searchsorted(trained, rows))
        measured[np.arange(len(rows)), rows] = np.inf
        return measured

    def _listed(self, near: Integers, kept: Flags, weights: Weights) -> Pairs:
        """All training rows with each of their neighbours."""
        rows = np.flatnonzero(kept)
        by_class = weights.ranks * weights.classes[:, :, None]
        return listed(rows, near[rows], by_class[self._rows.classes[rows]])

    def _swapped(self, near: Integers, anew: Flags, kept: Flags, weights: Weights) -> Pairs:
        """The pairs that a fold has and all rows have not, and the reverse with weights of the other sign."""
        of_row, lists = self._rows.classes, np.nonzero(anew | ~kept[:, None])
        lost = listed(lists[0], self._neighbours.near[lists], -self._ranks[of_row[lists[0]], lists[1]])
        lists = np.nonzero(anew)
        gained = listed(lists[0], near[lists], weights.ranks[of_row[lists[0]], lists[1]])
        net = netted([lost, gained])
        by_class = weights.classes[of_row[net.first], of_row[net.second]]
        return net._replace(weight=net.weight * by_class)
