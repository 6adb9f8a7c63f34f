"""What a mask holds, as far as rows of a cohort have to know: its labels, or why it cannot be read."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from radcompare.errors import CaseError
from radcompare.imaging.labels import ROUNDING
from radcompare.imaging.volume import read_volume

MOST = 100
"""More labels than that are no labels."""


@dataclass(frozen=True)
class Held:
    """What one mask holds.

    Attributes:
        labels: the values above 0; none where the file is no map of labels (a white on black picture, fractions).
        empty: every voxel is 0.
        problem: why it cannot be read; empty if it can.
    """

    labels: tuple[int, ...] = ()
    empty: bool = False
    problem: str = ""


def labels_in(path: Path) -> Held:
    """Read a mask and list its labels."""
    try:
        mask = read_volume("", path)
    except (CaseError, OSError) as error:
        said = error.message if isinstance(error, CaseError) else str(error)
        return Held(problem=said.removeprefix("case : ").removeprefix(f"{path} "))
    voxels = mask.voxels[..., 0] if mask.voxels.ndim == 4 else mask.voxels
    inside = voxels[voxels != 0]
    if not inside.size:
        return Held(empty=True)
    if mask.picture and mask.voxels.dtype.kind == "u" and inside.max() == np.iinfo(inside.dtype).max:
        return Held()
    found = np.flatnonzero(np.bincount(inside)) if inside.dtype == np.uint8 else np.unique(inside)
    whole = np.rint(found)
    if len(found) > MOST or not (
        np.isfinite(whole).all() and np.allclose(found, whole, rtol=0, atol=ROUNDING)
    ):
        return Held()
    return Held(tuple(int(value) for value in whole if value > 0))
