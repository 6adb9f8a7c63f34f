"""What is wrong, and what is to come, before any work: check."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from radcompare import console
from radcompare.cli.options import IMAGES, Jobs, Json, Memory, Quiet, ReadingOptions, Scheduler, Verbose
from radcompare.cli.output import STANDARD_STREAM, refuse_both, refuse_target, write_frame
from radcompare.cli.reading import reading_of
from radcompare.errors import ConfigError, ExitCode, TableError

if TYPE_CHECKING:
    from radcompare.tables.case import Problem

EXPERIMENT = (".yaml", ".yml")


def add_to(app: typer.Typer) -> None:
    """Put the command of this file on the menu."""
    app.command(rich_help_panel=IMAGES)(check)


def check(
    source: Annotated[
        str,
        typer.Argument(
            metavar="COHORT", help="A cohort, a feature table or an experiment (.yaml); - is standard input."
        ),
    ],
    outcome: Annotated[
        str | None,
        typer.Option(
            "--outcome",
            metavar="COLUMN",
            help="The column to predict; every column of two values is looked at if absent.",
        ),
    ] = None,
    reading: ReadingOptions = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Also write the problems as a table.")
    ] = None,
    as_json: Json = False,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    memory: Memory = None,
    quiet: Quiet = False,
    _verbose: Verbose = False,
) -> None:
    """Read every image and mask, tell all problems at once, and say what is to come and how long it will take."""
    from radcompare.parallel import placed

    if output is not None:
        refuse_both(as_json, output)
        refuse_target(output)
    try:
        with placed(scheduler=scheduler, memory=memory):
            found, coming = _checked(source, outcome, reading, jobs, quiet)
    except TableError as error:
        if as_json:
            whole = {"case": "", "severity": "error", "problem": error.message, "hint": error.hint}
            console.write_json([whole])
        raise
    rows = [asdict(problem) for problem in found]
    if output is not None:
        _write(rows, output)
    if as_json:
        console.write_json(rows)
    elif output != STANDARD_STREAM:
        console.problems(rows)
    errors = sum(problem.severity == "error" for problem in found)
    console.notes([*coming, f"errors: {errors}, warnings: {len(found) - errors}"], quiet=quiet)
    if errors:
        raise typer.Exit(ExitCode.DATA)


def _checked(
    source: str, outcome: str | None, reading: Sequence[str] | None, jobs: int, quiet: bool
) -> "tuple[list[Problem], Sequence[str]]":
    """What is wrong with a cohort, a table or the input of an experiment, and what is to come."""
    given = reading_of(reading, "radcompare check")
    with console.Progress(quiet=quiet) as progress:
        if source.lower().endswith(EXPERIMENT):
            if outcome is not None or reading:
                problem = f"{source}: says itself what the outcome and the reading are"
                raise ConfigError(problem, "drop --outcome and --reading")
            return _experiment(Path(source), jobs, progress, quiet)
        if not _is_cohort(source):
            from radcompare.tables.table_check import check_table

            table = check_table(source, outcome)
            return list(table.problems), [*table.notes, table.in_words()]
        from radcompare.checking import check_cohort
        from radcompare.planning import plan_extraction

        found = check_cohort(source, given, outcome=outcome, jobs=jobs, progress=progress)
        return found.problems, [] if quiet else plan_extraction(found)


def _experiment(
    path: Path, jobs: int, progress: console.Progress, quiet: bool
) -> "tuple[list[Problem], Sequence[str]]":
    from radcompare.config import load_experiment
    from radcompare.planning import foresee

    return foresee(load_experiment(path), jobs=jobs, progress=progress, timed=not quiet)


def _is_cohort(source: str) -> bool:
    """Whether it names files and no features; what cannot be read is taken for a cohort, which says what is wrong."""
    from radcompare.tables.cohort import names_files
    from radcompare.tables.header import first_names
    from radcompare.tables.roles import holds_features

    try:
        names = first_names(source)
    except OSError:
        return True
    return not any(names) or (names_files(names) and not holds_features(names))


def _write(rows: list[dict[str, str]], output: str) -> None:
    import pandas as pd

    write_frame(pd.DataFrame(rows, columns=["case", "severity", "problem", "hint"]), output)
