"""What pyradiomics tells beside features: versions, settings, and image and mask at every step (`diagnostics_*`).

Definition: pyradiomics 3.0.1, `generalinfo.GeneralInfo`, under its names; every value is a text, as in its tables.
Hashes are SimpleITK's of what is measured: of a mask of several labels only the region counts, and 8-bit images have
16 bits (see `patch.pixels_of`), so there they are not those of pyradiomics.
"""

# mypy: untyped-calls-exclude="SimpleITK"
import platform
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import pywt
import SimpleITK as sitk

from radcompare import __version__
from radcompare.errors import CaseError
from radcompare.radiomics.native.resampling import DEFAULTS, prepare


def diagnostics(
    image: sitk.Image,
    mask: sitk.Image,
    settings: Mapping[str, Any],
    image_types: Mapping[str, Mapping[str, Any]],
) -> dict[str, str]:
    """The diagnostics of one case; of one that cannot be measured, what is known until then.

    Args:
        image, mask: in space (3-D).
        settings: pyradiomics' settings.
        image_types: names of filters with settings of their own.
    """
    chosen = {**DEFAULTS, **settings}
    found: dict[str, object] = {
        "Versions_PyRadiomics": f"none: radcompare {__version__}",
        "Versions_Numpy": np.__version__,
        "Versions_SimpleITK": sitk.Version().VersionString(),
        "Versions_PyWavelet": pywt.__version__,
        "Versions_Python": platform.python_version(),
        "Configuration_Settings": chosen,
        "Configuration_EnabledImageTypes": dict(image_types),
    }

    def note(stage: str, image: sitk.Image, mask: sitk.Image) -> None:
        if stage in ("original", "interpolated"):
            found.update(_of_image(stage, image))
        found.update(_of_mask(stage, mask, int(chosen["label"]), None if stage == "original" else image))

    with suppress(CaseError):  # the features say why
        prepare(image, mask, settings, observe=note)
    return {f"diagnostics_{name}": str(value) for name, value in found.items()}


def _of_image(stage: str, image: sitk.Image) -> dict[str, object]:
    found: dict[str, object] = {}
    if stage == "original":
        found = {"Hash": sitk.Hash(image), "Dimensionality": f"{image.GetDimension()}D"}
    found |= {"Spacing": image.GetSpacing(), "Size": image.GetSize()} | _spread(
        sitk.GetArrayViewFromImage(image)
    )
    return {f"Image-{stage}_{name}": value for name, value in found.items()}


def _of_mask(stage: str, mask: sitk.Image, label: int, image: sitk.Image | None) -> dict[str, object]:
    found: dict[str, object] = {"Hash": sitk.Hash(mask)} if stage == "original" else {}
    shape = sitk.LabelShapeStatisticsImageFilter()
    shape.Execute(mask)
    pieces = sitk.ConnectedComponentImageFilter()
    pieces.FullyConnectedOn()
    pieces.Execute(mask == label)
    inside = sitk.GetArrayViewFromImage(mask) == label
    centre = tuple(float(np.mean(axis)) for axis in np.nonzero(inside)[::-1])
    found |= {
        "Spacing": mask.GetSpacing(),
        "Size": mask.GetSize(),
        "BoundingBox": shape.GetBoundingBox(label),
        "VoxelNum": shape.GetNumberOfPixels(label),
        "VolumeNum": pieces.GetObjectCount(),
        "CenterOfMassIndex": centre,
        "CenterOfMass": mask.TransformContinuousIndexToPhysicalPoint(centre),
    }
    if image is not None:
        found |= _spread(sitk.GetArrayViewFromImage(image)[inside])
    return {f"Mask-{stage}_{name}": value for name, value in found.items()}


def _spread(values: np.ndarray[Any, Any]) -> dict[str, object]:
    wide = values.astype(np.float64)
    return {"Mean": float(wide.mean()), "Minimum": float(wide.min()), "Maximum": float(wide.max())}
