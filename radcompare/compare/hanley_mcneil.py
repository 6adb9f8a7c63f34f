"""AUCs known only from a publication: the AUC and the number of cases of each class.

Hanley and McNeil (1982), Radiology 143:29. The formula assumes a shape of the two score distributions
(negative exponential); with scores of the cases at hand use DeLong instead.
"""

import math
from dataclasses import dataclass

from scipy.stats import norm

from radcompare.compare import normal
from radcompare.compare.inputs import tail
from radcompare.compare.result import Comparison, Estimate
from radcompare.errors import TestRefused

NAME = "hanley-mcneil"


@dataclass(frozen=True)
class Summary:
    """What a paper reports: an AUC, and how many positive and negative cases it comes from.

    Raises:
        TestRefused: an AUC outside [0, 1], or no case of a class.
    """

    auc: float
    n_pos: int
    n_neg: int

    def __post_init__(self) -> None:
        if not 0.0 <= self.auc <= 1.0:
            raise TestRefused(f"an AUC of {self.auc} cannot be", "give a number between 0 and 1")
        if min(self.n_pos, self.n_neg) < 1:
            raise TestRefused(
                f"{self.n_pos} positive and {self.n_neg} negative cases: no AUC", "both classes are needed"
            )

    @property
    def se(self) -> float:
        """The standard error: sqrt of (A(1-A) + (n_pos-1)(Q1-A²) + (n_neg-1)(Q2-A²)) / (n_pos n_neg)."""
        area = self.auc
        q1 = area / (2.0 - area)
        q2 = 2.0 * area**2 / (1.0 + area)
        spread = area * (1.0 - area)
        spread += (self.n_pos - 1) * (q1 - area**2) + (self.n_neg - 1) * (q2 - area**2)
        return math.sqrt(max(0.0, spread) / (self.n_pos * self.n_neg))


def auc_interval_from_summary(summary: Summary, *, confidence: float = 0.95) -> Estimate:
    """The published AUC with a Wald interval, cut at 0 and 1."""
    ci = normal.interval(summary.auc, summary.se, confidence=confidence, bounds=(0.0, 1.0))
    return Estimate(summary.auc, ci, "" if summary.se > 0 else "the formula gives no variance at 0 and 1")


def compare_summaries(
    a: Summary, b: Summary, *, correlation: float = 0.0, confidence: float = 0.95
) -> Comparison:
    """Compare two published AUCs by z = (A - B) / sqrt(SE_A² + SE_B² - 2 r SE_A SE_B).

    Args:
        a: the first.
        b: the second.
        correlation: of the two AUCs; 0 for different cases. On the same cases it is positive and rarely
            published (Hanley and McNeil 1983), so that 0 is conservative there.
        confidence: of the interval of the difference.

    Raises:
        TestRefused: a correlation outside (-1, 1).
    """
    if not -1.0 < correlation < 1.0:
        raise TestRefused(f"a correlation of {correlation} cannot be", "give a number between -1 and 1")
    variance = a.se**2 + b.se**2 - 2.0 * correlation * a.se * b.se
    return _z_test(a.auc - b.auc, math.sqrt(variance), confidence)


def needed_correlation(a: Summary, b: Summary, confidence: float = 0.95) -> float | None:
    """The correlation from which two AUCs of the same cases differ with p <= 1 - confidence; None if none does.

    Solves z = |A - B| / sqrt(SE_A² + SE_B² - 2 r SE_A SE_B) for r; negative where even that would do.
    """
    both = 2.0 * a.se * b.se
    if both == 0.0:
        return None
    z = float(norm.isf(tail(confidence)))
    needed = (a.se**2 + b.se**2 - ((a.auc - b.auc) / z) ** 2) / both
    return needed if needed < 1.0 else None


def compare_with_value(summary: Summary, value: float = 0.5, *, confidence: float = 0.95) -> Comparison:
    """Compare a published AUC with a fixed value, by the standard error at the published AUC."""
    return _z_test(summary.auc - value, summary.se, confidence)


def _z_test(difference: float, se: float, confidence: float) -> Comparison:
    return normal.compare(test=NAME, metric="auc", difference=difference, se=se, confidence=confidence)
