"""LASSO: columns in the order in which they enter an L1-penalised logistic regression as the penalty falls.

Tibshirani, "Regression shrinkage and selection via the lasso", JRSS B 58 (1996); the grid of penalties is that of
glmnet (Friedman, Hastie & Tibshirani, J. Stat. Softw. 33, 2010).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from radcompare.selection.logistic_path import logistic_path
from radcompare.selection.numbers import Numbers, numbers
from radcompare.selection.ranking import ranking
from radcompare.selection.scored import DECIMALS, Search
from radcompare.selection.training_rows import Floats, Integers, Training

STEPS, SMALLEST_PENALTY = 100, 0.01


@dataclass(eq=False)
class Lasso(Search):
    """Order of entering the path of L1 logistic regression on standardised columns, the intercept free.

    The penalty falls in 99 equal ratios from the largest that lets a column in to a hundredth of it. Columns that
    enter at the same penalty are ordered by their |coefficient| there. One that leaves again keeps its place.
    With three and more classes, each class is set against the others, and the first to take a column counts.
    A nominal column enters with the first indicator of its levels. Gaps are filled with the median. Of copies the
    lowest index enters first.
    """

    def _found(self, rows: Training) -> list[int]:
        columns, entered = numbers(rows), list[int]()
        for weights in _path(columns, rows.classes):
            weights[entered] = 0
            entered += [column for column in ranking(weights).tolist() if weights[column] > 0]
            if len(entered) >= self.top:
                break
        return entered


def _path(columns: Numbers, classes: Integers) -> Iterator[Floats]:
    """Largest |coefficient| of every column of the training rows, shape (p,), as the penalty falls."""
    kinds = np.arange(classes.max() + 1) if classes.max() > 1 else np.array([1])
    member = (classes[:, None] == kinds).astype(np.float64)
    largest = np.abs(columns.values.T @ (member - member.mean(axis=0))).max(initial=0)
    if largest < len(classes) * 10.0**-DECIMALS:
        return
    penalties = largest * SMALLEST_PENALTY ** (np.arange(1, STEPS) / (STEPS - 1))
    paths = [logistic_path(columns.values, own, penalties.tolist()) for own in member.T]
    for fitted in zip(*paths, strict=True):
        yield columns.best(np.round(np.abs(fitted).max(axis=0), DECIMALS))
