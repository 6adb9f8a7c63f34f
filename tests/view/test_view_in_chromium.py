"""The page in a headless Chromium: tables sort, points show their cases, and hostile names stay text."""

from collections.abc import Callable, Iterator
from pathlib import Path

import chromium
import numpy as np
import pandas as pd
import pytest
from small_run import ARMS, CASES, IMAGE, SCRIPT, prediction_frame, write_run

from radcompare.cache import Cache
from radcompare.config import load_experiment
from radcompare.experiment import run
from radcompare.view.server import Viewer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(chromium.find() is None, reason="no Chromium here: install chromium to test the page"),
]
CONFIG = """
name: small
table: t.csv
outcome: malignant
sources:
  s: {columns: ["original_*"]}
  one: {columns: original_firstorder_F0}
arms:
  "<b>radiomics</b>": {sources: s, select: "relieff:3"}
  one: {sources: one}
validation: {folds: 3, groups: patient_id}
"""
DRAWN = "document.querySelectorAll('.view-line').length > 0"

Serve = Callable[[Path], Viewer]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Browser]:
    program = chromium.find()
    assert program is not None
    with chromium.Browser(program, tmp_path_factory.mktemp("profile")) as started:
        started.call(
            "Emulation.setDeviceMetricsOverride", width=1200, height=1600, deviceScaleFactor=1, mobile=False
        )
        yield started


@pytest.fixture
def page(browser: chromium.Browser, viewer: Viewer) -> Iterator[chromium.Browser]:
    """The small run, looked at; at the end nothing may have been complained of, and no name may have acted."""
    browser.complaints.clear()
    browser.point([0, 0])
    browser.open(viewer.address, DRAWN)
    yield browser
    assert browser.complaints == []
    assert browser.evaluate("window.acted === undefined")


def column(page: chromium.Browser, number: int) -> list[str]:
    rows = "[...document.querySelectorAll('#sorted tbody tr')]"
    found: list[str] = page.evaluate(f"{rows}.map(row => row.cells[{number}].textContent)")
    return found


def header(page: chromium.Browser, number: int) -> list[float]:
    return middle(page, f"document.querySelectorAll('#sorted th button')[{number}]")


def middle(page: chromium.Browser, element: str) -> list[float]:
    """Where an element is in the window, scrolled to if need be."""
    place: list[float] = page.evaluate(
        f"(() => {{ const element = {element}; element.scrollIntoView({{block: 'center'}});"
        "const box = element.getBoundingClientRect();"
        "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
    )
    return place


def marker(arm: int, point: int) -> str:
    return f"document.querySelectorAll('.view-curve')[{arm}].querySelectorAll('circle')[{point}]"


def look_at(page: chromium.Browser, arm: int, point: int) -> None:
    """Click until it is the point of this arm: those of others may lie at the same place."""
    place = middle(page, marker(arm, point))
    for _ in ARMS:
        page.click(place)
        if details(page).startswith(ARMS[arm]):
            return
    raise AssertionError(details(page))


def details(page: chromium.Browser) -> str:
    found: str = page.evaluate("document.querySelector('.view-details').innerText")
    return found


def cells(page: chromium.Browser) -> list[list[str]]:
    """The table of cases, text by text."""
    found: list[list[str]] = page.evaluate(
        "[...document.querySelectorAll('.view-cases tbody tr')].map(row => "
        "[...row.cells].map(cell => cell.textContent))"
    )
    return found


def test_a_click_sorts_up_then_down_then_not_at_all(page: chromium.Browser) -> None:
    before = column(page, 0)
    sort = "document.querySelectorAll('#sorted th')[1].getAttribute('aria-sort')"
    orders = []
    for expected in ("ascending", "descending", "none"):
        page.click(header(page, 1))
        assert page.evaluate(sort) == expected
        orders.append(column(page, 0))
    # The dash is last either way.
    assert orders == [["b10", "b9", "c", "a"], ["c", "b9", "b10", "a"], before]


