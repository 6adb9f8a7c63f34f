"""What there is to choose from: list, describe."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from radcompare import console, registry
from radcompare.cli.options import MENUS, Json, choice
from radcompare.errors import ConfigError, UnknownNameError

if TYPE_CHECKING:
    from radcompare.report.text import Grid

SHOWN = ("name", "set", "family", "ibsi", "unit")
"""What a list of features tells of each."""
KINDS = (*(f"{kind}s" for kind in registry.MENUS), "features")
SECTIONS = ("Args:", "Attributes:", "Raises:", "Returns:", "Yields:")
"""Where the prose of a docstring ends and what concerns programmers begins."""

WIDTH = 100
"""Longest line of a description."""

FEW_LAYERS = 8
"""The most that a list of networks tells of one."""

Row = dict[str, Any]


def add_to(app: typer.Typer) -> None:
    """Put the commands of this file on the menu."""
    app.command(name="list", rich_help_panel=MENUS)(list_names)
    app.command(rich_help_panel=MENUS)(describe)


def list_names(
    kind: Annotated[
        str | None,
        typer.Argument(metavar="KIND", help=f"One of: {', '.join(KINDS)}. All of them in short if absent."),
    ] = None,
    feature_set: Annotated[
        str | None,
        typer.Option("--set", **choice("r219", "pyradiomics", help="Features of this set alone.")),
    ] = None,
    as_json: Json = False,
) -> None:
    """List what there is to choose from."""
    if kind is not None and kind not in KINDS:
        raise UnknownNameError("menu", kind, KINDS)
    if feature_set is not None and kind != "features":
        raise ConfigError("--set belongs to features", f"radcompare list features --set {feature_set}")
    rows = _menus() if kind is None else _rows(kind, feature_set)
    if as_json:
        console.write_json(rows)
    else:
        if kind == "features":
            rows = [{key: row[key] for key in SHOWN} for row in rows]  # the rest is long: describe tells it
        if kind == "networks":
            rows = [{**row, "layers": _few(row["layers"])} for row in rows]
        console.grids([_grid(kind or "menus", rows)])


def describe(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A feature, extractor, network, selector, classifier or test."),
    ],
    as_json: Json = False,
) -> None:
    """Say what a name means: definition and reference of a feature, layers of a network."""
    from radcompare.registry import network_family

    if network_family(name) in registry.NETWORKS:
        _describe_network(name, as_json)
        return
    found = _described(name)
    if as_json:
        console.write_json(found)
    else:
        console.write(_readable(found))


def _describe_network(name: str, as_json: bool) -> None:
    """What a network is, and the table of its layers with the names that --layer takes."""
    from radcompare.deep.networks import entry, layer_table, load_network

    network = load_network(name)
    about, layers = entry(network), layer_table(network)
    if as_json:
        console.write_json({**about, "layer_table": layers})
        return
    rows = [dict(row) for row in layers]
    if not any(row["also"] for row in rows):
        rows = [{key: row[key] for key in row if key != "also"} for row in rows]
    title = f"{name}: input {_text(network.input_shape)}; {_text(about['parameters'])} parameters"
    console.grids([_grid(title, rows)])


def _menus() -> list[Row]:
    """Every menu with its names; there are too many features to name."""
    rows = [{"menu": f"{kind}s", "names": registry.names(kind)} for kind in registry.MENUS]
    return [*rows, {"menu": "features", "names": ["radcompare list features"]}]


def _rows(kind: str, feature_set: str | None) -> list[Row]:
    if kind == "networks":
        from radcompare.cache import default_cache
        from radcompare.deep.networks import catalogue

        return [dict(entry) for entry in catalogue(default_cache())]
    if kind == "features":
        from dataclasses import asdict

        from radcompare.radiomics.catalogue import entries

        return [asdict(entry) for entry in entries(feature_set)]
    singular = kind.removesuffix("s")
    return [{"name": name, "summary": _prose(singular, name)[0]} for name in registry.names(singular)]


def _described(name: str) -> Row:
    for kind in registry.MENUS:
        if name in registry.names(kind):
            found = {"name": name, "kind": kind, **_settings(kind, name)}
            return {**found, "description": "\n\n".join(_prose(kind, name))}
    return _feature(name)


def _settings(kind: str, name: str) -> Row:
    """The settings of a classifier with their defaults."""
    if kind != "classifier":
        return {}
    from radcompare.classifier_settings import described

    return {"settings": described(name)}


def _feature(name: str) -> Row:
    from dataclasses import asdict

    from radcompare.radiomics.catalogue import entries

    features = {entry.name: entry for entry in entries()}
    if name not in features:
        known = [*(n for kind in registry.MENUS for n in registry.names(kind)), *features]
        raise UnknownNameError("name", name, known, "radcompare list shows what there is")
    return asdict(features[name])


def _prose(kind: str, name: str) -> list[str]:
    """The paragraphs of the docstring of what stands behind a name, each on one line; at least one."""
    from inspect import getdoc

    paragraphs = (getdoc(registry.load(kind, name)) or name).split("\n\n")
    return list(_until_sections(paragraphs))


def _until_sections(paragraphs: Iterable[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        if paragraph.startswith(SECTIONS):
            return
        yield " ".join(paragraph.split())


def _grid(title: str, rows: list[Row]) -> "Grid":
    from radcompare.report.text import Grid

    header = tuple(rows[0])
    return Grid(title, header, tuple(tuple(_text(row[key]) for key in header) for row in rows), 0)


def _few(layers: list[str]) -> str:
    """The ends of a list of layers; describe draws all of them."""
    if len(layers) <= FEW_LAYERS:
        return ", ".join(layers)
    return f"{', '.join(layers[:2])}, ... {', '.join(layers[-2:])} ({len(layers)})"


def _readable(found: Row) -> str:
    """`key: value` lines, long ones folded, and the description as paragraphs below them."""
    from textwrap import fill

    keys = [key for key in found if key != "description" and found[key] not in ("", [])]
    lines = [
        fill(f"{key}: {_text(found[key])}", WIDTH, subsequent_indent="    ", break_on_hyphens=False)
        for key in keys
    ]
    paragraphs = [fill(text, WIDTH) for text in found.get("description", "").split("\n\n") if text]
    return "\n\n".join(["\n".join(lines), *paragraphs])


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)
