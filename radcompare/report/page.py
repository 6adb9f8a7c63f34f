"""`report.html`: one self-contained page, and its figures and tables as files beside it."""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from radcompare import __version__
from radcompare.config import Experiment
from radcompare.printable import visible
from radcompare.provenance import read_json, written_atomically
from radcompare.report.answers import answers
from radcompare.report.cautions import cautions
from radcompare.report.checklists.clear import clear
from radcompare.report.checklists.facts import Facts
from radcompare.report.checklists.metrics import metrics
from radcompare.report.drawn import figures_of, shown_selections, write_figures
from radcompare.report.figures.selected import MOST_SELECTED, name_of
from radcompare.report.headline import headline
from radcompare.report.manuscript import manuscript
from radcompare.report.methods import methods
from radcompare.report.table_files import write_tables
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

VIEWS = "views"
"""Folder of a run with what networks were shown of example cases: `views/NAME/sheet-01.png`."""


def write_report(
    results: Results,
    experiment: Experiment,
    failures: Sequence[Failure],
    folder: Path,
) -> None:
    """Write `report.html`, `figures/` (SVG, PNG, PDF) and `tables/` (CSV, LaTeX) into a run's folder.

    What stands in `run.json` and in `views/` of the folder is told and shown.
    """
    figures = write_figures(results, figures_of(results), folder / "figures")
    write_tables(results, folder / "tables")
    run = read_json(folder / "run.json")
    page = render(results, experiment, failures, figures, run=run, views=views_of(folder))
    with written_atomically(folder / "report.html") as temporary:
        temporary.write_text(page, encoding="utf-8")


def views_of(folder: Path) -> dict[str, str]:
    """Pictures in the folder of a run as data of a page, by the name of their folder."""
    found = sorted((folder / VIEWS).glob("*/sheet-01.png"))
    return {unquote(path.parent.name): b64encode(path.read_bytes()).decode() for path in found}


def render(
    results: Results,
    experiment: Experiment,
    failures: Sequence[Failure],
    figures: Mapping[str, str],
    *,
    run: Mapping[str, Any] | None = None,
    views: Mapping[str, str] | None = None,
) -> str:
    """The page as HTML; every text from data is escaped.

    Args:
        results, experiment, failures: of the run.
        figures: SVG by name.
        run: `run.json`, if there is one.
        views: PNG as base64 by source.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("radcompare.report"),
        autoescape=True,
        finalize=lambda value: value if isinstance(value, Markup) else visible(str(value)),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    facts = Facts(results, experiment, run or {})
    return environment.get_template("page.html.j2").render(
        name=experiment.name,
        version=__version__,
        headline=headline(results, experiment),
        answers=answers(results),
        cautions=cautions(results, experiment),
        results=results,
        grids=_Grids(results),
        stamps=_stamps(results),
        notes=notes_of(results),
        refused=_refused(results),
        methods=methods(results, experiment),
        manuscript=manuscript(results, experiment, run or {}),
        provenance=_provenance(run or {}),
        checklists={"CLEAR": clear(facts), "METRICS": metrics(facts)},
        selected=most_selected(shown_selections(results.stability, results)),
        failures=failures,
        views=views or {},
        figures={name: inline_svg(svg, name) for name, svg in figures.items()},
    )


def _source(name: str, part: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What measured a source: the program, the weights and the inputs."""
    rows = []
    if part.get("computed_by"):
        rows.append((f"source {name}", str(part["computed_by"])))
    if part.get("settings", {}).get("weights"):
        rows.append((f"weights of {name}", str(part["settings"]["weights"])))
    if part.get("inputs_sha256"):
        rows.append((f"SHA-256 of the inputs of {name}", str(part["inputs_sha256"])))
    return rows


class _Grids:
    """The tables of the page, each None where it has nothing to say."""

    def __init__(self, results: Results) -> None:
        swept = results.exploratory
        title = "Exploratory: the rest of the sweep, never tested"
        self.arms = arms_grid(results.arms)
        self.pairs = pairs_grid(results) if results.pairs else None
        self.margins = margins_grid(results) if results.non_inferiority else None
        self.metrics = metrics_grid(results.arms)
        self.details = details_grid(results.arms)
        self.pipelines = pipelines_grid(results.pipelines) if results.pipelines else None
        self.nested = best_beside_nested(results)
        self.exploratory = arms_grid(swept, title) if swept else None
        self.exploratory_details = details_grid(swept, "Details of the sweep") if swept else None
        self.stability = stability_grid(results.stability) if results.stability else None


def _provenance(run: Mapping[str, Any]) -> Grid | None:
    """Versions, hashes and seeds of `run.json`."""
    rows = [(f"{name}", str(version)) for name, version in run.get("versions", {}).items()]
    rows += [(key, str(run[key])) for key in ("platform", "seed") if key in run]
    rows += [(f"SHA-256 of {name}", str(digest)) for name, digest in run.get("inputs", {}).items()]
    rows += [
        (f"SHA-256 of the {what}", str(run[key]))
        for what, key in (("settings", "config_sha256"), ("program", "code_sha256"))
        if key in run
    ]
    for name, parts in run.get("sources", {}).items():
        for part in parts:
            rows += _source(name, part)
    for name, network in run.get("networks", {}).items():
        rows.append((f"network of {name}", f"{network.get('network')}, weights {network.get('weights')}"))
    return Grid("Software and data", ("what", "which"), tuple(dict.fromkeys(rows)), 0) if rows else None


def most_selected(stability: Sequence[Stability]) -> dict[str, list[tuple[str, float]]]:
    """For every arm and selection, the features kept most often and in which share of the fits."""
    return {name_of(entry): list(entry.frequency[:MOST_SELECTED]) for entry in stability}


def inline_svg(svg: str, name: str) -> str:
    """A figure as HTML holds it: without the XML prologue and names of dialects, its ids unlike those of others.

    Black becomes the colour of the page's text and white its ground, so that a dark page has no white boxes.
    """
    bare = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", svg[svg.index("<svg") :], count=2)
    bare = re.sub(r"<[^>]*>", lambda tag: re.sub(r'(\bid="|href="#|url\(#)', rf"\1{name}-", tag[0]), bare)
    spoken = bare.replace("<svg ", f'<svg role="img" aria-label="figure {name}" ', 1)
    return re.sub(r"<[^>]*>", lambda tag: _on_any_ground(tag[0]), spoken)


def _on_any_ground(tag: str) -> str:
    return tag.replace(": #000000", ": currentColor").replace("fill: #ffffff", "fill: none")


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
