"""Arms over the same folds, against an independent pipeline of scikit-learn, and what happens when cases are lost."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from radcompare.classifier_settings import LogisticL2
from radcompare.config import Arm, Selection, Validation
from radcompare.errors import DataError
from radcompare.evaluation.arms import Evaluation, evaluate
from radcompare.evaluation.study import Study
from radcompare.selection.relieff import ReliefF
from radcompare.tables.files import to_csv

N = 40
Y = np.arange(N) % 2
MakeStudy = Callable[..., Study]
MakeSource = Callable[..., pd.DataFrame]


def arm(**settings: Any) -> Arm:
    return Arm.model_validate(settings)


def cv(scheme: Any, **settings: Any) -> Validation:
    return Validation.model_validate(Validation.model_validate(scheme).model_dump() | settings)


@pytest.fixture
def study(make_study: MakeStudy, make_source: MakeSource) -> Study:
    """Two sources, the second with a case less in each class."""
    a, b = make_source(1, N, 12, "a", Y), make_source(2, N, 6, "b", Y)
    return make_study(
        {"a": a, "b": b.drop(["c03", "c08"])}, Y, {"patient_id": [f"p{i // 2}" for i in range(N)]}
    )


def rows_of(evaluation: Evaluation, name: str) -> pd.DataFrame:
    frame = evaluation.predictions.frame
    return frame[frame["arm"] == name]


def test_scores_are_those_of_a_pipeline_of_scikit_learn(
    make_study: MakeStudy, make_source: MakeSource
) -> None:
    source = make_source(5, N, 12, "a", Y)
    found = evaluate(
        make_study({"a": source}, Y), {"r": arm(sources="a", select="relieff:3")}, cv("5"), seed=4
    )
    X, expected = source.to_numpy(), np.empty(N)
    best = SelectKBest(lambda X, y: ReliefF().fit(X, y.astype(np.int64)).scores_, k=3)
    pipeline = make_pipeline(best, StandardScaler(), GaussianNB())
    for train, test in StratifiedKFold(5, shuffle=True, random_state=4).split(X, Y):
        joint = pipeline.fit(X[train], Y[train])[-1].predict_joint_log_proba(pipeline[:-1].transform(X[test]))
        expected[test] = joint[:, 1] - joint[:, 0]
    frame = found.predictions.frame.sort_values("ID")
    np.testing.assert_allclose(frame["score"], expected, rtol=1e-9, atol=1e-12)
    assert frame["predicted"].tolist() == (expected > 0).astype(int).tolist()
    assert frame["y_true"].tolist() == Y.tolist()


def test_lost_cases_leave_one_arm_alone(study: Study) -> None:
    arms = {"first": arm(sources="a"), "second": arm(sources="b"), "both": arm(sources=["a", "b"])}
    found = evaluate(study, arms, cv("4"))
    alone = evaluate(study, {"first": arm(sources="a")}, cv("4"))
    pd.testing.assert_frame_equal(rows_of(found, "first"), rows_of(alone, "first"))
    assert len(rows_of(found, "first")) == N
    for lacking in ("second", "both"):
        assert set(study.columns.index) - set(rows_of(found, lacking)["ID"]) == {"c03", "c08"}
        assert f"arm '{lacking}' lacks 2 cases: c03, c08" in found.notes
    folds = found.predictions.frame.pivot(index="ID", columns="arm", values="fold")
    assert (folds["second"].dropna() == folds["first"].drop(["c03", "c08"])).all(), "the same folds for all"


def test_a_sweep_is_in_the_order_asked_for_and_its_first_is_primary(study: Study) -> None:
    swept = arm(sources="a", select=["su:2", "relieff:4", "all"], classifiers=["cart", "naive-bayes"])
    found = evaluate(study, {"swept": swept, "b": arm(sources="b")}, cv("4"), select=(Selection(),))
    configurations = [str(configuration) for configuration, _ in found.predictions.configurations()]
    assert configurations == [
        "swept + su:2 + cart",
        "swept + su:2 + naive-bayes",
        "swept + relieff:4 + cart",
        "swept + relieff:4 + naive-bayes",
        "swept + all + cart",
        "swept + all + naive-bayes",
        "b + all + naive-bayes",
    ]
    alone = evaluate(
        study, {"swept": arm(sources="a", select="relieff:4", classifiers="naive-bayes")}, cv("4")
    )
    rows = {str(c): r for c, r in found.predictions.configurations()}["swept + relieff:4 + naive-bayes"]
    assert rows["score"].tolist() == alone.predictions.frame["score"].tolist(), (
        "no configuration touches another"
    )


def test_arms_that_say_nothing_take_what_is_said_for_all(study: Study) -> None:
    arms = {"own": arm(sources="b", classifiers="cart"), "common": arm(sources="a", select_each="su:2")}
    found = evaluate(
        study, arms, cv("4"), select=(Selection.model_validate("su:1"),), classifiers=(LogisticL2(),)
    )
    assert [str(c) for c, _ in found.predictions.configurations()] == [
        "own + su:1 + cart",
        "common + su:2 + logistic-l2",
    ]


def test_the_top_of_the_whole_and_the_top_of_each_source(study: Study) -> None:
    arms = {
        "whole": arm(sources=["a", "b"], select="su:4"),
        "each": arm(sources=["a", "b"], select_each="su:4"),
    }
    selected = evaluate(study, arms, cv("4")).selected
    kept = selected.groupby(["arm", "fold"]).size().unstack(0)
    assert set(kept["whole"]) == {4}
    assert set(kept["each"]) == {8}
    each = selected[selected["arm"] == "each"]
    assert (each.groupby("fold")["feature"].agg(lambda names: names.str[0].str.cat()) == "aaaabbbb").all()


def test_a_selection_in_a_source_does_not_know_the_other_source(study: Study) -> None:
    """Relief-F looks for neighbours in all columns, so the top of each source is scored source by source."""
    merged = evaluate(study, {"m": arm(sources=["b", "a"], select_each="relieff:3")}, cv("4")).selected
    common = study.sources["b"].index
    one = Study(study.columns, study.outcome, {"a": study.sources["a"].loc[common]}, {})
    alone = evaluate(one, {"m": arm(sources="a", select="relieff:3")}, cv("4")).selected
    of_a = merged[merged["feature"].str.startswith("a")]
    assert of_a["feature"].tolist() == alone["feature"].tolist()


def test_more_features_than_there_are_are_told(study: Study) -> None:
    found = evaluate(study, {"a": arm(sources="a", select="relieff:50")}, cv("4"))
    assert "arm 'a', relieff:50: there are fewer features to choose from; 12 are kept" in found.notes
    assert (found.selected.groupby("fold").size() == 12).all()


def test_symmetric_uncertainty_without_any_cut_is_told(make_study: MakeStudy) -> None:
    flat = pd.DataFrame({f"x{j}": np.zeros(N) + j for j in range(3)}, index=[f"c{i:02d}" for i in range(N)])
    found = evaluate(make_study({"x": flat}, Y), {"x": arm(sources="x", select="su:2")}, cv("4"))
    assert any(
        "in 4 of 4 fits up to 2 of the kept features had no positive score" in note for note in found.notes
    )
    assert any("in 4 of 4 fits no kept feature varied" in note for note in found.notes)
    assert set(found.selected["feature"]) == {"x0", "x1"}, "equal scores are taken in column order"
    assert set(found.predictions.frame["score"]) == {0.0}


def test_groups_are_told_and_kept_together(study: Study) -> None:
    frame = evaluate(study, {"a": arm(sources="a")}, cv("2x5", groups="patient_id")).predictions.frame
    assert frame.groupby("ID")["group"].first().tolist() == study.columns["patient_id"].tolist()
    assert (frame.groupby(["repeat", "group"])["fold"].nunique() == 1).all()
    assert "group" not in evaluate(study, {"a": arm(sources="a")}, cv("5")).predictions.frame


def test_every_repeat_scores_every_case_once(study: Study) -> None:
    frame = evaluate(study, {"a": arm(sources="a")}, cv("3x5")).predictions.frame
    assert (frame.groupby("repeat")["ID"].nunique() == N).all()
    assert not frame.duplicated(["ID", "repeat"]).any()
    first, second = (frame[frame["repeat"] == repeat].set_index("ID")["fold"] for repeat in (0, 1))
    assert (first.sort_index() != second.sort_index()).any()


def test_one_cohort_against_another(make_study: MakeStudy, make_source: MakeSource) -> None:
    cohort = ["here"] * 24 + ["there"] * 12 + ["elsewhere"] * 4
    study = make_study({"a": make_source(1, N, 4, "a", Y)}, Y, {"cohort": cohort})
    frame = evaluate(
        study, {"a": arm(sources="a")}, cv("cohort", train="here", test="there")
    ).predictions.frame
    assert frame["ID"].tolist() == list(study.columns.index[24:36])


def test_features_of_random_weights_are_stamped(make_study: MakeStudy, make_source: MakeSource) -> None:
    sources = {"a": make_source(1, N, 4, "a"), "net": make_source(2, N, 4, "n")}
    study = make_study(sources, Y, {"p": np.linspace(0, 1, N)}, stamps={"net": "untrained (random, seed 1)"})
    arms = {"a": arm(sources="a"), "merged": arm(sources=["a", "net"]), "p": arm(score="p")}
    frame = evaluate(study, arms, cv("4")).predictions.frame
    stamped = frame.groupby("arm")["untrained"].agg(lambda stamps: sorted(set(stamps.fillna(""))))
    assert stamped.to_dict() == {"a": [""], "merged": ["untrained (random, seed 1)"], "p": [""]}
    assert "untrained" not in evaluate(study, {"a": arm(sources="a")}, cv("4")).predictions.frame


@pytest.mark.slow
def test_the_number_of_jobs_and_a_second_run_change_no_byte(study: Study) -> None:
    arms = {
        "a": arm(sources="a", select="su:3", classifiers=["cart", "svm-rbf"]),
        "b": arm(sources="b"),
    }

    def bytes_of(jobs: int) -> tuple[str, str]:
        found = evaluate(study, arms, cv("4"), seed=9, jobs=jobs)
        return to_csv(found.predictions.frame), to_csv(found.selected)

    assert bytes_of(1) == bytes_of(2) == bytes_of(1)


def test_another_seed_gives_other_folds(study: Study) -> None:
    one, other = (evaluate(study, {"a": arm(sources="a")}, cv("4"), seed=seed) for seed in (1, 2))
    folds = [found.predictions.frame.set_index("ID")["fold"].to_dict() for found in (one, other)]
    assert folds[0] != folds[1]


@pytest.mark.slow
def test_the_seed_reaches_classifiers_that_draw_numbers(
    make_study: MakeStudy, make_source: MakeSource
) -> None:
    study = make_study({"a": make_source(1, N, 4, "a")}, Y, {"cohort": ["A"] * 20 + ["B"] * 20})
    forest = {"a": arm(sources="a", classifiers="random-forest")}
    scores = [
        evaluate(study, forest, cv("cohort"), seed=seed).predictions.frame["score"].tolist()
        for seed in (1, 2, 1)
    ]
    assert scores[0] == scores[2] != scores[1]


def test_an_arm_of_one_class_is_refused_by_name(make_study: MakeStudy, make_source: MakeSource) -> None:
    study = make_study({"a": make_source(1, N, 4).iloc[::2]}, Y)
    with pytest.raises(
        DataError, match="arm 'a': the 20 cases that have all its features are not of two classes"
    ):
        evaluate(study, {"a": arm(sources="a")}, cv("4"))


def test_missing_values_and_nominal_columns_are_learned_from(
    make_study: MakeStudy, make_source: MakeSource
) -> None:
    source = make_source(1, N, 3, "a")
    source.loc[source.index[::5], "a0"] = np.nan
    source["grade"] = pd.Categorical(np.where(Y == 1, "high", "low"))
    source.loc["c01", "grade"] = np.nan
    frame = evaluate(
        make_study({"a": source}, Y), {"a": arm(sources="a", select="su:1")}, cv("4")
    ).predictions.frame
    assert (frame.set_index("ID")["predicted"] == frame.set_index("ID")["y_true"]).drop("c01").all()


def test_progress_names_the_arm_and_counts_its_folds(study: Study) -> None:
    told = io.StringIO()
    evaluate(study, {"a": arm(sources="a")}, cv("4"), progress=lambda *step: print(*step, file=told))
    assert told.getvalue().splitlines()[-1] == "a: folds 4 4"
