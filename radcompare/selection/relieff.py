"""Relief-F: a feature is good where near rows of another class differ in it and those of the same do not.

Kononenko 1994; Robnik-Šikonja & Kononenko, "Theoretical and empirical analysis of ReliefF and RReliefF",
Machine Learning 53 (2003). The definition in detail is that of Weka's ReliefFAttributeEval.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from radcompare.errors import ConfigError, UnknownNameError
from radcompare.selection.difference import Features, RangeRule, features
from radcompare.selection.distance import distance_blocks, ordered_distances
from radcompare.selection.equal_scores import equalised
from radcompare.selection.folds import AllRows, worth_updating
from radcompare.selection.java_random import java_rows
from radcompare.selection.nearest import nearest_by_index, nearest_by_slots
from radcompare.selection.neighbour_weights import class_weight, rank_weights
from radcompare.selection.pair_sums import Pairs, PairSums, listed, merged
from radcompare.selection.quicksort import quicksort_orders
from radcompare.selection.rough_distance import nearest_distances
from radcompare.selection.scored import Scorer
from radcompare.selection.training_rows import Floats, Integers, Training, training

Ties = Literal["index", "weka"]


@dataclass(eq=False)
class ReliefF(Scorer):
    """Relief-F scores of numeric and nominal features, missing values allowed.

    Every row (or `sample` of them) finds its `neighbours` nearest rows in each class, or as many as there
    are. W_f is the mean over rows of -(mean difference in f to the hits) + sum over the other classes of
    P_c/(1 - P_own) x (mean difference in f to its misses). A class without another row has no hits and adds
    no such term. A constant feature scores 0. One without any value differs by 1 everywhere: it scores 0
    where every class has two rows, else the share of rows that are alone in their class. Scores that rounding
    errors alone tell apart are made equal (see `equalised`).

    Args:
        neighbours: k, at least 1.
        ties: `index`: distances rounded to 1e-9, then the lower row index. `weka`: Weka's slots, and sums
            in column order, which decide ties in the last bit; the scores then are Weka's within 1e-12.
        sample: how many rows to draw with replacement; every row once if absent or not below their number.
        seed: of that draw, as in `java.util.Random`.
        sigma: neighbours weigh exp(-(rank/sigma)^2), rank from 0, normalised; all equally if absent.
        range_rule: when a numeric feature counts as constant. `exact`: max equals min. `weka`: max - min is
            below 1e-6, which ignores features in tiny units. Follows `ties` if absent.

    Attributes:
        scores_: W, shape (p,), after `fit`.

    Raises:
        ConfigError: a setting is out of its range.
    """

    neighbours: int = 10
    ties: Ties = "index"
    sample: int | None = None
    seed: int = 1
    sigma: float | None = None
    range_rule: RangeRule | None = None

    def __post_init__(self) -> None:
        if self.ties not in get_args(Ties):
            raise UnknownNameError("ties", self.ties, get_args(Ties))
        if self.range_rule is not None and self.range_rule not in get_args(RangeRule):
            raise UnknownNameError("range rule", self.range_rule, get_args(RangeRule))
        for name in ("neighbours", "sample"):
            number = getattr(self, name)
            if number is not None and number < 1:
                raise ConfigError(f"relieff: {name} must be at least 1, found {number}")
        if self.sigma is not None and not self.sigma > 0:
            raise ConfigError(f"relieff: sigma must be above 0, found {self.sigma}")

    def fit_folds(
        self,
        X: ArrayLike,
        y: ArrayLike,
        trains: Iterable[Integers],
        levels: ArrayLike | None = None,
    ) -> Iterator[Floats]:
        """Score every column in every fold, as `fit` of its training rows does, but sharing what folds share.

        The scores of a fold are the same to the last bit whichever other folds are asked for.

        Args:
            X: all rows, as in `fit`.
            y: their classes.
            trains: the training rows of every fold, as row numbers.
            levels: as in `fit`.

        Yields:
            Scores of a fold, shape (p,): within 1e-10 those of `fit(X[train], y[train], levels)`.

        Raises:
            DataError: as in `fit`, for any row.
            OutcomeError: there is one class only, in all rows or in a fold.
        """
        rows = training(X, y, levels)
        shared: AllRows | None = None
        for train in trains:
            if not self._shares(rows, train):
                yield replace(self).fit(rows.values[train], rows.classes[train], rows.levels).scores_
                continue
            shared = shared or AllRows(rows, self.neighbours, self.sigma, self._range_rule())
            yield equalised(shared.scores(train))

    def _scores(self, rows: Training) -> Floats:
        columns = features(rows, self._range_rule())
        return equalised(PairSums(columns)(merged(self._pairs(columns))))

    def _shares(self, rows: Training, train: Integers) -> bool:
        """Whether a fold can be, and is better, made from all rows; Weka's slots and samples cannot."""
        sampled = self.sample is not None and self.sample < len(train)
        return self.ties == "index" and not sampled and worth_updating(rows, train)

    def _range_rule(self) -> RangeRule:
        return self.range_rule or ("weka" if self.ties == "weka" else "exact")

    def _pairs(self, columns: Features) -> Iterator[Pairs]:
        """Every row asked with each of its neighbours, signed and weighted."""
        rows = columns.training
        asked, times = self._asked(len(rows.values))
        for some, distances in distance_blocks(columns, asked, self._distances):
            share: Floats = times[np.searchsorted(asked, some)] / float(times.sum())
            for own in np.unique(rows.classes[some]):
                mine = rows.classes[some] == own
                for other in range(len(rows.class_counts)):
                    near = self._nearest(rows, some[mine], distances[mine], other)
                    weight = class_weight(rows.class_counts, own, other) * self._rank_weights(near.shape[1])
                    yield listed(some[mine], near, share[mine, None] * weight)

    def _distances(self, columns: Features, rows: Integers) -> Floats:
        """Distances from some rows to all, as exact as the rule for ties needs them."""
        if self.ties == "weka":
            return ordered_distances(columns, rows)
        return nearest_distances(columns, rows, self.neighbours, ordered=self.sigma is not None)

    def _asked(self, n: int) -> tuple[Integers, Integers]:
        """Distinct rows to ask, ascending, and how often each was drawn."""
        if self.sample is None or self.sample >= n:
            return np.arange(n), np.ones(n, np.int64)
        return np.unique(java_rows(n, self.sample, self.seed), return_counts=True)

    def _nearest(self, rows: Training, asked: Integers, distances: Floats, other: int) -> Integers:
        """Row indices of the nearest in one class, the row itself left out, shape (asked, found)."""
        members = np.flatnonzero(rows.classes == other)
        candidates = np.broadcast_to(members, (len(asked), len(members)))
        measured = distances[:, members]
        if rows.classes[asked[0]] == other:
            others = candidates != asked[:, None]
            candidates = candidates[others].reshape(len(asked), -1)
            measured = measured[others].reshape(len(asked), -1)
        found = min(self.neighbours, measured.shape[1])
        if self.ties == "index":
            return np.take_along_axis(candidates, nearest_by_index(measured, found), axis=1)
        slots = nearest_by_slots(measured, found)
        if self.sigma is not None:
            order = quicksort_orders(np.take_along_axis(measured, slots, axis=1))
            slots = np.take_along_axis(slots, order, axis=1)
        return np.take_along_axis(candidates, slots, axis=1)

    def _rank_weights(self, found: int) -> Floats:
        """Weights of the neighbours found, nearest first, that sum to 1."""
        weights = rank_weights(found, self.sigma)
        return np.asarray(weights / weights.sum())
