"""Order of scores, and the best k."""

import pytest

from radcompare.errors import ConfigError
from radcompare.selection.ranking import ranking, top


def test_descending_and_the_lowest_index_first_among_equals():
    assert ranking([0.0, 0.5, -1.0, 0.5, -0.0]).tolist() == [1, 3, 0, 4, 2]


@pytest.mark.parametrize(("k", "expected"), [(1, [2]), (2, [2, 0]), (9, [2, 0, 1])])
def test_top(k, expected):
    assert top([0.2, 0.1, 0.3], k).tolist() == expected


def test_the_top_of_nothing_is_refused():
    with pytest.raises(ConfigError, match="at least 1"):
        top([0.1], 0)
