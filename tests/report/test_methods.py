"""How it was done, in sentences from the settings and the results."""

from collections.abc import Callable
from typing import Any

import pytest

from radcompare.config import Experiment, parse
from radcompare.report.methods import INTERVALS, TESTS, methods
from radcompare.tables.results import Results

Make = Callable[..., Any]


def experiment(**settings: Any) -> Experiment:
    plain = {
        "cohort": "phantom",
        "outcome": "malignant",
        "sources": {"hand": {"extractor": "r219"}, "size": {"columns": ["diameter_mm", "volume*"]}},
        "arms": {
            "merged": {"sources": ["hand", "size"], "select_each": "relieff:5"},
            "plain": {"sources": "hand", "classifiers": ["cart", "knn"]},
            "reader": {"score": "suspicion"},
        },
        "select": "su:7",
        "seed": 4,
    }
    return parse(Experiment, plain | settings, origin="test")


@pytest.fixture
def results(make_results: Make, make_arm: Make, make_pair: Make) -> Results:
    found: Results = make_results((make_arm("a"), make_arm("b")), (make_pair("a", "b"),))
    return found


def told(results: Results, **settings: Any) -> str:
    return "\n".join(methods(results, experiment(**settings)))


def test_sources_and_arms_are_told_with_their_settings(results: Results) -> None:
    text = told(results)
    assert "Features hand: extractor r219." in text
    assert "Features size: columns diameter_mm volume*." in text
    assert "Arm merged: hand + size; selection relieff:5 of each source; classifier naive-bayes." in text
    assert "Arm plain: hand; selection su:7; classifier cart, knn." in text
    assert "Arm reader: the column suspicion as it is." in text


@pytest.mark.parametrize(
    ("validation", "words"),
    [
        ("loo", "leave-one-out: every case is scored by what the others taught; seed 4"),
        ("3x5", "5-fold cross-validation, stratified by class, 3 runs; seed 4"),
        (
            {"scheme": "kfold", "folds": 5, "groups": "patient_id"},
            "5-fold cross-validation, stratified by class; cases of equal patient_id stay together; seed 4",
        ),
        (
            {"scheme": "cohort", "train": "A", "test": "B"},
            "trained on one cohort, tested on the other; seed 4",
        ),
    ],
)
def test_the_validation_is_told(results: Results, validation: Any, words: str) -> None:
    assert f"Validation: {words}." in told(results, validation=validation)


def test_only_what_was_used_is_explained(results: Results, make_results: Make, make_arm: Make) -> None:
    text = told(results)
    assert "Intervals at 95 %: accuracy: Wilson's score interval; AUC: DeLong's interval." in text
    assert TESTS["delong"] in text
    assert TESTS["mcnemar-exact"] not in text
    bare = make_results((make_arm("a", accuracy_method="none", auc_method="none"),))
    assert "Intervals" not in told(bare)
    assert "Tests:" not in told(bare)


def test_every_test_and_interval_has_its_words(make_arm: Make, make_results: Make, make_pair: Make) -> None:
    arms = tuple(make_arm(name, auc_method=name) for name in INTERVALS)
    pairs = tuple(make_pair("wilson", "delong", test=name) for name in TESTS)
    text = told(make_results(arms, pairs))
    assert all(words in text for words in (*INTERVALS.values(), *TESTS.values()))


def test_an_inner_loop_is_told(results: Results) -> None:
    text = told(results, validation={"folds": 4, "inner": {"folds": 3, "repeats": 2, "metric": "accuracy"}})
    assert (
        "3 inner folds, 2 runs of the training cases of every fold picked the one with the best accuracy"
        in text
    )
    assert "inner folds" not in told(results)


def test_a_bootstrap_is_told(results: Results) -> None:
    assert "50 bootstrap samples, each tested on the cases it left out" in told(
        results, validation="bootstrap:50"
    )


def test_what_was_done_to_images_is_told(results: Results) -> None:
    reading = {
        "resample_mask": True,
        "labels": "union",
        "threshold": 0.25,
        "spacing": [1, 1, 2.5],
        "clip": [-1000, 400],
        "pet": "stored",
    }
    text = told(results, reading=reading)
    assert (
        "Images and masks: masks on another grid were brought onto the image's, nearest neighbour; several labels of "
        "a mask were taken together; masks of fractions were cut at 0.25; images were resampled to 1 x 1 x 2.5 mm "
        "(linear), masks by nearest neighbour; intensities were clipped to -1000 to 400; PET was measured as stored, "
        "not as SUV; "
    ) in text
    assert "resampled to 2 mm (bspline)" in told(results, reading={"spacing": 2, "interpolator": "bspline"})
    assert "Images and masks" not in told(results)
