"""Size: diameters, volume, surface, and the sides of the equivalent box."""

from collections.abc import Mapping
from math import nan

from radcompare.radiomics.diameters import slice_diameters
from radcompare.radiomics.patch import Patch
from radcompare.radiomics.solid import Solid


def size(patch: Patch, solid: Solid, mesh: Mapping[str, float]) -> dict[str, float]:
    """The 10 size features, in mm, mm² and mm³.

    Args:
        patch: the region.
        solid: its geometry.
        mesh: pyradiomics' shape features. In a 2-D image, volume, surface and thickness are missing.
    """
    _, across = slice_diameters(patch)
    length, width, *rest = (float(side) for side in solid.box_sides)
    pixel = patch.spacing[1] * patch.spacing[2]
    return {
        "Maximum2DDiameterSlice": mesh["Maximum2DDiameterSlice"],
        "ShortAxis": across,
        "DiameterProduct": mesh["Maximum2DDiameterSlice"] * across,
        "MeshVolume": mesh["MeshVolume"],
        "VoxelCount": float(len(solid.points)),
        "SurfaceArea": mesh["SurfaceArea"],
        "Length": length,
        "Width": width,
        "Thickness": rest[0] if rest else nan,
        "LargestSliceArea": float(patch.mask.sum(axis=(1, 2)).max()) * pixel,
    }
