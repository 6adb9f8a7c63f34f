"""The draft for a manuscript: its numbers are those of the run, and it claims nothing that was not done."""

from collections.abc import Callable
from typing import Any

import pytest

from radcompare import registry
from radcompare.config import Experiment, parse
from radcompare.report.manuscript import CLASSIFIERS, SELECTORS, TESTS, listed, manuscript
from radcompare.tables.descriptive import Flow, Loss
from radcompare.tables.results import Omnibus, Pipeline, Results

Make = Callable[..., Any]
NET: dict[str, Any] = {
    "extractor": "deep", "network": "cnn-f", "weights": "random", "layer": "full7", "window": "warp",
}  # fmt: skip
PLAIN: dict[str, Any] = {
    "cohort": "phantom",
    "outcome": "malignant",
    "sources": {"hand": {"extractor": "r219"}, "net": NET, "size": {"columns": ["diameter_mm"]}},
    "arms": {
        "hand": {"sources": "hand", "select": "mrmr:7", "classifiers": ["cart", "knn"]},
        "both": {"sources": ["hand", "net"], "select_each": "relieff:5"},
        "size": {"sources": "size", "select": "all", "classifiers": "logistic-l2"},
    },
    "seed": 4,
}
FLOW = Flow(
    383, 203, "malignant", (("0", 100), ("1", 283)), (Loss("net", 2, "small"), Loss("size", 1, "x")), (), 380
)
RUN = {
    "sources": {"hand": [{"columns": 219}], "net": [{"columns": 4000}, {"columns": 96}]},
    "versions": {"radcompare": "0.1.0", "python": "3.12", "numpy": "2.0", "torch": "absent"},
}


def told(results: Results, run: dict[str, Any] | None = None, **settings: Any) -> tuple[str, str]:
    experiment = parse(Experiment, {**PLAIN, **settings}, origin="test")
    method, result = manuscript(results, experiment, run or {})
    return method, result


@pytest.fixture
def results(make_arm: Make, make_pair: Make, make_results: Make) -> Results:
    found: Results = make_results(
        (make_arm("hand"), make_arm("both", auc=0.5, auc_ci=None)), (make_pair("both", "hand"),), flow=FLOW
    )
    return found


def test_cases_and_losses_are_those_of_the_flow(results: Results) -> None:
    method, _ = told(results, validation={"groups": "patient_id"})
    assert method.startswith(
        "The study comprised 383 lesions of 203 patients (100 malignant = 0, 283 malignant = 1). "
        "Features could not be had of 2 in net, 1 in size; 380 lesions were scored by every model. "
    )


def test_groups_are_patients_only_where_they_are_called_so(results: Results) -> None:
    method, _ = told(results, validation={"groups": "hospital"})
    assert method.startswith("The study comprised 383 lesions of 203 groups of equal hospital (")


def test_weka_s_naive_bayes_is_left_out_of_filling_and_scaling(results: Results) -> None:
    arms = {"hand": {"sources": "hand", "classifiers": "naive-bayes-weka"}}
    method, _ = told(results, arms=arms)
    assert "were filled and features scaled (but for Weka's naive Bayes), features selected" in method
    assert "but for Weka" not in told(results)[0]


def test_without_groups_no_patients_are_claimed(make_arm: Make, make_results: Make) -> None:
    plain = make_results((make_arm("hand"),), flow=Flow(24, None, "y", (("a", 12), ("b", 12)), (), (), 24))
    method, _ = told(plain)
    assert method.startswith("The study comprised 24 lesions (12 y = a, 12 y = b). All")
    assert "patients" not in method
    assert "could not be had" not in method


def test_features_are_counted_as_run_json_counts_them(results: Results) -> None:
    method, _ = told(results, RUN)
    assert "219 handcrafted shape, intensity and texture features (set r219) were measured" in method
    assert (
        "4096 activations of the layer full7 of cnn-f with random weights were taken from a warp of the slice with "
        "the largest region (net)."
    ) in method
    assert "Software: radcompare 0.1.0 (python 3.12, numpy 2.0)." in method


def test_without_run_json_nothing_is_counted(results: Results) -> None:
    method, _ = told(results)
    assert "All handcrafted shape" in method
    assert "All activations of the layer full7" in method
    assert "Software" not in method


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (["diameter_mm"], "The column diameter_mm of the table was used as it is (size)."),
        (["original_*"], "The columns original_* of the table were used as they are (size)."),
        (list("abcd"), "The columns a, b, c and d of the table were used as they are (size)."),
        (list("abcdef"), "The columns a, b, c, d and 2 more of the table were used as they are (size)."),
    ],
)
def test_columns_are_named_and_none_is_hushed_up(results: Results, columns: list[str], words: str) -> None:
    assert words in told(results, sources={**PLAIN["sources"], "size": {"columns": columns}})[0]


