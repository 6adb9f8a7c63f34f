"""Curves of arms: ROC with its band, calibration, net benefit."""

from collections.abc import Mapping, Sequence
from typing import Any

from radcompare.report.figures.drawing import GREY, colour, draw, label, legend, square
from radcompare.report.text import with_interval
from radcompare.tables.results import ArmResult

CALIBRATION = {"calibration_slope": "slope", "calibration_intercept": "intercept", "calibration_error": "ECE"}
LARGEST_MARKER = 160
"""Area in square points of the marker of a bin that holds every case."""
MOST_BANDS = 4
"""Arms with a band in one figure: more would hide one another."""


def roc_figure(arms: Sequence[ArmResult]) -> Any:
    """ROC curves of arms, square, with the AUC of each below, and bands where the arms are few."""
    curves = [arm for arm in arms if arm.roc]
    figure, axes = square(len(curves))
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":")
    for number, arm in enumerate(curves if len(curves) <= MOST_BANDS else ()):
        if arm.roc_band:
            rates, low, high = zip(*arm.roc_band, strict=True)
            axes.fill_between(rates, low, high, color=colour(number), alpha=0.13, linewidth=0)
    lines = [draw(axes, number, arm.roc) for number, arm in enumerate(curves)]
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set(xlabel="1 − specificity", ylabel="sensitivity")
    legend(figure, lines, [f"{label(arm)}: AUC {with_interval(arm.auc, arm.auc_ci)}" for arm in curves])
    return figure


def calibration_figure(arms: Sequence[ArmResult]) -> Any:
    """Share of positives against mean probability in ten bins; a marker is as large as its bin."""
    curves = [arm for arm in arms if arm.calibration]
    figure, axes = square(len(curves))
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":")
    lines = []
    for number, arm in enumerate(curves):
        points = [(predicted, observed) for predicted, observed, _ in arm.calibration]
        # Thin, as a bin of one case is at 0 or 1: what counts is where the large markers are.
        lines.append(draw(axes, number, points, width=0.7))
        sizes = [LARGEST_MARKER * count / arm.n for *_, count in arm.calibration]
        axes.scatter(*zip(*points, strict=True), s=sizes, color=lines[-1].get_color(), clip_on=False)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set(xlabel="mean probability", ylabel="share of positive cases")
    legend(figure, lines, [f"{label(arm)}: {_told(arm, CALIBRATION)}" for arm in curves])
    return figure


def decision_figure(arms: Sequence[ArmResult]) -> Any:
    """Net benefit of arms, of treating all and of treating none over thresholds."""
    curves = [arm for arm in arms if arm.decision]
    figure, axes = square(len(curves) + 1)
    axes.axhline(0, color=GREY, linewidth=0.8, linestyle=":")
    lines, labels = [], []
    if curves:
        everyone = [(threshold, benefit) for threshold, _, benefit in curves[0].decision]
        lines += axes.plot(*zip(*everyone, strict=True), color=GREY, linewidth=1.2, linestyle="--")
        labels.append("treat all (dotted: treat none)")
        top = max(benefit for arm in curves for _, *both in arm.decision for benefit in both)
        # Below that nobody would use an arm; treating all falls without end.
        axes.set(ylim=(-max(top, 0.1) / 3, max(top, 0.1) * 1.1))
    for number, arm in enumerate(curves):
        lines.append(draw(axes, number, [(threshold, benefit) for threshold, benefit, _ in arm.decision]))
        labels.append(label(arm))
    axes.set(xlim=(0, 1), xlabel="threshold probability", ylabel="net benefit")
    legend(figure, lines, labels)
    return figure


def _told(arm: ArmResult, names: Mapping[str, str]) -> str:
    values = {metric.name: metric.value for metric in arm.metrics}
    return ", ".join(f"{word} {with_interval(values.get(name))}" for name, word in names.items())
