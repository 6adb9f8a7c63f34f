"""Rows of delimited text, parsed when they are asked for, and as pandas parses them within the whole.

Parts are parsed without being told types, which is fastest; columns that pandas then takes for something else than
the whole are parsed again with the type of the whole.
"""

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.tables.files import MISSING, UNPARSABLE, text_columns
from radcompare.tables.kinds import OBJECTS, TEXT, Dtype, Kinds
from radcompare.tables.layout import Layout
from radcompare.tables.rows import CELLS, ENOUGH, Facts, HeldOnly, batches, distinct_values, facts_of


class DelimitedRows:
    """The rows of a delimited text that have a cell for every column; see `rows.Rows`.

    Args:
        layout: where they lie.
        is_text: whether the column of that name is text though its cells may look like numbers.
        every: columns of which all distinct values are wanted.
        cells: that are held at a time.

    Raises:
        HeldOnly: pandas sees other rows than `csv`.
    """

    def __init__(
        self,
        layout: Layout,
        is_text: Callable[[str], bool],
        every: Collection[str] = (),
        cells: int = CELLS,
    ) -> None:
        self.columns: Sequence[str] = layout.header
        self.places = np.setdiff1d(np.arange(layout.rows()), np.fromiter(layout.odd, dtype=np.int64))
        self._layout, self._cells = layout, cells
        self._as_text = text_columns(layout.header, is_text)
        self._held: dict[str, pd.Series] = {}
        self.facts: Mapping[str, Facts] = self._survey(every)

    def __len__(self) -> int:
        return len(self.places)

    def read(self, positions: NDArray[np.int64], columns: Sequence[str]) -> pd.DataFrame:
        """Some columns of rows by their numbers from 0, with the types that the whole columns have."""
        held = [name for name in columns if name in self._held]
        others = [name for name in columns if name not in self._held]
        parts = self._typed(self._text(positions), others) if others else []
        parts += [self._held[name].iloc[positions].reset_index(drop=True) for name in held]
        return _side_by_side(parts, columns)

    def _typed(self, text: bytes, columns: Sequence[str]) -> list[pd.DataFrame | pd.Series]:
        """The columns in one frame or several."""
        frame = self._guessed(text, columns)
        whole = [self.facts[name].dtype for name in columns]
        wrong = {
            name: dtype for name, dtype, own in zip(columns, whole, frame.dtypes, strict=True) if dtype != own
        }
        told = {name: dtype for name, dtype in wrong.items() if dtype != OBJECTS}
        mixed = [name for name in wrong if name not in told]
        parts: list[pd.DataFrame | pd.Series] = [frame.drop(columns=list(wrong)) if wrong else frame]
        if mixed:
            parts.append(frame[mixed].astype("object"))
        if told:
            parts.append(self._parsed(text, list(told), dtype=told))
        return parts

    def _guessed(self, text: bytes, columns: Sequence[str]) -> pd.DataFrame:
        """Columns with the types that pandas takes them for, but those of text as text."""
        as_text = [name for name in columns if name in self._as_text]
        others = [name for name in columns if name not in self._as_text]
        parts: list[pd.DataFrame | pd.Series] = []
        parts += [self._parsed(text, as_text, dtype="str", na_values=[""])] if as_text else []
        parts += [self._parsed(text, others)] if others else []
        return _side_by_side(parts, columns)

    def _parsed(self, text: bytes, columns: Sequence[str], **options: Any) -> pd.DataFrame:
        # One list of marks for all columns: pandas takes longer over one for each than over the cells.
        given: dict[str, Any] = {"na_values": MISSING} | options
        frame: pd.DataFrame = pd.read_csv(
            io.BytesIO(text),
            sep=self._layout.delimiter,
            decimal=self._layout.decimal,
            header=None,
            names=list(self.columns),
            usecols=list(columns),
            keep_default_na=False,
            index_col=False,
            low_memory=False,
            **given,
        )
        return frame.copy()  # a copy lies in one piece, of which columns are taken at once

    def _survey(self, every: Collection[str]) -> dict[str, Facts]:
        kinds, values = Kinds(), {name: dict[Any, None]() for name in self.columns}
        others = [name for name in self.columns if name not in self._as_text]
        for frame in self._guesses():
            kinds.add(frame[others])
            self._add_values(values, frame, every)
        types = {name: TEXT if name in self._as_text else kinds.whole(name) for name in self.columns}
        self._held = {name: self._whole(name) for name, dtype in types.items() if dtype is None}
        whole = {name: dtype or self._held[name].dtype for name, dtype in types.items()}
        self.facts = {name: Facts(dtype) for name, dtype in whole.items()}
        again = [name for name in others if _holds_objects(whole[name]) and kinds.of(name) != {"text"}]
        values |= {name: dict[Any, None]() for name in again}
        for positions in self._batches() if again else ():
            self._add_values(values, self.read(positions, again), every)
        read = {
            name: Facts(dtype, values[name], name in kinds.infinite, tuple(kinds.few.get(name, ())))
            for name, dtype in whole.items()
        }
        return read | {name: facts_of(column) for name, column in self._held.items()}

    def _add_values(
        self, values: Mapping[str, dict[Any, None]], frame: pd.DataFrame, every: Collection[str]
    ) -> None:
        for name in frame.columns[[_holds_objects(dtype) for dtype in frame.dtypes]]:
            limit = None if name in every else ENOUGH
            if limit is None or len(values[name]) < limit:
                values[name].update(distinct_values([frame[name]]))

    def _guesses(self) -> Iterator[pd.DataFrame]:
        """All rows.

        Raises:
            HeldOnly: pandas refuses them, or sees more or fewer.
        """
        for positions in self._batches():
            try:
                frame = self._guessed(self._text(positions), self.columns)
            except UNPARSABLE as error:
                raise HeldOnly from error
            if len(frame) != len(positions):
                raise HeldOnly
            yield frame

    def _whole(self, name: str) -> pd.Series:
        """A column as pandas reads it at once: for numbers beyond 64 bits, which are held."""
        cells = [
            self._parsed(self._text(positions), [name], dtype="str", na_values=[])
            for positions in self._batches()
        ]
        text = pd.concat(cells).to_csv(index=False, header=False, quoting=csv.QUOTE_ALL)
        read: pd.DataFrame = pd.read_csv(
            io.StringIO(text),
            header=None,
            names=[name],
            decimal=self._layout.decimal,
            keep_default_na=False,
            na_values=MISSING,
            low_memory=False,
        )
        return read[name]

    def _batches(self) -> Iterator[NDArray[np.int64]]:
        return batches(len(self), len(self.columns), self._cells)

    def _text(self, positions: NDArray[np.int64]) -> bytes:
        return self._layout.text(self.places[positions])


def _holds_objects(dtype: Dtype) -> bool:
    return dtype in (TEXT, OBJECTS)


def _side_by_side(parts: Sequence[pd.DataFrame | pd.Series], columns: Sequence[str]) -> pd.DataFrame:
    if len(parts) == 1 and isinstance(parts[0], pd.DataFrame):
        return parts[0]
    return pd.concat(parts, axis=1)[list(columns)]
