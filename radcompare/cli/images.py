"""Images and masks: check a cohort, extract features from it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from radcompare import console, registry
from radcompare.cli.deep import deep, preview
from radcompare.cli.extraction import extract_to
from radcompare.cli.options import IMAGES, CohortFile, Jobs, Json, Output, Quiet, choice
from radcompare.cli.output import STANDARD_STREAM
from radcompare.errors import ExitCode, TableError, UnknownNameError

if TYPE_CHECKING:
    from radcompare.tables.cohort import Cohort

HANDCRAFTED = tuple(name for name in registry.EXTRACTORS if name != "deep")


def add_to(app: typer.Typer) -> None:
    """Put the commands of this file on the menu."""
    app.command(rich_help_panel=IMAGES)(check)
    extract = typer.Typer(no_args_is_help=True, help="Measure features of every case of a cohort.")
    extract.command()(radiomics)
    extract.command()(deep)
    app.command(rich_help_panel=IMAGES)(preview)
    app.add_typer(extract, name="extract", rich_help_panel=IMAGES)


def check(cohort: CohortFile, as_json: Json = False, jobs: Jobs = 1, quiet: Quiet = False) -> None:
    """Read every image and mask and tell all problems at once, before any work."""
    from radcompare.extraction import check_cohort

    with console.Progress(quiet=quiet) as progress:
        found = check_cohort(_cohort_to_check(cohort, as_json), jobs=jobs, progress=progress)
    errors = sum(problem["severity"] == "error" for problem in found)
    if as_json:
        console.write_json(found)
    else:
        console.problems(found)
    console.notes([f"errors: {errors}, warnings: {len(found) - errors}"], quiet=quiet)
    if errors:
        raise typer.Exit(ExitCode.DATA)


def _cohort_to_check(source: str, as_json: bool) -> "Cohort":
    """The cohort; a program that reads JSON gets what is wrong with the table itself as a problem of no case."""
    from radcompare.tables.cohort import read_cohort

    try:
        return read_cohort(source)
    except TableError as error:
        if as_json:
            whole = {"case": "", "severity": "error", "problem": error.message, "hint": error.hint}
            console.write_json([whole])
        raise


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
    output: Output = STANDARD_STREAM,
    jobs: Jobs = 1,
    quiet: Quiet = False,
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
    extract_to(cohort, source, output, jobs, quiet)
