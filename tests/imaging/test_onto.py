"""Masks onto other grids, and regions in voxels of another size, against arithmetic on known shapes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.geometry import Grid
from radcompare.imaging.onto import covering, nearest_onto, resampled
from radcompare.imaging.preparation import prepare
from radcompare.imaging.region import Region
from radcompare.reading_settings import Reading

AXES = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
TURNED = (0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
"""A quarter turn in the plane."""


def grid(
    size: tuple[int, int, int],
    spacing: tuple[float, float, float] = (1.0, 1.0, 1.0),
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0),
    direction: tuple[float, ...] = AXES,
) -> Grid:
    return Grid(size, spacing, origin, direction)


def centres(of: Grid) -> NDArray[np.float64]:
    """Positions in mm of all voxels, shape (z, y, x, 3)."""
    z, y, x = np.meshgrid(*(np.arange(n) for n in of.size[::-1]), indexing="ij")
    indices = np.stack([x, y, z], axis=-1) * np.array(of.spacing)
    return indices @ np.array(of.direction).reshape(3, 3).T + np.array(of.origin)


def ball(of: Grid, centre: tuple[float, ...], radius: float) -> NDArray[np.bool_]:
    return ((centres(of) - np.array(centre)) ** 2).sum(axis=-1) <= radius**2


def wave(of: Grid) -> NDArray[np.float64]:
    """Linear in space, so that linear interpolation is exact."""
    return centres(of) @ np.array([2.0, -3.0, 0.5]) + 7


def region(of: Grid, image: NDArray[np.float64] | None = None, **more: object) -> Region:
    x, y, z = of.spacing
    made = ball(of, tuple(centres(of).reshape(-1, 3).mean(axis=0)), 9)
    return Region("a", wave(of) if image is None else image, made, (z, y, x), of.origin, of.direction, **more)


class TestNearestOnto:
    def test_a_grid_onto_itself_changes_nothing(self) -> None:
        here = grid((20, 18, 12), (0.7, 0.8, 2.5), (-3.0, 5.0, 100.0), TURNED)
        mask = np.random.default_rng(1).random((12, 18, 20)) < 0.3
        np.testing.assert_array_equal(nearest_onto(mask, here, here), mask)

    def test_a_part_of_the_lattice_is_laid_in_its_place(self) -> None:
        whole = grid((20, 18, 12), (0.5, 0.5, 2.0))
        part = grid((6, 5, 4), (0.5, 0.5, 2.0), (2.0, 1.5, 6.0))
        mask = np.random.default_rng(2).random((4, 5, 6)) < 0.5
        moved = nearest_onto(mask, part, whole)
        np.testing.assert_array_equal(moved[3:7, 3:8, 4:10], mask)
        assert moved.sum() == mask.sum()

    def test_the_same_places_in_another_order_of_voxels(self) -> None:
        """Rows from right to left and from front to back: the same voxels, the other way round."""
        here = grid((9, 8, 7))
        flipped = grid((9, 8, 7), origin=(8.0, 7.0, 0.0), direction=(-1, 0, 0, 0, -1, 0, 0, 0, 1.0))
        mask = np.random.default_rng(3).random((7, 8, 9)) < 0.5
        np.testing.assert_array_equal(nearest_onto(mask[:, ::-1, ::-1], flipped, here), mask)

    def test_a_quarter_turn(self) -> None:
        here = grid((9, 8, 7))
        turned = grid((8, 9, 7), origin=(8.0, 0.0, 0.0), direction=TURNED)
        mask = ball(here, (6.0, 2.0, 3.0), 2)
        np.testing.assert_array_equal(nearest_onto(ball(turned, (6.0, 2.0, 3.0), 2), turned, here), mask)

    def test_every_voxel_takes_what_its_centre_lies_in(self) -> None:
        coarse, fine = grid((4, 4, 4), (3.0, 3.0, 3.0), (1.0, 1.0, 1.0)), grid((12, 12, 12))
        mask = np.random.default_rng(4).random((4, 4, 4)) < 0.5
        expected = mask.repeat(3, axis=0).repeat(3, axis=1).repeat(3, axis=2)
        np.testing.assert_array_equal(nearest_onto(mask, coarse, fine), expected)

    def test_nothing_lies_beyond_the_mask(self) -> None:
        mask = np.ones((4, 4, 4), dtype=np.bool_)
        assert not nearest_onto(mask, grid((4, 4, 4), origin=(50.0, 0.0, 0.0)), grid((4, 4, 4))).any()


class TestCovering:
    @pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.3, 2.0, 0.9), (5.0, 5.0, 5.0)])
    def test_covers_the_image_around_the_same_centre(self, spacing: tuple[float, float, float]) -> None:
        old = grid((20, 18, 12), (0.7, 0.8, 2.5), (-3.0, 5.0, 100.0), TURNED)
        new = covering(old, spacing)
        extent = np.array(new.size) * new.spacing - np.array(old.size) * old.spacing
        assert (extent > -1e-2 * np.array(new.spacing)).all()
        assert (extent < new.spacing).all()
        middle = [centres(each).reshape(-1, 3).mean(axis=0) for each in (old, new)]
        np.testing.assert_allclose(middle[0], middle[1], atol=1e-9)
        assert new.direction == old.direction

    def test_no_voxel_more_for_rounding(self) -> None:
        assert covering(grid((30, 30, 30), (0.1, 0.1, 0.1)), (0.3, 0.3, 0.3)).size == (10, 10, 10)

    def test_the_same_spacing_is_the_same_grid(self) -> None:
        old = grid((20, 18, 12), (0.7, 0.8, 2.5), (-3.0, 5.0, 100.0), TURNED)
        assert covering(old, old.spacing) == old

    def test_a_single_slice_stays_one(self) -> None:
        flat = covering(grid((20, 20, 1), (0.5, 0.5, 1.0)), (1.0, 1.0, 1.0))
        assert (flat.size, flat.spacing) == ((10, 10, 1), (1.0, 1.0, 1.0))
        assert covering(grid((20, 20, 1), (0.5, 0.5, 4.0)), (1.0, 1.0, 1.0)).spacing == (1.0, 1.0, 4.0)


class TestResampled:
    @pytest.mark.parametrize("direction", [AXES, TURNED])
    def test_what_is_linear_in_space_stays_so(self, direction: tuple[float, ...]) -> None:
        old = grid((30, 28, 12), (0.8, 0.8, 2.5), (-3.0, 5.0, 100.0), direction)
        new = resampled(region(old), Reading(spacing=1.0))
        z, y, x = new.mask.shape
        there = Grid((x, y, z), new.spacing[::-1], new.origin, new.direction)
        inner = np.s_[2:-2, 2:-2, 2:-2]
        np.testing.assert_allclose(new.image[inner], wave(there)[inner], atol=1e-9)
        assert new.spacing == (1.0, 1.0, 1.0)

    def test_the_region_keeps_its_volume(self) -> None:
        old = grid((60, 56, 24), (0.8, 0.8, 2.5))
        read = region(old)
        new = resampled(read, Reading(spacing=(0.5, 0.5, 0.5)))
        before, after = read.mask.sum() * 0.8 * 0.8 * 2.5, new.mask.sum() * 0.125
        assert after == pytest.approx(before, rel=0.02)

    def test_the_border_is_repeated_not_invented(self) -> None:
        old = grid((10, 10, 10), (2.0, 2.0, 2.0))
        new = resampled(region(old, np.full((10, 10, 10), 42.0)), Reading(spacing=0.7))
        assert (new.image == 42.0).all()

    def test_nearest_makes_no_new_value(self) -> None:
        old = grid((12, 12, 12), (1.5, 1.5, 1.5))
        labels = np.random.default_rng(5).integers(0, 4, (12, 12, 12)).astype(float)
        new = resampled(region(old, labels), Reading(spacing=1.0, interpolator="nearest"))
        assert set(np.unique(new.image)) == {0.0, 1.0, 2.0, 3.0}

    def test_organ_and_region_move_together(self) -> None:
        old = grid((30, 30, 30), (0.8, 0.8, 0.8))
        read = region(old, organ=ball(old, (12.0, 12.0, 12.0), 11))
        new = resampled(read, Reading(spacing=1.0))
        assert new.organ is not None
        assert not (new.mask & ~new.organ).any()
        assert new.organ.sum() > new.mask.sum()

    def test_the_same_spacing_changes_nothing(self) -> None:
        read = region(grid((20, 20, 20), (1.0, 1.0, 1.0)))
        new = resampled(read, Reading(spacing=1.0))
        np.testing.assert_array_equal(new.mask, read.mask)
        np.testing.assert_allclose(new.image, read.image, atol=1e-12)


class TestPrepare:
    def test_clips_after_resampling_and_says_how_much(self) -> None:
        read = region(grid((20, 20, 20)))
        low, high = np.quantile(read.image[read.mask], [0.1, 0.8])
        done, facts = prepare(read, Reading(clip=(low, high)))
        inside = read.image[read.mask]
        assert facts == {"clipped_voxels": int(((inside < low) | (inside > high)).sum())}
        np.testing.assert_array_equal(done.image, np.clip(read.image, low, high))
        np.testing.assert_array_equal(done.mask, read.mask)

    def test_a_region_between_the_new_voxels_is_lost(self) -> None:
        read = region(grid((20, 20, 20)))
        mask = np.zeros_like(read.mask)
        mask[9, 9, 9] = True
        small = Region("a", read.image, mask, (1.0, 1.0, 1.0))
        with pytest.raises(
            CaseError, match="case a: nothing is left of the region in voxels of 8 x 8 x 8 mm"
        ):
            prepare(small, Reading(spacing=8.0))

    def test_what_was_done_is_recorded(self) -> None:
        _, facts = prepare(region(grid((20, 20, 20))), Reading(spacing=2.0))
        assert facts["resampled_to_mm"] == "2 x 2 x 2"
        assert facts["resampled_voxels"] == int(
            prepare(region(grid((20, 20, 20))), Reading(spacing=2.0))[0].mask.sum()
        )
