"""What a table of predicted against true labels says: accuracy, sensitivity and their kin."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from radcompare.compare.inputs import binary, same_length


@dataclass(frozen=True)
class Confusion:
    """Counts of a binary decision; every metric is NaN where its denominator is 0.

    Attributes:
        tp: positive cases called positive.
        fn: positive cases called negative.
        fp: negative cases called positive.
        tn: negative cases called negative.
    """

    tp: int
    fn: int
    fp: int
    tn: int

    @property
    def n(self) -> int:
        """All cases."""
        return self.tp + self.fn + self.fp + self.tn

    @property
    def accuracy(self) -> float:
        """The share of cases called rightly."""
        return _ratio(self.tp + self.tn, self.n)

    @property
    def balanced_accuracy(self) -> float:
        """The mean of sensitivity and specificity: the AUC of hard labels. NaN with one class only."""
        return (self.sensitivity + self.specificity) / 2.0

    @property
    def sensitivity(self) -> float:
        """The share of positive cases called positive (recall)."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def specificity(self) -> float:
        """The share of negative cases called negative."""
        return _ratio(self.tn, self.tn + self.fp)

    @property
    def ppv(self) -> float:
        """The share of positive calls that are right (precision)."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def npv(self) -> float:
        """The share of negative calls that are right."""
        return _ratio(self.tn, self.tn + self.fn)

    @property
    def f1(self) -> float:
        """The harmonic mean of PPV and sensitivity: 2 TP / (2 TP + FP + FN)."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def mcc(self) -> float:
        """Matthews' correlation of true and predicted labels. NaN if either is constant."""
        called, positive = self.tp + self.fp, self.tp + self.fn
        margins = called * positive * (self.n - called) * (self.n - positive)
        return _ratio(self.tp * self.tn - self.fp * self.fn, math.sqrt(margins))

    def metrics(self) -> dict[str, float]:
        """Every metric by its name."""
        return {name: getattr(self, name) for name in METRICS}


METRICS = ("accuracy", "balanced_accuracy", "sensitivity", "specificity", "ppv", "npv", "f1", "mcc")
"""The names of the metrics, in the order in which they are reported."""


def confusion(y: ArrayLike, predicted: ArrayLike) -> Confusion:
    """Count the four outcomes of a binary decision.

    Args:
        y: 0 or 1, shape (n,); one class only is allowed.
        predicted: 0 or 1, shape (n,).

    Raises:
        TestRefused: no cases, missing values, other values than 0 and 1, or different lengths.
    """
    positive, called = binary(y), binary(predicted, "predicted")
    same_length(positive.size, [called])
    cells = np.bincount(2 * positive + called, minlength=4).tolist()
    tn, fp, fn, tp = cells
    return Confusion(tp=tp, fn=fn, fp=fp, tn=tn)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan
