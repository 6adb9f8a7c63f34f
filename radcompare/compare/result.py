"""What a comparison and an estimate look like, whichever method made them."""

from dataclasses import dataclass, replace

Interval = tuple[float, float]
"""Lower and upper confidence limit."""


@dataclass(frozen=True)
class Estimate:
    """One figure and how sure it is.

    Attributes:
        value: the estimate.
        ci: its confidence interval; None where the method gives none.
        note: what a reader must know to read it rightly; empty if nothing.
    """

    value: float
    ci: Interval | None
    note: str = ""


@dataclass(frozen=True)
class Comparison:
    """The outcome of one test of a difference, first arm minus second.

    Attributes:
        test: the name of the test, as in the registry where it has an entry.
        metric: what is compared: `auc`, `accuracy`, ...
        difference: metric of the first arm minus that of the second.
        ci: confidence interval of the difference; None where the method gives none.
        p: two-sided p value.
        statistic: z, t, or the count that the test is built on; None if there is none.
        note: what a reader must know to read it rightly; empty if nothing.
        df: degrees of freedom, for a t statistic.
        p_greater: one-sided p of the alternative that the first arm is better; None if the test has none.
        p_less: one-sided p of the alternative that the first arm is worse; None if the test has none.
        smallest_p: the smallest p that the test could have come to with these cases; None if there is no floor.
        detectable: the true difference that it would find 8 times in 10; None where not known.
    """

    test: str
    metric: str
    difference: float
    ci: Interval | None
    p: float
    statistic: float | None
    note: str = ""
    df: float | None = None
    p_greater: float | None = None
    p_less: float | None = None
    smallest_p: float | None = None
    detectable: float | None = None

    def noted(self, note: str) -> "Comparison":
        """The same with a further note behind its own."""
        return replace(self, note="; ".join(filter(None, (self.note, note))))
