"""The diameter of a tumour as a radiologist measures it: the longest line across it in one slice."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist


def in_plane_diameter(mask: NDArray[np.bool_], spacing: tuple[float, float, float]) -> float:
    """The longest distance within one axial slice, from the outer edge of a voxel to that of another.

    Args:
        mask: shape (z, y, x), at least one voxel.
        spacing: voxel size in mm, (z, y, x).

    Returns:
        Millimetres.
    """
    return max(_farthest_corners(plane, spacing[1:]) for plane in mask if plane.any())


def _farthest_corners(plane: NDArray[np.bool_], spacing: tuple[float, float]) -> float:
    """The two farthest corners of any pixels; they lie at the first or last pixel of their rows."""
    rows = np.flatnonzero(plane.any(axis=1))
    first = plane[rows].argmax(axis=1)
    last = plane.shape[1] - plane[rows, ::-1].argmax(axis=1)
    corners = [(rows + side, column) for side in (0, 1) for column in (first, last)]
    points = np.concatenate([np.column_stack(pair) for pair in corners])
    return float(pdist(points * np.array(spacing)).max())
