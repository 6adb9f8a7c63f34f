"""Figures for people. The same results give the same bytes."""

import warnings
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from radcompare.printable import visible
from radcompare.report.text import with_interval
from radcompare.tables.results import ArmResult, Curve

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's palette: told apart with every kind of colour vision."""
STYLES = ("-", "--", "-.", ":")
GREY = "#777777"
CALIBRATION = {"calibration_slope": "slope", "calibration_intercept": "intercept", "calibration_error": "ECE"}
LARGEST_MARKER = 160
"""Area in square points of the marker of a bin that holds every case."""
SQUARE_INCHES = 4.6
LEGEND_LINE_INCHES = 0.19
CURVES_INCHES = 3.2
LONGEST_LABEL = 60


def roc_figure(arms: Sequence[ArmResult]) -> str:
    """ROC curves of arms as SVG text, square, with the AUC of each below."""
    curves = [arm for arm in arms if arm.roc]
    figure, axes = _square(len(curves))
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":")
    lines = [_draw(axes, number, arm.roc) for number, arm in enumerate(curves)]
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set(xlabel="1 − specificity", ylabel="sensitivity")
    _legend(figure, lines, [f"{_name(arm)}: AUC {with_interval(arm.auc, arm.auc_ci)}" for arm in curves])
    return _svg(figure)


def calibration_figure(arms: Sequence[ArmResult]) -> str:
    """Share of positives against mean probability in ten bins as SVG text; a marker is as large as its bin."""
    curves = [arm for arm in arms if arm.calibration]
    figure, axes = _square(len(curves))
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":")
    lines = []
    for number, arm in enumerate(curves):
        points = [(predicted, observed) for predicted, observed, _ in arm.calibration]
        # Thin, as a bin of one case is at 0 or 1: what counts is where the large markers are.
        lines.append(_draw(axes, number, points, width=0.7))
        sizes = [LARGEST_MARKER * count / arm.n for *_, count in arm.calibration]
        axes.scatter(*zip(*points, strict=True), s=sizes, color=lines[-1].get_color(), clip_on=False)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set(xlabel="mean probability", ylabel="share of positive cases")
    _legend(figure, lines, [f"{_name(arm)}: {_told(arm, CALIBRATION)}" for arm in curves])
    return _svg(figure)


def decision_figure(arms: Sequence[ArmResult]) -> str:
    """Net benefit of arms, of treating all and of treating none over thresholds, as SVG text."""
    curves = [arm for arm in arms if arm.decision]
    figure, axes = _square(len(curves) + 1)
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
        lines.append(_draw(axes, number, [(threshold, benefit) for threshold, benefit, _ in arm.decision]))
        labels.append(_name(arm))
    axes.set(xlim=(0, 1), xlabel="threshold probability", ylabel="net benefit")
    _legend(figure, lines, labels)
    return _svg(figure)


def curves_figure(curves: Sequence[Curve]) -> str:
    """Training loss (dashed) and validation loss, and beside them the validation AUC, over epochs, as SVG text."""
    from matplotlib.figure import Figure

    validated = [curve for curve in curves if any(value is not None for value in curve.validation_auc)]
    size = (
        2 * SQUARE_INCHES if validated else SQUARE_INCHES,
        CURVES_INCHES + LEGEND_LINE_INCHES * len(curves),
    )
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(1, 2 if validated else 1, squeeze=False)[0]
    lines = []
    for number, curve in enumerate(curves):
        colour = COLOURS[number % len(COLOURS)]
        axes[0].plot(curve.epochs, curve.loss, color=colour, linewidth=1, linestyle="--")
        held = _known(curve.epochs, curve.validation_loss) or [(float("nan"), float("nan"))]
        lines += axes[0].plot(*zip(*held, strict=True), color=colour, linewidth=1.6)
        if curve in validated:
            areas = _known(curve.epochs, curve.validation_auc)
            axes[1].plot(*zip(*areas, strict=True), color=colour, linewidth=1.2, marker=".", markersize=3)
            axes[1].axvline(curve.best, color=colour, linewidth=0.8, linestyle=":")
    names = ("loss (dashed: training)", "validation AUC (dotted: best epoch)")
    for panel, name in zip(axes, names, strict=False):
        panel.spines[["top", "right"]].set_visible(False)
        panel.set(xlabel="epoch", ylabel=name)
    _legend(figure, lines, [_curve_name(curve) for curve in curves])
    return _svg(figure)


def _known(epochs: Sequence[int], values: Sequence[float | None]) -> list[tuple[float, float]]:
    return [(epoch, value) for epoch, value in zip(epochs, values, strict=True) if value is not None]


def _curve_name(curve: Curve) -> str:
    name = " ".join(filter(None, (curve.arm, curve.variant)))
    return (
        f"{_short(name)}: {curve.networks} network{'s' * (curve.networks > 1)}, best epoch {curve.best:.1f}"
    )


def _square(lines: int) -> tuple[Any, Any]:
    """A figure with square axes and room for a legend of so many lines below."""
    from matplotlib.figure import Figure

    height = SQUARE_INCHES + LEGEND_LINE_INCHES * lines
    figure = Figure(figsize=(SQUARE_INCHES, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _draw(axes: Any, number: int, points: Sequence[tuple[float, float]], width: float = 1.6) -> Any:
    """One curve; past the seventh the line style tells it from the others of its colour."""
    x, y = zip(*points, strict=True)
    colour, style = COLOURS[number % len(COLOURS)], STYLES[number // len(COLOURS) % len(STYLES)]
    clipped = min(y) < 0  # a net benefit runs out of the frame; a curve within 0 and 1 may touch it
    return axes.plot(x, y, color=colour, linestyle=style, linewidth=width, clip_on=clipped)[0]


def _name(arm: ArmResult) -> str:
    return _short(arm.label)


def _short(name: str) -> str:
    """A name as a legend holds it: what XML forbids is written out, and the long cut."""
    name = visible(name)
    return name if len(name) <= LONGEST_LABEL else name[: LONGEST_LABEL - 1] + "…"


def _told(arm: ArmResult, names: Mapping[str, str]) -> str:
    values = {metric.name: metric.value for metric in arm.metrics}
    return ", ".join(f"{word} {with_interval(values.get(name))}" for name, word in names.items())


def _legend(figure: Any, lines: list[Any], labels: list[str]) -> None:
    """Below the axes; the texts come after, as matplotlib hides `_names` and takes `$` for mathematics."""
    if not lines:
        return
    placeholders = [f"arm {number}" for number in range(len(lines))]
    legend = figure.legend(lines, placeholders, loc="outside lower left", fontsize=8, frameon=False)
    for text, label in zip(legend.get_texts(), labels, strict=True):
        text.set_parse_math(False)
        text.set_text(label)


def _svg(figure: Any) -> str:
    import matplotlib

    text = StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    # Without a fixed salt and date every run would write other bytes.
    with (
        matplotlib.rc_context({"svg.hashsalt": "radcompare", "svg.fonttype": "none"}),
        warnings.catch_warnings(),
    ):
        # The reader's fonts draw the text: that matplotlib's own lacks a letter does not matter.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(text, format="svg", metadata=nothing)
    return text.getvalue()
