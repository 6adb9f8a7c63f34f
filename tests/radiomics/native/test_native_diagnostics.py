"""Diagnostics: what pyradiomics tells of image and mask at every step."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from radcompare.config import RadiomicsSource
from radcompare.imaging.region import Region
from radcompare.radiomics.engine import PyRadiomics

pytest.importorskip("radiomics")

STEPS = """
setting:
  resampledPixelSpacing: [1, 1, 2]
  resegmentRange: [-1, 1]
  resegmentMode: sigma
  label: 2
imageType:
  Original: {}
  LoG: {sigma: [1.0]}
featureClass:
  firstorder: [Mean]
"""


def theirs(region: Region, path: Path, label: int) -> dict[str, Any]:
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    image = sitk.GetImageFromArray(region.image)
    mask = sitk.GetImageFromArray(region.mask.astype(np.uint8) * label)
    for each in (image, mask):
        each.SetSpacing(region.spacing[::-1])
    found = RadiomicsFeatureExtractor(str(path)).execute(image, mask)
    return {name: value for name, value in found.items() if name.startswith("diagnostics_")}


def plain(text: object) -> object:
    """A text as the numbers that it holds."""
    try:
        return ast.literal_eval(str(text))
    except (ValueError, SyntaxError):
        return str(text)


@pytest.mark.parametrize(("text", "label"), [(STEPS, 2), ("setting:\n  additionalInfo: true\n", 1)])
def test_what_pyradiomics_tells(
    text: str, label: int, make_region: Callable[..., Region], blob: NDArray[np.bool_], tmp_path: Path
) -> None:
    region = make_region(blob, spacing=(2.5, 0.7, 0.9))
    path = tmp_path / "params.yaml"
    path.write_text(text)
    source = RadiomicsSource(extractor="pyradiomics", params=path, diagnostics=label == 2)
    found = PyRadiomics(source).diagnostics(region)
    expected = theirs(region, path, label)
    assert list(found) == list(expected)
    for name, value in expected.items():
        if "Versions_PyRadiomics" in name or "Configuration_Settings" in name:
            continue
        numbers = plain(found[name])
        if isinstance(value, tuple | float | int | np.number):
            assert numbers == pytest.approx(tuple(value) if isinstance(value, tuple) else value, rel=1e-12), (
                name
            )
        else:
            assert str(numbers) == str(plain(value)), name
    settings = ast.literal_eval(found["diagnostics_Configuration_Settings"])
    for key, value in expected["diagnostics_Configuration_Settings"].items():
        assert settings.get(key, value) == value


def test_none_unless_asked_for(make_region: Callable[..., Region], blob: NDArray[np.bool_]) -> None:
    assert PyRadiomics(RadiomicsSource(extractor="pyradiomics")).diagnostics(make_region(blob)) == {}


def test_a_case_that_is_refused_has_what_is_known(make_region: Callable[..., Region]) -> None:
    source = RadiomicsSource(extractor="pyradiomics", diagnostics=True)
    found = PyRadiomics(source).diagnostics(make_region(np.pad(np.ones((1, 1, 1)), 2)))
    assert found["diagnostics_Mask-original_VoxelNum"] == "1"


def test_not_of_r219() -> None:
    with pytest.raises(ValueError, match="diagnostics belong to the features of pyradiomics"):
        RadiomicsSource(extractor="r219", diagnostics=True)
