"""What pandas would make of whole columns, told from what it made of parts of them.

A part of a column of numbers may hold whole ones only, and a part of one of text nothing but numbers. Where parts
leave it open what the whole is (numbers beyond 64 bits), the answer is just that.
"""

from collections import defaultdict

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionDtype

from radcompare.tables.files import MISSING
from radcompare.tables.outcome import MAX_CLASSES

Dtype = np.dtype | ExtensionDtype

TEXT = pd.Series([], dtype="str").dtype
OBJECTS = np.dtype("object")
"""Of a column of true, false and gaps, and of numbers beyond 64 bits."""
OPEN = {"digits", "large", "objects"}
"""Kinds of parts that leave the whole open: text that is all digits, numbers beyond int64, and beyond 64 bits."""


class Kinds:
    """What parts of columns were taken for, one part after the other.

    Attributes:
        missing: columns with a missing value.
        infinite: columns with an infinite number.
        few: the distinct numbers of columns that have `MAX_CLASSES` of them at most.
    """

    def __init__(self) -> None:
        self._seen: dict[str, set[str]] = defaultdict(set)
        self._many: set[str] = set()
        self.missing: set[str] = set()
        self.infinite: set[str] = set()
        self.few: dict[str, set[float]] = defaultdict(set)

    def add(self, part: pd.DataFrame) -> None:
        """Take note of some rows that pandas read without being told a type."""
        kinds = np.array([dtype.kind for dtype in part.dtypes])
        self._add_real(part.loc[:, kinds == "f"])
        for kind, name in (("i", "whole"), ("u", "large"), ("b", "bool")):
            self._seen[name].update(part.columns[kinds == kind])
        numeric = np.isin(kinds, list("fiub"))
        for column in part.columns[numeric & ~part.columns.isin(self._many)]:
            self._add_few(part[column])
        for column in part.columns[~numeric]:
            self._add_objects(part[column])

    def of(self, column: str) -> set[str]:
        """`whole`, `real`, `bool`, `text` and what is in `OPEN`: what parts with any value were taken for."""
        return {kind for kind, columns in self._seen.items() if column in columns}

    def whole(self, column: str) -> Dtype | None:
        """The type of the whole column; None where its parts leave it open."""
        kinds, gaps = self.of(column), column in self.missing
        if kinds & OPEN and "text" not in kinds:
            return None
        if kinds <= {"whole", "real"}:
            return np.dtype("int64" if kinds == {"whole"} and not gaps else "float64")
        if kinds == {"bool"}:
            return OBJECTS if gaps else np.dtype("bool")
        return TEXT

    def _add_real(self, part: pd.DataFrame) -> None:
        values = part.to_numpy()
        gaps = np.isnan(values)
        self.missing.update(part.columns[gaps.any(axis=0)])
        self.infinite.update(part.columns[np.isinf(values).any(axis=0)])
        self._seen["real"].update(part.columns[~gaps.all(axis=0)])

    def _add_few(self, part: pd.Series) -> None:
        name = str(part.name)
        found = few_numbers(part)
        self.few[name].update(found or ())
        if found is None or len(self.few[name]) > MAX_CLASSES:
            self._many.add(name)
            del self.few[name]

    def _add_objects(self, part: pd.Series) -> None:
        values = part.dropna()
        if len(values) < len(part):
            self.missing.add(str(part.name))
        if len(values):
            self._seen[_kind(values)].add(str(part.name))


def few_numbers(column: pd.Series) -> list[float] | None:
    """The distinct numbers of a column, if they are `MAX_CLASSES` at most."""
    values = column.dropna().unique()
    return values.tolist() if len(values) <= MAX_CLASSES else None


def _kind(values: pd.Series) -> str:
    if values.dtype == TEXT:
        return "digits" if _are_numbers(values) else "text"
    return "bool" if all(isinstance(value, bool) for value in values) else "objects"


def _are_numbers(text: pd.Series) -> bool:
    """Whether text would be numbers if they were not too large; the first cell mostly tells.

    Where one is too large, pandas leaves the marks of missing values as they are.
    """
    filled = text[~text.isin(MISSING)]
    return all(bool(pd.to_numeric(some, errors="coerce").notna().all()) for some in (filled.iloc[:1], filled))
