"""Weka's naive Bayes: against its definition in loops, and against what Weka 3.9.7 itself printed."""

import csv
import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from radcompare.learning.weka_naive_bayes import WekaBayes

NAN = math.nan


def _rounded(value, precision):
    return round(value / precision) * precision  # to even at one half, as Java's rint


def _precision(values):
    distinct = sorted(set(values))
    return (distinct[-1] - distinct[0]) / (len(distinct) - 1) if len(distinct) > 1 else 0.01


def _normal_factor(value, values, precision):
    mean, deviation = 0.0, precision / 6
    if values:
        rounded = [_rounded(other, precision) for other in values]
        mean = sum(rounded) / len(rounded)
        variance = sum((other - mean) ** 2 for other in rounded) / len(rounded)
        deviation = max(deviation, math.sqrt(variance))
    normal = NormalDist(mean, deviation)
    middle = _rounded(value, precision)
    return max(1e-75, normal.cdf(middle + precision / 2) - normal.cdf(middle - precision / 2))


def _probability(X, y, levels, row):
    """Of class 1, by the definition."""
    product = []
    for label in (0, 1):
        factor = (list(y).count(label) + 1) / (len(y) + 2)
        for j, value in enumerate(row):
            if math.isnan(value):
                continue
            present = [x for x in X[:, j] if not math.isnan(x)]
            of_class = [x for x, of in zip(X[:, j], y, strict=True) if of == label and not math.isnan(x)]
            if levels[j]:
                factor *= (of_class.count(value) + 1) / (len(of_class) + levels[j])
            else:
                factor *= _normal_factor(value, of_class, _precision(present))
        product.append(factor)
    return product[1] / sum(product)


def _as_probability(odds):
    return 1 / (1 + np.exp(-odds))


@pytest.mark.parametrize("seed", range(5))
def test_the_definition_in_loops(seed):
    rng = np.random.default_rng(seed)
    X = np.column_stack(
        [
            rng.normal(size=40),
            rng.normal(3, 0.5, 40),
            rng.integers(0, 4, 40),
            np.full(40, 2.5),
            rng.integers(0, 3, 40),
        ]
    ).astype(np.float64)
    X[rng.random(X.shape) < 0.1] = NAN
    y = (rng.random(40) < 0.4).astype(np.int64)
    levels = np.array([0, 0, 0, 0, 3])
    odds = WekaBayes().fit(X[:30], y[:30], levels).log_odds(X)
    expected = [_probability(X[:30], y[:30], levels, row) for row in X]
    np.testing.assert_allclose(_as_probability(odds), expected, rtol=1e-9)


PRINTED = {
    "iris": (
        *("0.026231923144386", "0.000029195695524", "0.00084595427096", "0.000000190965613"),
        *("0.00007556928162", "0.003023201537512", "0.009125644450057", "0.009117917902365"),
        *("0.000016119565691", "0.000006098260476", "0.000228839104001", "0.001302572116015"),
        *("0.00659130172443", "0.838999779149668", "0.00000113745832", "0.000001698699132"),
    ),
    "breast_cancer": (
        *("0.000059959113517", "0.585811504447695", "0.910374251459415", "0.328283539075553"),
        *("0.497306473733058", "0.332560865729798", "0.219932266909227", "0.031948924553477"),
        *("0.023630406941708", "0.95947450632366", "0.995804366235537", "0.000001041860222"),
        *("0.000746582645556", "0.00227712312467", "0.062556654907688", "0.747865256569386"),
    ),
    "missing_mixed": (
        *("0.026604465184926", "0.776962394109225", "0.157497654028427", "0.943742241987712"),
        *("0.001073859270826", "0.063320637144544", "0.89935597236567", "0.924416118082131"),
        *("0.838730594711393", "0.010572502681362", "0.008966092519081", "0.983877804632703"),
        *("0.004593392484708", "0.264115965713027", "0.156868954769968", "0.019767765520302"),
    ),
}
"""Probability of the second class for the first test cases, printed by Weka 3.9.7:

    java weka.classifiers.bayes.NaiveBayes -t train.arff -T test.arff \\
        -classifications "weka.classifiers.evaluation.output.prediction.CSV -distribution -decimals 15"

The cases of two classes in their order, of which the first, third, fifth ... train and the others test.
`missing_mixed` has missing values, a constant column, values around 1e-7, and nominal columns.
"""
CHOSEN = {
    "iris": (("f0", "f1", "f2", "f3"), ("c1", "c2")),
    "breast_cancer": (("f0", "f1", "f4", "f8"), ("c0", "c1")),
    "missing_mixed": (("n0", "n1", "n2", "n3", "n4", "n5", "const", "tiny", "m0", "m1", "m2"), ("c0", "c1")),
}
LEVELS = {"m0": 2, "m1": 3, "m2": 5}


