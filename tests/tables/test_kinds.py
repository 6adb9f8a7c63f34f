import io
import itertools

import numpy as np
import pandas as pd
import pytest

from radcompare.tables.files import MISSING
from radcompare.tables.kinds import Kinds, few_numbers

CELLS = {
    "whole": "7",
    "real": "1.5",
    "infinite": "-inf",
    "missing": "NA",
    "true": "TRUE",
    "text": "x7",
    "large": "18446744073709551615",
    "beyond": "99999999999999999999",
    "below": "-9223372036854775809",
}


def read(cells):
    """As the tables are read, but one column."""
    text = "x,y\n" + "".join(f"{cell},1\n" for cell in cells)
    return pd.read_csv(io.StringIO(text), keep_default_na=False, na_values=MISSING, low_memory=False)[["x"]]


def kinds_of(parts):
    kinds = Kinds()
    for part in parts:
        kinds.add(read(part))
    return kinds


@pytest.mark.slow
@pytest.mark.parametrize("first", CELLS)
def test_the_whole_is_told_from_its_parts(first):
    """Any three cells, apart and two together; what is left open is not told wrong."""
    for second, third in itertools.product(CELLS, repeat=2):
        cells = [CELLS[name] for name in (first, second, third)]
        expected = read(cells)["x"].dtype
        for parts in ([[cell] for cell in cells], [cells[:2], cells[2:]], [cells]):
            told = kinds_of(parts).whole("x")
            assert told == expected or (
                told is None and {"large", "beyond", "below"} & {first, second, third}
            ), parts


def test_what_else_is_noted():
    kinds = kinds_of([["1", "2"], ["inf", "2"], ["NA", "3"]])
    assert kinds.infinite == {"x"}
    assert kinds.missing == {"x"}
    assert kinds.few["x"] == {1, 2, 3, np.inf}
    assert kinds.of("x") == {"whole", "real"}


def test_few_numbers():
    assert few_numbers(pd.Series([1.0, np.nan, 2.0, 1.0])) == [1, 2]
    assert few_numbers(pd.Series([True, False])) == [True, False]
    assert few_numbers(pd.Series(range(11))) is None
    many = kinds_of([[str(number) for number in range(8)], ["9", "10", "11"], ["1", "1"]])
    assert "x" not in many.few
    assert kinds_of([["1", "2"], ["2", "1"]]).few["x"] == {1, 2}
