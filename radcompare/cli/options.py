"""Options that several commands share: one wording, one meaning."""

from typing import Annotated, Any

import typer

from radcompare import console, registry

EXPERIMENTS = "Whole experiments"
IMAGES = "Images and masks"
TABLES = "Tables and predictions"
MENUS = "What there is"
"""Headings of the list of commands."""

CohortFile = Annotated[
    str, typer.Argument(metavar="COHORT", help="A table with ID, Image, Mask; - is standard input.")
]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs", "-j", min=1, metavar="N", help="Number of processes; the result does not depend on it."
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="The workers of a Dask cluster do what --jobs would, such as tcp://host:8786; same result.",
    ),
]
Memory = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        help="What a worker process may use, such as 2GB; a case that needs more fails, and no other. Linux only.",
    ),
]
Json = Annotated[bool, typer.Option("--json", metavar="", help="Print JSON, for programs.")]
Output = Annotated[
    str,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write .csv, .csv.gz or .parquet; folders are made. - is standard output.",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", metavar="", help="Show no progress and no notes.")]


def _tell_more(value: bool) -> bool:
    console.be_verbose(value)
    return value


Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        metavar="",
        callback=_tell_more,
        help="Tell versions, every step with its time, and of a fault where it happened.",
    ),
]
"""Taken in where it is read: a command need not look at it."""
ReadingOptions = Annotated[
    list[str] | None,
    typer.Option(
        "--reading",
        metavar="KEY=VALUE",
        help="What is done to images and masks first: resample_mask=true, labels=union, threshold=0.5, spacing=1, "
        "clip=[-1000,400], pet=stored, ...; may be given again.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", min=0, metavar="N", help="Seed of everything random.")]
Table = Annotated[
    str,
    typer.Argument(
        metavar="TABLE", help="A feature table: CSV, gzipped CSV, Parquet or ARFF; - is standard input."
    ),
]
Outcome = Annotated[str, typer.Option("--outcome", metavar="COLUMN", help="The column to predict.")]
Patterns = Annotated[
    list[str] | None,
    typer.Option(
        "--features",
        metavar="PATTERN",
        help="Columns that are features, such as 'original_*'; may be given again. Told from their names "
        "and content if absent.",
    ),
]


def choice(*names: str, help: str) -> Any:
    """Metavar, help and completion of an option whose values are few enough to show; the config checks them."""
    return {"metavar": "|".join(names), "help": help, "autocompletion": lambda: list(names)}


def menu(kind: str, help: str) -> Any:
    """The same for an option whose values are the names on a menu."""
    names = registry.names(kind)
    return {
        "metavar": "NAME",
        "help": f"{help} One of: {', '.join(names)}.",
        "autocompletion": lambda: names,
    }
