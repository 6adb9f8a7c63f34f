"""Writing a table of which only some rows are held at a time: the bytes that `files.write_frame` writes of the whole.

Parquet alone differs, in that rows lie in several groups: values, types and metadata are the same.
"""

import gzip
import struct
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import pandas as pd

from radcompare.errors import ConfigError
from radcompare.provenance import written_atomically
from radcompare.tables.files import to_csv
from radcompare.tables.kinds import OBJECTS

GROUP = 2**22
"""Cells of a row group of Parquet; the footer, in memory until the end, has an entry for every column of each."""
BLOCK = 2**20


def write_frames(frames: Iterable[pd.DataFrame], path: Path) -> None:
    """Write parts of one table, row under row, as the suffix says (`.parquet`, `.csv.gz`, `.csv`).

    Raises:
        ConfigError: no writer for that suffix, or the file cannot be written.
    """
    with written_atomically(path) as temporary:
        if path.suffix == ".parquet":
            _write_parquet(frames, temporary)
        elif path.suffix == ".gz":
            _write_gzipped(csv_parts(frames), temporary)
        elif path.suffix in (".csv", ""):
            with temporary.open("w", encoding="utf-8") as file:
                file.writelines(csv_parts(frames))
        else:
            raise ConfigError(f"{path}: no writer for {path.suffix!r}", "write .csv, .csv.gz or .parquet")


def csv_parts(frames: Iterable[pd.DataFrame]) -> Iterator[str]:
    """The text of parts of one table, a header before the first."""
    for number, frame in enumerate(frames):
        text = to_csv(frame)
        yield text[len(to_csv(frame.iloc[:0])) :] if number else text


def settled_csv(frames: Iterable[pd.DataFrame]) -> Iterator[str]:
    """The same, but nothing before the last part has come: where what was written cannot be taken back."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as file:
        file.writelines(csv_parts(frames))
        file.seek(0)
        while lines := file.readlines(BLOCK):
            yield "".join(lines)


def _write_gzipped(parts: Iterable[str], path: Path) -> None:
    """As `gzip.compress` does at once, without a time."""
    header = gzip.compress(b"", mtime=0)[:10]
    packing = zlib.compressobj(level=9, wbits=-zlib.MAX_WBITS)
    checksum, size = 0, 0
    with path.open("wb") as file:
        file.write(header)
        for part in parts:
            raw = part.encode()
            checksum, size = zlib.crc32(raw, checksum), size + len(raw)
            file.write(packing.compress(raw))
        file.write(packing.flush() + struct.pack("<LL", checksum, size & 0xFFFFFFFF))


def _write_parquet(frames: Iterable[pd.DataFrame], path: Path) -> None:
    from pyarrow import Table
    from pyarrow.parquet import ParquetWriter

    groups = _row_groups(frames)
    first = next(groups)
    schema = Table.from_pandas(_with_values(first.iloc[:1]), preserve_index=False).schema
    with ParquetWriter(path, schema, compression="snappy") as file:
        for group in chain([first], groups):
            file.write_table(Table.from_pandas(group, schema=schema, preserve_index=False))


def _row_groups(frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    held: list[pd.DataFrame] = []
    for frame in frames:
        held.append(frame)
        if sum(part.size for part in held) >= GROUP:
            yield pd.concat(held, ignore_index=True)
            held.clear()
    if held:
        yield pd.concat(held, ignore_index=True)


def _with_values(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of true, false and gaps without the gaps, from which Arrow could not tell what they are."""
    true = pd.Series([True] * len(frame), index=frame.index, dtype=OBJECTS)
    return frame.assign(**{str(name): true for name in frame.columns[frame.dtypes == OBJECTS]})
