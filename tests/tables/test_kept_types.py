import numpy as np
import pandas as pd
import pytest

from radcompare.tables.kept_types import as_from_csv


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (["a", None], ["a", None]),
        ([1, 2], ["1", "2"]),
        ([1.0, np.nan], ["1", None]),
        ([1.5, 2.0], ["1.5", "2.0"]),
        (pd.Categorical(["x", None]), ["x", None]),
        (pd.Categorical(["1", None]), ["1", None]),
    ],
)
def test_names_are_text(cells, text):
    column = as_from_csv(pd.DataFrame({"arm": cells}), lambda name: name == "arm")["arm"]
    assert column.astype("object").where(column.notna(), None).tolist() == text


def test_levels_that_are_numbers_are_numbers():
    frame = pd.DataFrame({"y": pd.Categorical(["1", "0", None]), "c": pd.Categorical(["1", "u", None])})
    plain = as_from_csv(frame, lambda _: False)
    np.testing.assert_array_equal(plain["y"], [1, 0, np.nan])
    assert plain["c"].tolist()[:2] == ["1", "u"]


def test_what_csv_gives_stays_as_it_is():
    frame = pd.DataFrame({"ID": ["007"], "score": [0.1 + 0.2], "n": [3]})
    pd.testing.assert_frame_equal(as_from_csv(frame, lambda name: name == "ID"), frame)
