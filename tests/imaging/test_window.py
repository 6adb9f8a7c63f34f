"""Windows against arrays made by hand, and the interpolation against its definition."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from radcompare.config import DeepSource
from radcompare.errors import CaseError
from radcompare.imaging.region import Region
from radcompare.imaging.views import largest_slice
from radcompare.imaging.window import picture_of, pictures_of, resized


@dataclass(frozen=True)
class Settings:
    window: Literal["crop", "warp"] = "crop"
    size: int = 4
    margin: int = 0
    masked: bool = False
    intensity: str | dict[str, str] = "0:100"
    region: Literal["slice", "orthogonal", "slices", "volume"] = "slice"


def region_of(image: NDArray[Any], mask: NDArray[Any]) -> Region:
    return Region("case 7", np.atleast_3d(image).astype(float), mask.astype(bool), (1.0, 1.0, 1.0))


def plane(rows: int, columns: int) -> NDArray[np.float64]:
    """One slice whose pixel (y, x) holds 10 y + x."""
    return (10.0 * np.arange(rows)[:, np.newaxis] + np.arange(columns))[np.newaxis]


def box(shape: tuple[int, ...], rows: slice, columns: slice) -> NDArray[np.bool_]:
    mask = np.zeros(shape, dtype=bool)
    mask[:, rows, columns] = True
    return mask


def grey(*rows: list[float]) -> NDArray[np.float64]:
    """What 0:100 makes of intensities."""
    return np.array(rows) / 100


def cubic(x: float) -> float:
    """Keys' kernel with a = -1/2."""
    x = abs(x)
    if x < 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0.0


def interpolation(size: int, side: int) -> NDArray[np.float64]:
    """One row of weights per new pixel: the kernel about its centre, widened when shrinking, summing to 1."""
    scale = size / side
    stretch = max(scale, 1.0)
    weights = np.array(
        [[cubic((x + 0.5 - (i + 0.5) * scale) / stretch) for x in range(size)] for i in range(side)]
    )
    return weights / weights.sum(axis=1, keepdims=True)


def test_largest_slice_has_most_voxels() -> None:
    mask = np.zeros((4, 5, 5), dtype=bool)
    mask[1, 0, :2] = mask[2, 0, :3] = mask[3, 0, :1] = True
    assert largest_slice(mask) == 2


def test_largest_slice_is_the_lowest_on_ties() -> None:
    mask = np.zeros((5, 4, 4), dtype=bool)
    mask[1, 0, 0] = mask[2, :2, 2] = mask[4, 3, :2] = True
    assert largest_slice(mask) == 2


def test_the_picture_is_of_the_largest_slice() -> None:
    image = np.stack([np.full((6, 6), value) for value in (10.0, 20.0, 30.0)])
    image[:, 1, 1] += 10
    mask = np.zeros(image.shape, dtype=bool)
    mask[0, 2, 2] = mask[1, 2:4, 2] = mask[2, 2, 2] = True
    shown = picture_of(Region("a", image, mask, (1, 1, 1)), Settings(), 4)
    assert np.allclose(shown, [[0.2, 0.3, 0.2, 0.2], *[[0.2] * 4] * 3])


def test_crop_is_centred_on_the_bounding_box() -> None:
    image = plane(9, 9)
    region = region_of(image, box(image.shape, slice(3, 5), slice(4, 6)))
    # rows 3-4 and columns 4-5: rows 2-5 and columns 3-6 have the same centre
    expected = grey([23, 24, 25, 26], [33, 34, 35, 36], [43, 44, 45, 46], [53, 54, 55, 56])
    np.testing.assert_allclose(picture_of(region, Settings(), 4), expected, atol=1e-7)


def test_crop_ignores_where_the_mass_is() -> None:
    image = plane(9, 9)
    mask = box(image.shape, slice(2, 6), slice(2, 6))
    ragged = mask.copy()
    ragged[0, 3:6, 3:5] = False
    whole, hollow = (picture_of(region_of(image, m), Settings(), 4) for m in (mask, ragged))
    assert np.array_equal(whole, hollow)


def test_crop_lies_half_a_pixel_up_and_left_where_centres_cannot_meet() -> None:
    image = plane(9, 9)
    region = region_of(image, box(image.shape, slice(4, 5), slice(4, 5)))
    expected = grey([22, 23, 24, 25], [32, 33, 34, 35], [42, 43, 44, 45], [52, 53, 54, 55])
    np.testing.assert_allclose(picture_of(region, Settings(), 4), expected, atol=1e-7)
    odd = picture_of(region, Settings(size=3), 3)
    np.testing.assert_allclose(odd, grey([33, 34, 35], [43, 44, 45], [53, 54, 55]), atol=1e-7)


def test_margin_widens_the_crop_on_every_side() -> None:
    image = plane(9, 9)
    region = region_of(image, box(image.shape, slice(3, 5), slice(4, 6)))
    wide, large = (picture_of(region, s, 6) for s in (Settings(margin=1), Settings(size=6)))
    assert np.array_equal(wide, large)
    assert wide[0, 0] == pytest.approx(0.12)


