"""What the report shows of a run with networks: which cases, of which sources and arms."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from radcompare import preview
from radcompare.config import Experiment, parse
from radcompare.imaging.phantom import write_cohort
from radcompare.preview import draw_views, examples_of
from radcompare.settings import Phantom
from radcompare.tables.cohort import Cohort, read_cohort

CASES = 6
CODES = np.array([0, 1, 0, 1, 0, 1])
NET = {"network": "cnn-f", "weights": "random"}


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a cohort, to be copied."""
    return write_cohort(Phantom(cases=CASES), tmp_path_factory.mktemp("phantoms")).parent


@pytest.fixture
def cohort(phantoms: Path, tmp_path: Path) -> Cohort:
    return read_cohort(str(shutil.copytree(phantoms, tmp_path / "cohort") / "cohort.csv"))


def experiment(**changed: Any) -> Experiment:
    """A deep source, a handcrafted one, and a network that is trained."""
    raw = {
        "cohort": "phantom",
        "outcome": "malignant",
        "sources": {"a b": {"extractor": "deep", "layer": "full7", **NET}, "hand": {"extractor": "r219"}},
        "arms": {"deep": {"sources": "a b"}, "hand": {"sources": "hand"}, "net": {"cnn": NET}},
        "views": 4,
    }
    return parse(Experiment, raw | changed, origin="test")


def told(paths: list[Path], folder: Path) -> list[str]:
    assert all(path.is_file() for path in paths)
    return [path.relative_to(folder).as_posix() for path in paths]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The cases that were drawn, by the name of the folder; the sheets are drawn all the same."""
    found: dict[str, list[str]] = {}
    plain = preview.draw

    def noting(cohort: Cohort, source: Any, folder: Path, **how: Any) -> Any:
        found[folder.name] = [case.case for case in cohort.cases]
        assert list(cohort.columns.index) == found[folder.name]
        return plain(cohort, source, folder, **how)

    monkeypatch.setattr(preview, "draw", noting)
    return found


def test_every_deep_source_and_every_trained_network_has_a_sheet(
    cohort: Cohort, shown: dict[str, list[str]], tmp_path: Path
) -> None:
    paths = draw_views(experiment(), cohort, CODES, tmp_path / "views")
    assert told(paths, tmp_path / "views") == ["a%20b/sheet-01.png", "net/sheet-01.png"]
    cases = [cohort.cases[row].case for row in examples_of(CODES, 4)]
    assert shown == {"a%20b": cases, "net": cases}
    for path in paths:
        with Image.open(path) as image:
            assert image.width > 4 * 160


def test_none_where_none_are_asked_for(cohort: Cohort, tmp_path: Path) -> None:
    assert draw_views(experiment(views=0), cohort, CODES, tmp_path / "views") == []
    assert not list(tmp_path.rglob("sheet-*.png"))


def test_none_without_images(tmp_path: Path) -> None:
    assert draw_views(experiment(), None, CODES, tmp_path / "views") == []


def test_of_a_sweep_the_primary_source_alone_is_shown(cohort: Cohort, tmp_path: Path) -> None:
    swept = {"extractor": "deep", "layer": "full7", **NET, "sweep": {"relu": ["post", "pre"]}}
    one = experiment(sources={"net": swept}, arms={"deep": {"sources": "net"}}, views=2)
    paths = draw_views(one, cohort, CODES, tmp_path / "views")
    assert told(paths, tmp_path / "views") == ["net%20post/sheet-01.png"]


def test_a_case_that_cannot_be_read_costs_no_other(cohort: Cohort, tmp_path: Path) -> None:
    only = experiment(
        arms={"deep": {"sources": "a b"}}, sources={"a b": {"extractor": "deep", "layer": "full7", **NET}}
    )
    (whole,) = draw_views(only, cohort, CODES, tmp_path / "whole")
    with Image.open(whole) as image:
        width = image.width
    cohort.cases[examples_of(CODES, 4)[1]].image.write_bytes(b"no image")
    (fewer,) = draw_views(only, cohort, CODES, tmp_path / "fewer")
    with Image.open(fewer) as image:
        assert image.width == width - 166


def test_where_no_case_can_be_read_there_is_no_sheet_and_no_error(cohort: Cohort, tmp_path: Path) -> None:
    for case in cohort.cases:
        case.image.unlink()
    assert draw_views(experiment(), cohort, CODES, tmp_path / "views") == []


@pytest.mark.parametrize("change", ["none asked for", "no images", "none can be read"])
def test_sheets_of_an_earlier_run_are_not_taken_for_this_one(
    change: str, cohort: Cohort, tmp_path: Path
) -> None:
    folder = tmp_path / "views"
    old = folder / "net" / "sheet-01.png"
    old.parent.mkdir(parents=True)
    for path in (old, old.with_name("mine.png")):
        path.write_bytes(b"another patient")
    if change == "none can be read":
        for case in cohort.cases:
            case.image.unlink()
    one = experiment(views=0 if change == "none asked for" else 4)
    draw_views(one, None if change == "no images" else cohort, CODES, folder)
    assert not old.exists()
    assert old.with_name("mine.png").exists()


@pytest.mark.parametrize(
    ("codes", "count", "rows"),
    [
        ([0, 1, 0, 1, 0, 1], 0, []),
        ([0, 1, 0, 1, 0, 1], 2, [0, 1]),
        ([0, 1, 0, 1, 0, 1], 3, [0, 1, 4]),
        ([0, 1, 0, 1, 0, 1], 4, [0, 1, 4, 5]),
        ([0, 1, 0, 1, 0, 1], 48, [0, 1, 2, 3, 4, 5]),
        ([1, 1, 1, 1, 1, 0], 4, [0, 4, 5]),
        ([0] * 5 + [1] * 5, 6, [0, 2, 4, 5, 7, 9]),
        ([0, 0, 1, 1, 2, 2], 4, [0, 1, 2, 4]),
    ],
)
def test_examples_are_spread_over_each_class_in_the_order_of_the_cohort(
    codes: list[int], count: int, rows: list[int]
) -> None:
    assert examples_of(np.array(codes), count) == rows


@pytest.mark.parametrize("count", [1, 5, 6, 17])
def test_classes_are_shown_as_evenly_as_can_be(count: int) -> None:
    codes = np.random.default_rng(1).permutation(np.repeat([0, 1, 2], 40))
    rows = examples_of(codes, count)
    shown = np.bincount(codes[rows], minlength=3)
    assert (len(rows), len(set(rows))) == (count, count)
    assert rows == sorted(rows)
    assert shown.max() - shown.min() <= 1
