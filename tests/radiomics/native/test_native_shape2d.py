"""Shape in a plane: pyradiomics' numbers in all three directions, and figures whose shape is known."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from radcompare.errors import DataError
from radcompare.radiomics.native import surface
from radcompare.radiomics.native.shape2d import features

pytest.importorskip("radiomics")

Mask = NDArray[np.bool_]
SPACING = (2.5, 0.7, 0.9)


def settings_for(axis: int) -> dict[str, Any]:
    return {"force2D": True, "force2Ddimension": axis}


def theirs(mask: Mask, spacing: tuple[float, float, float], axis: int) -> dict[str, float]:
    from radiomics.shape2D import RadiomicsShape2D

    pair = sitk.GetImageFromArray(np.zeros(mask.shape)), sitk.GetImageFromArray(mask.astype(np.uint8))
    for each in pair:
        each.SetSpacing(spacing[::-1])
    with np.errstate(all="ignore"):
        return {n: float(v) for n, v in RadiomicsShape2D(*pair, **settings_for(axis)).execute().items()}


def assert_same(found: dict[str, float], expected: dict[str, float]) -> None:
    assert list(found) == list(expected)
    assert all(type(value) is float for value in found.values())
    assert found == pytest.approx(expected, rel=1e-11, abs=1e-12, nan_ok=True)


def figures() -> dict[str, Mask]:
    ring = np.ones((5, 6), bool)
    ring[2, 2:4] = False
    parts = np.zeros((7, 9), bool)
    parts[:2, :3] = parts[5:, 6:] = True
    return {
        "one pixel": np.ones((1, 1), bool),
        "row": np.ones((1, 7), bool),
        "column": np.ones((7, 1), bool),
        "box": np.ones((4, 6), bool),
        "diagonal": np.eye(5, dtype=bool),
        "two by a corner": np.eye(2, dtype=bool)[::-1],
        "ring": ring,
        "two parts": parts,
    }


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("name", figures())
def test_figures(name: str, axis: int) -> None:
    mask = np.expand_dims(figures()[name], axis)
    assert_same(features(mask, SPACING, settings_for(axis)), theirs(mask, SPACING, axis))


@pytest.mark.parametrize("seed", range(45))
def test_random_masks(seed: int) -> None:
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    size = rng.integers(8, 40, 2)
    plane = (
        rng.random(size) < rng.uniform(0.05, 0.9)
        if seed % 2
        else gaussian_filter(rng.normal(size=size), 2) > 0
    )
    plane[0, 0] = plane[-1, -1] = True  # nothing to cut
    mask, axis = np.expand_dims(plane, seed % 3), seed % 3
    assert_same(features(mask, SPACING, settings_for(axis)), theirs(mask, SPACING, axis))


def test_where_in_the_image_does_not_matter() -> None:
    plane = np.expand_dims(figures()["ring"], 0)
    assert features(np.pad(plane, 3), SPACING, settings_for(0)) == features(plane, SPACING, settings_for(0))


def test_by_hand() -> None:
    found = features(np.ones((1, 3, 4), bool), (9, 1, 1), {"force2D": True})
    assert len(found) == 9
    assert list(found) == sorted(found)
    assert found["MeshSurface"] == 12 - 4 / 8  # four corners are cut off
    assert found["Perimeter"] == pytest.approx(2 * (2 + 3) + 4 * 0.5**0.5, rel=1e-15)
    assert found["PixelSurface"] == 12
    assert found["MaximumDiameter"] == 20**0.5  # from the left of one row to the right of another, 4 by 2
    assert found["MajorAxisLength"] == pytest.approx(4 * (15 / 12) ** 0.5, rel=1e-15)


def test_the_table_of_squares() -> None:
    from radiomics import cShape

    corners = ((0, 0), (0, 1), (1, 1), (1, 0))
    pieces = surface.square_pieces()
    for case in range(16):
        square = np.zeros((4, 4), bool)
        square[[1 + corners[bit][0] for bit in range(4) if case >> bit & 1],
               [1 + corners[bit][1] for bit in range(4) if case >> bit & 1]] = True  # fmt: skip
        if case:
            length, area, _ = cShape.calculate_coefficients2D(square, np.array((2.0, 3.0)))
            assert surface.perimeter_and_area(square[1:3, 1:3], (2.0, 3.0)) == pytest.approx(
                (length, area), rel=1e-14
            )
    assert len(pieces.cone) == 16


def test_without_force2d_it_is_refused() -> None:
    with pytest.raises(DataError, match="force2D") as caught:
        features(np.ones((1, 3, 3), bool), SPACING, {})
    assert "force2D: true" in caught.value.hint


@pytest.mark.parametrize("axis", [0, 1])
def test_several_planes_are_refused(axis: int) -> None:
    with pytest.raises(DataError, match=f"2 planes of dimension {axis}"):
        features(np.ones((2, 2, 1), bool), SPACING, settings_for(axis))


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(DataError, match="mask is empty"):
        features(np.zeros((1, 3, 3), bool), SPACING, {"force2D": True})


def test_slices_of_real_masks(shared_data: Path) -> None:
    label = sitk.ReadImage(str(shared_data / "pyradiomics" / "brain1_label.nrrd"))
    mask, spacing = sitk.GetArrayFromImage(label) == 1, label.GetSpacing()[::-1]
    measured = 0
    for axis in range(3):
        for index in np.flatnonzero(mask.any(axis=tuple({0, 1, 2} - {axis})))[::3]:
            plane = np.expand_dims(mask.take(index, axis=axis), axis)
            assert_same(features(plane, spacing, settings_for(axis)), theirs(plane, spacing, axis))
            measured += 1
    assert measured > 20
