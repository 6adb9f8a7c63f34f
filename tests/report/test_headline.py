"""The first screen: what is asked, what is answered, and what that leaves open."""

from collections.abc import Callable
from typing import Any

import pytest

from radcompare.config import Experiment, parse
from radcompare.report.headline import answer_in_a_sentence, headline
from radcompare.tables.results import Refusal

Make = Callable[..., Any]
SOURCES: dict[str, Any] = {
    "hand": {"extractor": "r219"},
    "net": {"extractor": "deep", "network": "cnn-f", "weights": "random", "layer": "full7"},
    "size": {"columns": ["diameter_mm"]},
}
KINDS = {"hand": "handcrafted", "net": "deep", "both": "merged", "size": "size"}


def experiment(*arms: str, **settings: Any) -> Experiment:
    """Arms called after their sources, `hand+net` of both."""
    raw = {"cohort": "phantom", "outcome": "malignant", "sources": SOURCES}
    raw["arms"] = {arm: {"sources": arm.split("+")} for arm in arms}
    return parse(Experiment, raw | settings, origin="test")


@pytest.mark.parametrize(
    ("arms", "settings", "question"),
    [
        (("hand", "net"), {}, "Do deep features beat handcrafted radiomics at predicting malignant?"),
        (
            ("hand", "net", "hand+net", "size"),
            {"reference": "hand"},
            "Do deep features beat handcrafted radiomics at predicting malignant, and does merging them help?",
        ),
        (
            ("hand", "net", "hand+net", "size"),
            {"reference": "size"},
            "Does any of hand, net, hand+net predict malignant better than size?",
        ),
        (("hand",), {}, "How well does hand predict malignant?"),
        (("hand", "size"), {"reference": "size"}, "Does hand predict malignant better than size?"),
        (("hand", "size"), {}, "Which of hand, size predicts malignant best?"),
    ],
)
def test_the_question_is_of_what_is_compared(
    arms: tuple[str, ...], settings: dict[str, Any], question: str, make_arm: Make, make_results: Make
) -> None:
    results = make_results(tuple(map(make_arm, arms)))
    assert headline(results, experiment(*arms, **settings)).question == question


@pytest.mark.parametrize(
    ("difference", "p", "words"),
    [
        (0.2, 0.05, "net is ahead of hand (AUC +0.200 [-0.250, +0.062], p (Holm) = 0.050)."),
        (-0.2, 0.0004, "net is behind hand (AUC -0.200 [-0.250, +0.062], p (Holm) < 0.001)."),
        (0.2, 0.051, "net is not shown to differ from hand (AUC +0.200 [-0.250, +0.062], p (Holm) = 0.051)."),
    ],
)
def test_who_is_ahead_with_effect_interval_and_p(
    difference: float, p: float, words: str, make_arm: Make, make_pair: Make, make_results: Make
) -> None:
    pair = make_pair("net", "hand", difference=difference, p_adjusted=p)
    results = make_results((make_arm("net"), make_arm("hand")), (pair,))
    assert answer_in_a_sentence(results, KINDS) == words


def test_the_level_is_that_of_the_intervals(make_arm: Make, make_pair: Make, make_results: Make) -> None:
    pair = make_pair("net", "hand", difference=0.2, p=0.03, p_adjusted=0.03)
    arms = (make_arm("net"), make_arm("hand"))
    assert " is ahead of " in answer_in_a_sentence(make_results(arms, (pair,)), KINDS)
    strict = answer_in_a_sentence(make_results(arms, (pair,), confidence=0.99), KINDS)
    assert "not shown to differ" in strict
    assert strict.endswith(", p = 0.030).")


def test_random_weights_show_in_the_answer(make_arm: Make, make_pair: Make, make_results: Make) -> None:
    arms = (make_arm("net", untrained="untrained (random)"), make_arm("hand"))
    assert answer_in_a_sentence(make_results(arms, (make_pair("net", "hand"),)), KINDS).startswith(
        "net [untrained] is"
    )


def test_deep_against_handcrafted_comes_first_and_then_merged(
    make_arm: Make, make_pair: Make, make_results: Make
) -> None:
    pairs = [("size", "hand"), ("both", "size"), ("hand", "both"), ("hand", "net")]
    results = make_results(
        tuple(map(make_arm, ("size", "both", "net", "hand"))), tuple(make_pair(a, b) for a, b in pairs)
    )
    told = answer_in_a_sentence(results, KINDS).split("; ")
    assert [part.split(" (")[0] for part in told[:3]] == [
        "hand is not shown to differ from net",
        "hand is not shown to differ from both",
        "size is not shown to differ from hand",
    ]
    assert told[3:] == ["of 1 more comparison 0 show a difference."]


