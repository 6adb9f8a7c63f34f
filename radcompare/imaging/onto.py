"""Resampling: a mask onto another grid, a region to voxels of another size."""

# mypy: untyped-calls-exclude="SimpleITK"
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radcompare.imaging.geometry import Grid
from radcompare.imaging.region import Region
from radcompare.reading_settings import Reading

if TYPE_CHECKING:
    import SimpleITK as sitk


def nearest_onto(inside: NDArray[np.bool_], of: Grid, onto: Grid) -> NDArray[np.bool_]:
    """A mask on another grid: every voxel takes the value of the voxel that holds its centre.

    Args:
        inside: shape (z, y, x) on the grid `of`.
        of: where the mask lies.
        onto: where it is wanted.

    Returns:
        Shape (z, y, x) of `onto`, False beyond the mask's image.
    """
    import SimpleITK as sitk

    moved = sitk.Resample(
        _image(inside.astype(np.uint8), of), _blank(onto), sitk.Transform(), sitk.sitkNearestNeighbor, 0
    )
    return np.asarray(sitk.GetArrayFromImage(moved), dtype=np.bool_)


def resampled(region: Region, reading: Reading) -> Region:
    """A region with voxels of another size, around the same centre.

    The grid is laid as IBSI asks: as many voxels as cover the image, centred on it. The image is interpolated as
    the reading says, in float64; masks take the nearest voxel. An axis with a single voxel is left as it is.

    Args:
        region: as it was read.
        reading: with `spacing` given.
    """
    import SimpleITK as sitk

    wanted = reading.spacing
    assert wanted is not None
    xyz = (wanted,) * 3 if isinstance(wanted, float) else wanted
    old = Grid(_xyz(region.mask.shape), _floats(region.spacing[::-1]), region.origin, region.direction)
    new = covering(old, xyz)
    interpolators = {
        "linear": sitk.sitkLinear,
        "bspline": sitk.sitkBSpline,
        "nearest": sitk.sitkNearestNeighbor,
    }
    image = _image(region.image.astype(np.float64), old)
    # Centres of the outermost voxels may lie beyond the last ones of the old grid: those repeat the border.
    extrapolator = sitk.ResampleImageFilter()
    extrapolator.SetReferenceImage(_blank(new))
    extrapolator.SetInterpolator(interpolators[reading.interpolator])
    extrapolator.SetUseNearestNeighborExtrapolator(True)
    pixels = sitk.GetArrayFromImage(extrapolator.Execute(image))
    organ = None if region.organ is None else nearest_onto(region.organ, old, new)
    x, y, z = new.spacing
    return replace(
        region,
        image=pixels,
        mask=nearest_onto(region.mask, old, new),
        spacing=(z, y, x),
        origin=new.origin,
        organ=organ,
        eight_bits=False,
    )


def covering(grid: Grid, spacing: tuple[float, float, float]) -> Grid:
    """The grid of that spacing that covers an image and has its centre."""
    wanted = tuple(
        old if size == 1 else new for old, new, size in zip(grid.spacing, spacing, grid.size, strict=True)
    )
    # A thousandth of a voxel is left over by rounding, and is no reason for another one.
    size = tuple(
        max(1, ceil(n * old / new - 1e-3))
        for n, old, new in zip(grid.size, grid.spacing, wanted, strict=True)
    )
    axes = np.array(grid.direction).reshape(3, 3)
    shift = [
        ((n - 1) * old - (m - 1) * new) / 2
        for n, old, m, new in zip(grid.size, grid.spacing, size, wanted, strict=True)
    ]
    origin = np.array(grid.origin) + axes @ shift
    return Grid(_three(size), _floats(wanted), _floats(origin), grid.direction)


def _xyz(shape: tuple[int, ...]) -> tuple[int, int, int]:
    z, y, x = shape
    return x, y, z


def _three(values: Any) -> tuple[int, int, int]:
    x, y, z = (int(value) for value in values)
    return x, y, z


def _floats(values: Any) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z


def _blank(grid: Grid) -> "sitk.Image":
    import SimpleITK as sitk

    image = sitk.Image([int(n) for n in grid.size], sitk.sitkUInt8)
    return _placed(image, grid)


def _image(voxels: NDArray[Any], grid: Grid) -> "sitk.Image":
    import SimpleITK as sitk

    return _placed(sitk.GetImageFromArray(voxels), grid)


def _placed(image: "sitk.Image", grid: Grid) -> "sitk.Image":
    image.SetSpacing(grid.spacing)
    image.SetOrigin(grid.origin)
    image.SetDirection(grid.direction)
    return image
