"""One class of features of one region, as `radiomics.library.measure` has pyradiomics do it."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.radiomics.native import first_order, glcm, gldm, glrlm, glszm, ngtdm, shape, shape2d
from radcompare.radiomics.native.levels import Levels, levels_of_region

TEXTURES: Mapping[str, Callable[[Levels, Mapping[str, Any]], dict[str, float]]] = {
    "gldm": gldm.features,
    "glrlm": glrlm.features,
    "glszm": glszm.features,
    "ngtdm": ngtdm.features,
}
DEPRECATED: Mapping[str, Callable[[Mapping[str, float]], float]] = {
    "StandardDeviation": lambda found: math.sqrt(found["Variance"]),
    "SphericalDisproportion": lambda found: 1 / found["Sphericity"],
    "Compactness1": lambda found: found["MeshVolume"] / math.sqrt(math.pi * found["SurfaceArea"] ** 3),
    "Compactness2": lambda found: 36 * math.pi * found["MeshVolume"] ** 2 / found["SurfaceArea"] ** 3,
}
"""What pyradiomics gives only when asked by name, from what it gives."""


class Measurer:
    """Measures one region; what several classes of features need of it is computed once.

    Args:
        image: shape (z, y, x), cut to the region; its pixel type counts.
        mask: the same shape; at least one voxel.
        spacing: mm, in the order (z, y, x).
    """

    def __init__(
        self, image: NDArray[Any], mask: NDArray[np.bool_], spacing: tuple[float, float, float]
    ) -> None:
        self._image, self._mask, self._spacing = image, mask, spacing
        self._levels: dict[tuple[object, object], Levels] = {}

    def measure(
        self, feature_class: str, settings: Mapping[str, Any], features: Iterable[str] = ()
    ) -> dict[str, float]:
        """The features of one class.

        A texture needs two voxels: of a single one every texture feature is missing, as is whatever is not finite.

        Args:
            feature_class: firstorder, shape, shape2D, glcm, gldm, glrlm, glszm or ngtdm.
            settings: pyradiomics' settings, e.g. `{"binWidth": 25}`.
            features: which ones; every one that is not deprecated if empty.

        Raises:
            DataError: the mask is empty, a value inside it is not finite, or the bins are too narrow for the values.
        """
        wanted = list(features)
        if feature_class == "glcm" or feature_class in TEXTURES:
            found = self._texture(feature_class, settings, wanted)
        elif feature_class == "firstorder":
            found = first_order.features(self._image, self._mask, self._spacing, settings)
        else:
            kind = shape2d if feature_class == "shape2D" else shape
            found = kind.features(self._mask, self._spacing, settings)
        found = {name: value if math.isfinite(value) else math.nan for name, value in found.items()}
        return {name: found[name] if name in found else _deprecated(name, found) for name in wanted or found}

    def _texture(
        self, feature_class: str, settings: Mapping[str, Any], wanted: Collection[str]
    ) -> dict[str, float]:
        bins = settings.get("binWidth"), settings.get("binCount")
        if bins not in self._levels:
            self._levels[bins] = levels_of_region(self._image, self._mask, self._spacing, settings)
        region = self._levels[bins]
        if feature_class == "glcm":
            found = glcm.features(region, settings, wanted or glcm.NAMES)
        else:
            found = TEXTURES[feature_class](region, settings)
        return dict.fromkeys(found, math.nan) if region.grid.size == 1 else found


def _deprecated(name: str, found: Mapping[str, float]) -> float:
    """Missing also where pyradiomics gives none any more, as of Homogeneity1, or where the division fails."""
    try:
        return DEPRECATED[name](found) if name in DEPRECATED else math.nan
    except ZeroDivisionError:
        return math.nan
