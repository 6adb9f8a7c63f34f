"""Laws energies against a full 5x5x5 correlation, and the order of the letters."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from radcompare.imaging.region import Region
from radcompare.radiomics.laws import KERNELS, laws
from radcompare.radiomics.patch import patch_of
from radcompare.radiomics.r219_entries import LAWS_LETTERS

PUBLISHED = {  # Laws 1980, also in Wikipedia's "Image texture"
    "L5": [1, 4, 6, 4, 1],
    "E5": [-1, -2, 0, 2, 1],
    "S5": [-1, 0, 2, 0, -1],
    "W5": [-1, 2, 0, -2, 1],
    "R5": [1, -4, 6, -4, 1],
}


def full_correlation(image: NDArray[np.float64], mask: NDArray[np.bool_]) -> dict[str, float]:
    """Every kernel as a 5x5x5 cube, multiplied with the 125 voxels around every voxel of the mask."""
    padded = np.pad(image, 2, mode="symmetric")
    cubes = np.array([padded[z : z + 5, y : y + 5, x : x + 5].ravel() for z, y, x in np.argwhere(mask)])
    energies = {}
    for x, y, z in product(PUBLISHED, repeat=3):
        kernel = np.einsum("z,y,x->zyx", PUBLISHED[z], PUBLISHED[y], PUBLISHED[x]).ravel()
        energies[x + y + z] = float(np.mean((cubes @ kernel) ** 2))
    return energies


def test_kernels_are_the_published_ones() -> None:
    assert {name: list(kernel) for name, kernel in KERNELS.items()} == PUBLISHED
    assert tuple(KERNELS) == LAWS_LETTERS


def test_blob_by_full_correlation(blob: NDArray[np.bool_], make_region: Callable[..., Region]) -> None:
    region = make_region(blob, spacing=(2.5, 0.7, 0.7))
    found = laws(patch_of(region))
    expected = full_correlation(region.image, region.mask)
    assert list(found) == list(expected)
    assert list(found.values()) == pytest.approx(list(expected.values()), rel=1e-12)


@pytest.mark.parametrize(
    "mask", [np.ones((2, 3, 4)), np.pad(np.ones((1, 1, 1)), ((0, 1), (1, 0), (1, 7))), np.ones((4, 2, 9))]
)
def test_the_image_is_mirrored_where_it_ends(
    mask: NDArray[np.bool_], make_region: Callable[..., Region]
) -> None:
    region = make_region(mask)
    expected = full_correlation(region.image, region.mask)
    found = laws(patch_of(region))
    assert list(found.values()) == pytest.approx(list(expected.values()), rel=1e-12)


def test_the_first_letter_is_x(make_region: Callable[..., Region]) -> None:
    """A ramp of slope 3 along x: E5 answers 3 * 8, L5 sums to 16, and no kernel but L5 answers along y and z."""
    mask = np.pad(np.ones((3, 3, 3)), 4)
    ramp = np.broadcast_to(3.0 * np.arange(11), (11, 11, 11))
    found = laws(patch_of(make_region(mask, image=ramp)))
    assert found["E5L5L5"] == (3 * 8 * 16 * 16) ** 2
    answering = {name for name, energy in found.items() if energy > 0}
    assert answering == {"L5L5L5", "E5L5L5"}  # S5, W5 and R5 are blind to a ramp


def test_the_image_outside_the_mask_counts(make_region: Callable[..., Region]) -> None:
    mask = np.pad(np.ones((1, 1, 1)), 2)
    image = np.zeros((5, 5, 5))
    image[0, 0, 0] = 1.0
    found = laws(patch_of(make_region(mask, image=image)))
    assert found["L5L5L5"] == 1
    assert found["R5L5E5"] == 1


def test_kernels_along_an_axis_of_one_voxel_are_missing(make_region: Callable[..., Region]) -> None:
    found = laws(patch_of(make_region(np.pad(np.ones((1, 4, 4)), ((0, 0), (2, 2), (2, 2))))))
    assert {name for name, energy in found.items() if np.isnan(energy)} == {
        name for name in found if not name.endswith("L5")
    }
    single = laws(patch_of(make_region(np.ones((1, 1, 1)))))
    assert [name for name, energy in single.items() if not np.isnan(energy)] == ["L5L5L5"]


def test_one_slice_of_a_3d_image_has_context(make_region: Callable[..., Region]) -> None:
    found = laws(patch_of(make_region(np.pad(np.ones((1, 4, 4)), 2))))
    assert np.isfinite(list(found.values())).all()
