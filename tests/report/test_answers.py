"""The answer in sentences."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from radcompare.report.answers import answer, answers, compact_grids
from radcompare.tables.results import NonInferiority, Omnibus, Refusal

Make = Callable[..., Any]


def test_no_difference_shown_is_no_proof(make_arm: Make, make_pair: Make, make_results: Make) -> None:
    results = make_results((make_arm("net"), make_arm("radiomics")), (make_pair("net", "radiomics"),))
    assert answer(results) == (
        "net against radiomics: AUC -0.125 [-0.250, +0.062], p (Holm) = 0.064: "
        "no difference shown, which is no proof that there is none."
    )


def test_a_p_that_no_other_test_changed_is_p(make_arm: Make, make_pair: Make, make_results: Make) -> None:
    pair = make_pair("net", "radiomics", p=0.0214, p_adjusted=0.0214)
    results = make_results((make_arm("net"), make_arm("radiomics")), (pair,))
    assert "], p = 0.021: " in answer(results)


@pytest.mark.parametrize(("difference", "ahead"), [(0.2, "net [untrained]"), (-0.2, "radiomics")])
def test_who_is_ahead(
    make_arm: Make, make_pair: Make, make_results: Make, difference: float, ahead: str
) -> None:
    arms = (make_arm("net", untrained="untrained (random, seed 1)"), make_arm("radiomics"))
    pair = make_pair("net", "radiomics", difference=difference, p_adjusted=0.05)
    (told,) = answers(make_results(arms, (pair,)))
    assert told.pair == "net [untrained] against radiomics"
    assert told.verdict == f"{ahead} is ahead by more than luck with the cases explains"
    stricter = make_results(arms, (pair,), confidence=0.99)
    assert answers(stricter)[0].verdict.startswith("no difference shown")


def test_one_line_per_pair_by_the_area_where_that_was_tested(
    make_arm: Make, make_pair: Make, make_results: Make
) -> None:
    arms = tuple(make_arm(name) for name in "abcd")
    pairs = (
        make_pair("a", "b", test="mcnemar-exact", metric="accuracy"),
        make_pair("a", "b"),
        make_pair("a", "c", test="mcnemar-exact", metric="accuracy"),
    )
    refused = (
        Refusal("delong", "reason", "instead", "a", "c"),
        Refusal("delong", "reason", "instead", "a", "d"),
        Refusal("mcnemar-exact", "reason", "instead", "a", "d"),
    )
    lines = answers(make_results(arms, pairs, refused=refused))
    assert [(line.pair, line.effect.partition(" ")[0]) for line in lines] == [
        ("a against b", "AUC"),
        ("a against c", "accuracy"),
        ("a against d", ""),
    ]
    assert str(lines[2]) == "a against d: not tested, see what was refused."


def test_one_arm_alone(make_arm: Make, make_results: Make) -> None:
    assert answer(make_results((make_arm("a"),))) == "a: there is no other arm to compare it with."


@pytest.mark.parametrize(
    ("by_luck", "end"),
    [
        (None, "a is ahead by more than luck with the cases explains"),
        ((0.046, 0.059), "a is ahead by more than luck with the cases explains"),
        (
            (0.062, 0.172),
            "a is ahead, but in such a design equally good arms came to p ≤ 0.05 in 6 to 17 % of simulations",
        ),
    ],
)
def test_being_ahead_is_said_beside_how_often_luck_is(
    make_arm: Make, make_pair: Make, make_results: Make, by_luck: Any, end: str
) -> None:
    pair = make_pair("a", "b", difference=0.1, p=0.01, p_adjusted=0.01, by_luck=by_luck)
    (told,) = answers(make_results((make_arm("a"), make_arm("b")), (pair,)))
    assert told.verdict == end


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (
            Omnibus("cochran-q", "accuracy", 3, 40, 6.5, 2.0, 0.0388),
            "all 3 arms: accuracy, cochran-q 6.50 (df 2), p = 0.039: they are not all equally good.",
        ),
        (
            Omnibus("cochran-q", "accuracy", 3, 40, 6.5, 2.0, 0.0388, by_luck=(0.06, 0.15)),
            "all 3 arms: accuracy, cochran-q 6.50 (df 2), p = 0.039: they are not all equally good, but in such a "
            "design equally good arms came to p ≤ 0.05 in 6 to 15 % of simulations.",
        ),
        (
            Omnibus("cochran-q", "accuracy", 4, 9, 1.5, None, 0.75),
            "all 4 arms: accuracy, cochran-q 1.50 (exact), p = 0.750: no difference shown, which is no proof that "
            "there is none.",
        ),
    ],
)
def test_all_arms_at_once(make_arm: Make, make_results: Make, found: Omnibus, line: str) -> None:
    assert answer(make_results((make_arm("a"), make_arm("b")), overall=(found,))) == line


def test_a_margin_is_answered(make_arm: Make, make_results: Make) -> None:
    shown = NonInferiority("a", "b", "delong", "auc", 40, 0.1, -0.025, -0.084, 0.0104, 0.0104, shown=True)
    lost = NonInferiority("a", "b", "tango", "accuracy", 40, 0.1, -0.05, -0.16, 0.2, 0.4, shown=False)
    doubtful = replace(shown, by_luck=(0.062, 0.172))
    found = make_results((make_arm("a"), make_arm("b")), non_inferiority=(shown, lost, doubtful))
    assert answer(found).splitlines() == [
        "a no worse than b by 0.1: AUC -0.025, lower end -0.084, p = 0.010: shown.",
        "a no worse than b by 0.1: accuracy -0.050, lower end -0.160, p (Holm) = 0.400: not shown.",
        "a no worse than b by 0.1: AUC -0.025, lower end -0.084, p = 0.010: shown, but in such a design equally good "
        "arms came to p ≤ 0.05 in 6 to 17 % of simulations.",
    ]


def test_arms_stand_beside_their_difference_to_the_reference(
    make_arm: Make, make_pair: Make, make_results: Make
) -> None:
    arms = (make_arm("net", untrained="untrained (random)"), make_arm("radiomics"))
    (grid,) = compact_grids(make_results(arms, (make_pair("net", "radiomics"),)))
    assert grid.header == ("arm", "AUC", "against radiomics", "p (Holm)")
    assert grid.rows == (
        ("net [untrained]", "0.812 [0.701, 0.923]", "-0.125 [-0.250, +0.062]", "0.064"),
        ("radiomics", "0.812 [0.701, 0.923]", "", ""),
    )
    assert max(sum(map(len, row)) + 2 * len(row) for row in grid.rows) <= 80


def test_without_a_common_reference_pairs_have_a_table(
    make_arm: Make, make_pair: Make, make_results: Make
) -> None:
    arms = tuple(make_arm(name, n=number) for name, number in (("a", 60), ("b", 60), ("c", 59)))
    pairs = (make_pair("a", "b"), make_pair("a", "c", metric="accuracy", test="mcnemar-exact"))
    answer, differences = compact_grids(make_results(arms, pairs))
    assert answer.header == ("arm", "AUC", "n", "accuracy")
    assert [row[2] for row in answer.rows] == ["60", "60", "59"]
    assert [row[:2] for row in differences.rows] == [
        ("a − b", "-0.125 [-0.250, +0.062]"),
        ("a − c", "accuracy -0.125 [-0.250, +0.062]"),
    ]


def test_one_arm_has_no_differences(make_arm: Make, make_results: Make) -> None:
    (grid,) = compact_grids(make_results((make_arm("a"),)))
    assert grid.rows == (("a", "0.812 [0.701, 0.923]", "0.700 [0.575, 0.801]"),)
