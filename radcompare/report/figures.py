"""Figures for people. The same results give the same bytes."""

import warnings
from collections.abc import Sequence
from io import StringIO
from typing import Any

from radcompare.report.text import with_interval
from radcompare.tables.results import ArmResult

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's palette: told apart with every kind of colour vision."""
STYLES = ("-", "--", "-.", ":")
SQUARE_INCHES = 4.6
LEGEND_LINE_INCHES = 0.19
LONGEST_LABEL = 60


def roc_figure(arms: Sequence[ArmResult]) -> str:
    """ROC curves of arms as SVG text, square, with the AUC of each below."""
    from matplotlib.figure import Figure

    curves = [arm for arm in arms if arm.roc]
    height = SQUARE_INCHES + LEGEND_LINE_INCHES * len(curves)
    figure = Figure(figsize=(SQUARE_INCHES, height), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=0.8, linestyle=":")
    lines = [_draw(axes, number, arm) for number, arm in enumerate(curves)]
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set(xlabel="1 − specificity", ylabel="sensitivity")
    axes.spines[["top", "right"]].set_visible(False)
    if lines:
        _legend(figure, lines, [_label(arm) for arm in curves])
    return _svg(figure)


def _draw(axes: Any, number: int, arm: ArmResult) -> Any:
    """One curve; past the seventh the line style tells it from the others of its colour."""
    x, y = zip(*arm.roc, strict=True)
    colour, style = COLOURS[number % len(COLOURS)], STYLES[number // len(COLOURS) % len(STYLES)]
    return axes.plot(x, y, color=colour, linestyle=style, linewidth=1.6, clip_on=False)[0]


def _label(arm: ArmResult) -> str:
    name = arm.label if len(arm.label) <= LONGEST_LABEL else arm.label[: LONGEST_LABEL - 1] + "…"
    return f"{name}: AUC {with_interval(arm.auc, arm.auc_ci)}"


def _legend(figure: Any, lines: list[Any], labels: list[str]) -> None:
    """Below the axes; the texts come after, as matplotlib hides `_names` and takes `$` for mathematics."""
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
