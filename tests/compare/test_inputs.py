import math

import numpy as np
import pytest

from radcompare.compare.inputs import (
    binary,
    both_classes,
    categories,
    numbers,
    same_length,
    scores_of_cases,
    tail,
)
from radcompare.errors import TestRefused


def test_the_tail():
    assert tail(0.95) == pytest.approx(0.025, rel=1e-14)


def test_numbers_keep_infinities():
    assert numbers([1, math.inf, True], "score").tolist() == [1.0, math.inf, 1.0]
    assert numbers(np.array([1, 2], dtype=object), "score").dtype == np.float64


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[1, 2]], r"score: expected one value per case, found shape \(1, 2\)"),
        (3.0, r"found shape \(\)"),
        ([], "score: no cases"),
        (["a", 1], "score: not every value is a number"),
        ([1, None], "score: 1 missing, the first at position 1"),
        ([math.nan, 1, math.nan], "score: 2 missing, the first at position 0"),
    ],
)
def test_what_is_no_number_is_refused(values, message):
    with pytest.raises(TestRefused, match=message) as refused:
        numbers(values, "score")
    assert refused.value.hint


@pytest.mark.parametrize("y", [[True, False], [1, 0], [1.0, 0.0], np.array([1, 0], dtype=object)])
def test_binary_labels(y):
    labels = binary(y)
    assert labels.dtype == np.bool_
    assert labels.tolist() == [True, False]


@pytest.mark.parametrize(("y", "found"), [([1, 2], "2"), ([-1, 1], "-1"), ([0.5, 1], "0.5")])
def test_other_labels_are_refused(y, found):
    with pytest.raises(TestRefused, match=f"expected 0 and 1, found {found}"):
        binary(y)


def test_categories_keep_text_and_numbers():
    assert categories(np.array(["a", "b"], dtype=object), "cluster").dtype.kind == "U"
    assert categories([3, 1], "cluster").dtype.kind == "i"


def test_scores_are_stacked():
    assert scores_of_cases([[1, 2], (3, 4)], 2).shape == (2, 2)
    with pytest.raises(TestRefused, match="score 2: 1 missing"):
        scores_of_cases([[1, 2], [3, math.nan]], 2)


def test_lengths_must_be_equal():
    with pytest.raises(TestRefused, match="3 outcomes and 2 values") as refused:
        same_length(3, [np.zeros(3), np.zeros(2)])
    assert "same cases in the same order" in refused.value.hint


def test_classes_are_counted():
    y = np.array([True, False, False])
    assert both_classes(y, 1, "") == (1, 2)
    with pytest.raises(TestRefused, match="1 positive and 2 negative cases: at least 2") as refused:
        both_classes(y, 2, "use another")
    assert refused.value.hint == "use another"
