"""Scores of a whole table, and the table with its best features."""

import numpy as np
import pandas as pd
import pytest

from radcompare.config import Selection
from radcompare.errors import OutcomeError
from radcompare.selection.relieff import ReliefF
from radcompare.selection.screening import keep_top, score_features
from radcompare.tables.features import FeatureTable

RELIEFF = Selection.model_validate("relieff:1")


def table(classes: int = 2) -> FeatureTable:
    random = np.random.default_rng(1)
    y = np.arange(30) % classes
    ids = pd.Index([f"c{i}" for i in range(30)], name="ID")
    features = pd.DataFrame(random.normal(size=(30, 4)), index=ids, columns=["d", "c", "b", "a"])
    features["b"] += 3 * y
    features["a"] = features["d"]
    passthrough = pd.DataFrame({"stage": y, "centre": "x"}, index=ids)
    sources = ({"computed_by": "p", "columns": ["d", "c"]}, {"computed_by": "q", "columns": ["b", "a"]})
    return FeatureTable(passthrough, features, sources, "digest")


@pytest.mark.parametrize("classes", [2, 3])
def test_every_feature_is_scored_and_ranked(classes: int) -> None:
    given = table(classes)
    scored = score_features(given, "stage", RELIEFF, "t.csv")
    assert list(scored.columns) == ["feature", "score", "rank"]
    assert scored["rank"].tolist() == [1, 2, 3, 4]
    expected = ReliefF().fit(given.features.to_numpy(), np.arange(30) % classes).scores_
    assert scored.set_index("feature")["score"].to_dict() == dict(zip("dcba", expected, strict=True))
    assert scored["feature"][0] == "b"
    assert scored["score"].is_monotonic_decreasing


def test_equal_scores_are_ranked_in_column_order() -> None:
    names = score_features(table(), "stage", RELIEFF, "t.csv")["feature"].tolist()
    assert names.index("d") + 1 == names.index("a")


def test_the_best_are_kept_in_the_order_of_the_table() -> None:
    given = table()
    scored = pd.DataFrame(
        {"feature": ["a", "d", "b", "c"], "score": [4.0, 3.0, 2.0, 1.0], "rank": [1, 2, 3, 4]}
    )
    kept = keep_top(given, scored, 2)
    assert list(kept.frame().columns) == ["ID", "stage", "centre", "d", "a"]
    pd.testing.assert_frame_equal(kept.features, given.features[["d", "a"]])
    assert [source["columns"] for source in kept.sources] == [["d"], ["a"]]


def test_more_than_there_are_keeps_all() -> None:
    scored = score_features(table(), "stage", RELIEFF, "t.csv")
    assert list(keep_top(table(), scored, 99).features.columns) == ["d", "c", "b", "a"]


def test_an_outcome_of_one_class_is_refused() -> None:
    with pytest.raises(OutcomeError, match=r"t\.csv: the outcome 'centre' has one class only"):
        score_features(table(), "centre", RELIEFF, "t.csv")
