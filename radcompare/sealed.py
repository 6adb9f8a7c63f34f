"""Files that nobody but the program reads, each behind the SHA-256 of its name and content: damage never goes unseen.

torch itself passes over flipped bits in what it saved, and a whole entry under another's name would be believed.
"""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import BufferedRandom, BufferedReader
from pathlib import Path

from radcompare.errors import ConfigError
from radcompare.provenance import written_atomically

SEAL = 65
"""Bytes of the seal: the hexadecimal digits of a SHA-256 and a line break."""
HINT = "name another folder, RADCOMPARE_CACHE=FOLDER; RADCOMPARE_CACHE= keeps nothing"


@contextmanager
def sealing(path: Path) -> Iterator[BufferedRandom]:
    """A stream to write to; the file is there once the block succeeds, and is never half of one.

    An empty folder in its place gives way.

    Raises:
        ConfigError: it cannot be written (no permission, a full disk, a file where a folder should be).
    """
    with suppress(OSError):
        path.rmdir()
    try:
        with written_atomically(path) as temporary, temporary.open("w+b") as stream:
            stream.write(bytes(SEAL))
            yield stream
            seal = _seal_of(stream, path)
            stream.seek(0)
            stream.write(seal)
    except ConfigError as error:
        if not isinstance(error.__cause__, OSError):
            raise
        hint = f"it belongs to the cache of measurements: free some space there, or {HINT}"
        raise ConfigError(error.message, hint) from error


@contextmanager
def unsealed(path: Path) -> Iterator[BufferedReader | None]:
    """What was sealed, to be read from its first byte; None for what is not there, or is not as it was written."""
    with ExitStack() as stack:
        stream = None
        with suppress(OSError):
            if path.is_file():  # a pipe would keep the reader waiting
                stream = stack.enter_context(path.open("rb"))
                if stream.read(SEAL) != _seal_of(stream, path):
                    stream = None
                else:
                    stream.seek(SEAL)
        yield stream


def _seal_of(stream: BufferedReader | BufferedRandom, path: Path) -> bytes:
    stream.seek(SEAL)
    digest = hashlib.file_digest(stream, lambda: hashlib.sha256(path.name.encode()))
    return digest.hexdigest().encode() + b"\n"
