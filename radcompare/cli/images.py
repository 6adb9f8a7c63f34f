"""Images and masks: check a cohort, extract features from it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from radcompare import console, registry
from radcompare.cli.options import IMAGES, Jobs, Json, Output, Quiet, choice, menu
from radcompare.cli.output import STANDARD_STREAM, refuse_target, write_features
from radcompare.errors import ConfigError, ExitCode, TableError, UnknownNameError

if TYPE_CHECKING:
    from radcompare.source_settings import DeepSource, RadiomicsSource
    from radcompare.tables.cohort import Cohort

CohortFile = Annotated[
    str, typer.Argument(metavar="COHORT", help="A table with ID, Image, Mask; - is standard input.")
]
HANDCRAFTED = tuple(name for name in registry.EXTRACTORS if name != "deep")
SIDE = 56


def add_to(app: typer.Typer) -> None:
    """Put the commands of this file on the menu."""
    app.command(rich_help_panel=IMAGES)(check)
    extract = typer.Typer(no_args_is_help=True, help="Measure features of every case of a cohort.")
    extract.command()(radiomics)
    extract.command()(deep)
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
        "diagnostics": diagnostics,
    }
    source = parse(RadiomicsSource, raw, origin="radcompare extract radiomics")
    _extract(cohort, source, output, jobs, quiet)


def deep(
    cohort: CohortFile,
    network: Annotated[str, typer.Option("--network", **menu("network", "Which network."))],
    weights: Annotated[
        str,
        typer.Option(
            "--weights",
            metavar="imagenet|random|FILE",
            help="Published ones, random ones (stamped untrained), or a file: .pth, .pt, .safetensors, .mat.",
        ),
    ],
    layer: Annotated[
        str,
        typer.Option(
            "--layer", metavar="NAME", help="The layer to read; radcompare describe NETWORK lists them."
        ),
    ],
    relu: Annotated[
        str, typer.Option("--relu", **choice("pre", "post", help="Values before or after the layer's ReLU."))
    ] = "post",
    channel: Annotated[
        str,
        typer.Option("--channel", **choice("r", "g", "b", "all", help="The channels that show the slice.")),
    ] = "all",
    window: Annotated[
        str,
        typer.Option(
            "--window", **choice("crop", "warp", help="A fixed window around the mask, or its tight box.")
        ),
    ] = "crop",
    size: Annotated[
        int | None,
        typer.Option(
            "--size", min=1, metavar="N", help=f"Side of the crop window in pixels; {SIDE} if absent."
        ),
    ] = None,
    margin: Annotated[
        int, typer.Option("--margin", min=0, metavar="N", help="Pixels added on every side of the window.")
    ] = 0,
    masked: Annotated[
        bool, typer.Option("--masked", metavar="", help="Blank the pixels outside the mask.")
    ] = False,
    intensity: Annotated[
        str,
        typer.Option(
            "--intensity",
            metavar="LOW:HIGH|percentile",
            help="What becomes black and white: two intensities, or the 1st and 99th percentile inside the mask.",
        ),
    ] = "-1000:400",
    pool: Annotated[
        str,
        typer.Option(
            "--pool", **choice("mean", "max", "flatten", help="How a map of a layer becomes columns.")
        ),
    ] = "mean",
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="N", help="Seed of random weights.")] = 1,
    output: Output = STANDARD_STREAM,
    jobs: Jobs = 1,
    quiet: Quiet = False,
) -> None:
    """Deep features: activations of a network shown the largest slice."""
    if window == "warp" and size is not None:
        raise ConfigError(
            "--size is the side of the crop window: warp has none", "drop --size, or use --window crop"
        )
    source = _deep_source(
        network=network,
        weights=weights,
        layer=layer,
        relu=relu,
        channel=channel,
        window=window,
        size=size or SIDE,
        margin=margin,
        masked=masked,
        intensity=intensity,
        pool=pool,
        seed=seed,
    )
    _extract(cohort, source, output, jobs, quiet)


def _deep_source(**settings: Any) -> "DeepSource":
    from radcompare.block import parse
    from radcompare.source_settings import DeepSource

    origin = "radcompare extract deep"
    return parse(DeepSource, settings, origin=origin, hint=f"{origin} --help shows every option")


def _extract(
    cohort: str, source: "RadiomicsSource | DeepSource", output: str, jobs: int, quiet: bool
) -> None:
    from radcompare.cache import default_cache
    from radcompare.extraction import extract
    from radcompare.tables.cohort import read_cohort
    from radcompare.tables.failures import write_failures

    refuse_target(output)
    with console.Progress(quiet=quiet) as progress:
        extraction = extract(read_cohort(cohort), source, cache=default_cache(), jobs=jobs, progress=progress)
    write_features(extraction.table, output)
    console.notes([*extraction.table.notes, *extraction.missing_in_words()], quiet=quiet)
    for failure in extraction.failures:
        console.note(f"not measured: {failure.problem}; {failure.hint}")
    if output != STANDARD_STREAM:
        write_failures(extraction.failures, Path(output).parent / "failures.csv")
    if extraction.failures:
        raise typer.Exit(ExitCode.SOME_CASES_FAILED)
