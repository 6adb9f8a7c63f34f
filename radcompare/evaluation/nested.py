"""The inner loop of a fold: which configuration is the best, judged on its training rows alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from radcompare.compare.auc import auc
from radcompare.compare.confusion import confusion
from radcompare.errors import DataError
from radcompare.evaluation.fold import Scored, Task, fold_seed, known_scores, run_fold
from radcompare.selection.choosing import shares_folds

DECIMALS = 12
"""Merits that agree so far are equal, so that rounding does not decide; the configuration named first wins."""


@dataclass(frozen=True)
class Pick:
    """What the inner loop of a fold picked.

    Attributes:
        scored: the configuration on the test rows; its scores are placed among those of the inner folds, as those of
            two configurations have no common scale.
        merit: its metric over the inner folds.
    """

    scored: Scored
    merit: float


@dataclass(frozen=True)
class Fit:
    """A fold with all its configurations.

    Attributes:
        scored: of every configuration, in the order in which they were given.
        pick: the best of them by the inner loop; None without one.
    """

    scored: tuple[Scored, ...]
    pick: Pick | None = None


def run_nested(task: Task) -> Fit:
    """Score the test rows of a fold, having picked a configuration on its training rows if there is an inner loop.

    Raises:
        DataError: no inner fold tests both classes, or a configuration cannot be learned.
    """
    scored = tuple(run_fold(task))
    if not task.inner:
        return Fit(scored)
    y, folds = task.problem.y[task.fold.train], _inner(task)
    try:
        merits = np.round([_merit(task.metric, y, parts) for parts in zip(*folds, strict=True)], DECIMALS)
    except DataError as error:
        where = f"inner loop of repeat {task.fold.repeat}, fold {task.fold.number}"
        raise DataError(f"{where}: {error.message}", error.hint) from None
    best = int(np.argmax(merits))
    among = np.concatenate([parts[best].scores for parts in folds])
    placed = replace(scored[best], scores=placed_among(scored[best].scores, among), nested=True)
    return Fit(scored, Pick(placed, float(merits[best])))


def placed_among(scores: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of the others that a score is above, ties counted half: a number between 0 and 1.

    Between two of the others it is interpolated, and beyond them it approaches 0 and 1, so that scores that differ
    keep their order.
    """
    values, counts = np.unique(others, return_counts=True)
    shares = (np.cumsum(counts) - counts / 2) / len(others)
    spread = np.ptp(values) or 1.0
    below = shares[0] / (1 + np.maximum(values[0] - scores, 0) / spread)
    above = 1 - (1 - shares[-1]) / (1 + np.maximum(scores - values[-1], 0) / spread)
    inside = np.interp(scores, values, shares)
    return np.asarray(np.where(scores < values[0], below, np.where(scores > values[-1], above, inside)))


def _inner(task: Task) -> list[list[Scored]]:
    """What every configuration says in every inner fold."""
    rows = task.fold.train
    inside = task.problem.of(rows)
    tasks = [
        replace(task, problem=inside, fold=fold, seed=fold_seed(task.seed, fold), known={}, inner=())
        for fold in task.inner
    ]
    if any(shares_folds(selection) for selection in task.selections):
        known = known_scores(tasks)
        tasks = [replace(one, known=of_fold) for one, of_fold in zip(tasks, known, strict=True)]
    return [run_fold(one) for one in tasks]


def _merit(metric: str, y: NDArray[np.int64], parts: Sequence[Scored]) -> float:
    if metric == "auc":
        return _ordered_pairs(y, parts)
    truth = np.concatenate([y[part.fold.test] for part in parts])
    table = confusion(truth, np.concatenate([part.predicted for part in parts]))
    return table.accuracy if metric == "accuracy" else table.balanced_accuracy


def _ordered_pairs(y: NDArray[np.int64], parts: Sequence[Scored]) -> float:
    """The share of pairs of a positive and a negative case of one fold that the scores put in order.

    The AUC within folds, each weighing as much as it has pairs: scores of two folds have no common scale, and a
    fold whose test cases are of one class has nothing to say.
    """
    right, pairs = 0.0, 0
    for part in parts:
        classes = y[part.fold.test]
        count = int(classes.sum()) * int((1 - classes).sum())
        if count:
            right += count * auc(classes, part.scores)
            pairs += count
    if not pairs:
        raise DataError("no inner fold tests both classes", "use fewer inner folds, or metric: accuracy")
    return right / pairs
