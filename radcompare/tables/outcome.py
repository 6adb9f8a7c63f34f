"""The outcome: what is predicted, as class codes."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.errors import OutcomeError
from radcompare.tables.roles import abridged

MAX_CLASSES = 10


@dataclass(frozen=True)
class Outcome:
    """Classes of cases.

    Attributes:
        codes: class of every case, from 0, shape (cases,); for two classes 1 is the positive one.
        classes: what the codes stand for, as text.
    """

    codes: NDArray[np.int64]
    classes: tuple[str, ...]


def read_outcome(column: pd.Series, where: str) -> Outcome:
    """Any number of classes, coded in sorted order.

    Raises:
        OutcomeError: a value is missing, there is one class only, or so many that it is no class at all.
    """
    missing = [str(case) for case, value in column.items() if pd.isna(value) or plain_value(value) == ""]
    if missing:
        problem = f"{where}: the outcome {column.name!r} is missing for {len(missing)} cases"
        raise OutcomeError(f"{problem}: {abridged(missing)}", "fill in the outcome, or remove these rows")
    values = _sorted_classes(column)
    if len(values) < 2:
        only = repr(values[0]) if values else "nothing"
        problem = f"{where}: the outcome {column.name!r} has one class only: {only} in {len(column)} cases"
        raise OutcomeError(problem, "a comparison needs cases of two classes; is it the right column?")
    if len(values) > MAX_CLASSES:
        problem = f"{where}: the outcome {column.name!r} has {len(values)} distinct values, e.g. {values[:5]}"
        raise OutcomeError(problem, "an outcome is a class; cut a measurement into two groups first")
    codes = {value: code for code, value in enumerate(values)}
    return Outcome(
        np.array([codes[plain_value(value)] for value in column], dtype=np.int64), tuple(map(str, values))
    )


def read_binary_outcome(column: pd.Series, where: str, positive: object = None) -> Outcome:
    """Two classes, the positive one coded 1.

    Args:
        column: the outcome of every case, indexed by ID.
        where: the table's name, for errors.
        positive: the positive value; the larger (or alphabetically later) of two if absent. With more than
            two classes it is needed, and the others count together as negative.

    Raises:
        OutcomeError: as `read_outcome`; or the positive value does not occur; or it is needed and absent.
    """
    outcome = read_outcome(column, where)
    if positive is None and len(outcome.classes) == 2:
        return outcome
    listed = ", ".join(outcome.classes)
    if positive is None:
        problem = f"{where}: the outcome {column.name!r} has {len(outcome.classes)} classes: {listed}"
        raise OutcomeError(problem, "name the positive one with --positive; the others are then negative")
    wanted = next((name for name in _names(positive) if name in outcome.classes), None)
    if wanted is None:
        problem = f"{where}: the outcome {column.name!r} has no value {str(positive)!r}; it has {listed}"
        raise OutcomeError(problem, "name one of its values as the positive one")
    codes = (outcome.codes == outcome.classes.index(wanted)).astype(np.int64)
    negative = "/".join(name for name in outcome.classes if name != wanted)
    return Outcome(codes, (negative, wanted))


def _sorted_classes(column: pd.Series) -> list[object]:
    distinct = {plain_value(value) for value in column}
    return sorted(distinct, key=lambda value: (isinstance(value, str), value))


def _names(value: object) -> Iterator[str]:
    """What a value may be called among the classes; the text "True" or "1.0" may mean the class 1."""
    plain = plain_value(value)
    yield str(plain)
    if isinstance(plain, str) and plain.lower() in ("true", "false"):
        yield str(int(plain.lower() == "true"))
    with suppress(ValueError):
        yield str(plain_value(float(str(plain))))


def plain_value(value: object) -> object:
    """What a cell says of the class: 1.0, 1 and True are the same class; text loses surrounding blanks."""
    if isinstance(value, str):
        return value.strip()
    try:
        number = float(value)  # type: ignore[arg-type]  # anything else in a column is a number or a bool
    except OverflowError:  # a whole number of hundreds of digits
        return str(value)
    return int(number) if number.is_integer() else number
