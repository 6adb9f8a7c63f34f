"""The criteria against their definitions, by counting; information gain against Weka 3.9.7."""

import numpy as np
import pytest

from radcompare.errors import ConfigError
from radcompare.selection.binned import binned
from radcompare.selection.information import Cife, Cmim, Disr, Icap, Jmi, Mifs, Mim, Mrmr
from radcompare.selection.training_rows import training

WEKA_GAIN = {
    "iris": [0.698261536828883, 0.38559633311515107, 1.4180029670231982, 1.378402747890938],
    "nominal": [
        *(0.003101034603888886, 0.006271014500651595, 0.040787280190312414, 0.11128090181001316),
        *(0.2052359872432734, 0.15372293731503228, 0.34987500666801696, 0.46138454970232035),
    ],
}


def H(*columns):
    counts = np.unique(np.column_stack(columns), axis=0, return_counts=True)[1]
    return -sum(count / counts.sum() * np.log2(count / counts.sum()) for count in counts)


def I(x, y):  # noqa: E743
    return H(x) + H(y) - H(x, y)


def I_given(x, y, z):
    return H(x, z) + H(y, z) - H(x, y, z) - H(z)


def I_pair(x, z, y):
    return H(x, z) + H(y) - H(x, z, y)


DEFINITIONS = {
    Mifs: lambda x, taken, y: I(x, y) - 0.5 * sum(I(x, z) for z in taken),
    Mrmr: lambda x, taken, y: I(x, y) - sum(I(x, z) for z in taken) / len(taken),
    Cife: lambda x, taken, y: I(x, y) - sum(I(x, z) - I_given(x, z, y) for z in taken),
    Icap: lambda x, taken, y: I(x, y) - sum(max(0, I(x, z) - I_given(x, z, y)) for z in taken),
    Jmi: lambda x, taken, y: sum(I_pair(x, z, y) for z in taken),
    Disr: lambda x, taken, y: sum(I_pair(x, z, y) / H(x, z, y) for z in taken),
    Cmim: lambda x, taken, y: min(I_given(x, y, z) for z in taken),
}
SEARCHES = list(DEFINITIONS)


def greedy(columns, y, definition):
    taken = []
    while len(taken) < len(columns):
        left = [k for k in range(len(columns)) if k not in taken]
        chosen = [columns[k] for k in taken]
        values = [definition(columns[k], chosen, y) if taken else I(columns[k], y) for k in left]
        taken.append(left[int(np.argmax(np.round(values, 9)))])
    return taken


def dependent_table(seed, classes, n=60):
    """Informative, redundant, noisy and interacting columns of 2 to 4 levels."""
    random = np.random.default_rng(seed)
    y = random.integers(0, classes, n)
    X = random.integers(0, [3, 2, 3, 4, 2, 3, 3], (n, 7))
    for column in (0, 3, 4):
        X[:, column] = np.where(random.random(n) < 0.5, y % (column + 2), X[:, column])
    X[:, 2] = (X[:, 0] + y) % 3
    X[:, 5] = np.where(random.random(n) < 0.8, X[:, 0], X[:, 5])
    return X.astype(float), y


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("classes", [2, 3])
def test_the_definition_by_counting(search, classes):
    for seed in range(6):
        X, y = dependent_table(seed, classes)
        found = search(top=20).fit(X, y, np.full(7, 4)).found_
        assert found.tolist() == greedy(X.T, y, DEFINITIONS[search]), seed


@pytest.mark.parametrize("search", SEARCHES)
def test_on_cut_columns_with_gaps(search, make_table):
    random = np.random.default_rng(8)
    y = random.integers(0, 2, 90)
    X = random.normal(size=(90, 6)) + y[:, None] * [2, 1.5, 0, 1.2, 1.6, 0]
    X[:, 4] = X[:, 0] + 0.3 * random.normal(size=90)
    X[random.random(X.shape) < 0.05] = np.nan
    table = binned(training(X, y))
    assert len(table.column) >= 4
    expected = table.column[greedy(table.codes, y, DEFINITIONS[search])]
    assert search(top=6).fit(X, y).found_.tolist() == expected.tolist()


