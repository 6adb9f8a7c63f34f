"""What stands in a figure, read from its SVG."""

import xml.etree.ElementTree as ElementTree
from typing import Any

from radcompare.report.figures.drawing import as_svg

SVG = "{http://www.w3.org/2000/svg}"


def texts(figure: Any) -> list[str]:
    """Every text of a figure; the SVG has to be XML."""
    root = ElementTree.fromstring(as_svg(figure))
    return ["".join(element.itertext()).strip() for element in root.iter(f"{SVG}text")]


def drawn(figure: Any) -> list[Any]:
    """The axes of a figure after it was drawn."""
    figure.draw_without_rendering()
    return list(figure.axes)


def overlaps(figure: Any) -> list[tuple[str, str]]:
    """Texts that lie over one another."""
    figure.draw_without_rendering()
    shown = [text for axes in figure.axes for text in axes.texts if text.get_text()]
    boxes = [(text.get_text(), (text.get_bbox_patch() or text).get_window_extent()) for text in shown]
    return [(a, b) for at, (a, one) in enumerate(boxes) for b, two in boxes[at + 1 :] if one.overlaps(two)]


def outside(figure: Any) -> list[str]:
    """Texts that a figure cuts off."""
    figure.draw_without_rendering()
    width, height = figure.bbox.width, figure.bbox.height
    shown = [text for axes in figure.axes for text in axes.texts if text.get_text()]
    boxes = {text.get_text(): text.get_window_extent() for text in shown}
    return [t for t, box in boxes.items() if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height]
