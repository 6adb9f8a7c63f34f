import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from radcompare.learning.preparation import learn_preparation
from radcompare.tables.features import matrix, read_features


def _numeric(X):
    return np.zeros(np.shape(X)[1], dtype=np.int64)


@pytest.fixture
def X():
    rng = np.random.default_rng(5)
    X = rng.lognormal(size=(41, 7)) * 10.0 ** np.arange(-3, 4)
    X[rng.random(X.shape) < 0.2] = np.nan
    return X


def test_numbers_against_scikit_learn(X):
    train, test = X[:30], X[30:]
    preparation = learn_preparation(train, _numeric(X))
    imputer = SimpleImputer(strategy="median").fit(train)
    scaler = StandardScaler().fit(imputer.transform(train))
    for rows in (train, test):
        expected = scaler.transform(imputer.transform(rows))
        np.testing.assert_allclose(preparation.apply(rows), expected, rtol=1e-13, atol=1e-13)


def test_what_was_learned_stays_whatever_is_tested(X):
    """Test rows change nothing but their own line."""
    preparation = learn_preparation(X[:30], _numeric(X))
    alone = preparation.apply(X[30:31])
    beside = preparation.apply(np.vstack([X[30:31], np.full((1, 7), 1e9), X[31:] * -7]))
    np.testing.assert_array_equal(beside[:1], alone)
    np.testing.assert_array_equal(preparation.apply(X[:30]).mean(axis=0).round(12), np.zeros(7))


def test_nothing_given_is_changed(X):
    before = X.copy()
    learn_preparation(X, _numeric(X)).apply(X)
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize(
    "column",
    [
        [5.0] * 4,
        [0.0] * 4,
        [np.nan] * 4,
        [np.nan, 7.0, np.nan, np.nan],
        [0.1 + 0.2, 0.3, 0.3, 0.3],  # one value, but for rounding
        [1e9, 1e9 + 1e-7, 1e9, 1e9],
    ],
)
def test_a_column_that_is_constant_in_training_is_0_everywhere(column):
    train = np.array([column, [1.0, 2.0, 3.0, 4.0]]).T
    preparation = learn_preparation(train, _numeric(train))
    assert preparation.apply(train)[:, 0].tolist() == [0.0] * 4
    tested = preparation.apply(np.array([[1e12, 2.5], [np.nan, np.nan]]))
    np.testing.assert_array_equal(tested, np.zeros((2, 2)))


def test_a_small_spread_is_no_constant():
    train = np.array([[1e6], [1e6 + 1e-3], [1e6 + 2e-3]])
    prepared = learn_preparation(train, _numeric(train)).apply(train)
    np.testing.assert_allclose(prepared[:, 0], [-np.sqrt(1.5), 0, np.sqrt(1.5)], atol=1e-6)


def test_missing_values_raise_no_warning(X, recwarn):
    X = np.column_stack([X, np.full(len(X), np.nan)])
    learn_preparation(X, _numeric(X)).apply(X)
    assert [str(warning.message) for warning in recwarn] == []


def test_levels_against_scikit_learn():
    rng = np.random.default_rng(2)
    train, test = rng.integers(0, 3, (30, 2)).astype(float), rng.integers(0, 4, (9, 2)).astype(float)
    preparation = learn_preparation(train, np.array([4, 4]))
    encoder = OneHotEncoder(categories=[range(4), range(4)], sparse_output=False).fit(train)
    scaler = StandardScaler().fit(encoder.transform(train))
    expected = scaler.transform(encoder.transform(test))
    expected[:, [3, 7]] = 0  # the level that no training row has: scikit-learn leaves it unscaled
    np.testing.assert_allclose(preparation.apply(test), expected, rtol=1e-13, atol=1e-13)


def test_missing_levels_become_the_most_frequent():
    train = np.array([[2.0], [1.0], [2.0], [np.nan], [0.0]])
    preparation = learn_preparation(train, np.array([3]))
    assert preparation.fill.tolist() == [2.0]
    np.testing.assert_array_equal(
        preparation.apply(np.array([[np.nan]])), preparation.apply(np.array([[2.0]]))
    )
    tied = learn_preparation(np.array([[1.0], [0.0], [0.0], [1.0]]), np.array([2]))
    assert tied.fill.tolist() == [0.0]


def test_numbers_and_levels_keep_their_order():
    train = np.array([[10.0, 0.0, 5.0], [20.0, 1.0, 6.0], [30.0, 1.0, 7.0]])
    prepared = learn_preparation(train, np.array([0, 2, 0])).apply(train)
    assert prepared.shape == (3, 4)
    up = [-np.sqrt(1.5), 0, np.sqrt(1.5)]
    np.testing.assert_allclose(prepared[:, [0, 3]], np.column_stack([up, up]), atol=1e-15)
    np.testing.assert_allclose(prepared[:, 1], -prepared[:, 2], atol=1e-15)


def test_a_real_table_of_numbers_and_levels(shared_data):
    read = read_features(str(shared_data / "tables" / "ramella2018.arff"), outcome="adaptive")
    X, levels = matrix(read.features)
    preparation = learn_preparation(X[:60], levels)
    prepared = preparation.apply(X)
    assert prepared.shape == (91, 243 + 2 + 4 + 4 + 4 + 7 + 2 + 2 + 2)
    assert np.isfinite(prepared).all()
    deviations = prepared[:60].std(axis=0)
    np.testing.assert_allclose(deviations[deviations > 0], 1, rtol=1e-9)
