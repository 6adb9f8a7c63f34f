"""What a reader is warned of."""

from collections.abc import Callable
from typing import Any

import pytest

from radcompare.config import Experiment, parse
from radcompare.report.cautions import cautions
from radcompare.tables.results import ArmResult

Make = Callable[..., Any]
ENOUGH = {"n": 250, "n_pos": 120, "n_neg": 130}


def experiment(*, size: bool = True, cohort: bool = True) -> Experiment:
    raw: dict[str, Any] = {
        "outcome": "y",
        "sources": {"hand": {"columns": ["original_*"]}, "size": {"columns": ["diameter_mm"]}},
        "arms": {"hand": {"sources": "hand"}, "more": {"sources": "hand"}},
    }
    if size:
        raw["arms"]["size"] = {"sources": "size"}
    raw |= {"cohort": "phantom"} if cohort else {"table": "t.csv"}
    return parse(Experiment, raw, origin="test")


@pytest.fixture
def arms(make_arm: Make) -> tuple[ArmResult, ...]:
    """Handcrafted 0.8 and 0.7, size 0.75."""
    areas = {"hand": 0.8, "more": 0.7, "size": 0.75}
    return tuple(make_arm(name, auc=area, **ENOUGH) for name, area in areas.items())


def test_an_arm_that_is_shown_to_beat_size_needs_no_warning(
    arms: tuple[ArmResult, ...], make_pair: Make, make_results: Make
) -> None:
    shown = {"difference": 0.05, "p_adjusted": 0.04}
    results = make_results(
        (arms[0], arms[2]), (make_pair("size", "hand", difference=-0.05, p_adjusted=0.04),)
    )
    assert cautions(results, experiment()) == []
    turned = make_results((arms[0], arms[2]), (make_pair("hand", "size", **shown),))
    assert cautions(turned, experiment()) == []


@pytest.mark.parametrize(
    ("a", "b", "difference", "p"),
    [
        ("hand", "size", 0.05, 0.06),
        ("size", "hand", -0.05, 0.06),
        ("hand", "size", -0.05, 0.01),
        ("size", "hand", 0.05, 0.01),
    ],
)
@pytest.mark.parametrize("metric", ["auc", "hand_till"])
def test_an_arm_that_is_not_shown_to_beat_size_is_named(
    a: str, b: str, difference: float, p: float, metric: str,
    arms: tuple[ArmResult, ...], make_pair: Make, make_results: Make,
) -> None:  # fmt: skip
    pair = make_pair(a, b, difference=difference, p_adjusted=p, metric=metric)
    assert cautions(make_results((arms[0], arms[2]), (pair,)), experiment()) == [
        "Size alone (AUC of size 0.750) is not shown to be worse than hand 0.800: what these arms see may be the "
        "size of the region."
    ]


def test_a_test_of_accuracy_says_nothing_of_areas(
    arms: tuple[ArmResult, ...], make_pair: Make, make_results: Make
) -> None:
    pair = make_pair("hand", "size", metric="accuracy", difference=-0.2, p_adjusted=0.001)
    assert cautions(make_results((arms[0], arms[2]), (pair,)), experiment()) == []


def test_where_it_was_not_tested_the_areas_are_compared(
    arms: tuple[ArmResult, ...], make_results: Make
) -> None:
    (told,) = cautions(make_results(arms), experiment())
    assert "more 0.700:" in told
    assert "hand" not in told


def test_without_an_arm_of_size_images_are_warned_of(arms: tuple[ArmResult, ...], make_results: Make) -> None:
    results = make_results(arms[:2])
    (told,) = cautions(results, experiment(size=False))
    assert told.startswith("No arm is the size of the region alone.")
    assert cautions(results, experiment(size=False, cohort=False)) == []


@pytest.mark.parametrize(("n_pos", "told"), [(99, True), (100, False)])
def test_few_cases_of_the_rarer_class(n_pos: int, told: bool, make_arm: Make, make_results: Make) -> None:
    arm = make_arm("hand", n=400, n_pos=n_pos, n_neg=400 - n_pos)
    found = cautions(make_results((arm,)), experiment(size=False, cohort=False))
    assert [line.startswith(f"Small: the rarer class has {n_pos} cases.") for line in found] == [True] * told


def test_classes_that_are_not_counted_are_no_few(make_arm: Make, make_results: Make) -> None:
    arm = make_arm("hand", n_pos=None, n_neg=None)
    assert cautions(make_results((arm,)), experiment(size=False, cohort=False)) == []


def test_arms_of_different_cases(make_arm: Make, make_results: Make) -> None:
    arms = (make_arm("hand", **ENOUGH), make_arm("more", **{**ENOUGH, "n": 248}))
    (told,) = cautions(make_results(arms), experiment(size=False, cohort=False))
    assert told.startswith("Not every arm scored every case (248 to 250):")


def test_an_arm_without_an_area_is_passed_over(make_arm: Make, make_results: Make) -> None:
    arms = (make_arm("hand", auc=None, **ENOUGH), make_arm("size", auc=0.75, **ENOUGH))
    assert cautions(make_results(arms), experiment()) == []
