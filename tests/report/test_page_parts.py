"""The page as a reader has it: on dark paper, in print, by keyboard and screen reader, with pictures inside."""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from radcompare.config import Experiment, parse
from radcompare.report.drawn import figures_of
from radcompare.report.figures.drawing import as_svg
from radcompare.report.file_names import file_name
from radcompare.report.page import render, views_of
from radcompare.tables.case import Failure
from radcompare.tables.descriptive import Correlation, Flow, Loss
from radcompare.tables.results import Curve, NonInferiority, Results, Stability

Make = Callable[..., Any]
FLOW = Flow(60, 40, "y", (("0", 35), ("1", 25)), (Loss("net", 2, "small"),), (("a", 60),), 60)
CORRELATION = Correlation("a", ("x", "y"), ("s", "t"), ((1.0, None), (None, 1.0)), 60)
CURVES = {
    "calibration": ((0.2, 0.1, 30), (0.8, 0.9, 30)),
    "decision": ((0.1, 0.3, 0.2), (0.5, 0.2, -0.1)),
    "confusion": (("0", "0", 30), ("0", "1", 5), ("1", "0", 5), ("1", "1", 20)),
    "roc_band": ((0.0, 0.0, 0.5), (1.0, 1.0, 1.0)),
}
PICTURE = b64encode(b"\x89PNG a picture").decode()
RUN = {
    "versions": {"radcompare": "0.1.0"},
    "platform": "Linux",
    "seed": 1,
    "inputs": {"cohort": "abc123"},
    "config_sha256": "def456",
    "networks": {"net": {"network": "cnn-f", "weights": "random"}},
}


