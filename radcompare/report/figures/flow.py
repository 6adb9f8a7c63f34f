"""The flow of cases: how many came in, were lost and were compared."""

from collections.abc import Sequence
from textwrap import fill
from typing import Any

from radcompare.report.figures.drawing import GREY, SMALL, blank, short, write
from radcompare.tables.descriptive import Flow

WIDTH, STEP = 9.2, 0.75
"""Inches from side to side, and from one box to the next."""
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
    ] or ["no case was lost"]
    tall = max(STEP, 0.28 * len("\n".join(lost).splitlines()))
    figure = blank(WIDTH, 2 * STEP + tall + 0.5)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set(xlim=(0, WIDTH), ylim=(0, 2 * STEP + tall + 0.5))
    tops = [2 * STEP + tall, STEP + 0.25, 0.3]
    _chain(axes, boxes, tops)
    write(axes, WIDTH * 0.58, (tops[0] + tops[1]) / 2, "\n".join(lost), va="center", color=GREY)
    axes.plot([WIDTH * 0.3, WIDTH * 0.56], [(tops[0] + tops[1]) / 2] * 2, color=GREY, linewidth=0.8)
    return figure


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
