"""A table whose rows are not held, and what is known of its columns: enough to tell features from the rest."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.tables.kinds import Dtype, few_numbers
from radcompare.tables.roles import MAX_LEVELS

CELLS = 2**20
"""Cells that are held at a time."""
ENOUGH = MAX_LEVELS + 1
"""Distinct values from which text is known to be no levels."""


class HeldOnly(Exception):
    """Nothing is wrong with a table, but that it cannot be read by rows."""


@dataclass(frozen=True)
class Facts:
    """What is known of one column.

    Attributes:
        dtype: as pandas has it for the whole column.
        values: distinct values; of text `ENOUGH` at most and of numbers none, but all where the sidecar has levels.
        infinite: a number is infinite.
        few: distinct numbers, if they are no more than classes may be.
    """

    dtype: Dtype
    values: Mapping[Any, None] = field(default_factory=dict)
    infinite: bool = False
    few: tuple[float, ...] = ()


class Rows(Protocol):
    """Rows of a table that are read when they are asked for."""

    @property
    def columns(self) -> Sequence[str]:
        """The names, in the order of the table."""
        ...

    @property
    def facts(self) -> Mapping[str, Facts]:
        """What is known of each column."""
        ...

    def __len__(self) -> int: ...

    def read(self, positions: NDArray[np.int64], columns: Sequence[str]) -> pd.DataFrame:
        """Some columns of rows by their numbers from 0, with the types that the whole columns have."""
        ...


class HeldRows:
    """The rows of a table that is held; see `Rows`."""

    def __init__(self, frame: pd.DataFrame, every: Collection[str] = ()) -> None:
        self._frame = frame
        self.columns: Sequence[str] = [str(name) for name in frame.columns]
        self.facts: Mapping[str, Facts] = {
            str(name): facts_of(column, None if name in every else ENOUGH) for name, column in frame.items()
        }

    def __len__(self) -> int:
        return len(self._frame)

    def read(self, positions: NDArray[np.int64], columns: Sequence[str]) -> pd.DataFrame:
        """Some columns of rows by their numbers from 0."""
        return self._frame.iloc[positions][list(columns)].reset_index(drop=True)


def facts_of(column: pd.Series, limit: int | None = ENOUGH) -> Facts:
    """What is known of a column that is there; of text some `limit` values, and of numbers all where it is None."""
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return Facts(column.dtype, distinct_values([column], limit))
    infinite = column.dtype.kind == "f" and bool(np.isinf(column.to_numpy()).any())
    values = distinct_values([column], limit) if limit is None else {}
    return Facts(column.dtype, values, infinite, tuple(few_numbers(column) or ()))


def batches(rows: int, columns: int, cells: int = CELLS) -> Iterator[NDArray[np.int64]]:
    """The numbers of all rows from 0, as many at a time as have about `cells` cells."""
    step = max(1, cells // max(1, columns))
    return (np.arange(start, min(start + step, rows)) for start in range(0, rows, step))


def whole_column(rows: Rows, name: str, cells: int = CELLS) -> pd.Series:
    """One column of all rows."""
    parts = [rows.read(some, [name])[name] for some in batches(len(rows), len(rows.columns), cells)]
    return pd.concat(parts, ignore_index=True)


def whole_columns(rows: Rows, names: Sequence[str], cells: int = CELLS) -> pd.DataFrame:
    """Some columns of all rows."""
    return pd.DataFrame({name: whole_column(rows, name, cells) for name in names}, index=range(len(rows)))


def distinct_values(parts: Iterable[pd.Series], limit: int | None = ENOUGH) -> dict[Any, None]:
    """Distinct values in the order in which they come, none of them missing; no more than about `limit`."""
    found: dict[Any, None] = {}
    for part in parts:
        found |= dict.fromkeys(part.dropna().unique())
        if limit is not None and len(found) >= limit:
            break
    return found


def stand_in(facts: Mapping[str, Facts], rows: int) -> pd.DataFrame:
    """A small table from which features are told as from the whole.

    It has the types of the whole, its distinct values where they matter, and an infinite number where it has one.
    """
    most = max((len(fact.values) for fact in facts.values()), default=0)
    size = min(rows, max(most, ENOUGH + 1))
    return pd.DataFrame({name: _stand_in(fact, size) for name, fact in facts.items()}, index=range(size))


def _stand_in(fact: Facts, size: int) -> pd.Series:
    values = list(fact.values)[:size]
    if not pd.api.types.is_numeric_dtype(fact.dtype):
        return pd.Series(values, dtype=fact.dtype).reindex(range(size))
    numbers = values or [np.inf if fact.infinite else 0]
    return pd.Series(numbers + numbers[:1] * (size - len(numbers)), dtype=fact.dtype)
