"""What a run says of its cases and its features beside its results: nothing here is tested or learned from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Loss:
    """Cases that one stage could not use, or several that lost the same ones for the same reason.

    Attributes:
        stage: the sources and networks whose measurement failed, or that have no features of these cases.
        cases: how many.
        reason: what most of them have in common, in words.
    """

    stage: str
    cases: int
    reason: str


@dataclass(frozen=True)
class Flow:
    """How many cases came in, were lost and were scored.

    Attributes:
        cases: rows of the cohort or table.
        groups: how many patients (or other groups kept together) they are of; None where none were named.
        outcome: the column that is predicted.
        classes: name and number of cases of every class, the negative one first.
        losses: by stage; a case may be lost by several.
        scored: primary arms, and how many cases each scored.
        common: cases that every primary arm scored, which is what paired tests of all of them rest on.
        only_trained: cases that were lost nowhere and that no arm scored: the cohort that others are taught by.
    """

    cases: int
    groups: int | None
    outcome: str
    classes: tuple[tuple[str, int], ...]
    losses: tuple[Loss, ...]
    scored: tuple[tuple[str, int], ...]
    common: int
    only_trained: int = 0


@dataclass(frozen=True)
class Correlation:
    """How features of several sources go together: Spearman's rank correlation over all cases.

    Attributes:
        arm: whose features they are.
        features: names, source after source.
        sources: the source of each.
        values: a square matrix in the order of the features; None where it is undefined (a constant feature).
        cases: how many have all of these features.
    """

    arm: str
    features: tuple[str, ...]
    sources: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    cases: int
