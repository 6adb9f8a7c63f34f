"""Runs that are finished: does it still come out, and pack it."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from radcompare import console
from radcompare.cli.options import EXPERIMENTS, Jobs, Json, Quiet, Verbose
from radcompare.cli.output import refuse_folder
from radcompare.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from radcompare.verification.verify import Verification

SHOWN = 20
"""Differences that are told; the first says most."""

RunFolder = Annotated[Path, typer.Argument(metavar="RUN_DIR", help="Folder of a finished run.")]


def add_to(app: typer.Typer) -> None:
    """Put the commands of this file on the menu."""
    app.command(rich_help_panel=EXPERIMENTS)(verify)
    app.command(rich_help_panel=EXPERIMENTS)(freeze)


def verify(
    folder: RunFolder,
    jobs: Jobs = 1,
    as_json: Json = False,
    quiet: Quiet = False,
    _verbose: Verbose = False,
) -> None:
    """Run a stored experiment again and compare every table and number; exit 5 if anything differs."""
    from radcompare.verification.verify import verify as run_again

    with console.Progress(quiet=quiet) as progress:
        found = run_again(folder, jobs=jobs, progress=progress)
    if as_json:
        console.write_json(_plain(found))
    else:
        console.write("\n".join(_in_words(folder, found)))
    if not found.same:
        raise typer.Exit(ExitCode.VERIFICATION_DIFFERS)


def freeze(
    folder: RunFolder,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE.zip", help="The bundle to write.")],
    as_json: Json = False,
) -> None:
    """Pack a run into one file: settings, hashes, tables and environment, and no image."""
    from radcompare.verification.bundle import freeze as pack

    if output.suffix != ".zip" or output.is_dir():
        raise ConfigError(f"--output: expected a file ending in .zip, found {output}", "name one")
    refuse_folder(output.parent)
    packed = pack(folder, output)
    if as_json:
        console.write_json({"output": str(output), "files": packed})
    else:
        console.write("\n".join(packed))


def _in_words(folder: Path, found: "Verification") -> list[str]:
    lines = [
        f"{cause.kind} differs: {cause.what}: {cause.stored} stored, {cause.found} found"
        for cause in found.causes
    ]
    if found.stopped:
        return [*lines, f"DIFFERS: {folder} cannot be run again: {found.stopped}"]
    lines += [difference.in_words() for difference in found.differences[:SHOWN]]
    more = len(found.differences) - SHOWN
    if more > 0:
        lines.append(f"and {more} more columns and numbers")
    lines.append(f"Compared {len(found.compared)} files: {found.tolerance.in_words()}.")
    if found.same:
        return [*lines, f"SAME: {folder} comes out as it is stored."]
    first = found.causes[0].in_words() if found.causes else found.differences[0].in_words()
    return [*lines, f"DIFFERS: first of all {first}"]


def _plain(found: "Verification") -> dict[str, Any]:
    return {
        "same": found.same,
        "causes": [asdict(cause) for cause in found.causes],
        "differences": [
            {**asdict(each), "largest": None if each.largest == float("inf") else each.largest}
            for each in found.differences
        ],
        "compared": list(found.compared),
        "exact": found.tolerance.exact,
        "stopped": found.stopped,
    }
