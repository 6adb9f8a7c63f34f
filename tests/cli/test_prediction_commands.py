"""evaluate and compare: stable outputs, the way from one to the other, and what they say to wrong input."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

Run = Callable[..., Any]
EVALUATE = ("evaluate", "t.csv", "--outcome", "malignant", "--cv", "3", "--groups", "patient_id")
COLUMNS = ["ID", "arm", "selector", "k", "classifier", "repeat", "fold", "y_true", "score", "predicted"]


def read(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), keep_default_na=False)


def test_predictions_alone_go_to_standard_output(radcompare: Run, table: Path) -> None:
    ended = radcompare(*EVALUATE, "--select", "relieff:2", "-q")
    frame = read(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert list(frame.columns[:10]) == COLUMNS
    assert sorted(frame["ID"]) == sorted(pd.read_csv(table)["ID"])
    assert set(frame["arm"]) == {"all"}
    assert set(frame["selector"] + ":" + frame["k"].astype(str)) == {"relieff:2"}


def test_a_file_takes_the_predictions_and_standard_output_the_verdict(
    radcompare: Run, table: Path, tmp_path: Path
) -> None:
    to_stream = radcompare(*EVALUATE, "-q").out
    ended = radcompare(*EVALUATE, "-q", "-o", "p.csv")
    assert (tmp_path / "p.csv").read_text(encoding="utf-8") == to_stream
    assert ended.out.startswith("24 cases of 12 ")
    assert "AUC" in ended.out
    assert "\nall " in ended.out


def test_evaluate_tells_what_compare_tells(radcompare: Run, table: Path) -> None:
    arms = ("--arm", "a=*F0,*F1", "--arm", "b=*F2,*F3")
    evaluated = radcompare(*EVALUATE, *arms, "-o", "p.csv")
    compared = radcompare("compare", "p.csv")
    assert evaluated.out == compared.out
    assert compared.err.startswith(
        "note: tests: delong-clustered (AUC) and mcnemar-clustered (accuracy), as cases"
    )
    assert "note: 3-fold cross-validation: the folds share training cases" in compared.err
    assert evaluated.err.endswith(compared.err)


def test_arms_scores_and_a_sweep(radcompare: Run, table: Path) -> None:
    ended = radcompare(
        *EVALUATE,
        *("--arm", "two=original_firstorder_F0,original_firstorder_F1", "--arm", "noise=*F4,*F5"),
        *("--score", "one=original_firstorder_F0", "--select", "all", "--select", "su:1"),
        *("--classifier", "naive-bayes", "--classifier", "knn", "-o", "p.csv"),
    )
    assert ended.code == 0
    frame = pd.read_csv("p.csv", keep_default_na=False)
    assert list(frame["arm"].unique()) == ["two", "noise", "one"]
    assert len(frame[["arm", "selector", "k", "classifier"]].drop_duplicates()) == 4 + 4 + 1
    assert "Exploratory, never tested:" in ended.out


def test_top_of_each_pattern(radcompare: Run, table: Path) -> None:
    ended = radcompare(*EVALUATE, "--arm", "m=*F0,*F1", "--select-each", "su:1", "-q")
    assert ended.code == 0
    assert set(read(ended.out)["selector"]) == {"su"}


def test_which_class_is_positive_is_said_where_the_values_do_not(radcompare: Run, table: Path) -> None:
    frame = pd.read_csv(table)
    frame["malignant"] = frame["malignant"].map({0: "responder", 1: "nonresponder"})
    frame.to_csv(table, index=False)
    assert "note: positive (1) is responder, negative (0) is nonresponder\n" in radcompare(*EVALUATE).err
    chosen = radcompare(*EVALUATE, "--positive", "nonresponder")
    assert "note: positive (1) is nonresponder, negative (0) is responder\n" in chosen.err


def test_more_folds_than_features_or_a_k_beyond_them_is_said(radcompare: Run, table: Path) -> None:
    ended = radcompare(*EVALUATE, "--select", "relieff:99")
    assert ended.code == 0
    assert "relieff:99" in ended.err


def test_a_second_table_is_tested_on(radcompare: Run, table: Path) -> None:
    pd.read_csv(table).assign(ID=lambda f: "x" + f["ID"]).to_csv("other.csv", index=False)
    command = ("evaluate", "t.csv", "--outcome", "malignant", "--test-table", "other.csv")
    ended = radcompare(*command, "-q")
    assert set(read(ended.out)["ID"].str[0]) == {"x"}
    assert radcompare(*command, "--cv", "5").code == 2


WRONG_OPTIONS = [
    (["--cv", "1"], "--cv: folds: expected at least 2, found 1"),
    (["--cv", "0x10"], "--cv: repeats: expected at least 1, found 0"),
    (["--cv", "banana"], "--cv: expected loo, cohort, FOLDS, REPEATSxFOLDS such as 5x2 or bootstrap:SAM"),
    (["--cv", "-3"], "--cv: expected loo, cohort, FOLDS, REPEATSxFOLDS such as 5x2 or bootstrap:SAMPLES, found '-3'"),
    (["--select", "relieff"], "radcompare evaluate: select.0: expected METHOD:K such as relieff:5 or su:10"),
    (["--select", "relieff:0"], "radcompare evaluate: select.0.top: expected at least 1, found 0"),
    (["--select", "relief:3"], "radcompare evaluate: select.0.method: unknown selector 'relief'; did you mean"),
    (["--select", "su:1", "--select", "su:1"], "radcompare evaluate: select: 'su:1' is given twice"),
    (["--classifier", "naive"], "radcompare evaluate: classifiers.0: unknown classifier 'naive'; did you mean"),
    (["--classifier", "knn:k=3"], "radcompare evaluate: unknown key classifiers.0.k (known: sampling, "),
    (["--classifier", "knn:neighbours"], "radcompare evaluate: classifiers.0: expected NAME or NAME:KEY=VALUE,..."),
    (["--select", "su:1", "--select-each", "su:1"], "--select and --select-each are two answers to one question"),
    (["--arm", "x"], "--arm: expected NAME=..., found 'x'"),
    (["--arm", "=x"], "--arm: expected NAME=..., found '=x'"),
    (["--arm", "x=a,"], "--arm: expected NAME=..., found 'x=a,'"),
    (["--score", "x="], "--score: expected NAME=..., found 'x='"),
    (["--arm", "a=*", "--score", "a=original_firstorder_F0"], "two arms are called 'a'"),
    (["--train", "A"], "radcompare evaluate: validation: train and test go together: give both, or neither"),
    (["--train", "A", "--test", "B"], "radcompare evaluate: validation: train and test name cohorts: they belong"),
    (["--test-table", "u.csv"], "radcompare evaluate: with test_table one table trains and the other one tests"),
    (["--seed", "-1"], "--seed: expected at least 0, found '-1'"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "error"), WRONG_OPTIONS)
def test_wrong_options_of_evaluate(radcompare: Run, table: Path, options: list[str], error: str) -> None:
    ended = radcompare(*EVALUATE, *options)
    assert (ended.code, ended.out) == (2, "")
    assert ended.error.startswith(error)
    assert ended.hint


WRONG_DATA = [
    (["--cv", "13"], "13 folds, but a class has only 12 cases"),
    (["--cv", "cohort"], "validation by cohort: no column 'cohort'"),
    (["--groups", "patient_i"], "groups: no column 'patient_i'; did you mean 'patient_id'?"),
    (["--positive", "7"], "t.csv: the outcome 'malignant' has no value '7'; it has 0, 1"),
    (["--arm", "x=nope*"], "no column matches 'nope*'"),
    (["--arm", "x=malignant"], "'malignant' is what is predicted"),
    (["--arm", "x=mal*"], "'malignant' is what is predicted"),
    (["--score", "x=patient_id"], "arm 'x': "),
    (["--score", "x=nope"], "arm 'x': no column 'nope'"),
    (["--outcome", "patient_id"], "t.csv: the outcome 'patient_id' has 12 distinct values"),
    (
        ["--test-table", "absent.csv", "--cv", "cohort"],
        "absent.csv: cannot be read: No such file or directory",
    ),
]


@pytest.mark.parametrize(("options", "error"), WRONG_DATA)
def test_options_that_do_not_fit_the_table(
    radcompare: Run, table: Path, options: list[str], error: str
) -> None:
    ended = radcompare(*EVALUATE, *options)
    assert (ended.code, ended.out) == (3, "")
    assert error in ended.error
    assert ended.hint


def test_features_without_any_information_do_not_stop_the_others(radcompare: Run, table: Path) -> None:
    frame = pd.read_csv(table)
    features = [name for name in frame.columns if name.startswith("original")]
    frame[features[1]], frame[features[2]] = np.nan, 3.0
    frame.loc[:4, features[3]] = np.nan
    frame.to_csv(table, index=False)
    for classifier in ("naive-bayes", "knn", "logistic-l2"):
        ended = radcompare(*EVALUATE, "--select", "su:3", "--classifier", classifier, "-q")
        assert (ended.code, ended.err) == (0, "")
        assert np.isfinite(read(ended.out)["score"]).all()


def test_a_sweep_over_settings_is_a_set_of_configurations(radcompare: Run, table: Path) -> None:
    swept = ["knn", "knn:neighbours=3", "random-forest:min_leaf=2,trees=5", "naive-bayes-weka"]
    options = [part for text in swept for part in ("--classifier", text)]
    ended = radcompare(*EVALUATE, *options, "-o", "swept.csv", "-q")
    assert ended.code == 0
    named = list(pd.read_csv("swept.csv")["classifier"].unique())
    assert named == ["knn", "knn:neighbours=3", "random-forest:trees=5,min_leaf=2", "naive-bayes-weka"]
    compared = json.loads(radcompare("compare", "swept.csv", "--json").out)
    told = [arm["classifier"] for kind in ("arms", "exploratory") for arm in compared[kind]]
    assert told == named


@pytest.mark.slow
def test_the_result_does_not_depend_on_the_jobs(radcompare: Run, table: Path) -> None:
    command = (*EVALUATE, "--select", "relieff:2", "--classifier", "random-forest", "-q")
    assert radcompare(*command, "-j", "2").out == radcompare(*command).out


def test_compare_for_programs_has_the_stable_shape(radcompare: Run, predictions: Path) -> None:
    ended = radcompare("compare", predictions, "--json")
    found = json.loads(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert {"arms", "pairs", "refused"} <= set(found)
    for arm in found["arms"]:
        assert {"arm", "n", "accuracy", "accuracy_ci", "auc", "auc_ci"} <= set(arm)
    for pair in found["pairs"]:
        assert {"a", "b", "test", "metric", "difference", "ci", "p", "p_adjusted"} <= set(pair)
    assert [(pair["a"], pair["b"], pair["test"]) for pair in found["pairs"]] == [
        ("a", "b", "delong"),
        ("a", "b", "mcnemar-exact"),
    ]


def test_refusals_have_the_stable_shape(radcompare: Run, table: Path) -> None:
    arms = ("--arm", "x=*F0", "--arm", "y=*F4")
    predicted = radcompare("evaluate", "t.csv", "--outcome", "malignant", "--cv", "2x3", *arms, "-q").out
    found = json.loads(radcompare("compare", "-", "--json", stdin=predicted.encode()).out)
    assert {"delong", "mcnemar-exact"} <= {refusal["test"] for refusal in found["refused"]}
    for refusal in found["refused"]:
        assert {"test", "reason", "instead"} <= set(refusal)


def test_compare_for_people(radcompare: Run, predictions: Path) -> None:
    ended = radcompare("compare", predictions, "--reference", "b")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[0].startswith("24 cases")
    assert lines[-1].startswith("a against b: AUC ")
    assert "predicted" in ended.err
    assert radcompare("compare", predictions, "-q").err == ""


def test_one_arm_is_measured_all_the_same(radcompare: Run, predictions: Path) -> None:
    frame = pd.read_csv(predictions)
    frame[frame["arm"] == "a"].to_csv(predictions, index=False)
    assert radcompare("compare", predictions).code == 0
    found = json.loads(radcompare("compare", predictions, "--json").out)
    assert (len(found["arms"]), found["pairs"]) == (1, [])


def first(column: str, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Change one cell, of the arm a."""
    return lambda frame: frame.assign(**{column: frame[column].where(frame.index != 3, value)})


