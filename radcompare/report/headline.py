"""The first screen: the question, the answer in one sentence, and what may be concluded from it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from radcompare.config import Experiment
from radcompare.report.answers import headlines, too_often
from radcompare.report.kinds import DEEP, HANDCRAFTED, MERGED, is_external, kinds_of
from radcompare.report.text import METRICS, adjusted_p, with_interval
from radcompare.tables.results import PairResult, Results

NAMED = 3
"""Pairs that the sentence names; the list below it has all."""


class Headline(NamedTuple):
    """Question, answer, and what the answer does and does not say."""

    question: str
    answer: str
    limits: tuple[str, ...]


def headline(results: Results, experiment: Experiment) -> Headline:
    """The first screen of a report."""
    pairs = headlines(results)
    limits = (*_luck(results, pairs), *_power(results, pairs), *_reach(results, experiment))
    told = answer_in_a_sentence(results, kinds_of(experiment))
    return Headline(_question(results, experiment), told, limits)


def answer_in_a_sentence(results: Results, kinds: Mapping[str, str]) -> str:
    """Who is ahead of whom by more than luck, with effect, interval and p; or that it is not shown.

    Args:
        results: of the run.
        kinds: of the arms: what the question asks for comes first.
    """
    pairs = sorted(headlines(results), key=lambda pair: _rank({kinds.get(pair.a), kinds.get(pair.b)}))
    if not pairs:
        return _without_tests(results)
    told = "; ".join(_verdict(results, pair) for pair in pairs[:NAMED])
    rest = pairs[NAMED:]
    if not rest:
        return f"{told}."
    ahead = sum(_is_shown(results, pair) for pair in rest)
    more = f"{len(rest)} more comparison{'s' * (len(rest) > 1)}"
    return f"{told}; of {more} {ahead} show{'s' * (ahead == 1)} a difference."


def _rank(kinds: set[str | None]) -> int:
    """Deep against handcrafted first, then merged against handcrafted."""
    asked = ({DEEP, HANDCRAFTED}, {MERGED, HANDCRAFTED})
    return asked.index(kinds) if kinds in asked else len(asked)


def _is_shown(results: Results, pair: PairResult) -> bool:
    return pair.p_adjusted <= 1 - results.confidence


def _verdict(results: Results, pair: PairResult) -> str:
    a, b = _names(results, pair)
    how = "is not shown to differ from"
    if _is_shown(results, pair):
        how = "is ahead of" if pair.difference > 0 else "is behind"
    effect = with_interval(pair.difference, pair.ci, signed=True)
    p = adjusted_p(pair, results.adjust)
    return f"{a} {how} {b} ({METRICS.get(pair.metric, pair.metric)} {effect}, {p})"


def _names(results: Results, pair: PairResult) -> tuple[str, str]:
    labels = {arm.arm: arm.label for arm in results.arms}
    return labels[pair.a], labels[pair.b]


def _without_tests(results: Results) -> str:
    if len(results.arms) == 1:
        arm = results.arms[0]
        area = with_interval(arm.auc, arm.auc_ci)
        return f"{arm.label} has an AUC of {area}; there is no other arm to compare it with."
    return (
        "No test was valid for these predictions: what was refused, and what to do instead, is listed below."
    )


def _question(results: Results, experiment: Experiment) -> str:
    found = kinds_of(experiment)
    kinds = set(found.values())
    outcome = experiment.outcome
    if {HANDCRAFTED, DEEP} <= kinds and found.get(experiment.reference or "") in (None, HANDCRAFTED, DEEP):
        merged = ", and does merging them help" if MERGED in kinds else ""
        return f"Do deep features beat handcrafted radiomics at predicting {outcome}{merged}?"
    names = [arm.arm for arm in results.arms]
    if len(names) == 1:
        return f"How well does {names[0]} predict {outcome}?"
    if experiment.reference in names:
        others = [name for name in names if name != experiment.reference]
        who = others[0] if len(others) == 1 else f"any of {', '.join(others)}"
        return f"Does {who} predict {outcome} better than {experiment.reference}?"
    return f"Which of {', '.join(names)} predicts {outcome} best?"


def _luck(results: Results, pairs: Sequence[PairResult]) -> Iterator[str]:
    """How often luck alone comes to such a p, where that is too often."""
    said = [too_often(pair.by_luck) for pair in pairs if _is_shown(results, pair)]
    for words in dict.fromkeys(filter(None, said)):
        yield f"A small p is not all: {words.removeprefix('but ')}."


def _power(results: Results, pairs: Sequence[PairResult]) -> Iterator[str]:
    """What a difference that was not shown leaves open."""
    unshown = [pair for pair in pairs if not _is_shown(results, pair)]
    if not unshown:
        return
    yield "A difference that is not shown is no proof that two arms are equal."
    found = [pair.detectable for pair in unshown if pair.detectable is not None]
    if found:
        span = " to ".join(dict.fromkeys(f"{end:.3f}" for end in (min(found), max(found))))
        yield (
            f"With these cases a true difference of {span} would be found 8 times in 10; smaller ones "
            "are more likely missed."
        )


def _reach(results: Results, experiment: Experiment) -> Iterator[str]:
    """To whom it applies."""
    yield (
        "Trained on one cohort and tested on another: it speaks of hospitals like the tested one."
        if is_external(experiment)
        else "Trained and tested on cases of the same source: it does not say what happens in another hospital."
    )
    if results.exploratory:
        yield (
            f"{len(results.exploratory)} further configurations are exploratory: none of them was tested, and the "
            "best of them is optimistic."
        )
