"""Rows of a Parquet file, which stores columns: laid out by rows in a temporary file, some columns at a time.

Only so can rows be read in the order of another table, as a Parquet file of 100,000 rows is mostly one piece.
Text is laid out as codes; its distinct values are held.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.tables.files import NO_PARQUET, UNPARSABLE
from radcompare.tables.kinds import OBJECTS, TEXT
from radcompare.tables.layout import stretches
from radcompare.tables.rows import CELLS, ENOUGH, Facts, HeldOnly, facts_of
from radcompare.tables.spool import PARQUET, Spool

CODE = np.dtype("int32")


@dataclass(frozen=True)
class Block:
    """Columns of one type, row after row.

    Attributes:
        at: the byte it begins with.
        dtype: of every cell.
        columns: their names.
    """

    at: int
    dtype: np.dtype[Any]
    columns: tuple[str, ...]

    def read(self, file: IO[bytes], positions: NDArray[np.int64]) -> pd.DataFrame:
        """Rows by their numbers from 0."""
        width = self.dtype.itemsize * len(self.columns)
        pieces = []
        for first, last in stretches(positions):
            file.seek(self.at + first * width)
            pieces.append(file.read((last - first + 1) * width))
        cells = np.frombuffer(b"".join(pieces), dtype=self.dtype).reshape(len(positions), len(self.columns))
        return pd.DataFrame(cells, columns=list(self.columns))


class ColumnarRows:
    """The rows of a Parquet file; see `rows.Rows`."""

    def __init__(self, columns: Sequence[str], rows: int, file: IO[bytes]) -> None:
        self.columns = columns
        self.facts: dict[str, Facts] = {}
        self._rows, self._file = rows, file
        self._blocks: list[Block] = []
        self._texts: dict[str, pd.Series] = {}

    def __len__(self) -> int:
        return self._rows

    def read(self, positions: NDArray[np.int64], columns: Sequence[str]) -> pd.DataFrame:
        """Some columns of rows by their numbers from 0, with the types that the whole columns have."""
        wanted = set(columns)
        blocks = [block for block in self._blocks if not wanted.isdisjoint(block.columns)]
        frame = pd.concat([block.read(self._file, positions) for block in blocks], axis=1)[list(columns)]
        texts = [name for name in columns if name in self._texts]
        if not texts:
            return frame
        decoded = [self._texts[name].take(frame[name].to_numpy()).reset_index(drop=True) for name in texts]
        return pd.concat([frame.drop(columns=texts), *decoded], axis=1)[list(columns)]

    def add(self, frame: pd.DataFrame, every: Collection[str]) -> None:
        """Lay out some whole columns.

        Raises:
            HeldOnly: a column of neither numbers nor text.
        """
        if not all(_is_number(column) or _is_text(column) for _, column in frame.items()):
            raise HeldOnly
        for name, column in frame.items():
            self.facts[str(name)] = facts_of(column, ENOUGH if name not in every else None)
        coded = {str(name): self._coded(column) for name, column in frame.items()}
        for dtype in dict.fromkeys(values.dtype for values in coded.values()):
            same = {name: values for name, values in coded.items() if values.dtype == dtype}
            self._blocks.append(Block(self._file.tell(), dtype, tuple(same)))
            self._file.write(np.column_stack(list(same.values())).data)

    def _coded(self, column: pd.Series) -> NDArray[Any]:
        """Numbers as they are, text as codes of its distinct values; -1, the last of them, is missing."""
        if _is_number(column):
            return column.to_numpy()
        codes, values = _codes(column)
        if any("\0" in value for value in values if isinstance(value, str)):
            raise HeldOnly
        self._texts[str(column.name)] = pd.Series([*values, None], dtype=column.dtype, name=column.name)
        return codes.astype(CODE)


def columnar_rows(spool: Spool, every: Collection[str] = (), cells: int = CELLS) -> ColumnarRows:
    """Lay out a Parquet file by rows.

    Args:
        spool: its bytes.
        every: columns of which all distinct values are wanted.
        cells: that are held at a time.

    Raises:
        HeldOnly: no Parquet, or one with an index, with equal names, or with columns of neither numbers nor text.
    """
    if not spool.starts_with(PARQUET):
        raise HeldOnly
    try:
        return _laid_out(spool, every, cells)
    except (*UNPARSABLE, *NO_PARQUET) as error:
        raise HeldOnly from error


def _laid_out(spool: Spool, every: Collection[str], cells: int) -> ColumnarRows:
    from pyarrow.parquet import ParquetFile

    spool.file.seek(0)
    file = ParquetFile(spool.file)
    names, rows = file.schema_arrow.names, file.metadata.num_rows
    index = (file.schema_arrow.pandas_metadata or {}).get("index_columns", [])
    shown = [name.strip() for name in names]
    if any(isinstance(kept, str) for kept in index) or len(set(shown)) < len(shown):
        raise HeldOnly
    table = ColumnarRows(shown, rows, spool.scratch)
    step = max(1, cells // max(1, rows))
    for start in range(0, len(names), step):
        group = names[start : start + step]
        try:
            frame = pd.read_parquet(spool.file, columns=group)
        except KeyError:  # damaged notes of pandas in the file: the reader of whole tables says what is wrong
            raise HeldOnly from None
        if [str(name) for name in frame.columns] != group:
            raise HeldOnly
        table.add(frame.set_axis(shown[start : start + step], axis=1), every)
    return table


def _codes(column: pd.Series) -> tuple[NDArray[Any], Sequence[Any]]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), list(column.dtype.categories)
    codes, values = pd.factorize(column)
    return codes, list(values)


def _is_number(column: pd.Series) -> bool:
    return isinstance(column.dtype, np.dtype) and column.dtype.kind in "iufb"


def _is_text(column: pd.Series) -> bool:
    """Text, or true and false with gaps, or declared levels."""
    if isinstance(column.dtype, pd.CategoricalDtype) or column.dtype == TEXT:
        return True
    return column.dtype == OBJECTS and {*map(type, column.dropna())} <= {bool, str}
