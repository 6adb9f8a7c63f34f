"""Grids, boxes and crops, against SimpleITK's own arithmetic of positions."""

import dataclasses

import numpy as np
import pytest
import SimpleITK as sitk

from radcompare.imaging.geometry import TOLERANCE, Grid, bounding_box, crop, differences, to_sitk
from radcompare.imaging.region import Region

IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
GRID = Grid((30, 20, 10), (0.7, 0.8, 2.5), (-100.0, 50.0, 3.0), IDENTITY)


def tilted() -> tuple[float, ...]:
    """A rotation about no axis of the image, with one axis flipped."""
    turn = sitk.VersorTransform((0.3, -0.5, 0.2), 0.7).GetMatrix()
    return tuple((np.reshape(turn, (3, 3)) @ np.diag([1.0, 1.0, -1.0])).ravel())


@pytest.fixture
def region() -> Region:
    rng = np.random.default_rng(5)
    mask = np.zeros((7, 9, 11), dtype=bool)
    mask[2:5, 3:5, 6:10] = True
    mask[3, 6, 6] = True
    image = rng.normal(size=mask.shape)
    return Region("a", image, mask, (2.5, 0.8, 0.7), (-10.0, 20.0, 5.0), tilted(), organ=image > -1)


class TestGrid:
    def test_takes_the_geometry_of_an_image(self) -> None:
        image = sitk.Image(30, 20, 10, sitk.sitkInt16)
        image.SetSpacing((0.7, 0.8, 2.5))
        image.SetOrigin((-100, 50, 3))
        assert Grid.of(image) == GRID

    def test_a_2d_image_is_one_slice_of_a_millimetre(self) -> None:
        image = sitk.Image(30, 20, sitk.sitkInt16)
        image.SetSpacing((0.7, 0.8))
        image.SetDirection((0, -1, 1, 0))
        expected = Grid((30, 20, 1), (0.7, 0.8, 1), (0, 0, 0), (0, -1, 0, 1, 0, 0, 0, 0, 1))
        assert Grid.of(image) == expected

    def test_unit_keeps_the_size_alone(self) -> None:
        assert GRID.unit() == Grid(GRID.size, (1, 1, 1), (0, 0, 0), IDENTITY)


class TestDifferences:
    def test_none_for_the_same_grid(self) -> None:
        assert differences(GRID, GRID) == []

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"size": (30, 20, 11)}, "size (30, 20, 10) against (30, 20, 11)"),
            ({"spacing": (0.7, 0.8, 2.0)}, "spacing (0.7, 0.8, 2.5) against (0.7, 0.8, 2)"),
            ({"origin": (-100.0, 50.0, 3.001)}, "origin (-100, 50, 3) against (-100, 50, 3.001)"),
            (
                {"direction": (-1.0, *IDENTITY[1:])},
                "direction (1, 0, 0, 0, 1, 0, 0, 0, 1) against (-1, 0, 0, 0, 1, 0, 0, 0, 1)",
            ),
        ],
    )
    def test_names_what_differs_with_both_values(self, change: dict[str, object], said: str) -> None:
        assert differences(GRID, dataclasses.replace(GRID, **change)) == [said]

    def test_names_everything_that_differs(self) -> None:
        other = Grid((1, 1, 1), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), tilted())
        assert [text.split()[0] for text in differences(GRID, other)] == [
            "size",
            "spacing",
            "origin",
            "direction",
        ]

    @pytest.mark.parametrize("axis", range(3))
    @pytest.mark.parametrize(("share", "accepted"), [(0.9, True), (1.1, False)])
    def test_the_tolerance_is_in_voxels(self, axis: int, share: float, accepted: bool) -> None:
        step = np.eye(3)[axis] * GRID.spacing[axis] * TOLERANCE * share
        moved = dataclasses.replace(GRID, origin=tuple(GRID.origin + step))
        wider = dataclasses.replace(GRID, spacing=tuple(GRID.spacing + step))
        assert (differences(GRID, moved) == []) is accepted
        assert (differences(GRID, wider) == []) is accepted

    @pytest.mark.parametrize(("share", "accepted"), [(0.9, True), (1.1, False)])
    def test_the_tolerance_of_the_direction_is_absolute(self, share: float, accepted: bool) -> None:
        turned = (1.0, TOLERANCE * share, *IDENTITY[2:])
        assert (differences(GRID, dataclasses.replace(GRID, direction=turned)) == []) is accepted

    def test_a_position_that_is_not_a_number_differs(self) -> None:
        assert differences(GRID, dataclasses.replace(GRID, origin=(float("nan"), 50.0, 3.0)))


class TestBoundingBox:
    def test_is_the_extent_of_the_true_voxels(self, region: Region) -> None:
        z, y, x = np.nonzero(region.mask)
        expected = tuple(slice(int(i.min()), int(i.max()) + 1) for i in (z, y, x))
        assert bounding_box(region.mask) == expected == (slice(2, 5), slice(3, 7), slice(6, 10))

    def test_the_margin_stops_at_the_border(self, region: Region) -> None:
        assert bounding_box(region.mask, margin=2) == (slice(0, 7), slice(1, 9), slice(4, 11))

    def test_one_voxel(self) -> None:
        mask = np.zeros((3, 3, 3), dtype=bool)
        mask[2, 0, 1] = True
        assert bounding_box(mask) == (slice(2, 3), slice(0, 1), slice(1, 2))

    def test_an_empty_mask_has_none(self) -> None:
        with pytest.raises(ValueError, match="empty"):
            bounding_box(np.zeros((2, 2, 2), dtype=bool))


class TestCrop:
    @pytest.mark.parametrize("margin", [0, 1, 50])
    def test_every_voxel_keeps_its_position_and_value(self, region: Region, margin: int) -> None:
        whole, mask = to_sitk(region)
        part, part_mask = to_sitk(crop(region, margin))
        for index in np.ndindex(*part.GetSize()):
            index = tuple(map(int, index))
            there = whole.TransformPhysicalPointToIndex(part.TransformIndexToPhysicalPoint(index))
            assert part[index] == whole[there]
            assert part_mask[index] == mask[there]

    def test_agrees_with_simpleitk(self, region: Region) -> None:
        z, y, x = bounding_box(region.mask, 1)
        expected = to_sitk(region)[0][x, y, z]
        found = to_sitk(crop(region, 1))[0]
        assert found.GetSize() == expected.GetSize()
        assert found.GetOrigin() == pytest.approx(expected.GetOrigin(), rel=0, abs=1e-12)
        assert found.GetSpacing() == expected.GetSpacing()
        assert found.GetDirection() == expected.GetDirection()

    def test_keeps_the_whole_mask_and_the_organ(self, region: Region) -> None:
        small = crop(region)
        assert small.mask.shape == (3, 4, 4)
        assert small.mask.sum() == region.mask.sum()
        assert region.organ is not None
        np.testing.assert_array_equal(small.organ, region.organ[2:5, 3:7, 6:10])

    def test_without_an_organ(self, region: Region) -> None:
        assert crop(dataclasses.replace(region, organ=None)).organ is None


def test_to_sitk_keeps_values_and_geometry(region: Region) -> None:
    image, mask = to_sitk(region)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), region.image)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(mask), region.mask)
    assert image.GetPixelID() == sitk.sitkFloat64
    assert mask.GetPixelID() == sitk.sitkUInt8
    for one in (image, mask):
        assert one.GetSpacing() == (0.7, 0.8, 2.5)
        assert one.GetOrigin() == region.origin
        assert one.GetDirection() == region.direction
