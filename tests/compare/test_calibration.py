"""How often tests are wrong, as the shipped table says: read, looked up and told."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from radcompare import registry
from radcompare.compare.calibration import Rates, measured, miscalibrated, rates_of, simulated
from radcompare.compare.design import Design

ROOT = Path(__file__).parents[2]
TABLE = pd.read_csv(ROOT / "radcompare" / "compare" / "calibration.csv")


@pytest.mark.parametrize(
    ("design", "name"),
    [
        (Design(60, None, 1, 1), "test cohort"),
        (Design(60, 30, 1, 1), "test cohort, grouped"),
        (Design(60, None, 5, 1), "10 folds"),
        (Design(60, 30, 10, 1), "10 folds, grouped"),
        (Design(60, None, 60, 1), "leave-one-out"),
        (Design(60, None, 10, 5), "5x10 folds"),
        (Design(60, None, 2, 5), "5x2 folds"),
        (Design(60, 30, 30, 1), None),
        (Design(60, 30, 10, 5), None),
        (Design(60, None, 1, 1, samples=200), None),
    ],
)
def test_the_nearest_design_that_was_simulated(design: Design, name: str | None) -> None:
    assert simulated(design) == name
    assert bool(rates_of(design)) == (name is not None)


def test_every_test_on_the_menu_was_simulated() -> None:
    assert {test for tests in measured().values() for test, _ in tests} == set(registry.names("test"))


def test_the_table_is_that_of_two_thousand_draws_in_three_sizes() -> None:
    usual = TABLE[~TABLE["name"].str.startswith(("bootstrap", "permutation", "bca"))]
    assert set(usual["draws"]) <= set(range(1900, 2001))
    assert set(TABLE["cases"]) == {40, 100, 250}
    assert set(TABLE["arms"]) == {"signal", "noise"}


def test_lowest_and_highest_over_sizes_and_arms() -> None:
    rows = TABLE[(TABLE["design"] == "10 folds") & (TABLE["name"] == "delong") & (TABLE["kind"] == "test")]
    assert measured()["10 folds"]["delong", "auc"] == (rows["rate"].min(), rows["rate"].max())


def test_only_what_is_far_from_five_percent_is_told() -> None:
    design = Design(60, None, 1, 1)
    assert list(miscalibrated(design, {("delong", "auc")})) == []
    (told,) = miscalibrated(design, {("delong", "auc"), ("mcnemar-exact", "accuracy")})
    assert re.search(r"\(test cohort, 40 to 250 cases\).*: mcnemar-exact \d to \d % \(accuracy\); 5 %", told)
    assert told.endswith("5 % is right; less is cautious")
    (told,) = miscalibrated(Design(60, None, 10, 1), {("delong", "auc")})
    assert told.endswith("5 % is right; more came mostly of arms that know nothing")


def test_what_was_not_simulated_is_told() -> None:
    (told,) = miscalibrated(Design(60, 30, 10, 5), {("nadeau-bengio", "auc")})
    assert told == "how often this errs was not simulated for this design: nadeau-bengio (auc)"
    (told,) = miscalibrated(Design(60, None, 1, 1), {("bootstrap", "hand_till")})
    assert told.endswith("bootstrap (hand_till)")


def test_rates_in_words() -> None:
    assert (str(Rates(0.021, 0.042)), str(Rates(0.011, 0.0149))) == ("2 to 4 %", "1 %")
    assert Rates(0.03, 0.07).fits
    assert not Rates(0.02, 0.05).fits


def simulation() -> ModuleType:
    """The benchmark, which is no module of the package."""
    spec = importlib.util.spec_from_file_location("calibration_run", ROOT / "benchmarks" / "calibration.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_documentation_shows_the_same_rates() -> None:
    page = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
    assert simulation().markdown(TABLE) in page


@pytest.mark.slow
def test_the_simulation_runs_the_tests_of_the_table() -> None:
    simulated_by = simulation()
    for scheme in simulated_by.SCHEMES:
        drawn = simulated_by.draw((scheme, 40, "signal", 0))
        assert set(drawn.rejected) == set(measured()[scheme.name])
        again = simulated_by.draw((scheme, 40, "signal", 0))
        assert (again.rejected, again.intervals) == (drawn.rejected, drawn.intervals)
