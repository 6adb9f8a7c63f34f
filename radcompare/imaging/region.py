"""A segmented tumour in memory: what every extractor measures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.imaging.inside import Fact


@dataclass(frozen=True)
class Region:
    """One case: its image and the mask of one region of interest on the same grid.

    Attributes:
        case: the ID, for messages.
        image: intensities (HU for CT), shape (z, y, x), in the type that the file holds, which pyradiomics computes
            in, too; float64 where colour became luminance. A 2-D image has one slice.
        mask: True inside the region of interest, shape (z, y, x), at least one voxel.
        spacing: voxel size in mm, in the order (z, y, x).
        origin: position of the first voxel in mm, in SimpleITK's order (x, y, z).
        direction: the 3x3 direction cosines, flattened, as SimpleITK gives them.
        organ: True inside the organ that holds the region, or None when no organ mask was given.
        picture: `PNG`, `JPEG`, `TIFF` or `BMP` for a picture, which holds no Hounsfield units; empty otherwise.
        eight_bits: the file's pixels have values from 0 to 255 by their type.
        modality: CT, MR, US, ... or the name of a sequence; empty where neither cohort nor file says.
        facts: how files became this region, for the record.
    """

    case: str
    image: NDArray[Any]
    mask: NDArray[np.bool_]
    spacing: tuple[float, float, float]
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)
    direction: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    organ: NDArray[np.bool_] | None = None
    picture: str = ""
    eight_bits: bool = False
    modality: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict, compare=False)
