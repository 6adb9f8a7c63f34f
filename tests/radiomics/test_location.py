"""Location in an organ: a cube at a wall, a blob by loops, and air."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from radcompare.imaging.region import Region
from radcompare.radiomics.location import NAMES, location
from radcompare.radiomics.patch import patch_of
from radcompare.radiomics.r219_entries import LOCATION

SPACING = (2.0, 1.0, 0.5)


def cube_at_the_wall() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """A 3x3x3 cube whose face of highest x lies on the organ's wall; the organ mask leaves the cube out."""
    mask = np.zeros((11, 11, 11), dtype=bool)
    mask[4:7, 4:7, 4:7] = True
    organ = np.zeros_like(mask)
    organ[2:9, 2:9, 1:7] = True
    return mask, organ & ~mask


def test_names_are_those_of_the_catalogue() -> None:
    assert list(NAMES) == [row[0] for row in LOCATION]


def test_without_an_organ_everything_is_missing(make_region: Callable[..., Region]) -> None:
    mask, _ = cube_at_the_wall()
    found = location(patch_of(make_region(mask)))
    assert list(found) == list(NAMES)
    assert np.isnan(list(found.values())).all()


@pytest.mark.parametrize("organ_holds_region", [True, False])
def test_a_cube_at_the_wall(organ_holds_region: bool, make_region: Callable[..., Region]) -> None:
    mask, organ = cube_at_the_wall()
    organ = organ | mask if organ_holds_region else organ
    found = location(patch_of(make_region(mask, spacing=SPACING, organ=organ)))
    assert found["BorderWithWall"] == 9 * 2.0  # one face of 6 mm x 3 mm
    assert found["BorderWithParenchyma"] == 9 * 2.0 + 2 * 9 * 1.0 + 2 * 9 * 0.5
    assert found["Attachment"] == pytest.approx(18 / 63, rel=1e-15)


def test_the_edge_of_the_image_is_neither(make_region: Callable[..., Region]) -> None:
    mask, organ = cube_at_the_wall()
    cut = (slice(4, None), slice(None), slice(None))  # the cube's lowest face is the edge now
    found = location(patch_of(make_region(mask[cut], spacing=SPACING, organ=organ[cut])))
    assert found["BorderWithWall"] == 18
    assert found["BorderWithParenchyma"] == 18 + 2 * 9 * 1.0 + 9 * 0.5


def test_a_blob_by_loops(blob: NDArray[np.bool_], make_region: Callable[..., Region]) -> None:
    organ = np.random.default_rng(11).random(blob.shape) > 0.4
    wall = parenchyma = 0.0
    for voxel in np.argwhere(blob):
        for axis, side in product(range(3), (-1, 1)):
            other = voxel.copy()
            other[axis] += side
            if not blob[tuple(other)]:
                area = np.prod(SPACING) / SPACING[axis]
                if organ[tuple(other)]:
                    parenchyma += area
                else:
                    wall += area
    found = location(patch_of(make_region(blob, spacing=SPACING, organ=organ)))
    assert found["BorderWithWall"] == pytest.approx(wall, rel=1e-12)
    assert found["BorderWithParenchyma"] == pytest.approx(parenchyma, rel=1e-12)
    assert found["Attachment"] == pytest.approx(wall / (wall + parenchyma), rel=1e-12)


def test_air_spaces(make_region: Callable[..., Region]) -> None:
    mask = np.pad(np.ones((6, 6, 6), dtype=bool), 2)
    image = np.full(mask.shape, -1000.0)  # air outside the region does not count
    image[mask] = 30.0
    image[3, 3, 3] = image[4, 4, 4] = -950.0  # they touch at a corner: one space
    image[7, 7, 7] = -910.5
    image[6, 3, 3] = -910.0  # not below
    found = location(patch_of(make_region(mask, image=image, spacing=SPACING, organ=np.ones_like(mask))))
    assert found["AirSpaceCount"] == 2
    assert found["AirSpaceVolume"] == 3.0
    assert found["AirSpaceMeanVolume"] == 1.5


def test_no_air_is_a_volume_of_0_without_a_mean(make_region: Callable[..., Region]) -> None:
    mask, organ = cube_at_the_wall()
    found = location(patch_of(make_region(mask, image=np.zeros(mask.shape), organ=organ)))
    assert found["AirSpaceVolume"] == 0
    assert found["AirSpaceCount"] == 0
    assert np.isnan(found["AirSpaceMeanVolume"])


def test_a_2d_image_has_shares_and_counts_only(make_region: Callable[..., Region]) -> None:
    mask, organ = (part[5:6] for part in cube_at_the_wall())
    image = np.where(mask, -950.0, 0.0)
    found = location(patch_of(make_region(mask, image=image, spacing=SPACING, organ=organ)))
    assert found["Attachment"] == pytest.approx(3 / (3 + 3 + 2 * 1.5), rel=1e-15)
    assert found["AirSpaceCount"] == 1
    assert {name for name, value in found.items() if np.isnan(value)} == {
        "BorderWithWall",
        "BorderWithParenchyma",
        "AirSpaceVolume",
        "AirSpaceMeanVolume",
    }
