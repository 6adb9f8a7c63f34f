"""Two versions of a run's files beside each other: which cells and numbers differ, by how much."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.errors import TableError
from radcompare.verification.tolerances import Tolerance

KEYS = ("ID", "arm", "variant", "selector", "k", "classifier", "repeat", "fold", "sequence", "epoch", "seed")
"""Columns that say what a row is about, for messages."""


@dataclass(frozen=True)
class Difference:
    """What differs in one column of a table, or in one place of `results.json`.

    Attributes:
        file: relative to the folder of the run.
        where: the column, or the path of keys.
        row: the first row that differs, in words; empty where there are none.
        stored, found: its two values.
        largest: the largest relative difference of the column; infinite for texts and missing values.
        cells: how many cells differ.
    """

    file: str
    where: str
    row: str
    stored: str
    found: str
    largest: float
    cells: int = 1

    def in_words(self) -> str:
        """One line."""
        place = f"{self.file}: {self.where}" + (f" of {self.row}" if self.row else "")
        more = f", {self.cells} cells in all" if self.cells > 1 else ""
        size = f" (relative difference {self.largest:.1e}{more})" if math.isfinite(self.largest) else more
        return f"{place}: {self.stored} stored, {self.found} found{size}"


def compare_tables(file: str, stored: Path, found: Path, tolerance: Tolerance) -> Iterator[Difference]:
    """Every column that differs beyond its tolerance; a table of another shape is one difference.

    Args:
        file: what to call it.
        stored, found: CSV files that radcompare wrote.
        tolerance: how far numbers may lie apart, by column.
    """
    if stored.read_bytes() == found.read_bytes():
        return
    a, b = _texts(stored), _texts(found)
    if list(a.columns) != list(b.columns):
        lost, new = set(a.columns) - set(b.columns), set(b.columns) - set(a.columns)
        named = f"without {', '.join(sorted(lost)[:3])}; " * bool(
            lost
        ) + f"new: {', '.join(sorted(new)[:3])}" * bool(new)
        yield Difference(
            file, "columns", "", str(a.shape[1]), f"{b.shape[1]} ({named or 'another order'})", math.inf
        )
        return
    if len(a) != len(b):
        yield Difference(file, "rows", "", str(len(a)), str(len(b)), math.inf)
        return
    keys = [column for column in KEYS if column in a.columns]
    for column in map(str, a.columns):
        apart = _apart(a[column].to_numpy(), b[column].to_numpy(), tolerance.of(file, column))
        wrong = np.flatnonzero(apart > 0)
        if len(wrong):
            row = wrong[0]
            named = " ".join(str(a[key].iloc[row]) for key in keys if key != column and a[key].iloc[row])
            values = (a[column].iloc[row] or "nothing", b[column].iloc[row] or "nothing")
            yield Difference(file, column, named or f"row {row + 2}", *values, float(apart.max()), len(wrong))


def compare_json(file: str, stored: Path, found: Path, tolerance: Tolerance) -> Iterator[Difference]:
    """Every number and text of two JSON files that differs."""
    if stored.read_bytes() == found.read_bytes():
        return
    yield from _in_json(file, "", _json(stored), _json(found), tolerance)


def _in_json(file: str, where: str, a: Any, b: Any, tolerance: Tolerance) -> Iterator[Difference]:
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        for key in dict.fromkeys([*a, *b]):
            yield from _in_json(file, f"{where}.{key}".lstrip("."), a.get(key), b.get(key), tolerance)
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for number, (one, two) in enumerate(zip(a, b, strict=True)):
            named = one.get("arm", number) if isinstance(one, Mapping) else number
            yield from _in_json(file, f"{where}[{named}]", one, two, tolerance)
    elif _is_number(a) and _is_number(b):
        apart = _distance(float(a), float(b))
        if apart > tolerance.of(file, where):
            yield Difference(file, where, "", repr(a), repr(b), apart)
    elif a != b:
        yield Difference(file, where, "", _short(a), _short(b), math.inf)


def _apart(a: NDArray[Any], b: NDArray[Any], allowed: float) -> NDArray[np.float64]:
    """Relative differences beyond what is allowed, 0 where there is none; infinite for texts."""
    apart = np.zeros(len(a))
    for row in np.flatnonzero(a != b):
        one, two = _number(a[row]), _number(b[row])
        distance = math.inf if one is None or two is None else _distance(one, two)
        apart[row] = distance if distance > allowed else 0.0
    return apart


def _distance(a: float, b: float) -> float:
    """Relative to the larger of two numbers; of numbers below 1e-12, which are rounding alone, absolute."""
    if a == b or (math.isnan(a) and math.isnan(b)):
        return 0.0
    size = max(abs(a), abs(b))
    distance = abs(a - b) / (size if size > 1e-12 else 1.0)
    return distance if math.isfinite(distance) else math.inf


def _number(text: Any) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _texts(path: Path) -> pd.DataFrame:
    """A table with every cell as it was written."""
    try:
        return pd.read_csv(path, dtype="str", keep_default_na=False)
    except (OSError, ValueError) as error:
        raise TableError(f"{path}: cannot be read: {error}", "restore the file, or run again") from None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TableError(f"{path}: cannot be read: {error}", "restore the file, or run again") from None
