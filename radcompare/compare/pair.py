"""The tests between two arms on the cases that both scored: which one is valid here, and what is refused."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd
from scipy.stats import norm

from radcompare.compare.arm import clusters
from radcompare.compare.clustered_accuracy import mcnemar_clustered
from radcompare.compare.cochran import NAME as COCHRAN_Q
from radcompare.compare.delong import delong_clustered, delong_test
from radcompare.compare.folds import five_by_two_f, is_five_by_two, resampled_t
from radcompare.compare.inputs import tail
from radcompare.compare.limits import detectable_difference
from radcompare.compare.mcnemar import mcnemar_exact, mcnemar_midp
from radcompare.compare.multiclass import AREA, coded
from radcompare.compare.paired_bootstrap import paired_bootstrap_auc, paired_bootstrap_hand_till
from radcompare.compare.permutation import permutation_auc
from radcompare.compare.result import Comparison
from radcompare.config import Statistics
from radcompare.errors import TestRefused
from radcompare.tables.class_scores import PREFIX
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
        classes: their names where there are more than two.
    """

    a: str
    b: str
    rows: pd.DataFrame
    runs_a: frozenset[int]
    runs_b: frozenset[int]
    classes: tuple[str, ...] = ()

    @property
    def cases(self) -> int:
        """Number of cases that both scored."""
        return int(self.rows["ID"].nunique())


Test = Callable[[Pair, float, Statistics], Comparison]
"""(pair, confidence, settings) to what the test says; raises `TestRefused` where it would be wrong."""


Suite = tuple[tuple[str, Test], ...]

INDEPENDENT = ("delong", "mcnemar-exact", "mcnemar-midp")
"""Tests that take every case as independent of the others."""
CLUSTERED = ("delong-clustered", "mcnemar-clustered")
"""Tests whose unit is a group of cases."""
OF_TWO_CLASSES = ("delong", "delong-clustered", "permutation", "5x2cv-f")
"""Tests of the AUC that are not extended to more classes."""
OVER_FOLDS = ("nadeau-bengio", "5x2cv-f")
"""Tests over the folds of several runs."""


def pair_up(
    a: str, rows_a: pd.DataFrame, b: str, rows_b: pd.DataFrame, classes: tuple[str, ...] = ()
) -> Pair:
    """Join two arms on their common cases and runs."""
    joined = rows_a.merge(rows_b, on=["ID", "repeat"], suffixes=("_a", "_b"), sort=False)
    rows = joined.rename(columns={"y_true_a": "y_true", "group_a": "group"})
    return Pair(a, b, rows, frozenset(rows_a["repeat"]), frozenset(rows_b["repeat"]), classes)


def tests_of(pair: Pair, confidence: float, statistics: Statistics) -> Iterator[Comparison | Refusal]:
    """Every usual test of this pair, or those that were asked for; one that would be wrong, with its reason."""
    asked = [name for name in statistics.tests if name != COCHRAN_Q]  # of all arms, not of two
    for name, test in _asked(pair, asked) if statistics.tests else _suite(pair):
        try:
            yield test(pair, confidence, statistics)
        except TestRefused as refusal:
            yield Refusal(name, refusal.message, refusal.hint, pair.a, pair.b)


def _suite(pair: Pair) -> Suite:
    """What to try: DeLong and McNemar are expected of every pair, so they are done or refused by name."""
    if (always := _always_wrong(pair)) is not None:
        return ("delong", always), ("mcnemar-exact", always)
    if len(pair.runs_a) > 1:
        # Also for five runs of two folds: there 5x2cv-f says p < 0.05 of a third of equally good arms.
        return _asked(pair, ("delong", "mcnemar-exact", "nadeau-bengio"))
    areas = ("bootstrap",) if pair.classes else ()
    if clusters(pair.rows) is not None:
        by_group = () if pair.classes else ("delong-clustered",)
        return _asked(pair, ("delong", *by_group, *areas, "mcnemar-exact", "mcnemar-clustered"))
    return _asked(pair, ("delong", *areas, "mcnemar-exact"))


