"""Tables in and out: CSV, gzipped CSV, tab-separated, Parquet and (in only) Weka's ARFF.

The format is told from the bytes, so that a pipe needs no name. Numbers survive a round trip to the last bit.
"""

import csv
import gzip
import io
import re
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from radcompare.errors import ConfigError, TableError
from radcompare.provenance import digest_bytes, written_atomically
from radcompare.tables.arff import is_arff, parse_arff
from radcompare.tables.unpacking import refuse_large_parquet, unzipped

STANDARD_STREAM = "-"
MISSING = ["", "NA", "N/A", "#N/A", "NaN", "nan", "-nan", "NULL", "null", "None", "?"]
"""Cells that mean "no value"; in a column of text (IDs, names of arms) only the empty one does."""
ID_NAMES = ("id", "case", "case_id", "caseid")
"""Headers (in any case) of the column that names a case."""
UNNAMED = ("", "Unnamed: 0")
"""A first column without a name, and what pandas calls it."""
WIDE = 64
"""Columns of numbers from which a table is wide."""
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How the files of spreadsheets begin (.xlsx and .ods, .xls)."""
POINTED = re.compile(r"\d\.\d")
"""A number with a decimal point."""
_QUOTED = re.compile(r'(?:^|(?<=[,;\t]))"(?:[^"]|"")*(?:"|$)')
_MISLEADING = re.compile(r"[;\t]|^[@%\ufeff]")
_END = "\r\n"
"""Of lines while they are made, as Python then quotes a cell that holds either."""
NO_PARQUET = (LookupError, TypeError, AttributeError, NotImplementedError, MemoryError)
"""What pandas and Arrow raise for damaged Parquet, besides `UNPARSABLE`."""
UNPARSABLE = (OSError, EOFError, ValueError, zlib.error, csv.Error)
"""What gzip, pandas, Arrow and csv raise for what is no table."""


def shown_name(source: str) -> str:
    """What messages call a source: its path, or "standard input" for `-`."""
    return "standard input" if source == STANDARD_STREAM else source


def is_id(column: object) -> bool:
    """Whether a header names the column of case IDs."""
    return str(column).strip().lower() in ID_NAMES


def with_named_ids(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with the column of case IDs called `ID`, if it has one.

    `ID` goes before its synonyms; without any, a first column without a name holds the IDs, as pandas and R
    write them. Beside a column of IDs such a one only counts rows, and is dropped.
    """
    ids, counters = id_columns([str(column) for column in frame.columns])
    return frame.drop(columns=counters).rename(columns=dict.fromkeys(ids, "ID"))


def id_columns(columns: Sequence[str]) -> tuple[list[str], list[str]]:
    """The one column that holds the case IDs, if any does, and the one that only counts rows beside it."""
    named = sorted(filter(is_id, columns), key=lambda column: (column != "ID", column.lower() != "id"))
    unnamed = [column for column in columns[:1] if column in UNNAMED]
    return (named or unnamed)[:1], unnamed if named else []


def read_bytes(source: str) -> bytes:
    """The bytes of a file, or of standard input for `-`.

    Raises:
        TableError: the file cannot be read.
    """
    if source == STANDARD_STREAM:
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise unreadable(source, error) from None


def unreadable(source: str, error: OSError) -> TableError:
    """What to raise for a file that cannot be opened."""
    hint = "check the path; `-` reads standard input"
    return TableError(f"{source}: cannot be read: {error.strerror}", hint)


def read_frame(source: str, is_text: Callable[[str], bool] = is_id) -> tuple[pd.DataFrame, str]:
    """Read a table.

    Args:
        source: a path, or `-` for standard input.
        is_text: whether the column of that name is text though its cells may look like numbers.

    Returns:
        The table with its columns as they stand in the file, and the SHA-256 of the bytes that were read.
        A first column without a name is called "" and is text.

    Raises:
        TableError: the file is missing, empty, not a table, repeats a column name, leaves a column without
            one, or has a row of another length.
    """
    content = read_bytes(source)
    return parse_frame(content, shown_name(source), is_text), digest_bytes(content)


