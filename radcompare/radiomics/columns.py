"""The columns that a parameter file asks for, known before the first case is measured."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from radcompare.radiomics.feature_names import CLASSES, features_of
from radcompare.radiomics.parameters import Parameters


def columns_of(parameters: Parameters) -> list[str]:
    """Names as pyradiomics writes them: shape first, then every class on every image.

    Without a `featureClass` pyradiomics takes every class. shape2D counts only with force2D: it measures
    nothing otherwise.
    """
    classes = parameters.feature_classes or dict.fromkeys(CLASSES)
    shapes = ["shape", *(["shape2D"] if parameters.setting.get("force2D") else [])]
    names = [
        f"original_{name}_{feature}"
        for name in shapes
        if name in classes
        for feature in _features(name, classes)
    ]
    for image_type, own in parameters.image_types.items():
        for image in image_names(image_type, {**parameters.setting, **own}):
            for name in classes:
                if not name.startswith("shape"):
                    names += [f"{image}_{name}_{feature}" for feature in _features(name, classes)]
    return names


def image_names(image_type: str, settings: Mapping[str, Any]) -> list[str]:
    """What pyradiomics calls the images that one filter yields, e.g. `log-sigma-3-0-mm-3D`."""
    if image_type == "LoG":
        return [f"log-sigma-{str(sigma).replace('.', '-')}-mm-3D" for sigma in settings.get("sigma", ())]
    if image_type == "Wavelet":
        return list(_wavelet_names(settings))
    if image_type == "LBP2D":
        return ["lbp-2D"]
    if image_type == "LBP3D":
        return [*(f"lbp-3D-m{level + 1}" for level in range(settings.get("lbp3DLevels", 2))), "lbp-3D-k"]
    return [image_type.lower()]


def _features(name: str, classes: Mapping[str, list[str] | None]) -> list[str]:
    return list(classes[name] or features_of(name))


def _wavelet_names(settings: Mapping[str, Any]) -> Iterator[str]:
    letters = 2 if settings.get("force2D") else 3
    levels = int(settings.get("level", 1))
    for level in range(1, levels + 1):
        prefix = "wavelet" if level == 1 else f"wavelet{level}"
        for band in list(product("LH", repeat=letters))[1:]:
            yield f"{prefix}-{''.join(band)}"
    yield f"{'wavelet' if levels == 1 else f'wavelet{levels}'}-{'L' * letters}"
