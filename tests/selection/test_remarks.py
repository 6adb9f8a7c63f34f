"""What is said of features that tell nothing and of classes that are small."""

import numpy as np
import pytest

from radcompare.config import Selection
from radcompare.selection.remarks import few_neighbours, unvarying


def test_features_that_tell_nothing_are_named() -> None:
    nan = np.nan
    X = np.array([[1.0, nan, 3.0, nan, 0.0], [2.0, nan, 3.0, 4.0, 0.0], [1.0, nan, 3.0, 4.0, nan]])
    assert list(unvarying(X, "abcde")) == [
        "no value at all, and so nothing to tell, in 1 of 5 features: b",
        "one value alone, and so nothing to tell, in 3 of 5 features: c, d, e",
    ]
    assert not list(unvarying(X[:, :1], "a"))
    assert not list(unvarying(np.array([[np.inf], [nan], [1.0]]), "a"))


@pytest.mark.parametrize(("smallest", "told"), [(10, True), (11, False)])
def test_a_class_smaller_than_the_neighbours_asked_for(smallest: int, told: bool) -> None:
    """Ten hits of a row need ten other rows of its class."""
    assert bool(list(few_neighbours(Selection(method="relieff", top=3), smallest))) == told
    assert not list(few_neighbours(Selection(method="su", top=3), smallest))
