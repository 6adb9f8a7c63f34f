"""Size: a box has known sides, and the mesh is pyradiomics'."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from radcompare.config import RadiomicsSource
from radcompare.imaging.region import Region
from radcompare.radiomics.diameters import slice_diameters
from radcompare.radiomics.engine import PyRadiomics
from radcompare.radiomics.patch import patch_of
from radcompare.radiomics.r219 import R219
from radcompare.radiomics.r219_entries import SIZE
from radcompare.radiomics.size import size
from radcompare.radiomics.solid import solid_of

MESH = {"Maximum2DDiameterSlice": 10.0, "MeshVolume": 100.0, "SurfaceArea": 110.0}


def measure(region: Region) -> dict[str, float]:
    patch = patch_of(region)
    return size(patch, solid_of(patch), MESH)


def test_a_box_by_arithmetic(make_region: Callable[..., Region]) -> None:
    mask = np.pad(np.ones((4, 6, 10), dtype=bool), 2)
    mask[2, 2, 2] = False  # so that the first slice is not the largest
    found = measure(make_region(mask, spacing=(2.0, 1.0, 0.5)))
    assert found["VoxelCount"] == 239
    assert found["LargestSliceArea"] == pytest.approx(30, rel=1e-13)
    assert found["DiameterProduct"] == pytest.approx(10 * found["ShortAxis"], rel=1e-13)
    whole = measure(make_region(np.pad(np.ones((4, 6, 10), dtype=bool), 2), spacing=(2.0, 1.0, 0.5)))
    assert [whole[name] for name in ("Length", "Width", "Thickness")] == pytest.approx([8, 6, 5], rel=1e-13)


def test_names_are_those_of_the_catalogue(make_region: Callable[..., Region]) -> None:
    assert list(measure(make_region(np.pad(np.ones((2, 2, 2)), 2)))) == [row[0] for row in SIZE]


def test_the_mesh_is_pyradiomics(blob: NDArray[np.bool_], make_region: Callable[..., Region]) -> None:
    region = make_region(blob, spacing=(2.5, 0.7, 0.7))
    expected = PyRadiomics(RadiomicsSource(extractor="pyradiomics")).extract(region)
    found = R219(RadiomicsSource(extractor="r219")).extract(region)
    for name in MESH:
        assert found[f"r219_size_{name}"] == expected[f"original_shape_{name}"]
    assert found["r219_size_ShortAxis"] == slice_diameters(patch_of(region))[1]


def test_a_2d_image_has_no_thickness(make_region: Callable[..., Region]) -> None:
    mask = np.pad(np.ones((1, 4, 8), dtype=bool), ((0, 0), (2, 2), (2, 2)))
    found = R219(RadiomicsSource(extractor="r219")).extract(make_region(mask, spacing=(5.0, 1.0, 0.5)))
    missing = {name for name, value in found.items() if name.startswith("r219_size_") and np.isnan(value)}
    assert missing == {f"r219_size_{name}" for name in ("MeshVolume", "SurfaceArea", "Thickness")}
    assert found["r219_size_LargestSliceArea"] == 16
