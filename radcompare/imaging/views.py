"""Where to look at a tumour: planes through it, or the whole of it, as boxes of voxels.

The crop window is a square of `size` pixels of the axial slice. In other planes and in space it is as large in
millimetres along x, so it holds fewer voxels along an axis with wider ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.region import Region

PLANES = ("axial", "coronal", "sagittal")
"""Normal to z, y, and x."""
Box = tuple[tuple[int, int], ...]  # per axis: first, and one past the last


class Looking(Protocol):
    """The settings that say where to look; `source_settings.DeepSource` has them."""

    @property
    def region(self) -> Literal["slice", "orthogonal", "slices", "volume"]:
        """The largest axial slice, the largest of each plane, every axial slice, or the volume."""

    @property
    def window(self) -> Literal["crop", "warp"]:
        """`crop`: a fixed square around the mask; `warp`: the mask's bounding box."""

    @property
    def size(self) -> int:
        """Side of the crop in axial pixels."""

    @property
    def margin(self) -> int:
        """Axial pixels added on every side."""


@dataclass(frozen=True)
class View:
    """One plane or volume to be shown.

    Attributes:
        name: `axial 12`, `coronal 40`, `sagittal 31` or `volume`.
        at: index into the image: all of it for a volume, one plane otherwise.
        box: rows and columns of a plane, or planes, rows and columns of a volume; may reach beyond the image.
    """

    name: str
    at: tuple[slice | int, ...]
    box: Box


def views_of(region: Region, looking: Looking) -> Iterator[View]:
    """The planes or the volume to be shown of a case.

    Raises:
        CaseError: a 2-D image has no other planes and no volume.
    """
    mask = region.mask
    if looking.region == "slice":
        yield _plane(region, 0, largest_slice(mask), looking)
    elif looking.region == "slices":
        for at in np.flatnonzero(mask.any(axis=(1, 2))):
            yield _plane(region, 0, int(at), looking)
    elif mask.shape[0] == 1:
        raise CaseError(
            f"{region.case}: is one slice, so there is no {looking.region} view of it",
            "give region slice (or slices), or a 3-D image",
        )
    elif looking.region == "orthogonal":
        for axis in range(3):
            counts = mask.sum(axis=tuple(other for other in range(3) if other != axis))
            yield _plane(region, axis, int(np.argmax(counts)), looking)
    else:
        yield View("volume", (slice(None),) * 3, _box(mask, _steps(region), looking))


def largest_slice(mask: NDArray[np.bool_]) -> int:
    """Index of the axial slice with most mask voxels, the lowest one on ties.

    Args:
        mask: shape (z, y, x).
    """
    return int(np.argmax(mask.sum(axis=(1, 2))))


def _plane(region: Region, axis: int, at: int, looking: Looking) -> View:
    index: list[slice | int] = [slice(None)] * 3
    index[axis] = at
    # In an axial slice pixels count as they are, whether they are square or not.
    steps = (1.0, 1.0) if axis == 0 else tuple(s for i, s in enumerate(_steps(region)) if i != axis)
    return View(f"{PLANES[axis]} {at}", tuple(index), _box(region.mask[tuple(index)], steps, looking))


def _steps(region: Region) -> tuple[float, ...]:
    """How many voxels of each axis an axial pixel is."""
    return tuple(region.spacing[2] / spacing for spacing in region.spacing)


def _box(mask: NDArray[np.bool_], steps: tuple[float, ...], looking: Looking) -> Box:
    """The mask's bounding box and its margin, or the window whose centre is the centre of that box.

    Half a voxel towards the origin where centres cannot meet.
    """
    box = []
    for axis, step in enumerate(steps):
        others = tuple(other for other in range(mask.ndim) if other != axis)
        taken = np.flatnonzero(mask.any(axis=others))
        first, last = int(taken[0]), int(taken[-1]) + 1
        if looking.window == "warp":
            margin = round(looking.margin * step)
            box.append((first - margin, last + margin))
        else:
            side = max(1, round((looking.size + 2 * looking.margin) * step))
            start = (first + last - side) // 2
            box.append((start, start + side))
    return tuple(box)