def test_less_than_a_number_comes_before_it_and_text_sorts_as_people_do(page: chromium.Browser) -> None:
    page.click(header(page, 2))
    assert column(page, 2) == ["<0.001", "0.001", "0.021", "1.000"]
    page.click(header(page, 0))
    assert column(page, 0) == ["a", "b9", "b10", "c"]
    sorts = "[...document.querySelectorAll('#sorted th')].map(cell => cell.getAttribute('aria-sort'))"
    assert page.evaluate(sorts) == ["ascending", "none", "none"]


def test_a_header_is_reached_and_pressed_by_keyboard(page: chromium.Browser) -> None:
    page.evaluate("document.querySelector('#sorted th button').focus()")
    page.press("Enter", "\r")
    assert column(page, 0) == ["a", "b9", "b10", "c"]


def test_the_panel_follows_the_answer_and_its_warning(page: chromium.Browser) -> None:
    assert page.evaluate("document.querySelector('.warning').nextElementSibling.className") == "view-roc"


@pytest.mark.parametrize("arm", range(len(ARMS)))
def test_a_point_shows_its_threshold_its_rates_and_its_cases(page: chromium.Browser, arm: int) -> None:
    frame = prediction_frame()
    rows = frame[frame["arm"] == ARMS[arm]].set_index("ID")
    thresholds = np.sort(rows["score"].unique())[::-1]
    point = next(number for number, threshold in enumerate(thresholds) if rows["score"][SCRIPT] == threshold)
    look_at(page, arm, point + 1)
    threshold = thresholds[point]
    called = rows["score"] >= threshold
    hits, spared = (called & (rows["y_true"] == 1)).sum(), (~called & (rows["y_true"] == 0)).sum()
    told = details(page)
    assert f"threshold ≥ {threshold:.6g}" in told
    assert f"sensitivity {hits / 10:.3f} ({hits} of 10)" in told
    assert f"specificity {spared / 10:.3f} ({spared} of 10)" in told
    alike = rows.index[rows["score"] == threshold]
    assert [
        row[0].split(" negative, ")[0].split(" positive, ")[0] for row in cells(page) if len(row) == 1
    ] == [case.replace("\n", r"\n") for case in alike]
    assert f"{SCRIPT} negative, patient p0" in [text for row in cells(page) for text in row]


def test_the_same_case_is_shown_on_the_other_curves_with_score_and_rank(page: chromium.Browser) -> None:
    frame = prediction_frame()
    look_at(page, 1, 4)
    ranked = frame[frame["arm"] == ARMS[1]].sort_values("score", ascending=False)
    case = ranked["ID"].iloc[3]
    rings = page.evaluate("document.querySelectorAll('.view-marks .view-same').length")
    assert (rings, page.evaluate("document.querySelectorAll('.view-marks .view-active').length")) == (2, 1)
    (name,), *rows = cells(page)
    assert name.startswith(case.replace("\n", r"\n"))
    for arm, row in zip(ARMS, rows, strict=True):
        scores = frame[frame["arm"] == arm].set_index("ID")["score"]
        first, last = (scores > scores[case]).sum() + 1, (scores >= scores[case]).sum()
        rank = f"{first}" if first == last else f"{first}–{last}"
        assert row == [arm, f"{scores[case]:.6g}", f"{rank} of {len(CASES)}"]


def test_many_cases_with_one_score_are_shown_one_at_a_time(
    browser: chromium.Browser, serve: Serve, tmp_path: Path
) -> None:
    frame = prediction_frame()
    frame.loc[frame["arm"] == ARMS[0], "score"] = 1.0
    browser.open(serve(write_run(tmp_path / "tied", frame)).address, DRAWN)
    look_at(browser, 0, 1)
    told = details(browser)
    assert "20 cases with this score; point at one" in told
    assert "sensitivity 1.000 (10 of 10)" in told
    assert "1–20 of 20" in told
    rings = "document.querySelectorAll('.view-marks .view-same').length"
    assert browser.evaluate(rings) == 0
    browser.point(middle(browser, "document.querySelectorAll('.view-cases tbody')[3]"))
    assert browser.evaluate(rings) == len(ARMS) - 1
    browser.point([0, 0])
    assert browser.evaluate(rings) == 0


