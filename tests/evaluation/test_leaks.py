"""Nothing is learned from a test case: changing it changes no one else's score, and noise stays noise."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from radcompare.compare.auc import auc
from radcompare.compare.comparison import compare
from radcompare.config import Arm, Selection, Validation
from radcompare.evaluation.arms import evaluate
from radcompare.evaluation.study import Study
from radcompare.selection.choosing import make
from radcompare.selection.ranking import top
from radcompare.tables.predictions import Predictions

N = 60
Y = np.arange(N) % 2
SELECTORS = ("relieff:10", "su:10")
MakeStudy = Callable[..., Study]
MakeSource = Callable[..., pd.DataFrame]


def arms() -> dict[str, Arm]:
    return {text: Arm.model_validate({"sources": "x", "select": text}) for text in SELECTORS}


def areas(study: Study, scheme: str, seed: int, tested: dict[str, Arm] | None = None) -> list[float]:
    """AUC of every arm."""
    found = evaluate(study, tested or arms(), Validation.model_validate(scheme), seed=seed).predictions
    return [auc(rows["y_true"], rows["score"]) for _, rows in found.configurations()]


def altered(study: Study, case: int) -> Study:
    """The same study with other features and the other class for one case."""
    source = study.sources["x"].copy()
    source.iloc[case] = np.random.default_rng(case).normal(50, 20, size=source.shape[1])
    codes = study.outcome.codes.copy()
    codes[case] = 1 - codes[case]
    return Study(study.columns, type(study.outcome)(codes, study.outcome.classes), {"x": source}, {})


@pytest.mark.slow
@pytest.mark.parametrize("case", [0, 31])
def test_what_leave_one_out_learns_without_a_case_does_not_depend_on_it(
    make_study: MakeStudy, make_source: MakeSource, case: int
) -> None:
    study = make_study({"x": make_source(1, N, 25, "x", Y)}, Y)
    one, other = (
        evaluate(s, arms(), Validation.model_validate("loo")) for s in (study, altered(study, case))
    )
    kept = [found.selected[found.selected["fold"] == case].reset_index(drop=True) for found in (one, other)]
    pd.testing.assert_frame_equal(*kept)
    elsewhere = [
        found.selected[found.selected["fold"] != case].reset_index(drop=True) for found in (one, other)
    ]
    assert not elsewhere[0].equals(elsewhere[1]), "where the case trains, it matters"


def test_test_cases_of_another_cohort_do_not_see_one_another(
    make_study: MakeStudy, make_source: MakeSource
) -> None:
    known = {"cohort": ["A"] * 40 + ["B"] * 20}
    study = make_study({"x": make_source(1, N, 25, "x", Y)}, Y, known)
    validation = Validation.model_validate("cohort")
    one, other = (evaluate(s, arms(), validation) for s in (study, altered(study, 45)))
    pd.testing.assert_frame_equal(one.selected, other.selected)
    scores = [found.predictions.frame.query("ID != 'c45'")["score"].tolist() for found in (one, other)]
    assert scores[0] == scores[1]
    changed = [found.predictions.frame.query("ID == 'c45'")["score"].tolist() for found in (one, other)]
    assert changed[0] != changed[1]


def test_a_column_that_is_the_outcome_on_test_rows_alone_is_worth_nothing(
    make_study: MakeStudy, make_source: MakeSource
) -> None:
    """Selected on all rows it would win; seen from the training cohort it is noise like the others."""
    source = make_source(1, N, 200)
    source.iloc[30:, 7] = 200.0 * Y[30:] - 100
    study = make_study({"x": source}, Y, {"cohort": ["A"] * 30 + ["B"] * 30})
    selection = Selection.model_validate("su:1")
    assert top(make(selection).fit(source.to_numpy(), Y).scores_, 1).tolist() == [7]
    tested = {"su": Arm.model_validate({"sources": "x", "select": "su:1"})}
    found = evaluate(study, tested, Validation.model_validate("cohort"))
    assert found.selected["feature"].tolist() != ["x7"]
    noise = found.predictions.frame
    assert abs(auc(noise["y_true"], noise["score"]) - 0.5) < 0.3


def test_values_that_only_all_rows_together_could_use_are_worth_nothing(
    make_study: MakeStudy, make_source: MakeSource
) -> None:
    """Missing in one class of the training cohort, and far off in scale on test rows: nothing to learn from."""
    source = make_source(3, N, 40)
    source.iloc[:30, 0] = np.nan  # only the test rows have it: filled or scaled with theirs it is the outcome
    source.iloc[30:, 0] = Y[30:]
    source.iloc[:30, 1] = 0.0  # constant in training
    source.iloc[30:, 1] = 1e6 * Y[30:]
    study = make_study({"x": source}, Y, {"cohort": ["A"] * 30 + ["B"] * 30})
    plain = make_study({"x": source.assign(x0=0.0, x1=0.0)}, Y, {"cohort": ["A"] * 30 + ["B"] * 30})
    tested = {
        text: Arm.model_validate({"sources": "x", "select": text})
        for text in ("all", "pca:5", "relieff:5", "anova:5")
    }
    by_cohort = Validation.model_validate("cohort")
    one, other = (evaluate(s, tested, by_cohort).predictions.frame for s in (study, plain))
    np.testing.assert_allclose(one["score"], other["score"], rtol=1e-9, atol=1e-9)


@pytest.mark.slow
def test_noise_stays_noise(make_study: MakeStudy, make_source: MakeSource) -> None:
    found = [areas(make_study({"x": make_source(seed, N, 400)}, Y), "10", seed) for seed in range(20)]
    assert np.mean(found, axis=0) == pytest.approx([0.5, 0.5], abs=0.05), found


@pytest.mark.slow
def test_much_noise_stays_noise(make_study: MakeStudy, make_source: MakeSource) -> None:
    found = [areas(make_study({"x": make_source(seed, N, 4000)}, Y), "10", seed) for seed in range(16)]
    assert np.mean(found, axis=0) == pytest.approx([0.5, 0.5], abs=0.05), found


def test_selection_outside_the_folds_would_make_noise_look_good(
    make_study: MakeStudy, make_source: MakeSource
) -> None:
    """The tests above have the power to notice a leak."""
    found = []
    for seed in range(3):
        source = make_source(seed, N, 400)
        for text in SELECTORS:
            scores = make(Selection.model_validate(text)).fit(source.to_numpy(), Y).scores_
            chosen = source.iloc[:, top(scores, 10)]
            found += areas(make_study({"x": chosen}, Y), "10", seed, {"leak": Arm(sources=("x",))})
    assert min(found) > 0.65
    assert np.mean(found) > 0.75


@pytest.mark.slow
def test_leave_one_out_pushes_an_arm_that_knows_nothing_below_one_half(
    make_study: MakeStudy, make_source: MakeSource
) -> None:
    """What the note on leave-one-out says; 10 folds hardly do it."""
    know_nothing = {"x": Arm.model_validate({"sources": "x", "classifiers": "logistic-l2"})}
    studies = [make_study({"x": make_source(seed, N, 1)}, Y) for seed in range(16)]
    loo, ten = (
        np.mean([areas(study, scheme, seed, know_nothing) for seed, study in enumerate(studies)])
        for scheme in ("loo", "10")
    )
    assert loo < 0.43
    assert ten > loo + 0.05


@pytest.mark.slow
def test_tests_of_one_run_reject_too_often_where_nothing_can_be_learned(
    make_study: MakeStudy, make_source: MakeSource
) -> None:
    """What the note on shared training cases says: delong at 5 % rejects noise far more often than that."""
    rejected = []
    for seed in range(25):
        sources = {name: make_source(2 * seed + i, N, 3, name) for i, name in enumerate("xz")}
        study = make_study(sources, Y)
        tested = {name: Arm(sources=(name,)) for name in "xz"}
        found = evaluate(study, tested, Validation.model_validate("loo"), seed=seed).predictions
        rejected.append(
            next(p.p for p in compare(Predictions(found.frame)).pairs if p.test == "delong") < 0.05
        )
    assert 0.15 < np.mean(rejected) < 0.5
