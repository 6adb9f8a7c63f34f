"""Decision curves: what acting on predicted probabilities is worth, in true positives per case."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radcompare.compare.probability import outcomes_and_probabilities
from radcompare.errors import ConfigError


@dataclass(frozen=True)
class DecisionCurve:
    """Net benefit over a range of thresholds; each array has shape (t,).

    Attributes:
        thresholds: the probability from which on one would act, in the order in which they were given.
        model: net benefit of acting on the cases with p >= threshold.
        treat_all: net benefit of acting on every case.
    """

    thresholds: NDArray[np.float64]
    model: NDArray[np.float64]
    treat_all: NDArray[np.float64]

    @property
    def treat_none(self) -> NDArray[np.float64]:
        """Net benefit of acting on no case: 0 at every threshold."""
        return np.zeros_like(self.thresholds)


def decision_curve(y: ArrayLike, p: ArrayLike, thresholds: ArrayLike) -> DecisionCurve:
    """The net benefit of a model beside that of treating all and of treating none.

    Vickers and Elkin (2006), Medical Decision Making 26:565. A model is worth using at a threshold where
    its net benefit is above both others.

    Args:
        y: 0 or 1, shape (n,); one class only is allowed.
        p: probability of class 1, shape (n,).
        thresholds: strictly between 0 and 1, shape (t,), in any order.

    Raises:
        TestRefused: no cases, missing values, other outcomes than 0 and 1, a probability below 0 or
            above 1, or different lengths.
        ConfigError: no thresholds, or one that is not strictly between 0 and 1.
    """
    labels, probabilities = outcomes_and_probabilities(y, p)
    limits = _thresholds(thresholds)
    n_pos = int(np.count_nonzero(labels))
    true_positives = _at_least(probabilities[labels], limits)
    false_positives = _at_least(probabilities[~labels], limits)
    # Both in the same arithmetic: a model that calls every case is equal to treating all, to the last bit.
    odds = limits / (1.0 - limits)
    return DecisionCurve(
        thresholds=limits,
        model=(true_positives - false_positives * odds) / labels.size,
        treat_all=(n_pos - (labels.size - n_pos) * odds) / labels.size,
    )


def net_benefit(y: ArrayLike, p: ArrayLike, thresholds: ArrayLike) -> NDArray[np.float64]:
    """TP/n - FP/n · t/(1 - t) of calling p >= t positive, at each threshold t; shape (t,).

    The odds of the threshold are the harm of a false positive, in units of the good of a true one. The
    value is at most the share of positives; below 0 it would be better to act on no case.

    Args:
        y: 0 or 1, shape (n,); one class only is allowed.
        p: probability of class 1, shape (n,).
        thresholds: strictly between 0 and 1, shape (t,), in any order.

    Raises:
        TestRefused, ConfigError: as `decision_curve`.
    """
    return decision_curve(y, p, thresholds).model


def _at_least(values: NDArray[np.float64], limits: NDArray[np.float64]) -> NDArray[np.int_]:
    """How many values are at least each limit."""
    return np.asarray(values.size - np.searchsorted(np.sort(values), limits, side="left"))


def _thresholds(values: ArrayLike) -> NDArray[np.float64]:
    hint = "give a list such as 0.05, 0.1, 0.2; write 10 % as 0.1"
    try:
        limits = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ConfigError("thresholds: not every value is a number", hint) from None
    if limits.ndim != 1 or limits.size == 0:
        raise ConfigError(f"thresholds: expected a list, found shape {limits.shape}", hint)
    wrong = limits[~((limits > 0.0) & (limits < 1.0))]
    if wrong.size:
        raise ConfigError(f"threshold {wrong[0]:g} is not strictly between 0 and 1", hint)
    return limits
