"""What both kinds of extraction do with their source: measure, write, and tell what was lost."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from radcompare import console
from radcompare.cli.output import (
    STANDARD_STREAM,
    refuse_both,
    refuse_target,
    tell_written,
    write_features,
)
from radcompare.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from radcompare.reading_settings import Reading
    from radcompare.source_settings import DeepSource, RadiomicsSource
    from radcompare.tables.case import Failure

FAILURES = "failures.csv"


def extract_to(
    cohort: str,
    source: "RadiomicsSource | DeepSource",
    reading: "Reading",
    output: str,
    jobs: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Measure every case of a cohort, write the table, and list the cases that could not be measured."""
    from radcompare.cache import default_cache
    from radcompare.extraction import NothingMeasured, extract
    from radcompare.tables.cohort import read_cohort

    refuse_both(as_json, output)
    refuse_target(output)
    cases = read_cohort(cohort, reading)
    _forget(output)
    try:
        with console.Progress(quiet=quiet) as progress:
            extraction = extract(cases, source, cache=default_cache(), jobs=jobs, progress=progress)
    except NothingMeasured as error:
        _tell(error.failures, output)
        raise
    from radcompare.tables.readings import readings_path, write_readings

    write_features(extraction.table, output)
    if output != STANDARD_STREAM:
        write_readings(extraction.read, readings_path(Path(output)))
    tell_written(
        as_json,
        output,
        [*extraction.table.notes, *extraction.missing_in_words()],
        quiet,
        cases=len(extraction.table.ids),
        features=extraction.table.features.shape[1],
        failed=[vars(failure) for failure in extraction.failures],
    )
    _tell(extraction.failures, output)
    if extraction.failures:
        raise typer.Exit(ExitCode.SOME_CASES_FAILED)


def _forget(output: str) -> None:
    """Remove the list of failures of an earlier run, of which nothing is known from now on, and halves of files."""
    if output == STANDARD_STREAM:
        return
    from radcompare.provenance import remove_leftovers
    from radcompare.tables.readings import readings_path
    from radcompare.tables.sidecar import meta_path

    path = Path(output)
    (path.parent / FAILURES).unlink(missing_ok=True)
    for name in (path.name, meta_path(path).name, readings_path(path).name, FAILURES):
        remove_leftovers(path.parent, name)


def _tell(failures: "Sequence[Failure]", output: str) -> None:
    """Say which cases could not be measured, and write it beside the table."""
    from radcompare.tables.failures import write_failures

    for failure in failures:
        console.note(f"not measured: {failure.problem}; {failure.hint}")
    if output != STANDARD_STREAM:
        write_failures(failures, Path(output).parent / FAILURES)
