"""Tables in and out: CSV, gzipped CSV, tab-separated, Parquet and (in only) Weka's ARFF.

The format is told from the bytes, so that a pipe needs no name. Numbers survive a round trip to the last bit.
"""

import csv
import gzip
import io
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from radcompare.errors import ConfigError, TableError
from radcompare.provenance import digest_bytes, written_atomically
from radcompare.tables.arff import is_arff, parse_arff

STANDARD_STREAM = "-"
MISSING = ["", "NA", "N/A", "#N/A", "NaN", "nan", "-nan", "NULL", "null", "None", "?"]
"""Cells that mean "no value"; in a column of text (IDs, names of arms) only the empty one does."""
ID_NAMES = ("id", "case", "case_id", "caseid")
"""Headers (in any case) of the column that names a case."""
UNNAMED = ("", "Unnamed: 0")
"""A first column without a name, and what pandas calls it."""
WIDE = 64
"""Columns of numbers from which a table is wide."""


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
    columns = [str(column) for column in frame.columns]
    named = sorted(filter(is_id, columns), key=lambda column: (column != "ID", column.lower() != "id"))
    unnamed = [column for column in columns[:1] if column in UNNAMED]
    if named:
        frame = frame.drop(columns=unnamed)
    return frame.rename(columns=dict.fromkeys((named or unnamed)[:1], "ID"))


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
        hint = "check the path; `-` reads standard input"
        raise TableError(f"{source}: cannot be read: {error.strerror}", hint) from None


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
    content, name = read_bytes(source), shown_name(source)
    if not content.strip():
        raise TableError(f"{name}: is empty", "expected a table with a header line")
    return _parse(content, name, is_text), digest_bytes(content)


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
        return frame.to_csv(index=False, lineterminator="\n")
    left, right = frame.iloc[:, : frame.shape[1] - width], frame.iloc[:, frame.shape[1] - width :]
    header = right.iloc[:0].to_csv(index=False, lineterminator="\n")
    numbers = f"{header}{_numbers(right)}".splitlines(keepends=True)
    if not len(left.columns):
        return "".join(numbers)
    return "".join(f"{a},{b}" for a, b in zip(_lines(left), numbers, strict=True))


def _lines(frame: pd.DataFrame) -> Iterator[str]:
    """The header and the rows of CSV without what ends them; a cell may hold line breaks."""
    for row in csv.reader(io.StringIO(frame.to_csv(index=False, lineterminator="\n"), newline="")):
        line = io.StringIO(newline="")
        csv.writer(line, lineterminator="\n").writerow(row)  # which it quotes inside of cells
        yield line.getvalue()[:-1]


def _numbers(frame: pd.DataFrame) -> str:
    from pyarrow import BufferOutputStream, RecordBatch, array
    from pyarrow.csv import WriteOptions, write_csv

    columns = [array(column, from_pandas=True) for column in frame.to_numpy().T.copy()]
    batch = RecordBatch.from_arrays(columns, names=[str(number) for number in range(len(columns))])
    text = BufferOutputStream()
    write_csv(batch, text, WriteOptions(include_header=False))
    return bytes(text.getvalue()).decode()


def _parse(content: bytes, name: str, is_text: Callable[[str], bool]) -> pd.DataFrame:
    try:
        if content[:4] == b"PAR1":
            return _parse_parquet(content)
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        text = content.decode("utf-8-sig")
        return parse_arff(text, name) if is_arff(text) else _parse_csv(text, name, is_text)
    except UnicodeDecodeError as error:
        problem = f"{name}: is not UTF-8 text (byte {error.start})"
        raise TableError(problem, "save it as UTF-8, or give CSV, Parquet or ARFF") from None
    except (OSError, EOFError, ValueError, zlib.error, csv.Error) as error:  # gzip; pandas; Arrow; csv
        first_line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TableError(
            f"{name}: cannot be parsed as a table: {first_line}", "expected CSV, Parquet or ARFF"
        ) from None


def _parse_parquet(content: bytes) -> pd.DataFrame:
    frame = pd.read_parquet(io.BytesIO(content))
    if not isinstance(frame.index, pd.RangeIndex):  # pandas keeps an index beside the columns
        frame = frame.reset_index(names=[str(name or "") for name in frame.index.names])
    return frame.rename(columns=lambda column: str(column).strip())


def _parse_csv(text: str, name: str, is_text: Callable[[str], bool]) -> pd.DataFrame:
    delimiter = _delimiter(text)
    header = _checked_header(text, delimiter, name)
    as_text = {column for column in header if is_text(column)} | {"" for column in header[:1] if not column}
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


def _delimiter(text: str) -> str:
    first_line = text.lstrip("\r\n").partition("\n")[0]
    return max((",", "\t", ";"), key=first_line.count)


def _decimal(text: str, delimiter: str) -> str:
    """The comma where semicolons part the cells and no number has a point, as spreadsheets in Europe write."""
    return "," if delimiter == ";" and not re.search(r"\d\.\d", text) else "."


def _checked_header(text: str, delimiter: str, name: str) -> list[str]:
    """The names of the columns, once every row is known to have a cell for each."""
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    header = [cell.strip() for cell in next(row for row in rows if row)]
    _refuse_bad_names(header, name)
    for row in rows:
        if row and len(row) != len(header):
            problem = f"{name}, line {rows.line_num}: {len(row)} cells for {len(header)} columns"
            raise TableError(problem, f"was the file cut off? a cell that holds {delimiter!r} needs quotes")
    return header


def _refuse_bad_names(header: list[str], name: str) -> None:
    for number, column in enumerate(header, start=1):
        if not column and number > 1:
            hint = "name it, or delete it; a delimiter at the end of every line makes a column too many"
            raise TableError(f"{name}: column {number} has no name", hint)
        if column in header[: number - 1]:
            raise TableError(f"{name}: the column {column!r} occurs twice", "rename or remove one of them")