def _asked(pair: Pair, names: Sequence[str]) -> Suite:
    """The tests of these names, each replaced by its refusal where the design of the pair makes it wrong."""
    always = _always_wrong(pair)
    suite: list[tuple[str, Test]] = []
    for name in names:
        wrong = always or _wrong(pair, name)
        tests = _OF_CLASSES.get(name, _BY_NAME[name]) if pair.classes else _BY_NAME[name]
        suite += tests if wrong is None else ((name, wrong),)
    return tuple(suite)


def _always_wrong(pair: Pair) -> Test | None:
    """Why no test at all is possible."""
    if pair.runs_a != pair.runs_b or not len(pair.rows):
        return _unpaired
    return _bootstrapped if BOOTSTRAP_A in pair.rows.columns else None


def _wrong(pair: Pair, name: str) -> Test | None:
    """Why one test would be wrong for the design of the pair; None where it is valid."""
    if pair.classes and name in OF_TWO_CLASSES:
        return _of_two_classes
    if name in OVER_FOLDS and len(pair.runs_a) == 1:
        return _single
    if name in OVER_FOLDS:
        return _other_folds if name == "5x2cv-f" and not is_five_by_two(pair.rows) else None
    if len(pair.runs_a) > 1:
        return _pooled
    grouped = clusters(pair.rows) is not None
    if name in INDEPENDENT and grouped:
        return _dependent
    return _ungrouped if name in CLUSTERED and not grouped else None


def _unpaired(pair: Pair, _: float, __: Statistics) -> Comparison:
    if pair.runs_a != pair.runs_b:
        reason = f"{pair.a} and {pair.b} were not run in the same repeats"
        raise TestRefused(reason, "the same repeats of both arms")
    raise TestRefused("the two arms share no case", "predictions of the same cases")


def _pooled(pair: Pair, _: float, __: Statistics) -> Comparison:
    runs = len(pair.runs_a)
    reason = f"{runs} runs score every case {runs} times; pooled they are not independent"
    raise TestRefused(reason, "nadeau-bengio")


def _of_two_classes(pair: Pair, _: float, __: Statistics) -> Comparison:
    reason = f"it is for two classes, and here are {len(pair.classes)}"
    raise TestRefused(reason, "bootstrap" if len(pair.runs_a) == 1 else "nadeau-bengio")


def _other_folds(_: Pair, __: float, ___: Statistics) -> Comparison:
    raise TestRefused("the test is for five runs of two folds", "nadeau-bengio, or --cv 5x2")


def _bootstrapped(pair: Pair, _: float, __: Statistics) -> Comparison:
    samples = len(pair.runs_a) - 1
    raise TestRefused(
        f"the {samples} bootstrap samples share cases, and no test of two .632+ estimates is agreed on",
        "10 folds (delong, mcnemar-exact) or 5 repeats of 10 folds (nadeau-bengio)",
    )


def _dependent(pair: Pair, _: float, __: Statistics) -> Comparison:
    groups = pair.rows["group"].nunique()
    reason = f"the {pair.cases} cases are of {groups} groups and not independent, as the test takes them"
    raise TestRefused(reason, "delong-clustered and mcnemar-clustered")


def _delong(pair: Pair, confidence: float, _: Statistics) -> Comparison:
    rows = pair.rows
    test = delong_test(rows["y_true"], rows["score_a"], rows["score_b"], confidence)
    return _with_limit(test, confidence)


def _delong_clustered(pair: Pair, confidence: float, _: Statistics) -> Comparison:
    rows = pair.rows
    test = delong_clustered(rows["y_true"], rows["score_a"], rows["score_b"], rows["group"], confidence)
    return _with_limit(test, confidence)


def _mcnemar_clustered(pair: Pair, confidence: float, _: Statistics) -> Comparison:
    rows = _with_classes(pair)
    return mcnemar_clustered(
        rows["y_true"], rows["predicted_a"], rows["predicted_b"], rows["group"], confidence
    )


def _single(_: Pair, __: float, ___: Statistics) -> Comparison:
    raise TestRefused(
        "one run scores every case once; the test is for the folds of several runs",
        "delong and mcnemar-exact, or several runs (--cv 5x10)",
    )


