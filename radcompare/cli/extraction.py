"""What both kinds of extraction do with their source: measure, write, and tell what was lost."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from radcompare import console
from radcompare.cli.output import STANDARD_STREAM, refuse_target, write_features
from radcompare.errors import ExitCode

if TYPE_CHECKING:
    from radcompare.reading_settings import Reading
    from radcompare.source_settings import DeepSource, RadiomicsSource


def extract_to(
    cohort: str,
    source: "RadiomicsSource | DeepSource",
    reading: "Reading",
    output: str,
    jobs: int,
    quiet: bool,
) -> None:
    """Measure every case of a cohort, write the table, and list the cases that could not be measured."""
    from radcompare.cache import default_cache
    from radcompare.extraction import extract
    from radcompare.tables.cohort import read_cohort
    from radcompare.tables.failures import write_failures

    refuse_target(output)
    with console.Progress(quiet=quiet) as progress:
        extraction = extract(
            read_cohort(cohort, reading), source, cache=default_cache(), jobs=jobs, progress=progress
        )
    write_features(extraction.table, output)
    console.notes([*extraction.table.notes, *extraction.missing_in_words()], quiet=quiet)
    for failure in extraction.failures:
        console.note(f"not measured: {failure.problem}; {failure.hint}")
    if output != STANDARD_STREAM:
        write_failures(extraction.failures, Path(output).parent / "failures.csv")
    if extraction.failures:
        raise typer.Exit(ExitCode.SOME_CASES_FAILED)
