"""What selectors share: scores from checked rows, and the best columns of a search that finds one after another."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radcompare.errors import ConfigError
from radcompare.selection.ranking import top as best
from radcompare.selection.training_rows import Floats, Integers, Training, training

DECIMALS = 9
"""Scores that agree so far are equal, so that rounding does not decide which column a search takes."""


class Scored:
    """A selector whose `scores_` can be asked which columns are the best."""

    scores_: Floats

    def get_support(self, top: int) -> NDArray[np.bool_]:
        """Mark the `top` best columns, shape (p,); of equal scores the lowest index is better.

        Raises:
            ConfigError: `top` is less than 1.
        """
        marked = np.zeros(len(self.scores_), np.bool_)
        marked[best(self.scores_, top)] = True
        return marked


@dataclass(eq=False)
class Scorer(Scored, ABC):
    """A selector that scores all columns of the rows that passed the checks.

    Attributes:
        scores_: shape (p,), after `fit`; higher is better, 0 for a column that is constant or has no value.
    """

    scores_: Floats = field(init=False, repr=False)

    def fit(self, X: ArrayLike, y: ArrayLike, levels: ArrayLike | None = None) -> Self:
        """Score every column.

        Args:
            X: shape (n, p): values, or codes 0..L-1 in nominal columns; NaN is missing.
            y: shape (n,), integer codes of the classes.
            levels: shape (p,): 0 for a numeric column, L for a nominal one; all numeric if absent.

        Raises:
            DataError: a value is infinite, a code is not one of its levels, or shapes disagree.
            OutcomeError: there is one class only.
        """
        self.scores_ = self._scores(training(X, y, levels))
        return self

    @abstractmethod
    def _scores(self, rows: Training) -> Floats:
        """Scores of all columns, shape (p,)."""


@dataclass(eq=False)
class Search(Scorer):
    """A selector that takes columns one after another, so that fewer of them are the first of more.

    Args:
        top: how many columns to find, at least 1; fewer are found where the search ends before.

    Attributes:
        found_: the columns, in the order in which they were taken.
        scores_: 1, 1/2, 1/3, ... in that order, and 0 for every other column.

    Raises:
        ConfigError: a setting is out of its range.
    """

    top: int = 10
    found_: Integers = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.top < 1:
            raise ConfigError(f"top: expected at least 1 feature, found {self.top}")

    def get_support(self, top: int) -> NDArray[np.bool_]:
        """Mark the first `top` columns of the search; where it ended before, others fill up by index.

        Raises:
            ConfigError: `top` is less than 1, or more than the search was for.
        """
        if min(top, len(self.scores_)) > self.top:
            problem = f"asked for the best {top} features of a search that was for {self.top}"
            raise ConfigError(problem, f"fit with top={top}")
        return super().get_support(top)

    def _scores(self, rows: Training) -> Floats:
        self.found_ = np.array(self._found(rows)[: self.top], np.int64)
        return by_order(self.found_, len(rows.levels))

    @abstractmethod
    def _found(self, rows: Training) -> Sequence[int] | Integers:
        """Columns in the order in which they are taken, at least `top` where there are so many."""


def by_order(order: Integers, columns: int) -> Floats:
    """Scores 1, 1/2, 1/3, ... of columns in their order and 0 of the others, shape (columns,)."""
    scores = np.zeros(columns)
    scores[order] = 1 / np.arange(1, len(order) + 1)
    return scores
