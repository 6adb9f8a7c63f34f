"""Folds: which cases train and which are tested, with groups (patients) never on both sides."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.config import Validation
from radcompare.errors import DataError, did_you_mean

Index = NDArray[np.int64]
NAME_COHORTS = "name two: validation: {scheme: cohort, train: A, test: B}, or --train A --test B"


@dataclass(frozen=True)
class Fold:
    """One division of the cases.

    Attributes:
        repeat, number: counted from 0.
        train, test: row numbers, each sorted; together they need not be all rows.
    """

    repeat: int
    number: int
    train: Index
    test: Index


def folds(
    validation: Validation,
    y: Index,
    *,
    seed: int,
    groups: NDArray[Any] | None = None,
    cohort: NDArray[Any] | None = None,
) -> list[Fold]:
    """Divide the cases.

    Args:
        validation: the scheme.
        y: class codes, shape (cases,).
        seed: of the shuffling; repeat r uses seed + r.
        groups: one label per case; equal labels stay together.
        cohort: one label per case, for the scheme `cohort`.

    Returns:
        All folds of all repeats. Leave-one-out with groups leaves one group out.

    Raises:
        DataError: the scheme cannot be done with these cases, a group would straddle, or a training side
            would hold one class only.
    """
    if validation.scheme == "cohort":
        made = [_cohort_fold(validation, cohort, groups)]
    elif validation.scheme == "loo":
        made = list(_leave_one_out(y, groups))
    else:
        made = list(_k_folds(validation, y, groups, seed))
    for fold in made:
        _check(fold, y)
    return made


def _cohort_fold(validation: Validation, cohort: NDArray[Any] | None, groups: NDArray[Any] | None) -> Fold:
    if cohort is None:
        hint = "add a column `cohort`, or give a second table to test on"
        raise DataError("validation by cohort: the table has no column 'cohort'", hint)
    names = cohort.astype(str)
    train, test = _two_cohorts(validation, list(dict.fromkeys(names.tolist())))
    fold = Fold(0, 0, np.flatnonzero(names == train), np.flatnonzero(names == test))
    both = set() if groups is None else set(groups[fold.train].tolist()) & set(groups[fold.test].tolist())
    if both:
        problem = f"validation by cohort: group {min(map(str, both))!r} has cases in {train} and in {test}"
        raise DataError(problem, "give different patients different names, or leave them out of one cohort")
    return fold


def _two_cohorts(validation: Validation, present: list[str]) -> tuple[str, str]:
    """The names to train and to test on; the first two that occur when there are just two."""
    if validation.train is None and validation.test is None and len(present) == 2:
        return present[0], present[1]
    for role, name in (("train on", validation.train), ("test on", validation.test)):
        if name not in present:
            found = f"{name!r} is none of them{did_you_mean(name, present)}" if name else "none is named"
            problem = f"validation by cohort: the cohorts are {', '.join(present)}; to {role}, {found}"
            raise DataError(problem, NAME_COHORTS)
    return str(validation.train), str(validation.test)


def _leave_one_out(y: Index, groups: NDArray[Any] | None) -> Iterator[Fold]:
    labels = np.arange(len(y)) if groups is None else _codes(groups)
    for number in range(labels.max() + 1):
        yield Fold(0, number, np.flatnonzero(labels != number), np.flatnonzero(labels == number))


def _k_folds(validation: Validation, y: Index, groups: NDArray[Any] | None, seed: int) -> Iterator[Fold]:
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    _refuse_too_many(validation.folds, y, groups)
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    for repeat in range(validation.repeats):
        splitter = kind(n_splits=validation.folds, shuffle=True, random_state=seed + repeat)
        codes = None if groups is None else _codes(groups)
        for number, (train, test) in enumerate(splitter.split(np.zeros((len(y), 1)), y, codes)):
            yield Fold(repeat, number, np.sort(train), np.sort(test))


def _refuse_too_many(count: int, y: Index, groups: NDArray[Any] | None) -> None:
    smallest = int(np.bincount(y).min())
    if count > smallest:
        problem = f"{count} folds, but a class has only {smallest} cases"
        raise DataError(problem, f"use at most {smallest} folds, or leave-one-out (--cv loo)")
    if groups is not None and count > len(set(groups.tolist())):
        patients = len(set(groups.tolist()))
        raise DataError(f"{count} folds, but only {patients} groups", f"use at most {patients} folds")


def _check(fold: Fold, y: Index) -> None:
    if not len(fold.test) or not len(fold.train):
        side = "test" if not len(fold.test) else "training"
        raise DataError(f"repeat {fold.repeat}, fold {fold.number}: no {side} case", "use fewer folds")
    if len(np.unique(y[fold.train])) < len(np.unique(y)):
        problem = f"repeat {fold.repeat}, fold {fold.number}: the training cases lack a class"
        raise DataError(problem, "use fewer folds; a group may hold all cases of a class")


def _codes(labels: NDArray[Any]) -> Index:
    """Labels as 0, 1, ... in order of first occurrence."""
    seen: dict[Any, int] = {}
    return np.array([seen.setdefault(label, len(seen)) for label in labels.tolist()], dtype=np.int64)
