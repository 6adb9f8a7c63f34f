"""What a selector accepts and refuses."""

import numpy as np
import pytest

from radcompare.errors import DataError, OutcomeError
from radcompare.selection.training_rows import training

NAN = np.nan


def test_classes_are_renumbered_in_their_order_and_ranges_skip_the_missing():
    rows = training([[1, NAN], [NAN, NAN], [-3, NAN]], np.array([7, 2, 7]))
    assert rows.classes.tolist() == [1, 0, 1]
    assert rows.class_counts.tolist() == [1, 2]
    np.testing.assert_array_equal([rows.low, rows.high], [[-3, NAN], [1, NAN]])


def test_the_table_is_not_copied():
    X = np.zeros((2, 3))
    assert training(X, [0, 1]).values is X


@pytest.mark.parametrize(
    ("X", "y", "levels", "message"),
    [
        ([[0.0], [1.0]], [0], None, "2 integer codes"),
        ([[0.0], [1.0]], [0.0, 1.0], None, "of float64"),
        ([0.0, 1.0], [0, 1], None, "1 dimension"),
        ([[0.0], [1.0]], [0, 1], [0, 0], "1 counts"),
        ([[0.0], [1.0]], [0, 1], [-1], "1 counts"),
        ([[0.0, -np.inf], [1.0, NAN]], [0, 1], None, "column 1"),
        ([[0.0], [2.0]], [0, 1], [2], "column 0 is nominal with 2 levels, found codes from 0 to 2"),
        ([[-1.0], [1.0]], [0, 1], [2], "codes from -1"),
        ([[0.5], [1.0]], [0, 1], [2], "codes from 0.5"),
    ],
)
def test_refused(X, y, levels, message):
    with pytest.raises(DataError, match=message) as refused:
        training(X, y, levels)
    assert refused.value.exit_code == 3


@pytest.mark.parametrize("y", [[1, 1, 1], []])
def test_one_class_or_none(y):
    with pytest.raises(OutcomeError, match="at least 2"):
        training(np.zeros((len(y), 2)), np.array(y, dtype=int))
