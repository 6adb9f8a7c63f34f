"""Relief-F's difference of two rows in one feature, and the scaling that comes before it.

Kononenko, "Estimating attributes: analysis and extensions of RELIEF", ECML 1994, with the treatment of
missing values of Weka's ReliefFAttributeEval (3.8 and later).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from radcompare.errors import DataError
from radcompare.selection.training_rows import Floats, Integers, Training

RangeRule = Literal["exact", "weka"]
WEKA_SMALLEST_RANGE = 1e-6
COLUMNS_AT_ONCE = 128


@dataclass(frozen=True)
class Features:
    """Columns that scale themselves, a few at a time, so that no second copy of the table is held.

    Attributes:
        training: the rows and columns.
        span: max - min of every column; infinite where the range counts as zero, so that x/span is 0 there.
    """

    training: Training
    span: Floats

    def column_blocks(self) -> Iterator[Integers]:
        """Column indices, a bounded number at a time; a block is either all numeric or all nominal."""
        nominal = self.training.levels > 0
        for kind in (np.flatnonzero(~nominal), np.flatnonzero(nominal)):
            yield from blocks(kind)

    def scaled(self, columns: Integers) -> Floats:
        """Columns of one kind: (x - min)/(max - min) if numeric, the codes if nominal; NaN stays NaN."""
        if len(columns) and (np.diff(columns) == 1).all():
            values = self.training.values[:, columns[0] : columns[-1] + 1].copy()  # faster than picking them
        else:
            values = np.take(self.training.values, columns, axis=1)
        if not self.is_nominal(columns):
            values -= self.training.low[columns]
            values /= self.span[columns]
        return values

    def is_nominal(self, columns: Integers) -> bool:
        """Whether a block of `column_blocks` is nominal."""
        return bool(self.training.levels[columns].any())

    def difference(self, columns: Integers, a: Floats, b: Floats) -> Floats:
        """Differences of scaled values in a block of `column_blocks`; a and b broadcast, columns last."""
        if self.is_nominal(columns):
            return nominal_difference(a, b, self.training.levels[columns])
        return numeric_difference(a, b)


def blocks(columns: Integers) -> Iterator[Integers]:
    """Columns, a number at a time that mostly stays in the processor's cache."""
    for start in range(0, len(columns), COLUMNS_AT_ONCE):
        yield columns[start : start + COLUMNS_AT_ONCE]


def features(training: Training, range_rule: RangeRule) -> Features:
    """Features with their ranges over the values that are not missing.

    Args:
        training: the rows.
        range_rule: `exact`: a range is zero where max equals min. `weka`: below 1e-6 too, an absolute
            threshold by which features in tiny units are silently ignored.

    Raises:
        DataError: a range is larger than the largest float64.
    """
    with np.errstate(over="ignore"):
        span = training.high - training.low
    if np.isinf(span).any():
        raise DataError(
            f"features: the range of column {np.flatnonzero(np.isinf(span))[0]} exceeds the largest number",
            "drop the feature, or divide it by a constant",
        )
    smallest = WEKA_SMALLEST_RANGE if range_rule == "weka" else np.nextafter(0.0, 1.0)
    return Features(training, np.where(span >= smallest, span, np.inf))


def numeric_difference(a: Floats, b: Floats) -> Floats:
    """|a - b| of values scaled to 0..1; both missing 1; one missing max(v, 1 - v) of the other, v."""
    difference = np.subtract(a, b)
    np.abs(difference, out=difference)
    missing = np.isnan(difference)
    if missing.any():
        known = np.fmax(a, b)[missing]
        difference[missing] = np.nan_to_num(np.maximum(known, 1 - known), nan=1.0)
    return difference


def nominal_difference(a: Floats, b: Floats, levels: Integers) -> Floats:
    """1 where codes differ and 0 where they agree; 1 - 1/L where either is missing.

    Args:
        a: codes, columns last.
        b: codes that broadcast with them.
        levels: L of every column, at least 1.
    """
    difference = (a != b).astype(np.float64)
    return np.where(np.isnan(a) | np.isnan(b), 1 - 1 / levels, difference)
