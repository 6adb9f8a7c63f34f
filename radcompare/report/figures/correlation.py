"""How features of different sources go together."""

from itertools import pairwise
from typing import Any

from radcompare.report.figures.drawing import INK, blank, name_ticks, short
from radcompare.tables.descriptive import Correlation

INCHES, FEATURE_INCHES = 3.4, 0.13
LONGEST_FEATURE = 38
TINY = 5.5


def correlation_figure(correlation: Correlation) -> Any:
    """Spearman's rho of every pair of features, those of a source together and set apart by lines."""
    count = len(correlation.features)
    side = INCHES + FEATURE_INCHES * count
    figure = blank(side + 2.6, side - 0.6)
    axes = figure.subplots()
    values = [
        [float("nan") if value is None else value for value in row]
        for _, row in zip(correlation.features, correlation.values, strict=True)
    ]
    shown = axes.imshow(values, cmap="RdBu_r", vmin=-1, vmax=1, interpolation="none", aspect="equal")
    names = [short(feature, LONGEST_FEATURE) for feature in correlation.features]
    name_ticks(axes.yaxis, range(count), names, TINY)
    starts = [i for i in range(1, count) if correlation.sources[i] != correlation.sources[i - 1]]
    for start in starts:
        axes.axhline(start - 0.5, color=INK, linewidth=0.8)
        axes.axvline(start - 0.5, color=INK, linewidth=0.8)
    bounds = [0, *starts, count]
    middles = [(a + b - 1) / 2 for a, b in pairwise(bounds)]
    name_ticks(axes.xaxis, middles, [short(correlation.sources[start], 24) for start in bounds[:-1]])
    axes.tick_params(length=0)
    figure.colorbar(shown, ax=axes, shrink=0.6, label="Spearman's ρ")
    return figure
