"""L1-penalised logistic regression with a free intercept, for one penalty after another.

Newton's method with a weighted least-squares LASSO in every step, as in glmnet (Friedman, Hastie & Tibshirani,
"Regularization paths for generalized linear models via coordinate descent", J. Stat. Softw. 33, 2010).
scikit-learn's own L1 solvers penalise the intercept (liblinear) or are slow on wide tables (saga).
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit
from sklearn.linear_model import Lasso as LeastSquares

from radcompare.selection.training_rows import Floats

NEWTON_STEPS, HALVINGS = 100, 30
SETTLED = 1e-9
"""Relative fall of the objective below which a penalty is done."""
LEAST_WEIGHT = 1e-6
"""A row that is as good as certain keeps this weight, so that its working response is finite."""


class Fit(NamedTuple):
    """Coefficients, shape (columns,), and intercept."""

    weights: Floats
    intercept: float

    def towards(self, other: "Fit", share: float) -> "Fit":
        """A share of the way to another fit."""
        weights = self.weights + share * (other.weights - self.weights)
        return Fit(weights, self.intercept + share * (other.intercept - self.intercept))


def logistic_path(values: Floats, positive: Floats, penalties: Iterable[float]) -> Iterator[Floats]:
    """Minimise the sum of log losses + penalty x sum of |coefficients|.

    Args:
        values: shape (n, columns), standardised.
        positive: shape (n,), 1 or 0; both occur.
        penalties: falling, so that each fit starts near the next.

    Yields:
        Coefficients for every penalty, shape (columns,); most are exactly 0.
    """
    values = np.asfortranarray(values)
    fit = Fit(np.zeros(values.shape[1]), float(logit(positive.mean())))
    for penalty in penalties:
        fit = _minimised(values, positive, penalty, fit)
        yield fit.weights


def _minimised(values: Floats, positive: Floats, penalty: float, fit: Fit) -> Fit:
    """Newton steps from a fit, halved until the objective falls, as far as it does."""
    now = _objective(values, positive, penalty, fit)
    for _ in range(NEWTON_STEPS):
        aim, before = _newton(values, positive, penalty, fit), now
        for share in 0.5 ** np.arange(HALVINGS):
            nearer = fit.towards(aim, float(share))
            now = _objective(values, positive, penalty, nearer)
            if now <= before:
                fit = nearer
                break
        if before - now <= SETTLED * before:
            break
    return fit


def _objective(values: Floats, positive: Floats, penalty: float, fit: Fit) -> float:
    margin = values @ fit.weights + fit.intercept
    loss = np.logaddexp(0, margin).sum() - positive @ margin
    return float(loss + penalty * np.abs(fit.weights).sum())


def _newton(values: Floats, positive: Floats, penalty: float, fit: Fit) -> Fit:
    """The minimum of the quadratic approximation of the loss at a fit, plus the penalty."""
    margin = values @ fit.weights + fit.intercept
    probability = expit(margin)
    weight = np.maximum(probability * (1 - probability), LEAST_WEIGHT)
    response = margin + (positive - probability) / weight
    model = LeastSquares(alpha=penalty / weight.sum(), tol=1e-10, max_iter=10_000, warm_start=True)
    model.coef_ = fit.weights.copy()
    model.fit(values, response, sample_weight=weight)
    return Fit(model.coef_, float(model.intercept_))