def test_beta_of_mifs():
    X, y = dependent_table(1, 3)
    for beta in (0.0, 0.2, 1.0):
        expected = greedy(X.T, y, lambda x, s, y, b=beta: I(x, y) - b * sum(I(x, z) for z in s))
        assert Mifs(top=7, beta=beta).fit(X, y, np.full(7, 4)).found_.tolist() == expected


@pytest.mark.parametrize("name", WEKA_GAIN)
def test_mim_is_wekas_information_gain(weka_table, name):
    table = weka_table(name)
    found = Mim().fit(table.X, table.y, table.levels).scores_
    np.testing.assert_allclose(found, WEKA_GAIN[name], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("search", "second"), [(Jmi, 2), (Disr, 2), (Cife, 2), (Cmim, 2), (Mrmr, 1), (Mifs, 1), (Icap, 1)]
)
def test_who_sees_an_exclusive_or(search, second):
    """Of a, noise and b with y = a xor b: only criteria with I(X;Z|Y) as a gain take b before the noise."""
    a, noise, b = (np.array(codes, float) for codes in ([0, 1] * 4, [0, 0, 1, 1] * 2, [0] * 4 + [1] * 4))
    X, y = np.column_stack([a, noise, b]), (a != b).astype(int)
    assert search(top=2).fit(X, y, [2, 2, 2]).found_.tolist() == [0, second]


@pytest.mark.parametrize("search", [Mrmr, Mifs, Cife, Icap, Jmi, Cmim, Disr])
def test_a_copy_comes_after_what_is_new(search):
    first, new = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1.0]), np.array([0, 1, 0, 1, 0, 1, 1, 1, 0, 1.0])
    y = (first + new > 1).astype(int)
    X = np.column_stack([first, 1 - first, first, new])
    assert search(top=2).fit(X, y, [2, 2, 2, 2]).found_.tolist() == [0, 3]


@pytest.mark.parametrize("search", SEARCHES)
def test_of_equal_criteria_the_lowest_index_though_rounding_differs(search):
    """Columns that differ in the names of their levels alone; their sums differ in the last bit."""
    for seed in range(40):
        random = np.random.default_rng(seed)
        y, codes = random.integers(0, 3, 61), random.integers(0, 5, 61)
        renamed = [random.permutation(5)[codes] for _ in range(4)]
        found = search(top=1).fit(np.column_stack(renamed), y, np.full(4, 5)).found_
        assert found.tolist() == [0], seed


def test_a_column_in_one_bin_is_never_taken_though_others_turn_negative():
    y = np.repeat([0, 1], 20)
    X = np.column_stack([np.tile([1.0, 2.0], 20), y, y, np.zeros(40)])
    found = Mifs(top=4, beta=2.0).fit(X, y)
    assert found.found_.tolist() == [1, 2]
    assert found.scores_.tolist() == [0, 1, 1 / 2, 0]


def test_intervals_of_equal_width_see_what_no_cut_shows():
    a, noise, b = (np.array(codes, float) for codes in ([-3, 2] * 4, [-1, -1, 1, 1] * 2, [-2] * 4 + [9] * 4))
    X, y = np.column_stack([a, noise, b]), ((a > 0) != (b > 0)).astype(int)
    assert Jmi(top=3).fit(X, y).found_.tolist() == []
    assert Jmi(top=2, bins=2).fit(X, y).found_.tolist() == [0, 2]


def test_settings_out_of_range():
    with pytest.raises(ConfigError, match="beta must be at least 0, found -1"):
        Mifs(beta=-1)
    with pytest.raises(ConfigError, match="at least 1 feature"):
        Mifs(top=0)
