"""Grey levels of a region: bins of a fixed width from a multiple of that width, or a fixed number of bins.

Definition: pyradiomics 3.0.1 (`imageoperations.getBinEdges`, `binImage`). Bins are half open, [lower, upper). Edges
are computed in the pixel type of the image, as there: single precision images have single precision edges. One
difference is on purpose: whole numbers do not overflow here, where pyradiomics loses bins if the range of the
values and two bin widths exceed the pixel type (8-bit images of more than 205 intensities, for one).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import DataError

DEFAULT_WIDTH = 25
MOST_BINS = 10_000_000
"""More edges than this would not fit the memory; the bin width does not suit the image."""


def levels(image: NDArray[Any], mask: NDArray[np.bool_], settings: Mapping[str, Any]) -> NDArray[np.int64]:
    """The grey level of every voxel of the mask, from 1 (or 2, where rounding moves an edge); 0 outside.

    Args:
        image: any shape and pixel type.
        mask: the same shape; at least one voxel.
        settings: `binWidth` (25), or `binCount`, which goes before it.

    Raises:
        DataError: the mask is empty, a value inside it is not finite, or the bins are too narrow for the values.
    """
    found = np.zeros(image.shape, dtype=np.int64)
    found[mask] = levels_of(image[mask], settings)
    return found


def levels_of(values: NDArray[Any], settings: Mapping[str, Any]) -> NDArray[np.int64]:
    """The grey level of every value, from 1; arguments and errors as `levels`."""
    low, high = _range(values)
    count = settings.get("binCount")
    if count is not None:
        return _placed(values, _edges_by_count(values, int(count)))
    width = settings.get("binWidth", DEFAULT_WIDTH)
    if values.dtype.kind in "iu" and float(width).is_integer():
        return values.astype(np.int64) // int(width) + (1 - int(low) // int(width))
    return _placed(values, _edges_by_width(low, high, width))


def bin_counts(values: NDArray[Any], settings: Mapping[str, Any]) -> NDArray[np.int64]:
    """How many values each occupied bin holds, lowest bin first; arguments and errors as `levels`."""
    counts = np.bincount(levels_of(values, settings))
    return counts[counts > 0]


def _range(values: NDArray[Any]) -> tuple[Any, Any]:
    """Smallest and largest value, in the type that bins are computed in."""
    if not values.size:
        raise DataError("the mask is empty", "check the mask and its label")
    low, high = values.min(), values.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        count = int((~np.isfinite(values)).sum())
        raise DataError(f"{count} voxels inside the mask are not finite", "check the image and its filters")
    return (int(low), int(high)) if values.dtype.kind in "iu" else (low, high)


def _edges_by_width(low: Any, high: Any, width: float) -> NDArray[Any]:
    """Edges from the last multiple of the width below the smallest value to beyond the largest one."""
    start = low - low % width
    bins = (float(high) - float(start)) / width
    if bins > MOST_BINS:
        raise DataError(
            f"binWidth {width:g} makes {bins:.0f} bins of this image", "use a larger binWidth, or binCount"
        )
    edges = np.arange(start, high + 2 * width, width)
    return edges if len(edges) > 1 else np.array([edges[0] - 0.5, edges[0] + 0.5])


def _edges_by_count(values: NDArray[Any], count: int) -> NDArray[Any]:
    """Edges of equal bins from the smallest to the largest value, which belongs to the last bin."""
    try:
        edges = np.histogram_bin_edges(values, count)
    except ValueError as error:
        raise DataError(f"binCount {count}: {error}", "use a smaller binCount") from None
    edges[-1] += 1
    return edges


def _placed(values: NDArray[Any], edges: NDArray[Any]) -> NDArray[np.int64]:
    """The number of edges that are not above each value.

    Edges are evenly spaced but for rounding, so the place is computed, and moved by one where comparison with the
    edges on both sides says so: what a search finds, several times faster. Where rounding could move it further
    (bins as narrow as the precision), it is searched for.
    """
    last, step = len(edges) - 1, float(edges[1]) - float(edges[0])
    rounding = np.finfo(edges.dtype).eps * max(abs(float(edges[0])), abs(float(edges[-1]))) * len(edges)
    if not 8 * rounding < step:
        return np.searchsorted(edges, values, side="right").astype(np.int64)
    place = ((values - float(edges[0])) * (1 / step)).astype(np.int64)
    np.clip(place, 0, last - 1, out=place)
    above, below = values >= edges[1:][place], values < edges[place]
    place += 1
    place += above
    place -= below
    return place
