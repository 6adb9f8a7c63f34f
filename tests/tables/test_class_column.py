import numpy as np
import pandas as pd
import pytest

from radcompare.tables.class_column import class_column
from radcompare.tables.rows import facts_of


def coded(values, **dtype):
    column = pd.Series(values, **dtype)
    found = class_column("died", facts_of(column))
    return found.classes, found.codes(column).tolist()


@pytest.mark.parametrize(
    ("values", "classes", "codes"),
    [
        ([1, 0, 1], ("0", "1"), [1, 0, 1]),
        ([1.0, np.nan, 0.5], ("0.5", "1"), [1, -1, 0]),
        ([True, False, True], ("0", "1"), [1, 0, 1]),
        ([True, None, False], ("0", "1"), [1, -1, 0]),
        (["yes", " yes", "no", None, " "], ("no", "yes"), [1, 1, 0, -1, -1]),
        (pd.Categorical(["b", None, "a"], categories=["b", "a", "c"]), ("a", "b"), [1, -1, 0]),
        ([np.nan, np.nan], (), [-1, -1]),
        (range(12), (), [-1] * 12),
    ],
)
def test_classes(values, classes, codes):
    assert coded(values) == (classes, codes)


def test_days_are_no_classes():
    assert coded(pd.to_datetime(["2020-01-01", "2020-01-02"])) == ((), [-1, -1])
