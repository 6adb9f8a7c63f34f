"""Where a command's result goes, and whether it can go there."""

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from radcompare import console
from radcompare.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from radcompare.tables.features import FeatureTable

STANDARD_STREAM = "-"
SUFFIXES = (".csv", ".gz", ".parquet", "")


def refuse_target(target: str) -> None:
    """Refuse a file that cannot be written, before any work is done for it.

    Raises:
        ConfigError: an unknown suffix, a folder of that name, or as `refuse_folder`.
    """
    if target == STANDARD_STREAM:
        return
    path = Path(target)
    if path.is_dir():
        raise ConfigError(f"{path}: is a folder", "name a file in it")
    if path.suffix not in SUFFIXES:
        raise ConfigError(f"{path}: no writer for {path.suffix!r}", "write .csv, .csv.gz or .parquet")
    refuse_folder(path.parent)


def refuse_folder(folder: Path) -> None:
    """Refuse a folder that can neither be written to nor be made.

    Raises:
        ConfigError: a file is in the way, there is no permission, or the disk takes nothing.
    """
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise ConfigError(f"{folder}: cannot be a folder, as {nearest} is a file", "name another folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise ConfigError(f"{folder}: no permission to write in {nearest}", "name another folder")
    try:
        with tempfile.TemporaryFile(dir=nearest):  # permission is not all: a disk may be full or read-only
            pass
    except OSError as error:
        problem = f"{folder}: nothing can be written in {nearest}: {error.strerror or error}"
        raise ConfigError(problem, "free some space, or name another folder") from error


def refuse_both(as_json: bool, target: str) -> None:
    """Refuse JSON about a table and the table itself in one place.

    Raises:
        ConfigError: both are to go to standard output.
    """
    if as_json and target == STANDARD_STREAM:
        problem = "--json and -o -: only one has room on standard output"
        raise ConfigError(problem, "write the table to a file: -o FILE")


def tell_written(as_json: bool, target: str, notes: "Iterable[str]", quiet: bool, **about: object) -> None:
    """What was written, for a program as JSON with the notes in it, for a person the notes alone.

    Args:
        as_json: what is wanted.
        target: the file.
        notes: what to know about it.
        quiet: no notes to standard error.
        about: further keys of the JSON.
    """
    told = list(notes)
    if as_json:
        console.write_json({"output": target, **about, "notes": told})
    console.notes(told, quiet=quiet)


def write_frame(frame: "pd.DataFrame", target: str) -> None:
    """A table to a file, or as CSV to standard output."""
    from radcompare.tables import files

    if target == STANDARD_STREAM:
        console.write(files.to_csv(frame))
    else:
        files.write_frame(frame, Path(target))


def write_features(table: "FeatureTable", target: str) -> None:
    """A feature table with its sidecar; standard output has room for the table alone."""
    from radcompare.provenance import environment
    from radcompare.tables import features

    if target == STANDARD_STREAM:
        write_frame(table.frame(), target)
    else:
        features.write_features(table, Path(target), environment())
