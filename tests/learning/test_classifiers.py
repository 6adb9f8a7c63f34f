import math
from itertools import pairwise

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from radcompare import registry
from radcompare.classifier_settings import BLOCKS
from radcompare.errors import DataError

EVERY = registry.names("classifier")
OF_SCIKIT_LEARN = [name for name in EVERY if name != "naive-bayes-weka"]
PROBABILITIES = ("knn", "cart", "random-forest")


def made(name, seed=1, **settings):
    """A classifier with these settings, the others at their defaults."""
    return registry.load("classifier", name)(BLOCKS[name](**settings), seed)


@pytest.fixture(scope="module")
def data():
    """Scaled training rows, their classes, and further rows."""
    rng = np.random.default_rng(11)
    X = rng.normal(size=(80, 6))
    y = (X[:, 0] - X[:, 1] + rng.normal(size=80) > 0).astype(np.int64)
    return X, y, rng.normal(size=(300, 6))


@pytest.mark.parametrize("name", OF_SCIKIT_LEARN)
def test_the_cut_agrees_with_scikit_learn(data, name):
    X, y, further = data
    classifier = made(name).fit(X, y)
    predicted = (classifier.score(further) > classifier.cut).astype(np.int64)
    np.testing.assert_array_equal(predicted, classifier.estimator.predict(further))
    assert 0 < predicted.sum() < len(further)


@pytest.mark.parametrize("name", EVERY)
def test_larger_means_positive(data, name):
    X, y, further = data
    classifier = made(name).fit(X, y)
    scores = classifier.score(further)
    assert scores.shape == (300,)
    assert scores.dtype == np.float64
    assert roc_auc_score(further[:, 0] - further[:, 1] > 0, scores) > 0.8


@pytest.mark.parametrize("name", EVERY)
def test_a_seed_gives_the_same_bytes(data, name):
    X, y, further = data
    first, again = (made(name, seed=7).fit(X, y).score(further) for _ in range(2))
    assert first.tobytes() == again.tobytes()


@pytest.mark.slow
def test_the_seed_reaches_the_forest(data):
    X, y, further = data
    first, other = (made("random-forest", seed=seed).fit(X, y).score(further) for seed in (1, 2))
    assert first.tobytes() != other.tobytes()
    assert len(made("random-forest").fit(X, y).estimator.estimators_) == 200


@pytest.mark.parametrize("name", EVERY)
def test_the_cut_is_0_or_one_half(name):
    assert made(name).cut == (0.5 if name in PROBABILITIES else 0.0)


@pytest.mark.parametrize("name", EVERY)
def test_a_score_at_the_cut_is_negative(name):
    """Columns without variation and equal classes leave every case undecided."""
    y = np.array([0, 1] * 10)
    classifier = made(name).fit(np.zeros((20, 2)), y)
    scores = classifier.score(np.zeros((3, 2)))
    assert np.isfinite(scores).all()
    if name not in ("knn", "random-forest"):  # these draw or order cases, and so lean to one side
        assert scores.tolist() == [classifier.cut] * 3
        assert not (scores > classifier.cut).any()


def _joint_log_odds(X, y, row):
    """The definition, with the 1e-9 of the largest variance that scikit-learn adds."""
    smoothing = 1e-9 * max(np.var(X[:, j]) for j in range(X.shape[1]))
    joint = []
    for value in (0, 1):
        rows = X[y == value]
        total = math.log(len(rows) / len(X))
        for j in range(X.shape[1]):
            mean = sum(rows[:, j]) / len(rows)
            variance = sum((x - mean) ** 2 for x in rows[:, j]) / len(rows) + smoothing
            total -= 0.5 * math.log(2 * math.pi * variance) + (row[j] - mean) ** 2 / (2 * variance)
        joint.append(total)
    return joint[1] - joint[0]


def test_naive_bayes_by_hand(data):
    X, y, further = data
    scores = made("naive-bayes").fit(X, y).score(further)
    np.testing.assert_allclose(
        scores, [_joint_log_odds(X, y, row) for row in further], rtol=1e-11, atol=1e-11
    )


