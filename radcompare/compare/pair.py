"""The tests between two arms on the cases that both scored: which one is valid here, and what is refused."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pandas as pd
from scipy.stats import norm

from radcompare.compare.arm import clusters
from radcompare.compare.clustered_accuracy import mcnemar_clustered
from radcompare.compare.delong import delong_clustered, delong_test
from radcompare.compare.folds import accuracies_over_folds, areas_over_folds
from radcompare.compare.inputs import tail
from radcompare.compare.limits import detectable_difference
from radcompare.compare.mcnemar import mcnemar_exact
from radcompare.compare.result import Comparison
from radcompare.errors import TestRefused
from radcompare.tables.predictions import BOOTSTRAP
from radcompare.tables.results import Refusal

BOOTSTRAP_A = f"{BOOTSTRAP}_a"


@dataclass(frozen=True)
class Pair:
    """Two arms side by side.

    Attributes:
        a, b: their names; every difference is a minus b.
        rows: one row per case and run that both scored.
        runs_a, runs_b: the repeats that each was run in.
    """

    a: str
    b: str
    rows: pd.DataFrame
    runs_a: frozenset[int]
    runs_b: frozenset[int]

    @property
    def cases(self) -> int:
        """Number of cases that both scored."""
        return int(self.rows["ID"].nunique())


Test = Callable[[Pair, float], Comparison]
"""(pair, confidence) to what the test says; raises `TestRefused` where it would be wrong."""


def pair_up(a: str, rows_a: pd.DataFrame, b: str, rows_b: pd.DataFrame) -> Pair:
    """Join two arms on their common cases and runs."""
    joined = rows_a.merge(rows_b, on=["ID", "repeat"], suffixes=("_a", "_b"), sort=False)
    rows = joined.rename(columns={"y_true_a": "y_true", "group_a": "group"})
    return Pair(a, b, rows, frozenset(rows_a["repeat"]), frozenset(rows_b["repeat"]))


def tests_of(pair: Pair, confidence: float) -> Iterator[Comparison | Refusal]:
    """Every test that is valid for this pair, and every usual one that is not, with its reason."""
    for name, test in _suite(pair):
        try:
            yield test(pair, confidence)
        except TestRefused as refusal:
            yield Refusal(name, refusal.message, refusal.hint, pair.a, pair.b)


def _suite(pair: Pair) -> tuple[tuple[str, Test], ...]:
    """What to try: DeLong and McNemar are expected of every pair, so they are done or refused by name."""
    if pair.runs_a != pair.runs_b or not len(pair.rows):
        return ("delong", _unpaired), ("mcnemar-exact", _unpaired)
    if BOOTSTRAP_A in pair.rows.columns:
        return ("delong", _bootstrapped), ("mcnemar-exact", _bootstrapped), ("nadeau-bengio", _bootstrapped)
    if len(pair.runs_a) > 1:
        over_folds = ("nadeau-bengio", _areas_over_folds), ("nadeau-bengio", _accuracies_over_folds)
        return ("delong", _pooled), ("mcnemar-exact", _pooled), *over_folds
    if clusters(pair.rows) is not None:
        return (
            ("delong", _dependent),
            ("delong-clustered", _delong_clustered),
            ("mcnemar-exact", _dependent),
            ("mcnemar-clustered", _mcnemar_clustered),
        )
    return ("delong", _delong), ("mcnemar-exact", _mcnemar)


def _unpaired(pair: Pair, _: float) -> Comparison:
    if pair.runs_a != pair.runs_b:
        reason = f"{pair.a} and {pair.b} were not run in the same repeats"
        raise TestRefused(reason, "the same repeats of both arms")
    raise TestRefused("the two arms share no case", "predictions of the same cases")


def _pooled(pair: Pair, _: float) -> Comparison:
    runs = len(pair.runs_a)
    raise TestRefused(
        f"{runs} runs score every case {runs} times; pooled they are not independent", "nadeau-bengio"
    )


def _bootstrapped(pair: Pair, _: float) -> Comparison:
    samples = len(pair.runs_a) - 1
    raise TestRefused(
        f"the {samples} bootstrap samples share cases, and no test of two .632+ estimates is agreed on",
        "10 folds (delong, mcnemar-exact) or 5 repeats of 10 folds (nadeau-bengio)",
    )


def _dependent(pair: Pair, _: float) -> Comparison:
    groups = pair.rows["group"].nunique()
    reason = f"the {pair.cases} cases are of {groups} groups and not independent, as the test takes them"
    raise TestRefused(reason, "delong-clustered and mcnemar-clustered")


def _delong(pair: Pair, confidence: float) -> Comparison:
    rows = pair.rows
    test = delong_test(rows["y_true"], rows["score_a"], rows["score_b"], confidence)
    return _with_limit(test, confidence)


def _delong_clustered(pair: Pair, confidence: float) -> Comparison:
    rows = pair.rows
    test = delong_clustered(rows["y_true"], rows["score_a"], rows["score_b"], rows["group"], confidence)
    return _with_limit(test, confidence)


def _mcnemar_clustered(pair: Pair, confidence: float) -> Comparison:
    rows = _with_classes(pair)
    return mcnemar_clustered(
        rows["y_true"], rows["predicted_a"], rows["predicted_b"], rows["group"], confidence
    )


def _with_classes(pair: Pair) -> pd.DataFrame:
    if pair.rows[["predicted_a", "predicted_b"]].isna().any(axis=None):
        raise TestRefused("an arm has no predicted classes", "a column `predicted` of 0 and 1")
    return pair.rows


def _mcnemar(pair: Pair, confidence: float) -> Comparison:
    rows = _with_classes(pair)
    return mcnemar_exact(rows["y_true"], rows["predicted_a"], rows["predicted_b"], confidence)


def _areas_over_folds(pair: Pair, confidence: float) -> Comparison:
    return areas_over_folds(pair.rows, confidence)


def _accuracies_over_folds(pair: Pair, confidence: float) -> Comparison:
    return accuracies_over_folds(pair.rows, confidence)


def _with_limit(test: Comparison, confidence: float) -> Comparison:
    """With a note on how large a true difference these cases could have shown."""
    assert test.ci is not None
    low, high = test.ci
    se = (high - low) / (2 * float(norm.isf(tail(confidence))))
    if se == 0:
        return test
    limit = f"a true difference of {detectable_difference(se, confidence=confidence):.2f} would be found"
    return replace(test, note="; ".join(filter(None, (test.note, f"{limit} 8 times in 10"))))
