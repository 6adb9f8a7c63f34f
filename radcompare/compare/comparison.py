"""The whole comparison: every arm measured, every pair tested, p values adjusted, refusals told."""

from collections.abc import Iterator

import pandas as pd

from radcompare.compare.arm import STANDARD, measure_arm
from radcompare.compare.design import Design, caveats, design_of
from radcompare.compare.family import Tested, adjusted, pairs_of
from radcompare.compare.pair import pair_up, tests_of
from radcompare.config import Statistics
from radcompare.errors import TestRefused, UnknownNameError
from radcompare.tables.predictions import Configuration, Predictions
from radcompare.tables.results import Refusal, Results


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
    design = design_of(max((rows for _, rows in primary.values()), key=len))
    tested, refused = _test_pairs(
        {arm: rows for arm, (_, rows) in primary.items()}, reference, confidence, statistics
    )
    return Results(
        design=str(design),
        confidence=confidence,
        arms=tuple(measure_arm(*arm, confidence, statistics) for arm in primary.values()),
        pairs=tuple(adjusted(tested, statistics.adjust)),
        exploratory=tuple(measure_arm(*arm, confidence, statistics) for arm in others),
        refused=tuple(refused),
        notes=(*predictions.notes, *_notes(design, bool(tested), len(others))),
        adjust=statistics.adjust,
    )


def _test_pairs(
    arms: dict[str, pd.DataFrame], reference: str | None, confidence: float, statistics: Statistics
) -> tuple[list[Tested], list[Refusal]]:
    tested: list[Tested] = []
    refused: list[Refusal] = []
    for a, b in pairs_of(list(arms), reference):
        pair = pair_up(a, arms[a], b, arms[b])
        for outcome in tests_of(pair, confidence, statistics):
            if isinstance(outcome, Refusal):
                refused.append(outcome)
            else:
                tested.append((a, b, pair.cases, outcome))
    if statistics.tests and refused and not tested:
        raise TestRefused(f"{refused[0].test}: {refused[0].reason}", f"use {refused[0].instead}")
    return tested, refused


def _notes(design: Design, tested: bool, others: int) -> Iterator[str]:
    yield from caveats(design, tested=tested)
    if others:
        yield (
            f"{others} further configurations are exploratory: choosing the best of them after seeing these "
            "numbers is optimistic"
        )
