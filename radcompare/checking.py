"""Everything that is wrong with a cohort, and what looks wrong, told before any work.

A case is suspicious by itself (`imaging.suspicions`) or beside the others: the same image and region twice, worse
with another outcome or of another patient, or an outcome that follows the order of the rows.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from radcompare.errors import TableError, did_you_mean
from radcompare.imaging.reading import examine
from radcompare.parallel import Progress, each, silent
from radcompare.provenance import digest_settings
from radcompare.reading_settings import AS_STORED, Reading
from radcompare.tables.case import Case, Failure, Problem, attempt, lost
from radcompare.tables.cohort import Cohort, survey_cohort
from radcompare.tables.order import order_predicts
from radcompare.tables.roles import abridged

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
        TableError: no row can be told from the file, or it has no such outcome.
    """
    cohort, problems = survey_cohort(source, reading)
    if outcome is not None and outcome not in cohort.columns:
        columns = [str(column) for column in cohort.columns.columns]
        problem = f"{source}: no outcome column {outcome!r}{did_you_mean(outcome, columns)}"
        raise TableError(problem, f"the cohort has {abridged(columns)}")
    seen = list(each(look_at, cohort.cases, jobs=jobs, what="cases", progress=progress, lost=_lost))
    outcomes = _outcomes(cohort.columns, outcome)
    problems += (problem for one in seen for problem in one.problems)
    problems += _unusable(outcomes, outcome)
    problems += _copies(cohort, seen, outcomes)
    problems += _ordered(outcomes)
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


def _outcomes(columns: pd.DataFrame, outcome: str | None) -> dict[str, pd.Series]:
    """The outcome, or every column that could be one: of two values, and no grouping."""
    if outcome is not None:
        return {outcome: columns[outcome]}
    names = [
        str(name) for name in columns.columns if str(name).lower() not in (PATIENT, "cohort", "modality")
    ]
    return {name: columns[name] for name in names if columns[name].nunique() == 2}


def _unusable(outcomes: Mapping[str, pd.Series], outcome: str | None) -> Iterator[Problem]:
    """Missing values, and classes without a case, of the outcome that was named."""
    if outcome is None:
        return
    column = outcomes[outcome]
    missing = [str(case) for case, value in column.items() if pd.isna(value)]
    if missing:
        found = f"the outcome {outcome!r} is missing for {len(missing)} cases: {abridged(missing)}"
        yield Problem("", "error", found, "fill in the outcome, or remove these rows")
    if column.nunique() < 2:
        found = f"the outcome {outcome!r} has {column.nunique()} classes among {len(column)} cases"
        yield Problem("", "error", found, "a comparison needs cases of two classes; is it the right column?")


def _copies(cohort: Cohort, seen: Sequence[Seen], outcomes: Mapping[str, pd.Series]) -> Iterator[Problem]:
    """Cases whose files hold the same image and the same region."""
    rows: dict[str, list[int]] = {}
    for row, one in enumerate(seen):
        if one.content:
            rows.setdefault(one.content, []).append(row)
    patients = cohort.columns.get(PATIENT)
    for same in (same for same in rows.values() if len(same) > 1):
        names = [cohort.cases[row].case for row in same]
        differing = [name for name, column in outcomes.items() if column.iloc[same].nunique() > 1]
        found = f"the same image and region as {abridged(names[1:], SHOWN)}, by content"
        hint = "keep one of them: a case in training and test at once makes every result too good"
        if differing:
            found += f"; yet {' and '.join(map(repr, differing))} differ{'s' * (len(differing) == 1)}"
            hint = "one of the rows has the wrong files or the wrong outcome: find out which"
        if patients is not None and patients.iloc[same].nunique() > 1:
            found += "; and they are said to be of different patients"
        yield Problem(names[0], "warning", found, hint)


def _ordered(outcomes: Mapping[str, pd.Series]) -> Iterator[Problem]:
    """Outcomes that follow from the place in the file."""
    for name, column in outcomes.items():
        known = column.dropna()
        if known.nunique() != 2:
            continue
        effect = order_predicts(known.astype("category").cat.codes.to_numpy())
        if effect is not None:
            yield Problem(
                "",
                "warning",
                f"{name!r} follows the order of the rows: {effect.in_words()}",
                "if cases were collected class by class (another scanner, site or year), features may tell the "
                "collection instead of the tumour: look at how they came together",
            )
