"""CFS against Weka 3.9.7 (CfsSubsetEval -L, GreedyStepwise) and against the merit written out."""

from itertools import combinations

import numpy as np
import pytest

from radcompare.selection.cfs import Cfs
from radcompare.selection.uncertainty import contingency, symmetric_uncertainty

WEKA = {
    "iris": {3: 0.8705214262008667, 2: 0.8873806740592103},
    "nominal": {6: 0.3499872088432312, 7: 0.4437534663023371},
    "smallclass": {0: 0.2840649485588074},
    "breast_cancer": {
        **{22: 0.5492821931838989, 27: 0.6228128634261255, 23: 0.6336928222376284},
        **{6: 0.6487605347237165, 7: 0.6499431638392428, 13: 0.6533643511278503},
        **{26: 0.6577639484281488, 20: 0.6631222952581405, 1: 0.6672861945950556},
    },
}


@pytest.mark.parametrize("name", WEKA)
def test_weka_columns_and_merits(weka_table, name):
    table = weka_table(name)
    found = Cfs(top=30).fit(table.X, table.y, table.levels)
    assert found.found_.tolist() == list(WEKA[name])
    # Weka holds its correlations in single precision.
    np.testing.assert_allclose(found.merits_, list(WEKA[name].values()), rtol=0, atol=1e-7)


def su(x, y):
    return symmetric_uncertainty(contingency(x.astype(float), y, missing="merge"))


def merit(columns, y):
    k = len(columns)
    with_classes = np.mean([su(column, y) for column in columns])
    pairs = [su(a, b) for a, b in combinations(columns, 2)]
    return k * with_classes / np.sqrt(k + k * (k - 1) * (np.mean(pairs) if pairs else 0))


def greedy(X, y):
    taken, best = [], 0.0
    while left := [k for k in range(X.shape[1]) if k not in taken]:
        merits = np.round([merit([X[:, j] for j in [*taken, k]], y) for k in left], 9)
        if merits.max() <= best:
            break
        best = merits.max()
        taken.append(left[int(merits.argmax())])
    return taken


@pytest.mark.parametrize("classes", [2, 3])
def test_the_merit_written_out(classes):
    for seed in range(5):
        random = np.random.default_rng(seed)
        y = random.integers(0, classes, 70)
        X = random.integers(0, 3, (70, 7))
        X[:, ::2] = np.where(random.random((70, 4)) < 0.6, y[:, None], X[:, ::2])
        X[:, 1] = X[:, 0]
        assert Cfs(top=7).fit(X, y, np.full(7, 3)).found_.tolist() == greedy(X, y), seed


def test_it_may_end_before_the_top_and_gives_a_prefix(weka_table):
    table = weka_table("breast_cancer")
    ten, three = (Cfs(top=top).fit(table.X, table.y, table.levels) for top in (10, 3))
    assert len(ten.found_) == 9
    assert three.found_.tolist() == ten.found_[:3].tolist()


def test_a_copy_adds_nothing_to_its_original():
    """Later it can: the merit weighs the information of a strong column that is in twice more."""
    y = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    x = np.array([0, 0, 0, 1, 1, 1, 1, 1.0])
    assert Cfs().fit(np.column_stack([x, 1 - x, x]), y, [2, 2, 2]).found_.tolist() == [0]


def test_nothing_informative():
    X, y = np.tile([[0.0], [1.0]], (10, 1)), np.repeat([0, 1], 10)
    assert Cfs().fit(X, y, [2]).found_.tolist() == []