def refuse_empty(frame: pd.DataFrame, name: str) -> None:
    """Refuse a table that has a header and no row.

    Raises:
        TableError: it has no row.
    """
    if frame.empty:
        columns = ", ".join(map(str, frame.columns[:5]))
        hint = "expected one row per case; was it cut off?"
        raise TableError(f"{name}: has a header ({columns}, ...) and no row", hint)


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as its suffix says (`.parquet`, `.csv.gz`, `.csv`); same table, same bytes.

    Raises:
        ConfigError: no writer for that suffix, or the file cannot be written.
    """
    with written_atomically(path) as temporary:
        if path.suffix == ".parquet":
            frame.to_parquet(temporary, index=False)
        elif path.suffix == ".gz":
            temporary.write_bytes(gzip.compress(to_csv(frame).encode(), mtime=0))
        elif path.suffix in (".csv", ""):
            temporary.write_text(to_csv(frame), encoding="utf-8")
        else:
            hint = "write .csv, .csv.gz or .parquet"
            raise ConfigError(f"{path}: no writer for {path.suffix!r}", hint)


def to_csv(frame: pd.DataFrame) -> str:
    """A table as CSV text, without an index, numbers in full precision.

    The numbers of wide tables are written by Arrow, several times as fast: the shortest text that reads back as the
    same number, as pandas writes it, but `0` for `0.0`.
    """
    kinds = [dtype == np.float64 for dtype in frame.dtypes]
    width = next((at for at, is_float in enumerate(reversed(kinds)) if not is_float), len(kinds))
    if width < WIDE:
        return _text(frame)
    left, right = frame.iloc[:, : frame.shape[1] - width], frame.iloc[:, frame.shape[1] - width :]
    # A name may hold line breaks, numbers hold none.
    numbers = [_text(right.iloc[:0]), *_numbers(right).splitlines(keepends=True)]
    if not len(left.columns):
        return "".join(numbers)
    return "".join(f"{a},{b}" for a, b in zip(_lines(left), numbers, strict=True))


def _text(frame: pd.DataFrame) -> str:
    rows = frame.to_csv(index=False, header=False, lineterminator="\n")
    if "\r" in rows:
        return "".join(f"{line}\n" for line in _lines(frame))
    return f"{_header(frame)}\n{rows}"


def _lines(frame: pd.DataFrame) -> Iterator[str]:
    """The header and the rows of CSV without what ends them; a cell may hold line breaks."""
    yield _header(frame)
    rows = frame.to_csv(index=False, header=False, lineterminator=_END)
    for row in csv.reader(io.StringIO(rows, newline="")):
        yield _line(row, csv.QUOTE_MINIMAL)


def _header(frame: pd.DataFrame) -> str:
    """The names, in quotes where one of them holds what might be taken for the delimiter or another format."""
    names = [str(column) for column in frame.columns]
    misleading = any(_MISLEADING.search(name) for name in names)
    return _line(names, csv.QUOTE_ALL if misleading else csv.QUOTE_MINIMAL)


def _line(cells: Sequence[str], quoting: Literal[0, 1]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator=_END, quoting=quoting).writerow(cells)
    return line.getvalue()[: -len(_END)]


def _numbers(frame: pd.DataFrame) -> str:
    from pyarrow import BufferOutputStream, RecordBatch, array
    from pyarrow.csv import WriteOptions, write_csv

    columns = [array(column, from_pandas=True) for column in frame.to_numpy().T.copy()]
    batch = RecordBatch.from_arrays(columns, names=[str(number) for number in range(len(columns))])
    text = BufferOutputStream()
    write_csv(batch, text, WriteOptions(include_header=False))
    return bytes(text.getvalue()).decode()


def parse_frame(content: bytes, name: str, is_text: Callable[[str], bool]) -> pd.DataFrame:
    """The table that bytes hold; see `read_frame`.

    Raises:
        TableError: as `read_frame`.
    """
    if not content.strip():
        raise TableError(f"{name}: is empty", "expected a table with a header line")
    refuse_workbook(content[:4], name)
    try:
        if content[:4] == b"PAR1":
            return _parse_parquet(content, name)
        if content[:2] == b"\x1f\x8b":
            content = unzipped(content)
        text = content.decode("utf-8-sig")
        _refuse_nul(text, name)
        return parse_arff(text, name) if is_arff(text) else _parse_csv(text, name, is_text)
    except UnicodeDecodeError as error:
        raise not_utf8(name, error.start) from None
    except UNPARSABLE as error:
        raise unparsable(name, error) from None


def not_utf8(name: str, byte: int) -> TableError:
    """What to raise for a table in another encoding; `byte` is the first that is no UTF-8."""
    problem = f"{name}: is not UTF-8 text (byte {byte})"
    return TableError(problem, "save it as UTF-8, or give CSV, Parquet or ARFF")


def refuse_workbook(start: bytes, name: str) -> None:
    """Refuse the file of a spreadsheet, which may hold several tables.

    Raises:
        TableError: the first four bytes are those of one.
    """
    if start in WORKBOOKS:
        hint = "save its sheet as CSV (PySERA's is called Radiomics_Features)"
        raise TableError(f"{name}: is a workbook of a spreadsheet program, or a zip file", hint)


def unparsable(name: str, error: Exception) -> TableError:
    """What to raise for what a parser says, one of `UNPARSABLE`."""
    first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
    return TableError(f"{name}: cannot be parsed as a table: {first_line}", "expected CSV, Parquet or ARFF")


def nul(where: str) -> TableError:
    """What to raise for a NUL: many programs end a text there, no path holds one, and UTF-16 is full of them."""
    return TableError(f"{where} holds a NUL character", "save it as UTF-8 text, without NUL")


def _refuse_nul(text: str, name: str) -> None:
    place = text.find("\0")
    if place >= 0:
        raise nul(f"{name}, line {text.count(chr(10), 0, place) + 1}:")


def _parse_parquet(content: bytes, name: str) -> pd.DataFrame:
    try:
        refuse_large_parquet(content)
        frame = pd.read_parquet(io.BytesIO(content))
    except NO_PARQUET as error:
        raise ValueError(str(error) or type(error).__name__) from None
    for column in (frame[column] for column in frame.columns if frame[column].dtype in ("str", "object")):
        if column.astype("str").str.contains("\0", regex=False).any():
            raise nul(f"{name}: the column {str(column.name)!r}")
    if not isinstance(frame.index, pd.RangeIndex):  # pandas keeps an index beside the columns
        frame = frame.reset_index(names=[str(name or "") for name in frame.index.names])
    return frame.rename(columns=lambda column: str(column).strip())


def _parse_csv(text: str, name: str, is_text: Callable[[str], bool]) -> pd.DataFrame:
    delimiter = delimiter_of(text.lstrip("\r\n").partition("\n")[0])
    header = _checked_header(text, delimiter, name)
    as_text = text_columns(header, is_text)
    frame: pd.DataFrame = pd.read_csv(
        io.StringIO(text),
        sep=delimiter,
        decimal=_decimal(text, delimiter),
        header=0,
        names=header,
        dtype=dict.fromkeys(as_text, "str"),
        keep_default_na=False,
        na_values={column: [""] if column in as_text else MISSING for column in header},
        index_col=False,
        low_memory=False,
    )
    return frame


def text_columns(header: Sequence[str], is_text: Callable[[str], bool]) -> set[str]:
    """The columns that are text whatever their cells look like."""
    return {column for column in header if is_text(column)} | {"" for column in header[:1] if not column}


def delimiter_of(first_line: str) -> str:
    """What parts the cells: the sign that the header has most of, outside of quotes."""
    return max((",", "\t", ";"), key=_QUOTED.sub("", first_line).count)


def _decimal(text: str, delimiter: str) -> str:
    """The comma where semicolons part the cells and no number has a point, as spreadsheets in Europe write."""
    return "," if delimiter == ";" and not POINTED.search(text) else "."


def _checked_header(text: str, delimiter: str, name: str) -> list[str]:
    """The names of the columns, once every row is known to have a cell for each."""
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    header = [cell.strip() for cell in next((row for row in rows if row), ())]
    if not header:
        raise TableError(f"{name}: is empty", "expected a table with a header line")
    refuse_bad_names(header, name)
    for row in rows:
        if row and len(row) != len(header):
            raise wrong_length(f"{name}, line {rows.line_num}", len(row), len(header), delimiter)
    return header


def wrong_length(where: str, cells: int, columns: int, delimiter: str) -> TableError:
    """What to raise for a row that is longer or shorter than the header."""
    hint = f"was the file cut off? a cell that holds {delimiter!r} needs quotes"
    return TableError(f"{where}: {cells} cells for {columns} columns", hint)


def refuse_bad_names(header: Sequence[str], name: str) -> None:
    """Refuse columns that cannot be told apart.

    Raises:
        TableError: a column but the first has no name, or a name occurs twice.
    """
    seen = set()
    for number, column in enumerate(header, start=1):
        if not column and number > 1:
            hint = "name it, or delete it; a delimiter at the end of every line makes a column too many"
            raise TableError(f"{name}: column {number} has no name", hint)
        if column in seen:
            raise TableError(f"{name}: the column {column!r} occurs twice", "rename or remove one of them")
        seen.add(column)
