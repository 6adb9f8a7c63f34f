"""One fold: what is learned there is learned from its training rows, and every arm has the same folds."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from radcompare import registry
from radcompare.classifier_settings import BLOCKS, ClassifierSettings, Knn, NaiveBayes, RandomForest
from radcompare.config import Selection
from radcompare.errors import DataError
from radcompare.evaluation.fold import Problem, Task, fold_seed, problem_of, run_fold, within
from radcompare.evaluation.study import Available, Study, available
from radcompare.learning.splits import Fold
from radcompare.learning.weka_naive_bayes import WekaBayes

N, P = 36, 8
SELECTIONS = tuple(Selection.model_validate(text) for text in ("relieff:3", "su:3", "all"))


def problem(seed: int = 0) -> Problem:
    random = np.random.default_rng(seed)
    y = np.arange(N) % 2
    X = random.normal(size=(N, P))
    X[:, 2] += y
    X[:, 5] = random.integers(0, 3, N)
    X[random.random((N, P)) < 0.1] = np.nan
    levels = np.zeros(P, dtype=np.int64)
    levels[5] = 3
    return Problem(X, levels, np.arange(P) // 4, y)


def task(
    of: Problem,
    test: tuple[int, ...] = (3, 10, 17),
    classifiers: tuple[ClassifierSettings, ...] = (NaiveBayes(),),
) -> Task:
    tested = np.array(test)
    fold = Fold(0, 0, np.setdiff1d(np.arange(N), tested), tested)
    return Task(of, fold, SELECTIONS, classifiers, by_source=False, seed=7)


def cut(name: str) -> float:
    return float(registry.load("classifier", name)(BLOCKS[name](), 1).cut)


@pytest.mark.slow
@pytest.mark.parametrize("by_source", [False, True])
@pytest.mark.parametrize("cut", ["standard", "youden"])
@pytest.mark.parametrize("classifier", registry.names("classifier"))
def test_nothing_learned_depends_on_the_test_rows(classifier: str, cut: str, by_source: bool) -> None:
    given = problem()
    settings = BLOCKS[classifier].model_validate({"cut": cut})
    before = run_fold(replace(task(given, classifiers=(settings,)), by_source=by_source))
    X, y = given.X.copy(), given.y.copy()
    X[[3, 10]] = np.random.default_rng(1).normal(1e3, 1e4, size=(2, P))
    X[[3, 10], 5] = 2
    X[[3, 10], 0] = 100 * given.y[[3, 10]]  # the outcome itself, on test rows alone
    y[[3, 10]] = 1 - y[[3, 10]]
    changed = replace(given, X=X, y=y)
    after = run_fold(replace(task(changed, classifiers=(settings,)), by_source=by_source))
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one.choice.columns, other.choice.columns)
        assert one.choice.zeros == other.choice.zeros
        assert one.scores[2] == other.scores[2], "the third test row is as it was"
        assert one.predicted[2] == other.predicted[2]


def test_the_same_change_in_training_rows_is_noticed() -> None:
    """The test above could not fail if the data did not matter at all."""
    given = problem()
    X = given.X.copy()
    X[[0, 1], 0] = 100.0
    before, after = run_fold(task(given))[-1], run_fold(task(replace(given, X=X)))[-1]
    assert str(before.choice.selection) == "all"
    assert before.scores[2] != after.scores[2]


def test_every_pair_of_selection_and_classifier_is_a_configuration() -> None:
    scored = run_fold(task(problem(), classifiers=(NaiveBayes(), BLOCKS["cart"]())))
    found = [(str(part.choice.selection), part.classifier) for part in scored]
    assert found == [(s, c) for s in ("relieff:3", "su:3", "all") for c in ("naive-bayes", "cart")]


def test_settings_reach_the_classifier_and_name_the_configuration() -> None:
    swept = (Knn(), Knn(neighbours=1), RandomForest(trees=3), RandomForest(trees=3, weights="balanced"))
    scored = run_fold(task(problem(), classifiers=swept))[:4]
    assert [part.classifier for part in scored] == [
        "knn",
        "knn:neighbours=1",
        "random-forest:trees=3",
        "random-forest:trees=3,weights=balanced",
    ]
    assert set(scored[1].scores) <= {0.0, 1.0}, "one neighbour's class"
    np.testing.assert_allclose(scored[2].scores * 3, np.rint(scored[2].scores * 3), atol=1e-12)


def test_wekas_naive_bayes_sees_the_columns_as_they_are() -> None:
    given = problem()
    of = task(given, classifiers=(BLOCKS["naive-bayes-weka"](),))
    scored = run_fold(of)[-1]
    X, columns = given.X[:, scored.choice.columns], scored.choice.columns
    expected = WekaBayes().fit(X[of.fold.train], given.y[of.fold.train], given.levels[columns])
    np.testing.assert_array_equal(scored.scores, expected.log_odds(X[of.fold.test]))
    assert np.isnan(X[of.fold.test]).any()
    assert given.levels[columns].any()


def test_a_column_without_variation_in_training_changes_nothing() -> None:
    """Gaussian naive Bayes would divide by its variance of nearly 0, and drown the others in rounding."""
    given = problem()
    extra = np.zeros((N, 1))
    extra[3] = 1e9  # on a test row
    wider = Problem(
        np.hstack([given.X, extra]), np.append(given.levels, 0), np.append(given.source, 1), given.y
    )
    for one, other in zip(run_fold(task(given)), run_fold(task(wider)), strict=True):
        np.testing.assert_array_equal(one.scores, other.scores)


@pytest.mark.parametrize("classifier", registry.names("classifier"))
def test_without_any_variation_no_case_is_on_either_side(classifier: str) -> None:
    dead = Problem(np.full((N, 2), np.nan), np.zeros(2, np.int64), np.zeros(2, np.int64), np.arange(N) % 2)
    for scored in run_fold(task(dead, classifiers=(BLOCKS[classifier](),))):
        assert scored.undecided
        assert set(scored.scores) == {cut(classifier)}
        assert set(scored.predicted) == {0}


@pytest.mark.slow
def test_a_score_above_the_cut_is_positive() -> None:
    for scored in run_fold(task(problem(), classifiers=tuple(block() for block in BLOCKS.values()))):
        np.testing.assert_array_equal(scored.predicted, scored.scores > cut(scored.classifier))
        assert not scored.undecided


def arm_of(cases: list[int], y: np.ndarray) -> Available:
    return Available(np.array(cases), pd.DataFrame(index=[f"c{i}" for i in cases]), ())


def test_folds_are_renumbered_for_the_rows_an_arm_has() -> None:
    shared = [
        Fold(0, 0, np.array([2, 3, 4, 5]), np.array([0, 1])),
        Fold(0, 1, np.array([0, 1, 2, 3]), np.array([4])),
    ]
    y = np.array([0, 1, 0, 1, 0, 1])
    cases = [0, 2, 3, 5]
    (fold,) = within(shared, arm_of(cases, y), y[cases], "arm")
    assert (fold.repeat, fold.number) == (0, 0)
    assert fold.train.tolist() == [1, 2, 3]
    assert fold.test.tolist() == [0]


def test_a_fold_that_leaves_one_class_is_refused() -> None:
    y = np.array([0, 1, 0, 1])
    shared = [Fold(2, 5, np.array([0, 1, 2]), np.array([3]))]
    with pytest.raises(DataError, match=r"arm 'a', repeat 2, fold 5: one class left"):
        within(shared, arm_of([0, 2, 3], y), y[[0, 2, 3]], "a")


def test_an_arm_without_any_test_case_is_refused() -> None:
    y = np.array([0, 1, 0, 1])
    shared = [Fold(0, 0, np.array([0, 1, 2]), np.array([3]))]
    with pytest.raises(DataError, match="not one test case"):
        within(shared, arm_of([0, 1, 2], y), y[:3], "a")


def test_seeds_differ_between_folds() -> None:
    nothing = np.array([], dtype=np.int64)
    seeds = {fold_seed(s, Fold(r, f, nothing, nothing)) for s in (1, 2) for r in range(3) for f in range(5)}
    assert len(seeds) == 30
    assert all(0 <= seed < 2**31 for seed in seeds), "what scikit-learn takes"


def test_sources_are_numbered_and_nominal_columns_coded(make_study: Callable[..., Study]) -> None:
    ids = pd.Index(["c00", "c01", "c02", "c03"])
    a = pd.DataFrame({"grade": pd.Categorical(["low", "high", None, "low"], ["high", "low"])}, index=ids)
    b = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "z": [0.0, np.nan, 1.0, 1.0]}, index=ids)
    study = make_study({"a": a, "b": b}, [0, 1, 0, 1])
    made = problem_of(study, available(study, "arm", ("a", "b")))
    np.testing.assert_array_equal(
        made.X, [[1.0, 1.0, 0.0], [0.0, 2.0, np.nan], [np.nan, 3.0, 1.0], [1.0, 4.0, 1.0]]
    )
    assert made.levels.tolist() == [2, 0, 0]
    assert made.source.tolist() == [0, 1, 1]
    assert made.y.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("by_source", [False, True])
def test_components_and_sampling_know_nothing_of_the_test_rows(by_source: bool) -> None:
    given = problem()
    sampled = tuple(Knn.model_validate({"sampling": how}) for how in ("under", "over", "smote"))
    of = replace(task(given), selections=(Selection(method="pca", top=3),), classifiers=sampled)
    of = replace(of, fold=replace(of.fold, train=of.fold.train[5:]), by_source=by_source)
    X = given.X.copy()
    X[[3, 10]] = np.random.default_rng(1).normal(1e3, 1e4, size=(2, P))
    X[[3, 10], 5] = 2
    before, after = run_fold(of), run_fold(replace(of, problem=replace(given, X=X)))
    assert [one.scores[2] for one in before] == [other.scores[2] for other in after]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one.choice.columns, other.choice.columns)
    assert {one.width for one in before} == {6 if by_source else 3}


def test_smote_is_refused_where_a_kept_column_is_nominal() -> None:
    smote = (Knn.model_validate({"sampling": "smote"}),)
    with pytest.raises(DataError, match="levels of a nominal feature do not allow"):
        run_fold(task(problem(), classifiers=smote))


def test_a_bootstrap_sample_keeps_its_copies() -> None:
    usable = Available(np.array([0, 2, 3, 4]), pd.DataFrame(np.zeros((4, 1))), ())
    shared = [Fold(0, 0, np.array([0, 0, 1, 3, 3]), np.array([2, 4]), apparent=True)]
    (fold,) = within(shared, usable, np.array([0, 1, 1, 0]), "arm")
    assert (fold.train.tolist(), fold.test.tolist()) == ([0, 0, 2, 2], [1, 3])
    assert fold.apparent
