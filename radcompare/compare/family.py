"""All pairs of arms that were tested alike: their p values are adjusted together."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from radcompare.compare.adjust import benjamini_hochberg, holm
from radcompare.compare.result import Comparison
from radcompare.tables.results import PairResult

Tested = tuple[str, str, int, Comparison]
"""Arm a, arm b, number of cases, and what the test said."""

ADJUSTMENTS = {"holm": holm, "benjamini-hochberg": benjamini_hochberg}


def pairs_of(arms: Sequence[str], reference: str | None) -> Iterator[tuple[str, str]]:
    """Pairs (a, b), tested as a minus b: every arm against the reference, or each pair in the arms' order."""
    if reference is not None:
        yield from ((arm, reference) for arm in arms if arm != reference)
    else:
        yield from combinations(arms, 2)


def adjusted(tested: Sequence[Tested], adjust: str) -> Iterator[PairResult]:
    """Pairs as results, p adjusted over all pairs whose same metric was tested with the same test."""
    values_of: dict[int, float] = {}
    families = [(test.test, test.metric) for *_, test in tested]
    for name in dict.fromkeys(families):
        family = [number for number, other in enumerate(families) if other == name]
        values = ADJUSTMENTS[adjust]([tested[number][3].p for number in family])
        values_of |= dict(zip(family, values.tolist(), strict=True))
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
