import numpy as np
import pandas as pd
import pytest

from radcompare.errors import TableError
from radcompare.tables.features import FeatureTable, read_features
from radcompare.tables.merge import merge

pytestmark = pytest.mark.filterwarnings("error")


def _table(features, passthrough=None, ids="abc", **others):
    index = pd.Index(list(ids), name="ID")
    return FeatureTable(
        pd.DataFrame(passthrough or {}, index=index), pd.DataFrame(features, index=index), **others
    )


def test_columns_side_by_side_in_the_order_of_the_first():
    left = _table(
        {"x": [1.0, 2.0, 3.0]}, {"died": [0, 1, 1]}, sources=({"columns": ["x"]},), digest="d1", notes=("n1",)
    )
    right = _table(
        {"y": [7.0, 8.0, 9.0]}, {"age": [50, 60, 70]}, "cab", sources=({"columns": ["y"]},), digest="d2"
    )
    merged = merge([left, right])
    assert merged.ids == ["a", "b", "c"]
    assert merged.features.to_dict("list") == {"x": [1.0, 2.0, 3.0], "y": [8.0, 9.0, 7.0]}
    assert merged.passthrough.to_dict("list") == {"died": [0, 1, 1], "age": [60, 70, 50]}
    assert merged.sources == ({"columns": ["x"]}, {"columns": ["y"]})
    assert merged.digest == "d1, d2"
    assert merged.notes == ("n1",)


def test_cases_that_a_table_lacks_are_named():
    merged = merge(
        [_table({"x": [1.0, 2.0, 3.0]}), _table({"y": [1.0, 2.0]}, ids="cd"), _table({"z": [1.0]}, ids="c")]
    )
    assert merged.ids == ["c"]
    assert merged.notes == ("3 cases are not in every table and are left out: a, b, d",)


def test_equal_columns_are_kept_once():
    left = _table({"x": [1.0, np.nan, 3.0], "t": pd.Categorical(["u", "v", None])}, {"died": [0, 1, 1]})
    right = _table(
        {"x": [1.0, np.nan, 3.0], "t": pd.Categorical(["u", "v", None], categories=["w", "v", "u"])}
    )
    merged = merge([left, right])
    assert list(merged.features.columns) == ["x", "t"]
    assert list(merged.passthrough.columns) == ["died"]


def test_what_passes_through_in_one_table_is_no_feature():
    """A table of plain names takes the outcome for a feature; the other table knows better."""
    merged = merge(
        [
            _table({"age": [1.0, 2.0, 3.0], "died": [0.0, 1.0, 1.0]}),
            _table({"y": [1.0] * 3}, {"died": [0, 1, 1]}),
        ]
    )
    assert list(merged.features.columns) == ["age", "y"]
    assert list(merged.passthrough.columns) == ["died"]


@pytest.mark.parametrize(
    ("left", "right", "message"),
    [
        (
            ({"x": [1.0, 2.0, 3.0]}, {}),
            ({"x": [1.0, 5.0, 3.0]}, {}),
            "case b: the tables disagree on 'x': 2.0 and 5.0",
        ),
        (
            ({"x": [1.0] * 3}, {}),
            ({"x": [1.0, 1.0, np.nan]}, {}),
            "case c: the tables disagree on 'x': 1.0 and nan",
        ),
        (
            ({"x": [1.0] * 3}, {"died": [0, 1, 1]}),
            ({"y": [1.0] * 3}, {"died": [0, 1, 0]}),
            "case c: the tables disagree on 'died': 1 and 0",
        ),
    ],
)
def test_tables_that_disagree(left, right, message):
    with pytest.raises(TableError) as refused:
        merge([_table(*left), _table(*right)])
    assert message in refused.value.message
    assert "rename the column in one of them" in refused.value.hint


def test_a_wide_table_merges_with_itself(shared_data):
    read = read_features(str(shared_data / "tables" / "radmlbench" / "Fusco2022.csv.gz"), outcome="Target")
    merged = merge([read, read])
    pd.testing.assert_frame_equal(merged.frame(), read.frame(), check_exact=True)


def test_no_case_in_common():
    with pytest.raises(TableError, match=r"no case in common: a, b, c, \.\.\.; x, y, z, \.\.\.") as refused:
        merge([_table({"x": [1.0] * 3}), _table({"y": [1.0] * 3}, ids="xyz")])
    assert "ID columns" in refused.value.hint


def test_two_real_tables_of_the_same_nodules(shared_data):
    cohort = read_features(str(shared_data / "lidc-nodules" / "cohort.csv"), patterns=["diameter_mm"])
    semantics = read_features(str(shared_data / "lidc-nodules" / "semantics.csv"))
    merged = merge([cohort, semantics])
    assert len(merged.ids) == 383
    assert "malignancy" in merged.passthrough.columns  # passes through in the cohort, and both say the same
    assert list(merged.features.columns)[:2] == ["diameter_mm", "calcification"]
    expected = pd.read_csv(shared_data / "lidc-nodules" / "semantics.csv").set_index("ID")["texture"]
    assert merged.features["texture"].tolist() == expected.loc[merged.ids].tolist()
