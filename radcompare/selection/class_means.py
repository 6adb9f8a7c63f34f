"""How far apart the means of the classes are: ANOVA's F, Fisher's score, Welch's t, and Kruskal-Wallis on ranks.

Gaps are filled with the median; a nominal column scores as the best indicator of its levels
(see `radcompare.selection.numbers`). A column that is constant in every class but not over all rows scores
infinity.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from radcompare.selection.numbers import numbers
from radcompare.selection.scored import Scorer
from radcompare.selection.training_rows import Floats, Integers, Training

ROUNDING = 1e-24
"""Share of the sum of squares below which it is an error of rounding."""


@dataclass(eq=False)
class Anova(Scorer):
    """F of the one-way analysis of variance: variance of the class means over that inside the classes."""

    def _scores(self, rows: Training) -> Floats:
        columns = numbers(rows)
        between, within = sums_of_squares(columns.values, rows.classes)
        classes = len(rows.class_counts)
        # With one row per class nothing varies inside, and any factor leaves infinity.
        freedom = max(len(rows.classes) - classes, 1) / (classes - 1)
        return columns.best(ratio(between, within) * freedom)


@dataclass(eq=False)
class Fisher(Scorer):
    """Fisher score: sum of n_c (mean_c - mean)^2 over sum of n_c var_c (Duda, Hart & Stork).

    It is ANOVA's F times (C - 1)/(n - C), and so ranks as `anova` does.
    """

    def _scores(self, rows: Training) -> Floats:
        columns = numbers(rows)
        return columns.best(ratio(*sums_of_squares(columns.values, rows.classes)))


@dataclass(eq=False)
class KruskalWallis(Scorer):
    """Kruskal-Wallis H, corrected for ties: ANOVA of ranks, and for two classes Wilcoxon's rank-sum test.

    H = (n - 1) x (sum of squares between the classes)/(total sum of squares) of the midranks. Any monotone
    transformation of a column leaves it as it is.
    """

    def _scores(self, rows: Training) -> Floats:
        columns = numbers(rows, ranked=True)
        between, within = sums_of_squares(columns.values, rows.classes)
        return columns.best((len(rows.classes) - 1) * between / (between + within))


@dataclass(eq=False)
class TScore(Scorer):
    """Welch's |t|: difference of two class means over its standard error, variances not assumed equal.

    With three and more classes, the largest over all pairs of classes. A class of one row adds no variance.
    """

    def _scores(self, rows: Training) -> Floats:
        columns = numbers(rows)
        counts, means = rows.class_counts, class_means(columns.values, rows.classes)
        squares = (columns.values - means[rows.classes]) ** 2
        variances = sums_by_class(squares, rows.classes) / np.maximum(counts - 1, 1)[:, None]
        scores = np.zeros(columns.values.shape[1])
        for a, b in combinations(range(len(counts)), 2):
            error = variances[a] / counts[a] + variances[b] / counts[b]
            scores = np.maximum(scores, ratio((means[a] - means[b]) ** 2, error))
        return columns.best(np.sqrt(scores))


def sums_of_squares(values: Floats, classes: Integers) -> tuple[Floats, Floats]:
    """Sums of squares between and inside the classes, shape (columns,) each, of values (n, columns)."""
    means = class_means(values, classes)
    between = np.bincount(classes) @ (means - values.mean(axis=0)) ** 2
    return between, ((values - means[classes]) ** 2).sum(axis=0)


def class_means(values: Floats, classes: Integers) -> Floats:
    """Means of every class, shape (C, columns)."""
    return sums_by_class(values, classes) / np.bincount(classes)[:, None]


def sums_by_class(values: Floats, classes: Integers) -> Floats:
    """Sums over the rows of every class, shape (C, columns)."""
    member = classes == np.arange(classes.max() + 1)[:, None]
    return np.asarray(member.astype(np.float64) @ values)


def ratio(signal: Floats, noise: Floats) -> Floats:
    """Signal over noise; without noise infinity, without either 0."""
    quiet = noise <= ROUNDING * (signal + noise)
    loud = signal > ROUNDING
    return np.where(quiet, np.where(loud, np.inf, 0.0), signal / np.where(quiet, 1, noise))
