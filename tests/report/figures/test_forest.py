"""Differences with their intervals: where they lie, and what stands beside them."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest
from svg_texts import drawn, outside, texts

from radcompare.printable import visible
from radcompare.report.figures.forest import LONGEST_PAIR, forest_figure
from radcompare.tables.results import NonInferiority

Make = Callable[..., Any]


@pytest.fixture
def figure_of(make_arm: Make, make_results: Make) -> Make:
    def draw(*pairs: Any, names: str | tuple[str, ...] = "abc", **changed: Any) -> Any:
        return forest_figure(make_results(tuple(map(make_arm, names)), pairs, **changed), pairs)

    return draw


def test_every_pair_is_told_with_effect_interval_and_p(figure_of: Make, make_pair: Make) -> None:
    pairs = (make_pair("a", "b"), make_pair("a", "c", ci=None, p_adjusted=0.0002, metric="hand_till"))
    shown = texts(figure_of(*pairs))
    assert {"a − b", "a − c", "difference: above 0 the first is better"} <= set(shown)
    told = [" ".join(text.split()) for text in shown]
    assert "AUC -0.125 [-0.250, +0.062] p (Holm) = 0.064" in told
    assert "AUC (Hand-Till) -0.125 p (Holm) < 0.001" in told


def test_the_first_pair_is_on_top_and_lines_are_where_the_numbers_are(
    figure_of: Make, make_pair: Make
) -> None:
    pairs = (make_pair("a", "b"), make_pair("a", "c", difference=0.5, ci=(0.25, 0.75)))
    (axes,) = drawn(figure_of(*pairs))
    zero, *lines = axes.get_lines()
    assert list(zero.get_xdata()) == [0, 0]
    found = [(list(line.get_xdata()), float(line.get_ydata()[0])) for line in lines]
    assert found == [([-0.25, 0.0625], 1.0), ([-0.125], 1.0), ([0.25, 0.75], 0.0), ([0.5], 0.0)]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["a − b", "a − c"]
    assert list(axes.get_yticks()) == [1, 0]


def test_the_margin_is_a_dashed_line_on_the_losing_side(figure_of: Make, make_pair: Make) -> None:
    margin = NonInferiority("a", "b", "delong", "auc", 40, 0.1, -0.02, -0.08, 0.01, 0.02, shown=True)
    figure = figure_of(make_pair("a", "b"), non_inferiority=(margin, margin))
    (axes,) = drawn(figure)
    dashed = [line for line in axes.get_lines() if line.get_linestyle() == "--"]
    assert [list(line.get_xdata()) for line in dashed] == [[-0.1, -0.1]]
    assert any("dashed: the margin of non-inferiority" in text for text in texts(figure))


def test_names_are_shown_as_they_are(nasty_name: str, figure_of: Make, make_pair: Make) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shown = texts(figure_of(make_pair(nasty_name, "b"), names=(nasty_name, "b")))
    assert f"{visible(nasty_name)} − b" in shown


def test_long_names_are_cut_and_nothing_leaves_the_figure(figure_of: Make, make_pair: Make) -> None:
    figure = figure_of(make_pair("n" * 90, "b"), names=("n" * 90, "b"))
    assert outside(figure) == []
    assert "n" * (LONGEST_PAIR - 1) + "…" in texts(figure)


def test_a_figure_of_many_pairs_is_as_much_taller(figure_of: Make, make_pair: Make) -> None:
    def height(count: int) -> float:
        names = tuple(f"arm{number}" for number in range(count + 1))
        figure = figure_of(*(make_pair("arm0", name) for name in names[1:]), names=names)
        return float(figure.get_size_inches()[1])

    assert height(40) - height(20) == pytest.approx(height(41) - height(21)) == pytest.approx(20 * 0.36)
