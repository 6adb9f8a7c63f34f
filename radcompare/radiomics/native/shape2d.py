"""Shape features of a region in one plane: its outline, its diameter, the axes of its pixels.

Definition: pyradiomics 3.0.1, class `RadiomicsShape2D`, every feature that is not deprecated, under its name: 9
of them. The mask is cut to its bounding box first, as pyradiomics' extractor does. Conventions are those of `shape`.
pyradiomics refuses some masks of scattered pixels, whose vertices do not fit the memory it sets aside; here they
are measured.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import DataError
from radcompare.radiomics.native.shape import axis_variances, cut, longest_in_planes
from radcompare.radiomics.native.surface import perimeter_and_area


def features(
    mask: NDArray[np.bool_], spacing: tuple[float, float, float], settings: Mapping[str, Any]
) -> dict[str, float]:
    """The 9 planar shape features of a region that lies in one plane.

    Args:
        mask: shape (z, y, x); at least one voxel.
        spacing: mm, in the order (z, y, x).
        settings: `force2D` must be true; `force2Ddimension` (0) is the axis across the plane, counted z, y, x.

    Raises:
        DataError: the mask is empty or reaches through several planes, or `force2D` is not set.
    """
    if not settings.get("force2D", False):
        raise DataError("planar shape of an image in space needs force2D", "set force2D: true")
    axis = int(settings.get("force2Ddimension", 0))
    plane = _plane(mask, axis)
    row, pixel = (step for index, step in enumerate(spacing) if index != axis)
    perimeter, area = perimeter_and_area(plane, (row, pixel))
    minor, major = axis_variances(plane, (row, pixel))
    with np.errstate(all="ignore"):
        found = {
            "Elongation": np.sqrt(minor / major),
            "MajorAxisLength": 4 * np.sqrt(major),
            "MaximumDiameter": longest_in_planes(plane[None], row, pixel),
            "MeshSurface": area,
            "MinorAxisLength": 4 * np.sqrt(minor),
            "Perimeter": perimeter,
            "PerimeterSurfaceRatio": perimeter / area,
            "PixelSurface": np.count_nonzero(plane) * (pixel * row),
            "Sphericity": 2 * np.sqrt(np.pi * area) / perimeter,
        }
    return {name: float(value) for name, value in found.items()}


def _plane(mask: NDArray[np.bool_], axis: int) -> NDArray[np.bool_]:
    inside = cut(mask)
    if inside.shape[axis] > 1:
        raise DataError(
            f"the mask reaches through {inside.shape[axis]} planes of dimension {axis}; planar shape needs one",
            "choose force2Ddimension, or shape instead of shape2D",
        )
    return np.ascontiguousarray(inside.squeeze(axis))
