"""The two axial diameters against brute force, pyradiomics and an ellipse."""

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

SPACING = (2.5, 0.7, 0.9)


def brute_force(mask: NDArray[np.bool_], spacing: tuple[float, float, float]) -> tuple[float, float]:
    """All pairs of midpoints between a pixel inside and one outside, slice by slice."""
    found = []
    for plane in mask:
        outline = []
        for y, x in np.argwhere(plane):
            for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                if not plane[y + dy, x + dx]:
                    outline.append(((y + dy / 2) * spacing[1], (x + dx / 2) * spacing[2]))
        points = np.array(outline).reshape(-1, 2)
        for a in points:
            for b in points:
                length = np.hypot(*(a - b))
                if length > 0:
                    across = points @ (np.array([a[1] - b[1], b[0] - a[0]]) / length)
                    found.append((length, np.ptp(across)))
    longest = max(length for length, _ in found)
    return longest, max(across for length, across in found if np.isclose(length, longest, rtol=1e-9))


def test_blob_by_brute_force(blob: NDArray[np.bool_], make_region: Callable[..., Region]) -> None:
    measured = slice_diameters(patch_of(make_region(blob, spacing=SPACING)))
    assert measured == pytest.approx(brute_force(blob, SPACING), rel=1e-12)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 5), (2, 3, 6), (1, 4, 4)])
def test_ties_of_symmetric_masks(shape: tuple[int, int, int], make_region: Callable[..., Region]) -> None:
    mask = np.pad(np.ones(shape, dtype=bool), 2)
    measured = slice_diameters(patch_of(make_region(mask)))
    assert measured == pytest.approx(brute_force(mask, (1.0, 1.0, 1.0)), rel=1e-12)


def test_the_longest_is_pyradiomics_own(blob: NDArray[np.bool_], make_region: Callable[..., Region]) -> None:
    region = make_region(blob, spacing=SPACING)
    expected = PyRadiomics(RadiomicsSource(extractor="pyradiomics")).extract(region)
    longest, _ = slice_diameters(patch_of(region))
    assert longest == pytest.approx(expected["original_shape_Maximum2DDiameterSlice"], rel=1e-12)


def test_of_a_2d_image_too(blob: NDArray[np.bool_], make_region: Callable[..., Region]) -> None:
    plane = blob[6:7]
    region = make_region(plane, spacing=SPACING)
    expected = PyRadiomics(RadiomicsSource(extractor="pyradiomics")).extract(region)
    longest, _ = slice_diameters(patch_of(region))
    assert longest == pytest.approx(expected["original_shape2D_MaximumDiameter"], rel=1e-12)
    found = R219(RadiomicsSource(extractor="r219")).extract(region)
    assert found["r219_size_Maximum2DDiameterSlice"] == expected["original_shape2D_MaximumDiameter"]


def test_ellipse(ellipsoid: Callable[..., NDArray[np.bool_]], make_region: Callable[..., Region]) -> None:
    """The axes of the middle slice of an ellipsoid, to one pixel."""
    longest, across = slice_diameters(patch_of(make_region(ellipsoid(6, 20, 34))))
    assert longest == pytest.approx(2 * 34, abs=1)
    assert across == pytest.approx(2 * 20, abs=1)
