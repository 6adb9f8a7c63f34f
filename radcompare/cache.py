"""Measurements that were made already: one small file per case, found by content, never by row.

The key is the hash of the image's and masks' bytes, the label, the extractor's settings and the program's own source;
so a changed mask, setting or line of code is measured anew, and a killed run goes on where it stopped.
"""

import json
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import ConfigError
from radcompare.sealed import HINT, sealing, unsealed

Values = Mapping[str, float | str]
MEASUREMENTS, ROWS, STATES = ".json", ".row", ".state"
KINDS = {MEASUREMENTS: "measurements", ROWS: "rows of networks", STATES: "networks in training"}
"""What is kept, by the suffix of its file."""
AT_WORK_S = 600.0
"""Seconds since its last byte until a temporary file is taken for a leftover: a run may be about to finish it."""
_SUFFIX = "|".join(map(re.escape, KINDS))
_ENTRY = re.compile(rf"[0-9a-f]{{64}}({_SUFFIX})")
_TEMPORARY = re.compile(rf"\.[0-9a-f]{{64}}({_SUFFIX})\.[0-9a-f]{{16}}\1")


@dataclass(frozen=True)
class Row:
    """The features of one case without their names, and what is known of it besides.

    Attributes:
        values: float32, in the order of the extractor's columns.
        facts: what is no feature; JSON can hold it.
    """

    values: NDArray[np.float32]
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Cache:
    """A folder of measurements; None keeps nothing."""

    folder: Path | None

    def get(self, key: str) -> dict[str, float] | None:
        """The numbers stored under a key, or None; a damaged entry counts as absent."""
        found = self.get_all(key)
        return None if found is None else {k: v for k, v in found.items() if isinstance(v, float)}

    def get_all(self, key: str) -> dict[str, float | str] | None:
        """The numbers and texts stored under a key, or None; a damaged entry counts as absent."""
        content = self._read(key, MEASUREMENTS)
        if content is None:
            return None
        # A number is written as a text of all its digits, a text as a list of one.
        stored = json.loads(content).items()
        return {name: value[0] if isinstance(value, list) else float(value) for name, value in stored}

    def put(self, key: str, values: Values) -> None:
        """Store values; numbers are kept to the last bit, NaN and infinities included.

        Raises:
            ConfigError: the cache cannot be written.
        """
        content = {
            name: [value] if isinstance(value, str) else repr(float(value)) for name, value in values.items()
        }
        self._write(key, MEASUREMENTS, json.dumps(content).encode())

    def get_row(self, key: str) -> Row | None:
        """The row stored under a key, or None; a damaged entry counts as absent."""
        content = self._read(key, ROWS)
        if content is None:
            return None
        facts, _, numbers = content.partition(b"\n")
        return Row(np.frombuffer(numbers, dtype="<f4").astype(np.float32), json.loads(facts))

    def put_row(self, key: str, row: Row) -> None:
        """Store a row: thousands of numbers are kept as bytes.

        Raises:
            ConfigError: the cache cannot be written.
        """
        self._write(key, ROWS, json.dumps(row.facts).encode() + b"\n" + row.values.astype("<f4").tobytes())

    def path_of(self, key: str, suffix: str) -> Path | None:
        """Where something that belongs to a key may be kept; None where nothing is."""
        return None if self.folder is None else self.folder / key[:1] / f"{key}{suffix}"

    def _read(self, key: str, suffix: str) -> bytes | None:
        path = self.path_of(key, suffix)
        if path is None:
            return None
        with suppress(OSError), unsealed(path) as stream:
            return None if stream is None else stream.read()
        return None

    def _write(self, key: str, suffix: str, content: bytes) -> None:
        path = self.path_of(key, suffix)
        if path is not None:
            with sealing(path) as stream:
                stream.write(content)


@dataclass(frozen=True)
class Stored:
    """One file of the program's own in a cache.

    Attributes:
        kind: one of `KINDS`; empty for a temporary file, which a run is about to finish or was killed over.
        size: in bytes.
        written: seconds since the epoch.
    """

    path: Path
    kind: str
    size: int
    written: float


