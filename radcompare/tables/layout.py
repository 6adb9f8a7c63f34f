"""Where the rows of a delimited text lie in its file, found without holding more than a row.

A row is what `csv` takes for one, so that it may span lines. Rows without quotes, nearly all, are only looked
through for their delimiters, several times as fast.
"""

import codecs
import csv
import os
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import TableError
from radcompare.tables.arff import is_arff
from radcompare.tables.files import (
    POINTED,
    delimiter_of,
    refuse_bad_names,
    refuse_workbook,
    unparsable,
    wrong_length,
)
from radcompare.tables.spool import PARQUET, Spool, refuse_other_encodings


class Record(NamedTuple):
    """One row of the text.

    Attributes:
        at: the byte it begins with.
        line: the number of its last line, from 1.
        cells: how many it has.
    """

    at: int
    line: int
    cells: int


@dataclass(frozen=True)
class Layout:
    """How a delimited text is laid out.

    Attributes:
        spool: the bytes.
        header: the names of the columns, without surrounding blanks.
        delimiter: what parts the cells.
        decimal: the decimal point, or comma.
        bounds: the byte where each row begins, and the end of the last; shape (rows + 1,).
        odd: the rows whose cells are not as many as the columns, by number from 0.
        broken: what stopped the search for rows before the end.
    """

    spool: Spool
    header: tuple[str, ...]
    delimiter: str
    decimal: str
    bounds: NDArray[np.int64]
    odd: dict[int, Record]
    broken: TableError | None = None

    def rows(self) -> int:
        """How many rows follow the header."""
        return len(self.bounds) - 1

    def refuse_faults(self) -> None:
        """Refuse what cannot be read as a table.

        Raises:
            TableError: a column is repeated or has no name, a row is of another length, or a cell too long for `csv`.
        """
        refuse_bad_names(self.header, self.spool.name)
        for record in self.odd.values():
            where = f"{self.spool.name}, line {record.line}"
            raise wrong_length(where, record.cells, len(self.header), self.delimiter)
        if self.broken:
            raise self.broken

    def text(self, positions: NDArray[np.int64]) -> bytes:
        """The text of rows by their numbers from 0, a line break at the end of each."""
        return b"".join(self._between(first, last) for first, last in stretches(positions))

    def _between(self, first: int, last: int) -> bytes:
        start, end = self.bounds[[first, last + 1]].tolist()
        self.spool.file.seek(start)
        text = self.spool.file.read(end - start)
        return text if text.endswith(b"\n") else text + b"\n"


def stretches(positions: NDArray[np.int64]) -> list[tuple[int, int]]:
    """The first and the last of numbers that count up by one: what lies together is read together."""
    first = np.flatnonzero(np.diff(positions, prepend=-2) != 1)
    last = np.append(first[1:], len(positions))[: len(first)] - 1
    return list(zip(positions[first].tolist(), positions[last].tolist(), strict=True))


def read_layout(spool: Spool) -> Layout | None:
    """Find the rows of a delimited text.

    Returns:
        None for what is no delimited text (Parquet, ARFF), or has one column, or no header.

    Raises:
        TableError: a workbook, not UTF-8, or a header beyond what `csv` reads.
    """
    if spool.starts_with(PARQUET):
        return None
    refuse_workbook(spool.start(4), spool.name)
    refuse_other_encodings(spool)
    start = len(codecs.BOM_UTF8) if spool.starts_with(codecs.BOM_UTF8) else 0
    first_lines = _first_lines(spool, start)
    delimiter = delimiter_of(first_lines.lstrip("\r\n").partition("\n")[0])
    if not first_lines.strip("\r\n") or is_arff(first_lines):
        return None
    try:
        header = next(row for row in csv.reader(_decoded(spool, start), delimiter=delimiter) if row)
    except csv.Error as error:
        raise unparsable(spool.name, error) from None
    return _laid_out(spool, start, [cell.strip() for cell in header], delimiter)


def _laid_out(spool: Spool, start: int, header: list[str], delimiter: str) -> Layout | None:
    if len(header) < 2:
        return None  # a blank line may be a row then, or not
    bounds, odd, broken = array("q"), {}, None
    records = _records(spool, start, delimiter)
    next(records)
    try:
        for number, record in enumerate(records):
            bounds.append(record.at)
            if record.cells != len(header):
                odd[number] = record
    except csv.Error as error:
        broken = unparsable(spool.name, error)
    if not broken or not bounds:  # else the last row that was found has an unknown end
        bounds.append(spool.file.seek(0, os.SEEK_END))
    decimal = "," if delimiter == ";" and not _has_points(spool, start) else "."
    found = np.array(bounds, dtype=np.int64)
    return Layout(spool, tuple(header), delimiter, decimal, found, odd, broken)


def _first_lines(spool: Spool, start: int) -> str:
    """The lines up to the first that tells a format: not blank, and no comment of ARFF."""
    lines = []
    for line in _decoded(spool, start):
        lines.append(line)
        if line.strip() and not line.lstrip().startswith("%"):
            break
    return "".join(lines)


def _decoded(spool: Spool, start: int) -> Iterator[str]:
    spool.file.seek(start)
    return (line.decode() for line in spool.file)


def _has_points(spool: Spool, start: int) -> bool:
    return any(POINTED.search(line) for line in _decoded(spool, start))


def _records(spool: Spool, start: int, delimiter: str) -> Iterator[Record]:
    """Every row, the header among them; blank lines are none."""
    sign = delimiter.encode()
    lines = _Lines(spool, start)
    for line in lines:
        at = lines.at - len(line)
        bare = line.removesuffix(b"\n").removesuffix(b"\r")
        if b'"' in bare or b"\r" in bare or _has_long_cell(bare, sign):
            row = next(csv.reader(lines.decoded_from(line), delimiter=delimiter))
            if row:
                yield Record(at, lines.number, len(row))
        elif bare:
            yield Record(at, lines.number, bare.count(sign) + 1)


def _has_long_cell(line: bytes, sign: bytes) -> bool:
    """Whether `csv` might refuse the line for a cell beyond its limit."""
    limit = csv.field_size_limit()
    return len(line) > limit and max(map(len, line.split(sign))) > limit


class _Lines:
    """The lines of a file, and how far they have been read."""

    def __init__(self, spool: Spool, start: int) -> None:
        spool.file.seek(start)
        self._file = spool.file
        self.at, self.number = start, 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._file:
            self.at += len(line)
            self.number += 1
            yield line

    def decoded_from(self, line: bytes) -> Iterator[str]:
        """A line that was read, and those after it."""
        yield line.decode()
        yield from (following.decode() for following in self)
