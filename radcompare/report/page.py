"""`report.html`: one self-contained page, and the figures as files beside it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from radcompare import __version__
from radcompare.config import Experiment
from radcompare.printable import visible
from radcompare.provenance import written_atomically
from radcompare.report.answers import answers
from radcompare.report.figures import calibration_figure, curves_figure, decision_figure, roc_figure
from radcompare.report.file_names import file_name
from radcompare.report.methods import methods
from radcompare.report.text import (
    Grid,
    arms_grid,
    best_beside_nested,
    details_grid,
    margins_grid,
    metrics_grid,
    notes_of,
    pairs_grid,
    pipelines_grid,
    stability_grid,
)
from radcompare.tables.case import Failure
from radcompare.tables.results import Refusal, Results, Stability

MOST_SELECTED = 15
FIGURES = {"roc": roc_figure, "calibration": calibration_figure, "decision": decision_figure}
"""Every figure by the attribute of an arm that it shows."""
CURVES = "learning_curves"


def write_report(
    results: Results,
    experiment: Experiment,
    failures: Sequence[Failure],
    folder: Path,
) -> None:
    """Write `report.html`, `figures/{roc,calibration,decision}.svg` and `figures/roc_ARM.svg` into a run's folder."""
    figures = {name: draw(results.arms) for name, draw in FIGURES.items()}
    if results.curves:
        figures[CURVES] = curves_figure(results.curves)
    for name, svg in figures.items():
        _write_text(folder / "figures" / f"{name}.svg", svg)
    for arm in results.arms:
        _write_text(folder / "figures" / f"roc_{file_name(arm.arm)}.svg", roc_figure([arm]))
    _write_text(folder / "report.html", render(results, experiment, failures, figures))


def render(
    results: Results,
    experiment: Experiment,
    failures: Sequence[Failure],
    figures: Mapping[str, str],
) -> str:
    """The page as HTML; every text from data is escaped. `figures` are those of `FIGURES` as SVG."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("radcompare.report"),
        autoescape=True,
        finalize=lambda value: value if isinstance(value, Markup) else visible(str(value)),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("page.html.j2").render(
        name=experiment.name,
        version=__version__,
        answers=answers(results),
        results=results,
        grids=_grids(results),
        more=_more_grids(results),
        stamps=_stamps(results),
        notes=notes_of(results),
        refused=_refused(results),
        methods=methods(results, experiment),
        selected=most_selected(results.stability),
        failures=failures,
        figures={
            name: inline_svg(svg, name)
            for name, svg in figures.items()
            if name == CURVES or any(getattr(arm, name) for arm in results.arms)
        },
    )


def most_selected(stability: Sequence[Stability]) -> dict[str, list[tuple[str, float]]]:
    """For every arm and selection, the features kept most often and in which share of the fits."""
    return {
        f"{entry.arm}, {entry.selector}" + (f":{entry.k}" if entry.k else ""): list(
            entry.frequency[:MOST_SELECTED]
        )
        for entry in stability
    }


def inline_svg(svg: str, name: str) -> str:
    """A figure as HTML holds it: without the XML prologue and names of dialects, its ids unlike those of others."""
    bare = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", svg[svg.index("<svg") :], count=2)
    return re.sub(r"<[^>]*>", lambda tag: re.sub(r'(\bid="|href="#|url\(#)', rf"\1{name}-", tag[0]), bare)


def _grids(results: Results) -> list[Grid]:
    grids = [arms_grid(results.arms)]
    if results.pairs:
        grids.append(pairs_grid(results))
    if results.non_inferiority:
        grids.append(margins_grid(results))
    return grids


def _more_grids(results: Results) -> list[Grid]:
    grids = [metrics_grid(results.arms), details_grid(results.arms)]
    if results.pipelines:
        grids.append(pipelines_grid(results.pipelines))
    if beside := best_beside_nested(results):
        grids.append(beside)
    if results.exploratory:
        grids.append(arms_grid(results.exploratory, "Exploratory: the rest of the sweep, never tested"))
        grids.append(details_grid(results.exploratory, "Details of the sweep"))
    if results.stability:
        grids.append(stability_grid(results.stability))
    return grids


def _stamps(results: Results) -> dict[str, str]:
    """For every kind of random weights the arms that were made with them."""
    arms: dict[str, list[str]] = {}
    for arm in (*results.arms, *results.exploratory):
        if arm.untrained and arm.arm not in arms.setdefault(arm.untrained, []):
            arms[arm.untrained].append(arm.arm)
    return {stamp: ", ".join(names) for stamp, names in arms.items()}


def _refused(results: Results) -> dict[Refusal, str]:
    """Every reason once, with all pairs that it concerns."""
    pairs: dict[Refusal, list[str]] = {}
    for refusal in results.refused:
        told = pairs.setdefault(replace(refusal, a="", b=""), [])
        told += [f"{refusal.a} − {refusal.b}"] if refusal.a else []
    return {refusal: "; ".join(told) for refusal, told in pairs.items()}


def _write_text(path: Path, text: str) -> None:
    with written_atomically(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
