"""Forward selection: take the column with which naive Bayes does best in an inner cross-validation, repeat."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import rankdata
from sklearn.model_selection import StratifiedKFold

from radcompare.errors import ConfigError, OutcomeError
from radcompare.selection.class_means import class_means, sums_of_squares
from radcompare.selection.numbers import Numbers, numbers
from radcompare.selection.ranking import ranking
from radcompare.selection.scored import DECIMALS, Search
from radcompare.selection.training_rows import Floats, Integers, Training

SMOOTHING = 1e-9
"""Added to every variance of a standardised column, as scikit-learn's GaussianNB does."""


class InnerFold(NamedTuple):
    """What the rows that one inner fold leaves out say.

    Attributes:
        classes: of these rows, shape (m,).
        prior: log frequency of the classes in the other rows, shape (C,).
        evidence: log likelihood of every candidate in every class, shape (candidates, m, C).
    """

    classes: Integers
    prior: Floats
    evidence: Floats


@dataclass(eq=False)
class Forward(Search):
    """Greedy forward search with Gaussian naive Bayes, by the mean AUC over stratified inner folds.

    Only the `candidates` columns of the largest ANOVA F are looked at. Each time the column is taken with which
    the AUC is highest, also when it falls; of equal ones (to 1e-9) that of the larger F. With three and more
    classes the AUC is the mean of each class against the others. Gaps are filled with the median; a nominal
    column joins with all indicators of its levels.

    Args:
        candidates: how many columns are tried at all.
        inner_folds: of the training rows; no more than the smallest class has rows.
        seed: of the division into folds.

    Raises:
        ConfigError: a setting is out of its range.
    """

    candidates: int = 50
    inner_folds: int = 5
    seed: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.candidates < 1 or self.inner_folds < 2:
            found = f"found {self.candidates} and {self.inner_folds}"
            raise ConfigError(f"forward: expected candidates of at least 1 and inner_folds of 2, {found}")

    def _found(self, rows: Training) -> list[int]:
        columns = numbers(rows)
        pool, taken = self._pool(columns, rows.classes), list[int]()
        folds = list(self._inner(columns, pool, rows)) if pool else []
        while len(taken) < min(self.top, len(pool)):
            areas = np.mean([_areas(fold, taken) for fold in folds], axis=0)
            areas[taken] = -np.inf
            taken.append(int(np.round(areas, DECIMALS).argmax()))
        return [pool[position] for position in taken]

    def _pool(self, columns: Numbers, classes: Integers) -> list[int]:
        between, _ = sums_of_squares(columns.values, classes)
        varying = set(columns.column.tolist())
        order = ranking(columns.best(np.round(between / len(classes), DECIMALS)))
        return [int(column) for column in order if column in varying][: self.candidates]

    def _inner(self, columns: Numbers, pool: list[int], rows: Training) -> Iterator[InnerFold]:
        count = min(self.inner_folds, int(rows.class_counts.min()))
        if count < 2:
            problem = "forward: a class has one training row, and the inner cross-validation needs two"
            raise OutcomeError(problem, "use another selector, or fewer folds")
        splitter = StratifiedKFold(count, shuffle=True, random_state=self.seed)
        for train, test in splitter.split(columns.values, rows.classes):
            likelihood = _log_likelihood(columns.values[train], rows.classes[train], columns.values[test])
            evidence = [likelihood[columns.of(column)].sum(axis=0) for column in pool]
            prior = np.log(np.bincount(rows.classes[train]) / len(train))
            yield InnerFold(rows.classes[test], prior, np.array(evidence))


def _log_likelihood(train: Floats, classes: Integers, test: Floats) -> Floats:
    """Normal log density of test values in every class, without its constant, shape (columns, rows, C)."""
    means = class_means(train, classes)
    variances = class_means((train - means[classes]) ** 2, classes) + SMOOTHING
    distance = (test.T[:, :, None] - means.T[:, None]) ** 2 / variances.T[:, None]
    return np.asarray(-(distance + np.log(variances.T)[:, None]) / 2)


def _areas(fold: InnerFold, taken: list[int]) -> Floats:
    """AUC in one inner fold of every candidate together with the taken ones, shape (candidates,)."""
    joint = fold.prior + fold.evidence[taken].sum(axis=0) + fold.evidence
    areas = [
        _area(joint[..., own] - logsumexp(np.delete(joint, own, axis=-1), axis=-1), fold.classes == own)
        for own in range(joint.shape[-1])
    ]
    return np.asarray(np.mean(areas, axis=0))


def _area(scores: Floats, positive: NDArray[np.bool_]) -> Floats:
    """Area under the ROC curve of scores of shape (candidates, rows), shape (candidates,)."""
    n = int(positive.sum())
    rank_sums = rankdata(scores, axis=-1)[:, positive].sum(axis=-1)
    return np.asarray((rank_sums - n * (n + 1) / 2) / (n * (len(positive) - n)))
