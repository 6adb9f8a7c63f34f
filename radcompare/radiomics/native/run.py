"""A whole extraction with pyradiomics' settings: prepare, filter, and every class of features on every image."""

# mypy: untyped-calls-exclude="SimpleITK"
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import SimpleITK as sitk

from radcompare.errors import CaseError, DataError
from radcompare.radiomics.feature_names import CLASSES
from radcompare.radiomics.native.image_types import FILTERS
from radcompare.radiomics.native.measuring import Measurer
from radcompare.radiomics.native.resampling import Prepared, prepare


def execute(
    image: sitk.Image,
    mask: sitk.Image,
    settings: Mapping[str, Any],
    image_types: Mapping[str, Mapping[str, Any]],
    classes: Mapping[str, Sequence[str] | None],
    case: str = "",
) -> dict[str, float]:
    """What pyradiomics' extractor returns, without diagnostics: shape first, then every class on every image.

    Args:
        image, mask: in space (3-D).
        settings: pyradiomics' settings.
        image_types: names of filters with settings of their own; each of `FILTERS`.
        classes: with the names of their features, none for all; every class if empty.
        case: the ID, for messages.

    Raises:
        CaseError: the region cannot be measured with these settings.
    """
    wanted = classes or dict.fromkeys(CLASSES)
    prepared = prepare(image, mask, settings, case)
    try:
        return _shapes(prepared, settings, wanted) | _textures(prepared, settings, image_types, wanted)
    except DataError as error:
        raise CaseError(f"case {case}: cannot be measured: {error.message}", error.hint) from None


def _shapes(
    prepared: Prepared, settings: Mapping[str, Any], classes: Mapping[str, Sequence[str] | None]
) -> dict[str, float]:
    voxels = sitk.GetArrayViewFromImage(prepared.image)[prepared.box]
    inside = sitk.GetArrayViewFromImage(prepared.shape_mask)[prepared.box] == prepared.label
    # The axes count from x there, as they do in SimpleITK.
    thickness = voxels.shape[::-1][int(settings.get("force2Ddimension", 0))]
    measurer = Measurer(voxels, inside, prepared.spacing)
    found: dict[str, float] = {}
    for name in ("shape", "shape2D"):
        if name not in classes or (name == "shape2D" and not (settings.get("force2D") and thickness > 1)):
            continue
        values = measurer.measure(name, settings, classes[name] or ())
        found |= {f"original_{name}_{feature}": value for feature, value in values.items()}
    return found


def _textures(
    prepared: Prepared,
    settings: Mapping[str, Any],
    image_types: Mapping[str, Mapping[str, Any]],
    classes: Mapping[str, Sequence[str] | None],
) -> dict[str, float]:
    whole = sitk.GetArrayViewFromImage(prepared.image)
    inside = sitk.GetArrayViewFromImage(prepared.mask)[prepared.box] == prepared.label
    found: dict[str, float] = {}
    for image_type, own in image_types.items():
        chosen = {**settings, **own}
        for image, voxels in FILTERS[image_type](whole, prepared.spacing, chosen, prepared.box):
            pixels = np.asarray(voxels)
            if image != "original" and not np.isfinite(pixels[inside]).all():
                continue  # the filter is not defined everywhere in the region, so nothing is said of it
            measurer = Measurer(pixels, inside, prepared.spacing)
            for name, features in classes.items():
                if not name.startswith("shape"):
                    values = measurer.measure(name, chosen, features or ())
                    found |= {f"{image}_{name}_{feature}": value for feature, value in values.items()}
    return found
