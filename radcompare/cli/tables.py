"""Feature tables: merge, select."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from radcompare import console, registry
from radcompare.cli.options import (
    TABLES,
    Json,
    Outcome,
    Output,
    Patterns,
    Quiet,
    Seed,
    Table,
    Verbose,
    choice,
    menu,
)
from radcompare.cli.output import (
    STANDARD_STREAM,
    refuse_both,
    refuse_target,
    tell_written,
    write_features,
    write_frame,
)
from radcompare.errors import ConfigError

if TYPE_CHECKING:
    from radcompare.config import Selection


SEARCH_DEPTH = 50
"""How many features a search finds where only scores are asked for."""


def add_to(app: typer.Typer) -> None:
    """Put the commands of this file on the menu."""
    app.command(rich_help_panel=TABLES)(merge)
    app.command(rich_help_panel=TABLES)(select)


def merge(
    tables: Annotated[
        list[str],
        typer.Argument(metavar="TABLE TABLE...", help="Two feature tables or more; one of them may be -."),
    ],
    output: Output = STANDARD_STREAM,
    as_json: Json = False,
    quiet: Quiet = False,
    _verbose: Verbose = False,
) -> None:
    """Join feature tables by case: columns side by side, cases that every table has."""
    from radcompare.tables.streamed_merge import are_large

    if len(tables) < 2:
        raise ConfigError(f"merge needs two tables or more, found {len(tables)}", "name another table")
    if tables.count(STANDARD_STREAM) > 1:
        raise ConfigError("merge: - is named twice, and standard input can be read once", "save one of them")
    refuse_both(as_json, output)
    refuse_target(output)
    (_merge_by_rows if are_large(tables) else _merge_at_once)(tables, output, as_json, quiet)


def _merge_at_once(tables: list[str], output: str, as_json: bool, quiet: bool) -> None:
    from radcompare.tables.features import read_features
    from radcompare.tables.merge import merge as merge_tables

    merged = merge_tables([read_features(table) for table in tables])
    write_features(merged, output)
    size = {"cases": len(merged.ids), "features": merged.features.shape[1]}
    tell_written(as_json, output, merged.notes, quiet, **size)


def _merge_by_rows(tables: list[str], output: str, as_json: bool, quiet: bool) -> None:
    from radcompare.provenance import environment
    from radcompare.tables.streamed_merge import streamed_merge, write_merged
    from radcompare.tables.streamed_output import settled_csv

    with streamed_merge(tables) as merged:
        if output == STANDARD_STREAM:
            for text in settled_csv(merged.frames()):
                console.write(text)
        else:
            write_merged(merged, Path(output), environment())
        size = {"cases": merged.cases, "features": merged.empty.features.shape[1]}
        tell_written(as_json, output, merged.empty.notes, quiet, **size)


def select(
    table: Table,
    outcome: Outcome,
    method: Annotated[
        str,
        typer.Option(
            "--method",
            **menu("selector", "How features are scored; settings follow by commas, as in mrmr,bins=5."),
        ),
    ] = "relieff",
    top: Annotated[
        int | None,
        typer.Option(
            "--top",
            min=1,
            metavar="K",
            help=f"Write the table with the K best features. How deep a search (mrmr, cfs, ...) goes: {SEARCH_DEPTH} if absent.",
        ),
    ] = None,
    scores: Annotated[
        bool,
        typer.Option("--scores", metavar="", help="Write feature,score,rank of every feature instead."),
    ] = False,
    neighbours: Annotated[
        int, typer.Option("--neighbours", min=1, metavar="N", help="Relief-F: nearest rows per class.")
    ] = 10,
    ties: Annotated[
        str,
        typer.Option(
            "--ties",
            **choice("index", "weka", help="Relief-F: equally near rows by row number, or by Weka's rule."),
        ),
    ] = "index",
    sample: Annotated[
        int | None,
        typer.Option(
            "--sample", min=1, metavar="N", help="Relief-F: rows drawn by Weka's generator; all if absent."
        ),
    ] = None,
    sigma: Annotated[
        float | None,
        typer.Option(
            "--sigma",
            metavar="X",
            help="Relief-F: a neighbour of rank r weighs exp(-(r/X)^2); all alike if absent.",
        ),
    ] = None,
    seed: Seed = 1,
    missing: Annotated[
        str,
        typer.Option(
            "--missing",
            **choice(
                "merge", "value", help="SU: spread missing values over the others, or count them as a value."
            ),
        ),
    ] = "merge",
    features: Patterns = None,
    output: Output = STANDARD_STREAM,
    as_json: Json = False,
    quiet: Quiet = False,
    _verbose: Verbose = False,
) -> None:
    """Score features on all rows, for looking. To evaluate, select inside the folds: radcompare evaluate --select."""
    from radcompare.selection.screening import keep_top, remarks, score_features
    from radcompare.tables.features import read_features

    if top is None and not scores:
        hint = "--top keeps the K best features, --scores lists all"
        raise ConfigError("select needs --top K or --scores", hint)
    refuse_both(as_json, output)
    refuse_target(output)
    selection = _selection(
        method=method,
        top=top or SEARCH_DEPTH,
        neighbours=neighbours,
        ties=ties,
        sample=sample,
        sigma=sigma,
        seed=seed,
        missing=missing,
    )
    read = read_features(table, outcome=outcome, patterns=features or ())
    scored = score_features(read, outcome, selection, table)
    notes = [*read.notes, *remarks(read, outcome, selection, table)]
    if scores:
        write_frame(scored, output)
    else:
        notes += _notes(len(read.ids), scored["score"].tolist(), top or 1)
        write_features(keep_top(read, scored, top or 1), output)
    best = scored.head(top or len(scored))[["feature", "score"]].to_dict("records")
    tell_written(as_json, output, notes, quiet, cases=len(read.ids), features=best)


def _selection(**settings: Any) -> "Selection":
    from radcompare.config import Selection, parse
    from radcompare.settings import selection_block

    origin = "radcompare select"
    method = settings.pop("method")
    block = selection_block(method)
    if block["method"] in registry.names("projection"):
        problem = f"--method {block['method']}: makes new columns out of all features, and selects none"
        raise ConfigError(
            problem, f"learn it inside the folds: radcompare evaluate --select {block['method']}:10"
        )
    registry.load("selector", block["method"])  # the config would also accept `all`, which scores nothing
    if "top" in block:
        raise ConfigError(f"--method: expected a name such as relieff, found {method!r}", "give K as --top K")
    return parse(Selection, settings | block, origin=origin, hint=f"{origin} --help shows every option")


def _notes(rows: int, scores: Sequence[float], top: int) -> Iterator[str]:
    """What to know of the K best features; `scores` of all features, best first."""
    yield f"selected on all {rows} rows: scores of these features on the same rows are optimistic"
    if top > len(scores):
        yield f"--top {top}: there are fewer features, and all {len(scores)} are kept"
    worthless = sum(score <= 0 for score in scores[:top])
    if worthless:
        yield f"kept without a positive score: {worthless}; equal ones are taken in column order"