WRONG_PREDICTIONS = [
    (lambda f: f.drop(columns="arm"), "p.csv: no column 'arm'; found ID, y_true, score"),
    (lambda f: f.drop(columns="ID"), "p.csv: no column 'ID'"),
    (lambda f: f.rename(columns={"score": "scores"}), "p.csv: no column 'score'; did you mean 'scores'?"),
    (lambda f: f.drop(columns="y_true"), "p.csv: no column 'y_true'"),
    (first("score", np.nan), "p.csv, row 5: "),
    (first("y_true", 0), "p.csv: case 'c03' has y_true 0 in one row and 1 in another"),
    (lambda f: f.assign(y_true="benign"), "p.csv, row 2: y_true is 'benign', expected 0 or 1"),
    (lambda f: f.assign(score="high"), "p.csv, row 2: "),
    (lambda f: f.assign(predicted=2), "p.csv, row 2: predicted is '2', expected 0 or 1"),
    (lambda f: pd.concat([f, f]), "p.csv, row 50: case 'c00' occurs twice in one run of arm 'a'"),
    (lambda f: f.head(0), "p.csv: "),
]


@pytest.mark.parametrize(("how", "error"), WRONG_PREDICTIONS)
def test_wrong_predictions(
    radcompare: Run, predictions: Path, how: Callable[[pd.DataFrame], pd.DataFrame], error: str
) -> None:
    how(pd.read_csv(predictions)).to_csv(predictions, index=False)
    ended = radcompare("compare", "p.csv")
    assert (ended.code, ended.out) == (3, "")
    assert ended.error.startswith(error)
    assert "np." not in ended.err
    assert ended.hint


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--reference", "c"], "unknown arm 'c'"),
        (["--margin", "0.05"], "--margin without --reference"),
        (
            ["--margin", "1.5", "--reference", "b"],
            "--margin: expected more than 0 and less than 1, found 1.5",
        ),
        (
            ["--margin", "0.1", "--reference", "b", "--published", "x: right=3 n=4"],
            "--margin with --published: figures alone do not pair the cases",
        ),
        (["--confidence", "95"], "--confidence: expected more than 0.5 and less than 1, found 95"),
        (["--confidence", "0.5"], "--confidence: expected more than 0.5 and less than 1, found 0.5"),
        (["--confidence", "nan"], "--confidence: expected more than 0.5 and less than 1, found nan"),
        (["--confidence", "high"], "--confidence: expected a number, found 'high'"),
    ],
)
def test_wrong_options_of_compare(radcompare: Run, predictions: Path, options: list[str], error: str) -> None:
    ended = radcompare("compare", predictions, *options)
    assert (ended.code, ended.out, ended.error) == (2, "", error)
    assert ended.hint


