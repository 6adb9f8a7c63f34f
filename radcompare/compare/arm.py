"""How well one configuration of an arm did: metrics with intervals, and why one is missing."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.compare.auc import auc, auc_interval, roc_curve
from radcompare.compare.bootstrap_632 import Bootstrap, split
from radcompare.compare.clustered_accuracy import accuracy_interval_clustered
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
    value: float | None = None
    ci: Interval | None = None
    method: str = "none"
    balanced: float | None = None
    sensitivity: float | None = None
    specificity: float | None = None
    note: str = ""


@dataclass(frozen=True)
class _Area:
    value: float | None = None
    ci: Interval | None = None
    method: str = "none"
    roc: tuple[tuple[float, float], ...] = ()
    note: str = ""


def measure_arm(configuration: Configuration, rows: pd.DataFrame, confidence: float) -> ArmResult:
    """Metrics of one configuration.

    Args:
        configuration: which one.
        rows: its predictions; with several repeats every metric is the mean over the runs.
        confidence: level of the intervals.
    """
    bootstrap = split(rows)
    if bootstrap is not None:
        accuracy, area, over_runs = _bootstrapped(bootstrap)
    else:
        runs = [run for _, run in rows.groupby("repeat", sort=False)]
        accuracy, area = _accuracy(runs, confidence), _area(runs, confidence)
        over_runs = REPEATED.format(len(runs)) if len(runs) > 1 else ""
    cases = rows.drop_duplicates("ID")
    notes = [area.note, accuracy.note, over_runs]
    return ArmResult(
        configuration.arm,
        configuration.selector,
        configuration.k,
        configuration.classifier,
        n=len(cases),
        n_pos=int(cases["y_true"].sum()),
        n_neg=int((1 - cases["y_true"]).sum()),
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
        notes=tuple(note for note in notes if note),
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


def _bootstrapped(bootstrap: Bootstrap) -> tuple[_Accuracy, _Area, str]:
    """The .632+ estimates, and a note on how they came about."""
    samples = bootstrap.left_out["repeat"].nunique()
    note = f".632+ estimates from {samples} bootstrap samples: no interval, as the samples share cases"
    area = _Area(bootstrap.auc(), method=".632+")
    if bootstrap.left_out["predicted"].isna().any() or bootstrap.apparent["predicted"].isna().any():
        return _Accuracy(note="no accuracy, as there are no predicted classes"), area, note
    return _Accuracy(bootstrap.accuracy(), method=".632+"), area, note


def _accuracy(runs: list[pd.DataFrame], confidence: float) -> _Accuracy:
    if any(run["predicted"].isna().any() for run in runs):
        return _Accuracy(note="no accuracy, as there are no predicted classes")
    tables = [confusion(run["y_true"], run["predicted"]) for run in runs]
    interval, method, note = _accuracy_interval(runs, tables, confidence)
    return _Accuracy(
        _mean(table.accuracy for table in tables),
        interval,
        method,
        _mean(table.balanced_accuracy for table in tables),
        _mean(table.sensitivity for table in tables),
        _mean(table.specificity for table in tables),
        note,
    )


def _accuracy_interval(
    runs: list[pd.DataFrame], tables: list[Confusion], confidence: float
) -> tuple[Interval | None, str, str]:
    """The interval, its method, and a note; cases that were scored more than once have none."""
    if len(runs) > 1:
        return None, "none", ""
    run, groups = runs[0], clusters(runs[0])
    if groups is not None:
        estimate = accuracy_interval_clustered(run["y_true"], run["predicted"], groups, confidence=confidence)
        return estimate.ci, "wilson-clustered", estimate.note
    return wilson(tables[0].tp + tables[0].tn, tables[0].n, confidence=confidence).ci, "wilson", ""


def _mean(values: Iterable[float]) -> float | None:
    """The mean over runs; None where a run leaves it undefined."""
    mean = float(np.mean(list(values)))
    return None if np.isnan(mean) else mean


def _area(runs: list[pd.DataFrame], confidence: float) -> _Area:
    try:
        value = float(np.mean([auc(run["y_true"], run["score"]) for run in runs]))
    except TestRefused as refusal:
        return _Area(note=f"no AUC: {refusal.message}")
    if len(runs) > 1:
        return _Area(value)
    curve = roc_curve(runs[0]["y_true"], runs[0]["score"])
    points = tuple(zip(curve.fpr.tolist(), curve.tpr.tolist(), strict=True))
    try:
        estimate, method = _area_interval(runs[0], confidence)
    except TestRefused as refusal:
        return _Area(value, roc=points, note=f"no interval of the AUC: {refusal.message}")
    return _Area(value, estimate.ci, method, points, estimate.note)


def _area_interval(run: pd.DataFrame, confidence: float) -> tuple[Estimate, str]:
    patients = clusters(run)
    if patients is None:
        return auc_interval(run["y_true"], run["score"], confidence=confidence), "delong"
    estimate = auc_interval_clustered(run["y_true"], run["score"], patients, confidence=confidence)
    return estimate, "delong-clustered"
