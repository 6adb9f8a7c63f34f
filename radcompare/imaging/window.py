"""What a network sees of a tumour: a part of the image, mapped to [0, 1] and resized.

Nothing is resampled to a common spacing here. The window's floor is its lowest intensity, 0 in the picture; it
stands for whatever lies beyond the image or, if asked, outside the mask.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radcompare.errors import CaseError
from radcompare.imaging.intensity import FINITE_HINT, bounds, chosen
from radcompare.imaging.region import Region
from radcompare.imaging.views import Box, Looking, View, views_of

FLOOR = 0.0


class WindowSettings(Looking, Protocol):
    """The settings that this module reads; `source_settings.DeepSource` has them."""

    @property
    def masked(self) -> bool:
        """Set pixels outside the mask to the floor."""

    @property
    def intensity(self) -> str | Mapping[str, str]:
        """`LOW:HIGH`, `percentile` or `auto`, for all or by modality."""


@dataclass(frozen=True)
class Picture:
    """One picture as the network is shown it.

    Attributes:
        pixels: float32 in [0, 1], shape (side, side), or (side, side, side) of a volume.
        view: `axial 12`, `coronal 40`, `sagittal 31` or `volume`.
        beyond: share of the window that lies beyond the image and was filled with the floor.
        mask: the region in this picture, same shape, where it was asked for.
        seen: lowest and highest intensity in the window, and whether more than one grey is made of them.
    """

    pixels: NDArray[np.float32]
    view: str
    beyond: float
    mask: NDArray[np.bool_] | None = None
    seen: tuple[float, float, bool] = (0.0, 0.0, True)


def pictures_of(
    region: Region, settings: WindowSettings, side: int, *, outlined: bool = False
) -> tuple[Picture, ...]:
    """The pictures that a network is shown of one case.

    `warp` takes the tight bounding box of the mask, whatever its aspect; `crop` a square whose centre is the
    centre of that box (not the centre of mass), which cuts off what is larger. Both grow by `margin` on every side.
    Intensities are mapped first, so that the floor is 0, then resized, then clipped again, because bicubic
    interpolation overshoots.

    Args:
        region: the case.
        settings: see `WindowSettings`.
        side: side of the result in pixels.
        outlined: with the mask as it lies in each picture.

    Raises:
        CaseError: a voxel in the window is not finite, the intensities leave no range, nothing but one grey would
            be seen, or a 2-D image has no such view.
    """
    low, high = bounds(region, rule := chosen(region, settings.intensity))
    pictures = tuple(
        _picture(region, view, settings, (low, high), side, outlined) for view in views_of(region, settings)
    )
    _refuse_one_grey(region, pictures, rule)
    return pictures


def picture_of(region: Region, settings: WindowSettings, side: int) -> NDArray[np.float32]:
    """The first picture's pixels."""
    return pictures_of(region, settings, side)[0].pixels


def resized(picture: NDArray[np.floating], side: int) -> NDArray[np.float32]:
    """A picture stretched to a square by bicubic interpolation, clipped to [0, 1]; a volume to a cube.

    Pillow's filter: Keys' cubic with a = -1/2, as in MATLAB's `imresize`; widened when the picture shrinks, so
    that it does not alias. A volume is stretched along z after each of its planes was.

    Args:
        picture: values in [0, 1], shape (rows, columns) or (planes, rows, columns).
        side: rows and columns of the result.
    """
    if picture.ndim == 3:
        planes = np.stack([_stretched(plane, side, side) for plane in picture])
        columns = _stretched(planes.reshape(len(planes), -1), side, side * side)
        return columns.reshape(side, side, side).clip(0.0, 1.0)
    return _stretched(picture, side, side).clip(0.0, 1.0)


def _stretched(picture: NDArray[np.floating], rows: int, columns: int) -> NDArray[np.float32]:
    image = Image.fromarray(np.ascontiguousarray(picture, dtype=np.float32))
    stretched: NDArray[np.float32] = np.asarray(image.resize((columns, rows), Image.Resampling.BICUBIC))
    return stretched


def _picture(
    region: Region,
    view: View,
    settings: WindowSettings,
    between: tuple[float, float],
    side: int,
    outlined: bool,
) -> Picture:
    image, mask = region.image[view.at], region.mask[view.at]
    if settings.window == "warp" and all(last - first == 1 for first, last in view.box):
        raise CaseError(
            f"{region.case}: the mask's box is a single voxel ({view.name}), which warp would stretch into one grey",
            "give a margin, or window crop",
        )
    part = tuple(slice(max(first, 0), last) for first, last in view.box)
    pixels = image[part].astype(np.float64)
    _check_finite(pixels, region, view)
    low, high = between
    shown = np.clip((pixels - low) / (high - low), 0.0, 1.0)
    seen = float(pixels.min()), float(pixels.max()), bool(shown.min() < shown.max())
    if settings.masked:
        shown[~mask[part]] = FLOOR
    whole = _padded(shown, view.box, mask.shape)
    inside = resized(_padded(mask[part], view.box, mask.shape), side) >= 0.5 if outlined else None
    return Picture(resized(whole, side), view.name, 1 - pixels.size / whole.size, inside, seen)


def _padded(picture: NDArray[np.generic], box: Box, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The whole window, with the floor where it reaches beyond the image."""
    beyond = [(max(-first, 0), max(last - size, 0)) for (first, last), size in zip(box, shape, strict=True)]
    return np.pad(picture.astype(np.float64), beyond, constant_values=FLOOR)


def _check_finite(pixels: NDArray[np.float64], region: Region, view: View) -> None:
    wrong = int(np.count_nonzero(~np.isfinite(pixels)))
    if wrong:
        raise CaseError(
            f"{region.case}: {wrong} of {pixels.size} pixels in the window ({view.name}) are not finite",
            FINITE_HINT,
        )


def _refuse_one_grey(region: Region, pictures: tuple[Picture, ...], rule: str) -> None:
    """Windows of one grey tell a network nothing, and come of a wrong range as a rule."""
    if not any(picture.seen[2] for picture in pictures):
        low, high, _ = pictures[0].seen
        raise CaseError(
            f"{region.case}: the window ({pictures[0].view}) would be one grey: its intensities go from {low:g} to "
            f"{high:g}, shown by {rule}",
            "give --intensity as LOW:HIGH of this image, or percentile; or look at the mask",
        )
