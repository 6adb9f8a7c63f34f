"""What is done to a region once it is read, and what is recorded of it."""

from dataclasses import replace

import numpy as np

from radcompare.errors import CaseError
from radcompare.imaging.inside import Fact
from radcompare.imaging.region import Region
from radcompare.reading_settings import Reading


def layout(region: Region) -> dict[str, Fact]:
    """Size and voxels of a region, for the record."""
    z, y, x = region.mask.shape
    dz, dy, dx = region.spacing
    return {
        "modality": region.modality,
        "size": f"{x} x {y} x {z}",
        "spacing_mm": f"{dx:.7g} x {dy:.7g} x {dz:.7g}",
        "voxels": int(np.count_nonzero(region.mask)),
    }


def prepare(region: Region, reading: Reading) -> tuple[Region, dict[str, Fact]]:
    """Resample and clip as a reading says, in that order.

    Returns:
        The region, and what was done.

    Raises:
        CaseError: no voxel of the new size has its centre inside the region.
    """
    facts: dict[str, Fact] = {}
    if reading.spacing is not None:
        from radcompare.imaging.onto import resampled

        region = resampled(region, reading)
        new = layout(region)
        if not region.mask.any():
            raise CaseError(
                f"case {region.case}: nothing is left of the region in voxels of {new['spacing_mm']} mm",
                "choose a smaller spacing, or drop the case",
            )
        facts |= {"resampled_to_mm": new["spacing_mm"], "resampled_voxels": new["voxels"]}
    if reading.clip is not None:
        low, high = reading.clip
        inside = region.image[region.mask]
        facts |= {"clipped_voxels": int(((inside < low) | (inside > high)).sum())}
        region = replace(region, image=region.image.clip(low, high))
    return region, facts
