"""Resampling: a mask onto another grid, a region to voxels of another size."""

# mypy: untyped-calls-exclude="SimpleITK"
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from radcompare.imaging.geometry import Grid, grid_of, on_grid
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

    filter_ = _onto(onto)
    filter_.SetInterpolator(sitk.sitkNearestNeighbor)
    return np.asarray(
        sitk.GetArrayFromImage(filter_.Execute(on_grid(inside.astype(np.uint8), of))), dtype=np.bool_
    )


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
    old = grid_of(region)
    new = covering(old, (wanted,) * 3 if isinstance(wanted, float) else wanted)
    interpolators = {
        "linear": sitk.sitkLinear,
        "bspline": sitk.sitkBSpline,
        "nearest": sitk.sitkNearestNeighbor,
    }
    filter_ = _onto(new)
    filter_.SetInterpolator(interpolators[reading.interpolator])
    # Centres of the outermost voxels may lie beyond the last ones of the old grid: those repeat the border.
    filter_.SetUseNearestNeighborExtrapolator(True)
    pixels = sitk.GetArrayFromImage(filter_.Execute(on_grid(region.image.astype(np.float64), old)))
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
    sides = np.where(np.array(grid.size) == 1, grid.spacing, spacing)
    extent = np.array(grid.size) * grid.spacing
    # A thousandth of a voxel is left over by rounding, and is no reason for another one.
    size = np.maximum(1, np.ceil(extent / sides - 1e-3)).astype(int)
    shift = ((extent - grid.spacing) - (size * sides - sides)) / 2
    origin = grid.origin + np.array(grid.direction).reshape(3, 3) @ shift
    (i, j, k), (dx, dy, dz), (x, y, z) = size.tolist(), sides.tolist(), origin.tolist()
    return Grid((i, j, k), (dx, dy, dz), (x, y, z), grid.direction)


def _onto(grid: Grid) -> "sitk.ResampleImageFilter":
    """A filter whose output lies on a grid, 0 beyond its input."""
    import SimpleITK as sitk

    filter_ = sitk.ResampleImageFilter()
    filter_.SetSize(grid.size)
    filter_.SetOutputSpacing(grid.spacing)
    filter_.SetOutputOrigin(grid.origin)
    filter_.SetOutputDirection(grid.direction)
    return filter_
