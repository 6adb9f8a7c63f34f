"""Figures: the same bytes twice, names as they are written, every curve where it belongs."""

import re
import warnings
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from radcompare.report.figures import curves
from radcompare.report.figures.drawing import COLOURS, as_svg
from radcompare.tables.results import Metric, Results

Make = Callable[..., Any]
CALIBRATION = ((0.1, 0.0, 20), (0.45, 0.5, 10), (0.6, 0.5, 5), (0.9, 1.0, 25))
DECISION = ((0.1, 0.35, 0.3), (0.5, 0.2, -0.16), (0.8, 0.15, -1.9), (0.9, 0.1, -4.8))
SVG = "{http://www.w3.org/2000/svg}"


def roc_figure(arms: Any) -> str:
    return as_svg(curves.roc_figure(arms))


def calibration_figure(arms: Any) -> str:
    return as_svg(curves.calibration_figure(arms))


def decision_figure(arms: Any) -> str:
    return as_svg(curves.decision_figure(arms))


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


def paths_of(svg: str, lines: int) -> list[list[tuple[float, float]]]:
    """Points of the curves that have so many straight lines."""
    paths = [element.get("d", "") for element in ElementTree.fromstring(svg).iter(f"{SVG}path")]
    drawn = [path for path in paths if path.count("L") == lines and "z" not in path]
    return [[(float(x), float(y)) for x, y in re.findall(r"[ML] (\S+) (\S+)", path)] for path in drawn]


def test_calibration_is_told_and_its_bins_drawn(make_arm: Make) -> None:
    figures = {"calibration_slope": 0.81, "calibration_intercept": -0.2, "calibration_error": 0.07}
    metrics = tuple(Metric(name, value) for name, value in figures.items())
    svg = calibration_figure([make_arm("a", calibration=CALIBRATION, metrics=metrics), make_arm("b")])
    assert "a: slope 0.810, intercept -0.200, ECE 0.070" in texts(svg)
    assert not [text for text in texts(svg) if text.startswith("b:")]
    (curve,) = paths_of(svg, 3)
    (x0, y0), (x1, y1), _, (x2, y2) = curve
    assert (x1 - x0) / (x2 - x0) == pytest.approx((0.45 - 0.1) / 0.8, abs=1e-4)
    assert (y1 - y0) / (y2 - y0) == pytest.approx(0.5, abs=1e-4)


def test_net_benefit_stands_beside_treating_all(make_arm: Make) -> None:
    svg = decision_figure([make_arm("a", decision=DECISION), make_arm("b")])
    assert "treat all (dotted: treat none)" in texts(svg)
    assert "a" in texts(svg)
    assert "b" not in texts(svg)
    (arm,) = paths_of(svg, 3)  # treating all leaves the frame and loses corners
    heights = [y for _, y in arm]
    assert (heights[1] - heights[0]) / (heights[3] - heights[0]) == pytest.approx(0.15 / 0.25, abs=1e-4)


@pytest.mark.parametrize("draw", [calibration_figure, decision_figure])
def test_other_figures_keep_names_and_bytes(draw: Callable[..., str], nasty: Results) -> None:
    arms = [replace(arm, calibration=CALIBRATION, decision=DECISION) for arm in nasty.arms]
    assert draw(arms) == draw(arms)
    shown = " ".join(texts(draw(arms)))
    assert all(arm.label in shown for arm in arms)
    assert draw([]) == draw([])