class Tags(HTMLParser):
    """Every tag with its attributes, and what it lies in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], tuple[str, ...]]] = []
        self.inside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}, tuple(self.inside)))
        if tag not in ("meta", "br", "img"):
            self.inside.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}, tuple(self.inside)))

    def handle_endtag(self, tag: str) -> None:
        assert self.inside.pop() == tag

    def of(self, *names: str) -> Iterator[dict[str, str]]:
        yield from (attributes for tag, attributes, _ in self.found if tag in names)


def experiment() -> Experiment:
    raw = {
        "cohort": "phantom",
        "outcome": "y",
        "sources": {"x": {"columns": ["x"]}},
        "arms": {"a": {"sources": "x"}},
    }
    return parse(Experiment, raw, origin="test")


@pytest.fixture
def whole(make_arm: Make, make_pair: Make, make_results: Make) -> Results:
    """Results with every figure, table and section."""
    margin = NonInferiority("a", "b", "tango", "accuracy", 40, 0.1, -0.02, -0.08, 0.01, 0.02, shown=True)
    found: Results = make_results(
        (make_arm("a", **CURVES), make_arm("b")),
        (make_pair("a", "b"),),
        exploratory=(make_arm("a", k="2"),),
        non_inferiority=(margin,),
        flow=FLOW,
        correlation=CORRELATION,
        stability=(Stability("a", "relieff", "10", 4, 9, None, 0.5, (("x", 1.0),)),),
        curves=(Curve("a", "", 1, 1.0, (1, 2), (0.7, 0.6), (None, None), (None, None)),),
    )
    return found


@cache
def drawn(results: Results) -> dict[str, str]:
    return {name: as_svg(figure) for name, figure in figures_of(results).items()}


def page(results: Results, **changed: Any) -> str:
    figures = drawn(results)
    failures = (Failure("c1", "net", "small", "hint"),)
    return render(
        results, experiment(), failures, figures, **({"run": RUN, "views": {"net": PICTURE}} | changed)
    )


@pytest.fixture
def html(whole: Results) -> str:
    return page(whole)


def sections(html: str) -> list[str]:
    return [attributes["id"] for attributes in Tags(html).of("section")]


def links(html: str) -> list[str]:
    return [attributes["href"].removeprefix("#") for attributes in Tags(html).of("a")]


def test_every_link_has_its_section_and_every_section_its_link(
    html: str, make_arm: Make, make_results: Make
) -> None:
    assert links(html) == sections(html)
    assert len(sections(html)) == 10
    bare = page(make_results((make_arm("a", roc=()),)), run=None, views={})
    assert (
        links(bare)
        == sections(bare)
        == ["answer", "performance", "notes", "methods", "provenance", "checklists"]
    )


@pytest.mark.parametrize("part", ["flow", "correlation", "stability", "exploratory"])
def test_a_part_that_is_missing_takes_its_link_along(part: str, whole: Results) -> None:
    less = page(replace(whole, **{part: None if part in ("flow", "correlation") else ()}))
    assert links(less) == sections(less)


def test_headers_of_tables_say_what_they_head(html: str) -> None:
    tags = Tags(html)
    headers = list(tags.of("th"))
    assert len(headers) > 60
    assert {attributes.get("scope") for attributes in headers} == {"col"}
    assert html.count("<thead>") == html.count("<table>") == html.count("</table>")


def test_ids_are_unique_across_all_figures_and_every_use_has_one(html: str) -> None:
    ids = re.findall(r'<[^>]*\sid="([^"]+)"', html)
    assert len(ids) > 100
    assert len(ids) == len(set(ids))
    used = {
        use for pair in re.findall(r'<[^>]*(?:href="#([^"]+)"|url\(#([^)]+)\))', html) for use in pair if use
    }
    assert used <= set(ids)


def test_the_matrices_are_embedded_as_pictures_that_open(html: str) -> None:
    images = list(Tags(html).of("image"))
    assert len({attributes["id"] for attributes in images}) == len(images) == 2  # correlation and its scale
    for attributes in images:
        assert re.match(r"(figure-)?correlation-", attributes["id"])
        kind, _, content = attributes["xlink:href"].partition("base64,")
        assert kind == "data:image/png;"
        with Image.open(BytesIO(b64decode(content))) as opened:
            opened.verify()


def test_no_figure_has_a_ground_of_its_own(html: str, whole: Results) -> None:
    assert "".join(drawn(whole).values()).count("fill: #ffffff") >= 9
    figures = re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL)
    assert len(figures) == 8  # all but the selected features, which are a table of the page
    styles = [attributes.get("style", "") for figure in figures for _, attributes, _ in Tags(figure).found]
    for style in styles:
        assert not re.search(r"(fill|stroke):\s*(#fff(fff)?\b|white|#000(000)?\b|black)", style)
    assert sum("currentColor" in style for style in styles) > 50
    rectangles = [inside for tag, _, inside in Tags("".join(figures)).found if tag == "rect"]
    assert all("clippath" in inside for inside in rectangles)


def test_words_of_figures_take_the_ink_of_the_page_but_where_their_ground_is_their_own(html: str) -> None:
    assert "figure svg text { fill: currentColor; }" in html
    styles = [attributes.get("style", "") for attributes in Tags(html).of("text")]
    inks = [found[1] for style in styles if (found := re.search(r"(?:^|[; ])fill: ([^;]+)", style))]
    assert set(inks) == {"#777777", "#fefefe", "#010101"}  # beside the flow; in cells of the matrices
    assert len(inks) < len(styles) / 2


def test_white_and_black_in_words_are_left_alone(make_arm: Make, make_results: Make) -> None:
    name = "fill: #ffffff, x: #000000"
    assert page(make_results((make_arm(name),))).count(f"{name}: AUC") == 1


def test_the_page_is_dark_on_screens_alone(html: str) -> None:
    style = html[html.index("<style>") : html.index("</style>")]
    (condition,) = re.findall(r"@media ([^{]*prefers-color-scheme[^{]*)\{", style)
    assert condition.split() == ["screen", "and", "(prefers-color-scheme:", "dark)"]
    light, dark = (re.findall(r"(--\w+):", block) for block in re.findall(r":root \{([^}]*)\}", style))
    assert light == dark
    used = set(re.findall(r"var\((--\w+)\)", style + html)) - {"--share"}
    assert used <= set(light)


def test_print_leaves_out_what_cannot_be_clicked_and_keeps_together_what_belongs(html: str) -> None:
    style = html[html.index("<style>") : html.index("</style>")]
    rules = style[style.index("@media print") :]
    for rule in (
        "nav { display: none; }",
        "break-after: avoid",
        "figure, tr, .warning, .lead { break-inside: avoid; }",
    ):
        assert rule in rules
    assert ".wide { overflow: visible; }" in rules
    assert style.count("@media print") == 1


def test_views_are_part_of_the_page(html: str) -> None:
    (picture,) = Tags(html).of("img")
    assert picture == {"alt": "Example cases as shown to net", "src": f"data:image/png;base64,{PICTURE}"}


def test_without_views_there_is_no_section_for_them(whole: Results) -> None:
    bare = page(whole, views={})
    assert "views" not in sections(bare)
    assert not list(Tags(bare).of("img"))


def test_the_first_sheet_of_every_source_is_shown_under_its_name(tmp_path: Path) -> None:
    for name, sheet in (
        ("cnn f/1", "sheet-01"),
        ("cnn f/1", "sheet-02"),
        ("肺", "sheet-01"),
        ("none", "other"),
    ):
        path = tmp_path / "views" / file_name(name) / f"{sheet}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"{name} {sheet}".encode())
    found = {name: b64decode(picture).decode() for name, picture in views_of(tmp_path).items()}
    assert found == {"cnn f/1": "cnn f/1 sheet-01", "肺": "肺 sheet-01"}
    assert views_of(tmp_path / "nowhere") == {}


def test_names_of_views_are_escaped(whole: Results) -> None:
    hostile = page(whole, views={'"><script>': PICTURE})
    assert "script" not in {tag for tag, _, _ in Tags(hostile).found}
    assert next(Tags(hostile).of("img"))["alt"] == 'Example cases as shown to "><script>'


def test_the_answer_stands_above_everything_else(html: str) -> None:
    places = [
        html.index(text)
        for text in ('class="question"', 'class="lead"', 'class="limits"', "<nav", "<section")
    ]
    assert places == sorted(places)
    assert "Which of a, b predicts y best?" in html
    assert "a is not shown to differ from b (AUC -0.125 [-0.250, +0.062], p (Holm) = 0.064)." in html


def test_provenance_is_that_of_run_json(html: str, whole: Results) -> None:
    text = re.sub(r"<[^>]+>", " ", html[html.index('<section id="provenance"') :])
    told = " ".join(text.split())
    for words in ("radcompare 0.1.0", "platform Linux", "seed 1", "SHA-256 of cohort abc123"):
        assert words in told
    assert "SHA-256 of the settings def456" in told
    assert "network of net cnn-f, weights random" in told
    assert "Software and data" not in page(whole, run=None)


def test_the_drafts_of_the_checklists_are_whole(html: str) -> None:
    rows = html[html.index('<section id="checklists"') :].count("</td></tr>")
    assert rows == 58 + 30
    authors = re.findall(r'<tr class="authors">.*?</tr>', html)
    assert all("to the authors</td></tr>" in row for row in authors)
    assert 30 < len(authors) < 88