@pytest.mark.parametrize(
    ("validation", "words"),
    [
        (10, "by 10-fold cross-validation stratified by class (seed 4)."),
        ("3x5", "by 5-fold cross-validation stratified by class, repeated 3 times (seed 4)."),
        ("loo", "by leave-one-out cross-validation (seed 4)."),
        ("bootstrap:300", "by the .632+ bootstrap (300 samples) (seed 4)."),
        (
            {"scheme": "kfold", "folds": 5, "groups": "patient_id"},
            "by 5-fold cross-validation stratified by class; lesions of equal patient_id were kept together "
            "(seed 4).",
        ),
        (
            {"scheme": "cohort", "train": "A", "test": "B"},
            "by training on one cohort and testing on another (seed 4).",
        ),
    ],
)
def test_the_scheme_is_told(results: Results, validation: Any, words: str) -> None:
    assert f"Models were evaluated {words}" in told(results, validation=validation)[0]


def test_every_model_is_told(results: Results) -> None:
    network = {"network": "cnn-f", "weights": "random", "epochs": 3}
    more = {"net": {"cnn": network}, "tail": {"cnn": {**network, "layer": "full7"}, "select": "su:3"}}
    more |= {"mean": {"ensemble": {"of": ["hand", "size"], "how": "mean"}}, "brock": {"score": "brock_score"}}
    method, _ = told(results, arms=PLAIN["arms"] | more, classifiers="random-forest")
    assert (
        "Model hand used the 7 best features by minimum redundancy, maximum relevance (mRMR) and a decision tree "
        "(CART)."
    ) in method
    assert "Model both used the 5 best features by Relief-F of each source and a random forest." in method
    assert "Model size used all features and logistic regression with an L2 penalty." in method
    assert "Model net was cnn-f trained from random weights in every fold: " in method
    assert (
        "; of the activations of full7 it used the 3 best features by symmetric uncertainty and a random forest."
        in method
    )
    assert "Model mean was the mean of hand and size." in method
    assert "Model brock was the column brock_score as it is." in method


def test_of_a_sweep_the_primary_variant_is_told(results: Results) -> None:
    swept = {**NET, "sweep": {"relu": ["post", "pre"], "window": ["crop", "warp"]}}
    del swept["window"]
    settings = {"sources": {**PLAIN["sources"], "net": swept}}
    method, _ = told(results, **settings)
    assert method.count("activations of the layer") == 1
    assert "taken from a crop of the slice with the largest region (net post crop)." in method
    assert method.count("Model both used") == 1


def test_resampling_is_told(results: Results) -> None:
    method, _ = told(results, reading={"spacing": [1, 1, 3], "interpolator": "linear"})
    assert "Images were resampled to 1 x 1 x 3 mm (linear)." in method
    assert "Images were resampled to 2 mm (" in told(results, reading={"spacing": 2})[0]


def test_resampling_is_told_of_results_that_know_no_flow(make_arm: Make, make_results: Make) -> None:
    method, _ = told(make_results((make_arm("hand"),)), reading={"spacing": 2})
    assert method.startswith("Images were resampled to 2 mm (")


def test_tests_are_named_with_how_often_and_how_they_were_adjusted(
    make_arm: Make, make_pair: Make, make_results: Make
) -> None:
    arms = tuple(map(make_arm, "abc"))
    pairs = [
        make_pair(a, "c", test=test, metric=m)
        for a in "ab"
        for test, m in (("delong", "auc"), ("mcnemar-exact", "accuracy"))
    ]
    overall = (Omnibus("cochran-q", "accuracy", 3, 40, 6.5, 2.0, 0.04),)
    found = make_results(arms, tuple(pairs), overall=overall, adjust="benjamini-hochberg", confidence=0.9)
    method, _ = told(found)
    assert (
        "Differences were tested by DeLong's test, McNemar's exact test and Cochran's Q, adjusted over 2 comparisons "
        "by Benjamini and Hochberg's method; intervals are at 90 %."
    ) in method
    assert "Differences were tested" not in told(make_results(arms))[0]


def test_permutations_of_the_pipeline_are_told(results: Results, make_arm: Make, make_results: Make) -> None:
    entry = Pipeline("a", "x", 0.8, 0.01, 499, 0.5, 0.6, 0.002)
    assert "permuted outcomes" not in told(results)[0]
    assert (
        "repeated on 499 permuted outcomes." in told(make_results((make_arm("hand"),), pipelines=(entry,)))[0]
    )


def test_results_are_the_areas_and_the_answer(results: Results) -> None:
    assert told(results)[1] == (
        "The AUC was 0.812 [0.701, 0.923] for hand; 0.500 for both. both is not shown to differ from hand (AUC "
        "-0.125 [-0.250, +0.062], p (Holm) = 0.064)."
    )


def test_without_areas_none_is_told(make_arm: Make, make_results: Make) -> None:
    assert not told(make_results((make_arm("a", auc=None), make_arm("b", auc=None))))[1].startswith("The AUC")


@pytest.mark.parametrize(
    ("words", "expected"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_a_list_in_prose(words: list[str], expected: str) -> None:
    assert listed(words) == expected


def test_the_names_in_prose_are_names_on_the_menu() -> None:
    assert set(CLASSIFIERS) == set(registry.names("classifier"))
    assert set(TESTS) == set(registry.names("test"))
    assert set(SELECTORS) <= {*registry.names("selector"), *registry.names("projection")}
