"""Location: how the region sits in its organ, and the air in it. Everything is missing without an organ mask.

The organ is the union of the given mask and the region, since lung masks often leave tumours out. A voxel face
of the region lies on the organ's wall when the voxel across it is outside the organ, and on its parenchyma when
that voxel is inside; faces at the edge of the image are neither. An air space is a 26-connected set of the region's
voxels below -910 HU (the density mask of Müller et al., Chest 1988;94:782-787).
"""

from math import nan

import numpy as np

from radcompare.radiomics.patch import Patch
from radcompare.radiomics.solid import face_area, neighbours

AIR_BELOW = -910.0
NAMES = (
    "Attachment",
    "BorderWithWall",
    "BorderWithParenchyma",
    "AirSpaceVolume",
    "AirSpaceCount",
    "AirSpaceMeanVolume",
)


def location(patch: Patch) -> dict[str, float]:
    """The 6 location features, in mm² and mm³.

    In a 2-D image areas and volumes are missing: its slice has no thickness.
    """
    if patch.organ is None:
        return dict.fromkeys(NAMES, nan)
    wall, parenchyma = _shared_borders(patch)
    border = wall + parenchyma
    volume, count = _air(patch)
    return {
        "Attachment": wall / border if border else nan,
        "BorderWithWall": nan if patch.planar else wall,
        "BorderWithParenchyma": nan if patch.planar else parenchyma,
        "AirSpaceVolume": nan if patch.planar else volume,
        "AirSpaceCount": float(count),
        "AirSpaceMeanVolume": nan if patch.planar or not count else volume / count,
    }


def _shared_borders(patch: Patch) -> tuple[float, float]:
    """Area of the faces towards the outside of the organ, and towards the rest of it."""
    assert patch.organ is not None
    wall = parenchyma = 0.0
    organ = neighbours(patch.organ, outside=False, planar=patch.planar)
    image = neighbours(np.ones_like(patch.mask), outside=False, planar=patch.planar)
    region = neighbours(patch.mask, outside=False, planar=patch.planar)
    for (axis, _, in_organ), (_, _, exists), (_, _, in_region) in zip(organ, image, region, strict=True):
        faces = patch.mask & ~in_region & exists
        area = face_area(axis, patch.spacing, planar=patch.planar)
        parenchyma += int((faces & in_organ).sum()) * area
        wall += int((faces & ~in_organ).sum()) * area
    return wall, parenchyma


def _air(patch: Patch) -> tuple[float, int]:
    """Volume of the air in the region, mm³, and the number of spaces it fills."""
    from scipy.ndimage import label

    air = patch.mask & (patch.image < AIR_BELOW)
    _, count = label(air, structure=np.ones((3, 3, 3)))
    return int(air.sum()) * float(np.prod(patch.spacing)), int(count)