def test_naive_bayes_tells_cases_apart_where_probabilities_saturate():
    rng = np.random.default_rng(0)
    y = np.array([0, 1] * 20)
    X = rng.normal(size=(40, 60)) + 3 * y[:, None]
    classifier = made("naive-bayes").fit(X, y)
    rows = np.linspace(3, 6, 50)[:, None] + np.zeros((50, 60))
    probabilities = classifier.estimator.predict_proba(rows)[:, 1]
    assert len(set(probabilities)) == 1
    assert all(low != high for low, high in pairwise(classifier.score(rows)))
    assert len(set(classifier.score(rows))) == 50


def test_naive_bayes_without_variation_knows_the_classes_sizes_alone():
    classifier = made("naive-bayes").fit(np.zeros((6, 2)), np.array([0, 1, 1, 1, 1, 1]))
    np.testing.assert_allclose(classifier.score(np.zeros((2, 2))), [math.log(5)] * 2, rtol=1e-15)


def test_neighbours_by_hand(data):
    X, y, further = data
    distances = np.sqrt(((further[:, None, :] - X[None, :, :]) ** 2).sum(axis=2))
    nearest = np.argsort(distances, axis=1)[:, :5]
    np.testing.assert_allclose(made("knn").fit(X, y).score(further), y[nearest].mean(axis=1), rtol=1e-15)


def test_neighbours_need_five_cases(data):
    X, y, _ = data
    X, y = X[[0, 1, 2, 3]], np.array([0, 1, 0, 1])
    with pytest.raises(DataError, match="knn: 4 training cases, at least 5 needed") as refused:
        made("knn").fit(X, y)
    assert "another classifier" in refused.value.hint


def test_a_leaf_of_the_tree_holds_five_cases(data):
    X, y, _ = data
    tree = made("cart").fit(X, y).estimator.tree_
    leaves = tree.children_left == -1
    assert tree.n_node_samples[leaves].min() >= 5
    assert leaves.sum() > 1


def _objective(model, X, y, penalty):
    """Penalty plus C times the logistic loss; liblinear counts the intercept among the weights."""
    weights, intercept = model.coef_[0], model.intercept_[0]
    loss = np.logaddexp(0, -(2 * y - 1) * (X @ weights + intercept)).sum()
    return penalty(weights, intercept) + loss


def _absolute(weights, intercept):
    return np.abs(weights).sum() + abs(intercept)


def _squared(weights, _):
    return (weights**2).sum() / 2


@pytest.mark.parametrize(("name", "penalty"), [("logistic-l1", _absolute), ("logistic-l2", _squared)])
def test_logistic_regression_minimises_its_own_penalty(data, name, penalty):
    X, y, _ = data
    model = made(name).fit(X, y).estimator
    best = _objective(model, X, y, penalty)
    rng = np.random.default_rng(4)
    found = model.coef_.copy()
    for size in (0.3, 0.1, 0.03):
        for _ in range(20):
            model.coef_ = found + size * rng.normal(size=found.shape)
            assert _objective(model, X, y, penalty) > best


def test_the_l1_penalty_drops_columns():
    rng = np.random.default_rng(6)
    X = rng.normal(size=(40, 30))
    y = (X[:, 0] > 0).astype(np.int64)
    assert (made("logistic-l1").fit(X, y).estimator.coef_ == 0).sum() > 10
    assert (made("logistic-l2").fit(X, y).estimator.coef_ == 0).sum() == 0


def test_support_vector_machines_score_by_the_margin(data):
    X, y, further = data
    linear = made("svm-linear").fit(X, y)
    plane = further @ linear.estimator.coef_[0] + linear.estimator.intercept_[0]
    np.testing.assert_allclose(linear.score(further), plane, rtol=1e-10, atol=1e-10)
    radial = made("svm-rbf").fit(X, y)
    gamma = 1 / (X.shape[1] * X.var())
    vectors = radial.estimator.support_vectors_
    kernel = np.exp(-gamma * ((further[:, None, :] - vectors[None, :, :]) ** 2).sum(axis=2))
    expected = kernel @ radial.estimator.dual_coef_[0] + radial.estimator.intercept_[0]
    np.testing.assert_allclose(radial.score(further), expected, rtol=1e-10, atol=1e-10)


def test_boosting_scores_by_log_odds(data):
    X, y, further = data
    boosting = made("gradient-boosting").fit(X, y)
    probabilities = boosting.estimator.predict_proba(further)[:, 1]
    np.testing.assert_allclose(1 / (1 + np.exp(-boosting.score(further))), probabilities, rtol=1e-12)
    assert boosting.estimator.n_estimators_ == 100


