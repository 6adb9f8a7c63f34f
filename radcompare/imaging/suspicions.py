"""What can be measured but looks wrong: a mask at the border, a handful of voxels, several pieces."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from radcompare.imaging.geometry import bounding_box
from radcompare.imaging.inside import Suspicion
from radcompare.imaging.region import Region

FEW_VOXELS = 64
"""Below this many voxels texture matrices are nearly empty."""

ANISOTROPIC = 5.0
"""Ratio of the largest to the smallest voxel side beyond which 3-D features depend on the slices."""


def suspicions(region: Region) -> Iterator[Suspicion]:
    """Everything that looks wrong about a region that could be read.

    An axis with a single voxel (the third one of a 2-D image) is no reason for suspicion.
    """
    for check in (_border, _slices, _size, _pieces, _anisotropy, _organ):
        found = check(region)
        if found is not None:
            yield found


def _border(region: Region) -> Suspicion | None:
    pairs = zip(bounding_box(region.mask), region.mask.shape, "zyx", strict=True)
    touched = [axis for box, size, axis in pairs if size > 1 and (box.start == 0 or box.stop == size)]
    if not touched:
        return None
    return Suspicion(
        f"the mask touches the image border along {', '.join(touched)}",
        "the tumour may be cut off, and filters see no tissue around it: crop the image less tightly",
    )


def _slices(region: Region) -> Suspicion | None:
    used, there = int(region.mask.any(axis=(1, 2)).sum()), region.mask.shape[0]
    if used > 1 or there == 1:
        return None
    return Suspicion(
        f"the mask covers one slice only, of {there}",
        "3-D shape and texture say little about one slice: segment the others, or measure in 2-D",
    )


def _size(region: Region) -> Suspicion | None:
    voxels = int(region.mask.sum())
    if voxels >= FEW_VOXELS:
        return None
    return Suspicion(
        f"the mask holds {voxels} voxels, fewer than {FEW_VOXELS}",
        "texture features of so few voxels are mostly noise: resample to smaller voxels or drop the case",
    )


def _pieces(region: Region) -> Suspicion | None:
    """Connected components, voxels that share a face, an edge or a corner being connected."""
    from scipy import ndimage  # slow to load, and extraction does without it

    inside = region.mask[bounding_box(region.mask)]
    labelled, count = ndimage.label(inside, structure=np.ones((3, 3, 3)))
    if count == 1:
        return None
    sizes = np.sort(np.bincount(labelled.ravel())[1:])[::-1]
    return Suspicion(
        f"the mask falls into {count} pieces, of {_first(sizes)} voxels",
        "stray voxels distort shape features: keep the piece that is meant, or give each a label",
    )


def _anisotropy(region: Region) -> Suspicion | None:
    sides = [side for side, size in zip(region.spacing, region.mask.shape, strict=True) if size > 1]
    if not sides or max(sides) <= ANISOTROPIC * min(sides):
        return None
    return Suspicion(
        f"voxel sides differ {max(sides) / min(sides):.3g} fold ({max(sides):.4g} and {min(sides):.4g} mm)",
        "3-D features will depend on the slice thickness: resample, or measure in 2-D",
    )


def _organ(region: Region) -> Suspicion | None:
    outside = 0 if region.organ is None else int((region.mask & ~region.organ).sum())
    if not outside:
        return None
    return Suspicion(
        f"{outside} of {int(region.mask.sum())} voxels of the region lie outside the organ",
        "check that both masks belong to this case",
    )


def _first(sizes: NDArray[np.integer], shown: int = 5) -> str:
    return ", ".join(map(str, sizes[:shown])) + (", ..." if len(sizes) > shown else "")
