"""The inner loop: it picks what a loop written out picks, and never looks at a test row."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, roc_auc_score

from radcompare.classifier_settings import Cart, Knn, NaiveBayes
from radcompare.config import Arm, Inner, Selection, Validation
from radcompare.errors import DataError
from radcompare.evaluation.arms import Evaluation, evaluate
from radcompare.evaluation.fold import Problem, Task, fold_seed, run_fold
from radcompare.evaluation.nested import placed_among, run_nested
from radcompare.evaluation.study import Study
from radcompare.learning.splits import Fold, folds, inner_folds

N, P = 48, 10
Y = np.arange(N) % 2
SELECTIONS = tuple(Selection.model_validate(text) for text in ("relieff:2", "relieff:5", "su:3", "pca:3"))
CLASSIFIERS = (NaiveBayes(), Knn(neighbours=1), Cart())
ARM = Arm(sources=("x",), select=SELECTIONS, classifiers=CLASSIFIERS)
MakeStudy = Callable[..., Study]
MakeSource = Callable[..., pd.DataFrame]


def task(metric: str = "auc", seed: int = 0, groups: np.ndarray | None = None) -> Task:
    X = np.random.default_rng(seed).normal(size=(N, P))
    X[:, 3] += Y
    problem = Problem(X, np.zeros(P, np.int64), np.zeros(P, np.int64), Y)
    fold = folds(Validation(folds=4), Y, seed=1)[1]
    inner = inner_folds(Inner(folds=3), fold, Y, seed=5, groups=groups)
    return Task(problem, fold, SELECTIONS, CLASSIFIERS, False, 7, inner=tuple(inner), metric=metric)


def written_out(of: Task) -> list[float]:
    """The metric of every configuration, fold by fold with rows cut out beforehand."""
    rows = of.fold.train
    y = Y[rows]
    merits = []
    for selection in of.selections:
        for classifier in of.classifiers:
            ordered, pairs, said = 0.0, 0, np.full(len(rows), -1)
            for fold in of.inner:
                alone = Problem(of.problem.X[rows], of.problem.levels, of.problem.source, y)
                one = Task(alone, fold, (selection,), (classifier,), False, fold_seed(of.seed, fold))
                (scored,) = run_fold(one)
                said[fold.test] = scored.predicted
                count = y[fold.test].sum() * (1 - y[fold.test]).sum()
                ordered += count * roc_auc_score(y[fold.test], scored.scores)
                pairs += count
            by = {"accuracy": accuracy_score, "balanced-accuracy": balanced_accuracy_score}
            merits.append(ordered / pairs if of.metric == "auc" else by[of.metric](y, said))
    return merits


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["auc", "accuracy", "balanced-accuracy"])
def test_the_best_configuration_of_the_inner_folds_is_picked(metric: str) -> None:
    picked = []
    for seed in range(4):
        of = task(metric, seed)
        merits = written_out(of)
        fit = run_nested(of)
        assert fit.pick is not None
        best = fit.scored[int(np.argmax(np.round(merits, 12)))]
        assert replace(fit.pick.scored, nested=False).configuration == best.configuration
        assert fit.pick.scored.scores.argsort().tolist() == best.scores.argsort().tolist()
        assert fit.pick.merit == pytest.approx(max(merits), abs=1e-12)
        picked.append(best.configuration)
    assert len(set(picked)) > 1, "the data decide"


def test_the_configurations_are_those_of_the_fold_itself() -> None:
    of = task()
    plain = run_fold(replace(of, inner=()))
    for one, other in zip(run_nested(of).scored, plain, strict=True):
        assert one.configuration == other.configuration
        np.testing.assert_array_equal(one.scores, other.scores)
    assert run_nested(replace(of, inner=())).pick is None


def test_the_choice_does_not_depend_on_the_test_rows() -> None:
    of = task()
    X, y = of.problem.X.copy(), Y.copy()
    X[of.fold.test] = 1e3 * Y[of.fold.test, None]
    y[of.fold.test] = 1 - y[of.fold.test]
    before, after = run_nested(of).pick, run_nested(replace(of, problem=replace(of.problem, X=X, y=y))).pick
    assert before is not None
    assert after is not None
    assert after.merit == before.merit
    assert (
        replace(after.scored, nested=False).configuration
        == replace(before.scored, nested=False).configuration
    )


def test_inner_folds_of_one_class_say_nothing_of_the_auc() -> None:
    of = task()
    y = Y[of.fold.train]
    one_class = [
        Fold(0, number, np.setdiff1d(np.arange(len(y)), test), test)
        for number, test in enumerate((np.flatnonzero(y == 1)[:5], np.flatnonzero(y == 0)[:5]))
    ]
    with pytest.raises(DataError, match="inner loop of repeat 0, fold 1: no inner fold tests both classes"):
        run_nested(replace(of, inner=tuple(one_class)))
    assert run_nested(replace(of, inner=tuple(one_class), metric="accuracy")).pick is not None


def test_a_score_is_placed_among_others() -> None:
    others = np.array([1.0, 2.0, 2.0, 4.0])
    placed = placed_among(np.array([1.0, 2.0, 3.0, 4.0]), others)
    np.testing.assert_allclose(placed, [1 / 8, 4 / 8, (4 / 8 + 7 / 8) / 2, 7 / 8], rtol=1e-15)
    beyond = placed_among(np.array([-1e9, -5.0, 0.0, 1.0, 4.0, 9.0, 1e9]), others)
    assert (np.diff(beyond) > 0).all()
    assert 0 < beyond[0] < beyond[-1] < 1
    assert placed_among(np.array([0.0, 0.5, 1.0]), np.full(3, 0.5)).tolist() == [
        0.5 / 1.5,
        0.5,
        1 - 0.5 / 1.5,
    ]


@pytest.mark.slow
def test_configurations_of_different_scales_can_be_pooled(
    make_study: MakeStudy, make_source: MakeSource
) -> None:
    """Log-odds and shares of votes mixed as they are would spoil the AUC of all folds together."""
    mixed, pooled = [], []
    for seed in range(6):
        study = make_study({"x": make_source(seed, N, P, "x", Y * 0.6)}, Y)
        found = nested(study, "8")
        frame = found.predictions.frame.merge(
            found.chosen[["fold", "selector", "k", "classifier"]], on=["fold", "selector", "k", "classifier"]
        )
        mixed.append(roc_auc_score(frame["y_true"], frame["score"]))
        told = found.predictions.frame.query("selector == 'nested'")
        pooled.append(roc_auc_score(told["y_true"], told["score"]))
    assert np.mean(pooled) > np.mean(mixed)


def nested(study: Study, scheme: str = "4", jobs: int = 1, **also: object) -> Evaluation:
    validation = Validation.model_validate(
        Validation.model_validate(scheme).model_dump() | {"inner": 3} | also
    )
    return evaluate(study, {"a": ARM}, validation, seed=3, jobs=jobs)


@pytest.fixture
def study(make_study: MakeStudy, make_source: MakeSource) -> Study:
    return make_study(
        {"x": make_source(2, N, P, "x", Y * 0.4)}, Y, {"patient_id": [f"p{i // 2}" for i in range(N)]}
    )


def test_the_nested_result_is_the_arms_first_and_holds_what_was_chosen(study: Study) -> None:
    found = nested(study)
    frame = found.predictions.frame
    first = frame.iloc[0]
    assert (first["selector"], first["k"], first["classifier"]) == ("nested", "", "nested")
    assert frame.groupby(["selector", "k", "classifier"]).ngroups == 1 + len(SELECTIONS) * len(CLASSIFIERS)
    assert len(found.chosen) == 4
    keys = ["selector", "k", "classifier", "fold"]
    for row in found.chosen.itertuples():
        chosen = frame[(frame[keys] == [row.selector, row.k, row.classifier, row.fold]).all(axis=1)]
        told = frame[(frame["selector"] == "nested") & (frame["fold"] == row.fold)]
        assert told["predicted"].tolist() == chosen["predicted"].tolist()
        assert told["score"].rank().tolist() == chosen["score"].rank().tolist()
        assert told["score"].between(0, 1).all()
        assert 0.5 < row.merit <= 1
    assert any(note.startswith("arm 'a': of 4 inner loops picked: ") for note in found.notes)


@pytest.mark.slow
def test_jobs_do_not_matter(study: Study) -> None:
    one, two = nested(study), nested(study, jobs=2)
    pd.testing.assert_frame_equal(one.predictions.frame, two.predictions.frame)
    pd.testing.assert_frame_equal(one.chosen, two.chosen)


def test_an_arm_with_one_configuration_has_nothing_to_choose(study: Study) -> None:
    alone = {"a": Arm.model_validate({"sources": "x", "select": "su:2", "classifiers": "cart"})}
    found = evaluate(study, alone, Validation(folds=4, inner=Inner()), seed=1)
    assert set(found.predictions.frame["selector"]) == {"su"}
    assert found.chosen.empty
    assert any("had nothing to choose from" in note for note in found.notes)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["loo", "2x4", "bootstrap:4"])
def test_every_design_can_be_nested(study: Study, scheme: str) -> None:
    found = nested(study, scheme)
    fits = found.predictions.frame.groupby(["repeat", "fold"]).ngroups
    assert len(found.chosen) == fits


def test_groups_hold_in_the_inner_loop(study: Study) -> None:
    """Twins: with one of a pair in training, one nearest neighbour is always right; grouped, it is not."""
    source = study.sources["x"].copy()
    noise = np.random.default_rng(1).normal(size=(N // 2, P))
    source.iloc[:] = np.repeat(noise, 2, axis=0) + 1e-6 * np.arange(N)[:, None]
    y = np.repeat(np.arange(N // 2) % 2, 2)
    twins = replace(study, sources={"x": source}, outcome=replace(study.outcome, codes=y))
    arm = Arm(sources=("x",), select=(Selection(),), classifiers=(Knn(neighbours=1), Cart()))
    grouped = evaluate(twins, {"a": arm}, Validation(folds=3, groups="patient_id", inner=Inner(folds=8)))
    assert grouped.chosen["merit"].max() < 0.8
    problem = Problem(source.to_numpy(), np.zeros(P, np.int64), np.zeros(P, np.int64), y)
    patients = np.array(study.columns["patient_id"], dtype=object)
    fold = folds(Validation(folds=3), y, seed=1, groups=patients)[0]
    torn = tuple(inner_folds(Inner(folds=8), fold, y, seed=1))
    pick = run_nested(Task(problem, fold, arm.select, arm.classifiers, False, 1, inner=torn)).pick
    assert pick is not None
    assert pick.merit > 0.85


@pytest.mark.slow
def test_noise_stays_noise_though_the_best_of_many_is_picked(
    make_study: MakeStudy, make_source: MakeSource
) -> None:
    nested_areas, best_areas = [], []
    for seed in range(8):
        found = nested(make_study({"x": make_source(seed, N, 40)}, Y))
        areas = [
            roc_auc_score(rows["y_true"], rows["score"]) for _, rows in found.predictions.configurations()
        ]
        nested_areas.append(areas[0])
        best_areas.append(max(areas[1:]))
    assert np.mean(nested_areas) == pytest.approx(0.5, abs=0.09)
    assert np.mean(best_areas) > 0.58, "the best of the sweep is optimistic"
