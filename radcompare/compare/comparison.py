"""The whole comparison: every arm measured, every pair tested, p values adjusted, refusals told."""

from collections.abc import Collection, Iterator
from dataclasses import replace

import pandas as pd

from radcompare.compare.arm import STANDARD, measure_arm
from radcompare.compare.calibration import Key, miscalibrated, rates_of
from radcompare.compare.design import Design, caveats, chosen, design_of
from radcompare.compare.family import Tested, WeighedLoss, adjusted, adjusted_margins, pairs_of
from radcompare.compare.non_inferiority import against_margin
from radcompare.compare.omnibus import over_all_arms
from radcompare.compare.pair import pair_up, tests_of
from radcompare.config import Statistics
from radcompare.errors import ConfigError, TestRefused, UnknownNameError
from radcompare.tables.predictions import Configuration, Predictions
from radcompare.tables.results import Omnibus, Refusal, Results

KIN = {"tango": "mcnemar-exact"}
"""The test of a difference that stands for one against a margin in the simulations."""
OF_CLASSES = "classes: {}; where it says AUC, it is Hand and Till's mean over pairs of classes"


def compare(
    predictions: Predictions,
    *,
    reference: str | None = None,
    confidence: float = 0.95,
    statistics: Statistics = STANDARD,
) -> Results:
    """Measure every arm and test every pair.

    The first configuration of an arm is its primary one; others are measured, marked exploratory, and never
    tested, because the best of a sweep is optimistic. p values are adjusted over all pairs whose same metric
    was tested with the same test.

    Args:
        predictions: all arms.
        reference: compare the others with this arm alone; all pairs if absent.
        confidence: level of all intervals.
        statistics: which tests, intervals and adjustment, where the usual is not wanted.

    Raises:
        UnknownNameError: there is no arm of that name.
        ConfigError: a margin without a reference.
        TestRefused: every test that was asked for by name would be wrong here.
    """
    primary: dict[str, tuple[Configuration, pd.DataFrame]] = {}
    others: list[tuple[Configuration, pd.DataFrame]] = []
    for configuration, rows in predictions.configurations():
        if configuration.arm in primary:
            others.append((configuration, rows))
        else:
            primary[configuration.arm] = (configuration, rows)
    if reference is not None and reference not in primary:
        raise UnknownNameError("arm", reference, primary)
    if statistics.margin is not None and reference is None:
        raise ConfigError("a margin without a reference", "name the arm that others shall be no worse than")
    design = design_of(max((rows for _, rows in primary.values()), key=len))
    rows_of = {arm: rows for arm, (_, rows) in primary.items()}
    overall = over_all_arms(rows_of, statistics)
    tested, weighed, refused = _test_pairs(rows_of, reference, confidence, statistics, predictions.classes)
    omnibus = (overall,) if isinstance(overall, Omnibus) else ()
    refused += [overall] if isinstance(overall, Refusal) else []
    if statistics.tests and refused and not tested and not omnibus:
        raise TestRefused(f"{refused[0].test}: {refused[0].reason}", f"use {refused[0].instead}")
    rates = rates_of(design)
    used = {(found.test, found.metric) for found in [*(test for *_, test in tested), *omnibus]}
    return Results(
        design=str(design),
        confidence=confidence,
        arms=tuple(
            measure_arm(*arm, confidence, statistics, predictions.classes, band=True)
            for arm in primary.values()
        ),
        pairs=tuple(
            replace(pair, by_luck=rates.get((pair.test, pair.metric)))
            for pair in adjusted(tested, statistics.adjust)
        ),
        exploratory=tuple(measure_arm(*arm, confidence, statistics, predictions.classes) for arm in others),
        refused=tuple(refused),
        notes=(
            *predictions.notes,
            *([OF_CLASSES.format(", ".join(predictions.classes))] if predictions.classes else []),
            *([chosen(design, statistics.tests, classes=len(predictions.classes))] if used else []),
            *_notes(design, used, len(others)),
        ),
        adjust=statistics.adjust,
        overall=tuple(replace(one, by_luck=rates.get((one.test, one.metric))) for one in omnibus),
        non_inferiority=tuple(
            replace(found, by_luck=rates.get((KIN.get(found.test, found.test), found.metric)))
            for found in adjusted_margins(weighed, statistics.margin or 0.0, confidence, statistics.adjust)
        ),
    )


def _test_pairs(
    arms: dict[str, pd.DataFrame],
    reference: str | None,
    confidence: float,
    statistics: Statistics,
    classes: tuple[str, ...],
) -> tuple[list[Tested], list[WeighedLoss], list[Refusal]]:
    tested: list[Tested] = []
    weighed: list[WeighedLoss] = []
    refused: list[Refusal] = []
    for a, b in pairs_of(list(arms), reference):
        pair = pair_up(a, arms[a], b, arms[b], classes)
        for outcome in tests_of(pair, confidence, statistics):
            if isinstance(outcome, Refusal):
                refused.append(outcome)
                continue
            tested.append((a, b, pair.cases, outcome))
            if statistics.margin is None:
                continue
            try:
                against = against_margin(outcome, pair.rows, statistics.margin, confidence)
                weighed.append((a, b, pair.cases, against))
            except TestRefused as refusal:
                refused.append(Refusal(outcome.test, refusal.message, refusal.hint, a, b))
    return tested, weighed, refused


def _notes(design: Design, tested: Collection[Key], others: int) -> Iterator[str]:
    yield from caveats(design, tested=bool(tested))
    yield from miscalibrated(design, tested)
    if others:
        yield (
            f"{others} further configurations are exploratory: choosing the best of them after seeing these "
            "numbers is optimistic"
        )
