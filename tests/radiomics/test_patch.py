"""Cutting a region out with its context."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.geometry import bounding_box
from radcompare.imaging.region import Region
from radcompare.radiomics.patch import patch_of


def test_box_and_context(blob: NDArray[np.bool_], make_region: Callable[..., Region]) -> None:
    region = make_region(blob, organ=~blob)
    patch = patch_of(region)
    outer = tuple(slice(part.start - 2, part.stop + 2) for part in bounding_box(blob))
    assert np.array_equal(patch.image, region.image[outer])
    assert np.array_equal(patch.mask, blob[outer])
    assert patch.organ is not None
    assert np.array_equal(patch.organ, ~blob[outer])
    assert np.array_equal(patch.image[patch.box], region.image[bounding_box(blob)])
    assert np.array_equal(patch.inside, region.image[blob])
    assert not patch.planar


def test_context_ends_with_the_image(make_region: Callable[..., Region]) -> None:
    mask = np.zeros((1, 5, 9), dtype=bool)
    mask[0, 0, 8] = mask[0, 1, 7] = True
    patch = patch_of(make_region(mask))
    assert patch.image.shape == (1, 4, 4)
    assert patch.box == (slice(0, 1), slice(0, 2), slice(2, 4))
    assert patch.planar


def test_an_empty_mask_names_the_case(make_region: Callable[..., Region]) -> None:
    with pytest.raises(CaseError, match="case nodule-7: the mask is empty"):
        patch_of(make_region(np.zeros((3, 3, 3)), case="nodule-7"))


def test_intensities_must_be_finite_inside_the_mask(make_region: Callable[..., Region]) -> None:
    mask = np.pad(np.ones((2, 2, 2)), 2)
    image = np.zeros(mask.shape)
    image[2, 2, 2] = np.nan
    image[3, 3, 3] = np.inf
    with pytest.raises(CaseError, match="2 voxels inside the mask are not finite"):
        patch_of(make_region(mask, image=image))
