"""How networks learned."""

from collections.abc import Sequence
from typing import Any

from radcompare.report.figures.drawing import (
    LEGEND_LINE_INCHES,
    SQUARE_INCHES,
    blank,
    colour,
    legend,
    short,
)
from radcompare.tables.results import Curve

CURVES_INCHES = 3.2


def learning_figure(curves: Sequence[Curve]) -> Any:
    """Training loss (dashed) and validation loss, and beside them the validation AUC, over epochs."""
    validated = [curve for curve in curves if any(value is not None for value in curve.validation_auc)]
    width = 2 * SQUARE_INCHES if validated else SQUARE_INCHES
    figure = blank(width, CURVES_INCHES + LEGEND_LINE_INCHES * len(curves))
    axes = figure.subplots(1, 2 if validated else 1, squeeze=False)[0]
    lines = []
    for number, curve in enumerate(curves):
        axes[0].plot(curve.epochs, curve.loss, color=colour(number), linewidth=1, linestyle="--")
        held = _known(curve.epochs, curve.validation_loss) or [(float("nan"), float("nan"))]
        lines += axes[0].plot(*zip(*held, strict=True), color=colour(number), linewidth=1.6)
        if curve in validated:
            areas = _known(curve.epochs, curve.validation_auc)
            axes[1].plot(
                *zip(*areas, strict=True), color=colour(number), linewidth=1.2, marker=".", markersize=3
            )
            axes[1].axvline(curve.best, color=colour(number), linewidth=0.8, linestyle=":")
    names = ("loss (dashed: training)", "validation AUC (dotted: best epoch)")
    for panel, name in zip(axes, names, strict=False):
        panel.spines[["top", "right"]].set_visible(False)
        panel.set(xlabel="epoch", ylabel=name)
    legend(figure, lines, [_name(curve) for curve in curves])
    return figure


def _known(epochs: Sequence[int], values: Sequence[float | None]) -> list[tuple[float, float]]:
    return [(epoch, value) for epoch, value in zip(epochs, values, strict=True) if value is not None]


def _name(curve: Curve) -> str:
    name = " ".join(filter(None, (curve.arm, curve.variant)))
    return f"{short(name)}: {curve.networks} network{'s' * (curve.networks > 1)}, best epoch {curve.best:.1f}"
