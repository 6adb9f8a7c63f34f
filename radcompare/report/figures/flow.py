"""The flow of cases: how many came in, were lost and were compared."""

from collections.abc import Sequence
from textwrap import fill
from typing import Any

from radcompare.report.figures.drawing import GREY, SMALL, blank, short, write
from radcompare.tables.descriptive import Flow

WIDTH, STEP, LINE, EDGE = 9.2, 0.6, 0.16, 0.35
"""Inches from side to side, from one box to the next, of a line of text, and above the first box."""
LETTERS = 46
"""Of a line in a box."""


def flow_figure(flow: Flow) -> Any:
    """Boxes from top to bottom; beside the arrow what was lost on the way."""
    of = f" of {flow.groups} groups" if flow.groups is not None else ""
    classes = ", ".join(f"{short(name, 20)}: {count}" for name, count in flow.classes)
    arms = ", ".join(f"{short(arm, 24)} {count}" for arm, count in flow.scored)
    boxes = [
        f"{flow.cases} cases{of}\n{short(flow.outcome, 24)} {classes}",
        _folded(f"scored: {arms}"),
        f"{flow.common} cases scored by every arm",
    ]
    lost = [
        _folded(f"{short(loss.stage, 24)}: {loss.cases} without it ({short(loss.reason, 70)})")
        for loss in flow.losses
    ]
    if flow.only_trained:
        lost.append(f"{flow.only_trained} cases only to train on")
    lost = lost or ["no case was lost"]
    told = "\n".join(lost)
    half = LINE * _lines(boxes[1]) / 2  # lines of a box lie on both sides of its middle
    between = [half + max(STEP + LINE, LINE * (_lines(told) + 1)), half + STEP]
    height = sum(between) + 2 * EDGE
    figure = blank(WIDTH, height)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set(xlim=(0, WIDTH), ylim=(0, height))
    tops = [height - EDGE, height - EDGE - between[0], EDGE]
    _chain(axes, boxes, tops)
    middle = (tops[0] + tops[1] + half) / 2
    write(axes, WIDTH * 0.58, middle, told, va="center", color=GREY)
    axes.plot([WIDTH * 0.3, WIDTH * 0.56], [middle] * 2, color=GREY, linewidth=0.8)
    return figure


def _lines(text: str) -> int:
    return text.count("\n") + 1


def _chain(axes: Any, boxes: Sequence[str], heights: Sequence[float]) -> None:
    """Boxes below one another with arrows between them."""
    frame = {"boxstyle": "round,pad=0.6", "facecolor": "none", "edgecolor": GREY, "linewidth": 1}
    above = None
    for text, height in zip(boxes, heights, strict=True):
        box = write(axes, WIDTH * 0.3, height, text, ha="center", va="center", bbox=frame, fontsize=SMALL + 1)
        patch = box.get_bbox_patch()
        if above is not None:
            arrow = {"arrowstyle": "->", "color": GREY, "patchA": above[1], "patchB": patch}
            axes.annotate("", xy=(WIDTH * 0.3, height), xytext=(WIDTH * 0.3, above[0]), arrowprops=arrow)
        above = height, patch


def _folded(text: str) -> str:
    return fill(text, LETTERS, break_long_words=True)
