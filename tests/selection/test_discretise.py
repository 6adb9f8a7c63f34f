"""Cuts against Weka's, against the criterion written out, and by hand."""

import math

import numpy as np
import pytest

from radcompare.selection.discretise import FayyadIrani, bins


@pytest.mark.parametrize("name", ["breast_cancer", "iris", "missing_mixed", "smallclass"])
def test_weka_cuts(weka_table, name):
    table = weka_table(name)
    numeric = np.flatnonzero(table.levels == 0)
    found = FayyadIrani(table.y).table_cuts(table.X[:, numeric])
    assert {table.names[i]: cuts.tolist() for i, cuts in zip(numeric, found, strict=True)} == {
        table.names[i]: table.cuts[table.names[i]] for i in numeric
    }


def entropy(classes):
    shares = np.unique(classes, return_counts=True)[1] / max(1, len(classes))
    return float(-(shares * np.log2(shares)).sum())


def cuts_by_definition(x, y):
    """Recursive, in float shares; where two cuts are as good within 1e-12, the first."""
    values = np.unique(x)
    if len(values) < 2:
        return []
    cuts = (values[1:] + values[:-1]) / 2
    split = [((x < c).sum() * entropy(y[x < c]) + (x > c).sum() * entropy(y[x > c])) / len(x) for c in cuts]
    best = next(i for i, value in enumerate(split) if value <= min(split) + 1e-12)
    left, right = x < cuts[best], x > cuts[best]
    kinds, kinds_left, kinds_right = (len(np.unique(part)) for part in (y, y[left], y[right]))
    delta = math.log2(3**kinds - 2) - (
        kinds * entropy(y) - kinds_right * entropy(y[right]) - kinds_left * entropy(y[left])
    )
    if not entropy(y) - split[best] > (math.log2(len(cuts)) + delta) / len(x):
        return []
    return [*cuts_by_definition(x[left], y[left]), float(cuts[best]), *cuts_by_definition(x[right], y[right])]


@pytest.mark.parametrize("seed", range(30))
def test_the_criterion_written_out(seed):
    random = np.random.default_rng(seed)
    y = random.integers(0, 2 + seed % 3, 150)
    x = np.round(random.normal(size=150) + 2 * np.abs(y - 1), 1 + seed % 2)
    x[random.random(150) < 0.1] = np.nan
    present = ~np.isnan(x)
    assert FayyadIrani(y).cuts(x).tolist() == cuts_by_definition(x[present], y[present])


def test_a_table_gives_the_cuts_of_its_columns(make_table):
    table = make_table(seed=0, n=200)
    discretise = FayyadIrani(table.y)
    in_one_go = discretise.table_cuts(table.X)
    one_by_one = [discretise.cuts(column) for column in table.X.T]
    assert [cuts.tolist() for cuts in in_one_go] == [cuts.tolist() for cuts in one_by_one]
    assert any(map(len, in_one_go))


def test_two_clean_halves_are_cut_in_the_middle():
    # Gain 1 bit; price (log2 1 + log2(3^2 - 2) - 2)/8 = 0.10 bits per row.
    assert FayyadIrani([0, 0, 0, 0, 1, 1, 1, 1]).cuts(np.repeat([1.0, 4.0], 4)).tolist() == [2.5]


def test_two_rows_are_too_few_to_pay_for_a_cut():
    # Gain 1 bit; price (log2 1 + log2 7 - 2)/2 = 0.40: accepted; with 6 values below it, log2 6 is added.
    assert FayyadIrani([0, 1]).cuts(np.array([1.0, 2.0])).tolist() == [1.5]
    assert FayyadIrani([0, 1, 0, 1, 0, 1, 0]).cuts(np.arange(7.0)).tolist() == []


@pytest.mark.parametrize("values", [[np.nan] * 4, [2.0] * 4, [np.nan, np.nan, np.nan, 1.0]])
def test_nothing_to_cut(values):
    values = np.array(values)
    assert FayyadIrani([0, 1, 0, 1]).cuts(values).tolist() == []
    assert FayyadIrani([0, 1, 0, 1]).table_cuts(values[:, None])[0].tolist() == []


def test_bins_count_the_cuts_strictly_below():
    values = np.array([0.0, 1.0, 1.5, 3.0, 9.0, np.nan])
    np.testing.assert_array_equal(bins(values, np.array([1.0, 3.0])), [0, 0, 1, 1, 2, np.nan])
