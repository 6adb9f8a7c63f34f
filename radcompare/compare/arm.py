"""How well one configuration of an arm did: metrics with intervals, and why one is missing."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.compare.auc import auc, roc_curve
from radcompare.compare.bootstrap_632 import Bootstrap, split
from radcompare.compare.class_metrics import mean_of_class_runs, measure_classes
from radcompare.compare.confusion import METRICS, confusion
from radcompare.compare.metrics import Measured, mean_of_runs, measure_run, probabilities_of
from radcompare.compare.multiclass import AREA as HAND_TILL
from radcompare.compare.net_benefit import decision_curve
from radcompare.compare.probability import calibration_curve
from radcompare.compare.roc_band import roc_band
from radcompare.config import Statistics
from radcompare.errors import TestRefused
from radcompare.tables.predictions import GROUP, STAMP, Configuration
from radcompare.tables.results import ArmResult, Metric

STANDARD = Statistics()
THRESHOLDS = tuple(step / 20 for step in range(1, 20))
"""Of the decision curve."""
REPEATED = "the mean over {} runs of the same cases: no interval, as the runs are not independent"


def measure_arm(
    configuration: Configuration,
    rows: pd.DataFrame,
    confidence: float,
    statistics: Statistics = STANDARD,
    classes: tuple[str, ...] = (),
    *,
    band: bool = False,
) -> ArmResult:
    """Metrics of one configuration.

    Args:
        configuration: which one.
        rows: its predictions; with several repeats every metric is the mean over the runs.
        confidence: level of the intervals.
        statistics: which intervals.
        classes: their names where there are more than two.
        band: whether to draw resamples for a band around the ROC curve.
    """
    if classes:
        return _of_classes(configuration, rows, confidence, statistics, classes)
    measured, run = _measured(rows, confidence, statistics)
    found = measured.metrics
    cases = rows.drop_duplicates("ID")
    accuracy, area = found["accuracy"], found["auc"]
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
        balanced_accuracy=found["balanced_accuracy"].value,
        sensitivity=found["sensitivity"].value,
        specificity=found["specificity"].value,
        auc=area.value,
        auc_ci=area.ci,
        auc_method=area.method,
        untrained=_stamp(rows),
        roc=_roc(run),
        notes=measured.notes,
        metrics=tuple(found.values()),
        calibration=_calibration(run),
        decision=_decision(run),
        variant=configuration.variant,
        roc_band=_band(run, statistics, confidence) if band else (),
        confusion=_decisions(run),
    )


def _of_classes(
    configuration: Configuration,
    rows: pd.DataFrame,
    confidence: float,
    statistics: Statistics,
    classes: tuple[str, ...],
) -> ArmResult:
    """The same for more than two classes; Hand and Till's M takes the place of the AUC."""
    runs = [run for _, run in rows.groupby("repeat", sort=False)]
    if len(runs) == 1:
        measured = measure_classes(runs[0], classes, clusters(runs[0]), statistics, confidence)
    else:
        measured = mean_of_class_runs(runs, classes)
        measured = replace(measured, notes=(*measured.notes, REPEATED.format(len(runs))))
    found = measured.metrics
    accuracy, area = found["accuracy"], found[HAND_TILL]
    return ArmResult(
        configuration.arm,
        configuration.selector,
        configuration.k,
        configuration.classifier,
        n=rows["ID"].nunique(),
        n_pos=None,
        n_neg=None,
        accuracy=accuracy.value,
        accuracy_ci=accuracy.ci,
        accuracy_method=accuracy.method,
        balanced_accuracy=found["balanced_accuracy"].value,
        sensitivity=None,
        specificity=None,
        auc=area.value,
        auc_ci=area.ci,
        auc_method=area.method,
        untrained=_stamp(rows),
        notes=measured.notes,
        metrics=tuple(found.values()),
        variant=configuration.variant,
        confusion=_called(runs, classes),
    )


def area_of(rows: pd.DataFrame) -> float:
    """The AUC of one configuration as `measure_arm` gives it: the mean over runs, or the .632+ estimate.

    Raises:
        TestRefused: a run has test cases of one class only.
    """
    bootstrap = split(rows)
    if bootstrap is not None:
        return bootstrap.auc()
    return float(np.mean([auc(run["y_true"], run["score"]) for _, run in rows.groupby("repeat", sort=False)]))


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


