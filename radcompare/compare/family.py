"""All pairs of arms that were tested alike: their p values are adjusted together."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from radcompare.compare.adjust import benjamini_hochberg, holm
from radcompare.compare.inputs import tail
from radcompare.compare.non_inferiority import Margin
from radcompare.compare.result import Comparison
from radcompare.tables.results import NonInferiority, PairResult

Tested = tuple[str, str, int, Comparison]
"""Arm a, arm b, number of cases, and what the test said."""

WeighedLoss = tuple[str, str, int, Margin]
"""The same of a test against a margin."""

ADJUSTMENTS = {"holm": holm, "benjamini-hochberg": benjamini_hochberg}


def pairs_of(arms: Sequence[str], reference: str | None) -> Iterator[tuple[str, str]]:
    """Pairs (a, b), tested as a minus b: every arm against the reference, or each pair in the arms' order."""
    if reference is not None:
        yield from ((arm, reference) for arm in arms if arm != reference)
    else:
        yield from combinations(arms, 2)


def adjusted(tested: Sequence[Tested], adjust: str) -> Iterator[PairResult]:
    """Pairs as results, p adjusted over all pairs whose same metric was tested with the same test."""
    values_of = _values([test for *_, test in tested], adjust)
    for number, (a, b, n, test) in enumerate(tested):
        yield PairResult(
            *(
                a,
                b,
                test.test,
                test.metric,
                n,
                test.difference,
                test.ci,
                test.p,
                values_of[number],
                test.note,
            ),
            smallest_p=test.smallest_p,
            detectable=test.detectable,
        )


def adjusted_margins(
    weighed: Sequence[WeighedLoss], margin: float, confidence: float, adjust: str
) -> Iterator[NonInferiority]:
    """The same of non-inferiority; one-sided at half of what the confidence leaves."""
    values_of = _values([found for *_, found in weighed], adjust)
    for number, (a, b, n, found) in enumerate(weighed):
        p = values_of[number]
        figures = (found.difference, found.lower, found.p, p, p <= tail(confidence))
        yield NonInferiority(a, b, found.test, found.metric, n, margin, *figures)


def _values(tests: Sequence[Comparison] | Sequence[Margin], adjust: str) -> dict[int, float]:
    """The adjusted p of every test by its position."""
    values_of: dict[int, float] = {}
    families = [(test.test, test.metric) for test in tests]
    for name in dict.fromkeys(families):
        family = [number for number, other in enumerate(families) if other == name]
        values = ADJUSTMENTS[adjust]([tests[number].p for number in family])
        values_of |= dict(zip(family, values.tolist(), strict=True))
    return values_of
