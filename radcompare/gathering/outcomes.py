"""A table of outcomes, joined to the cases of a cohort."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from radcompare.errors import TableError, did_you_mean
from radcompare.gathering.rows import Row, Unpaired, as_name, shown
from radcompare.tables.cohort import SYNONYMS
from radcompare.tables.files import id_columns, is_id, read_frame, refuse_empty, shown_name

PATIENT = "patient_id"
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_APART = re.compile(r"[\s_\-.]+")


@dataclass(frozen=True)
class Joined:
    """A cohort with outcomes.

    Attributes:
        frame: the cohort's columns and those of the outcomes; empty cells where there is no outcome.
        unpaired: cases without an outcome, and rows of outcomes without a case.
        remarks: by which columns both were joined.
    """

    frame: pd.DataFrame
    unpaired: tuple[Unpaired, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class _Keys:
    """By what two tables are joined: a column of each, and its cells."""

    of_outcomes: str
    of_cohort: str
    outcomes: list[str]
    cohort: list[str]

    @property
    def matched(self) -> int:
        """How many cases have an outcome."""
        known = {key for key in self.outcomes if key}
        return sum(key in known for key in self.cohort)


def join_outcomes(
    frame: pd.DataFrame,
    rows: Sequence[Row],
    source: str,
    on: str | None = None,
    columns: Sequence[str] = (),
) -> Joined:
    """Join a table of outcomes.

    Args:
        frame: the cohort.
        rows: the rows that it was made of, for messages.
        source: the table of outcomes, of any format that tables have.
        on: its column that says whose outcome it is. If None its IDs or its patient_id, held against ID and
            patient_id of the cohort: the two that most cases have in common.
        columns: which of its columns are taken; all if empty.

    Raises:
        TableError: there is no such column, a key occurs twice, no case has an outcome, or a column would be taken
            for one of the cohort's own.
    """
    table, _ = read_frame(source, lambda column: column == on or is_id(column) or _is_patient(column))
    where = shown_name(source)
    refuse_empty(table, where)
    keys = _keys(table, frame, where, on)
    _refuse_repeated(keys, where)
    taken = _taken(table, frame, keys, where, columns)
    outcomes = table[taken].convert_dtypes().set_axis(keys.outcomes, axis=0)
    outcomes = outcomes[[bool(key) for key in keys.outcomes]].reindex(keys.cohort)
    joined = pd.concat([frame, outcomes.reset_index(drop=True)], axis=1)
    unpaired = (*_without_outcome(rows, keys, where), *_without_case(keys, where))
    remark = (
        f"outcomes: {keys.of_outcomes} of {where} is {keys.of_cohort} of the cohort, for {keys.matched} of "
    )
    return Joined(joined, unpaired, (f"{remark}{len(frame)} cases",))


def _is_patient(column: str) -> bool:
    return _APART.sub("", column.casefold()) in ("patientid", "patient")


def _keys(table: pd.DataFrame, frame: pd.DataFrame, where: str, on: str | None) -> _Keys:
    """The pair of columns that most cases have in common; of equal ones the first."""
    columns = [str(column) for column in table.columns]
    if on is None:
        wanted = [*id_columns(columns)[0], *filter(_is_patient, columns)]
        if not wanted:
            hint = f"say which column it is: --on NAME; the columns are {', '.join(columns)}"
            raise TableError(f"{where}: no column ID or patient_id says whose outcome a row is", hint)
    elif on in columns:
        wanted = [on]
    else:
        problem = f"{where}: no column {on!r}{did_you_mean(on, columns)}"
        raise TableError(problem, f"--on takes one of: {', '.join(columns)}")
    found = [
        _Keys(column, own, _as_text(table[column]), [str(cell) for cell in frame[own]])
        for column in wanted
        for own in ([on] if on in ("ID", PATIENT) else ["ID", PATIENT])
    ]
    best = max(found, key=lambda keys: keys.matched)
    if not best.matched:
        raise _nothing_in_common(found, where)
    return best


def _as_text(cells: pd.Series) -> list[str]:
    """Keys as IDs are: text, whole numbers without a point, "" where there is none."""
    whole = pd.api.types.is_float_dtype(cells) and (cells.dropna() % 1 == 0).all()
    cells = cells.astype("Int64") if whole else cells
    return ["" if pd.isna(cell) else as_name(str(cell)) for cell in cells]


def _nothing_in_common(found: Sequence[_Keys], where: str) -> TableError:
    keys = found[0]
    theirs, ours = (", ".join(dict.fromkeys(cells[:3])) for cells in (keys.outcomes, keys.cohort))
    near = next((hint for keys in found for key in keys.outcomes if (hint := _near(key, keys.cohort))), "")
    problem = (
        f"{where}: no {keys.of_outcomes} is a case or a patient: {theirs}, ... against {ours}, ...{near}"
    )
    return TableError(problem, "write them alike, or say which column it is: --on NAME")


def _refuse_repeated(keys: _Keys, where: str) -> None:
    rows: dict[str, list[int]] = {}
    for number, key in enumerate(keys.outcomes, start=2):
        rows.setdefault(key, []).append(number)
    for key, at in rows.items():
        if key and len(at) > 1:
            numbers = ", ".join(map(str, at))
            problem = f"{where}: {keys.of_outcomes} {key!r} occurs {len(at)} times (rows {numbers})"
            raise TableError(
                problem, "keep one row for each, or name the column that is different: --on NAME"
            )


def _taken(
    table: pd.DataFrame, frame: pd.DataFrame, keys: _Keys, where: str, columns: Sequence[str]
) -> list[str]:
    """The columns that are added, none of which the cohort has or would take for another."""
    there = [str(column) for column in table.columns if column != keys.of_outcomes]
    for column in columns:
        if column not in there:
            problem = f"{where}: no column {column!r}{did_you_mean(column, there)}"
            raise TableError(problem, f"--columns takes: {', '.join(there)}")
    taken = list(columns) or there
    clashing = [column for column in taken if _is_own(column, frame.columns)]
    if clashing:
        rest = " ".join(f"--columns {column!r}" for column in taken if column not in clashing)
        problem = f"{where}: a cohort has columns of its own that are called {', '.join(map(repr, clashing))}"
        raise TableError(problem, f"rename {'it' if len(clashing) == 1 else 'them'}, or leave out: {rest}")
    return taken


def _is_own(column: str, columns: Iterable[object]) -> bool:
    lower = column.strip().casefold()
    known = {str(name).casefold() for name in columns} | {name.casefold() for name in SYNONYMS}
    return lower in known or is_id(column) or any(lower in others for others in SYNONYMS.values())


def _without_outcome(rows: Sequence[Row], keys: _Keys, where: str) -> Iterable[Unpaired]:
    known = set(keys.outcomes)
    for row, key in zip(rows, keys.cohort, strict=True):
        if key not in known:
            reason = f"{row.id} has no outcome: no {keys.of_outcomes} of {where} is {key!r}"
            yield Unpaired(shown(row.image), reason + _near(key, keys.outcomes))


def _without_case(keys: _Keys, where: str) -> Iterable[Unpaired]:
    known = set(keys.cohort)
    for number, key in enumerate(keys.outcomes, start=2):
        if key not in known:
            reason = f"an outcome without images: no {keys.of_cohort} is {key!r}{_near(key, keys.cohort)}"
            empty = f"{keys.of_outcomes} is empty"
            yield Unpaired(f"{where}, row {number}", reason if key else empty)


def _near(key: str, others: Iterable[str]) -> str:
    """`; '007' would match` for the same key with other zeros, blanks or letters."""
    alike = _alike(key)
    found = next((other for other in others if other and other != key and _alike(other) == alike), None)
    return f"; {found!r} would match" if found and key else ""


def _alike(key: str) -> str:
    return _ZEROS.sub("", _APART.sub("", key.casefold()))
