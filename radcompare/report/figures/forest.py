"""Paired differences beside one another, the answer at a glance."""

from collections.abc import Sequence
from typing import Any

from radcompare.report.figures.drawing import GREY, blank, colour, name_ticks, short, write
from radcompare.report.text import METRICS, adjusted_p, with_interval
from radcompare.tables.results import PairResult, Results

INCHES, LINE_INCHES, FRAME_INCHES = 9.2, 0.36, 0.9
LONGEST_PAIR = 44


def forest_figure(results: Results, pairs: Sequence[PairResult]) -> Any:
    """The difference of every pair with its interval; to the right of 0 the first arm of the pair is better.

    Args:
        results: for the names of arms, the margin and how p was adjusted.
        pairs: one test of each pair.
    """
    labels = {arm.arm: arm.label for arm in results.arms}
    figure = blank(INCHES, FRAME_INCHES + LINE_INCHES * max(1, len(pairs)))
    axes = figure.subplots()
    axes.axvline(0, color=GREY, linewidth=0.8)
    for margin in {found.margin for found in results.non_inferiority}:
        axes.axvline(-margin, color=GREY, linewidth=0.8, linestyle="--")
    heights = list(range(len(pairs)))[::-1]
    for height, pair in zip(heights, pairs, strict=True):
        ends = pair.ci or (pair.difference, pair.difference)
        axes.plot(ends, (height, height), color=colour(0), linewidth=1.6, solid_capstyle="butt")
        axes.plot([pair.difference], [height], color=colour(0), marker="s", markersize=5)
        told = (
            f"{METRICS.get(pair.metric, pair.metric)} {with_interval(pair.difference, pair.ci, signed=True)}"
        )
        told += f"   {adjusted_p(pair, results.adjust)}"
        write(axes, 1.02, height, told, transform=axes.get_yaxis_transform(), va="center")
    names = [short(f"{labels[pair.a]} − {labels[pair.b]}", LONGEST_PAIR) for pair in pairs]
    name_ticks(axes.yaxis, heights, names)
    axes.set_ylim(-0.6, len(pairs) - 0.4)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("difference: above 0 the first is better" + _margin(results))
    return figure


def _margin(results: Results) -> str:
    return "; dashed: the margin of non-inferiority" if results.non_inferiority else ""
