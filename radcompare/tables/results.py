"""Results: what was found per arm and per pair of arms, and what was refused and why."""

import json
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from radcompare.errors import TableError
from radcompare.provenance import write_json
from radcompare.tables.descriptive import Correlation, Flow, Loss

Interval = tuple[float, float]

NEAR = (0.03, 0.07)
"""Shares of p <= 0.05 among equally good arms that are near enough to 0.05 to need no word."""


def in_percent(rates: Interval) -> str:
    """`6 to 17 %`, or `2 %` where both ends round to it."""
    low, high = (f"{100 * rate:.0f}" for rate in rates)
    return f"{low} %" if low == high else f"{low} to {high} %"


@dataclass(frozen=True)
class Metric:
    """One figure of an arm.

    Attributes:
        name: `accuracy`, `auc`, `brier`, ...
        value: None where it is undefined.
        ci: its interval; None where none is valid, or none was asked for.
        method: how the interval was made, `none` without one.
    """

    name: str
    value: float | None
    ci: Interval | None = None
    method: str = "none"


@dataclass(frozen=True)
class ArmResult:
    """How well one configuration of an arm did.

    Attributes:
        arm, variant, selector, k, classifier: the configuration.
        n, n_pos, n_neg: cases it was scored on; None where a publication does not say the classes.
        accuracy, auc, ...: in [0, 1]; None where undefined (a note says why).
        accuracy_ci, auc_ci: intervals; None where none is valid.
        accuracy_method, auc_method: how the intervals were made.
        untrained: the stamp of random network weights, "" without any.
        roc: points (false positive rate, true positive rate) of one run.
        notes: what to know when reading this line.
        metrics: every metric, those above among them.
        calibration: of one run with probabilities: mean probability, share of positives and cases of every bin.
        decision: of the same: threshold, net benefit of the arm, net benefit of treating all.
        roc_band: of the same run as `roc`: false positive rate, and the ends of the pointwise interval of the true
            positive rate there.
        confusion: of one run with predicted classes: true class, predicted class, cases; every pair of classes.
    """

    arm: str
    selector: str
    k: str
    classifier: str
    n: int
    n_pos: int | None
    n_neg: int | None
    accuracy: float | None
    accuracy_ci: Interval | None
    accuracy_method: str
    balanced_accuracy: float | None
    sensitivity: float | None
    specificity: float | None
    auc: float | None
    auc_ci: Interval | None
    auc_method: str
    untrained: str = ""
    roc: tuple[tuple[float, float], ...] = ()
    notes: tuple[str, ...] = ()
    metrics: tuple[Metric, ...] = ()
    calibration: tuple[tuple[float, float, int], ...] = ()
    decision: tuple[tuple[float, float, float], ...] = ()
    variant: str = ""
    roc_band: tuple[tuple[float, float, float], ...] = ()
    confusion: tuple[tuple[str, str, int], ...] = ()

    @property
    def label(self) -> str:
        """The arm's name as people see it; random weights always show."""
        return f"{self.arm} [untrained]" if self.untrained else self.arm


@dataclass(frozen=True)
class PairResult:
    """One test between two arms; the difference is a minus b.

    Attributes:
        n: cases that both arms scored.
        p_adjusted: over all pairs tested with the same test and metric.
        note: what the test assumed, or what it can at most show.
        smallest_p: what the test could at best have come to with these cases; None where it has no floor.
        detectable: the true difference that it finds 8 times in 10 with these cases; None where not known.
        by_luck: the lowest and highest share of p <= 0.05 in simulations of equally good arms in such a design; 0.05
            is right, `NEAR` is near enough; None where not simulated.
    """

    a: str
    b: str
    test: str
    metric: str
    n: int
    difference: float
    ci: Interval | None
    p: float
    p_adjusted: float
    note: str = ""
    smallest_p: float | None = None
    detectable: float | None = None
    by_luck: Interval | None = None


