"""Measurements that were made already: one small file per case, found by content, never by row.

The key is the hash of the image's and masks' bytes, the label, the extractor's settings and the program's own source;
so a changed mask, setting or line of code is measured anew, and a killed run goes on where it stopped.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.provenance import digest_bytes, written_atomically

Values = Mapping[str, float | str]


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
        if self.folder is None:
            return None
        try:
            checksum, _, content = self._path(key).read_text(encoding="utf-8").partition("\n")
        except (OSError, UnicodeDecodeError):
            return None
        if checksum != digest_bytes(content.encode()):
            return None
        # A number is written as a text of all its digits, a text as a list of one.
        stored = json.loads(content).items()
        return {name: value[0] if isinstance(value, list) else float(value) for name, value in stored}

    def put(self, key: str, values: Values) -> None:
        """Store values; numbers are kept to the last bit, NaN and infinities included."""
        if self.folder is None:
            return
        content = json.dumps(
            {
                name: [value] if isinstance(value, str) else repr(float(value))
                for name, value in values.items()
            }
        )
        with written_atomically(self._path(key)) as temporary:
            temporary.write_text(f"{digest_bytes(content.encode())}\n{content}", encoding="utf-8")

    def get_row(self, key: str) -> Row | None:
        """The row stored under a key, or None; a damaged entry counts as absent."""
        if self.folder is None:
            return None
        try:
            checksum, _, content = self._path(key, ".row").read_bytes().partition(b"\n")
        except OSError:
            return None
        if checksum.decode("ascii", "replace") != digest_bytes(content):
            return None
        facts, _, numbers = content.partition(b"\n")
        return Row(np.frombuffer(numbers, dtype="<f4").astype(np.float32), json.loads(facts))

    def put_row(self, key: str, row: Row) -> None:
        """Store a row: thousands of numbers are kept as bytes."""
        if self.folder is None:
            return
        content = json.dumps(row.facts).encode() + b"\n" + row.values.astype("<f4").tobytes()
        with written_atomically(self._path(key, ".row")) as temporary:
            temporary.write_bytes(digest_bytes(content).encode() + b"\n" + content)

    def path_of(self, key: str, suffix: str) -> Path | None:
        """Where something that belongs to a key may be kept; None where nothing is."""
        return None if self.folder is None else self._path(key, suffix)

    def _path(self, key: str, suffix: str = ".json") -> Path:
        assert self.folder is not None
        return self.folder / key[:1] / f"{key}{suffix}"


def default_cache() -> Cache:
    """The user's cache: `RADCOMPARE_CACHE`, else `radcompare` in the system's cache folder.

    An empty `RADCOMPARE_CACHE` keeps nothing.
    """
    named = os.environ.get("RADCOMPARE_CACHE")
    if named is not None:
        return Cache(Path(named) if named else None)
    base = os.environ.get("XDG_CACHE_HOME")
    return Cache((Path(base) if base else Path.home() / ".cache") / "radcompare")
