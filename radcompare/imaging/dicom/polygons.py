"""Polygons to pixels: which pixel centres lie inside."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Polygon = NDArray[np.float64]
"""Vertices, shape (n, 2): column and row in pixels, whole numbers at pixel centres; the last joins the first."""

BESIDE = (1e-6, 1e-7)
"""Columns and rows from a pixel's centre to the point that decides for it.

Contours often run through centres. A hair beside those nothing is left to what arithmetic rounds on the way from mm.
Farther off, contours with three decimals, which pass centres at 1e-5 pixels, would not be taken at their word. The
two differ to leave diagonals, too.
"""


def filled(polygons: Sequence[Polygon], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The pixels whose centre lies inside an odd number of polygons.

    A hole is a polygon inside another, or the inner part of one whose two ways in and out run on the same line
    (a keyhole): there the even-odd rule cancels what is passed twice.

    A centre on an edge belongs to the side of higher columns; of higher rows if the edge is horizontal, or rises by
    less than a row in ten columns. Polygons that share an edge neither share nor lose a pixel.

    Args:
        polygons: of one plane, in any sense of rotation; they may reach beyond the image.
        shape: rows and columns of the image.

    Returns:
        Booleans of that shape.

    Source:
        Scan lines with half-open edges: Foley, van Dam, Feiner, Hughes, Computer Graphics, 2nd ed., section 3.6. A
        point is inside as with W. R. Franklin's PNPOLY.
    """
    rows, columns = shape
    row, crossing = _crossings(polygons, rows)
    # Beyond the last column nothing is left to turn: one column more takes those.
    turned = np.clip(np.ceil(crossing), 0, columns).astype(np.intp)
    turns = np.bincount(row * (columns + 1) + turned, minlength=rows * (columns + 1))
    odd = (turns & 1).astype(np.bool_).reshape(rows, columns + 1)
    inside: NDArray[np.bool_] = np.logical_xor.accumulate(odd[:, :columns], axis=1)
    return inside


def _crossings(polygons: Sequence[Polygon], rows: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Where edges cross the lines through the centres of rows: row and column of each crossing."""
    none = np.empty((0, 2))
    one = np.concatenate([none, *polygons]) - BESIDE
    two = np.concatenate([none, *(np.roll(polygon, -1, axis=0) for polygon in polygons)]) - BESIDE
    # From the lower end to the higher: an edge that two polygons share gives both the same numbers.
    upward = (one[:, 1] <= two[:, 1])[:, np.newaxis]
    low, high = np.where(upward, one, two), np.where(upward, two, one)
    first = np.clip(np.ceil(low[:, 1]), 0, rows).astype(np.intp)
    beyond = np.clip(np.ceil(high[:, 1]), 0, rows).astype(np.intp)
    count = beyond - first
    edge = np.repeat(np.arange(count.size), count)
    row = np.arange(edge.size) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    start, slope = low[edge], (high - low)[edge]
    return row, start[:, 0] + (row - start[:, 1]) * slope[:, 0] / slope[:, 1]
