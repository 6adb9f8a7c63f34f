"""Features kept most often: bars as long as their share."""

import pytest
from svg_texts import drawn, texts

from radcompare.printable import visible
from radcompare.report.figures.selected import LONGEST_FEATURE, MOST_SELECTED, name_of, selected_figure
from radcompare.tables.results import Stability


def stable(
    *frequency: tuple[str, float], arm: str = "a", k: str = "5", nogueira: float | None = 0.375
) -> Stability:
    return Stability(arm, "su", k, 4, 99, None, nogueira, frequency)


def test_bars_are_shares_the_most_frequent_on_top() -> None:
    (axes,) = drawn(selected_figure([stable(("x", 1.0), ("y", 0.75), ("z", 0.25))]))
    bars = sorted(axes.patches, key=lambda bar: -bar.get_y())
    assert [bar.get_width() for bar in bars] == [1.0, 0.75, 0.25]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["x", "y", "z"]
    assert list(axes.get_yticks()) == [2, 1, 0]
    assert axes.get_xlim() == (0, 1)
    assert axes.get_xlabel() == "share of the fits that kept it"


@pytest.mark.parametrize(
    ("entry", "title"),
    [
        (stable(("x", 1.0)), "a, su:5; stability 0.38 (Nogueira)"),
        (stable(("x", 1.0), k="", nogueira=None), "a, su"),
    ],
)
def test_the_title_is_the_selection_with_its_stability(entry: Stability, title: str) -> None:
    assert title in texts(selected_figure([entry]))
    assert title.startswith(name_of(entry))


def test_every_selection_has_its_panel_and_none_without_features() -> None:
    figure = selected_figure(
        [stable(("x", 1.0)), stable(arm="empty"), stable(("y", 0.5), ("z", 0.5), arm="b")]
    )
    titles = [axes.get_title(loc="left").partition(",")[0] for axes in drawn(figure)]
    assert titles == ["a", "b"]
    one, two = (axes.get_window_extent().height for axes in figure.axes)
    assert two > one


def test_of_many_features_the_first_are_shown() -> None:
    many = stable(*((f"f{number}", 0.5) for number in range(40)))
    shown = [text for text in texts(selected_figure([many])) if text.startswith("f")]
    assert sorted(shown) == sorted(f"f{number}" for number in range(MOST_SELECTED))


def test_names_are_shown_as_they_are(nasty_name: str) -> None:
    shown = texts(selected_figure([stable((nasty_name, 1.0), arm=nasty_name)]))
    assert visible(nasty_name) in shown
    assert any(text.startswith(f"{visible(nasty_name)}, su:5") for text in shown)


def test_a_long_name_is_cut() -> None:
    shown = texts(selected_figure([stable(("n" * 200, 1.0))]))
    assert "n" * (LONGEST_FEATURE - 1) + "…" in shown
