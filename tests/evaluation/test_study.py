"""Which cases and columns an arm can use."""

from collections.abc import Callable

import pandas as pd
import pytest

from radcompare.errors import DataError
from radcompare.evaluation.study import Study, available

MakeStudy = Callable[..., Study]
MakeSource = Callable[..., pd.DataFrame]


def test_an_arm_uses_cases_that_all_its_sources_have(make_study: MakeStudy, make_source: MakeSource) -> None:
    a, b = make_source(1, 6, 2, "a"), make_source(2, 6, 3, "b")
    study = make_study({"a": a.drop("c01"), "b": b.drop("c04")}, [0, 1, 0, 1, 0, 1])
    usable = available(study, "merged", ("b", "a"))
    assert usable.rows.tolist() == [0, 2, 3, 5]
    assert usable.lost == ("c01", "c04")
    assert list(usable.columns.columns) == [("b", "b0"), ("b", "b1"), ("b", "b2"), ("a", "a0"), ("a", "a1")]
    pd.testing.assert_series_equal(
        usable.columns["a", "a1"], a.loc[["c00", "c02", "c03", "c05"], "a1"], check_names=False
    )


def test_the_order_of_a_source_does_not_matter(make_study: MakeStudy, make_source: MakeSource) -> None:
    source = make_source(1, 6, 2)
    straight = available(make_study({"x": source}, [0, 1] * 3), "a", ("x",))
    turned = available(make_study({"x": source[::-1]}, [0, 1] * 3), "a", ("x",))
    pd.testing.assert_frame_equal(straight.columns, turned.columns)


def test_a_column_of_two_sources_counts_for_the_first(make_study: MakeStudy, make_source: MakeSource) -> None:
    a, b = make_source(1, 6, 2, "x"), make_source(2, 6, 3, "x")
    usable = available(make_study({"a": a, "b": b}, [0, 1] * 3), "both", ("a", "b"))
    assert list(usable.columns.columns) == [("a", "x0"), ("a", "x1"), ("b", "x2")]


def test_ids_that_do_not_fit_are_shown(make_study: MakeStudy, make_source: MakeSource) -> None:
    other = make_source(1, 4, 2).set_axis(["P1", "P2", "P3", "P4"])
    with pytest.raises(DataError, match="arm 'a': no case has all its features") as caught:
        available(make_study({"x": other}, [0, 1, 0, 1]), "a", ("x",))
    assert "c00, c01, c02" in caught.value.hint
    assert "P1, P2, P3" in caught.value.hint


def test_cases_of_one_class_are_refused(make_study: MakeStudy, make_source: MakeSource) -> None:
    study = make_study({"x": make_source(1, 6, 2).iloc[[0, 2, 4]]}, [0, 1] * 3)
    with pytest.raises(DataError, match="the 3 cases that have all its features are not of two classes"):
        available(study, "a", ("x",))


def test_labels_are_text_without_blanks(make_study: MakeStudy) -> None:
    study = make_study({}, [0, 1, 0], {"patient_id": [" 1", "1 ", "2"]})
    labels = study.labels("patient_id", "groups")
    assert labels is not None
    assert labels.tolist() == ["1", "1", "2"]
    assert study.labels(None, "groups") is None


def test_a_missing_label_names_the_case(make_study: MakeStudy) -> None:
    study = make_study({}, [0, 1, 0], {"patient_id": ["1", None, "2"]})
    with pytest.raises(DataError, match="groups: case c01: patient_id is empty"):
        study.labels("patient_id", "groups")


def test_an_unknown_column_is_answered_with_the_nearest(make_study: MakeStudy) -> None:
    study = make_study({}, [0, 1, 0], {"patient_id": ["1", "1", "2"]})
    with pytest.raises(DataError, match=r"groups: no column 'patientid'; did you mean 'patient_id'\?"):
        study.labels("patientid", "groups")


def test_stamps_of_all_sources_are_told_once(make_study: MakeStudy) -> None:
    stamps = {
        "f": "untrained (random, seed 1)",
        "g": "untrained (random, seed 1)",
        "h": "untrained (random, seed 2)",
    }
    study = make_study({}, [0, 1], stamps=stamps)
    assert study.stamp(("r219", "f", "g")) == "untrained (random, seed 1)"
    assert study.stamp(("f", "h")) == "untrained (random, seed 1); untrained (random, seed 2)"
    assert study.stamp(("r219",)) == ""
