"""What a network sees of a tumour: its largest slice, cut out, mapped to [0, 1] and resized.

Pixels count as they are: nothing is resampled to a common spacing here. The window's floor is its lowest
intensity, 0 in the picture; it stands for whatever lies beyond the image or, if asked, outside the mask.
"""

from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radcompare.config import intensity_range
from radcompare.errors import CaseError
from radcompare.imaging.region import Region

PERCENTILES = (1.0, 99.0)
FLOOR = 0.0
FINITE_HINT = "replace NaN and infinite voxels in the image"
Box = tuple[tuple[int, int], tuple[int, int]]  # rows and columns, first and one past the last


class WindowSettings(Protocol):
    """The settings that this module reads; `config.DeepSource` has them."""

    @property
    def window(self) -> Literal["crop", "warp"]:
        """`crop`: a fixed square around the mask; `warp`: the mask's bounding box."""

    @property
    def size(self) -> int:
        """Side of the crop in pixels."""

    @property
    def margin(self) -> int:
        """Pixels added on all four sides."""

    @property
    def masked(self) -> bool:
        """Set pixels outside the mask to the floor."""

    @property
    def intensity(self) -> str:
        """`LOW:HIGH`, or `percentile`."""


def picture_of(region: Region, settings: WindowSettings, side: int) -> NDArray[np.float32]:
    """The picture that a network is shown.

    Taken are the axial slice with most mask voxels and in it, for `warp`, the tight bounding box of the mask,
    whatever its aspect; for `crop` a square of `size` pixels whose centre is the centre of that box (not the
    centre of mass; half a pixel up and left where they cannot meet), which cuts off what is larger. Both grow
    by `margin` on every side. Intensities are mapped first, so that the floor is 0, then resized, then clipped
    again, because bicubic interpolation overshoots.

    Args:
        region: the case.
        settings: see `WindowSettings`.
        side: side of the result in pixels.

    Returns:
        Values in [0, 1], shape (side, side).

    Raises:
        CaseError: a voxel in the window is not finite, or the percentiles leave no range.
    """
    at = largest_slice(region.mask)
    mask = region.mask[at]
    box = _mask_box(mask, settings.margin) if settings.window == "warp" else _square(mask, settings)
    part = tuple(slice(max(first, 0), last) for first, last in box)
    pixels = region.image[at][part].astype(np.float64)
    _check_finite(pixels, region, at)
    low, high = _range(region, settings.intensity)
    picture = np.clip((pixels - low) / (high - low), 0.0, 1.0)
    if settings.masked:
        picture[~mask[part]] = FLOOR
    return resized(_padded(picture, box, mask.shape), side)


def largest_slice(mask: NDArray[np.bool_]) -> int:
    """Index of the axial slice with most mask voxels, the lowest one on ties.

    Args:
        mask: shape (z, y, x).
    """
    return int(np.argmax(mask.sum(axis=(1, 2))))


def resized(picture: NDArray[np.floating], side: int) -> NDArray[np.float32]:
    """A picture stretched to a square by bicubic interpolation, clipped to [0, 1].

    Pillow's filter: Keys' cubic with a = -1/2, as in MATLAB's `imresize`; widened when the picture shrinks, so
    that it does not alias.

    Args:
        picture: values in [0, 1], shape (rows, columns).
        side: rows and columns of the result.
    """
    image = Image.fromarray(np.ascontiguousarray(picture, dtype=np.float32))
    stretched: NDArray[np.float32] = np.asarray(image.resize((side, side), Image.Resampling.BICUBIC))
    return stretched.clip(0.0, 1.0)


def _mask_box(mask: NDArray[np.bool_], margin: int) -> Box:
    """The bounding box of a mask in a slice, grown by the margin."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return _span(rows, margin), _span(columns, margin)


def _span(taken: NDArray[np.intp], margin: int) -> tuple[int, int]:
    return int(taken[0]) - margin, int(taken[-1]) + 1 + margin


def _square(mask: NDArray[np.bool_], settings: WindowSettings) -> Box:
    """The crop window around the centre of the bounding box."""
    side = settings.size + 2 * settings.margin
    rows, columns = ((first + last - side) // 2 for first, last in _mask_box(mask, margin=0))
    return (rows, rows + side), (columns, columns + side)


def _padded(picture: NDArray[np.float64], box: Box, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The whole window, with the floor where it reaches beyond the image."""
    beyond = [(max(-first, 0), max(last - size, 0)) for (first, last), size in zip(box, shape, strict=True)]
    return np.pad(picture, beyond, constant_values=FLOOR)


def _range(region: Region, intensity: str) -> tuple[float, float]:
    """The intensities that become 0 and 1."""
    fixed = intensity_range(intensity)
    if fixed is not None:
        return fixed
    inside = region.image[region.mask].astype(np.float64)
    if not np.isfinite(inside).all():
        raise CaseError(
            f"{region.case}: the image has voxels inside the mask that are not finite", FINITE_HINT
        )
    low, high = (float(value) for value in np.percentile(inside, PERCENTILES))
    if not low < high:
        raise CaseError(
            f"{region.case}: the 1st and 99th percentile inside the mask are both {low:g}",
            "give the intensity range as LOW:HIGH instead of percentile",
        )
    return low, high


def _check_finite(pixels: NDArray[np.float64], region: Region, at: int) -> None:
    wrong = int(np.count_nonzero(~np.isfinite(pixels)))
    if wrong:
        raise CaseError(
            f"{region.case}: {wrong} of {pixels.size} pixels in the window (slice {at}) are not finite",
            FINITE_HINT,
        )
