import numpy as np
import pandas as pd
import pytest

from radcompare.errors import TableError
from radcompare.tables.features import FeatureTable, matrix, read_features
from radcompare.tables.stack import stack

pytestmark = pytest.mark.filterwarnings("error")


def _table(features, passthrough=None, ids="ab", **others):
    index = pd.Index(list(ids), name="ID")
    return FeatureTable(
        pd.DataFrame(passthrough or {}, index=index), pd.DataFrame(features, index=index), **others
    )


def test_row_under_row():
    train = _table({"x": [1.0, 2.0]}, {"died": [0, 1]}, digest="d1", notes=("n1",))
    test = _table({"x": [3.0, 4.0]}, {"died": [1, 1]}, "cd", digest="d2", notes=("n2",))
    stacked = stack(train, test, ("Here", "There"))
    assert stacked.ids == ["a", "b", "c", "d"]
    assert stacked.features["x"].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert stacked.passthrough["died"].tolist() == [0, 1, 1, 1]
    assert stacked.passthrough["cohort"].tolist() == ["Here", "Here", "There", "There"]
    assert stacked.features.index.equals(stacked.passthrough.index)
    assert stacked.notes == ("n1", "n2")
    assert stacked.digest == "d1, d2"


def test_ids_that_collide_get_the_name_of_their_cohort():
    stacked = stack(_table({"x": [1.0, 2.0]}), _table({"x": [3.0, 4.0]}, ids="bc"), ("Here", "There"))
    assert stacked.ids == ["Here:a", "Here:b", "There:b", "There:c"]
    assert stacked.passthrough.index.tolist() == stacked.ids
    assert stacked.notes == ("1 IDs occur in both cohorts; IDs are written COHORT:ID",)


def test_columns_of_one_cohort_are_left_out_and_named():
    train = _table({"x": [1.0, 2.0], "old": [1.0, 2.0]}, {"died": [0, 1], "ward": ["A", "B"]})
    stacked = stack(
        train, _table({"x": [3.0, 4.0], "new": [1.0, 2.0]}, {"died": [1, 1]}, "cd"), ("Here", "There")
    )
    assert list(stacked.features.columns) == ["x"]
    assert list(stacked.passthrough.columns) == ["died", "cohort"]
    assert stacked.notes == ("columns that only one cohort has are left out: old, ward, new",)


def test_one_code_means_one_level_in_both_cohorts():
    train = _table({"t": pd.Categorical(["b", "a"])})
    test = _table({"t": pd.Categorical(["c", "b"])}, ids="cd")
    X, levels = matrix(stack(train, test, ("Here", "There")).features)
    assert levels.tolist() == [3]
    assert X[:, 0].tolist() == [1.0, 0.0, 2.0, 1.0]


def test_a_nominal_column_that_is_empty_in_one_cohort():
    X, levels = matrix(
        stack(
            _table({"t": pd.Categorical(["b", "a"])}),
            _table({"t": [np.nan, np.nan]}, ids="cd"),
            ("Here", "There"),
        ).features
    )
    assert levels.tolist() == [2]
    np.testing.assert_array_equal(X[:, 0], [1.0, 0.0, np.nan, np.nan])


def test_text_in_one_cohort_and_numbers_in_the_other():
    with pytest.raises(
        TableError, match="the feature 't' holds text in There and numbers in Here"
    ) as refused:
        stack(
            _table({"t": [1.0, 2.0]}), _table({"t": pd.Categorical(["c", "b"])}, ids="cd"), ("Here", "There")
        )
    assert "same way" in refused.value.hint


def test_nothing_in_common():
    with pytest.raises(TableError, match="Here and There have no feature in common"):
        stack(_table({"x": [1.0, 2.0]}), _table({"y": [1.0, 2.0]}, ids="cd"), ("Here", "There"))


def test_cohorts_of_one_name():
    with pytest.raises(TableError, match="both cohorts are called 'Here'") as refused:
        stack(_table({"x": [1.0, 2.0]}), _table({"x": [1.0, 2.0]}, ids="cd"), ("Here", "Here"))
    assert "rename" in refused.value.hint


@pytest.mark.slow
def test_two_hospitals(shared_data):
    folder = shared_data / "tables" / "deep-prognosis"
    tables = [
        read_features(str(folder / f"{name}.csv"), outcome="surv2yr") for name in ("HarvardRT", "Radboud")
    ]
    stacked = stack(tables[0], tables[1], ("HarvardRT", "Radboud"))
    assert stacked.features.shape == (397, 1004)
    assert stacked.passthrough["cohort"].value_counts().to_dict() == {"HarvardRT": 293, "Radboud": 104}
    assert stacked.ids[0] == "HarvardRT:1"
    assert stacked.ids[-1] == f"Radboud:{tables[1].ids[-1]}"
    np.testing.assert_array_equal(stacked.features.to_numpy()[293:], tables[1].features.to_numpy())
