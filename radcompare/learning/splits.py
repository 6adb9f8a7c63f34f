"""Folds: which cases train and which are tested, with groups (patients) never on both sides."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.config import Inner, Validation
from radcompare.errors import DataError, did_you_mean

Index = NDArray[np.int64]
DRAWS = 100
"""How often a bootstrap sample is drawn anew before it is given up."""
NAME_COHORTS = "name two: validation: {scheme: cohort, train: A, test: B}, or --train A --test B"


@dataclass(frozen=True)
class Fold:
    """One division of the cases.

    Attributes:
        repeat, number: counted from 0.
        train, test: row numbers, each sorted; together they need not be all rows. A bootstrap sample trains on
            some rows several times.
        apparent: the training rows are the test rows, for the optimism that a bootstrap corrects.
    """

    repeat: int
    number: int
    train: Index
    test: Index
    apparent: bool = False


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
        seed: of the shuffling and drawing; repeat r uses seed + r.
        groups: one label per case; equal labels stay together.
        cohort: one label per case, for the scheme `cohort`.

    Returns:
        All folds of all repeats. Leave-one-out with groups leaves one group out.

    Raises:
        DataError: the scheme cannot be done with these cases, a group would straddle, or a training side
            would hold one class only.
    """
    if validation.scheme != "cohort":
        _refuse_lone_class(y, groups)
    if validation.scheme == "cohort":
        made = [_cohort_fold(validation, cohort, groups)]
    elif validation.scheme == "loo":
        made = list(_leave_one_out(y, groups))
    elif validation.scheme == "bootstrap":
        made = list(_bootstrap(validation.repeats, y, groups, seed))
    else:
        made = list(_k_folds(validation.folds, validation.repeats, y, groups, seed))
    for fold in made:
        _check(fold, y)
    return made


def inner_folds(
    inner: Inner, outer: Fold, y: Index, *, seed: int, groups: NDArray[Any] | None = None
) -> list[Fold]:
    """Divide the training rows of a fold once more, to choose among configurations.

    Args:
        inner: how many folds and repeats.
        outer: the fold whose training rows are divided.
        y: class codes of all rows.
        seed: of the shuffling.
        groups: one label per row of all; copies of a row that a bootstrap sample holds twice stay together too.

    Returns:
        Folds in the numbering of `outer.train`.

    Raises:
        DataError: as `folds`, of the training rows of this fold.
    """
    rows = outer.train
    labels = rows if groups is None else groups[rows]
    together = None if groups is None and len(np.unique(rows)) == len(rows) else labels
    try:
        made = list(_k_folds(inner.folds, inner.repeats, y[rows], together, seed))
        for fold in made:
            _check(fold, y[rows])
    except DataError as error:
        where = f"inner loop of repeat {outer.repeat}, fold {outer.number}"
        hint = "use fewer inner folds (--inner), fewer folds, or no inner loop"
        raise DataError(f"{where}: {error.message}", hint) from None
    return made


def held_out(
    rows: Index, y: Index, groups: NDArray[Any] | None, share: float, seed: int
) -> tuple[Index, Index]:
    """Part some training rows from those that a network learns from, to tell it when to stop.

    Args:
        rows: the training rows; a bootstrap sample holds some twice.
        y: class codes of all rows.
        groups: one label per row of all; equal labels stay together, and so do the copies of a row.
        share: of every class that is held out, as near as whole groups allow; a group counts as its majority.
        seed: of the drawing.

    Returns:
        The rows to learn from and those held out, both in the order of `rows`. A class of one group is learned from.
    """
    labels = rows if groups is None else groups[rows]
    units, member = np.unique(labels, return_inverse=True)
    sizes = np.bincount(member)
    positive = np.bincount(member, weights=y[rows]) * 2 >= sizes
    rng = np.random.default_rng(seed)
    out = np.zeros(len(units), dtype=bool)
    for code in (False, True):
        drawn = rng.permutation(np.flatnonzero(positive == code))
        before = np.cumsum(sizes[drawn]) - sizes[drawn] / 2  # a group is in if more than half of it is
        out[drawn[:-1][before[:-1] < share * sizes[drawn].sum()]] = True
    return rows[~out[member]], rows[out[member]]


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


def _bootstrap(samples: int, y: Index, groups: NDArray[Any] | None, seed: int) -> Iterator[Fold]:
    """Samples drawn with replacement and tested on the cases left out, then all cases tested on themselves.

    A sample is drawn within the classes, each to its own size; with groups whole groups are drawn. One that lacks
    a class on either side is drawn anew.
    """
    units = np.arange(len(y)) if groups is None else _codes(groups)
    for repeat in range(samples):
        yield _sample(repeat, y, units, np.random.default_rng([seed + repeat]), within=groups is None)
    every = np.arange(len(y))
    yield Fold(samples, 0, every, every, apparent=True)


def _sample(repeat: int, y: Index, units: Index, rng: np.random.Generator, *, within: bool) -> Fold:
    """One bootstrap sample of units (cases, or groups of them), drawn within the classes or not."""
    rows_of = [np.flatnonzero(units == unit) for unit in range(units.max() + 1)]
    pools = [np.flatnonzero(y == code) for code in np.unique(y)] if within else [np.arange(len(rows_of))]
    for _ in range(DRAWS):
        drawn = np.concatenate([rng.choice(pool, len(pool)) for pool in pools])
        train = np.sort(np.concatenate([rows_of[unit] for unit in drawn]))
        test = np.setdiff1d(np.arange(len(y)), train)
        if len(np.unique(y[train])) == len(np.unique(y[test])) == len(np.unique(y)):
            return Fold(repeat, 0, train, test)
    problem = f"bootstrap sample {repeat}: drawn {DRAWS} times, and a class is always missing on one side"
    raise DataError(problem, "a class needs more cases, and more groups, than these: use leave-one-out")


def _k_folds(count: int, repeats: int, y: Index, groups: NDArray[Any] | None, seed: int) -> Iterator[Fold]:
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    _refuse_too_many(count, y, groups)
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    for repeat in range(repeats):
        splitter = kind(n_splits=count, shuffle=True, random_state=seed + repeat)
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


def _refuse_lone_class(y: Index, groups: NDArray[Any] | None) -> None:
    """A class of one case, or of one group, is either trained on or tested."""
    for code in np.unique(y):
        cases = np.flatnonzero(y == code)
        holders = cases.tolist() if groups is None else sorted(set(map(str, groups[cases])))
        if len(holders) == 1:
            who = (
                "class has only 1 case"
                if len(cases) == 1
                else f"group, {holders[0]!r}, holds all cases of a class"
            )
            problem = f"a {who}, which cannot be trained on and tested"
            raise DataError(problem, "get more cases of that class, or test on another cohort (--cv cohort)")


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
