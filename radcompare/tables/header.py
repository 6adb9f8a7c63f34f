"""The names of a table's columns, read without the table."""

import csv
import gzip
import io
import shutil
import sys
import tempfile
import zlib
from codecs import getincrementaldecoder
from pathlib import Path
from typing import BinaryIO, cast

from radcompare.tables.files import STANDARD_STREAM

START = 1 << 16
"""Bytes in which a header is looked for."""


def first_names(source: str) -> list[str]:
    """The names in the first line, as far as they are found in the first bytes; none for what is no text.

    Standard input can be read as before: it is looked at and, where that does not do (Parquet), held.

    Raises:
        OSError: the file cannot be read.
    """
    if source == STANDARD_STREAM:
        start = cast(io.BufferedReader, sys.stdin.buffer).peek(START)
    else:
        with Path(source).open("rb") as stream:
            start = stream.read(START)
    if start[:4] == b"PAR1":
        return _parquet(source)
    try:
        text = getincrementaldecoder("utf-8-sig")().decode(_plain(start))  # the last letter may be cut in two
    except UnicodeDecodeError:
        return []
    line = text.lstrip().partition("\n")[0]
    delimiter = max((",", "\t", ";"), key=line.count)
    return [cell.strip() for row in csv.reader([line], delimiter=delimiter) for cell in row]


def _plain(start: bytes) -> bytes:
    if start[:2] != b"\x1f\x8b":
        return start
    try:
        return zlib.decompressobj(31).decompress(start, START)
    except (zlib.error, gzip.BadGzipFile):
        return b""


def _parquet(source: str) -> list[str]:
    """The names in the footer of a Parquet file."""
    from pyarrow import ArrowException, parquet

    held = _held_input() if source == STANDARD_STREAM else source
    try:
        return [name.strip() for name in parquet.read_schema(held).names]
    except (ArrowException, OSError):
        return []
    finally:
        if source == STANDARD_STREAM:
            sys.stdin.seek(0)


def _held_input() -> BinaryIO:
    """Standard input as a file that can be read again; a temporary one, gone when the program is."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # open to the end
    shutil.copyfileobj(sys.stdin.buffer, file)
    file.seek(0)
    sys.stdin = io.TextIOWrapper(file)
    return file