@dataclass(frozen=True)
class Refusal:
    """A test that would be wrong here, why, and what to use instead."""

    test: str
    reason: str
    instead: str
    a: str = ""
    b: str = ""


@dataclass(frozen=True)
class Omnibus:
    """One test over all arms: whether they are equally good.

    Attributes:
        test, metric: the name of the test, and what is compared.
        arms, n: how many arms on how many cases.
        statistic, df: of the test; `df` is None where p is exact.
        p: of the hypothesis that all arms are equally good.
        note: what a reader must know to read it rightly.
        by_luck: as of a pair.
    """

    test: str
    metric: str
    arms: int
    n: int
    statistic: float
    df: float | None
    p: float
    note: str = ""
    by_luck: Interval | None = None


@dataclass(frozen=True)
class NonInferiority:
    """Whether an arm is no worse than the reference by a margin or more.

    Attributes:
        a, b: the arm and the reference; the difference is a minus b.
        test, metric: the name of the test, and what is compared.
        n: cases that both arms scored.
        margin: the largest loss that does not matter.
        difference: metric of a minus that of b.
        lower: the lower end of the interval of the difference.
        p: one-sided, of the hypothesis that a is worse by the margin or more.
        p_adjusted: over all arms tested with the same test and metric.
        shown: whether `p_adjusted` is at most half of what the confidence leaves.
        by_luck: of the test of a difference whose standard error this one shares, as of a pair.
    """

    a: str
    b: str
    test: str
    metric: str
    n: int
    margin: float
    difference: float
    lower: float
    p: float
    p_adjusted: float
    shown: bool
    by_luck: Interval | None = None


@dataclass(frozen=True)
class Stability:
    """How alike the feature sets are that the folds of an arm kept.

    Attributes:
        arm, selector, k: the selection.
        fits: in how many folds and repeats it was made.
        features: how many there were to choose from.
        kuncheva, nogueira: 1 where all fits kept the same features, about 0 where they kept any; None where
            undefined (one fit; Kuncheva's also where the fits kept different numbers).
        frequency: features and the share of the fits that kept them, the most frequent first; those that were
            never kept are left out.
    """

    arm: str
    selector: str
    k: str
    fits: int
    features: int
    kuncheva: float | None
    nogueira: float | None
    frequency: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Pipeline:
    """The whole pipeline against outcomes that say nothing, selection and sweep inside.

    Attributes:
        arm: or `every arm`.
        what: the configuration, or which is the best of how many.
        auc: of the true outcome.
        p: share of the outcomes (the true one among them) for which it is as large.
        permutations: how many outcomes were permuted.
        luck, luck_95: mean and 95th percentile of the AUC over permuted outcomes.
        smallest_p: what p could at best have come to.
    """

    arm: str
    what: str
    auc: float
    p: float
    permutations: int
    luck: float
    luck_95: float
    smallest_p: float


@dataclass(frozen=True)
class Curve:
    """How networks of one arm learned: means over the folds that were still being trained.

    Attributes:
        arm, variant: the arm, and the seed where there are several.
        networks: how many were trained.
        best: the mean number of the epoch whose weights count.
        epochs: numbers from 1; the others have a value for each.
        loss, validation_loss, validation_auc: None where nothing was validated.
    """

    arm: str
    variant: str
    networks: int
    best: float
    epochs: tuple[int, ...]
    loss: tuple[float, ...]
    validation_loss: tuple[float | None, ...]
    validation_auc: tuple[float | None, ...]


