"""Grey levels: pyradiomics' bins, its arithmetic in every pixel type, and where we differ on purpose."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from radcompare.errors import DataError
from radcompare.radiomics.native.binning import bin_counts, levels, levels_of

pytest.importorskip("radiomics")

TYPES = ("int16", "int32", "float32", "float64", "uint8")
SETTINGS = (
    *({}, {"binWidth": 25}, {"binWidth": 1}, {"binWidth": 0.5}, {"binWidth": 12.5}, {"binWidth": 0.1}),
    *(
        {"binWidth": 1000.0},
        {"binCount": 1},
        {"binCount": 8},
        {"binCount": 37},
        {"binWidth": 5, "binCount": 16},
    ),
)


def theirs(image: NDArray[Any], mask: NDArray[np.bool_], settings: dict[str, Any]) -> NDArray[np.int64]:
    from radiomics.imageoperations import binImage

    return np.asarray(binImage(image, mask, **settings)[0])


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_levels_of_pyradiomics(kind: str, settings: dict[str, Any]) -> None:
    rng = np.random.default_rng(4)
    for spread in (0.3, 7, 60):
        image = np.clip(rng.normal(90, spread, (5, 6, 7)), 0, 180).astype(kind)
        mask = rng.random(image.shape) < 0.6
        found = levels(image, mask, settings)
        assert found.dtype == np.int64
        assert np.array_equal(found, theirs(image, mask, settings))
        assert not found[~mask].any()
        assert found[mask].min() >= 1  # 2 where rounding moves the first edge


@pytest.mark.parametrize("width", [0.1, 0.3, 1 / 3, 2.5, 25])
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_values_on_the_edges_fall_where_pyradiomics_puts_them(width: float, kind: str) -> None:
    multiples = (np.arange(-300, 300) * width).astype(kind)
    near = np.concatenate(
        [
            multiples,
            np.nextafter(multiples, multiples.dtype.type(np.inf)),
            np.nextafter(multiples, -multiples),
        ]
    )
    inside = np.ones(near.shape, bool)
    assert np.array_equal(
        levels(near, inside, {"binWidth": width}), theirs(near, inside, {"binWidth": width})
    )


@pytest.mark.parametrize("offset", [1e4, 1e6, 1e8])
def test_bins_as_narrow_as_the_precision(offset: float) -> None:
    image = (offset + np.random.default_rng(1).random(500) * 40).astype(np.float32)
    inside = np.ones(image.shape, bool)
    settings = {"binWidth": 0.125}
    assert np.array_equal(levels(image, inside, settings), theirs(image, inside, settings))


@pytest.mark.parametrize("value", [0, 25, 26, -3.5, 1e-9, 1234567.125])
@pytest.mark.parametrize("settings", [{}, {"binWidth": 0.1}, {"binCount": 5}], ids=str)
def test_a_flat_region_is_one_level(value: float, settings: dict[str, Any]) -> None:
    image = np.full((2, 3, 4), value)
    inside = np.ones(image.shape, bool)
    found = levels(image, inside, settings)
    assert len(np.unique(found)) == 1
    assert np.array_equal(found, theirs(image, inside, settings))


def test_the_definition_in_words() -> None:
    # a region from 54 to 166 has the edges 50, 75, 100, 125, 150, 175
    assert levels_of(np.array([54, 74, 75, 100, 149, 150, 166]), {"binWidth": 25}).tolist() == [
        1,
        1,
        2,
        3,
        4,
        5,
        5,
    ]
    assert levels_of(np.array([0.0, 2.5, 5, 10]), {"binCount": 4}).tolist() == [1, 2, 3, 4]


def test_counts_are_of_occupied_bins() -> None:
    assert bin_counts(np.array([1, 2, 3, 80, 81, 500]), {}).tolist() == [3, 2, 1]


@pytest.mark.parametrize(("kind", "values"), [("int16", [-32768, 0, 32767]), ("uint8", [0, 100, 250])])
def test_whole_numbers_do_not_overflow_as_in_pyradiomics(kind: str, values: list[int]) -> None:
    image, inside = np.array(values, dtype=kind), np.ones(3, bool)
    right = levels(image, inside, {})
    assert right.tolist() == [1, 1 + values[1] // 25 - values[0] // 25, 1 + values[2] // 25 - values[0] // 25]
    assert np.array_equal(right, theirs(image.astype(np.float64), inside, {}))
    with np.errstate(over="ignore"):
        assert theirs(image, inside, {}).max() < right.max()


@pytest.mark.parametrize(("kind", "values"), [("int16", [32000, 32760]), ("uint8", [200, 250])])
def test_near_the_end_of_the_type_pyradiomics_is_right(kind: str, values: list[int]) -> None:
    image, inside = np.array(values, dtype=kind), np.ones(2, bool)
    with np.errstate(over="ignore"):
        assert np.array_equal(levels(image, inside, {}), theirs(image, inside, {}))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(DataError, match="1 voxels inside the mask are not finite"):
        levels_of(np.array([1.0, bad]), {})


def test_what_is_not_finite_outside_the_mask_does_not_matter() -> None:
    assert levels(np.array([1.0, np.nan]), np.array([True, False]), {}).tolist() == [1, 0]


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(DataError, match="mask is empty"):
        levels(np.zeros((2, 2, 2)), np.zeros((2, 2, 2), bool), {})


def test_bins_that_do_not_suit_the_image_are_refused() -> None:
    with pytest.raises(DataError, match="bins of this image") as caught:
        levels_of(np.array([0.0, 1e12]), {"binWidth": 0.01})
    assert "binCount" in caught.value.hint
    with pytest.raises(DataError, match="binCount 50"):
        levels_of(np.array([1.0, np.nextafter(1.0, 2.0)]), {"binCount": 50})
