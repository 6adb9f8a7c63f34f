"""Confusion matrices: counts and shares in the cell they belong to."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from svg_texts import drawn, texts

from radcompare.printable import visible
from radcompare.report.figures.confusion import LONGEST_CLASS, confusion_figure
from radcompare.report.figures.drawing import INK, PAPER

Make = Callable[..., Any]
TWO = (("0", "0", 30), ("0", "1", 10), ("1", "0", 0), ("1", "1", 20))
THREE = tuple((true, called, 5 * (true == called)) for true in "xyz" for called in "xyz")


def cells(axes: Any) -> dict[tuple[int, int], str]:
    """Text by row and column."""
    return {
        (round(text.get_position()[1]), round(text.get_position()[0])): text.get_text() for text in axes.texts
    }


def test_counts_and_shares_of_the_true_class(make_arm: Make) -> None:
    (axes,) = drawn(confusion_figure([make_arm("a", confusion=TWO)]))
    assert cells(axes) == {(0, 0): "30\n75%", (0, 1): "10\n25%", (1, 0): "0\n0%", (1, 1): "20\n100%"}
    np.testing.assert_allclose(
        np.reshape(axes.collections[0].get_array(), (2, 2)), [[0.75, 0.25], [0.0, 1.0]]
    )
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("called", "true")
    for axis in (axes.get_xticklabels(), axes.get_yticklabels()):
        assert [tick.get_text() for tick in axis] == ["negative", "positive"]


def test_writing_is_light_on_dark_and_dark_on_light(make_arm: Make) -> None:
    (axes,) = drawn(confusion_figure([make_arm("a", confusion=TWO)]))
    inks = {text.get_text(): text.get_color() for text in axes.texts}
    assert inks == {"30\n75%": PAPER, "20\n100%": PAPER, "10\n25%": INK, "0\n0%": INK}


def test_three_classes_have_their_names(make_arm: Make) -> None:
    (axes,) = drawn(confusion_figure([make_arm("a", confusion=THREE)]))
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["x", "y", "z"]
    assert cells(axes)[2, 2] == "5\n100%"
    assert len(cells(axes)) == 9


def test_a_class_without_cases_has_no_share(make_arm: Make) -> None:
    none = (("0", "0", 0), ("0", "1", 0), ("1", "0", 1), ("1", "1", 2))
    (axes,) = drawn(confusion_figure([make_arm("a", confusion=none)]))
    assert cells(axes)[0, 0] == "0\n0%"


@pytest.mark.parametrize(("count", "rows", "columns"), [(1, 1, 1), (4, 1, 4), (5, 2, 4), (12, 3, 4)])
def test_many_arms_stand_in_rows_of_four(count: int, rows: int, columns: int, make_arm: Make) -> None:
    figure = confusion_figure([make_arm(f"arm{number}", confusion=TWO) for number in range(count)])
    shown = [axes for axes in drawn(figure) if axes.axison]
    assert [axes.get_title(loc="left") for axes in shown] == [f"arm{number}" for number in range(count)]
    assert shown[0].get_subplotspec().get_gridspec().get_geometry() == (rows, columns)


def test_arms_without_a_matrix_are_left_out(make_arm: Make) -> None:
    figure = confusion_figure([make_arm("bare"), make_arm("net", confusion=TWO, untrained="random")])
    assert "bare" not in texts(figure)
    assert "net [untrained]" in texts(figure)


def test_names_are_shown_as_they_are(nasty_name: str, make_arm: Make) -> None:
    hostile = tuple((true, called, 1) for true in (nasty_name, "b") for called in (nasty_name, "b"))
    shown = texts(confusion_figure([make_arm(nasty_name, confusion=hostile)]))
    assert visible(nasty_name) in shown
    name = visible(nasty_name)
    cut = name if len(name) <= LONGEST_CLASS else name[: LONGEST_CLASS - 1] + "…"
    assert shown.count(cut) >= 2


def test_long_classes_leave_room_for_the_matrix(make_arm: Make) -> None:
    long = tuple((t * 80, c * 80, 1) for t in "ab" for c in "ab")
    for confusion in (long, TWO):
        (axes,) = drawn(confusion_figure([make_arm("a", confusion=confusion)]))
        assert axes.get_window_extent().width > 50
