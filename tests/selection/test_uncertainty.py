"""Symmetric uncertainty against Weka 3.9.7, against the definition, and by hand."""

import math

import numpy as np
import pytest

from radcompare.errors import OutcomeError, UnknownNameError
from radcompare.selection.uncertainty import SymmetricUncertainty, contingency, symmetric_uncertainty

NAN = np.nan


@pytest.mark.parametrize(("column", "missing"), [("su", "merge"), ("su_M", "value")])
@pytest.mark.parametrize("name", ["breast_cancer", "iris", "missing_mixed", "nominal", "smallclass"])
def test_weka_scores_and_cuts(weka_table, name, column, missing):
    table = weka_table(name)
    found = SymmetricUncertainty(missing).fit(table.X, table.y, table.levels)
    np.testing.assert_allclose(found.scores_, table.scores[column], rtol=0, atol=1e-12)
    assert [cuts.tolist() for cuts in found.cuts_] == [table.cuts[name] for name in table.names]


def entropy(counts):
    counts = [count for count in counts if count > 0]
    return -sum(count / sum(counts) * math.log2(count / sum(counts)) for count in counts)


def su_by_definition(codes, y, missing):
    values, classes = sorted(set(codes[~np.isnan(codes)])), sorted(set(y))
    n = [[sum((codes == value) & (y == c)) for c in classes] for value in values]
    M = [sum(np.isnan(codes) & (y == c)) for c in classes]
    if missing == "value":
        n.append(M)
    elif n:
        known = len(y) - sum(M)
        n = [[cell + sum(row) / known * m for cell, m in zip(row, M, strict=True)] for row in n]
    row, column = entropy([sum(r) for r in n]), entropy([sum(c) for c in zip(*n, strict=True)])
    joint = entropy([cell for r in n for cell in r])
    return 2 * (row + column - joint) / (row + column) if row > 1e-9 and column > 1e-9 else 0.0


@pytest.mark.parametrize("missing", ["merge", "value"])
@pytest.mark.parametrize("seed", range(5))
def test_the_definition_written_out(make_table, seed, missing):
    table = make_table(seed, n=120)
    found = SymmetricUncertainty(missing).fit(*table)
    for column, level in enumerate(table.levels):
        codes, cuts = table.X[:, column], found.cuts_[column]
        if not level:
            codes = np.array([NAN if math.isnan(x) else sum(cut < x for cut in cuts) for x in codes])
        expected = su_by_definition(codes, table.y, missing)
        assert found.scores_[column] == pytest.approx(expected, abs=1e-12), column


def test_merged_counts_by_hand():
    codes, classes = np.array([0, 0, 0, 1, NAN, NAN, NAN]), np.array([0, 0, 1, 1, 0, 0, 1])
    merged = contingency(codes, classes, missing="merge")
    np.testing.assert_allclose(merged, [[2 + 0.75 * 2, 1 + 0.75], [0 + 0.25 * 2, 1 + 0.25]])
    np.testing.assert_array_equal(contingency(codes, classes, missing="value"), [[2, 1], [0, 1], [2, 1]])


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ([[4, 0], [0, 4]], 1.0),
        ([[2, 2], [2, 2]], 0.0),
        ([[4, 4]], 0.0),
        ([[4, 0], [4, 0]], 0.0),
        ([[2, 0], [0, 1], [0, 1]], 2 * 1 / (1.5 + 1)),
    ],
)
def test_tables_by_hand(table, expected):
    assert symmetric_uncertainty(np.array(table, float)) == pytest.approx(expected, abs=1e-15)


def test_no_cut_scores_zero_unless_missing_is_a_value():
    y = np.repeat([0, 1], 10)
    X = np.where(y == 1, NAN, np.tile([1.0, 2.0], 10))[:, None]
    merged, as_value = (SymmetricUncertainty(missing).fit(X, y) for missing in ("merge", "value"))
    assert merged.scores_.tolist() == [0.0]
    assert as_value.scores_.tolist() == [pytest.approx(1.0)]
    assert merged.cuts_[0].tolist() == []


def test_a_feature_without_values_scores_zero():
    X, y = np.full((6, 2), NAN), [0, 0, 0, 1, 1, 1]
    for missing in ("merge", "value"):
        assert SymmetricUncertainty(missing).fit(X, y, [0, 3]).scores_.tolist() == [0.0, 0.0]


def test_monotone_transformations_change_nothing():
    random = np.random.default_rng(1)
    y = random.integers(0, 2, 80)
    X = random.normal(size=(80, 3)) + 2 * y[:, None]
    assert (SymmetricUncertainty().fit(X, y).scores_ > 0).all()
    np.testing.assert_array_equal(
        SymmetricUncertainty().fit(np.exp(X), y).scores_, SymmetricUncertainty().fit(X, y).scores_
    )


def test_it_is_blind_to_features_that_only_act_together():
    a, b = np.tile([0, 0, 1, 1], 50), np.tile([0, 1, 0, 1], 50)
    scores = SymmetricUncertainty().fit(np.column_stack([a, b, a ^ b]), a ^ b, [2, 2, 2]).scores_
    assert scores.tolist() == [0.0, 0.0, 1.0]


def test_unusable_input_is_refused():
    with pytest.raises(OutcomeError):
        SymmetricUncertainty().fit([[1.0], [2.0]], [0, 0])
    with pytest.raises(UnknownNameError, match="did you mean 'merge'"):
        SymmetricUncertainty("merged")
