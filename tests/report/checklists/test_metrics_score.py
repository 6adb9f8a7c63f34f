"""METRICS: every item once, yes, no or partly with a reason, and never a score."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from radcompare.config import Experiment, load_experiment, parse, sample_config
from radcompare.report.checklists.facts import AUTHORS, Facts
from radcompare.report.checklists.metrics import metrics
from radcompare.tables.descriptive import Flow
from radcompare.tables.results import Metric, Results, Stability

Make = Callable[..., Any]


@pytest.fixture
def nodules(monkeypatch: pytest.MonkeyPatch) -> Experiment:
    """The experiment of the sample configuration."""
    monkeypatch.setenv("RADCOMPARE_DATA", "data")
    return load_experiment(sample_config("nodules"))


@pytest.fixture
def results(make_arm: Make, make_pair: Make, make_results: Make) -> Results:
    arms = (
        make_arm("diameter", calibration=((0.2, 0.1, 60),)),
        *map(make_arm, ("radiomics", "deep", "merged")),
    )
    flow = Flow(383, 203, "malignant", (("0", 100), ("1", 283)), (), (), 383)
    stable = Stability("radiomics", "relieff", "10", 10, 219, 0.5, 0.5, ())
    pairs = (make_pair("radiomics", "diameter", test="delong-clustered"),)
    found: Results = make_results(arms, pairs, flow=flow, stability=(stable, replace(stable, k="")))
    return found


def answers(results: Results, experiment: Experiment) -> dict[int, str]:
    return {item.number: item.answer for item in metrics(Facts(results, experiment, {}))}


def table(arms: dict[str, Any], **settings: Any) -> Experiment:
    sources = {"hand": {"columns": ["original_*"]}, "age": {"columns": ["age"]}}
    raw = {"table": "t.csv", "outcome": "y", "sources": sources, "arms": arms}
    return parse(Experiment, raw | settings, origin="test")


def test_there_are_30_items_each_once_and_in_order(results: Results, nodules: Experiment) -> None:
    items = metrics(Facts(results, nodules, {}))
    assert [item.number for item in items] == list(range(1, 31))
    assert len({item.text for item in items}) == 30
    assert all(item.answer and item.section for item in items)


def test_what_the_run_knows_of_the_nodules(results: Results, nodules: Experiment) -> None:
    told = answers(results, nodules)
    assert told[12].startswith("partly: the set r219 has features beyond IBSI")
    assert told[13] == "yes: config.yaml and run.json"
    assert told[15].startswith("no selector of this run does it (")
    assert told[16] == "yes: 10 features kept at most, 10 cases of the rarer class for each"
    assert told[18] == "yes: everything is learned inside the folds, patient_id never straddles"
    assert told[19] == "partly: size is an arm of its own"
    assert told[21].startswith("yes: intervals")
    assert told[22] == "yes: curve"
    assert told[24] == "yes: diameter by delong-clustered"
    assert told[25] == "yes: logistic"
    assert told[26].startswith("yes: 10-fold")
    assert told[27] == "no"
    assert {told[number] for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 17, 23, 30)} == {AUTHORS}


@pytest.mark.parametrize(("k", "fits", "ratio"), [("10", "yes", 10), ("11", "no", 9), ("50", "no", 2)])
def test_ten_cases_of_the_rarer_class_for_every_feature(
    k: str, fits: str, ratio: int, results: Results, nodules: Experiment
) -> None:
    found = replace(results, stability=(*results.stability, replace(results.stability[0], k=k)))
    assert answers(found, nodules)[16] == (
        f"{fits}: {k} features kept at most, {ratio} cases of the rarer class for each"
    )
    assert answers(replace(found, flow=None), nodules)[16] == AUTHORS


def test_what_was_kept_of_several_sources_is_counted_together(results: Results, nodules: Experiment) -> None:
    """Five of each of two sources are ten."""
    merged = Stability(
        "merged", "relieff", "5", 10, 4315, 0.5, 0.5, tuple((f"f{i}", 0.75) for i in range(20))
    )
    told = answers(replace(results, stability=(merged,)), nodules)
    assert told[16].startswith("no: 15 features kept at most, 7 cases")


def test_calibration_is_claimed_where_it_has_a_value(make_arm: Make, make_results: Make) -> None:
    figures = (Metric("calibration_slope", None), Metric("calibration_error", 0.1), Metric("brier", 0.2))
    arm = make_arm("h", calibration=((0.2, 0.1, 60),), metrics=figures)
    told = answers(make_results((arm,)), table({"h": {"sources": "hand"}}))
    assert told[22] == "yes: ECE, Brier score, curve"


def test_no_score_is_given(results: Results, nodules: Experiment) -> None:
    for item in metrics(Facts(results, nodules, {})):
        assert not re.search(
            r"\bscore\b|\d+ ?%|\bpoints\b|\d+ ?/ ?30", item.answer.replace("Brier score", "")
        )


def test_an_external_test_is_no_internal_one(make_arm: Make, make_results: Make) -> None:
    experiment = table({"h": {"sources": "hand"}}, test_table="u.csv", validation="cohort")
    told = answers(make_results((make_arm("h"),)), experiment)
    assert told[26].startswith("no: trained on one cohort")
    assert told[27] == "yes: the tested cohort is another"


def test_what_was_not_done_is_told_as_no(make_arm: Make, make_results: Make) -> None:
    arm = {"sources": "hand", "classifiers": "random-forest", "select": "su:5"}
    told = answers(make_results((make_arm("h", auc_ci=None),)), table({"h": arm}))
    assert told[19].startswith("no: ")
    assert told[21].startswith("no: ")
    assert told[22].startswith("no: ")
    assert (told[24], told[25]) == (AUTHORS, "no")
    assert told[18].endswith(f"patients with several cases: {AUTHORS}")


def test_defaults_that_no_arm_uses_are_no_yes(make_arm: Make, make_results: Make) -> None:
    """Naive Bayes is the default classifier, and it is a simple one."""
    arm = {"sources": "hand", "classifiers": "knn", "select": "su:5"}
    told = answers(make_results((make_arm("h"),)), table({"h": arm}, select="mrmr:5"))
    assert told[25] == "no"
    assert told[15] == "no selector of this run does it (su:5)"


@pytest.mark.parametrize("selection", ["mrmr:5", "cfs:5", "fcbf:5", "correlation:5"])
def test_selectors_that_drop_the_redundant(selection: str, make_arm: Make, make_results: Make) -> None:
    experiment = table({"h": {"sources": "hand", "select": selection}})
    assert answers(make_results((make_arm("h"),)), experiment)[15] == "yes, inside every fold"


def test_a_score_may_be_anything(make_arm: Make, make_results: Make) -> None:
    results = make_results((make_arm("h"), make_arm("n")))
    experiment = table({"h": {"sources": "hand"}, "n": {"score": "logit"}})
    assert answers(results, experiment)[24] == f"whether n is non-radiomic: {AUTHORS}"
    beside = table({"h": {"sources": "hand"}, "n": {"score": "logit"}, "age": {"sources": "age"}})
    assert answers(results, beside)[24] == "yes: age"


@pytest.mark.parametrize(("seeds", "answer"), [([1], "no: 1 seed(s)"), ([1, 2, 3], "partly: 3 seed(s)")])
def test_the_seeds_of_trained_networks(
    seeds: list[int], answer: str, make_arm: Make, make_results: Make
) -> None:
    raw = {
        "cohort": "phantom",
        "outcome": "y",
        "arms": {"n": {"cnn": {"network": "cnn-f", "weights": "random", "seeds": seeds}}},
    }
    experiment = parse(Experiment, raw, origin="test")
    assert answers(make_results((make_arm("n"),)), experiment)[17] == answer
