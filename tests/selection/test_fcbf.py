"""FCBF against the paper's definition of a predominant column."""

import numpy as np
import pytest

from radcompare.errors import ConfigError
from radcompare.selection.fcbf import Fcbf
from radcompare.selection.uncertainty import contingency, symmetric_uncertainty


def su(x, y):
    return symmetric_uncertainty(contingency(x, y.astype(int), missing="merge"))


def predominant(X, y, delta=0.0):
    """Yu & Liu, figure 2, on lists."""
    with_classes = np.round([su(column, y) for column in X.T], 9)
    listed = [k for k in np.argsort(-with_classes, kind="stable").tolist() if with_classes[k] > delta]
    taken = []
    while listed:
        taken.append(listed.pop(0))
        listed = [k for k in listed if round(su(X[:, taken[-1]], X[:, k]), 9) < with_classes[k]]
    return taken


def redundant_table(seed, classes):
    random = np.random.default_rng(seed)
    y = random.integers(0, classes, 80)
    X = random.integers(0, 3, (80, 8)).astype(float)
    X[:, ::2] = np.where(random.random((80, 4)) < 0.6, y[:, None], X[:, ::2])
    X[:, 1] = np.where(random.random(80) < 0.9, X[:, 0], X[:, 1])
    X[:, 7] = 2 - X[:, 4]
    return X, y


@pytest.mark.parametrize("delta", [0.0, 0.05])
@pytest.mark.parametrize("classes", [2, 3])
def test_predominant_columns(classes, delta):
    for seed in range(8):
        X, y = redundant_table(seed, classes)
        found = Fcbf(top=8, delta=delta).fit(X, y, np.full(8, 3)).found_.tolist()
        assert found == predominant(X, y, delta), seed
        assert not {4, 7} <= set(found)


def test_fewer_are_the_first_of_more():
    X, y = redundant_table(3, 3)
    more, fewer = (Fcbf(top=top).fit(X, y, np.full(8, 3)).found_.tolist() for top in (8, 2))
    assert len(more) > 2
    assert fewer == more[:2]


def test_of_copies_of_the_classes_the_first():
    y = np.array([0, 1, 2, 0, 1, 2, 2])
    X = np.column_stack([np.zeros(7), 2 - y, y, (y + 1) % 3])
    assert Fcbf().fit(X, y, [3, 3, 3, 3]).found_.tolist() == [1]


def test_nothing_informative():
    X, y = np.tile([[0.0], [1.0]], (10, 1)), np.repeat([0, 1], 10)
    assert Fcbf().fit(X, y, [2]).found_.tolist() == []


@pytest.mark.parametrize("delta", [-0.1, 1.0, np.nan])
def test_delta_out_of_range(delta):
    with pytest.raises(ConfigError, match="delta must be from 0 to below 1"):
        Fcbf(delta=delta)
