"""The best columns of scores, and of a search."""

from dataclasses import dataclass

import numpy as np
import pytest

from radcompare.errors import ConfigError, OutcomeError
from radcompare.selection.scored import Scorer, Search, by_order

X, Y = np.zeros((4, 5)), np.array([0, 1, 0, 1])


@dataclass(eq=False)
class Fixed(Scorer):
    def _scores(self, _rows):
        return np.array([0.1, 0.3, 0.0, 0.3, -1.0])


@dataclass(eq=False)
class Listed(Search):
    def _found(self, _rows):
        return [3, 0, 4]


@pytest.mark.parametrize(("top", "expected"), [(1, [1]), (2, [1, 3]), (3, [0, 1, 3]), (9, [0, 1, 2, 3, 4])])
def test_support_of_scores(top, expected):
    assert np.flatnonzero(Fixed().fit(X, Y).get_support(top)).tolist() == expected


def test_support_is_a_mask_over_all_columns():
    marked = Fixed().fit(X, Y).get_support(2)
    assert marked.dtype == bool
    assert marked.shape == (5,)


def test_a_search_scores_by_its_order_whatever_was_asked():
    three, two = Listed(top=3).fit(X, Y), Listed(top=2).fit(X, Y)
    np.testing.assert_array_equal(three.scores_, [1 / 2, 0, 0, 1, 1 / 3])
    np.testing.assert_array_equal(two.scores_, [1 / 2, 0, 0, 1, 0])
    assert (three.found_.tolist(), two.found_.tolist()) == ([3, 0, 4], [3, 0])


def test_a_search_that_ended_before_is_filled_up_by_index():
    assert np.flatnonzero(Listed(top=4).fit(X, Y).get_support(4)).tolist() == [0, 1, 3, 4]
    assert Listed(top=5).fit(X, Y).get_support(99).all()


def test_more_than_was_searched_for_is_refused():
    with pytest.raises(ConfigError, match="best 3 features of a search that was for 2") as refused:
        Listed(top=2).fit(X, Y).get_support(3)
    assert refused.value.hint == "fit with top=3"


@pytest.mark.parametrize("ask", [lambda: Listed(top=0), lambda: Fixed().fit(X, Y).get_support(0)])
def test_none_is_refused(ask):
    with pytest.raises(ConfigError, match="at least 1 feature, found 0"):
        ask()


def test_rows_are_checked():
    with pytest.raises(OutcomeError, match="at least 2"):
        Fixed().fit(X, np.zeros(4, int))


def test_order_of_nothing():
    assert by_order(np.empty(0, np.int64), 2).tolist() == [0, 0]
