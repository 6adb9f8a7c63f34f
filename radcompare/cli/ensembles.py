"""Arms out of arms: ensemble."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, cast

import typer

from radcompare.cli.options import TABLES, Json, Output, Quiet, Verbose, choice
from radcompare.cli.output import STANDARD_STREAM, refuse_both, refuse_target, tell_written, write_frame
from radcompare.errors import ConfigError

if TYPE_CHECKING:
    from radcompare.cnn_settings import How


def add_to(app: typer.Typer) -> None:
    """Put the commands of this file on the menu."""
    app.command(rich_help_panel=TABLES)(ensemble)


def ensemble(
    predictions: Annotated[
        str,
        typer.Argument(
            metavar="PREDICTIONS",
            help="A table with ID, arm, y_true, score, of any program. - is standard input.",
        ),
    ],
    how: Annotated[
        list[str] | None,
        typer.Option(
            "--how",
            **choice(
                "mean",
                "median",
                "vote",
                "weighted",
                help="Of the arms' probabilities (positive from 0.5), or of what they predict; the new arm is called so. mean if absent; may be given again.",
            ),
        ),
    ] = None,
    arm: Annotated[
        list[str] | None,
        typer.Option(
            "--arm",
            metavar="NAME",
            help="An arm to combine: all seeds of a network, of others the first configuration. May be given again; all arms if absent.",
        ),
    ] = None,
    weight: Annotated[
        list[str] | None,
        typer.Option(
            "--weight",
            metavar="NAME=W",
            help="For --how weighted: what an arm counts, fixed before these cases were seen. May be given again.",
        ),
    ] = None,
    output: Output = STANDARD_STREAM,
    as_json: Json = False,
    quiet: Quiet = False,
    _verbose: Verbose = False,
) -> None:
    """Combine arms case by case; write the predictions with the new arms after them."""
    import pandas as pd

    from radcompare.evaluation.ensembles import align, ensemble_rows, remarks
    from radcompare.tables.predictions import read_predictions

    refuse_both(as_json, output)
    refuse_target(output)
    ways = cast("list[How]", _once(how or ["mean"], "--how"))
    weights = dict(_weights(weight or (), ways))
    read = read_predictions(predictions)
    members = arm or list(read.frame["arm"].unique())
    made = [
        ensemble_rows(read.frame, members, way, way, weights if way == "weighted" else None) for way in ways
    ]
    aligned = align(read.frame, members)
    told = [remark for rows in made for remark in remarks(aligned, rows)]
    whole = pd.concat([read.frame, *made], ignore_index=True)
    write_frame(whole, output)
    arms = list(map(str, whole["arm"].unique()))
    tell_written(as_json, output, (*read.notes, *dict.fromkeys(told)), quiet, rows=len(whole), arms=arms)


def _once(texts: Sequence[str], option: str) -> list[str]:
    for text in texts:
        if texts.count(text) > 1:
            raise ConfigError(f"{option} {text} is given twice", "give it once")
    return list(texts)


def _weights(texts: Sequence[str], ways: Sequence[str]) -> Iterator[tuple[str, float]]:
    if texts and "weighted" not in ways:
        raise ConfigError("--weight without --how weighted", "add it, or drop the weights")
    split = [[part.strip() for part in text.rpartition("=")[::2]] for text in texts]
    _once([name for name, _ in split], "--weight")
    for text, (name, value) in zip(texts, split, strict=True):
        if not name or not _is_number(value):
            hint = "for example --weight 'cnn=0.7'"
            raise ConfigError(f"--weight: expected NAME=NUMBER, found {text!r}", hint)
        yield name, float(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
