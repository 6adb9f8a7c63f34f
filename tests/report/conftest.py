"""Results made by hand, with names that are hard on HTML, on figures and on file systems."""

from collections.abc import Callable
from typing import Any

import pytest

from radcompare.report.figures.drawing import FORMATS
from radcompare.tables.results import ArmResult, PairResult, Refusal, Results

NASTY = ("<script>alert('x')</script>", 'a "quoted", comma', "_hidden $x^2$ & co", "../肺结节 öß")
"""Names of arms as no one should write them."""


def arm_of(name: str = "radiomics", **changed: Any) -> ArmResult:
    plain: dict[str, Any] = {
        "arm": name,
        "selector": "relieff",
        "k": "10",
        "classifier": "naive-bayes",
        "n": 60,
        "n_pos": 25,
        "n_neg": 35,
        "accuracy": 0.7,
        "accuracy_ci": (0.575, 0.801),
        "accuracy_method": "wilson",
        "balanced_accuracy": 0.6875,
        "sensitivity": 0.625,
        "specificity": 0.75,
        "auc": 0.8125,
        "auc_ci": (0.701, 0.923),
        "auc_method": "delong",
        "roc": ((0.0, 0.0), (0.0, 0.5), (0.25, 0.75), (1.0, 1.0)),
    }
    return ArmResult(**(plain | changed))


def pair_of(a: str, b: str, **changed: Any) -> PairResult:
    plain: dict[str, Any] = {
        "a": a,
        "b": b,
        "test": "delong",
        "metric": "auc",
        "n": 58,
        "difference": -0.125,
        "ci": (-0.25, 0.0625),
        "p": 0.0214,
        "p_adjusted": 0.0642,
    }
    return PairResult(**(plain | changed))


def results_of(arms: tuple[ArmResult, ...], pairs: tuple[PairResult, ...] = (), **changed: Any) -> Results:
    plain: dict[str, Any] = {"design": "60 cases, 10-fold cross-validation", "confidence": 0.95}
    return Results(arms=arms, pairs=pairs, **(plain | changed))


@pytest.fixture
def make_arm() -> Callable[..., ArmResult]:
    return arm_of


@pytest.fixture
def make_pair() -> Callable[..., PairResult]:
    return pair_of


@pytest.fixture
def make_results() -> Callable[..., Results]:
    return results_of


@pytest.fixture
def nasty() -> Results:
    """Every text that comes from data is hostile."""
    first, second, third, fourth = NASTY
    return results_of(
        (
            arm_of(first),
            arm_of(second, untrained="untrained (random, seed 1)"),
            arm_of(third, notes=("<b>bold</b>",)),
            arm_of(fourth),
        ),
        (pair_of(first, second, note="<i>note</i>"), pair_of(third, fourth)),
        exploratory=(arm_of(first, k="20", notes=("<u>swept</u>",)),),
        refused=(Refusal("delong", "<p>reason</p>", "<a href='http://example.org'>this</a>", second, third),),
        notes=("<img src=x onerror=alert(1)>",),
    )


@pytest.fixture(autouse=True)
def _figures_in_every_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("radcompare.report.drawn.FORMATS", FORMATS)
