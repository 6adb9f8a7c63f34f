"""Results as rows of text and as one sentence per pair."""

from collections.abc import Callable
from typing import Any

import pytest

from radcompare.report.text import (
    arms_grid,
    best_beside_nested,
    details_grid,
    margins_grid,
    p_value,
    pairs_grid,
    pipeline_note,
    pipelines_grid,
    with_interval,
)
from radcompare.tables.results import NonInferiority, Pipeline

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("value", "interval", "signed", "expected"),
    [
        (0.7126, (0.55, 0.8754), False, "0.713 [0.550, 0.875]"),
        (0.05, (-0.1, 0.2), True, "+0.050 [-0.100, +0.200]"),
        (-0.05, None, True, "-0.050"),
        (1.0, (1.0, 1.0), False, "1.000 [1.000, 1.000]"),
        (None, None, False, "–"),
    ],
)
def test_a_number_and_its_interval(value: Any, interval: Any, signed: bool, expected: str) -> None:
    assert with_interval(value, interval, signed=signed) == expected


@pytest.mark.parametrize(
    ("p", "short", "named"),
    [
        (0.0214, "0.021", "p = 0.021"),
        (1.0, "1.000", "p = 1.000"),
        (0.001, "0.001", "p = 0.001"),
        (0.00099, "<0.001", "p < 0.001"),
        (0.0, "<0.001", "p < 0.001"),
    ],
)
def test_p_values(p: float, short: str, named: str) -> None:
    assert (p_value(p), p_value(p, name="p")) == (short, named)


def test_the_grid_of_arms(make_arm: Make) -> None:
    grid = arms_grid(
        (
            make_arm(),
            make_arm("net", untrained="untrained (random, seed 1)", selector="", k="", auc=None, auc_ci=None),
        )
    )
    assert grid.header == ("arm", "selector", "k", "classifier", "n", "accuracy", "AUC")
    assert grid.rows == (
        ("radiomics", "relieff", "10", "naive-bayes", "60", "0.700 [0.575, 0.801]", "0.812 [0.701, 0.923]"),
        ("net [untrained]", "–", "–", "naive-bayes", "60", "0.700 [0.575, 0.801]", "–"),
    )
    assert grid.numeric == 3


def test_the_grid_of_details(make_arm: Make) -> None:
    grid = details_grid((make_arm(specificity=None),))
    assert grid.rows == (("radiomics", "wilson", "delong", "25", "35", "0.625", "–", "0.688"),)
    assert len(grid.header) == len(grid.rows[0])
    assert grid.header[-grid.numeric] == "positive"


def test_the_grid_of_pairs(make_arm: Make, make_pair: Make, make_results: Make) -> None:
    arms = (make_arm("net", untrained="untrained (random, seed 1)"), make_arm("radiomics"))
    grid = pairs_grid(make_results(arms, (make_pair("net", "radiomics"),)))
    assert grid.header == ("pair", "test", "metric", "n", "difference", "p", "p (Holm)")
    assert grid.rows == (
        ("net [untrained] − radiomics", "delong", "AUC", "58", "-0.125 [-0.250, +0.062]", "0.021", "0.064"),
    )


def test_the_best_of_a_sweep_stands_beside_the_nested_estimate_or_nowhere(
    make_arm: Make, make_results: Make
) -> None:
    nested = make_arm("a", selector="nested", k="", classifier="nested", auc=0.7)
    sweep = tuple(
        make_arm("a", selector="su", k=str(k), auc=auc) for k, auc in ((2, 0.72), (5, 0.81), (9, None))
    )
    found = best_beside_nested(make_results(arms=(nested,), exploratory=sweep))
    assert found is not None
    assert [row[1:] for row in found.rows] == [("su:5 + naive-bayes, of 2", "0.810", "0.700", "+0.110")]
    plain = make_arm("a", selector="su", k="1", auc=0.7)
    assert best_beside_nested(make_results(arms=(plain,), exploratory=sweep)) is None


def test_a_pipeline_is_a_row_and_a_sentence() -> None:
    entry = Pipeline("a", "best of 4 configurations: x", 0.8, 0.0004, 2499, 0.61, 0.7, 0.0004)
    assert pipelines_grid((entry,)).rows == (
        ("a", "best of 4 configurations: x", "0.800", "0.610", "0.700", "2499", "<0.001"),
    )
    assert "AUC 0.800, by luck 0.610 on average; p < 0.001" in pipeline_note(entry)


def test_the_grid_of_margins(make_arm: Make, make_results: Make) -> None:
    found = NonInferiority("a", "b", "tango", "accuracy", 40, 0.1, -0.025, -0.084, 0.0104, 0.0208, shown=True)
    grid = margins_grid(make_results((make_arm("a"), make_arm("b")), non_inferiority=(found,)))
    row = ("a − b", "tango", "accuracy", "40", "0.1", "-0.025", "-0.084", "0.010", "0.021")
    assert grid.rows == (row,)
    assert len(grid.header) == len(row)
