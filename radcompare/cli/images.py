"""Images and masks: extract features from a cohort."""

from pathlib import Path
from typing import Annotated

import typer

from radcompare import registry
from radcompare.cli.deep import deep, preview
from radcompare.cli.extraction import extract_to
from radcompare.cli.options import (
    IMAGES,
    CohortFile,
    Jobs,
    Json,
    Memory,
    Output,
    Quiet,
    ReadingOptions,
    Scheduler,
    Verbose,
    choice,
)
from radcompare.cli.output import STANDARD_STREAM
from radcompare.cli.reading import reading_of
from radcompare.errors import UnknownNameError
from radcompare.parallel import placed

HANDCRAFTED = tuple(name for name in registry.EXTRACTORS if name != "deep")


def add_to(app: typer.Typer) -> None:
    """Put the commands of this file on the menu."""
    extract = typer.Typer(no_args_is_help=True, help="Measure features of every case of a cohort.")
    extract.command()(radiomics)
    extract.command()(deep)
    app.command(rich_help_panel=IMAGES)(preview)
    app.add_typer(extract, name="extract", rich_help_panel=IMAGES)


def radiomics(
    cohort: CohortFile,
    features: Annotated[
        str, typer.Option("--features", **choice(*HANDCRAFTED, help="Which set of features."))
    ] = "r219",
    params: Annotated[
        Path | None, typer.Option("--params", "-p", metavar="FILE", help="A pyradiomics parameter file.")
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine",
            **choice(
                *("native", "pyradiomics"),
                help="Who computes what pyradiomics defines; native if absent.",
            ),
        ),
    ] = None,
    image: Annotated[
        str | None,
        typer.Option("--image", metavar="NAME", help="Measure the column Image_NAME in place of Image."),
    ] = None,
    diagnostics: Annotated[
        bool, typer.Option("--diagnostics", metavar="", help="Also diagnostics_*, as text.")
    ] = False,
    reading: ReadingOptions = None,
    output: Output = STANDARD_STREAM,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    memory: Memory = None,
    as_json: Json = False,
    quiet: Quiet = False,
    _verbose: Verbose = False,
) -> None:
    """Handcrafted features: size, shape, intensity, texture."""
    from radcompare.block import parse
    from radcompare.source_settings import RadiomicsSource

    if features not in HANDCRAFTED:
        raise UnknownNameError("feature set", features, HANDCRAFTED)
    raw = {
        "extractor": features,
        "params": None if params is None else str(params),
        "engine": engine,
        "image": image,
        "diagnostics": diagnostics,
    }
    source = parse(RadiomicsSource, raw, origin="radcompare extract radiomics")
    with placed(scheduler=scheduler, memory=memory):
        read = reading_of(reading, "radcompare extract radiomics")
        extract_to(cohort, source, read, output, jobs, as_json, quiet)
