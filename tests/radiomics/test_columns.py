"""Columns of a parameter file against the ones that pyradiomics returns."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from radcompare.imaging.region import Region
from radcompare.radiomics.columns import columns_of, image_names
from radcompare.radiomics.library import pyradiomics, to_image
from radcompare.radiomics.parameters import Parameters, read_parameters

ALL_FILTERS = """
imageType:
  Original: {}
  LoG: {sigma: [1, 2.5]}
  Square: {}
  SquareRoot: {}
  Logarithm: {}
  Exponential: {}
  Gradient: {}
  Wavelet: {}
featureClass:
  glcm: [Contrast]
  shape: [Sphericity]
  firstorder:
"""


@pytest.mark.parametrize(
    "text",
    [
        "setting:\n  binWidth: 25\n",
        "setting:\n  force2D: true\nfeatureClass:\n  firstorder:\nimageType:\n  Wavelet: {level: 3}\n",
        "setting:\n  level: 2\nfeatureClass:\n  firstorder:\nimageType:\n  Wavelet: {start_level: 1}\n",
        ALL_FILTERS,
    ],
)
def test_columns_are_those_of_pyradiomics(
    text: str, tmp_path: Path, make_region: Callable[..., Region]
) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    mask = np.pad(np.ones((4, 5, 6)), 3)
    image = to_image(make_region(mask).image, (1.0, 1.0, 1.0))
    extractor = pyradiomics().featureextractor.RadiomicsFeatureExtractor(str(path))
    extractor.addProvenance(False)
    returned = extractor.execute(image, to_image(mask.astype(np.uint8), (1.0, 1.0, 1.0)))
    columns = columns_of(read_parameters(path))
    assert sorted(columns) == sorted(returned)
    assert len(set(columns)) == len(columns)


def test_all_classes_without_a_list() -> None:
    assert len(columns_of(Parameters(raw={"setting": {"binWidth": 5}}))) == 107
    assert len(columns_of(Parameters(raw={"setting": {"force2D": True}}))) == 107 + 9


def test_local_binary_patterns() -> None:
    assert image_names("LBP2D", {}) == ["lbp-2D"]
    assert image_names("LBP3D", {"lbp3DLevels": 3}) == ["lbp-3D-m1", "lbp-3D-m2", "lbp-3D-m3", "lbp-3D-k"]


def test_sigmas_are_written_as_pyradiomics_writes_them() -> None:
    assert image_names("LoG", {"sigma": [3, 1.5]}) == ["log-sigma-3-mm-3D", "log-sigma-1-5-mm-3D"]
    assert image_names("LoG", {}) == []
