import numpy as np
import pandas as pd
import pytest

from radcompare.errors import TableError
from radcompare.tables.levels import with_levels


@pytest.mark.parametrize(
    "cells",
    [
        ["1", "2", None],
        [1.0, 2.0, np.nan],
        pd.array([1, 2, None], dtype="Int64"),
        pd.Categorical([1.0, 2.0, None]),
        pd.Categorical(["1", "2", None]),
    ],
)
def test_levels_whatever_the_format_made_of_them(cells):
    column = with_levels(pd.DataFrame({"t": cells}), {"t": ["3", "2", "1"]}, "t.parquet")["t"]
    assert list(column.cat.categories) == ["3", "2", "1"]
    assert column[:2].tolist() == ["1", "2"]
    assert column.isna().tolist() == [False, False, True]


@pytest.mark.parametrize("cells", [[1, 2, 2], np.array([1, 2, 2], "float32"), np.array([1, 2, 2], "uint8")])
def test_numbers_without_gaps(cells):
    column = with_levels(pd.DataFrame({"t": cells}), {"t": ["1", "2.0"]}, "t.parquet")["t"]
    assert column.tolist() == ["1", "2.0", "2.0"]


def test_true_and_false():
    column = with_levels(pd.DataFrame({"t": [True, False]}), {"t": ["False", "True"]}, "t.parquet")["t"]
    assert column.tolist() == ["True", "False"]


@pytest.mark.parametrize(("cells", "found"), [(["1", "4"], "4"), ([1, 4], "4"), ([1.0, 1.5], "1.5")])
def test_a_level_that_was_not_declared(cells, found):
    with pytest.raises(TableError) as refused:
        with_levels(pd.DataFrame({"t": cells}), {"t": ["1", "2"]}, "t.csv")
    assert refused.value.message == f"t.csv: 't' holds {found!r}, which is none of the levels in its sidecar"
    assert refused.value.hint == "expected 1, 2; or remove t.meta.json"
