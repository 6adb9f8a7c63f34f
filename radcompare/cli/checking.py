"""What is wrong, before any work: check."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from radcompare import console
from radcompare.cli.options import IMAGES, CohortFile, Jobs, Json, Quiet, ReadingOptions
from radcompare.cli.reading import reading_of
from radcompare.errors import ExitCode, TableError

if TYPE_CHECKING:
    from radcompare.reading_settings import Reading
    from radcompare.tables.cohort import Cohort


def add_to(app: typer.Typer) -> None:
    """Put the command of this file on the menu."""
    app.command(rich_help_panel=IMAGES)(check)


def check(
    cohort: CohortFile,
    reading: ReadingOptions = None,
    as_json: Json = False,
    jobs: Jobs = 1,
    quiet: Quiet = False,
) -> None:
    """Read every image and mask and tell all problems at once, before any work."""
    from radcompare.checking import check_cohort

    cases = _cohort_to_check(cohort, reading_of(reading, "radcompare check"), as_json)
    with console.Progress(quiet=quiet) as progress:
        found = check_cohort(cases, jobs=jobs, progress=progress)
    errors = sum(problem.severity == "error" for problem in found)
    if as_json:
        console.write_json([asdict(problem) for problem in found])
    else:
        console.problems([asdict(problem) for problem in found])
    console.notes([f"errors: {errors}, warnings: {len(found) - errors}"], quiet=quiet)
    if errors:
        raise typer.Exit(ExitCode.DATA)


def _cohort_to_check(source: str, reading: "Reading", as_json: bool) -> "Cohort":
    """The cohort; a program that reads JSON gets what is wrong with the table itself as a problem of no case."""
    from radcompare.tables.cohort import read_cohort

    try:
        return read_cohort(source, reading)
    except TableError as error:
        if as_json:
            whole = {"case": "", "severity": "error", "problem": error.message, "hint": error.hint}
            console.write_json([whole])
        raise
