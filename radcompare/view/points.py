"""The ROC curves of a run with a point for every threshold, and the cases that each point consists of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.printable import visible
from radcompare.report.figures.drawing import COLOURS, colour
from radcompare.report.text import with_interval
from radcompare.tables.predictions import BOOTSTRAP, GROUP, LEFT_OUT, Configuration, Predictions
from radcompare.tables.results import ArmResult

NOT_THERE = "not in predictions.csv as results.json has it"
ONE_CLASS = "only cases of one class"
SEVERAL_CLASSES = "more than two classes"


@dataclass(frozen=True)
class Point:
    """One threshold of a curve: a case is called positive where its score is at least the threshold.

    Attributes:
        threshold: a score that cases have; infinite at (0, 0), where no case is called positive.
        false_positives, true_positives: cases of either class that are called positive.
        cases: numbers of the cases that have exactly this score, in the order of the predictions.
    """

    threshold: float
    false_positives: int
    true_positives: int
    cases: tuple[int, ...]

    @property
    def ranks(self) -> tuple[int, int]:
        """First and last place of its cases, 1 for the highest score; cases with the same score share them."""
        last = self.false_positives + self.true_positives
        return last - len(self.cases) + 1, last


@dataclass(frozen=True)
class ArmPoints:
    """The curve of one arm.

    Attributes:
        result: of the arm, as in `results.json`.
        points: from (0, 0) to (1, 1); none where there is no single curve.
        reason: why there is none.
    """

    result: ArmResult
    points: tuple[Point, ...] = ()
    reason: str = ""

    @property
    def rates(self) -> tuple[tuple[float, float], ...]:
        """False positive rate and true positive rate of every point."""
        negatives, positives = self.points[-1].false_positives, self.points[-1].true_positives
        return tuple(
            (point.false_positives / negatives, point.true_positives / positives) for point in self.points
        )


def arm_points(predictions: Predictions, arms: Iterable[ArmResult]) -> list[ArmPoints]:
    """The curves of arms, each in the configuration that its result is of.

    Args:
        predictions: of the run; cases are numbered as in `case_numbers`.
        arms: of the results, in their order.
    """
    runs = dict(predictions.configurations())
    numbers = case_numbers(predictions.frame)
    found = []
    for arm in arms:
        rows = runs.get(Configuration(arm.arm, arm.selector, arm.k, arm.classifier, arm.variant))
        reason = NOT_THERE if rows is None else _reason(rows, predictions.classes)
        if rows is None or reason:
            found.append(ArmPoints(arm, reason=reason))
            continue
        cases = [numbers[case] for case in rows["ID"]]
        points = points_of(rows["y_true"].to_numpy(), rows["score"].to_numpy(), cases)
        found.append(ArmPoints(arm, points))
    return found


def case_numbers(frame: pd.DataFrame) -> dict[str, int]:
    """Every case of a predictions table with its number from 0, in the order in which they first occur."""
    return {case: number for number, case in enumerate(frame["ID"].unique())}


def points_of(y: NDArray[np.int64], scores: NDArray[np.float64], cases: Sequence[int]) -> tuple[Point, ...]:
    """A point for every distinct score, from the highest down, after one for no score at all.

    Args:
        y: 0 or 1, shape (n,).
        scores: finite, larger for positive, shape (n,).
        cases: their numbers, n of them.
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    starts = np.flatnonzero(ranked[1:] != ranked[:-1]) + 1
    points = [Point(float("inf"), 0, 0, ())]
    for rows in np.split(order, starts):
        positives = int(y[rows].sum())
        before = points[-1]
        points.append(
            Point(
                float(scores[rows[0]]),
                before.false_positives + len(rows) - positives,
                before.true_positives + positives,
                tuple(cases[row] for row in rows),
            )
        )
    return tuple(points)


def panel(predictions: Predictions, arms: Sequence[ArmResult]) -> dict[str, Any]:
    """Everything that the page draws, as JSON has it; text from data is made visible, and is text all the same."""
    curves = arm_points(predictions, arms)
    drawn = [curve for curve in curves if curve.points]
    return {
        "cases": _cases(predictions) if drawn else [],
        "arms": [_drawn(number, curve) for number, curve in enumerate(drawn)],
        "without": _without(curves),
    }


def _reason(rows: pd.DataFrame, classes: tuple[str, ...]) -> str:
    """Why a configuration has no single curve, or nothing where it has one."""
    runs = rows["repeat"].nunique()
    if classes:
        return SEVERAL_CLASSES
    if BOOTSTRAP in rows.columns:
        samples = rows.loc[rows[BOOTSTRAP] == LEFT_OUT, "repeat"].nunique()
        return f"{samples} bootstrap samples"
    if runs > 1:
        return f"{runs} runs of the same cases"
    return ONE_CLASS if rows["y_true"].nunique() < 2 else ""


def _cases(predictions: Predictions) -> list[dict[str, Any]]:
    first = predictions.frame.drop_duplicates("ID")
    patients = first[GROUP] if GROUP in first.columns else [""] * len(first)
    return [
        {"ID": visible(str(case)), "positive": bool(positive), "patient": visible(str(patient))}
        for case, positive, patient in zip(first["ID"], first["y_true"], patients, strict=True)
    ]


def _drawn(number: int, curve: ArmPoints) -> dict[str, Any]:
    return {
        "label": visible(curve.result.label),
        "area": with_interval(curve.result.auc, curve.result.auc_ci),
        "colour": colour(number),
        "style": number // len(COLOURS),
        # JSON has no infinity.
        "thresholds": [None, *(point.threshold for point in curve.points[1:])],
        "fpr": [fpr for fpr, _ in curve.rates],
        "tpr": [tpr for _, tpr in curve.rates],
        "ranks": [point.ranks for point in curve.points],
        "cases": [point.cases for point in curve.points],
    }


def _without(curves: Iterable[ArmPoints]) -> list[str]:
    """A sentence for every reason why arms have no curve."""
    arms: dict[str, list[str]] = {}
    for curve in curves:
        if not curve.points:
            arms.setdefault(curve.reason, []).append(visible(curve.result.label))
    return [f"No single curve of {', '.join(names)}: {reason}." for reason, names in arms.items()]
