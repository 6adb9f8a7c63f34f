"""Every case of the difference, by hand."""

import numpy as np
import pytest

from radcompare.selection.difference import COLUMNS_AT_ONCE, features, nominal_difference, numeric_difference
from radcompare.selection.training_rows import training

NAN = np.nan


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (0.25, 1.0, 0.75),
        (NAN, NAN, 1.0),
        (0.25, NAN, 0.75),
        (NAN, 0.75, 0.75),
        (0.5, NAN, 0.5),
        (0.0, NAN, 1.0),
    ],
)
def test_numeric(a, b, expected):
    assert numeric_difference(np.array([a]), np.array([b])).tolist() == [expected]
    assert numeric_difference(np.array([b]), np.array([a])).tolist() == [expected]


@pytest.mark.parametrize(
    ("a", "b", "levels", "expected"),
    [(0.0, 0.0, 2, 0.0), (0.0, 1.0, 2, 1.0), (NAN, 1.0, 4, 0.75), (NAN, NAN, 4, 0.75), (NAN, 0.0, 1, 0.0)],
)
def test_nominal(a, b, levels, expected):
    assert nominal_difference(np.array([a]), np.array([b]), np.array([levels])).tolist() == [expected]


def test_scaling_uses_the_values_that_are_there_and_keeps_the_missing():
    X = [[2.0, 5.0, NAN, 1.0], [6.0, NAN, NAN, 0.0], [3.0, 5.0, NAN, NAN]]
    columns = features(training(X, [0, 1, 1], [0, 0, 0, 2]), "exact")
    numeric, nominal = columns.column_blocks()
    np.testing.assert_array_equal(
        columns.scaled(numeric), [[0.0, 0.0, NAN], [1.0, NAN, NAN], [0.25, 0.0, NAN]]
    )
    np.testing.assert_array_equal(columns.scaled(nominal), [[1.0], [0.0], [NAN]])


@pytest.mark.parametrize(("rule", "span", "counts"), [("exact", 5e-324, True), ("weka", 9.9e-7, False)])
def test_smallest_range_that_counts(rule, span, counts):
    columns = features(training([[0.0], [span]], [0, 1]), rule)
    assert columns.scaled(np.array([0]))[1, 0] == counts


def test_blocks_cover_every_column_once_and_never_mix_kinds():
    levels = np.tile([0, 3], COLUMNS_AT_ONCE + 1)
    columns = features(training(np.zeros((2, len(levels))), [0, 1], levels), "exact")
    blocks = list(columns.column_blocks())
    assert sorted(np.concatenate(blocks)) == list(range(len(levels)))
    assert all(len(np.unique(levels[block])) == 1 and len(block) <= COLUMNS_AT_ONCE for block in blocks)