@dataclass(frozen=True)
class Results:
    """Everything that was computed from one predictions table.

    Attributes:
        design: how the predictions came about, in words.
        confidence: level of all intervals.
        arms: the primary configuration of every arm.
        pairs: paired tests between primary configurations.
        exploratory: the other configurations of a sweep; never tested, the best of them is optimistic.
        refused: tests that were not done.
        notes: what to know when reading all of it.
        stability: of the selections, where features were selected in folds.
        adjust: how `p_adjusted` was made.
        pipelines: p of the whole pipeline, where permutations were asked for.
        overall: tests over all arms, where there are three or more.
        non_inferiority: of every arm against the reference, where a margin was given.
        curves: how networks learned, where some were trained.
        flow: how many cases came in and were lost; None where predictions are all that is known.
        correlation: of the features of an arm that merges sources; None without one.
    """

    design: str
    confidence: float
    arms: tuple[ArmResult, ...]
    pairs: tuple[PairResult, ...]
    exploratory: tuple[ArmResult, ...] = ()
    refused: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()
    stability: tuple[Stability, ...] = ()
    adjust: str = "holm"
    pipelines: tuple[Pipeline, ...] = ()
    overall: tuple[Omnibus, ...] = ()
    non_inferiority: tuple[NonInferiority, ...] = ()
    curves: tuple[Curve, ...] = ()
    flow: Flow | None = None
    correlation: Correlation | None = None

    def with_notes(self, notes: tuple[str, ...]) -> "Results":
        """The same results with further notes in front."""
        return replace(self, notes=(*notes, *self.notes))

    def to_json(self) -> dict[str, Any]:
        """The form of `results.json` and of `--json`; undefined numbers are null."""
        plain: dict[str, Any] = _without_nan(asdict(self))
        return plain


def write_results(results: Results, path: Path) -> None:
    """Write `results.json`."""
    write_json(path, results.to_json())


def read_results(path: Path) -> Results:
    """Read `results.json`; keys that a newer version added are ignored.

    Raises:
        TableError: the file cannot be read or is not what `write_results` writes.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        results: Results = _known(
            Results,
            raw
            | {
                "arms": tuple(_arm(arm) for arm in raw["arms"]),
                "pairs": tuple(_known(PairResult, pair) for pair in raw["pairs"]),
                "exploratory": tuple(_arm(arm) for arm in raw.get("exploratory", ())),
                "refused": tuple(_known(Refusal, refusal) for refusal in raw.get("refused", ())),
                "pipelines": tuple(_known(Pipeline, entry) for entry in raw.get("pipelines", ())),
                "overall": tuple(_known(Omnibus, entry) for entry in raw.get("overall", ())),
                "non_inferiority": tuple(
                    _known(NonInferiority, entry) for entry in raw.get("non_inferiority", ())
                ),
                "curves": tuple(_known(Curve, entry) for entry in raw.get("curves", ())),
                "stability": tuple(_known(Stability, entry) for entry in raw.get("stability", ())),
                "flow": _flow(raw.get("flow")),
                "correlation": _correlation(raw.get("correlation")),
            },
        )
        return results
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        problem = f"{path}: cannot be read as results: {type(error).__name__}: {error}"
        raise TableError(problem, "give the folder of a finished run") from None


def _arm(raw: dict[str, Any]) -> ArmResult:
    metrics = tuple(_known(Metric, metric) for metric in raw.get("metrics", ()))
    arm: ArmResult = _known(ArmResult, raw | {"metrics": metrics})
    return arm


def _flow(raw: dict[str, Any] | None) -> Flow | None:
    if raw is None:
        return None
    losses = tuple(_known(Loss, loss) for loss in raw.get("losses", ()))
    flow: Flow = _known(Flow, raw | {"losses": losses})
    return flow


def _correlation(raw: dict[str, Any] | None) -> Correlation | None:
    return None if raw is None else _known(Correlation, raw)


def _known(kind: type[Any], raw: dict[str, Any]) -> Any:
    """Build a dataclass from the keys it has; lists become tuples."""
    fields = kind.__dataclass_fields__
    return kind(**{key: _as_tuples(value) for key, value in raw.items() if key in fields})


def _as_tuples(value: Any) -> Any:
    return tuple(_as_tuples(item) for item in value) if isinstance(value, list) else value


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
