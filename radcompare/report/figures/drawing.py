"""What all figures share: the palette, a square with its legend below, and how they are written."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO, StringIO
from typing import Any

from radcompare.printable import visible
from radcompare.tables.results import ArmResult

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's palette: told apart with every kind of colour vision."""
STYLES = ("-", "--", "-.", ":")
GREY = "#777777"
INK, PAPER = "#010101", "#fefefe"
"""Black and white on a coloured ground: a dark page turns plain black and white around, and leaves these."""
SQUARE_INCHES = 4.6
LEGEND_LINE_INCHES = 0.19
LONGEST_LABEL = 60
SMALL = 8
"""Size of text beside data, in points."""
DOTS_PER_INCH = 200
"""Of PNG files."""
FORMATS = ("svg", "png", "pdf")
NOTHING: dict[str, dict[str, None]] = {
    "svg": dict.fromkeys(("Date", "Creator", "Format", "Type")),
    "png": {"Software": None},
    "pdf": dict.fromkeys(("Creator", "Producer", "CreationDate")),
}
"""What a file would tell of the program and the day, without which the same results give the same bytes."""


def blank(width: float, height: float) -> Any:
    """A figure of so many inches without axes."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def square(lines: int) -> tuple[Any, Any]:
    """A figure with square axes and room for a legend of so many lines below."""
    figure = blank(SQUARE_INCHES, SQUARE_INCHES + LEGEND_LINE_INCHES * lines)
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def draw(axes: Any, number: int, points: Sequence[tuple[float, float]], width: float = 1.6) -> Any:
    """One curve; past the seventh the line style tells it from the others of its colour."""
    x, y = zip(*points, strict=True)
    style = STYLES[number // len(COLOURS) % len(STYLES)]
    clipped = min(y) < 0  # a net benefit runs out of the frame; a curve within 0 and 1 may touch it
    return axes.plot(x, y, color=colour(number), linestyle=style, linewidth=width, clip_on=clipped)[0]


def colour(number: int) -> str:
    """The colour of an arm by its place."""
    return COLOURS[number % len(COLOURS)]


def label(arm: ArmResult) -> str:
    """An arm's name as a figure holds it."""
    return short(arm.label)


def short(name: str, longest: int = LONGEST_LABEL) -> str:
    """A name as a figure holds it: what XML forbids is written out, and the long cut."""
    name = visible(name)
    return name if len(name) <= longest else name[: longest - 1] + "…"


def legend(figure: Any, lines: list[Any], labels: list[str]) -> None:
    """Below the axes; the texts come after, as matplotlib hides `_names` and takes `$` for mathematics."""
    if not lines:
        return
    placeholders = [f"arm {number}" for number in range(len(lines))]
    below = figure.legend(lines, placeholders, loc="outside lower left", fontsize=SMALL, frameon=False)
    for text, told in zip(below.get_texts(), labels, strict=True):
        text.set_parse_math(False)
        text.set_text(told)


def write(axes: Any, x: float, y: float, text: str, **how: Any) -> Any:
    """Text at a place of the axes, as it is: `$` is no mathematics."""
    return axes.text(x, y, text, **{"fontsize": SMALL, "parse_math": False, **how})


def name_ticks(axis: Any, places: Sequence[float], names: Sequence[str], size: float = SMALL) -> None:
    """Names as the labels of an axis, as they are."""
    axis.set_ticks(list(places), labels=list(names), parse_math=False, fontsize=size)


def as_svg(figure: Any) -> str:
    """The figure as text; the reader's fonts draw its letters."""
    text = StringIO()
    with _same_bytes():
        figure.savefig(text, format="svg", metadata=NOTHING["svg"])
    figure.set_layout_engine("none")  # what was found for one format is kept for the others: it takes long
    return text.getvalue()


def as_bytes(figure: Any, form: str) -> bytes:
    """The figure as `png` or `pdf`; laid out by `as_svg`, which comes first."""
    content = BytesIO()
    with _same_bytes():
        figure.savefig(content, format=form, metadata=NOTHING[form], dpi=DOTS_PER_INCH)
    return content.getvalue()


@contextmanager
def _same_bytes() -> Iterator[None]:
    """Without a fixed salt every run would write other bytes."""
    import matplotlib

    with (
        matplotlib.rc_context({"svg.hashsalt": "radcompare", "svg.fonttype": "none", "pdf.fonttype": 42}),
        warnings.catch_warnings(),
    ):
        # That matplotlib's own font lacks a letter does not matter to SVG, and others show a box.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield
