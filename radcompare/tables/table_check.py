"""Everything that is wrong with a feature table, and what looks wrong, told at once.

A table of any length is looked through some rows at a time, three times: where its rows lie, what its columns are,
what its values say.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.errors import TableError
from radcompare.tables.case import Problem
from radcompare.tables.case_ids import CaseNaming, case_naming
from radcompare.tables.class_column import ClassColumn, class_column
from radcompare.tables.columnar import columnar_rows
from radcompare.tables.delimited import DelimitedRows
from radcompare.tables.features import text_by_name
from radcompare.tables.files import parse_frame, refuse_empty
from radcompare.tables.foreign import recognised
from radcompare.tables.layout import Layout, read_layout
from radcompare.tables.levels import with_levels
from radcompare.tables.outcome import MAX_CLASSES
from radcompare.tables.roles import (
    MAX_LEVELS,
    as_feature,
    candidates,
    feature_columns,
    is_feature_name,
    is_text,
)
from radcompare.tables.rows import CELLS, HeldOnly, HeldRows, Rows, stand_in, whole_column, whole_columns
from radcompare.tables.sidecar import read_meta
from radcompare.tables.spool import Spool, spooled
from radcompare.tables.table_doubts import (
    order_problems,
    patient_problems,
    repeat_problems,
    text_problems,
    value_problems,
)
from radcompare.tables.table_faults import (
    absent_outcome,
    id_problems,
    layout_problems,
    outcome_problems,
    told_names,
)
from radcompare.tables.table_scan import Scan, Wanted, scan

PATIENTS = ("patient_id", "patientid", "patient")
"""Names, in any case, of the column that says whose case it is."""
EXAMINED = 50
"""Columns of two values that are looked at where no outcome is named."""


@dataclass(frozen=True)
class TableCheck:
    """What a check found.

    Attributes:
        problems: errors first.
        rows: that have a cell for every column.
        features: columns that are features.
        patients: distinct ones; 0 where no column names them.
        classes: how many cases each class of the outcome has; empty where none is named.
        notes: which columns were not taken for features.
    """

    problems: tuple[Problem, ...]
    rows: int
    features: int
    patients: int = 0
    classes: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def in_words(self) -> str:
        """The size of the table in a line."""
        patients = f", {self.patients} patients" * bool(self.patients)
        classes = ", ".join(f"{count} of class {name}" for name, count in self.classes.items())
        return f"{self.rows} rows, {self.features} feature columns{patients}" + f"; {classes}" * bool(classes)


@dataclass(frozen=True)
class _Table:
    """A table that is open.

    Attributes:
        rows: of it.
        numbers: what messages call each row: as a spreadsheet does, 2 for the first.
        decimal: the sign before decimals.
        where: its name.
        meta: what its sidecar says.
    """

    rows: Rows
    numbers: NDArray[np.int64]
    decimal: str
    where: str
    meta: Mapping[str, Any]


def check_table(source: str, outcome: str | None = None, cells: int = CELLS) -> TableCheck:
    """Find what is wrong with a feature table, all at once.

    Args:
        source: a path, or `-` for standard input.
        outcome: the column to predict; up to `EXAMINED` columns of two values are looked at if absent.
        cells: that are held at a time.

    Raises:
        TableError: nothing can be told of any row: no file, no table, no row.
    """
    meta = read_meta(source)
    with spooled(source) as spool:
        layout = read_layout(spool)
        table = _opened(spool, layout, meta, cells)
        faults = list(layout_problems(layout)) if layout else []
        if not len(table.rows):
            if faults:
                return TableCheck(tuple(faults), 0, 0)
            refuse_empty(pd.DataFrame(columns=list(table.rows.columns)), spool.name)
        found = _checked(table, outcome, cells)
    problems = sorted([*faults, *found.problems], key=lambda problem: problem.severity)
    return replace(found, problems=tuple(problems))


def _opened(spool: Spool, layout: Layout | None, meta: Mapping[str, Any], cells: int) -> _Table:
    """The table as far as it can be read: without the rows of another length."""
    every = list(meta.get("levels", {}))
    try:
        if layout is None:
            packed = columnar_rows(spool, every, cells)
            return _Table(packed, np.arange(len(packed)) + 2, ".", spool.name, meta)
        named = replace(layout, header=told_names(layout.header))
        rows = DelimitedRows(named, text_by_name(meta), every, cells)
        return _Table(rows, rows.places + 2, layout.decimal, spool.name, meta)
    except HeldOnly:
        held = HeldRows(parse_frame(spool.content(), spool.name, text_by_name(meta)), every)
        return _Table(held, np.arange(len(held)) + 2, ".", spool.name, meta)


def _checked(table: _Table, outcome: str | None, cells: int) -> TableCheck:
    rows, where = table.rows, table.where
    naming = case_naming(rows.columns)
    columns = [name for name in rows.columns if name not in naming.dropped]
    cases, problems = _cases(table, naming, cells)
    if outcome is not None and outcome not in columns:
        problems.append(absent_outcome(outcome, columns, where))
        outcome = None
    names, notes, faults = _feature_names(table, columns, outcome)
    levels, unknown = _levels(table, columns)
    problems += [*faults, *unknown]
    classes = _class_columns(table, columns, outcome)
    wanted = _wanted(table, columns, names, levels, classes, outcome)
    seen = scan(rows, table.numbers, wanted, cells)
    known = classes[0] if outcome is not None else None
    patients = _patients(table, columns, cells)
    problems += _seen_problems(table, names, wanted, seen, cases)
    problems += _outcome_problems(table, known, seen, cases, patients) if known else []
    return TableCheck(
        tuple(problems),
        len(rows),
        len(names),
        0 if patients is None else patients.nunique(),
        _counts(known, seen.codes[known.name]) if known else {},
        tuple(notes),
    )


def _seen_problems(
    table: _Table, names: Sequence[str], wanted: Wanted, seen: Scan, cases: Sequence[str]
) -> Iterator[Problem]:
    """What the values of columns and of rows say."""
    facts, where, features = table.rows.facts, table.where, wanted.features.columns
    programs, listed = recognised(table.rows.columns), table.meta.get("features", ())
    certain = [name for name in names if is_feature_name(name, programs) or name in listed]
    outcome = wanted.classes[0] if wanted.by_class else None
    yield from text_problems(seen.mixed, facts, certain, where)
    infinite = [name for name in features if facts[name].infinite]
    yield from value_problems(features, seen.spans, infinite, outcome, where)
    yield from repeat_problems(seen.hashes, ~seen.blank, seen.codes, cases, table.numbers, where)
    yield from order_problems(seen.codes, where)


def _outcome_problems(
    table: _Table, outcome: ClassColumn, seen: Scan, cases: Sequence[str], patients: pd.Series | None
) -> Iterator[Problem]:
    """What the outcome that was named says."""
    codes = seen.codes[outcome.name]
    yield from outcome_problems(outcome, codes, seen.filled[outcome.name], cases, table.where)
    if patients is not None:
        yield from patient_problems(patients, outcome, codes, table.where)


def _counts(column: ClassColumn, codes: NDArray[np.integer]) -> dict[str, int]:
    return {name: int((codes == code).sum()) for code, name in enumerate(column.classes)}


def _cases(table: _Table, naming: CaseNaming, cells: int) -> tuple[list[str], list[Problem]]:
    """IDs, or the numbers of the rows from 1, and what is wrong with them."""
    names = naming.names(whole_columns(table.rows, naming.told_from, cells))
    return names.tolist(), list(id_problems(names, table.numbers, table.where))


def _feature_names(
    table: _Table, columns: Sequence[str], outcome: str | None
) -> tuple[list[str], list[str], list[Problem]]:
    small = stand_in({name: table.rows.facts[name] for name in columns}, len(table.rows))
    try:
        names, notes = feature_columns(small, outcome, (), table.meta.get("features", ()), table.where)
    except TableError as error:
        return [], [], [Problem("", "error", error.message, error.hint)]
    return names, notes, []


def _levels(table: _Table, columns: Sequence[str]) -> tuple[dict[str, Sequence[str]], list[Problem]]:
    """The levels that the sidecar declares, of columns that hold no others."""
    fitting, problems = {}, []
    for name, levels in table.meta.get("levels", {}).items():
        if name not in columns:
            continue
        values = stand_in({name: table.rows.facts[name]}, len(table.rows))
        try:
            with_levels(values, {name: levels}, table.where)
            fitting[name] = levels
        except TableError as error:
            problems.append(Problem("", "error", error.message, error.hint))
    return fitting, problems


def _class_columns(table: _Table, columns: Sequence[str], outcome: str | None) -> tuple[ClassColumn, ...]:
    """The outcome; or every column that could be one, of two values and not named like a feature or a group."""
    facts = table.rows.facts
    if outcome is not None:
        return (class_column(outcome, facts[outcome]),)
    listed = set(table.meta.get("features", ()))
    programs = recognised(columns)
    possible = [name for name in candidates(columns, programs) if name not in listed]
    names = [name for name in possible if not is_feature_name(name, programs)]
    found = [class_column(name, facts[name]) for name in names]
    return tuple(column for column in found if len(column.classes) == 2)[:EXAMINED]


def _wanted(
    table: _Table,
    columns: Sequence[str],
    names: Sequence[str],
    levels: Mapping[str, Sequence[str]],
    classes: tuple[ClassColumn, ...],
    outcome: str | None,
) -> Wanted:
    facts = table.rows.facts
    small = stand_in({name: facts[name] for name in columns}, len(table.rows))
    crowded = {name for name in names if name not in levels and len(facts[name].values) > MAX_LEVELS}
    declared = with_levels(small, levels, table.where)
    features = {name: as_feature(declared[name]).iloc[:0] for name in names if name not in crowded}
    others = set(features) - {column.name for column in classes}
    programs = recognised(columns)
    conventional = any(is_feature_name(n, programs) for n in columns) or table.meta.get("features")
    possible = names if conventional else candidates(columns, programs)
    texts = [n for n in possible if n != outcome and n not in levels and is_text(small[n])]
    by_class = outcome is not None and 2 <= len(classes[0].classes) <= MAX_CLASSES
    return Wanted(
        pd.DataFrame(features),
        levels,
        classes,
        by_class,
        tuple(others or features),
        tuple(texts),
        table.decimal,
    )


def _patients(table: _Table, columns: Sequence[str], cells: int) -> pd.Series | None:
    lower = {name.lower(): name for name in columns}
    name = next((lower[known] for known in PATIENTS if known in lower), None)
    return None if name is None else whole_column(table.rows, name, cells)
