"""What makes a feature table unusable before any value is looked at: its header, its rows, its IDs, its outcome."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.tables.case import Problem
from radcompare.tables.class_column import UNKNOWN, ClassColumn
from radcompare.tables.cohort import MAX_TOLD
from radcompare.tables.features import no_outcome
from radcompare.tables.layout import Layout
from radcompare.tables.outcome import MAX_CLASSES
from radcompare.tables.roles import abridged

Found = TypeVar("Found")
FEW = 10
"""Cases of a class below which a class is small: fewer than a usual number of folds."""
OWN_ID = "give every case an ID of its own, e.g. patient and lesion number"


def first_told(found: Sequence[Found], tell: Callable[[Found], Problem], more: str) -> Iterator[Problem]:
    """What is to be said of the first, and how many more there are: a screen holds a few."""
    told = [tell(each) for each in found[:MAX_TOLD]]
    yield from told
    if len(found) > MAX_TOLD:
        yield replace(told[-1], case="", problem=more.format(len(found) - MAX_TOLD))


def told_names(header: Sequence[str]) -> tuple[str, ...]:
    """Names by which columns can be told apart: `x (column 7)` for a second x, `column 7` for none."""
    names: list[str] = []
    for number, name in enumerate(header, start=1):
        own = name or ("" if number == 1 else f"column {number}")
        names.append(f"{own} (column {number})" if own in names else own)
    return tuple(names)


def layout_problems(layout: Layout) -> Iterator[Problem]:
    """Columns without a name or with another's, and rows of another length."""
    where, header = layout.spool.name, layout.header
    unnamed = [str(number) for number, name in enumerate(header, start=1) if not name and number > 1]
    if unnamed:
        hint = "name it, or delete it; a delimiter at the end of every line makes a column too many"
        yield Problem("", "error", f"{where}: without a name: column {abridged(unnamed)}", hint)
    places: dict[str, list[str]] = {}
    for number, name in enumerate(header, start=1):
        places.setdefault(name, []).append(str(number))
    repeated = [name for name, own in places.items() if name and len(own) > 1]

    def tell(name: str) -> Problem:
        own = f"{len(places[name])} times (columns {abridged(places[name])})"
        hint = "rename or remove one of them"
        return Problem("", "error", f"{where}: the column {name!r} occurs {own}", hint)

    yield from first_told(repeated, tell, f"{where}: and {{}} more names that occur several times")
    yield from _row_problems(layout)


def _row_problems(layout: Layout) -> Iterator[Problem]:
    where, columns = layout.spool.name, len(layout.header)
    odd = [f"line {record.line} has {record.cells}" for record in layout.odd.values()]
    if odd:
        found = f"{where}: rows that have not {columns} cells, one for every column: {abridged(odd)}"
        hint = f"was the file cut off? a cell that holds {layout.delimiter!r} needs quotes"
        yield Problem("", "error", found, hint)
    if layout.broken:
        yield Problem("", "error", layout.broken.message, layout.broken.hint)


def id_problems(ids: pd.Series, rows: NDArray[np.int64], where: str) -> Iterator[Problem]:
    """IDs that are empty or occur several times.

    Args:
        ids: as text, "" where there is none.
        rows: what messages call each row.
        where: the table's name.
    """
    empty = (ids == "").to_numpy()
    if empty.any():
        found = f"{where}: the ID is empty in row {abridged(map(str, rows[empty]))}"
        yield Problem("", "error", found, "give every case an ID of its own")
    repeated = ids[ids.duplicated(keep=False).to_numpy() & ~empty]
    groups = repeated.groupby(repeated.to_numpy(), sort=False).indices
    places = rows[repeated.index]

    def tell(case: str) -> Problem:
        own = f"{len(groups[case])} times (rows {abridged(map(str, places[groups[case]]))})"
        return Problem(case, "error", f"{where}: the ID {case!r} occurs {own}", OWN_ID)

    yield from first_told(
        list(repeated.unique()), tell, f"{where}: and {{}} more IDs that occur several times"
    )


def absent_outcome(outcome: str, columns: Sequence[str], where: str) -> Problem:
    """No column of that name."""
    error = no_outcome(outcome, columns, where)
    return Problem("", "error", error.message, error.hint)


def outcome_problems(
    column: ClassColumn, codes: NDArray[np.integer], filled: int, cases: Sequence[str], where: str
) -> Iterator[Problem]:
    """Missing values, and too few or too many classes or cases of one.

    Args:
        column: the outcome.
        codes: of all rows.
        filled: how many rows have a value.
        cases: IDs of the rows.
        where: the table's name.
    """
    if len(column.classes) > MAX_CLASSES or (filled and not column.classes):
        found = f"{where}: the outcome {column.name!r} has more than {MAX_CLASSES} distinct values"
        yield Problem("", "error", found, "an outcome is a class; cut a measurement into two groups first")
        return
    missing = codes == UNKNOWN
    if missing.any():
        names = abridged(str(cases[row]) for row in missing.nonzero()[0])
        found = f"{where}: the outcome {column.name!r} is missing for {missing.sum()} cases: {names}"
        yield Problem("", "error", found, "fill in the outcome, or remove these rows")
    if len(column.classes) < 2:
        only = repr(column.classes[0]) if column.classes else "nothing"
        found = f"{where}: the outcome {column.name!r} has one class only: {only} in {len(codes)} cases"
        yield Problem("", "error", found, "a comparison needs cases of two classes; is it the right column?")
    else:
        yield from _small_classes(column, codes, where)


def _small_classes(column: ClassColumn, codes: NDArray[np.integer], where: str) -> Iterator[Problem]:
    counts = np.bincount(codes[codes != UNKNOWN], minlength=len(column.classes))
    small = [
        f"{count} of class {name}" for name, count in zip(column.classes, counts, strict=True) if count < FEW
    ]
    if small:
        found = f"{where}: few cases by the outcome {column.name!r}: {', '.join(small)}"
        hint = "every fold needs cases of every class: take fewer folds, and expect wide intervals"
        yield Problem("", "warning", found, hint)