def test_a_nested_evaluation_says_what_it_picked(radcompare: Run, table: Path) -> None:
    ended = radcompare(
        *EVALUATE, "--inner", "2", "--select", "su:1", "--select", "all", "--classifier", "knn:neighbours=3"
    )
    assert ended.code == 0
    assert "note: arm 'all': of 3 inner loops picked: " in ended.err
    frame = read(ended.out)
    assert list(dict.fromkeys(frame["selector"])) == ["nested", "su", "all"]
    assert len(frame) == 3 * 24


def test_a_wrong_inner_loop(radcompare: Run, table: Path) -> None:
    ended = radcompare(*EVALUATE, "--inner", "loo")
    assert ended.code == 2
    assert ended.error == "--inner: expected FOLDS or REPEATSxFOLDS such as 5, found 'loo'"
    ended = radcompare(*EVALUATE, "--inner", "9", "--select", "all", "--select", "su:1")
    assert ended.code == 3
    assert ended.error.startswith("inner loop of repeat 0, fold 0: 9 folds, but ")


def test_a_bootstrap_is_told_and_not_tested(radcompare: Run, table: Path) -> None:
    arms = ("--arm", "a=*F0,*F1", "--arm", "b=*F2,*F3")
    ended = radcompare(
        "evaluate", "t.csv", "--outcome", "malignant", "--cv", "bootstrap:5", *arms, "-o", "p.csv"
    )
    assert ended.code == 0
    assert ended.out.startswith("24 cases, .632+ bootstrap, 5 samples\n")
    assert "Refused: delong (a, b): the 5 bootstrap samples share cases" in ended.out
    assert set(pd.read_csv("p.csv")["bootstrap"]) == {"left out", "apparent"}
    assert radcompare("compare", "p.csv").out == ended.out


