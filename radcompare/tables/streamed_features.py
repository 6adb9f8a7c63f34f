"""A feature table whose rows are read when they are needed: what `features` says of a whole, without the whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.tables.case_ids import case_naming
from radcompare.tables.columnar import columnar_rows
from radcompare.tables.delimited import DelimitedRows
from radcompare.tables.features import FeatureTable, feature_table, features_of, text_by_name
from radcompare.tables.files import parse_frame, refuse_empty
from radcompare.tables.layout import read_layout
from radcompare.tables.levels import with_levels
from radcompare.tables.roles import MAX_LEVELS, as_feature, feature_columns
from radcompare.tables.rows import (
    CELLS,
    HeldOnly,
    Rows,
    batches,
    distinct_values,
    stand_in,
    whole_columns,
)
from radcompare.tables.sidecar import read_meta
from radcompare.tables.spool import Spool, spooled


@dataclass(frozen=True)
class StreamedTable:
    """Features of cases, read when they are needed.

    Attributes:
        empty: the table without a row: its columns, levels, sources, digest and notes.
        ids: of all rows.
        part: the table of rows by their numbers from 0, in any order.
    """

    empty: FeatureTable
    ids: pd.Index
    part: Callable[[NDArray[np.int64]], FeatureTable]


@contextmanager
def streamed_features(source: str, cells: int = CELLS) -> Iterator[StreamedTable]:
    """Open a feature table; what cannot be read by rows (ARFF, Parquet of lists or times) is held.

    Args:
        source: a path, or `-` for standard input.
        cells: that are held at a time.

    Raises:
        TableError: as `features.read_features`.
    """
    meta = read_meta(source)
    with spooled(source) as spool:
        try:
            table = _streamed(spool, meta, cells)
        except HeldOnly:
            table = _held(spool, meta)
        yield replace(table, empty=replace(table.empty, digest=spool.digest))


def open_rows(spool: Spool, meta: Mapping[str, Any], cells: int) -> Rows:
    """The rows of a table of whatever format.

    Raises:
        HeldOnly: of a kind that is not read by rows.
        TableError: it is no table, or not one that can be read.
    """
    every = list(meta.get("levels", {}))
    layout = read_layout(spool)
    if layout is None:
        return columnar_rows(spool, every, cells)
    layout.refuse_faults()
    return DelimitedRows(layout, text_by_name(meta), every, cells)


def _held(spool: Spool, meta: Mapping[str, Any]) -> StreamedTable:
    frame = parse_frame(spool.content(), spool.name, text_by_name(meta))
    table = features_of(frame, meta, spool.name)

    def part(positions: NDArray[np.int64]) -> FeatureTable:
        return replace(
            table, passthrough=table.passthrough.iloc[positions], features=table.features.iloc[positions]
        )

    return StreamedTable(part(np.arange(0)), table.features.index, part)


def _streamed(spool: Spool, meta: Mapping[str, Any], cells: int) -> StreamedTable:
    rows = open_rows(spool, meta, cells)
    if not len(rows):
        refuse_empty(pd.DataFrame(columns=list(rows.columns)), spool.name)
    naming = case_naming(rows.columns)
    ids, notes = naming.ids(whole_columns(rows, naming.told_from, cells), spool.name)
    columns = [name for name in rows.columns if name not in naming.dropped]
    seen = _told_from(rows, columns, meta, spool.name, cells)
    read = feature_table(seen, meta, spool.name)
    none = slice(0, 0)
    empty = replace(
        read,
        passthrough=read.passthrough.iloc[none].set_axis(ids[none]),
        features=read.features.iloc[none].set_axis(ids[none]),
        notes=(*notes, *read.notes),
    )

    def part(positions: NDArray[np.int64]) -> FeatureTable:
        frame = rows.read(positions, columns).set_axis(ids[positions])
        frame = with_levels(frame, meta.get("levels", {}), spool.name)
        features = as_features(frame, empty.features)
        return FeatureTable(frame[empty.passthrough.columns], features, empty.sources, spool.digest)

    return StreamedTable(empty, ids, part)


def _told_from(
    rows: Rows, columns: Sequence[str], meta: Mapping[str, Any], where: str, cells: int
) -> pd.DataFrame:
    """A small table from which features are told; with all text of a feature that holds too much to be levels."""
    facts = {name: rows.facts[name] for name in columns}
    small = stand_in(facts, len(rows))
    names, _ = feature_columns(small, None, (), meta.get("features", ()), where)
    crowded = [n for n in names if n not in meta.get("levels", {}) and len(facts[n].values) > MAX_LEVELS]
    for name in crowded[:1]:
        parts = (rows.read(some, [name])[name] for some in batches(len(rows), len(rows.columns), cells))
        facts[name] = replace(facts[name], values=distinct_values(parts, limit=None))
        small = stand_in(facts, len(rows))
    return small


def as_features(frame: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """Columns of some rows as `roles.as_feature` makes them of all; those of numbers all at once.

    Args:
        frame: the rows, with the types that the whole columns have.
        like: the features of the whole, of which no row is needed.
    """
    numeric = list(like.columns[[dtype == np.float64 for dtype in like.dtypes]])
    values = frame[numeric].to_numpy(dtype=np.float64, na_value=np.nan)
    numbers = pd.DataFrame(np.where(np.isinf(values), np.nan, values), index=frame.index, columns=numeric)
    nominal = [as_feature(frame[n]).astype(like[n].dtype) for n in like.columns if n not in numbers.columns]
    return pd.concat([numbers, *nominal], axis=1)[list(like.columns)] if nominal else numbers