@pytest.mark.parametrize(
    ("adjusted", "end"),
    [
        ((0.04, 0.6), "; of 2 more comparisons 1 shows a difference."),
        ((0.04, 0.01), "; of 2 more comparisons 2 show a difference."),
        ((0.4, 0.6), "; of 2 more comparisons 0 show a difference."),
    ],
)
def test_of_many_pairs_the_rest_are_counted(
    adjusted: tuple[float, ...], end: str, make_arm: Make, make_pair: Make, make_results: Make
) -> None:
    pairs = [
        make_pair("a", b, p_adjusted=p) for b, p in zip("bcdef", (0.01, 0.01, 0.01, *adjusted), strict=True)
    ]
    told = answer_in_a_sentence(make_results(tuple(map(make_arm, "abcdef")), tuple(pairs)), {})
    assert told.endswith(end)
    assert told.count(" is behind ") == 3


def test_an_area_is_told_before_an_accuracy(make_arm: Make, make_pair: Make, make_results: Make) -> None:
    pairs = (
        make_pair("a", "b", metric="accuracy", test="mcnemar-exact"),
        make_pair("a", "b", metric="hand_till"),
    )
    told = answer_in_a_sentence(make_results((make_arm("a"), make_arm("b")), pairs), {})
    assert told.startswith("a is not shown to differ from b (AUC (Hand-Till) -0.125")


def test_without_tests_it_says_so(make_arm: Make, make_results: Make) -> None:
    refused = (Refusal("delong", "reason", "instead", "a", "b"),)
    told = answer_in_a_sentence(make_results((make_arm("a"), make_arm("b")), refused=refused), {})
    assert told.startswith("No test was valid for these predictions")


def test_one_arm_is_told_by_itself(make_arm: Make, make_results: Make) -> None:
    told = answer_in_a_sentence(make_results((make_arm("a"),)), {})
    assert told == "a has an AUC of 0.812 [0.701, 0.923]; there is no other arm to compare it with."


def limits(
    make_results: Make, arms: tuple[Any, ...], pairs: tuple[Any, ...] = (), **changed: Any
) -> tuple[str, ...]:
    settings = changed.pop("settings", {})
    return headline(make_results(arms, pairs, **changed), experiment("hand", "net", **settings)).limits


def test_what_was_not_shown_is_no_proof_and_could_have_been_missed(
    make_arm: Make, make_pair: Make, make_results: Make
) -> None:
    arms = tuple(map(make_arm, "abcd"))
    pairs = (
        make_pair("a", "b", detectable=0.2753),
        make_pair("a", "c", detectable=0.15),
        make_pair("a", "d", detectable=0.01, p_adjusted=0.01),
    )
    told = limits(make_results, arms, pairs)
    assert told[0] == "A difference that is not shown is no proof that two arms are equal."
    assert told[1].startswith(
        "With these cases a true difference of 0.150 to 0.275 would be found 8 times in 10"
    )
    alike = limits(make_results, arms, (pairs[0], make_pair("a", "c", detectable=0.2751)))
    assert "difference of 0.275 would" in alike[1]
    assert not [
        line for line in limits(make_results, arms, pairs[2:]) if "proof" in line or "true difference" in line
    ]


def test_a_small_p_that_luck_often_has_is_told_on_the_first_screen(
    make_arm: Make, make_pair: Make, make_results: Make
) -> None:
    arms = tuple(map(make_arm, "abc"))
    shown = {"p_adjusted": 0.01, "by_luck": (0.062, 0.172)}
    pairs = (make_pair("a", "b", **shown), make_pair("a", "c", **shown))
    assert limits(make_results, arms, pairs)[0] == (
        "A small p is not all: in such a design equally good arms came to p ≤ 0.05 in 6 to 17 % of simulations."
    )
    for pair in (
        make_pair("a", "b", by_luck=(0.062, 0.172)),
        make_pair("a", "b", p_adjusted=0.01, by_luck=(0.04, 0.06)),
    ):
        assert not [line for line in limits(make_results, arms, (pair,)) if "simulations" in line]


def test_to_whom_it_applies(make_arm: Make, make_results: Make) -> None:
    arms = (make_arm("a"),)
    assert limits(make_results, arms) == (
        "Trained and tested on cases of the same source: it does not say what happens in another hospital.",
    )
    external = {"scheme": "cohort", "train": "A", "test": "B"}
    (told,) = limits(make_results, arms, settings={"validation": external})
    assert told.startswith("Trained on one cohort and tested on another")


def test_a_sweep_is_told_to_be_exploratory(make_arm: Make, make_results: Make) -> None:
    told = limits(make_results, (make_arm("a"),), exploratory=(make_arm("a", k="2"), make_arm("a", k="3")))
    assert told[-1].startswith("2 further configurations are exploratory: none of them was tested")