def _cell(text):
    return NAN if not text else float(text.removeprefix("v"))  # the levels v0, v1, ... are their codes


@pytest.mark.parametrize("name", PRINTED)
def test_what_weka_printed(shared_reference: Path, name: str) -> None:
    columns, classes = CHOSEN[name]
    with (shared_reference / "weka" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["class"] in classes]
    X = np.array([[_cell(row[column]) for column in columns] for row in rows])
    y = np.array([classes.index(row["class"]) for row in rows])
    levels = np.array([LEVELS.get(column, 0) for column in columns])
    odds = WekaBayes().fit(X[::2], y[::2], levels).log_odds(X[1::2])
    printed = [float(text) for text in PRINTED[name]]
    # Tails above the mean are differences of numbers near 1, which the order of summation moves.
    tolerance = 1e-12 if name == "breast_cancer" else 1e-14
    np.testing.assert_allclose(_as_probability(odds)[:16], printed, rtol=0, atol=tolerance)


@pytest.fixture
def learned():
    rng = np.random.default_rng(5)
    X = rng.normal(10, 2, size=(50, 4))
    y = np.arange(50) % 2
    X[:, 0] += 2 * y
    return X, y


def test_another_unit_changes_nothing(learned):
    X, y = learned
    odds = [WekaBayes().fit(X * unit, y).log_odds(X * unit) for unit in (1.0, 1024.0, 1 / 1024)]
    np.testing.assert_array_equal(odds[1], odds[0])
    np.testing.assert_array_equal(odds[2], odds[0])


def test_another_origin_does(learned):
    """Rounding starts at 0: with centred columns Weka's numbers would not come out."""
    X, y = learned
    plain, centred = (WekaBayes().fit(Z, y).log_odds(Z) for Z in (X, X - X.mean(axis=0)))
    assert np.abs(plain - centred).max() > 1e-3


def test_a_missing_value_says_nothing(learned):
    X, y = learned
    model = WekaBayes().fit(X, y)
    lacking = X.copy()
    lacking[:, 1:] = NAN
    first = WekaBayes().fit(X[:, :1], y)
    np.testing.assert_array_equal(model.log_odds(lacking), first.log_odds(X[:, :1]))
    assert WekaBayes().fit(X, y).log_odds(np.full((1, 4), NAN)).tolist() == [0.0]


def test_a_factor_has_a_floor():
    X, y = np.array([[0.0], [1.0], [100.0], [101.0]]), np.array([0, 0, 1, 1])
    far = WekaBayes().fit(np.repeat(X, 5, axis=1), y).log_odds(np.array([[1e9] * 5, [-1e9] * 5]))
    assert far.tolist() == [0.0, 0.0], "both classes are at the floor"


def test_many_columns_do_not_underflow():
    rng = np.random.default_rng(2)
    y = np.arange(40) % 2
    X = rng.normal(size=(40, 3000)) + y[:, None]
    odds = WekaBayes().fit(X, y).log_odds(X)
    assert np.isfinite(odds).all()
    assert len(set(odds)) == 40
    np.testing.assert_array_equal(odds > 0, y == 1)


def test_a_level_not_seen_in_training_counts_once():
    X, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([0, 0, 1, 0])
    odds = WekaBayes(equal_priors=True).fit(X, y, np.array([3])).log_odds(np.array([[2.0]]))
    np.testing.assert_allclose(odds, [math.log((1 / 4) / (1 / 6))], rtol=1e-14)


def test_the_prior_counts_from_1():
    X, y = np.array([[NAN]] * 5), np.array([0, 0, 0, 1, 0])
    np.testing.assert_allclose(WekaBayes().fit(X, y).log_odds(X[:1]), [math.log(2 / 5)], rtol=1e-14)
    assert WekaBayes(equal_priors=True).fit(X, y).log_odds(X[:1]).tolist() == [0.0]
