"""From a folder of images and masks to a cohort: cohort."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from radcompare import console
from radcompare.cli.options import IMAGES, Jobs, Json, Output, Quiet, Verbose, choice
from radcompare.cli.output import STANDARD_STREAM, refuse_target, write_frame
from radcompare.errors import ConfigError, DataError, ExitCode
from radcompare.gathering.importers import IMPORTERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from radcompare.gathering.gather import Wanted
    from radcompare.gathering.rows import Gathered, Unpaired


def add_to(app: typer.Typer) -> None:
    """Put the command of this file on the menu."""
    app.command(rich_help_panel=IMAGES)(cohort)


def cohort(
    source: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder; for --from pyradiomics its batch file.")
    ],
    output: Output = STANDARD_STREAM,
    outcomes: Annotated[
        str | None, typer.Option("--outcomes", metavar="FILE", help="A table of outcomes to join.")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            metavar="COLUMN",
            help="Its column that says whose outcome it is; its IDs or patient_id if absent, whichever fits more cases.",
        ),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--columns", metavar="COLUMN", help="Take this column of it; may be given again. All if absent."
        ),
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(
            "--image",
            metavar="PATTERN",
            help="Images are the files that fit, such as 'ct/{case}.nrrd'; told from names if absent.",
        ),
    ] = None,
    mask: Annotated[str | None, typer.Option("--mask", metavar="PATTERN", help="The same for masks.")] = None,
    structure: Annotated[
        list[str] | None,
        typer.Option(
            "--structure",
            metavar="PATTERN",
            help="Structures (RTSTRUCT) and segments (SEG) called so, in any case; may be given again. All if absent.",
        ),
    ] = None,
    each_label: Annotated[
        bool, typer.Option("--each-label", metavar="", help="A row for every label of a mask.")
    ] = False,
    headers_only: Annotated[
        bool,
        typer.Option(
            "--headers-only", metavar="", help="Do not open masks: faster, and says nothing of their labels."
        ),
    ] = False,
    origin: Annotated[
        str | None,
        typer.Option(
            "--from", **choice(*IMPORTERS, help="A batch file or public set with a rule of its own.")
        ),
    ] = None,
    unpaired: Annotated[
        str | None,
        typer.Option(
            "--unpaired", metavar="FILE", help="Also write as a table what could not be paired, and why."
        ),
    ] = None,
    as_json: Json = False,
    jobs: Jobs = 1,
    quiet: Quiet = False,
    _verbose: Verbose = False,
) -> None:
    """Find images and masks in a folder, pair them by name, join outcomes, and list what could not be paired.

    Files are paired where their names are alike but for a word that says which is the mask (mask, label, seg, roi,
    ...), be it in the file's name or its folder's: image/X + mask/X, X_image + X_label, X/T1 + X/mask. X_1 and X_2
    are two masks of X. DICOM is paired by the series that an RTSTRUCT or SEG refers to. What leaves a choice is
    listed, not guessed. docs/cohort.md has the whole rule.
    """
    _refuse(output, unpaired, as_json)
    _refuse_outcomes_alone(outcomes, on, columns)
    from radcompare.gathering.gather import Wanted

    wanted = Wanted(image, mask, tuple(structure or ()), each_label, headers_only)
    folder = Path() if output == STANDARD_STREAM else Path(output).parent
    found = _gathered(source, origin, wanted, folder, jobs, quiet)
    frame, without, remarks = _joined(found, source, folder, outcomes, on, columns or ())
    console.notes(remarks, quiet=quiet)
    _tell(without, unpaired)
    if found.rows:
        write_frame(frame, output)
    if as_json:
        listed = [asdict(file) for file in without]
        console.write_json({"cases": len(found.rows), "unpaired": listed, "remarks": list(remarks)})
    console.notes([f"cases: {len(found.rows)}, not paired: {len(without)}"], quiet=quiet)
    if not found.rows:
        raise DataError(f"{source}: no image could be put together with a mask", _advice(found))
    if without:
        raise typer.Exit(ExitCode.SOME_CASES_FAILED)


def _refuse(output: str, unpaired: str | None, as_json: bool) -> None:
    """Refuse results that cannot be written, or two of them to one place."""
    refuse_target(output)
    if unpaired is not None:
        refuse_target(unpaired)
    to_screen = [output == STANDARD_STREAM, unpaired == STANDARD_STREAM, as_json]
    if sum(to_screen) > 1:
        problem = "the cohort, --unpaired - and --json: only one of them has room on standard output"
        raise ConfigError(problem, "write the cohort to a file: -o cohort.csv")


def _refuse_outcomes_alone(outcomes: str | None, on: str | None, columns: "Sequence[str] | None") -> None:
    if outcomes is None and (on is not None or columns):
        raise ConfigError("--on and --columns belong to --outcomes", "name the table: --outcomes FILE")


def _gathered(
    source: Path, origin: str | None, wanted: "Wanted", folder: Path, jobs: int, quiet: bool
) -> "Gathered":
    with console.Progress(quiet=quiet) as progress:
        if origin is None:
            from radcompare.gathering.gather import gather

            return gather(source, wanted, jobs=jobs, progress=progress)
        from radcompare.gathering.gather import Wanted
        from radcompare.gathering.importers import importer

        if wanted != Wanted():
            problem = f"--from {origin} has a rule of its own for what belongs together"
            raise ConfigError(problem, "drop --image, --mask, --structure, --each-label and --headers-only")
        return importer(origin)(source, folder, jobs=jobs, progress=progress)


def _joined(
    found: "Gathered",
    source: Path,
    folder: Path,
    outcomes: str | None,
    on: str | None,
    columns: "Sequence[str]",
) -> "tuple[pd.DataFrame, list[Unpaired], list[str]]":
    """The table, everything without a partner, and what is to be said."""
    from radcompare.gathering.outcomes import join_outcomes
    from radcompare.gathering.table import to_frame

    frame = to_frame(found.rows, source, folder)
    if outcomes is None or not found.rows:
        return frame, list(found.unpaired), list(found.remarks)
    joined = join_outcomes(frame, found.rows, outcomes, on, columns)
    return joined.frame, [*found.unpaired, *joined.unpaired], [*found.remarks, *joined.remarks]


def _tell(without: "Iterable[Unpaired]", target: str | None) -> None:
    """List what could not be paired, and write it as a table if that is wanted."""
    for file in without:
        console.note(f"not paired: {file.file}: {file.reason}")
    if target is not None:
        import pandas as pd

        write_frame(pd.DataFrame([asdict(file) for file in without], columns=["file", "reason"]), target)


def _advice(found: "Gathered") -> str:
    if found.unpaired:
        return "--image and --mask say which files are which, as in --image '{case}/ct.nii.gz' --mask '{case}/gtv.nii.gz'"
    return "expected NIfTI, NRRD, MHA, PNG, JPEG, TIFF, BMP or DICOM in it or in its folders"
