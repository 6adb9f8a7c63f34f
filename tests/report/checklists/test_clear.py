"""CLEAR: every item once, answers from the run alone, the rest to the authors."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from radcompare.config import Experiment, load_experiment, parse, sample_config
from radcompare.report.checklists.clear import SECTIONS, clear
from radcompare.report.checklists.facts import AUTHORS, Facts
from radcompare.tables.descriptive import Flow
from radcompare.tables.results import Results, Stability

Make = Callable[..., Any]
IMAGING = set(range(19, 27)) | {28}
"""Segmentation, pre-processing and extraction."""
RUN = {
    "sources": {"r219": [{"columns": 219}], "cnn-f": [{"columns": 4096}]},
    "versions": {"radcompare": "0.1.0", "SimpleITK": "2.5", "torch": "2.13", "pyradiomics": "absent"},
}


@pytest.fixture
def nodules(monkeypatch: pytest.MonkeyPatch) -> Experiment:
    """The experiment of the sample configuration."""
    monkeypatch.setenv("RADCOMPARE_DATA", "data")
    return load_experiment(sample_config("nodules"))


@pytest.fixture
def results(make_arm: Make, make_pair: Make, make_results: Make) -> Results:
    arms = tuple(map(make_arm, ("diameter", "radiomics", "deep", "merged")))
    pairs = (
        make_pair("radiomics", "diameter", test="delong-clustered", detectable=0.06),
        make_pair("deep", "diameter", test="delong-clustered", detectable=0.0512),
    )
    flow = Flow(383, 203, "malignant", (("0", 100), ("1", 283)), (), (), 380)
    stable = Stability("radiomics", "relieff", "10", 10, 219, 0.5, 0.5, (("a", 1.0),))
    found: Results = make_results(arms, pairs, flow=flow, stability=(stable,))
    return found


def answers(results: Results, experiment: Experiment, run: Mapping[str, Any] | None = None) -> dict[int, str]:
    return {item.number: item.answer for item in clear(Facts(results, experiment, run or {}))}


def test_there_are_58_items_each_once_and_in_order(results: Results, nodules: Experiment) -> None:
    items = clear(Facts(results, nodules, RUN))
    assert [item.number for item in items] == list(range(1, 59))
    assert len({item.text for item in items if item.number not in (42, 48)}) == 56
    assert all(item.text and item.answer and item.section in SECTIONS for item in items)


def test_what_the_run_knows_of_the_nodules(results: Results, nodules: Experiment) -> None:
    told = answers(results, nodules, RUN)
    assert told[9] == "not planned here; these cases find a true difference of 0.051 8 times in 10"
    assert told[15] == (
        "10-fold cross-validation, stratified by class; cases of equal patient_id stay together; seed 1"
    )
    assert told[17] == "diameter"
    assert told[18] == f"the column malignant; what it stands for: {AUTHORS}"
    assert told[25].startswith(
        "radcompare 0.1.0, SimpleITK 2.5, torch 2.13; r219: r219; cnn-f: cnn-f, layer full7; "
    )
    assert told[27] == "r219 219, cnn-f 4096"
    assert told[30] == "0: 100, 1: 283"
    assert told[33] == "in every fold, on its training rows: all, relieff:10, su:10, relieff:5"
    assert told[34] == "logistic-l2, random-forest"
    assert told[36].startswith("the size of the region is an arm of its own")
    assert told[38].startswith("internal: 10-fold")
    assert told[40] == "intervals at 95 %: delong, wilson"
    assert told[41] == "delong-clustered; p adjusted (holm)"
    assert told[42] == "arms: diameter, radiomics, deep, merged" == told[48]
    assert told[45].startswith("383 cases in, 380 scored by every arm")
    assert told[46].startswith("share of the fits")
    assert told[47].startswith("AUC diameter 0.812 [0.701, 0.923]; ")


def test_what_no_run_knows_is_left_to_the_authors(results: Results, nodules: Experiment) -> None:
    told = answers(results, nodules, RUN)
    left = {number for number, answer in told.items() if answer == AUTHORS}
    assert left >= {1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 13, 14, 16, 19, 20, 31, 44, 49, 50, 51, 52, 53, 58}
    assert not left & {9, 15, 18, 21, 25, 27, 30, 33, 34, 38, 39, 40, 41, 45, 47}


def tables(**settings: Any) -> Experiment:
    raw = {
        "table": "t.csv",
        "outcome": "y",
        "sources": {"all": {"columns": ["*"]}, "clinical": {"columns": ["age", "sex"]}},
        "arms": {"all": {"sources": "all", "classifiers": "knn"}, "net": {"score": "logit_1"}},
    }
    return parse(Experiment, raw | settings, origin="test")


def test_an_experiment_on_tables_leaves_imaging_to_the_authors(make_arm: Make, make_results: Make) -> None:
    told = answers(make_results((make_arm("all"), make_arm("net"))), tables())
    assert {told[number] for number in IMAGING} == {AUTHORS}
    assert (told[9], told[27], told[41], told[46], told[54]) == (AUTHORS,) * 5
    assert told[34] == "knn"


def test_columns_that_may_be_anything_are_not_called_clinical(make_arm: Make, make_results: Make) -> None:
    results = make_results((make_arm("all"), make_arm("net")))
    told = answers(results, tables())
    assert told[17] == f"all, net: {AUTHORS}"
    assert (told[42], told[48]) == (AUTHORS, AUTHORS)
    named = tables(
        arms={"age": {"sources": "clinical"}, "net": {"score": "logit_1"}, "d": {"score": "diameter"}}
    )
    assert answers(results, named)[17] == f"age, d; net: {AUTHORS}"


def test_radiomics_beside_clinical_columns_are_not_non_radiomic(make_arm: Make, make_results: Make) -> None:
    sources = {"hand": {"columns": ["original_*"]}, "clinical": {"columns": ["age"]}}
    experiment = tables(sources=sources, arms={"x": {"sources": ["hand", "clinical"]}})
    assert answers(make_results((make_arm("x"),)), experiment)[17] == AUTHORS


BOOTSTRAP = "50 bootstrap samples, each tested on the cases it left out; figures are .632+ estimates; seed 1"


@pytest.mark.parametrize(
    ("validation", "fifteen", "thirty_eight"),
    [
        (
            "loo",
            "leave-one-out: every case is scored by what the others taught; seed 1",
            "internal: leave-one-out: every case is scored by what the others taught; seed 1",
        ),
        (
            "bootstrap:50",
            BOOTSTRAP,
            f"internal: {BOOTSTRAP}",
        ),
        (
            {"scheme": "cohort", "train": "A", "test": "B"},
            "trained on one cohort, tested on the other; seed 1",
            "external: another cohort",
        ),
    ],
)
def test_how_it_was_split(
    validation: Any, fifteen: str, thirty_eight: str, make_arm: Make, make_results: Make
) -> None:
    told = answers(make_results((make_arm("all"),)), tables(validation=validation))
    assert (told[15], told[38]) == (fifteen, thirty_eight)


def test_another_table_is_an_external_test(make_arm: Make, make_results: Make) -> None:
    experiment = tables(test_table="u.csv", validation="cohort")
    assert answers(make_results((make_arm("all"),)), experiment)[38] == "external: another cohort"


def test_selections_and_classifiers_that_no_arm_uses_are_not_told(make_arm: Make, make_results: Make) -> None:
    arms = {"a": {"sources": "clinical", "select": "su:3", "classifiers": "knn"}, "n": {"score": "s"}}
    told = answers(make_results((make_arm("a"),)), tables(arms=arms, select="mrmr:5", classifiers="cart"))
    assert (told[33], told[34]) == ("in every fold, on its training rows: su:3", "knn")
    nested = tables(validation={"scheme": "kfold", "inner": 3})
    assert answers(make_results((make_arm("all"),)), nested)[35].startswith(
        "3 inner folds by auc, inside every fold"
    )


def test_without_a_valid_interval_that_is_told(results: Results, nodules: Experiment) -> None:
    none = {"auc_method": "none", "accuracy_method": "none"}
    bare = replace(results, arms=tuple(replace(arm, **none) for arm in results.arms))
    assert answers(bare, nodules)[40] == "intervals at 95 %: none is valid for repeated runs"


def test_what_weka_s_naive_bayes_is_not_shown_is_not_claimed(make_arm: Make, make_results: Make) -> None:
    arms = {"a": {"sources": "all", "classifiers": "naive-bayes-weka"}}
    told = answers(make_results((make_arm("a"),)), tables(arms=arms))
    assert told[29].endswith("; not for naive-bayes-weka, which takes them as they are")
    assert told[32].endswith("; not for naive-bayes-weka, which takes them as they are")
    assert "not for" not in answers(make_results((make_arm("all"),)), tables())[29]


def test_no_run_knows_what_was_fixed_beforehand(make_arm: Make, make_results: Make) -> None:
    assert answers(make_results((make_arm("all"),)), tables())[37].endswith(f"fixed beforehand: {AUTHORS}")
