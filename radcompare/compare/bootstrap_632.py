"""The .632+ bootstrap: what models learned from samples do on left-out cases, corrected for their having seen fewer.

A sample with replacement holds 0.632 of the cases, so left-out cases are judged by models that learned from too few,
and the cases a model learned from flatter it. The estimate lies between the two, nearer to the left-out figure the
more the model overfits (Efron and Tibshirani 1997, JASA 92:548; for the AUC Sahiner et al. 2008, Med Phys 35:1559).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from radcompare.compare.auc import auc
from radcompare.tables.predictions import APPARENT, BOOTSTRAP

SHARE = 0.632
CHANCE = 0.5
"""The AUC without any information."""


@dataclass(frozen=True)
class Bootstrap:
    """Predictions of one configuration over bootstrap samples.

    Attributes:
        left_out: cases that a sample left out, a row for each sample and case.
        apparent: all cases, scored by a model that learned from all of them.
    """

    left_out: pd.DataFrame
    apparent: pd.DataFrame

    def auc(self) -> float:
        """The .632+ estimate of the AUC; below one half it reads one half, by definition.

        The left-out figure is the mean over samples, whose scores have no common scale.
        """
        samples = self.left_out.groupby("repeat", sort=False)
        areas = [auc(sample["y_true"], sample["score"]) for _, sample in samples]
        return auc_632(auc(self.apparent["y_true"], self.apparent["score"]), float(np.mean(areas)))

    def accuracy(self) -> float:
        """The .632+ estimate of the accuracy.

        The left-out figure is the leave-one-out bootstrap: every case counts alike, however often it was left out.
        """
        wrong = (self.left_out["predicted"] != self.left_out["y_true"]).groupby(self.left_out["ID"])
        apparent = float((self.apparent["predicted"] != self.apparent["y_true"]).mean())
        luck = no_information_error(self.apparent["y_true"], self.apparent["predicted"])
        return 1 - error_632(apparent, float(wrong.mean().mean()), luck)


def split(rows: pd.DataFrame) -> Bootstrap | None:
    """The two kinds of predictions of a bootstrap, or None where the rows come from another design."""
    if BOOTSTRAP not in rows.columns:
        return None
    apparent = rows[BOOTSTRAP] == APPARENT
    return Bootstrap(rows[~apparent], rows[apparent])


def auc_632(apparent: float, left_out: float) -> float:
    """The .632+ AUC from the apparent one and the mean over left-out cases."""
    at_least = max(CHANCE, left_out)
    if left_out <= CHANCE:
        overfitting = 1.0
    else:
        overfitting = (apparent - left_out) / (apparent - CHANCE) if apparent > left_out else 0.0
    return _between(apparent, at_least, overfitting)


def error_632(apparent: float, left_out: float, luck: float) -> float:
    """The .632+ error rate from the apparent one, that on left-out cases, and that of labels without information."""
    at_most = min(left_out, luck)
    overfits = at_most > apparent
    return _between(apparent, at_most, (at_most - apparent) / (luck - apparent) if overfits else 0.0)


def no_information_error(y: ArrayLike, predicted: ArrayLike) -> float:
    """The error rate if true and predicted classes had nothing to do with one another: p(1 - q) + (1 - p)q."""
    p, q = float(np.mean(np.asarray(y))), float(np.mean(np.asarray(predicted)))
    return p * (1 - q) + (1 - p) * q


def _between(apparent: float, left_out: float, overfitting: float) -> float:
    weight = SHARE / (1 - (1 - SHARE) * overfitting)
    return (1 - weight) * apparent + weight * left_out
