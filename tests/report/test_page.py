"""The page: self-contained, every text from data escaped, every number of the results on it."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from radcompare.config import Experiment, parse
from radcompare.report.drawn import figures_of
from radcompare.report.figures.drawing import as_svg
from radcompare.report.page import most_selected, render, write_report
from radcompare.report.text import p_value, with_interval
from radcompare.tables.case import Failure
from radcompare.tables.results import Refusal, Results, Stability

Make = Callable[..., Any]
SECTIONS = {"#answer", "#cases", "#performance", "#features", "#views", "#sweep", "#notes", "#methods"}
SECTIONS |= {"#provenance", "#checklists"}
VOID = {"meta", "br", "img", "input", "hr", "link"}


class Page(HTMLParser):
    """Text, tags and attributes of a page, and whether every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def experiment(name: str = "test") -> Experiment:
    raw = {
        "cohort": "phantom",
        "outcome": "y",
        "sources": {"x": {"columns": ["<em>"]}},
        "arms": {"x": {"sources": "x"}},
    }
    return parse(Experiment, raw | {"name": name}, origin="test")


def page_of(results: Results, failures: tuple[Failure, ...] = ()) -> str:
    return render(
        results,
        experiment("<i>name<br>"),
        failures,
        {name: as_svg(figure) for name, figure in figures_of(results).items()},
    )


def kept(*frequency: tuple[str, float], arm: str = "arm", k: str = "2") -> Stability:
    return Stability(arm, "su", k, 4, 9, 0.25, 0.375, frequency)


@pytest.fixture
def hostile(nasty: Results) -> Page:
    nasty = replace(nasty, stability=(kept(("<h1>feature", 1.0), arm="<s>arm", k="1"),))
    failure = Failure("<td>case", "<stage>", "</table>problem", '"hint" & <more>')
    return Page(page_of(nasty, (failure,)))


def test_the_page_is_whole(hostile: Page) -> None:
    assert hostile.open == []
    assert hostile.tags[:2] == ["html", "head"]
    assert hostile.tags.count("svg") == 2  # the forest of differences and the ROC curves


def test_the_page_begins_with_its_doctype(nasty: Results) -> None:
    assert page_of(nasty).startswith("<!doctype html>\n")


def test_nothing_from_data_becomes_a_tag(hostile: Page) -> None:
    hostile_tags = {"script", "img", "i", "b", "u", "s", "em", "iframe", "object", "stage", "more"}
    assert not hostile_tags & set(hostile.tags)
    links = [value for name, value in hostile.attributes if name == "href"]
    assert hostile.tags.count("a") == len([link for link in links if link in SECTIONS])
    for text in (
        "<script>alert('x')</script>",
        "<img src=x onerror=alert(1)>",
        "<h1>feature",
        "</table>problem",
    ):
        assert text in hostile.text
    for text in (
        "_hidden $x^2$ & co",
        "../肺结节 öß",
        'a "quoted", comma',
        '"hint" & <more>',
        "<i>name<br>",
        "<em>",
    ):
        assert text in hostile.text


def test_the_page_needs_nothing_from_elsewhere(nasty: Results, hostile: Page) -> None:
    assert "link" not in hostile.tags
    sources = [value for name, value in hostile.attributes if name in ("src", "href", "xlink:href", "srcset")]
    assert all(value.startswith("#") for value in sources)
    assert not [name for name, _ in hostile.attributes if name.startswith("on")]
    without_text = page_of(nasty).replace("http://example.org", "")
    assert "http" not in without_text
    assert "@import" not in without_text
    assert not re.search(r"url\((?!#)", without_text)


def test_every_number_is_shown(nasty: Results, hostile: Page) -> None:
    for arm in (*nasty.arms, *nasty.exploratory):
        for value in (
            with_interval(arm.accuracy, arm.accuracy_ci),
            with_interval(arm.auc, arm.auc_ci),
            *map(with_interval, (arm.sensitivity, arm.specificity, arm.balanced_accuracy)),
            *map(str, (arm.n, arm.n_pos, arm.n_neg, arm.k)),
        ):
            assert value in hostile.text
    for pair in nasty.pairs:
        for value in (
            with_interval(pair.difference, pair.ci, signed=True),
            p_value(pair.p),
            p_value(pair.p_adjusted),
            str(pair.n),
        ):
            assert value in hostile.text
    assert "<p>reason</p>" in hostile.text
    assert "<b>bold</b>" in hostile.text
    assert "<u>swept</u>" in hostile.text
    assert "<i>note</i>" in hostile.text


def test_untrained_features_are_stamped_on_the_page(hostile: Page) -> None:
    assert 'a "quoted", comma: untrained (random, seed 1).' in hostile.text
    assert "they say nothing about what a trained network can do" in hostile.text
    assert 'a "quoted", comma [untrained]' in hostile.text


