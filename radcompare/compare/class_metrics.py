"""Every metric of one run of an arm that scores more than two classes, with its interval."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.compare.auc import auc_interval
from radcompare.compare.bca import bca_limits, bootstrap
from radcompare.compare.clustered_accuracy import accuracy_interval_clustered
from radcompare.compare.metrics import Measured
from radcompare.compare.multiclass import AREA, Codes, Scores, coded, hand_till, weighted_hand_till
from radcompare.compare.obuchowski import auc_interval_clustered
from radcompare.compare.proportion import clopper_pearson, wilson
from radcompare.compare.resampling import units_of_classes
from radcompare.compare.result import Estimate
from radcompare.config import Statistics
from radcompare.errors import TestRefused
from radcompare.tables.class_scores import PREFIX
from radcompare.tables.results import Metric

SUM_TO_ONE = 0.01
"""How far from 1 the sum of a case's probabilities may be, as files hold them rounded."""
NO_PROBABILITIES = "no log loss and no Brier score: the scores of a case are no probabilities that sum to 1"


def measure_classes(
    run: pd.DataFrame,
    classes: tuple[str, ...],
    patients: NDArray[np.object_] | None,
    statistics: Statistics,
    confidence: float,
) -> Measured:
    """Accuracy, balanced accuracy, macro F1 and MCC; Hand and Till's M; the AUC of every class against the rest.

    Log loss and Brier score (the sum over classes) where the scores of every case are probabilities that sum to 1.

    Args:
        run: one row per case: `y_true`, `predicted`, and the scores of every class.
        classes: their names.
        patients: the patient of every case where one has several; None where cases are independent.
        statistics: which intervals; that of M is BCa in any case, as no formula is agreed on.
        confidence: of the intervals.
    """
    found, notes = _without_intervals(run, classes)
    metrics = _metrics(found)
    area = found[AREA]
    if area is None:  # a class has no case: the notes say so
        return Measured(metrics, tuple(notes))
    codes, scores = coded(run["y_true"], [run[PREFIX + name] for name in classes], classes)
    estimate, method = _accuracy(run, patients, statistics, confidence)
    metrics["accuracy"] = Metric("accuracy", found["accuracy"], estimate.ci, method)
    notes += [estimate.note] if estimate.note else []
    metrics[AREA], note = _area(area, codes, scores, patients, statistics, confidence)
    notes += [note] if note else []
    for number, name in enumerate(classes):
        metrics[f"auc_{name}"] = _against_rest(
            codes == number, scores[number], patients, confidence, f"auc_{name}"
        )
    return Measured(metrics, tuple(dict.fromkeys(notes)))


def mean_of_class_runs(runs: list[pd.DataFrame], classes: tuple[str, ...]) -> Measured:
    """The mean of every metric over several runs of the same cases, without intervals."""
    found = [_without_intervals(run, classes) for run in runs]
    means: dict[str, float | None] = {}
    for name in found[0][0]:
        known = [value for values, _ in found if (value := values[name]) is not None]
        means[name] = float(np.mean(known)) if len(known) == len(runs) else None
    return Measured(_metrics(means), tuple(dict.fromkeys(note for _, notes in found for note in notes)))


def _metrics(values: dict[str, float | None]) -> dict[str, Metric]:
    return {name: Metric(name, value) for name, value in values.items()}


def _without_intervals(
    run: pd.DataFrame, classes: tuple[str, ...]
) -> tuple[dict[str, float | None], list[str]]:
    from sklearn.metrics import f1_score, matthews_corrcoef

    truth, called = run["y_true"].to_numpy(dtype=str), run["predicted"].to_numpy(dtype=str)
    present = [name for name in classes if name in set(truth)]
    values: dict[str, float | None] = {
        "accuracy": float((truth == called).mean()),
        "balanced_accuracy": float(np.mean([(called == name)[truth == name].mean() for name in present])),
        "f1_macro": float(f1_score(truth, called, labels=list(classes), average="macro", zero_division=0.0)),
        "mcc": float(matthews_corrcoef(truth, called)),
        AREA: None,
    }
    notes = []
    try:
        values[AREA] = hand_till(*coded(truth, [run[PREFIX + name] for name in classes], classes))
    except TestRefused as refusal:
        notes.append(f"no AUC: {refusal.message}")
    figures = _of_probabilities(run, truth, classes)
    notes += [] if figures else [NO_PROBABILITIES]
    return values | (figures or {"brier": None, "log_loss": None}), notes


def _of_probabilities(
    run: pd.DataFrame, truth: NDArray[np.str_], classes: tuple[str, ...]
) -> dict[str, float | None]:
    chances = run[[PREFIX + name for name in classes]].to_numpy(dtype=np.float64)
    if (chances < 0).any() or (np.abs(chances.sum(axis=1) - 1) > SUM_TO_ONE).any():
        return {}
    true = truth[:, None] == np.array(classes)[None, :]
    own = chances[true]
    loss = None if (own == 0).any() else float(-np.log(own).mean())
    return {"brier": float(((chances - true) ** 2).sum(axis=1).mean()), "log_loss": loss}


def _accuracy(
    run: pd.DataFrame, patients: NDArray[np.object_] | None, statistics: Statistics, confidence: float
) -> tuple[Estimate, str]:
    if patients is not None:
        found = accuracy_interval_clustered(run["y_true"], run["predicted"], patients, confidence=confidence)
        return found, "wilson-clustered"
    right, n = int((run["y_true"] == run["predicted"]).sum()), len(run)
    if statistics.intervals == "exact":
        return clopper_pearson(right, n, confidence=confidence), "clopper-pearson"
    return wilson(right, n, confidence=confidence), "wilson"


def _area(
    value: float,
    codes: Codes,
    scores: Scores,
    patients: NDArray[np.object_] | None,
    statistics: Statistics,
    confidence: float,
) -> tuple[Metric, str]:
    try:
        found = bootstrap(
            lambda weights: weighted_hand_till(codes, scores, weights),
            units_of_classes(codes, patients),
            resamples=statistics.resamples,
            seed=statistics.seed,
        )
    except TestRefused as refusal:
        return Metric(AREA, value), f"no interval of Hand and Till's AUC: {refusal.message}"
    ci, remark = bca_limits(found, confidence)
    note = "; ".join(filter(None, (found.note, remark)))
    return Metric(AREA, value, ci, "none" if ci is None else "bca"), note


def _against_rest(
    positive: NDArray[np.bool_],
    score: NDArray[np.float64],
    patients: NDArray[np.object_] | None,
    confidence: float,
    name: str,
) -> Metric:
    try:
        if patients is not None:
            found = auc_interval_clustered(positive, score, patients, confidence=confidence)
            return Metric(name, found.value, found.ci, "delong-clustered")
        found = auc_interval(positive, score, confidence=confidence)
        return Metric(name, found.value, found.ci, "delong")
    except TestRefused:
        return Metric(name, None)
