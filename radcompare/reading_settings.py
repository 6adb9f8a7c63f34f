"""How images and masks become regions: what is done beyond taking both as they are."""

from math import inf
from typing import Any, Literal

from pydantic import Field, PositiveFloat, field_validator

from radcompare.block import Settings

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

    @field_validator("clip")
    @classmethod
    def _ordered(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and not -inf < value[0] < value[1] < inf:
            raise ValueError(f"expected two numbers, the lower one first, found {list(value)}")
        return value

    @property
    def prepares(self) -> bool:
        """Whether intensities or voxel sizes are changed once a region is read."""
        return self.spacing is not None or self.clip is not None

    def changed(self) -> dict[str, Any]:
        """The keys that are not as they are without being given."""
        return self.model_dump(mode="json", exclude_defaults=True)


AS_STORED = Reading()
"""Voxels as the files hold them."""
