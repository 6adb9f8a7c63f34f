"""Geometry of solids: exact for boxes, brute force for blobs."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from radcompare.imaging.region import Region
from radcompare.radiomics.patch import patch_of
from radcompare.radiomics.solid import face_area, neighbours, solid_of

SPACING = (2.0, 1.0, 0.5)


def box(shape: tuple[int, int, int], margin: int = 2) -> NDArray[np.bool_]:
    return np.pad(np.ones(shape, dtype=bool), margin)


def test_a_box_has_the_moments_and_sides_of_that_box(make_region: Callable[..., Region]) -> None:
    solid = solid_of(patch_of(make_region(box((4, 6, 10)), spacing=SPACING)))  # 8 x 6 x 5 mm
    assert solid.moments == pytest.approx([8**2 / 12, 6**2 / 12, 5**2 / 12], rel=1e-13)
    assert solid.box_sides == pytest.approx([8, 6, 5], rel=1e-13)
    assert solid.volume == 240
    assert np.abs(solid.axes) == pytest.approx(np.eye(3), abs=1e-13)
    assert solid.face_areas.sum() == pytest.approx(2 * (8 * 6 + 6 * 5 + 5 * 8), rel=1e-13)
    assert np.abs(solid.border).max(axis=0) == pytest.approx([4, 3, 2.5], rel=1e-13)


def test_a_single_voxel_is_a_box(make_region: Callable[..., Region]) -> None:
    solid = solid_of(patch_of(make_region(box((1, 1, 1)), spacing=SPACING)))
    assert solid.box_sides == pytest.approx([2, 1, 0.5], rel=1e-13)
    assert len(solid.border) == 6
    assert solid.holds_centroid


def test_the_ellipsoid_has_the_volume_and_proportions(make_region: Callable[..., Region]) -> None:
    solid = solid_of(patch_of(make_region(box((4, 6, 10)), spacing=SPACING)))
    assert 4 / 3 * np.pi * solid.ellipsoid_axes.prod() == pytest.approx(240, rel=1e-13)
    assert solid.ellipsoid_axes / solid.ellipsoid_axes[0] == pytest.approx([1, 6 / 8, 5 / 8], rel=1e-13)


def test_a_cube_keeps_its_axes(make_region: Callable[..., Region]) -> None:
    """Equal moments leave the axes free: rounding must not turn them."""
    solid = solid_of(patch_of(make_region(box((7, 7, 7)), spacing=(0.7, 0.7, 0.7))))
    assert np.sort(np.abs(solid.axes).ravel())[-3:] == pytest.approx([1, 1, 1], abs=1e-15)


def test_a_slice_of_a_2d_image_is_a_plane_figure(make_region: Callable[..., Region]) -> None:
    mask = np.pad(np.ones((1, 4, 8), dtype=bool), ((0, 0), (2, 2), (2, 2)))
    solid = solid_of(patch_of(make_region(mask, spacing=(9.0, 1.0, 0.5))))
    assert solid.dimension == 2
    assert solid.volume == 16
    assert solid.box_sides == pytest.approx([4, 4], rel=1e-13)
    assert solid.face_areas.sum() == pytest.approx(16, rel=1e-13)
    assert np.pi * solid.ellipsoid_axes.prod() == pytest.approx(16, rel=1e-13)


def test_a_hollow_region_does_not_hold_its_centroid(make_region: Callable[..., Region]) -> None:
    shell = box((5, 5, 5))
    shell[3:6, 3:6, 3:6] = False
    assert not solid_of(patch_of(make_region(shell))).holds_centroid
    shell[4, 4, 4] = True
    assert solid_of(patch_of(make_region(shell))).holds_centroid


def test_moments_and_border_of_a_blob(blob: NDArray[np.bool_], make_region: Callable[..., Region]) -> None:
    """Every voxel cut into 5^3 points has the moments of the voxel up to h²/(12 5²); exact after correction."""
    solid = solid_of(patch_of(make_region(blob, spacing=SPACING)))
    offsets = (np.arange(5) - 2) / 5
    points = np.array(
        [
            (voxel + np.array(offset)) * SPACING
            for voxel in np.argwhere(blob)
            for offset in product(offsets, repeat=3)
        ]
    )
    covariance = np.cov(points.T, bias=True) + np.diag(np.array(SPACING) ** 2 / 12 / 25)
    assert solid.moments == pytest.approx(np.linalg.eigvalsh(covariance)[::-1], rel=1e-10)
    faces, total = 0, 0.0
    for voxel in np.argwhere(blob):
        for axis, side in product(range(3), (-1, 1)):
            other = voxel.copy()
            other[axis] += side
            if not blob[tuple(other)]:
                faces += 1
                total += np.prod(SPACING) / SPACING[axis]
    assert len(solid.border) == faces
    assert solid.face_areas.sum() == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize("outside", [False, True])
@pytest.mark.parametrize("planar", [False, True])
def test_neighbours_one_by_one(outside: bool, planar: bool) -> None:
    values = np.random.default_rng(0).random((3, 4, 5)) > 0.5
    seen = []
    for axis, side, found in neighbours(values, outside=outside, planar=planar):
        seen.append((axis, side))
        for index in np.ndindex(values.shape):
            other = list(index)
            other[axis] += side
            within = 0 <= other[axis] < values.shape[axis]
            assert found[index] == (values[tuple(other)] if within else outside)
    assert seen == [(axis, side) for axis in range(1 if planar else 0, 3) for side in (-1, 1)]


def test_face_areas() -> None:
    assert [face_area(axis, SPACING, planar=False) for axis in range(3)] == [0.5, 1.0, 2.0]
    assert [face_area(axis, SPACING, planar=True) for axis in (1, 2)] == [0.5, 1.0]
