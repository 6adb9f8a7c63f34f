"""What a reader has to be warned of before believing a result."""

from collections.abc import Iterator, Sequence

from radcompare.config import Experiment
from radcompare.report.answers import AREAS
from radcompare.report.kinds import SIZE, kinds_of
from radcompare.tables.results import ArmResult, Results

FEW = 100
"""Cases of the smaller class below which performance is poorly known.

Collins, Ogundimu and Altman (2016), Stat Med 35:214; Vergouwe et al. (2005), J Clin Epidemiol 58:475.
"""


def cautions(results: Results, experiment: Experiment) -> list[str]:
    """Sentences, the gravest first; random weights and failed measurements are told apart from these."""
    return [*_size_alone(results, experiment), *_few_cases(results), *_unequal_cases(results)]


def _size_alone(results: Results, experiment: Experiment) -> Iterator[str]:
    """Whether the size of the region does as well as what is said to look deeper."""
    kinds = kinds_of(experiment)
    size = [arm for arm in results.arms if kinds.get(arm.arm) == SIZE and arm.auc is not None]
    rest = [arm for arm in results.arms if kinds.get(arm.arm) != SIZE and arm.auc is not None]
    if not size:
        if experiment.cohort is not None and rest:
            yield (
                "No arm is the size of the region alone. Texture and deep features often stand for size: without "
                "such an arm it cannot be told whether they say more."
            )
        return
    best = max(size, key=lambda arm: arm.auc or 0.0)
    matched = [arm for arm in rest if _is_matched(results, arm, best)]
    if matched:
        named = ", ".join(f"{arm.label} {arm.auc:.3f}" for arm in matched)
        yield (
            f"Size alone (AUC of {best.label} {best.auc:.3f}) is not shown to be worse than {named}: "
            "what these arms see may be the size of the region."
        )


def _is_matched(results: Results, arm: ArmResult, size: ArmResult) -> bool:
    """Whether an arm was not shown to be ahead of size; where that was not tested, whether its AUC is no higher."""
    for pair in results.pairs:
        if {pair.a, pair.b} == {arm.arm, size.arm} and pair.metric in AREAS:
            ahead = pair.difference > 0 if pair.a == arm.arm else pair.difference < 0
            return not (ahead and pair.p_adjusted <= 1 - results.confidence)
    return (arm.auc or 0.0) <= (size.auc or 0.0)


def _few_cases(results: Results) -> Iterator[str]:
    smaller = [
        min(arm.n_pos, arm.n_neg) for arm in results.arms if arm.n_pos is not None and arm.n_neg is not None
    ]
    if smaller and min(smaller) < FEW:
        yield (
            f"Small: the rarer class has {min(smaller)} cases. Below {FEW}, intervals are wide and calibration is "
            "hardly known (Vergouwe 2005, Collins 2016)."
        )


def _unequal_cases(results: Results) -> Iterator[str]:
    counts: Sequence[int] = [arm.n for arm in results.arms]
    if counts and min(counts) < max(counts):
        yield (
            f"Not every arm scored every case ({min(counts)} to {max(counts)}): figures of arms side by side are of "
            "different cases; paired tests use the common ones."
        )
