import numpy as np
import pandas as pd

from radcompare.tables.mixed_cells import MixedCells


def seen(cells, decimal="."):
    mixed = MixedCells(decimal)
    column = pd.Series(cells, dtype="str")
    for start in range(0, len(cells), 2):
        mixed.add(column.iloc[start : start + 2], np.arange(start, min(start + 2, len(cells))) + 2)
    return mixed


def test_numbers_and_text_are_told_apart():
    mixed = seen(["1", "2.5", None, "x", "1e5", "1.2.3"])
    assert (mixed.numbers, mixed.texts, mixed.fractions) == (3, 2, True)
    assert mixed.told() == "row 5 'x', row 7 '1.2.3'"
    assert not seen(["1", "2.0", "inf", "x"]).fractions


def test_the_first_are_told():
    mixed = seen([f"x{number}" for number in range(15)])
    assert mixed.told().endswith("row 13 'x11', ... (15 in all)")


def test_a_decimal_comma():
    assert seen(["1,5", "2", "x"], ",").numbers == 2
    assert seen(["1,5", "2", "x"]).numbers == 1
