"""The flow of cases: every number of it, and nothing over anything else."""

import pytest
from svg_texts import outside, overlaps, texts

from radcompare.printable import visible
from radcompare.report.figures.drawing import as_svg
from radcompare.report.figures.flow import flow_figure
from radcompare.tables.descriptive import Flow, Loss

PLAIN = Flow(
    383,
    203,
    "malignant",
    (("benign", 100), ("malignant", 283)),
    (Loss("cnn-f", 2, "mask is empty"), Loss("clinical", 1, "no features of it")),
    (("radiomics", 382), ("deep", 381)),
    380,
)
WHOLE = Flow(24, None, "y", (("0", 12), ("1", 12)), (), (("a", 24),), 24)


def flow_of(arms: int, losses: int) -> Flow:
    lost = tuple(Loss(f"source {n}", n, "a long reason that goes on and on and on") for n in range(losses))
    return Flow(
        999, 99, "y", (("0", 9), ("1", 9)), lost, tuple((f"arm number {n}", 9) for n in range(arms)), 9
    )


def test_every_number_is_told() -> None:
    shown = " ".join(texts(flow_figure(PLAIN)))
    for words in (
        "383 cases of 203 groups",
        "malignant benign: 100, malignant: 283",
        "scored: radiomics 382, deep 381",
        "380 cases scored by every arm",
        "cnn-f: 2 without it (mask is empty)",
        "clinical: 1 without it (no features of it)",
    ):
        assert words in " ".join(shown.split())


def test_without_losses_or_groups_it_says_so() -> None:
    shown = texts(flow_figure(WHOLE))
    assert "no case was lost" in shown
    assert "24 cases" in shown


@pytest.mark.parametrize(("arms", "losses"), [(1, 0), (2, 2), (25, 0), (1, 30), (25, 30), (60, 3)])
def test_boxes_grow_with_what_is_in_them(arms: int, losses: int) -> None:
    figure = flow_figure(flow_of(arms, losses))
    assert overlaps(figure) == []
    assert outside(figure) == []


def test_names_are_shown_as_they_are(nasty_name: str) -> None:
    hostile = Flow(
        9, 3, nasty_name, ((nasty_name, 9),), (Loss(nasty_name, 1, nasty_name),), ((nasty_name, 8),), 8
    )
    shown = " ".join(texts(flow_figure(hostile)))
    name = visible(nasty_name)
    assert f"{name} {name}: 9" in shown
    assert f"scored: {name} 8" in shown
    assert f"{name}: 1 without it ({name})" in " ".join(shown.split())


def test_the_same_flow_gives_the_same_bytes() -> None:
    assert as_svg(flow_figure(PLAIN)) == as_svg(flow_figure(PLAIN))
