"""What lies in a folder and the folders in it: image files, DICOM, and what cannot be looked into."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from radcompare.gathering.rows import Unpaired, natural, shown
from radcompare.imaging.dicom.finding import FoundFolder, series_in
from radcompare.imaging.scans import KNOWN
from radcompare.parallel import Progress, each

PASSED_OVER = ("__MACOSX", "@eaDir", "$RECYCLE.BIN")
"""Folders that systems leave behind, as hidden ones are."""
NO_IMAGES = (
    *(
        ".csv",
        ".tsv",
        ".txt",
        ".json",
        ".yaml",
        ".yml",
        ".xml",
        ".md",
        ".pdf",
        ".html",
        ".log",
        ".parquet",
        ".arff",
    ),
    *(".xls", ".xlsx", ".zip", ".gz", ".raw", ".zraw", ".py", ".ini", ".db", ".pt", ".pth", ".npy", ".npz"),
)
"""Suffixes of files that are not opened to see whether they are DICOM."""


@dataclass(frozen=True)
class Tree:
    """What lies in a folder, in natural order.

    Attributes:
        root: the folder.
        files: in formats of images, told by their suffixes; images or masks.
        dicom: the folders that hold DICOM.
        skipped: what could not be looked into, and why.
    """

    root: Path
    files: tuple[Path, ...]
    dicom: tuple[FoundFolder, ...]
    skipped: tuple[Unpaired, ...]


def look_through(root: Path, jobs: int, progress: Progress) -> Tree:
    """Walk through a folder.

    Hidden files and folders are passed over. Links are followed, but what is in the folder itself is looked at once,
    at its own place.

    Args:
        root: the folder.
        jobs: number of processes that read DICOM headers.
        progress: told after every folder of DICOM.
    """
    files: list[Path] = []
    folders: list[Path] = []
    skipped: list[Unpaired] = []
    for folder, names in _folders(root, skipped):
        files += [folder / name for name in names if name.lower().endswith(KNOWN)]
        if any(not name.lower().endswith((*KNOWN, *NO_IMAGES)) for name in names):
            folders.append(folder)
    looked = list(each(_dicom_in, folders, jobs=jobs, what="folders", progress=progress))
    dicom = [found for found in looked if isinstance(found, FoundFolder)]
    skipped += [found for found in looked if isinstance(found, Unpaired)]
    skipped += [
        Unpaired(shown(file), f"cannot be read as DICOM: {why}")
        for found in dicom
        for file, why in found.unreadable
    ]
    return Tree(root, tuple(files), tuple(filter(_holds_something, dicom)), tuple(skipped))


def _folders(root: Path, skipped: list[Unpaired]) -> Iterator[tuple[Path, list[str]]]:
    """Every folder with the names of the files in it; what cannot be listed is noted."""
    home = root.resolve()
    seen: set[Path] = set()
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        real = folder.resolve()
        if real in seen or (folder.is_symlink() and folder != root and _is_around(real, home)):
            continue
        seen.add(real)
        try:
            names = sorted(os.listdir(folder), key=natural)  # noqa: PTH208 - names are what is wanted
        except OSError as error:
            skipped.append(Unpaired(shown(folder), f"the folder cannot be listed: {error.strerror}"))
            continue
        names = [name for name in names if not _is_hidden(name) and _is_writable(folder / name, skipped)]
        inside = [name for name in names if os.path.isdir(folder / name)]  # noqa: PTH112 - False without permission
        waiting += [folder / name for name in reversed(inside)]
        yield folder, [name for name in names if name not in set(inside) and _is_file(folder / name, skipped)]


def _is_around(real: Path, home: Path) -> bool:
    """Whether a link leads to what is looked at anyway, or to where that lies in."""
    return real.is_relative_to(home) or home.is_relative_to(real)


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name in PASSED_OVER


def _is_writable(path: Path, skipped: list[Unpaired]) -> bool:
    """Whether a table can hold the name; one that is not UTF-8 or has a carriage return would not come back."""
    if path.name.isascii() and "\r" not in path.name:
        return True
    try:
        path.name.encode()
    except UnicodeEncodeError:
        skipped.append(Unpaired(shown(path), "its name is not UTF-8, and no table can hold it: rename it"))
        return False
    if "\r" in path.name:
        skipped.append(Unpaired(shown(path), "its name holds a carriage return: rename it"))
    return "\r" not in path.name


def _is_file(path: Path, skipped: list[Unpaired]) -> bool:
    if os.path.isfile(path):  # noqa: PTH113 - False without permission
        return True
    if path.name.lower().endswith(KNOWN):
        why = "is a link that leads nowhere" if path.is_symlink() else "is no file, or nobody may look at it"
        skipped.append(Unpaired(shown(path), why))
    return False


def _dicom_in(folder: Path) -> FoundFolder | Unpaired:
    """What lies in one folder, without what is hidden."""
    try:
        found = series_in(folder)
        structures = tuple(part for part in found.structures if not _is_hidden(part.file.name))
        segments = tuple(part for part in found.segments if not _is_hidden(part.file.name))
        unreadable = tuple(part for part in found.unreadable if not _is_hidden(part[0].name))
        return replace(found, structures=structures, segments=segments, unreadable=unreadable)
    except OSError as error:
        return Unpaired(shown(folder), f"the folder cannot be listed: {error.strerror}")


def _holds_something(found: FoundFolder) -> bool:
    return bool(found.series or found.structures or found.segments)