def test_components_are_learned_in_the_folds_alone(radcompare: Run, table: Path) -> None:
    ended = radcompare(*EVALUATE, "--select", "pca:2", "--select", "pca:99")
    assert ended.code == 0
    assert set(read(ended.out)["k"].astype(str)) == {"2", "99"}
    assert "note: arm 'all', pca:99: there are no more than 6 components" in ended.err
    refused = radcompare("select", "t.csv", "--outcome", "malignant", "--method", "pca", "--top", "3")
    assert refused.code == 2
    assert refused.error == "--method pca: makes new columns out of all features, and selects none"


def test_sampling_belongs_to_the_classifier(radcompare: Run, table: Path) -> None:
    swept = [f"--classifier=knn:neighbours=3,sampling={how}" for how in ("under", "over", "smote")]
    ended = radcompare(*EVALUATE, "--classifier", "knn:neighbours=3", *swept, "-q")
    assert ended.code == 0
    assert read(ended.out)["classifier"].nunique() == 4
    refused = radcompare(*EVALUATE, "--classifier", "naive-bayes-weka:sampling=smote")
    assert refused.code == 2
    assert "expected 'none', 'under' or 'over', found 'smote'" in refused.error


def test_the_stability_of_the_selection_is_told(radcompare: Run, table: Path) -> None:
    err = radcompare(*EVALUATE, "--select", "su:1").err
    assert "kept in all 3 fits, " in err
    assert "(Nogueira)" in err


