"""Which features the folds kept, and how often."""

from collections.abc import Sequence
from typing import Any

from radcompare.report.figures.drawing import blank, colour, name_ticks, short
from radcompare.tables.results import Stability

MOST_SELECTED = 15
INCHES, LINE_INCHES, FRAME_INCHES = 6.4, 0.17, 0.62
LONGEST_FEATURE = 48
TINY = 6.5


def selected_figure(stability: Sequence[Stability]) -> Any:
    """Bars of the features that each selection kept most often, as shares of its fits."""
    shown = [entry for entry in stability if entry.frequency]
    counts = [min(MOST_SELECTED, len(entry.frequency)) for entry in shown] or [1]
    heights = [FRAME_INCHES + LINE_INCHES * count for count in counts]
    figure = blank(INCHES, sum(heights))
    panels = figure.subplots(len(counts), 1, squeeze=False, sharex=True, height_ratios=heights).ravel()
    for number, (axes, entry) in enumerate(zip(panels, shown, strict=False)):
        _bars(axes, number, entry)
    panels[-1].set_xlabel("share of the fits that kept it")
    return figure


def name_of(entry: Stability) -> str:
    """The arm and its selection."""
    return f"{entry.arm}, {entry.selector}" + (f":{entry.k}" if entry.k else "")


def _bars(axes: Any, number: int, entry: Stability) -> None:
    often = entry.frequency[:MOST_SELECTED]
    places = list(range(len(often)))[::-1]
    axes.barh(places, [share for _, share in often], color=colour(number), height=0.7)
    name_ticks(axes.yaxis, places, [short(name, LONGEST_FEATURE) for name, _ in often], TINY)
    axes.set(xlim=(0, 1), ylim=(-0.7, len(often) - 0.3))
    axes.spines[["top", "right"]].set_visible(False)
    stable = "" if entry.nogueira is None else f"; stability {entry.nogueira:.2f} (Nogueira)"
    axes.set_title(short(name_of(entry)) + stable, fontsize=8, parse_math=False, loc="left")
