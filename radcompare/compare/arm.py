"""How well one configuration of an arm did: metrics with intervals, and why one is missing."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.compare.auc import auc, auc_interval, roc_curve
from radcompare.compare.confusion import Confusion, confusion
from radcompare.compare.obuchowski import auc_interval_clustered
from radcompare.compare.proportion import wilson
from radcompare.compare.result import Estimate
from radcompare.errors import TestRefused
from radcompare.tables.predictions import GROUP, STAMP, Configuration
from radcompare.tables.results import ArmResult, Interval

REPEATED = "the mean over {} runs of the same cases: no interval, as the runs are not independent"


@dataclass(frozen=True)
class _Accuracy:
    value: float | None
    ci: Interval | None
    method: str
    balanced: float | None
    sensitivity: float | None
    specificity: float | None


@dataclass(frozen=True)
class _Area:
    value: float | None
    ci: Interval | None
    method: str
    roc: tuple[tuple[float, float], ...]
    note: str


def measure_arm(configuration: Configuration, rows: pd.DataFrame, confidence: float) -> ArmResult:
    """Metrics of one configuration.

    Args:
        configuration: which one.
        rows: its predictions; with several repeats every metric is the mean over the runs.
        confidence: level of the intervals.
    """
    runs = [run for _, run in rows.groupby("repeat", sort=False)]
    accuracy, area = _accuracy(runs, confidence), _area(runs, confidence)
    notes = [area.note] if area.note else []
    if len(runs) > 1:
        notes.append(REPEATED.format(len(runs)))
    first = runs[0]
    return ArmResult(
        configuration.arm,
        configuration.selector,
        configuration.k,
        configuration.classifier,
        n=len(first),
        n_pos=int(first["y_true"].sum()),
        n_neg=int((1 - first["y_true"]).sum()),
        accuracy=accuracy.value,
        accuracy_ci=accuracy.ci,
        accuracy_method=accuracy.method,
        balanced_accuracy=accuracy.balanced,
        sensitivity=accuracy.sensitivity,
        specificity=accuracy.specificity,
        auc=area.value,
        auc_ci=area.ci,
        auc_method=area.method,
        untrained=_stamp(rows),
        roc=area.roc,
        notes=tuple(notes),
    )


def clusters(rows: pd.DataFrame) -> NDArray[np.object_] | None:
    """The patient of every case, or None when no patient has two."""
    if GROUP not in rows.columns:
        return None
    groups = rows[GROUP].astype("str").to_numpy(dtype=object)
    return groups if len(set(groups)) < len(groups) else None


def _stamp(rows: pd.DataFrame) -> str:
    if STAMP not in rows.columns:
        return ""
    stamps = rows[STAMP].dropna().astype("str")
    return next((stamp for stamp in stamps if stamp), "")


def _accuracy(runs: list[pd.DataFrame], confidence: float) -> _Accuracy:
    if any(run["predicted"].isna().any() for run in runs):
        return _Accuracy(None, None, "no predicted classes", None, None, None)
    tables = [confusion(run["y_true"], run["predicted"]) for run in runs]
    interval, method = None, "none"
    if len(runs) == 1:
        interval = wilson(tables[0].tp + tables[0].tn, tables[0].n, confidence=confidence).ci
        method = "wilson" if clusters(runs[0]) is None else "wilson (cases taken as independent)"
    return _Accuracy(
        _mean(tables, lambda table: table.accuracy),
        interval,
        method,
        _mean(tables, lambda table: table.balanced_accuracy),
        _mean(tables, lambda table: table.sensitivity),
        _mean(tables, lambda table: table.specificity),
    )


def _mean(tables: list[Confusion], metric: Callable[[Confusion], float]) -> float:
    return float(np.mean([metric(table) for table in tables]))


def _area(runs: list[pd.DataFrame], confidence: float) -> _Area:
    try:
        if len(runs) > 1:
            values = [auc(run["y_true"], run["score"]) for run in runs]
            return _Area(float(np.mean(values)), None, "none", (), "")
        estimate, method = _one_run(runs[0], confidence)
    except TestRefused as refusal:
        return _Area(None, None, "none", (), refusal.message)
    curve = roc_curve(runs[0]["y_true"], runs[0]["score"])
    points = tuple(zip(curve.fpr.tolist(), curve.tpr.tolist(), strict=True))
    return _Area(estimate.value, estimate.ci, method, points, estimate.note)


def _one_run(run: pd.DataFrame, confidence: float) -> tuple[Estimate, str]:
    patients = clusters(run)
    if patients is None:
        return auc_interval(run["y_true"], run["score"], confidence=confidence), "delong"
    estimate = auc_interval_clustered(run["y_true"], run["score"], patients, confidence=confidence)
    return estimate, "delong-clustered"
