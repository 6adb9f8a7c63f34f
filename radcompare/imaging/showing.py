"""Everything that a network is shown of one case: the pictures of all its images, as inputs and channels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.region import Region
from radcompare.imaging.window import Picture, pictures_of
from radcompare.provenance import digest_bytes, digest_settings
from radcompare.source_settings import ShownSettings


@dataclass(frozen=True)
class Shown:
    """What the network is shown of one case.

    Attributes:
        pictures: float32 in [0, 1], shape (inputs, channels, *sides); one channel for grey pictures.
        views: how many pictures of each image, which follow one another.
        facts: what is known of the case besides: the region's volume in mm3, the share beyond the border, and how
            each image was read.
    """

    pictures: NDArray[np.float32]
    views: tuple[int, ...]
    facts: Mapping[str, Any]


def show(regions: Sequence[Region], settings: ShownSettings, side: int) -> Shown:
    """The pictures of one case, an image after the other.

    Args:
        regions: the images of the case.
        settings: what to show of them.
        side: of the network's input in pixels.

    Raises:
        CaseError: the window cannot be shown, or images that are to be channels do not match.
    """
    per_image = [pictures_of(region, settings, side) for region in regions]
    facts = {
        "volume": float(np.count_nonzero(regions[0].mask) * np.prod(regions[0].spacing)),
        "beyond": max(picture.beyond for pictures in per_image for picture in pictures),
        "read": [dict(region.facts) for region in regions],
    }
    if settings.combined == "channels":
        stacks = [_stacked(pictures) for pictures in per_image]
    elif settings.in_channels:
        refuse_unequal(regions, per_image)
        stacks = [np.stack([_stacked(views) for views in zip(*per_image, strict=True)])]
        return Shown(stacks[0], (len(stacks[0]),), facts)
    else:
        stacks = [np.stack([picture.pixels for picture in pictures])[:, None] for pictures in per_image]
        return Shown(np.concatenate(stacks), tuple(len(stack) for stack in stacks), facts)
    return Shown(np.stack(stacks), (1,) * len(stacks), facts)


def refuse_unequal(regions: Sequence[Region], pictures: Sequence[Sequence[Picture]]) -> None:
    """Images that are channels of one input show the same places.

    Raises:
        CaseError: they do not.
    """
    views = [[picture.view for picture in each] for each in pictures]
    if any(each != views[0] for each in views) or any(r.mask.shape != regions[0].mask.shape for r in regions):
        raise CaseError(
            f"{regions[0].case}: the images that are to be channels do not show the same slices",
            "resample them onto one grid and give them one mask, or leave them columns",
        )


def _stacked(pictures: Sequence[Picture]) -> NDArray[np.float32]:
    return np.stack([picture.pixels for picture in pictures])


@dataclass(frozen=True)
class Collection:
    """The pictures of many cases, one input each.

    Attributes:
        cases: the IDs.
        values: float32 in [0, 1], (cases, channels, *sides).
    """

    cases: tuple[str, ...]
    values: NDArray[np.float32]

    def digest(self) -> str:
        """SHA-256 of cases and values."""
        return digest_settings([self.cases, self.values.shape, digest_bytes(self.values.tobytes())])
