"""The bytes of a table as a file that can be read at any place, whatever they came from.

A pipe and a gzipped file are written out, uncompressed, into a temporary file without a name, which is gone when
the program is. It lies where `TMPDIR` says.
"""

import codecs
import gzip
import hashlib
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from radcompare.tables.files import STANDARD_STREAM, not_utf8, nul, shown_name, unparsable, unreadable

BLOCK = 2**20
GZIPPED = b"\x1f\x8b"
PARQUET = b"PAR1"


@dataclass(frozen=True)
class Spool:
    """A table's bytes.

    Attributes:
        file: open for reading, at no place in particular; what was gzipped is not any more.
        name: what messages call the table.
        digest: SHA-256 of the bytes as they came.
        scratch: an empty temporary file, for what is made of the table.
    """

    file: IO[bytes]
    name: str
    digest: str
    scratch: IO[bytes]

    def starts_with(self, mark: bytes) -> bool:
        """Whether the file begins with these bytes."""
        return self.start(len(mark)) == mark

    def start(self, size: int) -> bytes:
        """The first bytes."""
        self.file.seek(0)
        return self.file.read(size)

    def content(self) -> bytes:
        """All bytes, in memory."""
        self.file.seek(0)
        return self.file.read()


@contextmanager
def spooled(source: str) -> Iterator[Spool]:
    """Open a table, `-` for standard input.

    Raises:
        TableError: the file cannot be read, or is gzipped and damaged.
    """
    name = shown_name(source)
    with _opened(source) as given, _seekable(given) as file, tempfile.TemporaryFile() as scratch:
        spool = Spool(file, name, _digest(file), scratch)
        if not spool.starts_with(GZIPPED):
            yield spool
            return
        with tempfile.TemporaryFile() as plain:
            _unzip(file, plain, name)
            yield replace(spool, file=plain)


def refuse_other_encodings(spool: Spool) -> None:
    """Refuse text that is not UTF-8, or holds NUL.

    Raises:
        TableError: the first wrong byte is named, counted from the end of a byte order mark; or the line of the NUL.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    at, line, found = 0, 1, 0
    spool.file.seek(len(codecs.BOM_UTF8) if spool.starts_with(codecs.BOM_UTF8) else 0)
    while True:
        block = spool.file.read(BLOCK)
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise not_utf8(spool.name, at - pending + error.start) from None
        if not found and (place := text.find("\0")) >= 0:
            found = line + text.count("\n", 0, place)
        if not block:
            break
        at, line = at + len(block), line + text.count("\n")
    if found:  # of both faults the encoding is told
        raise nul(f"{spool.name}, line {found}:")


@contextmanager
def _opened(source: str) -> Iterator[IO[bytes]]:
    if source == STANDARD_STREAM:
        yield sys.stdin.buffer
        return
    try:
        file = Path(source).open("rb")  # noqa: SIM115  # errors of what is done with it are others
    except OSError as error:
        raise unreadable(source, error) from None
    with file:
        yield file


@contextmanager
def _seekable(given: IO[bytes]) -> Iterator[IO[bytes]]:
    """The file itself, or what a pipe held."""
    whole = given is not sys.stdin.buffer and given.seekable()
    with nullcontext(given) if whole else tempfile.TemporaryFile() as file:
        if not whole:
            shutil.copyfileobj(given, file, BLOCK)
        yield file


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    for block in iter(lambda: file.read(BLOCK), b""):
        digest.update(block)
    return digest.hexdigest()


def _unzip(file: IO[bytes], plain: IO[bytes], name: str) -> None:
    file.seek(0)
    try:
        with gzip.open(file) as zipped:
            shutil.copyfileobj(zipped, plain, BLOCK)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        told = str(error).partition(" 0x")[0]  # without the sums that differ, as gzip.decompress says it
        raise unparsable(name, ValueError(told)) from None
