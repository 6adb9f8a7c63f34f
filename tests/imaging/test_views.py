"""Where to look, against boxes counted by hand."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.region import Region
from radcompare.imaging.views import Box, View, largest_slice, views_of

SHAPE = (9, 40, 50)
EVERY = slice(None)


@dataclass(frozen=True)
class Looking:
    region: Literal["slice", "orthogonal", "slices", "volume"] = "slice"
    window: Literal["crop", "warp"] = "crop"
    size: int = 4
    margin: int = 0


def region_of(mask: NDArray[np.bool_], spacing: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> Region:
    return Region("case 7", np.zeros(mask.shape), mask, spacing)


def filled(*boxes: tuple[slice, slice, slice], shape: tuple[int, int, int] = SHAPE) -> NDArray[np.bool_]:
    mask = np.zeros(shape, dtype=bool)
    for box in boxes:
        mask[box] = True
    return mask


def sides(box: Box) -> list[int]:
    return [last - first for first, last in box]


LUMP = filled((slice(2, 6), slice(10, 20), slice(24, 30)))
"""Planes 2-5, rows 10-19, columns 24-29."""


@pytest.mark.parametrize(
    ("counts", "expected"),
    [((0, 2, 5, 1), 2), ((3, 1, 3, 3), 0), ((0, 4, 1, 4), 1), ((0, 0, 0, 1), 3)],
    ids=["the largest", "three alike", "two alike", "the only one"],
)
def test_the_largest_slice_is_the_lowest_of_those_with_most_voxels(
    counts: tuple[int, ...], expected: int
) -> None:
    mask = np.zeros((4, 3, 3), dtype=bool)
    for at, count in enumerate(counts):
        mask[at].flat[:count] = True
    assert largest_slice(mask) == expected
    (view,) = views_of(region_of(mask), Looking())
    assert view.name == f"axial {expected}"
    assert view.at == (expected, EVERY, EVERY)


def test_voxels_count_and_not_the_extent_of_a_slice() -> None:
    mask = filled((slice(3, 4), slice(5, 8), slice(5, 8)))
    mask[6, [0, 39], [0, 49]] = True
    assert largest_slice(mask) == 3


def test_orthogonal_views_are_of_the_largest_plane_of_every_axis() -> None:
    mask = filled(
        (slice(2, 6), slice(10, 20), slice(24, 30)),
        (slice(4, 5), slice(20, 25), slice(24, 30)),  # most in plane 4
        (slice(2, 6), slice(13, 14), slice(30, 33)),  # most in row 13
        (slice(6, 8), slice(10, 20), slice(27, 28)),  # most in column 27
    )
    views = list(views_of(region_of(mask), Looking(region="orthogonal", window="warp")))
    assert views == [
        View("axial 4", (4, EVERY, EVERY), ((10, 25), (24, 33))),
        View("coronal 13", (EVERY, 13, EVERY), ((2, 8), (24, 33))),
        View("sagittal 27", (EVERY, EVERY, 27), ((2, 8), (10, 25))),
    ]
    shown = [np.count_nonzero(mask[view.at]) for view in views]
    assert shown == [mask.sum(axis=(1, 2)).max(), mask.sum(axis=(0, 2)).max(), mask.sum(axis=(0, 1)).max()]


def test_orthogonal_views_are_the_lowest_on_ties() -> None:
    names = [view.name for view in views_of(region_of(LUMP), Looking(region="orthogonal"))]
    assert names == ["axial 2", "coronal 10", "sagittal 24"]


def test_slices_are_every_axial_slice_with_mask_and_its_own_box() -> None:
    mask = filled(
        (slice(1, 2), slice(3, 5), slice(7, 9)),
        (slice(2, 3), slice(3, 9), slice(6, 9)),
        (slice(5, 6), slice(30, 31), slice(40, 41)),
    )
    views = list(views_of(region_of(mask), Looking(region="slices", window="warp", margin=1)))
    assert views == [
        View("axial 1", (1, EVERY, EVERY), ((2, 6), (6, 10))),
        View("axial 2", (2, EVERY, EVERY), ((2, 10), (5, 10))),
        View("axial 5", (5, EVERY, EVERY), ((29, 32), (39, 42))),
    ]


def test_a_volume_is_one_view_of_all_planes() -> None:
    (view,) = views_of(region_of(LUMP), Looking(region="volume", window="warp"))
    assert view == View("volume", (EVERY, EVERY, EVERY), ((2, 6), (10, 20), (24, 30)))


def test_the_box_of_a_volume_spans_parts_that_lie_apart() -> None:
    mask = filled(
        (slice(1, 2), slice(30, 31), slice(4, 6)),
        (slice(7, 9), slice(0, 2), slice(48, 50)),
    )
    (view,) = views_of(region_of(mask), Looking(region="volume", window="warp"))
    assert view.box == ((1, 9), (0, 31), (4, 50))


@pytest.mark.parametrize("size", [2, 5, 6, 30])
def test_a_crop_has_the_boxs_centre_or_lies_half_a_voxel_nearer_the_origin(size: int) -> None:
    mask = filled((slice(2, 7), slice(10, 20), slice(24, 31)))  # centres at 4.5, 15 and 27.5
    (view,) = views_of(region_of(mask), Looking(region="volume", size=size))
    assert sides(view.box) == [size] * 3
    for (first, last), centre in zip(view.box, (4.5, 15.0, 27.5), strict=True):
        apart = 0.0 if (2 * centre - size) % 2 == 0 else 0.5
        assert (first + last) / 2 == centre - apart


def test_a_crop_reaches_beyond_the_image() -> None:
    mask = filled((slice(0, 1), slice(0, 2), slice(48, 50)))
    (view,) = views_of(region_of(mask), Looking(size=7))
    assert view.box == ((-3, 4), (45, 52))  # rows about 1 and columns about 49


def test_an_axial_crop_counts_pixels_whether_they_are_square_or_not() -> None:
    region = region_of(LUMP, (5.0, 2.0, 0.5))
    (view,) = views_of(region, Looking(size=8, margin=1))
    assert sides(view.box) == [10, 10]


def test_a_crop_is_as_wide_in_millimetres_in_every_plane_as_along_x() -> None:
    spacing = (2.5, 0.5, 1.0)
    region = region_of(LUMP, spacing)
    looking = Looking(region="orthogonal", size=20)  # 20 mm: 8 planes, 40 rows, 20 columns
    _, coronal, sagittal = views_of(region, looking)
    assert coronal.box == ((0, 8), (17, 37))  # about 4 and 27
    assert sagittal.box == ((0, 8), (-5, 35))  # about 4 and 15
    (volume,) = views_of(region, replace(looking, region="volume"))
    assert volume.box == ((0, 8), (-5, 35), (17, 37))
    assert [side * step for side, step in zip(sides(volume.box), spacing, strict=True)] == [20.0] * 3


def test_a_crop_has_at_least_one_voxel_of_every_axis() -> None:
    (view,) = views_of(region_of(LUMP, (50.0, 1.0, 1.0)), Looking(region="volume", size=4))
    assert sides(view.box) == [1, 4, 4]


def test_a_margin_widens_a_crop_on_both_sides_by_as_many_millimetres() -> None:
    region = region_of(LUMP, (2.0, 0.5, 1.0))
    looking = Looking(region="volume", size=6)  # 6 mm: 3 planes, 12 rows, 6 columns
    (narrow,) = views_of(region, looking)
    (wide,) = views_of(region, replace(looking, margin=4))  # 4 mm: 2 planes, 8 rows, 4 columns
    assert sides(narrow.box) == [3, 12, 6]
    assert wide.box == tuple(
        (first - more, last + more) for (first, last), more in zip(narrow.box, (2, 8, 4), strict=True)
    )


def test_a_margin_widens_a_warp_on_both_sides_by_as_many_millimetres() -> None:
    region = region_of(LUMP, (2.0, 0.5, 1.0))
    looking = Looking(region="orthogonal", window="warp", margin=4)
    axial, coronal, sagittal = views_of(region, looking)
    assert axial.box == ((6, 24), (20, 34))  # 4 pixels of either axis
    assert coronal.box == ((0, 8), (20, 34))
    assert sagittal.box == ((0, 8), (2, 28))
    (volume,) = views_of(region, replace(looking, region="volume"))
    assert volume.box == ((0, 8), (2, 28), (20, 34))


def test_the_size_of_a_crop_is_nothing_to_a_warp() -> None:
    boxes = [
        [view.box for view in views_of(region_of(LUMP), Looking("orthogonal", "warp", size))]
        for size in (1, 500)
    ]
    assert boxes[0] == boxes[1] == [((10, 20), (24, 30)), ((2, 6), (24, 30)), ((2, 6), (10, 20))]


@pytest.mark.parametrize("kind", ["orthogonal", "volume"])
def test_one_slice_has_no_other_views_and_says_what_to_do(kind: Literal["orthogonal", "volume"]) -> None:
    region = region_of(filled((slice(0, 1), slice(2, 9), slice(3, 9)), shape=(1, 20, 20)))
    with pytest.raises(CaseError, match=f"case 7: is one slice, so there is no {kind} view") as caught:
        list(views_of(region, Looking(kind)))
    assert "give region slice" in caught.value.hint
    assert "3-D image" in caught.value.hint


@pytest.mark.parametrize("kind", ["slice", "slices"])
def test_one_slice_can_be_shown_as_what_it_is(kind: Literal["slice", "slices"]) -> None:
    region = region_of(filled((slice(0, 1), slice(2, 9), slice(3, 9)), shape=(1, 20, 20)))
    views = list(views_of(region, Looking(kind, "warp")))
    assert views == [View("axial 0", (0, EVERY, EVERY), ((2, 9), (3, 9)))]
