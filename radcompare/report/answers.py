"""The answer in sentences: one per pair of arms, one over all arms, one per margin."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from radcompare.report.text import METRICS, Grid, adjusted, adjusted_p, p_value, with_interval
from radcompare.tables.results import (
    NEAR,
    Interval,
    NonInferiority,
    Omnibus,
    PairResult,
    Results,
    in_percent,
)

AREAS = ("auc", "hand_till")


class Answer(NamedTuple):
    """What is said about one pair: who, the effect with its interval, and what may be concluded."""

    pair: str
    effect: str
    verdict: str

    def __str__(self) -> str:
        return f"{': '.join(filter(None, self))}."


def answer(results: Results) -> str:
    """One line per pair of arms."""
    return "\n".join(map(str, answers(results)))


def answers(results: Results) -> list[Answer]:
    """One answer per pair of arms, by the AUC where that was tested; pairs without any test come last."""
    labels = {arm.arm: arm.label for arm in results.arms}
    name = adjusted(results.adjust)
    lines = [_answer(pair, labels, results.confidence, results.adjust) for pair in headlines(results)]
    for a, b in _untested(results):
        lines.append(Answer(f"{labels[a]} against {labels[b]}", "", "not tested, see what was refused"))
    lines += [_of_all(found, results.confidence) for found in results.overall]
    lines += [_no_worse(found, labels, name) for found in results.non_inferiority]
    if not lines:
        return [Answer(label, "", "there is no other arm to compare it with") for label in labels.values()]
    return lines


def compact_grids(results: Results) -> list[Grid]:
    """The answer in as few columns as a terminal has: arms with their AUC, beside it the difference to a reference.

    Where pairs of arms have no reference in common, they follow as a table of their own.
    """
    pairs = headlines(results)
    references = {pair.b for pair in pairs}
    labels = {arm.arm: arm.label for arm in results.arms}
    p = adjusted(results.adjust)
    columns = {"arm": list(labels.values()), "AUC": [with_interval(a.auc, a.auc_ci) for a in results.arms]}
    if len({arm.n for arm in results.arms}) > 1:
        columns["n"] = [str(arm.n) for arm in results.arms]
    if len(references) == 1:
        told = {pair.a: (_in_short(pair), p_value(pair.p_adjusted)) for pair in pairs}
        columns[f"against {labels[references.pop()]}"] = [told.get(arm, ("", ""))[0] for arm in labels]
        columns[p] = [told.get(arm, ("", ""))[1] for arm in labels]
        pairs = []
    else:
        columns["accuracy"] = [with_interval(arm.accuracy, arm.accuracy_ci) for arm in results.arms]
    grids = [Grid("Answer", tuple(columns), tuple(zip(*columns.values(), strict=True)), len(columns) - 1)]
    if pairs:
        rows = [
            (f"{labels[pair.a]} − {labels[pair.b]}", _in_short(pair), p_value(pair.p_adjusted))
            for pair in pairs
        ]
        grids.append(Grid("Differences", ("pair", "difference", p), tuple(rows), 2))
    return grids


def _in_short(pair: PairResult) -> str:
    """The difference with its interval; what is compared is told where it is not the AUC."""
    metric = "" if pair.metric in AREAS else f"{METRICS.get(pair.metric, pair.metric)} "
    return metric + with_interval(pair.difference, pair.ci, signed=True)


def headlines(results: Results) -> list[PairResult]:
    """One test of every pair that was tested, of the AUC where that was tested."""
    first: dict[tuple[str, str], PairResult] = {}
    for pair in sorted(results.pairs, key=lambda pair: pair.metric not in AREAS):
        first.setdefault((pair.a, pair.b), pair)
    return [first[key] for key in dict.fromkeys((pair.a, pair.b) for pair in results.pairs)]


def _untested(results: Results) -> Iterator[tuple[str, str]]:
    tested = {(pair.a, pair.b) for pair in results.pairs}
    yield from dict.fromkeys((r.a, r.b) for r in results.refused if r.a and (r.a, r.b) not in tested)


def _answer(pair: PairResult, labels: Mapping[str, str], confidence: float, adjust: str) -> Answer:
    effect = with_interval(pair.difference, pair.ci, signed=True)
    said = f"{METRICS.get(pair.metric, pair.metric)} {effect}, {adjusted_p(pair, adjust)}"
    return Answer(f"{labels[pair.a]} against {labels[pair.b]}", said, _verdict(pair, labels, confidence))


def _verdict(pair: PairResult, labels: Mapping[str, str], confidence: float) -> str:
    if pair.p_adjusted > 1 - confidence:
        return "no difference shown, which is no proof that there is none"
    ahead = labels[pair.a if pair.difference > 0 else pair.b]
    if often := too_often(pair.by_luck):
        return f"{ahead} is ahead, {often}"
    return f"{ahead} is ahead by more than luck with the cases explains"


def too_often(by_luck: Interval | None) -> str:
    """What to say beside a small p where such p are common among equally good arms."""
    if by_luck is None or by_luck[1] <= NEAR[1]:
        return ""
    return f"but in such a design equally good arms came to p ≤ 0.05 in {in_percent(by_luck)} of simulations"


def _of_all(found: Omnibus, confidence: float) -> Answer:
    df = "exact" if found.df is None else f"df {found.df:g}"
    said = f"{METRICS.get(found.metric, found.metric)}, {found.test} {found.statistic:.2f} ({df})"
    verdict = "no difference shown, which is no proof that there is none"
    if found.p <= 1 - confidence:
        verdict = ", ".join(filter(None, ("they are not all equally good", too_often(found.by_luck))))
    return Answer(f"all {found.arms} arms", f"{said}, {p_value(found.p, name='p')}", verdict)


def _no_worse(found: NonInferiority, labels: Mapping[str, str], adjusted_name: str) -> Answer:
    name = "p" if found.p_adjusted == found.p else adjusted_name
    lower = with_interval(found.lower, signed=True)
    effect = f"{METRICS.get(found.metric, found.metric)} {with_interval(found.difference, signed=True)}"
    said = f"{effect}, lower end {lower}, {p_value(found.p_adjusted, name=name)}"
    verdict = ", ".join(filter(None, ("shown", too_often(found.by_luck)))) if found.shown else "not shown"
    return Answer(f"{labels[found.a]} no worse than {labels[found.b]} by {found.margin:g}", said, verdict)
