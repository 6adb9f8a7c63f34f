"""Merging tables of which only some rows are held at a time; what comes of it is what `merge` makes of the wholes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.errors import TableError
from radcompare.tables.features import FeatureTable, write_sidecar
from radcompare.tables.files import STANDARD_STREAM
from radcompare.tables.merge import common_cases, disagreements, merged_notes, side_by_side
from radcompare.tables.rows import CELLS, batches
from radcompare.tables.spool import GZIPPED, PARQUET
from radcompare.tables.streamed_features import StreamedTable, streamed_features
from radcompare.tables.streamed_output import write_frames

LARGE = 64 * 2**20
"""Bytes of text from which tables are not held."""
PACKED = 4
"""How many times as large what was compressed is taken to be."""


@dataclass(frozen=True)
class StreamedMerge:
    """Tables side by side, some rows at a time.

    Attributes:
        empty: the merged table without a row, its notes among all else.
    """

    empty: FeatureTable
    _tables: tuple[StreamedTable, ...]
    _places: tuple[NDArray[np.int64], ...]
    _cells: int

    @property
    def cases(self) -> int:
        """How many there will be."""
        return len(self._places[0])

    def frames(self) -> Iterator[pd.DataFrame]:
        """The rows as they are written, some at a time.

        Raises:
            TableError: a column of the same name holds different values in two tables; told once all rows are seen,
                as `merge` tells the first column.
        """
        found: list[tuple[tuple[int, int], TableError]] = []
        columns = sum(table.empty.frame().shape[1] for table in self._tables)
        for rows in batches(len(self._places[0]), columns, self._cells):
            parts = [
                table.part(places[rows]) for table, places in zip(self._tables, self._places, strict=True)
            ]
            found += islice(disagreements(parts), 1)
            if not found:
                yield side_by_side(parts).frame()
        if found:
            raise min(found, key=lambda each: each[0])[1]


def are_large(sources: Sequence[str]) -> bool:
    """Whether tables are too large to be held together, or that cannot be told (a pipe)."""
    sizes = [_size(Path(source)) for source in sources]
    return any(size is None for size in sizes) or sum(filter(None, sizes)) >= LARGE


@contextmanager
def streamed_merge(sources: Sequence[str], cells: int = CELLS) -> Iterator[StreamedMerge]:
    """Join tables by case; see `merge.merge`.

    Args:
        sources: paths; one may be `-`.
        cells: that are held at a time.

    Raises:
        TableError: a table cannot be read, or no case is in common.
    """
    with ExitStack() as opened:
        tables = [opened.enter_context(streamed_features(source, cells)) for source in sources]
        yield _merged(tables, cells)


def write_merged(merged: StreamedMerge, path: Path, provenance: Mapping[str, Any]) -> None:
    """Write a merged table and its sidecar; see `features.write_features`.

    Raises:
        TableError: the tables disagree; nothing is written then.
        ConfigError: no writer for that suffix, or the file cannot be written.
    """
    write_frames(merged.frames(), path)
    write_sidecar(merged.empty, path, provenance)


def _merged(tables: Sequence[StreamedTable], cells: int) -> StreamedMerge:
    ids = [table.ids for table in tables]
    common = common_cases(ids)
    places = tuple(_places(common, cases) for cases in ids)
    notes = merged_notes([table.empty.notes for table in tables], ids, common)
    empty = replace(side_by_side([table.empty for table in tables]), notes=notes)
    return StreamedMerge(empty, tuple(tables), places, cells)


def _places(cases: pd.Index, ids: pd.Index) -> NDArray[np.int64]:
    """Where IDs stand among others; by Arrow, for which no text becomes an object of Python."""
    from pyarrow import array
    from pyarrow.compute import index_in

    return np.asarray(index_in(array(cases), value_set=array(ids)).to_numpy().astype(np.int64))


def _size(path: Path) -> int | None:
    """Bytes of text, roughly; None for what is read once."""
    if str(path) == STANDARD_STREAM:
        return None
    if not path.is_file():
        return None if path.exists() and not path.is_dir() else 0
    with path.open("rb") as file:
        start = file.read(len(PARQUET))
    return path.stat().st_size * (PACKED if start.startswith((GZIPPED, PARQUET)) else 1)