def _measured(
    rows: pd.DataFrame, confidence: float, statistics: Statistics
) -> tuple[Measured, pd.DataFrame | None]:
    """The metrics, and the run that they are of where it is a single one."""
    bootstrap = split(rows)
    if bootstrap is not None:
        return _bootstrapped(bootstrap), None
    runs = [run for _, run in rows.groupby("repeat", sort=False)]
    if len(runs) == 1:
        return measure_run(runs[0], clusters(runs[0]), statistics, confidence), runs[0]
    measured = mean_of_runs(runs)
    return replace(measured, notes=(*measured.notes, REPEATED.format(len(runs)))), None


def _bootstrapped(bootstrap: Bootstrap) -> Measured:
    """The .632+ estimates; nothing but accuracy and AUC has one."""
    samples = bootstrap.left_out["repeat"].nunique()
    note = f".632+ estimates from {samples} bootstrap samples: no interval, as the samples share cases"
    found = dict.fromkeys((*METRICS, "auc"))
    values: dict[str, float | None] = {**found, "auc": bootstrap.auc()}
    unknown = bootstrap.left_out["predicted"].isna().any() or bootstrap.apparent["predicted"].isna().any()
    if not unknown:
        values["accuracy"] = bootstrap.accuracy()
    metrics = {
        name: Metric(name, value, None, "none" if value is None else ".632+")
        for name, value in values.items()
    }
    return Measured(metrics, (note, *(["no accuracy, as there are no predicted classes"] if unknown else [])))


def _roc(run: pd.DataFrame | None) -> tuple[tuple[float, float], ...]:
    """The points of the curve, or none where there is no one curve."""
    if run is None or run["y_true"].nunique() < 2:
        return ()
    curve = roc_curve(run["y_true"], run["score"])
    return tuple(zip(curve.fpr.tolist(), curve.tpr.tolist(), strict=True))


def _band(
    run: pd.DataFrame | None, statistics: Statistics, confidence: float
) -> tuple[tuple[float, float, float], ...]:
    """The band around the curve; none where there is no curve, or too few cases to resample."""
    if run is None or run["y_true"].nunique() < 2:
        return ()
    try:
        return roc_band(
            run["y_true"],
            run["score"],
            groups=clusters(run),
            confidence=confidence,
            resamples=statistics.resamples,
            seed=statistics.seed,
        )
    except TestRefused:
        return ()


def _decisions(run: pd.DataFrame | None) -> tuple[tuple[str, str, int], ...]:
    """How often each of two classes was called each; none for several runs, or without predicted classes."""
    if run is None or run["predicted"].isna().any():
        return ()
    found = confusion(run["y_true"], run["predicted"])
    return (("0", "0", found.tn), ("0", "1", found.fp), ("1", "0", found.fn), ("1", "1", found.tp))


def _called(runs: list[pd.DataFrame], classes: tuple[str, ...]) -> tuple[tuple[str, str, int], ...]:
    """The same for more than two classes."""
    if len(runs) > 1 or runs[0]["predicted"].isna().any():
        return ()
    pairs = Counter(zip(runs[0]["y_true"].astype("str"), runs[0]["predicted"].astype("str"), strict=True))
    return tuple((true, called, pairs[true, called]) for true in classes for called in classes)


def _calibration(run: pd.DataFrame | None) -> tuple[tuple[float, float, int], ...]:
    chances = None if run is None else probabilities_of(run)
    if run is None or chances is None:
        return ()
    curve = calibration_curve(run["y_true"], chances)
    return tuple(zip(curve.predicted.tolist(), curve.observed.tolist(), curve.count.tolist(), strict=True))


def _decision(run: pd.DataFrame | None) -> tuple[tuple[float, float, float], ...]:
    chances = None if run is None else probabilities_of(run)
    if run is None or chances is None:
        return ()
    curve = decision_curve(run["y_true"], chances, THRESHOLDS)
    return tuple(zip(THRESHOLDS, curve.model.tolist(), curve.treat_all.tolist(), strict=True))
