"""Confusion matrices: which cases were called what."""

from collections.abc import Sequence
from typing import Any

from radcompare.report.figures.drawing import INK, PAPER, blank, label, name_ticks, short, write
from radcompare.tables.results import ArmResult

INCHES, TITLE_INCHES = 2.5, 0.55
IN_A_ROW = 4
LONGEST_CLASS = 14
DARK = 0.55
"""Share of a class from which the ground is too dark for black."""


def confusion_figure(arms: Sequence[ArmResult]) -> Any:
    """One matrix per arm, rows true and columns called; colour is the share of the true class."""
    shown = [arm for arm in arms if arm.confusion]
    columns = min(IN_A_ROW, max(1, len(shown)))
    rows = -(-max(1, len(shown)) // columns)
    figure = blank(INCHES * columns, (INCHES + TITLE_INCHES) * rows)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, arm in zip(grid, shown, strict=False):
        _matrix(axes, arm)
    for axes in grid[len(shown) :]:
        axes.set_axis_off()
    return figure


def _matrix(axes: Any, arm: ArmResult) -> None:
    names = list(dict.fromkeys(true for true, _, _ in arm.confusion))
    counts = {(true, called): count for true, called, count in arm.confusion}
    totals = {true: sum(counts[true, called] for called in names) for true in names}
    shares = [[counts[true, called] / max(1, totals[true]) for called in names] for true in names]
    edges = [place - 0.5 for place in range(len(names) + 1)]
    axes.pcolormesh(edges, edges, shares, cmap="Blues", vmin=0, vmax=1)
    axes.set(aspect="equal", ylim=(edges[-1], edges[0]))
    for row, true in enumerate(names):
        for column, called in enumerate(names):
            ink = PAPER if shares[row][column] > DARK else INK
            told = f"{counts[true, called]}\n{shares[row][column]:.0%}"
            write(axes, column, row, told, color=ink, ha="center", va="center")
    words = ["negative", "positive"] if names == ["0", "1"] else [short(n, LONGEST_CLASS) for n in names]
    name_ticks(axes.xaxis, range(len(names)), words)
    name_ticks(axes.yaxis, range(len(names)), words)
    axes.set(xlabel="called", ylabel="true")
    axes.set_title(label(arm), fontsize=9, parse_math=False, loc="left")
