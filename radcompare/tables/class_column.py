"""A column of classes, coded some rows at a time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.tables.outcome import plain_value
from radcompare.tables.rows import Facts

UNKNOWN = -1
"""The code of a missing class."""


@dataclass(frozen=True)
class ClassColumn:
    """What a column may be taken for that says the class of every case.

    Attributes:
        name: of the column.
        classes: in sorted order, as text.
    """

    name: str
    classes: tuple[str, ...]
    _codes: Mapping[Any, int]

    def codes(self, part: pd.Series) -> NDArray[np.int16]:
        """Classes of some rows by their place in `classes`, `UNKNOWN` where missing."""
        return part.astype("object").map(dict(self._codes)).fillna(UNKNOWN).to_numpy(dtype=np.int16)


def class_column(name: str, facts: Facts) -> ClassColumn:
    """The classes of a column; none where it holds more numbers than classes may be."""
    return classes_of(name, (*facts.values, *facts.few))


def classes_of(name: str, values: Collection[Any]) -> ClassColumn:
    """The classes that distinct values say; none where one of them is a date."""
    if not all(isinstance(value, str | Real | np.bool_) for value in values):
        return ClassColumn(name, (), {})
    plain = {value: plain_value(value) for value in values}
    named = {value: known for value, known in plain.items() if known != ""}
    ordered = sorted(set(named.values()), key=lambda value: (isinstance(value, str), value))
    place = {value: number for number, value in enumerate(ordered)}
    return ClassColumn(
        name, tuple(map(str, ordered)), {value: place[known] for value, known in named.items()}
    )
