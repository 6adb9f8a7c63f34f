"""Everything that is wrong with a cohort, and what looks wrong, told before any work.

A case is suspicious by itself (`imaging.suspicions`) or beside the others: the same image and region twice, worse
with another outcome or of another patient, or an outcome that follows the order of the rows.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.imaging.reading import examine
from radcompare.parallel import Progress, each, silent
from radcompare.provenance import digest_settings
from radcompare.reading_settings import AS_STORED, Reading
from radcompare.tables.case import Case, Failure, Problem, attempt, lost
from radcompare.tables.class_column import UNKNOWN, ClassColumn, classes_of
from radcompare.tables.cohort import Cohort, survey_cohort
from radcompare.tables.files import shown_name
from radcompare.tables.roles import abridged, candidates
from radcompare.tables.table_doubts import order_problems, patient_problems
from radcompare.tables.table_faults import absent_outcome, outcome_problems

PATIENT = "patient_id"
SHOWN = 5


@dataclass(frozen=True)
class Seen:
    """One case that was looked at.

    Attributes:
        problems: its own.
        content: hash of what its files hold and which region is meant; empty where a file is missing.
        voxels: of the region; 0 where there is none.
        seconds: that reading took.
    """

    problems: list[Problem]
    content: str
    voxels: int
    seconds: float


@dataclass(frozen=True)
class Check:
    """What a check found.

    Attributes:
        problems: of the table, of every case, and of cases beside each other, in that order.
        cohort: the rows that are cases.
        seen: what came of each of them.
    """

    problems: list[Problem]
    cohort: Cohort
    seen: list[Seen]


def check_cohort(
    source: str,
    reading: Reading = AS_STORED,
    *,
    outcome: str | None = None,
    jobs: int = 1,
    progress: Progress = silent,
) -> Check:
    """Every problem of a cohort file; nothing is measured.

    Args:
        source: the file, or `-` for standard input.
        reading: what is done to the files of every case.
        outcome: the column to predict; every column of two values is looked at if absent.
        jobs: number of processes.
        progress: told after every case.

    Raises:
        TableError: no row can be told from the file.
    """
    cohort, problems = survey_cohort(source, reading)
    where = shown_name(source)
    if outcome is not None and outcome not in cohort.columns:
        columns = [str(column) for column in cohort.columns.columns]
        problems.append(absent_outcome(outcome, columns, where))
        outcome = None
    seen = list(each(look_at, cohort.cases, jobs=jobs, what="cases", progress=progress, lost=_lost))
    outcomes = _outcomes(cohort.columns, outcome)
    codes = {name: column.codes(cohort.columns[name]) for name, column in outcomes.items()}
    problems += (problem for one in seen for problem in one.problems)
    if outcome is not None:
        problems += _outcome_problems(cohort, outcomes[outcome], codes[outcome], where)
    two = {name: own for name, own in codes.items() if len(outcomes[name].classes) == 2}
    problems += [*_copies(cohort, seen, codes), *order_problems(two, where)]
    return Check(problems, cohort, seen)


def look_at(case: Case) -> Seen:
    """Read one case and tell everything that is wrong with it."""
    found = attempt(case.case, "check", lambda: _examined(case))
    return not_read(found) if isinstance(found, Failure) else found


def _examined(case: Case) -> Seen:
    started = time.perf_counter()
    found, region = examine(case)
    seconds = time.perf_counter() - started
    digests = case.digests()
    content = digest_settings([digests, case.choices()]) if all(digests[:2]) else ""
    return Seen(found, content, 0 if region is None else int(region.mask.sum()), seconds)


def _lost(case: Case, reason: str) -> Seen:
    return not_read(lost(case.case, "check", reason))


def not_read(failure: Failure) -> Seen:
    """A case of which nothing is known but that it fails."""
    return Seen([Problem(failure.ID, "error", failure.problem, failure.hint)], "", 0, 0.0)


def _outcomes(columns: pd.DataFrame, outcome: str | None) -> dict[str, ClassColumn]:
    """The outcome, or every column that could be one: of two values, and no grouping."""
    names = [outcome] if outcome is not None else candidates([str(name) for name in columns.columns])
    found = {name: classes_of(name, columns[name].dropna().unique()) for name in names}
    return {name: column for name, column in found.items() if outcome or len(column.classes) == 2}


def _outcome_problems(
    cohort: Cohort, column: ClassColumn, codes: NDArray[np.integer], where: str
) -> Iterator[Problem]:
    """What the outcome that was named says."""
    names = [case.case for case in cohort.cases]
    filled = int(cohort.columns[column.name].notna().sum())
    yield from outcome_problems(column, codes, filled, names, where)
    if PATIENT in cohort.columns:
        patients = cohort.columns[PATIENT].reset_index(drop=True)
        yield from patient_problems(patients, column, codes, where)


def _copies(
    cohort: Cohort, seen: Sequence[Seen], codes: Mapping[str, NDArray[np.integer]]
) -> Iterator[Problem]:
    """Cases whose files hold the same image and the same region."""
    rows: dict[str, list[int]] = {}
    for row, one in enumerate(seen):
        if one.content:
            rows.setdefault(one.content, []).append(row)
    patients = cohort.columns.get(PATIENT)
    for same in (same for same in rows.values() if len(same) > 1):
        names = [cohort.cases[row].case for row in same]
        differing = [name for name, own in codes.items() if len(set(own[same]) - {UNKNOWN}) > 1]
        found = f"the same image and region as {abridged(names[1:], SHOWN)}, by content"
        hint = "keep one of them: a case in training and test at once makes every result too good"
        if differing:
            found += f"; yet {' and '.join(map(repr, differing))} differ{'s' * (len(differing) == 1)}"
            hint = "one of the rows has the wrong files or the wrong outcome: find out which"
        if patients is not None and patients.iloc[same].nunique() > 1:
            found += "; and they are said to be of different patients"
        yield Problem(names[0], "warning", found, hint)
