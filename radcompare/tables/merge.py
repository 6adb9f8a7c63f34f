"""Feature tables side by side: one row per case that every table has."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.errors import TableError
from radcompare.tables.features import FeatureTable
from radcompare.tables.roles import abridged


def merge(tables: Sequence[FeatureTable]) -> FeatureTable:
    """Join tables by case; cases that any table lacks are left out and named in the notes.

    A column of two tables must hold the same values in both, and is kept once. It is a feature only if every
    table that has it says so.

    Raises:
        TableError: no case in common, or a column of the same name holds different values in two tables.
    """
    ids = [pd.Index(table.ids, dtype="str") for table in tables]
    common = common_cases(ids)
    parts = [
        replace(table, passthrough=table.passthrough.loc[common], features=table.features.loc[common])
        for table in tables
    ]
    for _, error in disagreements(parts):
        raise error
    return replace(side_by_side(parts), notes=merged_notes([table.notes for table in tables], ids, common))


def common_cases(ids: Sequence[pd.Index]) -> pd.Index:
    """The cases that every table has, in the order of the first.

    Raises:
        TableError: there is none.
    """
    common = ids[0]
    for others in ids[1:]:
        common = common[_are_in(common, others)]
    if common.empty:
        examples = "; ".join(f"{', '.join(cases[:3])}, ..." for cases in ids)
        raise TableError(f"the tables have no case in common: {examples}", "check the ID columns")
    return common


def disagreements(tables: Sequence[FeatureTable]) -> Iterator[tuple[tuple[int, int], TableError]]:
    """Columns that hold other values in one of the tables, which all have the same rows.

    Returns:
        Number of the table and of the column in it, and the error that names the first case.
    """
    first: dict[str, int] = {}
    frames = [_columns(table) for table in tables]
    for number, frame in enumerate(frames):
        for place, name in enumerate(frame.columns):
            if first.setdefault(name, number) == number:
                continue
            try:
                _refuse_difference(frames[first[name]][name], frame[name])
            except TableError as error:
                yield (number, place), error


def side_by_side(tables: Sequence[FeatureTable]) -> FeatureTable:
    """The columns of tables that have the same rows; of a column that several have, the first one's."""
    passing = dict.fromkeys(column for table in tables for column in table.passthrough.columns)
    features = dict.fromkeys(c for table in tables for c in table.features.columns if c not in passing)
    joined = _columns(tables[0])
    for table in tables[1:]:
        part = _columns(table)
        joined = pd.concat([joined, part.drop(columns=joined.columns.intersection(part.columns))], axis=1)
    return FeatureTable(
        joined[list(passing)],
        joined[list(features)],
        tuple(source for table in tables for source in table.sources),
        ", ".join(table.digest for table in tables if table.digest),
    )


def merged_notes(
    notes: Sequence[Sequence[str]], ids: Sequence[pd.Index], common: pd.Index
) -> tuple[str, ...]:
    """The notes of all tables, each once, and which cases are left out."""
    every = [note for own in notes for note in own]
    left_out = sorted({str(case) for cases in ids for case in cases[~_are_in(cases, common)]})
    if left_out:
        every.append(f"{len(left_out)} cases are not in every table and are left out: {abridged(left_out)}")
    return tuple(dict.fromkeys(every))


def _are_in(cases: pd.Index, others: pd.Index) -> NDArray[np.bool_]:
    """By Arrow, for which no text becomes an object of Python."""
    from pyarrow import array
    from pyarrow.compute import is_in

    return np.asarray(is_in(array(cases), value_set=array(others)))


def _columns(table: FeatureTable) -> pd.DataFrame:
    return pd.concat([table.passthrough, table.features], axis=1)


def _refuse_difference(left: pd.Series, right: pd.Series) -> None:
    if left.equals(right):
        return
    a, b = left.astype("object"), right.astype("object")  # declared levels may differ, the values must not
    differs = ~((a == b) | (a.isna() & b.isna()))
    if differs.any():
        case = str(differs.idxmax())
        problem = f"case {case}: the tables disagree on {left.name!r}: {a[case]!r} and {b[case]!r}"
        raise TableError(problem, "rename the column in one of them (e.g. by modality), or drop it")