def test_a_page_without_random_weights_has_no_warning(make_results: Make, make_arm: Make) -> None:
    text = Page(page_of(make_results((make_arm(),)))).text
    assert "untrained" not in text
    assert "failed" not in text
    assert "no other arm to compare it with" in text


def test_failures_are_counted_and_listed(hostile: Page) -> None:
    assert "1 measurements failed." in hostile.text
    assert "<td>case" in hostile.text


def test_the_same_note_of_several_arms_is_told_once(make_results: Make, make_arm: Make) -> None:
    arms = tuple(make_arm(name, notes=("the mean over 5 runs",)) for name in "ab")
    text = Page(page_of(make_results(arms))).text
    assert text.count("the mean over 5 runs") == 1
    assert "a, b: the mean over 5 runs." in text


def test_the_same_note_of_several_tests_is_told_once(
    make_results: Make, make_arm: Make, make_pair: Make
) -> None:
    pairs = [
        make_pair(a, "c", metric=metric, note="15 folds") for a in "ab" for metric in ("auc", "accuracy")
    ]
    text = Page(page_of(make_results(tuple(map(make_arm, "abc")), tuple(pairs)))).text
    assert text.count("15 folds") == 1
    assert "a − c, b − c: delong: 15 folds." in text


def test_without_any_curve_there_is_no_empty_figure(make_results: Make, make_arm: Make) -> None:
    page = Page(page_of(make_results((make_arm("a", roc=()),))))
    assert "svg" not in page.tags
    assert "has no one curve" in page.text


def test_the_same_refusal_of_several_pairs_is_told_once(make_results: Make, make_arm: Make) -> None:
    refused = tuple(Refusal("delong", "pooled", "nadeau-bengio", a, "c") for a in "ab")
    text = Page(page_of(make_results((make_arm("a"), make_arm("b"), make_arm("c")), refused=refused))).text
    assert "delong (a − c; b − c): pooled. Instead: nadeau-bengio." in text


def test_features_kept_most_often_come_first(make_results: Make, make_arm: Make) -> None:
    entry = kept(*((name, share) for name, share in zip("yxzw", (1.0, 0.5, 0.25, 0.25), strict=True)))
    assert most_selected((entry,)) == {"arm, su:2": [("y", 1.0), ("x", 0.5), ("z", 0.25), ("w", 0.25)]}
    assert most_selected(()) == {}
    many = kept(*((f"f{i}", 0.5) for i in range(40)), k="")
    assert list(map(len, most_selected((many,)).values())) == [15]
    text = Page(page_of(replace(make_results((make_arm("arm"),)), stability=(entry,)))).text
    assert "arm su 2 4 9 1 0.250 0.375" in text


@pytest.mark.slow
def test_files_have_safe_names_and_the_same_bytes_twice(nasty: Results, tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        write_report(nasty, experiment(), (), folder)
    files = [sorted(str(p.relative_to(f)) for p in f.rglob("*") if p.is_file()) for f in folders]
    assert files[0] == files[1]
    figures = {f"figures/{name}.{form}" for name in ("roc", "forest") for form in ("svg", "png", "pdf")}
    tables = {f"tables/{name}.{form}" for name in ("arms", "pairs", "exploratory") for form in ("csv", "tex")}
    assert {"report.html", "tables/metrics.tex"} | figures | tables <= set(files[0])
    assert len([file for file in files[0] if file.startswith("figures/roc_")]) == len(nasty.arms)
    assert all(re.fullmatch(r"(figures/|tables/)?[A-Za-z0-9._%~-]+", file) for file in files[0])
    for file in files[0]:
        assert (folders[0] / file).read_bytes() == (folders[1] / file).read_bytes()


def test_figures_stand_side_by_side_and_share_no_id(make_results: Make, make_arm: Make) -> None:
    curves = {
        "calibration": ((0.2, 0.1, 30), (0.8, 0.9, 30)),
        "decision": ((0.1, 0.3, 0.2), (0.5, 0.2, -0.1)),
    }
    html = page_of(make_results((make_arm('id="a" href="#b"', **curves),)))
    assert Page(html).tags.count("svg") == 3
    ids = re.findall(r'<[^>]*\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    used = re.findall(r'<[^>]*(?:href="#|url\(#)([^")]+)', html)
    assert used
    assert set(used) <= set(ids)
    assert 'id="a" href="#b": AUC' in html.replace("&quot;", '"')


def test_without_probabilities_there_is_the_curve_alone(make_results: Make, make_arm: Make) -> None:
    html = page_of(make_results((make_arm("a"),)))
    assert Page(html).tags.count("svg") == 1
    assert "<h3>ROC curves</h3>" in html