def _ungrouped(_: Pair, __: float, ___: Statistics) -> Comparison:
    raise TestRefused(
        "no group has several cases, and the test is for such groups", "delong and mcnemar-exact"
    )


def _with_classes(pair: Pair) -> pd.DataFrame:
    if pair.rows[["predicted_a", "predicted_b"]].isna().any(axis=None):
        raise TestRefused("an arm has no predicted classes", "a column `predicted` of 0 and 1")
    return pair.rows


def _mcnemar(pair: Pair, confidence: float, _: Statistics) -> Comparison:
    rows = _with_classes(pair)
    return mcnemar_exact(rows["y_true"], rows["predicted_a"], rows["predicted_b"], confidence)


def _mcnemar_midp(pair: Pair, confidence: float, _: Statistics) -> Comparison:
    rows = _with_classes(pair)
    return mcnemar_midp(rows["y_true"], rows["predicted_a"], rows["predicted_b"], confidence)


def _bootstrap(pair: Pair, confidence: float, statistics: Statistics) -> Comparison:
    rows = pair.rows
    return paired_bootstrap_auc(
        rows["y_true"],
        rows["score_a"],
        rows["score_b"],
        clusters(rows),
        confidence,
        resamples=statistics.resamples,
        seed=statistics.seed,
    )


def _bootstrap_of_classes(pair: Pair, confidence: float, statistics: Statistics) -> Comparison:
    rows = pair.rows
    (codes, a), (_, b) = (
        coded(rows["y_true"], [rows[f"{PREFIX}{name}_{arm}"] for name in pair.classes], pair.classes)
        for arm in "ab"
    )
    return paired_bootstrap_hand_till(
        codes, a, b, clusters(rows), confidence, resamples=statistics.resamples, seed=statistics.seed
    )


def _permutation(pair: Pair, _: float, statistics: Statistics) -> Comparison:
    rows = pair.rows
    return permutation_auc(
        rows["y_true"], rows["score_a"], rows["score_b"], clusters(rows), seed=statistics.seed
    )


def _resampled_t(metric: str) -> Test:
    return lambda pair, confidence, _: resampled_t(pair.rows, metric, confidence, pair.classes)


def _five_by_two(metric: str) -> Test:
    return lambda pair, _, __: five_by_two_f(pair.rows, metric)


def _with_limit(test: Comparison, confidence: float) -> Comparison:
    """With a note on how large a true difference these cases could have shown."""
    assert test.ci is not None
    low, high = test.ci
    se = (high - low) / (2 * float(norm.isf(tail(confidence))))
    if se == 0:
        return test
    detectable = detectable_difference(se, confidence=confidence)
    limit = f"a true difference of {detectable:.2f} would be found 8 times in 10"
    return replace(test.noted(limit), detectable=detectable)


_BY_NAME: dict[str, Suite] = {
    "delong": (("delong", _delong),),
    "delong-clustered": (("delong-clustered", _delong_clustered),),
    "mcnemar-exact": (("mcnemar-exact", _mcnemar),),
    "mcnemar-midp": (("mcnemar-midp", _mcnemar_midp),),
    "mcnemar-clustered": (("mcnemar-clustered", _mcnemar_clustered),),
    "bootstrap": (("bootstrap", _bootstrap),),
    "permutation": (("permutation", _permutation),),
    "nadeau-bengio": tuple(("nadeau-bengio", _resampled_t(metric)) for metric in ("auc", "accuracy")),
    "5x2cv-f": tuple(("5x2cv-f", _five_by_two(metric)) for metric in ("auc", "accuracy")),
}
"""What every name on the menu runs: a test for each metric that it compares."""

_OF_CLASSES: dict[str, Suite] = {
    "bootstrap": (("bootstrap", _bootstrap_of_classes),),
    "nadeau-bengio": tuple(("nadeau-bengio", _resampled_t(metric)) for metric in (AREA, "accuracy")),
}
"""The same where there are more than two classes, as far as it differs."""