@pytest.mark.parametrize(
    ("rows", "columns", "expected"),
    [
        (slice(0, 2), slice(0, 2), ([0, 0, 0, 0], [0, 0, 1, 2], [0, 10, 11, 12], [0, 20, 21, 22])),
        (slice(4, 6), slice(5, 7), ([34, 35, 36, 0], [44, 45, 46, 0], [54, 55, 56, 0], [0, 0, 0, 0])),
    ],
    ids=["top left", "bottom right"],
)
def test_beyond_the_image_lies_the_floor(
    rows: slice, columns: slice, expected: tuple[list[float], ...]
) -> None:
    image = plane(6, 7)
    region = region_of(image, box(image.shape, rows, columns))
    np.testing.assert_allclose(picture_of(region, Settings(), 4), grey(*expected), atol=1e-7)


def test_the_floor_is_the_window_floor_and_not_zero_intensity() -> None:
    image = np.array([[[400.0, 400.0], [400.0, 50.0]]])
    region = region_of(image, np.ones((1, 2, 2)))
    picture = picture_of(region, Settings(intensity="-1000:400"), 4)
    expected = np.pad(np.array([[1, 1], [1, 0.75]]), 1)
    assert np.array_equal(picture, expected)


def test_a_crop_may_be_larger_than_the_image() -> None:
    image = plane(3, 3)
    region = region_of(image, box(image.shape, slice(1, 2), slice(1, 2)))
    picture = picture_of(region, Settings(size=11), 11)
    assert np.array_equal(picture[4:7, 4:7], (image[0] / 100).astype(np.float32))
    assert np.count_nonzero(picture) == 8


def test_warp_is_the_tight_box_whatever_its_aspect() -> None:
    image = plane(9, 9)
    mask = np.zeros(image.shape, dtype=bool)
    mask[0, 2, 3] = mask[0, 4, 4] = True  # rows 2-4, columns 3-4
    expected = interpolation(3, 6) @ (image[0, 2:5, 3:5] / 100) @ interpolation(2, 6).T
    picture = picture_of(region_of(image, mask), Settings(window="warp"), 6)
    np.testing.assert_allclose(picture, expected, atol=1e-6)


def test_warp_with_margin_reaches_beyond_the_image() -> None:
    image = plane(4, 4) + 50
    region = region_of(image, box(image.shape, slice(0, 1), slice(3, 4)))
    expected = grey([0, 0, 0], [52, 53, 0], [62, 63, 0])
    np.testing.assert_allclose(picture_of(region, Settings(window="warp", margin=1), 3), expected, atol=1e-7)


def test_a_single_voxel_is_shown_with_what_is_around_it_or_not_at_all() -> None:
    image = plane(5, 5)
    region = region_of(image, box(image.shape, slice(2, 3), slice(3, 4)))
    around = grey([12, 13, 14], [22, 23, 24], [32, 33, 34])
    for settings in (Settings(size=3), Settings(window="warp", margin=1)):
        np.testing.assert_allclose(picture_of(region, settings, 3), around, atol=1e-7)
    with pytest.raises(CaseError, match="the mask's box is a single voxel") as caught:
        picture_of(region, Settings(window="warp"), 224)
    assert "margin" in caught.value.hint


def test_a_window_of_one_grey_says_what_its_intensities_are() -> None:
    image = plane(5, 5) + 2000
    region = region_of(image, box(image.shape, slice(1, 4), slice(1, 4)))
    with pytest.raises(
        CaseError, match="one grey: its intensities go from 2011 to 2033, shown by 0:100"
    ) as caught:
        picture_of(region, Settings(window="warp"), 8)
    assert "LOW:HIGH" in caught.value.hint


def test_how_much_of_the_window_lies_beyond_the_image() -> None:
    image = plane(4, 4)
    region = region_of(image, box(image.shape, slice(0, 2), slice(0, 2)))
    (picture,) = pictures_of(region, Settings(size=4), 4)
    assert picture.beyond == 1 - 9 / 16
    assert picture.view == "axial 0"
    (inside,) = pictures_of(region, Settings(size=2), 4)
    assert inside.beyond == 0


def test_the_mask_as_it_lies_in_the_picture() -> None:
    image = plane(9, 9)
    region = region_of(image, box(image.shape, slice(3, 5), slice(4, 6)))
    (picture,) = pictures_of(region, Settings(size=4), 8, outlined=True)
    expected = np.zeros((8, 8), dtype=bool)
    expected[2:6, 2:6] = True
    assert picture.mask is not None
    assert np.array_equal(picture.mask, expected)


def test_a_volume_is_resized_axis_by_axis() -> None:
    rng = np.random.default_rng(0)
    z, y, x = rng.uniform(0.2, 0.8, 5), rng.uniform(0.2, 0.8, 7), rng.uniform(0.2, 0.8, 6)
    volume = np.einsum("i,j,k->ijk", z, y, x)
    expected = np.einsum("i,j,k->ijk", *(interpolation(len(axis), 4) @ axis for axis in (z, y, x)))
    np.testing.assert_allclose(resized(volume, 4), expected.clip(0, 1), atol=2e-6)


