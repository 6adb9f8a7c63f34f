"""The correlation filter against a walk with NumPy's correlations and scikit-learn's F."""

import numpy as np
import pytest
from sklearn.feature_selection import f_classif

from radcompare.errors import ConfigError
from radcompare.selection.correlation import CorrelationFilter


def walk(X, y, threshold):
    taken = []
    correlated = np.abs(np.corrcoef(X.T)) > threshold
    for column in np.argsort(-f_classif(X, y)[0], kind="stable").tolist():
        if not correlated[column, taken].any():
            taken.append(column)
    return taken


@pytest.mark.parametrize("threshold", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_walk(threshold, classes):
    random = np.random.default_rng(classes)
    y = random.integers(0, classes, 60)
    causes = random.normal(size=(60, 5)) + y[:, None] * random.random(5)
    X = np.repeat(causes, 6, axis=1) + random.normal(size=(60, 30)) * np.tile([0.01, 0.1, 0.3, 0.5, 1, 2], 5)
    expected = walk(X, y, threshold)
    assert 1 < len(expected) < 30
    assert CorrelationFilter(top=30, threshold=threshold).fit(X, y).found_.tolist() == expected


def test_of_two_copies_the_lower_index_in_whatever_units():
    random = np.random.default_rng(3)
    y = np.arange(50) % 2
    X = random.normal(size=(50, 3)) + y[:, None] * [0.2, 0.1, 0.9]
    copies = np.column_stack([-7e-6 * X[:, 2] + 4, X, 3e4 * X[:, 0]])
    found = CorrelationFilter(top=5).fit(copies, y).found_.tolist()
    assert found[0] == 0
    assert set(found) == {0, 1, 2}


def test_the_better_one_is_kept_though_it_comes_later():
    random = np.random.default_rng(4)
    y = np.arange(80) % 2
    good = random.normal(size=80) + y
    X = np.column_stack([good + 0.2 * random.normal(size=80), good])
    assert np.corrcoef(X.T)[0, 1] > 0.9
    assert CorrelationFilter().fit(X, y).scores_.tolist() == [0, 1]
    assert CorrelationFilter(threshold=0.999).fit(X, y).scores_.tolist() == [0.5, 1]


def test_nominal_columns_by_their_most_correlated_levels():
    y = np.arange(60) % 2
    codes = np.where(np.arange(60) < 20, 2.0, y)
    X = np.column_stack([codes, codes == 2, 2 - codes])
    assert CorrelationFilter().fit(X, y, [3, 0, 3]).found_.tolist() == [0]


@pytest.mark.parametrize("threshold", [0, 1, 1.5, np.nan])
def test_threshold_out_of_range(threshold):
    with pytest.raises(ConfigError, match="threshold must be between 0 and 1"):
        CorrelationFilter(threshold=threshold)
