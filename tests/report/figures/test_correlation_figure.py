"""The matrix of correlations: every feature named, sources apart."""

import numpy as np
from svg_texts import drawn, texts

from radcompare.printable import visible
from radcompare.report.figures.correlation import LONGEST_FEATURE, correlation_figure
from radcompare.report.figures.drawing import as_svg
from radcompare.tables.descriptive import Correlation

VALUES = ((1.0, 0.25, None), (0.25, 1.0, -0.5), (None, -0.5, 1.0))
PLAIN = Correlation("merged", ("f1", "f2", "g1"), ("r219", "r219", "cnn-f"), VALUES, 24)


def test_features_and_sources_are_named(nasty_name: str) -> None:
    shown = texts(correlation_figure(PLAIN))
    assert {"f1", "f2", "g1", "r219", "cnn-f", "Spearman's ρ"} <= set(shown)
    assert shown.count("r219") == 1
    hostile = Correlation("m", (nasty_name, "b"), (nasty_name, "c"), ((1.0, 0.0), (0.0, 1.0)), 9)
    assert texts(correlation_figure(hostile)).count(visible(nasty_name)) == 2


def test_colours_are_the_values_and_undefined_has_none() -> None:
    axes, _ = drawn(correlation_figure(PLAIN))
    (image,) = axes.images
    found = np.ma.filled(image.get_array().astype(float), np.nan)
    np.testing.assert_array_equal(found, np.array(VALUES, dtype=float))
    assert image.get_clim() == (-1, 1)


def test_sources_are_set_apart_by_lines_and_named_in_their_middle() -> None:
    axes, _ = drawn(correlation_figure(PLAIN))
    across, down = axes.get_lines()
    assert (list(across.get_ydata()), list(down.get_xdata())) == ([1.5, 1.5], [1.5, 1.5])
    assert list(axes.get_xticks()) == [0.5, 2]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["f1", "f2", "g1"]


def test_one_source_needs_no_line() -> None:
    axes, _ = drawn(correlation_figure(Correlation("m", ("a", "b"), ("s", "s"), ((1.0, 0.0), (0.0, 1.0)), 9)))
    assert not axes.get_lines()


def test_thirty_long_names_are_cut_and_leave_room_for_the_matrix() -> None:
    names = tuple(f"{'n' * 90}{number}" for number in range(30))
    values = tuple(tuple(float(row == column) for column in range(30)) for row in range(30))
    figure = correlation_figure(Correlation("m", names, ("a",) * 15 + ("b",) * 15, values, 9))
    axes, _ = drawn(figure)
    box, whole = axes.get_window_extent(), figure.bbox
    assert box.width > 0.5 * whole.width
    assert box.width == box.height or abs(box.width - box.height) < 1
    assert texts(figure).count("n" * (LONGEST_FEATURE - 1) + "…") == 30


def test_the_same_matrix_gives_the_same_bytes() -> None:
    assert as_svg(correlation_figure(PLAIN)) == as_svg(correlation_figure(PLAIN))
