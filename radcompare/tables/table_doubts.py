"""What of a feature table looks wrong: text, gaps, constants, features that know the outcome, equal rows, order."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.tables.case import Problem
from radcompare.tables.class_column import UNKNOWN, ClassColumn
from radcompare.tables.mixed_cells import MixedCells
from radcompare.tables.order import SURE, order_predicts
from radcompare.tables.repeats import same_rows
from radcompare.tables.roles import MAX_LEVELS, abridged
from radcompare.tables.rows import Facts
from radcompare.tables.separation import Spans
from radcompare.tables.table_faults import first_told

FILLED = "they are filled in within the folds; a column with many is better left out"
KNOWING = "a feature that knows the outcome was made from it or after it: leave it out"
SHOWN = 5
"""Rows named beside the first of those that are equal."""


def text_problems(
    mixed: Mapping[str, MixedCells], facts: Mapping[str, Facts], features: Sequence[str], where: str
) -> Iterator[Problem]:
    """Text among numbers, and free text in a column that is a feature by its name or the sidecar.

    Args:
        mixed: what was seen in columns of text.
        facts: of these columns.
        features: those of them that are features whatever they hold.
        where: the table's name.
    """
    spoilt: list[Problem] = []
    free: list[Problem] = []
    for name, cells in mixed.items():
        certain = name in features or cells.fractions
        many = len(facts[name].values) > MAX_LEVELS
        if cells.numbers > cells.texts and (certain or many):
            found = f"{where}: the column {name!r} holds text among numbers: {cells.told()}"
            hint = "leave a cell empty where there is no number"
            spoilt.append(Problem("", "error" if certain else "warning", found, hint))
        elif name in features and many:
            found = f"{where}: the column {name!r} holds free text (more than {MAX_LEVELS} distinct values)"
            free.append(Problem("", "error", found, "leave it out, or make it numbers"))
    yield from first_told(spoilt, _as_is, f"{where}: and {{}} more columns with text among numbers")
    yield from first_told(free, _as_is, f"{where}: and {{}} more columns of free text")


def value_problems(
    features: pd.Index, spans: Spans, infinite: Sequence[str], outcome: ClassColumn | None, where: str
) -> Iterator[Problem]:
    """Gaps, infinite values, constants, and features that tell the classes apart by themselves."""
    missing = spans.missing()
    gaps = (missing > 0) & (missing < spans.rows)
    apart = spans.separating() if outcome else np.zeros(len(features), dtype=bool)
    for chosen, found, hint in (
        (missing == spans.rows, "without any value", "an empty column tells nothing: leave it out"),
        (spans.constant(), "with one value only", "a constant column tells nothing: leave it out"),
        (
            features.isin(infinite),
            "with infinite values",
            "they are taken as missing: look for a division by 0",
        ),
        (gaps, f"with missing values{_worst(features, missing, gaps, spans.rows)}", FILLED),
        (apart, f"that predict {outcome.name!r} without error, alone" if outcome else "", KNOWING),
    ):
        if chosen.any():
            told = f"{where}: {chosen.sum()} of {len(features)} feature columns {found}"
            yield Problem("", "warning", f"{told}: {abridged(features[chosen])}", hint)


def _worst(features: pd.Index, missing: NDArray[np.int64], gaps: NDArray[np.bool_], rows: int) -> str:
    if not gaps.any():
        return ""
    worst = int(np.argmax(np.where(gaps, missing, 0)))
    return f" (at worst {missing[worst] / rows:.1%} of the rows, in {features[worst]})"


def repeat_problems(
    hashes: NDArray[np.uint64],
    compared: NDArray[np.bool_],
    codes: Mapping[str, NDArray[np.integer]],
    cases: Sequence[str],
    numbers: NDArray[np.int64],
    where: str,
) -> Iterator[Problem]:
    """Rows with the same features, those first that have different classes.

    Args:
        hashes: of the features of every row.
        compared: the rows that have features.
        codes: classes of every row, of every column that says some.
        cases: the ID of every row.
        numbers: what messages call each row.
        where: the table's name.
    """
    groups = same_rows(hashes, compared)
    differ = {name: _differ(own, groups) for name, own in codes.items()}
    some = np.logical_or.reduce([np.zeros(len(groups), dtype=bool), *differ.values()])

    def tell(place: int) -> Problem:
        first, *others = groups[place].tolist()
        names = [repr(name) for name, own in differ.items() if own[place]]
        found = f"{where}, row {numbers[first]}: the same features as "
        found += abridged((f"{cases[row]} (row {numbers[row]})" for row in others), SHOWN)
        if names:
            found += f"; yet {' and '.join(names)} {'differs' if len(names) == 1 else 'differ'}"
            hint = "one of the rows has the wrong features or the wrong class: find out which"
        else:
            hint = "keep one of them: a case in training and test at once makes every result too good"
        return Problem(str(cases[first]), "warning", found, hint)

    more = f"{where}: and {{}} more groups of rows with the same features"
    yield from first_told(some.nonzero()[0].tolist(), tell, f"{more} and different classes")
    yield from first_told((~some).nonzero()[0].tolist(), tell, more)


def _as_is(problem: Problem) -> Problem:
    """A problem that was put into words already."""
    return problem


def _differ(codes: NDArray[np.integer], groups: Sequence[NDArray[np.int64]]) -> NDArray[np.bool_]:
    """Whether rows of a group are of different classes, those of unknown class left aside."""
    if not groups:
        return np.zeros(0, dtype=bool)
    starts = np.cumsum([0, *map(len, groups[:-1])])
    own = codes[np.concatenate(groups)]
    largest = np.maximum.reduceat(own, starts)
    smallest = np.minimum.reduceat(np.where(own == UNKNOWN, np.iinfo(own.dtype).max, own), starts)
    return np.asarray(smallest < largest)


def order_problems(codes: Mapping[str, NDArray[np.integer]], where: str) -> Iterator[Problem]:
    """Columns of two classes that follow the order of the rows; the more of them, the surer it must be."""
    for name, own in codes.items():
        known = own[own != UNKNOWN]
        effect = order_predicts(known, SURE / len(codes)) if len(np.unique(known)) == 2 else None
        if effect:
            hint = (
                "if cases were collected class by class (another scanner, site or year), features may tell the "
                "collection instead of the tumour: look at how they came together"
            )
            found = f"{where}: {name!r} follows the order of the rows: {effect.in_words()}"
            yield Problem("", "warning", found, hint)


def patient_problems(
    patients: pd.Series, outcome: ClassColumn, codes: NDArray[np.integer], where: str
) -> Iterator[Problem]:
    """Patients whose cases are of different classes."""
    known = pd.Series(codes)[codes != UNKNOWN]
    kinds = known.groupby(patients[known.index].to_numpy(), sort=False).nunique()
    mixed = [str(patient) for patient in kinds.index[kinds > 1]]
    if mixed:
        found = (
            f"{where}: {outcome.name!r} differs between cases of the same {patients.name}: {abridged(mixed)}"
        )
        hint = f"right for lesions, wrong for patients; keep a patient's cases together: --groups {patients.name}"
        yield Problem("", "warning", found, hint)