def test_masked_sets_the_outside_to_the_floor() -> None:
    image = plane(9, 9)
    mask = box(image.shape, slice(3, 5), slice(4, 6))
    mask[0, 4, 5] = False
    expected = grey([0, 0, 0, 0], [0, 34, 35, 0], [0, 44, 0, 0], [0, 0, 0, 0])
    np.testing.assert_allclose(
        picture_of(region_of(image, mask), Settings(masked=True), 4), expected, atol=1e-7
    )


def test_intensities_are_clipped_and_scaled() -> None:
    image = np.array([[[-3000.0, -1000.0], [-300.0, 900.0]]])
    region = region_of(image, np.ones((1, 2, 2)))
    picture = picture_of(region, Settings(window="warp", intensity="-1000:400"), 2)
    np.testing.assert_allclose(picture, [[0, 0], [0.5, 1]], atol=1e-7)


def test_percentiles_are_those_of_the_whole_region() -> None:
    rng = np.random.default_rng(0)
    image = rng.normal(size=(3, 6, 6))
    mask = rng.random((3, 6, 6)) < 0.6
    mask[1] = True
    values = np.sort(image[mask])
    position = 0.99 * (values.size - 1)
    high = values[int(position)] + (position % 1) * (values[int(position) + 1] - values[int(position)])
    position = 0.01 * (values.size - 1)
    low = values[int(position)] + (position % 1) * (values[int(position) + 1] - values[int(position)])
    picture = picture_of(region_of(image, mask), Settings("warp", intensity="percentile"), 6)
    np.testing.assert_allclose(picture, np.clip((image[1] - low) / (high - low), 0, 1), atol=1e-6)


def test_percentiles_of_one_value_leave_no_range() -> None:
    image = plane(5, 5)
    region = region_of(image, box(image.shape, slice(2, 3), slice(3, 4)))
    with pytest.raises(CaseError, match=r"case 7: the 1st and 99th percentile .* are both 23") as caught:
        picture_of(region, Settings(intensity="percentile"), 4)
    assert "LOW:HIGH" in caught.value.hint


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_voxels_that_are_not_finite_name_the_case(value: float) -> None:
    image = plane(9, 9)
    image[0, 2, 3] = value
    region = region_of(image, box(image.shape, slice(3, 5), slice(4, 6)))
    with pytest.raises(CaseError, match=r"case 7: 1 of 16 pixels in the window \(axial 0\) are not finite"):
        picture_of(region, Settings(), 4)


def test_voxels_that_are_not_finite_do_no_harm_outside_the_window() -> None:
    image = plane(9, 9)
    image[0, 0, 0] = np.nan
    region = region_of(image, box(image.shape, slice(3, 5), slice(4, 6)))
    assert np.isfinite(picture_of(region, Settings(), 4)).all()


def test_percentiles_need_finite_voxels_in_every_slice() -> None:
    image = np.random.default_rng(0).normal(size=(2, 4, 4))
    image[1, 0, 0] = np.nan
    mask = np.ones(image.shape)
    mask[1, 1] = 0
    with pytest.raises(CaseError, match="case 7: the image has voxels inside the mask that are not finite"):
        picture_of(region_of(image, mask), Settings(intensity="percentile"), 4)


@pytest.mark.parametrize(("rows", "columns", "side"), [(5, 7, 16), (40, 30, 16), (8, 50, 20), (56, 56, 224)])
def test_resizing_is_keys_cubic_interpolation(rows: int, columns: int, side: int) -> None:
    picture = np.random.default_rng(1).random((rows, columns))
    expected = np.clip(interpolation(rows, side) @ picture @ interpolation(columns, side).T, 0, 1)
    np.testing.assert_allclose(resized(picture, side), expected, atol=1e-6)


def test_overshoot_is_clipped() -> None:
    edge = np.repeat([[0.0, 0.0, 1.0, 1.0]], 4, axis=0)
    unclipped = edge @ interpolation(4, 16).T
    assert unclipped.min() < -0.01
    assert unclipped.max() > 1.01
    picture = resized(edge, 16)
    assert picture.min() == 0
    assert picture.max() == 1


def test_same_size_is_the_same_picture() -> None:
    picture = np.random.default_rng(1).random((9, 9)).astype(np.float32)
    assert np.array_equal(resized(picture, 9), picture)


def test_the_settings_of_an_experiment_are_taken() -> None:
    image = plane(60, 60) * 2 - 1000
    region = region_of(image, box(image.shape, slice(20, 30), slice(20, 35)))
    picture = picture_of(region, DeepSource(network="cnn-f", weights="random", layer="full7"), 224)
    assert picture.dtype == np.float32
    assert picture.shape == (224, 224)
    assert 0 <= picture.min() < picture.max() <= 1


def test_the_input_is_left_alone() -> None:
    image = plane(9, 9)
    mask = box(image.shape, slice(3, 5), slice(4, 6))
    region = region_of(image, mask)
    before = region.image.copy()
    picture_of(region, Settings(masked=True), 4)
    assert np.array_equal(region.image, before)
