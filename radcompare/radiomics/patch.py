"""A region cut down to its bounding box and a little context, so that measuring it is fast."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.geometry import bounding_box
from radcompare.imaging.region import Region

CONTEXT = 2
"""Voxels around the box: half of the largest kernel (Laws, 5 taps)."""

Box = tuple[slice, slice, slice]


@dataclass(frozen=True)
class Patch:
    """The voxels around one region of interest.

    Attributes:
        case: the ID, for messages.
        image: intensities, shape (z, y, x); at least the bounding box of the mask, and up to `CONTEXT` voxels more.
        pixels: the same in the type that pyradiomics computes in, see `pixels_of`.
        mask: True inside the region.
        spacing: mm, in the order (z, y, x).
        organ: True inside the organ, or None.
        box: the bounding box of the mask within the patch.
    """

    case: str
    image: NDArray[np.float64]
    pixels: NDArray[Any]
    mask: NDArray[np.bool_]
    spacing: tuple[float, float, float]
    organ: NDArray[np.bool_] | None
    box: Box

    @property
    def planar(self) -> bool:
        """Whether the image is 2-D: one slice, whose thickness means nothing."""
        return len(self.image) == 1

    @property
    def inside(self) -> NDArray[np.float64]:
        """The intensities inside the mask, one axis."""
        return self.image[self.mask]


def patch_of(region: Region) -> Patch:
    """Cut out the bounding box with its context.

    Raises:
        CaseError: the mask is empty, or an intensity inside it is not finite.
    """
    if not region.mask.any():
        raise CaseError(f"case {region.case}: the mask is empty", "check the mask and its label")
    box = bounding_box(region.mask)
    outer = tuple(
        slice(max(side.start - CONTEXT, 0), min(side.stop + CONTEXT, size))
        for side, size in zip(box, region.mask.shape, strict=True)
    )
    inner = tuple(slice(a.start - b.start, a.stop - b.start) for a, b in zip(box, outer, strict=True))
    organ = None if region.organ is None else region.organ[outer]
    patch = Patch(
        case=region.case,
        image=np.asarray(region.image[outer], dtype=np.float64),
        pixels=pixels_of(region.image[outer]),
        mask=np.asarray(region.mask[outer], dtype=np.bool_),
        spacing=region.spacing,
        organ=organ,
        box=(inner[0], inner[1], inner[2]),
    )
    if not np.isfinite(patch.inside).all():
        count = int((~np.isfinite(patch.inside)).sum())
        raise CaseError(
            f"case {region.case}: {count} voxels inside the mask are not finite", "check the image"
        )
    return patch


def pixels_of(values: NDArray[Any]) -> NDArray[Any]:
    """The same values as pyradiomics should get them: as the file holds them, but whole numbers with a sign.

    pyradiomics adds bin widths in the type of the image; in 8 bits, or without a sign, the sums may not fit.
    """
    if values.dtype.kind == "f" or (values.dtype.kind == "i" and values.dtype.itemsize > 1):
        return values
    fits = (kind for kind in (np.int16, np.int32) if not values.size or values.max() <= np.iinfo(kind).max)
    return values.astype(next(fits, np.int64))
