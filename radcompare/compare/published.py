"""Figures that a publication gives without its predictions: how sure they are, and what their difference can mean."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from radcompare.compare.family import Tested, adjusted, pairs_of
from radcompare.compare.hanley_mcneil import (
    Summary,
    auc_interval_from_summary,
    compare_summaries,
    compare_with_value,
    needed_correlation,
)
from radcompare.compare.limits import largest_mcnemar_p_of_counts, smallest_mcnemar_p_of_counts
from radcompare.compare.mcnemar import difference_interval
from radcompare.compare.proportion import wilson
from radcompare.compare.result import Comparison
from radcompare.compare.summaries import Published, check_names
from radcompare.compare.unpaired import fisher_exact
from radcompare.errors import UnknownNameError
from radcompare.tables.results import ArmResult, Metric, Refusal, Results

IF_SHARED = "taken as of different cases; if they are of the same ones, say --same-cases"


def compare_published(
    summaries: Sequence[Published],
    results: Results | None = None,
    *,
    reference: str | None = None,
    confidence: float = 0.95,
    adjust: str = "holm",
    same_cases: bool = False,
    correlation: float = 0.0,
) -> Results:
    """Compare published summaries with one another, and with arms of one's own.

    Args:
        summaries: as published.
        results: of one's own arms; they are compared with the summaries as of different cases.
        reference: the arm that all others are compared with; all pairs if absent.
        confidence: of the intervals.
        adjust: how p values of all pairs of one test are adjusted.
        same_cases: whether the summaries are of the very same cases.
        correlation: of their AUCs where they are.

    Raises:
        UnknownNameError: there is no arm of the name of the reference.
        ConfigError: two arms of one name.
    """
    own = () if results is None else tuple(map(summary_of, results.arms))
    check_names(summaries, [arm.name for arm in own])
    arms = {arm.name: arm for arm in (*own, *summaries)}
    if reference is not None and reference not in arms:
        raise UnknownNameError("arm", reference, arms)
    mine = {arm.name for arm in own}
    tested: list[Tested] = []
    refused: list[Refusal] = []
    for a, b in pairs_of(list(arms), reference):
        if {a, b} <= mine:
            continue
        foreign = bool({a, b} & mine)
        for outcome in tests_of_published(
            arms[a], arms[b], confidence, same_cases=same_cases and not foreign, correlation=correlation
        ):
            if isinstance(outcome, Refusal):
                refused.append(outcome)
            else:
                tested.append((a, b, min(arms[a].cases, arms[b].cases), outcome))
    before = results or Results(
        design="published figures", confidence=confidence, arms=(), pairs=(), adjust=adjust
    )
    return replace(
        before,
        arms=(*before.arms, *(measure_published(summary, confidence) for summary in summaries)),
        pairs=(*before.pairs, *adjusted(tested, adjust)),
        refused=(*before.refused, *refused),
    )


def summary_of(arm: ArmResult) -> Published:
    """An arm of one's own, as a publication would give it."""
    area = (
        None
        if arm.auc is None or arm.n_pos is None or arm.n_neg is None
        else Summary(arm.auc, arm.n_pos, arm.n_neg)
    )
    right = None if arm.accuracy is None else round(arm.accuracy * arm.n)
    return Published(arm.arm, arm.n, right, area)


def measure_published(published: Published, confidence: float) -> ArmResult:
    """The figures with their intervals, and the AUC against chance."""
    accuracy, area, notes = Metric("accuracy", None), Metric("auc", None), []
    if published.right is not None:
        found = wilson(published.right, published.cases, confidence=confidence)
        accuracy = Metric("accuracy", found.value, found.ci, "wilson")
    if published.area is not None:
        found = auc_interval_from_summary(published.area, confidence=confidence)
        area = Metric("auc", found.value, found.ci, "hanley-mcneil")
        chance = compare_with_value(published.area, confidence=confidence)
        notes = [*filter(None, [found.note]), f"published; against an AUC of 0.5: p = {chance.p:.3g}"]
    return ArmResult(
        published.name,
        *("", "", ""),
        n=published.cases,
        n_pos=None if published.area is None else published.area.n_pos,
        n_neg=None if published.area is None else published.area.n_neg,
        accuracy=accuracy.value,
        accuracy_ci=accuracy.ci,
        accuracy_method=accuracy.method,
        balanced_accuracy=None,
        sensitivity=None,
        specificity=None,
        auc=area.value,
        auc_ci=area.ci,
        auc_method=area.method,
        notes=tuple(notes) or ("published",),
        metrics=(accuracy, area),
    )


def tests_of_published(
    a: Published, b: Published, confidence: float, *, same_cases: bool, correlation: float
) -> Iterator[Comparison | Refusal]:
    """What two summaries allow: by Hanley and McNeil for AUCs, by Fisher or the bounds of McNemar for counts.

    Args:
        a, b: the summaries; every difference is a minus b.
        confidence: of the intervals.
        same_cases: whether both are of the very same cases.
        correlation: of the two AUCs where they are.
    """
    if same_cases and a.cases != b.cases:
        reason = f"{a.name} is of {a.cases} cases and {b.name} of {b.cases}: they are not the same cases"
        yield Refusal("mcnemar-exact", reason, "leave out --same-cases", a.name, b.name)
        return
    if a.area is not None and b.area is not None:
        yield _areas(a.area, b.area, confidence, same_cases=same_cases, correlation=correlation)
    if a.right is None or b.right is None:
        return
    if same_cases:
        reason = "it is for different cases, and these are the same"
        yield mcnemar_bounds(a.right, b.right, a.cases, confidence)
        yield Refusal("fisher-exact", reason, "mcnemar-exact, once the predictions are known", a.name, b.name)
    else:
        yield fisher_exact(a.right, a.cases, b.right, b.cases, confidence, note=IF_SHARED)


def mcnemar_bounds(right_a: int, right_b: int, n: int, confidence: float) -> Comparison:
    """Exact McNemar where only the two counts are known: p of the worst pairing, and in the note that of the best.

    How many cases both arms had right is not published; every pairing that the counts allow lies between.
    """
    lowest = smallest_mcnemar_p_of_counts(right_a, right_b)
    highest = largest_mcnemar_p_of_counts(right_a, right_b, n)
    shared = max(0, right_a + right_b - n)
    note = (
        f"p lies between {lowest:.3g} and {highest:.3g}, whichever cases both had right; the largest is given, "
        "with its interval"
    )
    return Comparison(
        *("mcnemar-bounds", "accuracy", (right_a - right_b) / n),
        ci=difference_interval(right_a - shared, right_b - shared, n, confidence=confidence),
        p=highest,
        statistic=None,
        note=note,
        smallest_p=lowest,
    )


def _areas(a: Summary, b: Summary, confidence: float, *, same_cases: bool, correlation: float) -> Comparison:
    test = compare_summaries(a, b, correlation=correlation, confidence=confidence)
    if not same_cases:
        return test.noted(IF_SHARED)
    if correlation:
        return test.noted(f"with a correlation of {correlation:g} between the AUCs, as told")
    needed = needed_correlation(a, b, confidence)
    limit = f"p = {1 - confidence:.2g}"
    says = (
        f"{limit} is reached already without"
        if test.p <= 1 - confidence
        else f"{limit} would need one of {needed:.2f}"
        if needed is not None
        else f"no correlation would bring it to {limit}"
    )
    return test.noted(
        f"the correlation of the AUCs is not published, and 0 makes p too large rather than too small; {says}"
    )