def two_arms(radcompare: Run) -> None:
    arms = ("--arm", "a=*F0,*F1", "--arm", "b=*F2,*F3")
    plain = ("evaluate", "t.csv", "--outcome", "malignant", "--cv", "3")
    assert radcompare(*plain, *arms, "-q", "-o", "p.csv").code == 0


@pytest.mark.slow
def test_other_tests_intervals_and_adjustment(radcompare: Run, table: Path) -> None:
    two_arms(radcompare)
    asked = ("--test", "bootstrap", "--test", "mcnemar-midp", "--intervals", "bootstrap", "--adjust")
    ended = radcompare("compare", "p.csv", *asked, "benjamini-hochberg", "--json")
    found = json.loads(ended.out)
    assert [pair["test"] for pair in found["pairs"]] == ["bootstrap", "mcnemar-midp"]
    assert (found["refused"], found["adjust"]) == ([], "benjamini-hochberg")
    assert "bca" in {arm["auc_method"] for arm in found["arms"]} <= {"bca", "none"}, "none where it separates"
    metrics = {metric["name"]: metric for metric in found["arms"][0]["metrics"]}
    assert metrics["accuracy"]["value"] == found["arms"][0]["accuracy"]
    assert {"mcc", "ppv", "brier", "log_loss", "calibration_slope", "average_precision"} <= set(metrics)
    assert "p (BH)" in radcompare("compare", "p.csv", *asked, "benjamini-hochberg").out


def test_every_metric_on_request(radcompare: Run, table: Path) -> None:
    two_arms(radcompare)
    plain, more = radcompare("compare", "p.csv").out, radcompare("compare", "p.csv", "--metrics").out
    assert more.startswith(plain)
    assert "average precision" in more
    assert "calibration slope" in more


def test_a_test_that_would_be_wrong_is_refused_with_the_right_one(radcompare: Run, table: Path) -> None:
    two_arms(radcompare)
    ended = radcompare("compare", "p.csv", "--test", "nadeau-bengio")
    assert ended.code == 3
    assert ended.error.startswith("nadeau-bengio: one run scores every case once")
    assert ended.hint.startswith("use delong and mcnemar-exact")
    ended = radcompare("compare", "p.csv", "--test", "delongg")
    assert ended.code == 2
    assert "unknown test 'delongg'; did you mean 'delong'?" in ended.error
    assert radcompare("compare", "p.csv", "--intervals", "wide").code == 2


@pytest.mark.slow
def test_the_whole_pipeline_is_permuted_on_request(radcompare: Run, table: Path) -> None:
    options = ("--select", "su:1", "--select", "su:2", "--permutations", "3")
    fixed = radcompare(*EVALUATE, *options)
    assert fixed.code == 3, "every patient of the table has one lesion of each class"
    assert "no two cases (or groups of equal size) have outcomes that could be swapped" in fixed.err
    sweep = (*EVALUATE[:-2], *options)
    ended = radcompare(*sweep, "-o", "p.csv")
    assert ended.code == 0
    assert "Whole pipeline against permuted outcomes:" in ended.out
    assert "best of 2 configurations" in ended.out
    piped = radcompare(*sweep)
    assert read(piped.out).shape == pd.read_csv("p.csv").shape
    assert "of the whole pipeline, 3 permutations" in piped.err
