"""A cube of contours, and what the program makes of structures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from made_drawings import SIZE, at, box, grid, in_mm, refusal, scan, wanted, write_structures
from numpy.typing import NDArray

from radcompare.imaging.dicom.rtstruct import read_structure
from radcompare.imaging.geometry import Grid
from radcompare.imaging.inside import Inside
from radcompare.imaging.volume import Volume

CUBE = [at(z, box(3.5, 4.5, 9.5, 8.5)) for z in range(2, 6)]
"""Columns 4 to 9, rows 5 to 8, slices 2 to 5."""


def cube() -> NDArray[np.bool_]:
    made = np.zeros(SIZE[::-1], dtype=bool)
    made[2:6, 5:9, 4:10] = True
    return made


def moved(x: float = 0, z: float | NDArray[np.float64] = 0) -> list[NDArray[np.float64]]:
    """The cube somewhere else, in voxels; every contour by itself where several distances are given."""
    return [points + np.array([x, 0, by]) for points, by in zip(CUBE, np.broadcast_to(z, 4), strict=True)]


def drawn(path: Path, contours: Sequence[NDArray[np.float64]], of: Grid | None = None, **more: Any) -> Path:
    """A file of one structure, GTV, of contours in voxels."""
    return write_structures(
        path / "rs.dcm", {"GTV": [in_mm(points, of or grid()) for points in contours]}, **more
    )


def several(path: Path, *names: str, **more: Any) -> Path:
    """A structure for every name, each one column wide and beside the last."""
    rois = {
        name: [in_mm(at(2, box(2 * i + 0.5, 3.5, 2 * i + 1.5, 6.5)), grid())] for i, name in enumerate(names)
    }
    return write_structures(path / "rs.dcm", rois, **more)


def get(path: Path, onto: Volume | None = None, **asked: Any) -> Inside:
    return read_structure(wanted(path, **asked), path, scan() if onto is None else onto)


def refused(path: Path, onto: Volume | None = None, **asked: Any) -> str:
    return refusal(read_structure, path, scan() if onto is None else onto, **asked).message


def columns(inside: Inside) -> list[int]:
    return np.unique(np.nonzero(inside.voxels)[2]).tolist()