def test_a_click_holds_a_point_and_escape_lets_go(page: chromium.Browser) -> None:
    page.click(middle(page, marker(1, 2)))
    held = details(page)
    assert "held" in held
    page.point(middle(page, marker(1, 12)))
    assert details(page) == held
    page.press("Escape")
    page.point(middle(page, marker(1, 12)))
    assert details(page) != held


def test_a_touch_shows_a_point(page: chromium.Browser) -> None:
    page.touch(middle(page, marker(2, 5)))
    assert "threshold ≥" in details(page)


def test_a_curve_is_walked_by_keyboard(page: chromium.Browser) -> None:
    page.evaluate("document.querySelectorAll('.view-arms input')[2].focus()")
    page.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == ARMS[0]
    assert "threshold above every score" in details(page)
    page.press("ArrowRight")
    page.press("ArrowRight")
    page.press("ArrowLeft")
    told = page.evaluate("document.activeElement.getAttribute('aria-valuetext')")
    assert page.evaluate("document.activeElement.getAttribute('aria-valuenow')") == "1"
    assert told.split(", ")[0] in details(page)
    page.press("End")
    assert "specificity 0.000 (0 of 10)" in details(page)


def test_an_arm_can_be_left_out(page: chromium.Browser) -> None:
    page.point(middle(page, marker(1, 4)))
    page.click(middle(page, "document.querySelectorAll('.view-arms input')[1]"))
    assert page.evaluate("document.querySelectorAll('.view-line').length") == 2
    assert page.evaluate("document.querySelectorAll('.view-marks circle').length") == 0
    page.point(middle(page, marker(0, 3)))
    assert IMAGE not in {row[0] for row in cells(page)}
    page.click(middle(page, "document.querySelectorAll('.view-arms input')[1]"))
    assert page.evaluate("document.querySelectorAll('.view-line').length") == 3


def test_runs_of_the_same_cases_are_told_in_a_sentence(
    browser: chromium.Browser, serve: Serve, tmp_path: Path
) -> None:
    frame = pd.concat([prediction_frame(repeat=repeat) for repeat in range(2)], ignore_index=True)
    viewer = serve(write_run(tmp_path / "repeated", frame))
    browser.open(viewer.address, "document.querySelector('.view-roc p') !== null")
    told = browser.evaluate("document.querySelector('.view-roc').innerText")
    assert told.endswith(f"No single curve of {', '.join(ARMS)}: 2 runs of the same cases.")
    assert browser.evaluate("document.querySelector('.view-chart')") is None


def test_a_script_in_the_report_of_a_stranger_does_not_run(
    browser: chromium.Browser, serve: Serve, run_folder: Path
) -> None:
    attack = (
        f"<body>{SCRIPT}{IMAGE}<script src='/figures/evil.js'></script><a href='javascript:1'>x</a></body>"
    )
    (run_folder / "report.html").write_text(attack)
    browser.complaints.clear()
    browser.open(serve(run_folder).address, DRAWN)
    assert browser.evaluate("window.acted === undefined")
    assert any("Content Security Policy" in complaint for complaint in browser.complaints)


def test_a_report_as_a_run_writes_it(browser: chromium.Browser, serve: Serve, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    outcome = np.tile([0, 1], 15)
    columns = {f"original_firstorder_F{i}": random.normal(size=30) + (i < 2) * outcome for i in range(6)}
    about = {"ID": [f"<i>c{i}</i>" for i in range(30)], "patient_id": [f"p{i // 2}" for i in range(30)]}
    pd.DataFrame({**about, "malignant": outcome, **columns}).to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "small.yaml").write_text(CONFIG, encoding="utf-8")
    folder = tmp_path / "run"
    run(load_experiment(tmp_path / "small.yaml"), folder, cache=Cache(tmp_path / "cache"))
    browser.complaints.clear()
    browser.open(serve(folder).address, DRAWN)
    assert browser.evaluate("document.querySelectorAll('i, td b, label b').length") == 0
    tables = browser.evaluate(
        "[...document.querySelectorAll('table')].map(table => table.tHead.rows[0].cells.length)"
    )
    assert len(tables) >= 3
    assert browser.evaluate("document.querySelectorAll('th > .view-sort').length") == sum(tables)
    browser.point(middle(browser, marker(0, 9)))
    assert "<i>c" in details(browser)
    assert browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert browser.complaints == []
