"""Where voxels lie: grids and whether two agree, bounding boxes, crops, and the way to SimpleITK."""

# mypy: untyped-calls-exclude="SimpleITK"
import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radcompare.imaging.region import Region
from radcompare.reading_settings import TOLERANCE

if TYPE_CHECKING:
    import SimpleITK as sitk


@dataclass(frozen=True)
class Grid:
    """The lattice of an image in SimpleITK's order (x, y, z); a 2-D image is one slice of 1 mm.

    Attributes:
        size: number of voxels along each axis.
        spacing: voxel size in mm.
        origin: position of the first voxel in mm.
        direction: the 3x3 direction cosines, row by row.
    """

    size: tuple[int, int, int]
    spacing: tuple[float, float, float]
    origin: tuple[float, float, float]
    direction: tuple[float, ...]

    @classmethod
    def of(cls, image: "sitk.Image") -> "Grid":
        """The grid of a 2-D or 3-D SimpleITK image."""
        if image.GetDimension() == 3:
            return cls(image.GetSize(), image.GetSpacing(), image.GetOrigin(), image.GetDirection())
        xx, xy, yx, yy = image.GetDirection()
        direction = (xx, xy, 0.0, yx, yy, 0.0, 0.0, 0.0, 1.0)
        return cls((*image.GetSize(), 1), (*image.GetSpacing(), 1.0), (*image.GetOrigin(), 0.0), direction)

    def unit(self) -> "Grid":
        """The same number of voxels, 1 mm wide, from the origin along the axes: the grid of a picture."""
        return Grid(
            self.size, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
        )


def differences(image: Grid, mask: Grid, tolerance: float = TOLERANCE) -> list[str]:
    """What two grids disagree on, with both values; empty when they are the same grid.

    Args:
        image: the grid to be matched.
        mask: the other.
        tolerance: see `reading_settings.TOLERANCE`.
    """
    spacing = np.array(image.spacing)
    agree = {
        "size": image.size == mask.size,
        "spacing": _near(image.spacing, mask.spacing, tolerance * spacing),
        "origin": _near(image.origin, mask.origin, tolerance * spacing),
        "direction": _near(image.direction, mask.direction, tolerance),
    }
    return [
        f"{name} {_plain(getattr(image, name))} against {_plain(getattr(mask, name))}"
        for name, same in agree.items()
        if not same
    ]


def bounding_box(mask: NDArray[np.bool_], margin: int = 0) -> tuple[slice, slice, slice]:
    """The smallest box around a mask, widened by a margin and cut at the image's border.

    Args:
        mask: shape (z, y, x).
        margin: voxels added on every side.

    Raises:
        ValueError: the mask is empty.
    """
    rows = np.asarray(mask.any(axis=2), dtype=np.bool_)
    if not rows.any():
        raise ValueError("an empty mask has no bounding box")
    z, y = _extent(rows.any(axis=1)), _extent(rows.any(axis=0))
    x = _extent(mask[z, y].any(axis=(0, 1)))
    depth, height, width = (
        slice(max(side.start - margin, 0), min(side.stop + margin, size))
        for side, size in zip((z, y, x), mask.shape, strict=True)
    )
    return depth, height, width


def crop(region: Region, margin: int = 0) -> Region:
    """The part of a region inside its bounding box; every voxel keeps its position in mm."""
    box = bounding_box(region.mask, margin)
    start = np.array([side.start for side in reversed(box)])
    axes = np.array(region.direction).reshape(3, 3)
    x, y, z = (float(v) for v in region.origin + axes @ (start * region.spacing[::-1]))
    return dataclasses.replace(
        region,
        image=region.image[box],
        mask=region.mask[box],
        origin=(x, y, z),
        organ=None if region.organ is None else region.organ[box],
    )


def grid_of(region: Region) -> Grid:
    """Where the voxels of a region lie."""
    (z, y, x), (dz, dy, dx) = region.mask.shape, region.spacing
    return Grid((x, y, z), (dx, dy, dz), region.origin, region.direction)


def to_sitk(region: Region) -> "tuple[sitk.Image, sitk.Image]":
    """A region as an image of its own type and a uint8 mask (1 inside) on one grid."""
    grid = grid_of(region)
    return on_grid(region.image, grid), on_grid(region.mask.astype(np.uint8), grid)


def on_grid(voxels: NDArray[np.generic], grid: Grid) -> "sitk.Image":
    """Voxels of shape (z, y, x) as an image that lies on a grid."""
    import SimpleITK as sitk  # not at the top: files may be read and measured without it

    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing(grid.spacing)
    image.SetOrigin(grid.origin)
    image.SetDirection(grid.direction)
    return image


def _extent(taken: Any) -> slice:
    """From the first to the last of a row."""
    inside = np.flatnonzero(taken)
    return slice(int(inside[0]), int(inside[-1]) + 1)


def _near(one: tuple[float, ...], two: tuple[float, ...], tolerance: float | NDArray[np.float64]) -> bool:
    return bool(np.all(np.abs(np.subtract(one, two)) <= tolerance))


def _plain(values: tuple[float, ...]) -> str:
    """Numbers with enough digits to show a difference of a tolerance."""
    return "(" + ", ".join(f"{value:.7g}" for value in values) + ")"
