import math

import numpy as np
import pytest

from radcompare.tables.separation import BY_CHANCE, Spans

CODES = np.repeat([0, 1], 12)
NUMERIC = np.zeros(1, dtype=np.int64)


def spans(values, codes=CODES, levels=NUMERIC, classes=2, step=5):
    """A column, or several, some rows at a time."""
    values = np.asarray(values, dtype=float).reshape(len(codes), -1)
    seen = Spans(np.resize(levels, values.shape[1]), classes)
    for start in range(0, len(values), step):
        seen.add(values[start : start + step], codes[start : start + step])
    return seen


@pytest.mark.parametrize("step", [1, 5, 24])
@pytest.mark.parametrize(
    ("values", "apart"),
    [
        (CODES, True),
        (1 - CODES, True),
        (np.arange(24), True),
        (-np.arange(24.0), True),
        (np.where(np.arange(24) == 3, np.nan, np.arange(24)), True),
        (np.where(np.arange(24) == 3, 20, np.arange(24)), False),
        (np.zeros(24), False),  # equal values are not apart
        (np.minimum(np.arange(24), 12), True),
        (np.minimum(np.arange(24), 11), False),  # the classes touch
        (np.full(24, np.nan), False),
        (np.where(CODES == 1, 1.0, np.nan), False),  # no value in one class
    ],
)
def test_features_that_tell_classes_apart(values, apart, step):
    assert spans(values, step=step).separating().tolist() == [apart]


@pytest.mark.parametrize(
    ("values", "apart"),
    [
        (CODES, True),
        (np.concatenate([np.tile([0, 2], 6), np.tile([1, 3], 6)]), True),  # in no order, but pure
        (np.concatenate([np.tile([0, 2], 6), np.tile([1, 2], 6)]), False),
        (np.zeros(24), False),
        (np.where(CODES == 1, 1.0, np.nan), False),
    ],
)
def test_levels_that_tell_classes_apart(values, apart):
    assert spans(values, levels=np.array([4])).separating().tolist() == [apart]


def test_what_chance_does_is_not_told():
    """A column separates 4 from 4 cases with probability 2 / 70; levels of their own separate any cases."""
    few = np.repeat([0, 1], 4)
    assert 2 / math.comb(8, 4) < BY_CHANCE < 2 * 2 / math.comb(8, 4)
    assert spans(few, few).separating().tolist() == [True]
    assert spans(np.column_stack([few, 1 - few]), few).separating().tolist() == [False, False]
    assert spans(np.arange(24), levels=np.array([24])).separating().tolist() == [False]


def test_how_often_chance_separates():
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1], 3)
    values = rng.random((6, 20_000))
    low, high = values[:3], values[3:]
    apart = (low.max(0) < high.min(0)) | (high.max(0) < low.min(0))
    assert apart.mean() == pytest.approx(2 / math.comb(len(codes), 3), rel=0.1)


def test_more_than_two_classes_are_left_aside():
    assert spans(np.arange(24), np.repeat([0, 1, 2], 8), classes=3).separating().tolist() == [False]
    assert spans(np.arange(24), np.full(24, -1), classes=0).separating().tolist() == [False]


def test_cases_of_unknown_class_count_for_gaps_and_constants():
    codes = np.array([0, 1, -1, -1])
    seen = spans([[1, 5, np.nan], [1, 5, np.nan], [1, 6, np.nan], [np.nan, 5, np.nan]], codes)
    assert seen.missing().tolist() == [1, 0, 4]
    assert seen.constant().tolist() == [True, False, False]
    assert seen.filled.tolist() == [[1, 1, 0], [1, 1, 0], [1, 2, 0]]