@dataclass(frozen=True)
class Inventory:
    """What a cache holds.

    Attributes:
        folder: None where nothing is kept.
        entries: by kind, how many and their bytes.
        oldest, newest: when an entry was written, seconds since the epoch; None without any.
        temporary: unfinished files, how many and their bytes.
        foreign: files that the program did not write.
    """

    folder: Path | None
    entries: Mapping[str, tuple[int, int]]
    oldest: float | None
    newest: float | None
    temporary: tuple[int, int]
    foreign: int


def inventory(cache: Cache) -> Inventory:
    """Count what a cache holds.

    Raises:
        ConfigError: its folder is a file, or cannot be read.
    """
    found = list(_files(cache))
    stored = [file for file in found if file is not None]
    entries = [file for file in stored if file.kind]
    written = [file.written for file in entries]
    return Inventory(
        cache.folder,
        {kind: _sum(file for file in entries if file.kind == kind) for kind in KINDS.values()},
        min(written, default=None),
        max(written, default=None),
        _sum(file for file in stored if not file.kind),
        len(found) - len(stored),
    )


def clear(cache: Cache, older_s: float = 0.0) -> tuple[int, int]:
    """Remove what the program wrote into a cache; a run that is going on measures what it misses.

    Folders and the files of others stay, and so do temporary files that a run may be about to finish.

    Args:
        cache: of which.
        older_s: keep what was written in so many seconds before now.

    Returns:
        How many files were removed, and their bytes.

    Raises:
        ConfigError: the folder is a file, or a file in it cannot be removed.
    """
    now, count, size = time.time(), 0, 0
    for file in _files(cache):
        if file is None:
            continue
        least = older_s if file.kind else max(older_s, AT_WORK_S)
        if least and now - file.written < least:
            continue
        try:
            file.path.unlink()
        except FileNotFoundError:
            continue  # finished, or cleared by somebody else
        except OSError as error:
            hint = "check who may write there"
            raise ConfigError(f"{file.path}: cannot be removed: {error.strerror}", hint) from error
        count, size = count + 1, size + file.size
    return count, size


def default_cache() -> Cache:
    """The user's cache: `RADCOMPARE_CACHE`, else `radcompare` in the system's cache folder.

    An empty `RADCOMPARE_CACHE` keeps nothing.

    Raises:
        ConfigError: a file is where the folder should be.
    """
    named = os.environ.get("RADCOMPARE_CACHE")
    if named == "":
        return Cache(None)
    base = os.environ.get("XDG_CACHE_HOME")
    folder = Path(named) if named else (Path(base) if base else Path.home() / ".cache") / "radcompare"
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise ConfigError(f"the cache {folder} cannot be a folder, as {nearest} is a file", HINT)
    return Cache(folder)


def _files(cache: Cache) -> Iterator[Stored | None]:
    """Every file where entries lie and at the top; None for those of others. Links are not followed.

    Raises:
        ConfigError: the folder cannot be listed.
    """
    if cache.folder is None:
        return
    try:
        folders = [Path(each.path) for each in _listed(cache.folder) if each.is_dir(follow_symlinks=False)]
        for folder in (cache.folder, *sorted(folders)):
            yield from (_stored(each) for each in _listed(folder) if not each.is_dir(follow_symlinks=False))
    except OSError as error:
        raise ConfigError(f"{error.filename}: cannot be listed: {error.strerror}", HINT) from error


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as listing:
            return list(listing)
    except FileNotFoundError:
        return []


def _stored(file: os.DirEntry[str]) -> Stored | None:
    entry, temporary = _ENTRY.fullmatch(file.name), _TEMPORARY.fullmatch(file.name)
    key = file.name.lstrip(".")
    with suppress(FileNotFoundError):  # cleared by somebody else since it was listed
        ours = (entry or temporary) and Path(file.path).parent.name == key[0]
        if ours and file.is_file(follow_symlinks=False):
            known = file.stat(follow_symlinks=False)
            return Stored(Path(file.path), KINDS[entry[1]] if entry else "", known.st_size, known.st_mtime)
    return None


def _sum(files: Iterable[Stored]) -> tuple[int, int]:
    sizes = [file.size for file in files]
    return len(sizes), sum(sizes)
