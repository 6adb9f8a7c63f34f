"""The best cut against a decision tree of one split, and by hand."""

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from radcompare.selection import gini
from radcompare.selection.gini import GiniIndex


def tree_decrease(column, y):
    tree = DecisionTreeClassifier(max_depth=1).fit(column[:, None], y).tree_
    if tree.node_count == 1:
        return 0.0
    return tree.impurity[0] - tree.n_node_samples[1:] @ tree.impurity[1:] / len(y)


@pytest.mark.parametrize("classes", [2, 3, 4])
def test_the_first_split_of_a_tree(classes):
    random = np.random.default_rng(classes)
    y = random.integers(0, classes, 60)
    X = random.normal(size=(60, 20)) + y[:, None] * random.random(20)
    X[:, :10] = np.round(X[:, :10])
    expected = [tree_decrease(column, y) for column in X.T]
    np.testing.assert_allclose(GiniIndex().fit(X, y).scores_, expected, rtol=0, atol=1e-12)


def test_by_hand():
    X = np.array([[1, 5, 1], [2, 5, 2], [3, 5, 1], [4, 5, 2]])
    y = np.array([0, 0, 1, 1])
    assert GiniIndex().fit(X, y).scores_ == pytest.approx([0.5, 0, 0], abs=1e-15)
    assert GiniIndex().fit(X[:, :1], [0, 1, 1, 1]).scores_ == pytest.approx([3 / 8], abs=1e-15)


def test_a_nominal_column_is_cut_into_one_level_and_the_others():
    codes, y = np.array([0, 0, 1, 1, 2, 2, 2, 0.0]), np.array([0, 0, 1, 1, 0, 0, 0, 0])
    assert GiniIndex().fit(codes[:, None], y, [3]).scores_ == pytest.approx([1 - (36 + 4) / 64], abs=1e-15)


def test_blocks_change_nothing(monkeypatch):
    random = np.random.default_rng(0)
    X, y = random.normal(size=(30, 11)), np.arange(30) % 3
    whole = GiniIndex().fit(X, y).scores_
    monkeypatch.setattr(gini, "ENTRIES_AT_ONCE", 70)
    np.testing.assert_array_equal(GiniIndex().fit(X, y).scores_, whole)


def test_only_the_order_of_values_matters():
    random = np.random.default_rng(1)
    X, y = random.normal(size=(50, 4)), np.arange(50) % 2
    np.testing.assert_array_equal(GiniIndex().fit(np.exp(9 * X), y).scores_, GiniIndex().fit(X, y).scores_)
