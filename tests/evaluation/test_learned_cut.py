"""The cut of a score, learned on training rows that the classifier had not seen."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from radcompare import registry
from radcompare.classifier_settings import BLOCKS, NaiveBayes, RandomForest
from radcompare.config import Arm, Inner, Selection, Validation
from radcompare.errors import DataError
from radcompare.evaluation.arms import evaluate
from radcompare.evaluation.fold import Problem, Task, run_fold
from radcompare.evaluation.learned_cut import cut_folds, learned_cut
from radcompare.evaluation.study import Study
from radcompare.learning.cut import best_cut
from radcompare.learning.splits import Fold, inner_folds

N = 60
TEST = np.arange(0, N, 6)
FOLD = Fold(0, 0, np.setdiff1d(np.arange(N), TEST), TEST)
Y = (np.arange(N) % 4 == 0).astype(np.int64)
LEVELS = np.zeros(3, np.int64)


def numbers(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(N, 3)) + Y[:, None]


def test_the_definition() -> None:
    X, settings = numbers(1)[FOLD.train], NaiveBayes(cut="youden")
    y = Y[FOLD.train]
    folds = inner_folds(Inner(folds=5), FOLD, Y, seed=3)
    scores = np.empty(len(y))
    for fold in folds:
        classifier = registry.load("classifier", "naive-bayes")(NaiveBayes(), 3)
        scores[fold.test] = classifier.fit(X[fold.train], y[fold.train], LEVELS).score(X[fold.test])
    found = learned_cut(settings, X, y, LEVELS, cut_folds(FOLD, Y, 3, None), 3)
    assert found == best_cut(scores, y)


def test_a_fold_predicts_by_its_learned_cut() -> None:
    problem = Problem(numbers(2), LEVELS, LEVELS, Y)
    settings = (NaiveBayes(), NaiveBayes(cut="youden"))
    standard, learned = run_fold(Task(problem, FOLD, (Selection(),), settings, by_source=False, seed=3))
    np.testing.assert_array_equal(standard.scores, learned.scores)
    np.testing.assert_array_equal(standard.probabilities, learned.probabilities)
    assert learned.classifier == "naive-bayes:cut=youden"
    assert learned.predicted.sum() > standard.predicted.sum()  # three in four cases are negative


def test_a_forest_that_knows_its_training_rows_by_heart_still_cuts_well() -> None:
    X, y = numbers(3)[FOLD.train], Y[FOLD.train]
    settings = RandomForest(trees=50, cut="youden")
    cut = learned_cut(settings, X, y, LEVELS, cut_folds(FOLD, Y, 1, None), 1)
    by_heart = registry.load("classifier", "random-forest")(settings, 1).fit(X, y, LEVELS).score(X)
    assert by_heart[y == 1].min() > by_heart[y == 0].max()  # seen rows say nothing of where to cut
    assert cut < 0.5


@pytest.mark.slow
@pytest.mark.parametrize("name", registry.names("classifier"))
def test_every_classifier_can_learn_its_cut(name: str) -> None:
    problem = Problem(numbers(4), LEVELS, LEVELS, Y)
    settings = BLOCKS[name](cut="youden")
    (scored,) = run_fold(Task(problem, FOLD, (Selection(),), (settings,), by_source=False, seed=3))
    assert set(scored.predicted.tolist()) <= {0, 1}


def test_test_rows_have_no_say() -> None:
    X, y = numbers(5), Y.copy()
    settings = (NaiveBayes(cut="youden"),)
    before = run_fold(
        Task(Problem(X, LEVELS, LEVELS, y), FOLD, (Selection(),), settings, by_source=False, seed=3)
    )
    changed, other = X.copy(), y.copy()
    changed[TEST[1:]] = 1e3
    other[TEST] = 1 - other[TEST]
    problem = Problem(changed, LEVELS, LEVELS, other)
    after = run_fold(Task(problem, FOLD, (Selection(),), settings, by_source=False, seed=3))
    assert before[0].scores[0] == after[0].scores[0]
    assert before[0].predicted[0] == after[0].predicted[0]


def test_patients_stay_together() -> None:
    patients = np.arange(N) // 2
    for fold in cut_folds(FOLD, Y, 1, patients):
        train, test = (set(patients[FOLD.train][rows]) for rows in (fold.train, fold.test))
        assert not train & test


def test_few_cases_of_a_class_have_fewer_folds_and_one_none() -> None:
    few = np.zeros(N, np.int64)
    few[[1, 2, 3]] = 1
    assert len(cut_folds(FOLD, few, 1, None)) == 3
    few[[2, 3]] = 0
    with pytest.raises(
        DataError, match=r"cut=youden, repeat 0, fold 0: a class has 1 training case"
    ) as refused:
        cut_folds(FOLD, few, 1, None)
    assert refused.value.hint == "use cut=standard, or fewer folds"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["4", "bootstrap:10"])
def test_a_whole_evaluation_with_patients_and_an_inner_loop(
    make_study: Callable[..., Study], make_source: Callable[..., pd.DataFrame], scheme: str
) -> None:
    patients = {"patient_id": [f"p{i // 2}" for i in range(N)]}
    y = np.arange(N) // 2 % 2
    study = make_study({"x": make_source(1, N, 6, "x", y)}, y, patients)
    raw = Validation.model_validate(scheme).model_dump()
    inner = None if scheme.startswith("bootstrap") else {"folds": 3, "metric": "balanced-accuracy"}
    validation = Validation.model_validate(raw | {"groups": "patient_id", "inner": inner})
    classifiers = ({"name": "knn", "cut": "youden"}, "naive-bayes:cut=youden")
    arm = Arm.model_validate({"sources": "x", "classifiers": list(classifiers)})
    one, other = (evaluate(study, {"a": arm}, validation, jobs=jobs).predictions.frame for jobs in (1, 2))
    pd.testing.assert_frame_equal(one, other)
    assert {"knn:cut=youden", "naive-bayes:cut=youden"} <= set(one["classifier"])
