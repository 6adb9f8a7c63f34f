"""Which figures a run has, and their files."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from radcompare.provenance import written_atomically
from radcompare.report.answers import headlines
from radcompare.report.figures.confusion import confusion_figure
from radcompare.report.figures.correlation import correlation_figure
from radcompare.report.figures.curves import calibration_figure, decision_figure, roc_figure
from radcompare.report.figures.drawing import FORMATS, as_bytes, as_svg
from radcompare.report.figures.flow import flow_figure
from radcompare.report.figures.forest import forest_figure
from radcompare.report.figures.learning import learning_figure
from radcompare.report.figures.selected import selected_figure
from radcompare.report.file_names import file_name
from radcompare.tables.results import Results, Stability

NAMES = (
    *("flow", "forest", "roc", "calibration", "decision", "confusion", "selected", "correlation"),
    "learning_curves",
)
"""Figures of a report, in its order; besides them there is one ROC curve per arm."""
MOST_MATRICES = 12
MOST_SELECTIONS = 6


def figures_of(results: Results) -> dict[str, Any]:
    """Every figure that has something to show, by its name."""
    return dict(_figures(results))


def write_figures(results: Results, figures: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Write `NAME.svg`, `.png` and `.pdf` of every figure, and the ROC curve of every arm alone.

    Figures of an earlier report of the same folder that this one does not have are removed.

    Args:
        results: for the curves of single arms.
        figures: as `figures_of` gives them.
        folder: for the files.

    Returns:
        The SVG of every figure.
    """
    written = {name: as_svg(figure) for name, figure in figures.items()}
    for name, figure in figures.items():
        _write(folder / f"{name}.svg", written[name].encode())
        for form in FORMATS[1:]:
            _write(folder / f"{name}.{form}", as_bytes(figure, form))
    for arm in results.arms:
        path = folder / f"roc_{file_name(arm.arm)}.svg"
        if arm.roc:
            _write(path, as_svg(roc_figure([arm])).encode())
        else:
            path.unlink(missing_ok=True)
    for name in NAMES:
        for form in FORMATS if name not in figures else ():
            (folder / f"{name}.{form}").unlink(missing_ok=True)
    return written


def shown_selections(stability: Sequence[Stability], results: Results) -> list[Stability]:
    """Those of primary configurations, the first of each arm; of a sweep there may be hundreds."""
    primary = {
        (name, arm.selector, arm.k)
        for arm in results.arms
        for name in (arm.arm, f"{arm.arm} {arm.variant}")  # as a sweep calls it
    }
    first = [entry for entry in stability if (entry.arm, entry.selector, entry.k) in primary]
    return (first or list(stability))[:MOST_SELECTIONS]


def _figures(results: Results) -> Iterator[tuple[str, Any]]:
    if results.flow is not None:
        yield "flow", flow_figure(results.flow)
    if pairs := headlines(results):
        yield "forest", forest_figure(results, pairs)
    for name, draw in (
        ("roc", roc_figure),
        ("calibration", calibration_figure),
        ("decision", decision_figure),
    ):
        if any(getattr(arm, name) for arm in results.arms):
            yield name, draw(results.arms)
    if matrices := [arm for arm in results.arms if arm.confusion]:
        yield "confusion", confusion_figure(matrices[:MOST_MATRICES])
    if any(entry.frequency for entry in results.stability):
        yield "selected", selected_figure(shown_selections(results.stability, results))
    if results.correlation is not None:
        yield "correlation", correlation_figure(results.correlation)
    if results.curves:
        yield "learning_curves", learning_figure(results.curves)


def _write(path: Path, content: bytes) -> None:
    with written_atomically(path) as temporary:
        temporary.write_bytes(content)