TODAY = {
    "knn": {"n_neighbors": 5, "weights": "uniform"},
    "cart": {"min_samples_leaf": 5, "max_depth": None, "class_weight": None},
    "random-forest": {
        "n_estimators": 200,
        "min_samples_leaf": 1,
        "max_depth": None,
        "max_features": "sqrt",
        "class_weight": None,
    },
    "svm-linear": {"C": 1.0, "class_weight": None},
    "svm-rbf": {"C": 1.0, "gamma": "scale", "class_weight": None},
    "logistic-l1": {"C": 1.0, "l1_ratio": 1.0, "class_weight": None},
    "logistic-l2": {"C": 1.0, "class_weight": None},
    "gradient-boosting": {"n_estimators": 100, "max_depth": 3, "learning_rate": 0.1, "min_samples_leaf": 1},
    "naive-bayes": {"priors": None},
}
CHANGED = [
    ("knn", {"neighbours": 3, "votes": "distance"}, {"n_neighbors": 3, "weights": "distance"}),
    ("cart", {"depth": 2, "min_leaf": 7}, {"max_depth": 2, "min_samples_leaf": 7}),
    (
        "random-forest",
        {"trees": 9, "depth": 4, "min_leaf": 2},
        {"n_estimators": 9, "max_depth": 4, "min_samples_leaf": 2},
    ),
    ("svm-linear", {"C": 0.1}, {"C": 0.1}),
    ("svm-rbf", {"C": 10, "gamma": 0.5}, {"C": 10.0, "gamma": 0.5}),
    ("logistic-l1", {"C": 0.3}, {"C": 0.3}),
    ("logistic-l2", {"C": 0.3}, {"C": 0.3}),
    (
        "gradient-boosting",
        {"trees": 7, "depth": 1, "learning_rate": 0.5, "min_leaf": 4},
        {"n_estimators": 7, "max_depth": 1, "learning_rate": 0.5, "min_samples_leaf": 4},
    ),
    ("naive-bayes", {"priors": "equal"}, {"priors": [0.5, 0.5]}),
]
WEIGHTED = [name for name in EVERY if "weights" in BLOCKS[name].model_fields]


@pytest.mark.parametrize(
    ("name", "settings", "expected"), [*((name, {}, found) for name, found in TODAY.items()), *CHANGED]
)
def test_settings_are_the_estimators_parameters(name, settings, expected):
    found = made(name, **settings).estimator.get_params()
    assert {key: found[key] for key in expected} == expected
    assert set(TODAY) == set(OF_SCIKIT_LEARN)


@pytest.mark.parametrize("name", WEIGHTED)
def test_balanced_weights_help_the_rare_class(data, name):
    """Both classes weigh alike, so that more cases are taken for the rare one."""
    X, y, further = data
    rare = np.concatenate([np.flatnonzero(y == 0), np.flatnonzero(y == 1)[:8]])
    plain, balanced = (made(name, weights=weights).fit(X[rare], y[rare]) for weights in ("none", "balanced"))
    assert balanced.estimator.get_params()["class_weight"] == "balanced"
    positive = [(made_.score(further) > made_.cut).sum() for made_ in (plain, balanced)]
    assert positive[0] < positive[1]


@pytest.mark.parametrize("name", ["naive-bayes", "naive-bayes-weka"])
def test_equal_priors_leave_out_the_sizes_of_the_classes(data, name):
    X, y, further = data
    rare = np.concatenate([np.flatnonzero(y == 0), np.flatnonzero(y == 1)[:8]])
    observed, equal = (
        made(name, priors=priors).fit(X[rare], y[rare]).score(further) for priors in ("observed", "equal")
    )
    negative, extra = int((y == 0).sum()), int(name == "naive-bayes-weka")  # Weka counts from 1
    expected = np.full(300, math.log((8 + extra) / (negative + extra)))
    np.testing.assert_allclose(observed - equal, expected, rtol=1e-9)


def test_as_many_neighbours_as_asked_for_are_needed(data):
    X, y, _ = data
    with pytest.raises(DataError, match="80 training cases, at least 81 needed"):
        made("knn", neighbours=81).fit(X, y)
