"""Feature tables side by side: one row per case that every table has."""

from collections.abc import Sequence

import pandas as pd

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
    every = [set(table.ids) for table in tables]
    common = [case for case in tables[0].ids if all(case in ids for ids in every)]
    if not common:
        examples = "; ".join(f"{', '.join(table.ids[:3])}, ..." for table in tables)
        raise TableError(f"the tables have no case in common: {examples}", "check the ID columns")
    passing = dict.fromkeys(column for table in tables for column in table.passthrough.columns)
    features = dict.fromkeys(c for table in tables for c in table.features.columns if c not in passing)
    joined = _joined([_columns(table).loc[common] for table in tables])
    left_out = sorted(set().union(*every) - set(common))
    notes = [note for table in tables for note in table.notes]
    if left_out:
        notes.append(f"{len(left_out)} cases are not in every table and are left out: {abridged(left_out)}")
    return FeatureTable(
        joined[list(passing)],
        joined[list(features)],
        tuple(source for table in tables for source in table.sources),
        ", ".join(table.digest for table in tables if table.digest),
        tuple(dict.fromkeys(notes)),
    )


def _columns(table: FeatureTable) -> pd.DataFrame:
    return pd.concat([table.passthrough, table.features], axis=1)


def _joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Columns side by side; those of two parts once, after a check that the parts agree."""
    joined = parts[0]
    for part in parts[1:]:
        shared = [column for column in part.columns if column in joined.columns]
        for column in shared:
            _refuse_difference(joined[column], part[column])
        joined = pd.concat([joined, part.drop(columns=shared)], axis=1)
    return joined


def _refuse_difference(left: pd.Series, right: pd.Series) -> None:
    a, b = left.astype("object"), right.astype("object")  # declared levels may differ, the values must not
    differs = ~((a == b) | (a.isna() & b.isna()))
    if differs.any():
        case = str(differs.idxmax())
        problem = f"case {case}: the tables disagree on {left.name!r}: {a[case]!r} and {b[case]!r}"
        raise TableError(problem, "rename the column in one of them (e.g. by modality), or drop it")
