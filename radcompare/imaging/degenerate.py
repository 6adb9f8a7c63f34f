"""Why a region leaves features undefined: it is too small, too thin or too flat."""

import numpy as np

from radcompare.imaging.geometry import bounding_box
from radcompare.imaging.region import Region

OTHERWISE = "the region or a filter leaves them undefined"


def degeneracy(region: Region) -> str:
    """What is special about a region, in words; `OTHERWISE` where nothing is."""
    box = bounding_box(region.mask)
    extended = sum(side.stop - side.start > 1 for side in box)
    inside = region.image[region.mask]
    found = []
    if inside.size == 1:
        found.append("the region is a single voxel")
    else:
        if extended < 3:
            found.append("the image is 2-D" if len(region.mask) == 1 else "the region is one voxel thick")
        if np.all(inside == inside[0]):
            found.append("all its intensities are equal")
    return "; ".join(found) or OTHERWISE
