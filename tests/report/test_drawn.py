"""Which figures a run has, and what lies in its folder."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from radcompare.report.drawn import MOST_SELECTIONS, NAMES, figures_of, shown_selections, write_figures
from radcompare.report.figures.drawing import DOTS_PER_INCH, FORMATS
from radcompare.report.file_names import file_name
from radcompare.tables.descriptive import Correlation, Flow
from radcompare.tables.results import Curve, Results, Stability

Make = Callable[..., Any]
FLOW = Flow(60, None, "y", (("0", 35), ("1", 25)), (), (("a", 60),), 60)
CORRELATION = Correlation("a", ("x", "y"), ("s", "t"), ((1.0, 0.5), (0.5, 1.0)), 60)
STABLE = Stability("a", "relieff", "10", 4, 9, None, 0.5, (("x", 1.0), ("y", 0.5)))
CURVE = Curve("a", "", 1, 1.0, (1, 2), (0.7, 0.6), (None, None), (None, None))


@pytest.fixture
def whole(make_arm: Make, make_pair: Make, make_results: Make) -> Results:
    """Results with every figure."""
    arm = make_arm(
        "a",
        calibration=((0.2, 0.1, 30), (0.8, 0.9, 30)),
        decision=((0.1, 0.3, 0.2), (0.5, 0.2, -0.1)),
        confusion=(("0", "0", 30), ("0", "1", 5), ("1", "0", 5), ("1", "1", 20)),
        roc_band=((0.0, 0.0, 0.5), (1.0, 1.0, 1.0)),
    )
    found: Results = make_results(
        (arm, make_arm("b")), (make_pair("a", "b"),), flow=FLOW, correlation=CORRELATION,
        stability=(STABLE,), curves=(CURVE,),
    )  # fmt: skip
    return found


@pytest.fixture
def bare(make_arm: Make, make_results: Make) -> Results:
    """Results with none."""
    found: Results = make_results((make_arm("a", roc=()), make_arm("b", roc=())))
    return found


def written(results: Results, folder: Path) -> dict[str, bytes]:
    write_figures(results, figures_of(results), folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def test_a_run_may_have_every_figure_in_the_order_of_the_page(whole: Results) -> None:
    assert tuple(figures_of(whole)) == NAMES


def test_what_has_nothing_to_show_is_absent(bare: Results, tmp_path: Path) -> None:
    assert figures_of(bare) == {}
    assert figures_of(replace(bare, stability=(replace(STABLE, frequency=()),))) == {}
    assert written(bare, tmp_path / "figures") == {}


@pytest.mark.parametrize("name", NAMES)
def test_each_figure_stands_for_one_thing(name: str, whole: Results, bare: Results) -> None:
    arm, _ = whole.arms
    keys = {
        "flow": "flow",
        "correlation": "correlation",
        "learning_curves": "curves",
        "selected": "stability",
    }
    if name in keys:
        one = replace(bare, **{keys[name]: getattr(whole, keys[name])})
    elif name == "forest":
        one = replace(bare, pairs=whole.pairs)
    else:
        one = replace(bare, arms=(replace(bare.arms[0], **{name: getattr(arm, name)}), bare.arms[1]))
    assert list(figures_of(one)) == [name]


@pytest.mark.slow
def test_every_figure_is_written_in_every_form_and_the_curve_of_every_arm(
    whole: Results, tmp_path: Path
) -> None:
    files = written(whole, tmp_path)
    expected = {f"{name}.{form}" for name in NAMES for form in FORMATS} | {"roc_a.svg", "roc_b.svg"}
    assert set(files) == expected
    for name in NAMES:
        assert files[f"{name}.svg"].lstrip().startswith(b"<?xml")
        assert files[f"{name}.pdf"].startswith(b"%PDF-")
        assert files[f"{name}.png"].startswith(b"\x89PNG\r\n\x1a\n")
        with Image.open(tmp_path / f"{name}.png") as image:
            image.verify()
            assert min(image.size) > 0.8 * DOTS_PER_INCH
            assert image.info.keys() <= {"dpi"}


@pytest.mark.slow
def test_the_same_results_give_the_same_bytes_in_every_form(whole: Results, tmp_path: Path) -> None:
    assert written(whole, tmp_path / "one") == written(whole, tmp_path / "two")


@pytest.mark.slow
def test_the_svg_that_is_returned_is_the_file(whole: Results, tmp_path: Path) -> None:
    told = write_figures(whole, figures_of(whole), tmp_path)
    assert {name: (tmp_path / f"{name}.svg").read_text(encoding="utf-8") for name in NAMES} == told


@pytest.mark.slow
def test_figures_of_an_earlier_report_are_removed(whole: Results, bare: Results, tmp_path: Path) -> None:
    written(whole, tmp_path)
    (tmp_path / "mine.png").write_bytes(b"of the user")
    assert set(written(replace(bare, flow=FLOW), tmp_path)) == {f"flow.{form}" for form in FORMATS} | {
        "mine.png"
    }


@pytest.mark.slow
def test_of_an_arm_with_an_odd_name_too(make_arm: Make, make_results: Make, tmp_path: Path) -> None:
    name = "../肺 a"
    first = written(make_results((make_arm(name),)), tmp_path)
    assert f"roc_{file_name(name)}.svg" in first
    assert written(make_results((make_arm(name, roc=()),)), tmp_path) == {}


def test_the_first_selection_of_every_arm_is_shown(whole: Results) -> None:
    others = (
        replace(STABLE, k="20"),
        replace(STABLE, selector="su"),
        replace(STABLE, arm="c"),
        replace(STABLE, arm="b"),
    )
    assert shown_selections((*others[:2], STABLE, *others[2:]), whole) == [STABLE, others[3]]


def test_of_a_sweep_the_primary_variant_is_shown(make_arm: Make, make_results: Make) -> None:
    results = make_results((make_arm("a"), make_arm("net", variant="pre crop")))
    swept = [replace(STABLE, arm=f"net {words}") for words in ("post crop", "pre crop", "pre warp")]
    assert shown_selections((*swept, STABLE), results) == [swept[1], STABLE]


def test_of_nested_runs_those_that_there_are(whole: Results) -> None:
    many = [replace(STABLE, arm=f"n{number}") for number in range(MOST_SELECTIONS + 3)]
    assert shown_selections(many, whole) == many[:MOST_SELECTIONS]
    assert shown_selections((), whole) == []
