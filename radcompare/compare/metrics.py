"""Every metric of one run of an arm, with its interval."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.compare.auc import auc, auc_interval
from radcompare.compare.bca import OfWeights, bca_limits, bootstrap
from radcompare.compare.clustered_accuracy import accuracy_interval_clustered
from radcompare.compare.confusion import METRICS, Confusion, confusion
from radcompare.compare.obuchowski import auc_interval_clustered
from radcompare.compare.precision_recall import average_precision
from radcompare.compare.probability import (
    brier,
    calibration_slope_intercept,
    expected_calibration_error,
    log_loss,
)
from radcompare.compare.proportion import clopper_pearson, wilson
from radcompare.compare.resampling import Weights, units, weighted_auc
from radcompare.compare.result import Estimate, Interval
from radcompare.config import Statistics
from radcompare.errors import TestRefused
from radcompare.tables.predictions import PROBABILITY
from radcompare.tables.results import Metric

Floats = NDArray[np.float64]

PROPORTIONS: Mapping[str, Callable[[Confusion], tuple[int, int]]] = {
    "accuracy": lambda t: (t.tp + t.tn, t.n),
    "sensitivity": lambda t: (t.tp, t.tp + t.fn),
    "specificity": lambda t: (t.tn, t.tn + t.fp),
    "ppv": lambda t: (t.tp, t.tp + t.fp),
    "npv": lambda t: (t.tn, t.tn + t.fn),
}
"""Metrics that are so many of so many cases."""
OF_PROBABILITIES = ("brier", "log_loss", "calibration_slope", "calibration_intercept", "calibration_error")
ONE_CALL = "every case is called {}: accuracy is but the share of that class"
INFINITE = "the log loss is infinite: a case got the probability 0 for what it is"


@dataclass(frozen=True)
class Measured:
    """The metrics of one run and what to know of them."""

    metrics: dict[str, Metric]
    notes: tuple[str, ...]


def measure_run(
    run: pd.DataFrame, patients: NDArray[np.object_] | None, statistics: Statistics, confidence: float
) -> Measured:
    """Every metric of one run.

    Args:
        run: one row per case: `y_true`, `score`, `predicted` (missing where unknown) and, if there,
            `probability`.
        patients: the patient of every case where one has several; None where cases are independent.
        statistics: which intervals.
        confidence: of the intervals.
    """
    values, notes = _values(run)
    found: dict[str, Metric] = {}
    for name, value in values.items():
        interval, method, note = None, "none", ""
        if value is not None:
            interval, method, note = _interval(name, run, patients, statistics, confidence)
        found[name] = Metric(name, value, interval, method)
        notes += [note] if note else []
    return Measured(found, tuple(dict.fromkeys(notes)))


def mean_of_runs(runs: list[pd.DataFrame]) -> Measured:
    """The mean of every metric over several runs of the same cases, without intervals."""
    measured = [_values(run) for run in runs]
    found = {}
    for name in measured[0][0]:
        values = [values[name] for values, _ in measured]
        mean = None if None in values else float(np.mean([value for value in values if value is not None]))
        found[name] = Metric(name, mean)
    return Measured(found, tuple(dict.fromkeys(note for _, notes in measured for note in notes)))


def probabilities_of(run: pd.DataFrame) -> Floats | None:
    """The probabilities of all cases, or None where one is missing."""
    if PROBABILITY not in run.columns or run[PROBABILITY].isna().any():
        return None
    return run[PROBABILITY].to_numpy(dtype=np.float64)


def _values(run: pd.DataFrame) -> tuple[dict[str, float | None], list[str]]:
    """The metrics without intervals, None where undefined, and why some are."""
    notes = []
    values: dict[str, float | None] = dict.fromkeys(METRICS)
    if run["predicted"].isna().any():
        notes.append("no accuracy, as there are no predicted classes")
    else:
        values |= {n: _finite(v) for n, v in confusion(run["y_true"], run["predicted"]).metrics().items()}
        if run["predicted"].nunique() == 1 < run["y_true"].nunique():
            notes.append(ONE_CALL.format(("negative", "positive")[int(run["predicted"].iloc[0])]))
    for name, figure in (("auc", auc), ("average_precision", average_precision)):
        try:
            values[name] = figure(run["y_true"], run["score"])
        except TestRefused as refusal:
            values[name] = None
            notes += [f"no AUC: {refusal.message}"] if name == "auc" else []
    chances = probabilities_of(run)
    if chances is None:
        return values | dict.fromkeys(OF_PROBABILITIES), notes
    loss, fit = log_loss(run["y_true"], chances), calibration_slope_intercept(run["y_true"], chances)
    notes += [INFINITE] if math.isinf(loss) else []
    notes += [f"calibration: {fit.note}"] if fit.note else []
    error = expected_calibration_error(run["y_true"], chances)
    figures = (brier(run["y_true"], chances), loss, fit.slope, fit.intercept, error)
    return values | dict(zip(OF_PROBABILITIES, map(_finite, figures), strict=True)), notes


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _interval(
    name: str,
    run: pd.DataFrame,
    patients: NDArray[np.object_] | None,
    statistics: Statistics,
    confidence: float,
) -> tuple[Interval | None, str, str]:
    """The interval of one metric, its method, and a note."""
    try:
        if statistics.intervals == "bootstrap":
            return _bootstrapped(name, run, patients, statistics, confidence)
        found = _closed(name, run, patients, confidence, exact=statistics.intervals == "exact")
    except TestRefused as refusal:
        what = "the AUC" if name == "auc" else name
        return None, "none", f"no interval of {what}: {refusal.message}"
    if found is None:
        return None, "none", ""
    estimate, method = found
    return estimate.ci, method, estimate.note


def _closed(
    name: str, run: pd.DataFrame, patients: NDArray[np.object_] | None, confidence: float, *, exact: bool
) -> tuple[Estimate, str] | None:
    """An interval by formula; None where the metric has none."""
    if name == "auc" and patients is not None:
        estimate = auc_interval_clustered(run["y_true"], run["score"], patients, confidence=confidence)
        return estimate, "delong-clustered"
    if name == "auc":
        return auc_interval(run["y_true"], run["score"], confidence=confidence), "delong"
    if name == "accuracy" and patients is not None:
        estimate = accuracy_interval_clustered(
            run["y_true"], run["predicted"], patients, confidence=confidence
        )
        return estimate, "wilson-clustered"
    if name not in PROPORTIONS or patients is not None:
        return None
    right, of = PROPORTIONS[name](confusion(run["y_true"], run["predicted"]))
    if exact:
        return clopper_pearson(right, of, confidence=confidence), "clopper-pearson"
    return wilson(right, of, confidence=confidence), "wilson"


def _bootstrapped(
    name: str,
    run: pd.DataFrame,
    patients: NDArray[np.object_] | None,
    statistics: Statistics,
    confidence: float,
) -> tuple[Interval | None, str, str]:
    figure = _figures(run).get(name)
    if figure is None:
        return None, "none", ""
    drawn = units(run["y_true"], patients)
    found = bootstrap(figure, drawn, resamples=statistics.resamples, seed=statistics.seed)
    interval, remark = bca_limits(found, confidence)
    note = "; ".join(filter(None, (found.note, f"{name}: {remark}" if remark else "")))
    return interval, "bca" if interval is not None else "none", note


def _figures(run: pd.DataFrame) -> dict[str, OfWeights]:
    """Every metric that can be computed for many resamples at once, from weights of shape (samples, n)."""
    y = run["y_true"].to_numpy() == 1
    score = run["score"].to_numpy(dtype=np.float64)
    figures: dict[str, OfWeights] = {
        "auc": lambda weights: weighted_auc(y, score, weights),
        "average_precision": lambda weights: _weighted_precision(y, score, weights),
    }
    if not run["predicted"].isna().any():
        called = run["predicted"].to_numpy() == 1
        figures |= {name: _of_counts(name, y, called) for name in METRICS}
    chances = probabilities_of(run)
    if chances is not None:
        figures["brier"] = _mean_of((chances - y) ** 2)
        with np.errstate(divide="ignore"):
            figures["log_loss"] = _mean_of(-np.log(np.where(y, chances, 1 - chances)))
    return figures


def _mean_of(values: Floats) -> OfWeights:
    return lambda weights: np.asarray(weights @ values / weights.sum(axis=1))


def _of_counts(name: str, y: NDArray[np.bool_], called: NDArray[np.bool_]) -> OfWeights:
    cells = np.stack([y & called, y & ~called, ~y & called, ~y & ~called], axis=1).astype(np.float64)

    def figure(weights: Weights) -> Floats:
        return np.array([getattr(table, name) for table in _tables(weights @ cells)])

    return figure


def _tables(counts: Floats) -> Iterator[Confusion]:
    return (Confusion(*map(int, row)) for row in counts)


def _weighted_precision(y: NDArray[np.bool_], score: Floats, weights: Weights) -> Floats:
    """Average precision of many resamples, tied cases called together; NaN without a positive case."""
    order = np.argsort(-score, kind="stable")
    ranked, drawn = score[order], weights[:, order]
    last_of_tie = np.append(ranked[1:] != ranked[:-1], True)
    called = np.cumsum(drawn, axis=1)[:, last_of_tie]
    hits = np.cumsum(drawn * y[order], axis=1)[:, last_of_tie]
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(called > 0, hits / called, 0.0)
        found: Floats = (np.diff(hits, axis=1, prepend=0.0) * precision).sum(axis=1) / hits[:, -1]
    return found
