"""How images and masks become regions: what is done beyond taking both as they are."""

from collections.abc import Sequence
from math import isfinite
from typing import Any, Literal

from pydantic import Field, PositiveFloat, field_validator

from radcompare.block import Settings
from radcompare.wrong_settings import short

TOLERANCE = 1e-4
"""How far two grids may disagree: spacing relative, origin in voxels, direction cosines absolute.

NIfTI keeps spacing and origin in single precision and the direction as a quaternion, so the same scan in
NIfTI and NRRD differs by about 1e-5 voxels; 1e-4 shifts the far corner of 512 voxels by a twentieth of one.
(pyradiomics' `geometryTolerance` is 1e-6 unless set.)
"""


class Reading(Settings):
    """From files to regions; without a key, voxels stay what the files hold."""

    tolerance: float = Field(
        TOLERANCE,
        ge=0,
        lt=0.5,
        description="how far image and mask may disagree: spacing relative, origin in voxels",
    )
    resample_mask: bool = Field(
        False, description="a mask on another grid is brought onto the image's, nearest neighbour"
    )
    labels: Literal["one", "union"] = Field(
        "one", description="several labels, structures or segments: refused, or taken together"
    )
    threshold: float | None = Field(
        None,
        gt=0,
        le=1,
        description="masks of fractions: inside from here on; 0.5 for a fractional DICOM SEG if absent",
    )
    pet: Literal["suv", "stored"] = Field(
        "suv", description="DICOM PET: body-weight SUV from the headers, or Bq/ml as stored"
    )
    spacing: PositiveFloat | tuple[PositiveFloat, PositiveFloat, PositiveFloat] | None = Field(
        None, description="resample to voxels of this size in mm: one number, or x, y, z"
    )
    interpolator: Literal["linear", "bspline", "nearest"] = Field(
        "linear", description="spacing: of the image; masks take the nearest neighbour"
    )
    clip: tuple[float, float] | None = Field(None, description="intensities below and above become these two")

    @field_validator("spacing", mode="before")
    @classmethod
    def _sizes(cls, value: object) -> object:
        sizes = _numbers(value) if isinstance(value, list | tuple) else _numbers([value])
        if value is not None and not (sizes and len(sizes) in (1, 3) and min(sizes) > 0):
            raise ValueError(f"expected a size in mm, or three of them (x, y, z), found {short(value)}")
        return value if not sizes else sizes[0] if len(sizes) == 1 else sizes

    @field_validator("clip", mode="before")
    @classmethod
    def _ordered(cls, value: object) -> object:
        ends = _numbers(value) if isinstance(value, list | tuple) else []
        if value is not None and not (len(ends) == 2 and ends[0] < ends[1]):
            raise ValueError(f"expected two numbers, the lower one first, found {short(value)}")
        return value

    @property
    def prepares(self) -> bool:
        """Whether intensities or voxel sizes are changed once a region is read."""
        return self.spacing is not None or self.clip is not None

    def changed(self) -> dict[str, Any]:
        """The keys that are not as they are without being given."""
        return self.model_dump(mode="json", exclude_defaults=True)


def _numbers(values: Sequence[object]) -> list[float]:
    """Finite numbers; nothing where one of the values is none."""
    numbers = [
        float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    return numbers if len(numbers) == len(values) and all(map(isfinite, numbers)) else []


AS_STORED = Reading()
"""Voxels as the files hold them."""
