"""Figures: the same bytes twice, names as they are written, every curve where it belongs."""

import re
import warnings
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any

import pytest

from radcompare.report.figures import COLOURS, roc_figure
from radcompare.tables.results import Results

Make = Callable[..., Any]
SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()).strip() for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_the_same_results_give_the_same_bytes(nasty: Results) -> None:
    assert roc_figure(nasty.arms) == roc_figure(nasty.arms)


def test_every_arm_is_named_with_its_area(make_arm: Make) -> None:
    svg = roc_figure([make_arm("a"), make_arm("b", auc=0.5, auc_ci=None)])
    assert "a: AUC 0.812 [0.701, 0.923]" in texts(svg)
    assert "b: AUC 0.500" in texts(svg)
    assert all(colour.lower() in svg.lower() for colour in COLOURS[:2])


def test_names_are_shown_as_they_are(nasty: Results) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shown = " ".join(texts(roc_figure(nasty.arms)))
    for arm in nasty.arms:
        assert arm.label in shown
    assert "<script>" not in roc_figure(nasty.arms)


def test_untrained_arms_are_marked(make_arm: Make) -> None:
    assert "net [untrained]: AUC" in " ".join(
        texts(roc_figure([make_arm("net", untrained="untrained (random)")]))
    )


def test_a_long_name_is_cut(make_arm: Make) -> None:
    (label,) = [text for text in texts(roc_figure([make_arm("n" * 300)])) if "AUC" in text]
    assert label.startswith("n" * 59 + "…: AUC")


def test_arms_without_a_curve_are_left_out(make_arm: Make) -> None:
    svg = roc_figure([make_arm("a", roc=()), make_arm("b")])
    assert not [text for text in texts(svg) if text.startswith("a:")]
    assert "sensitivity" in texts(roc_figure([make_arm("a", roc=())]))


def test_past_seven_arms_the_line_tells_them_apart(make_arm: Make) -> None:
    def dashed(count: int) -> int:
        svg = roc_figure([make_arm(f"arm{number}") for number in range(count)])
        return len(re.findall(r"stroke-dasharray", svg))

    assert dashed(8) > dashed(7) == dashed(1)


def test_a_figure_has_no_date_and_no_link(make_arm: Make) -> None:
    svg = roc_figure([make_arm("a")])
    links = set(re.findall(r"https?://[^\"'\s<]+", svg))
    assert links <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
        "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd",
    }
    assert "metadata" not in svg


@pytest.mark.parametrize("count", [1, 4])
def test_the_curve_is_drawn_in_full(make_arm: Make, count: int) -> None:
    """Four corners of the curve are four points of a path."""
    svg = roc_figure([make_arm(f"arm{number}") for number in range(count)])
    paths = [element.get("d", "") for element in ElementTree.fromstring(svg).iter(f"{SVG}path")]
    drawn = [path for path in paths if path.count("L") == 3 and "z" not in path]
    assert len(drawn) == count
