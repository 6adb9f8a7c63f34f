"""Textures: pyradiomics' numbers in every class, and its conventions where a region says little."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from radcompare.radiomics.library import measure
from radcompare.radiomics.native import glcm, gldm, glrlm, glszm, ngtdm
from radcompare.radiomics.native.levels import directions, levels_of_region

pytest.importorskip("radiomics")

CLASSES = {"glcm": glcm, "gldm": gldm, "glrlm": glrlm, "glszm": glszm, "ngtdm": ngtdm}
SPACING = (2.5, 0.7, 0.9)
FLAT = {"force2D": True}
SETTINGS: dict[str, list[dict[str, Any]]] = {
    "glcm": [
        {"distances": [1, 3]},
        {"distances": [2]},
        {"symmetricalGLCM": False},
        *({"weightingNorm": norm} for norm in ("manhattan", "euclidean", "infinity", "no_weighting")),
    ],
    "gldm": [{"gldm_a": 1}, {"gldm_a": 3, "distances": [1, 2]}],
    "glrlm": [{"weightingNorm": norm} for norm in ("manhattan", "euclidean", "infinity", "no_weighting")],
    "glszm": [],
    "ngtdm": [{"distances": [1, 2]}, {"distances": [3]}],
}
EVERY = ({}, FLAT, FLAT | {"force2Ddimension": 2}, {"binCount": 6}, {"binWidth": 0.5})
REAL = ("brain1", "brain2", "breast1")


def theirs(
    name: str,
    image: NDArray[Any],
    mask: NDArray[np.bool_],
    settings: dict[str, Any],
    spacing: tuple[float, float, float] = SPACING,
) -> dict[str, float]:
    """pyradiomics' values of a region cut to its box, as its extractor cuts it; nan where it has none."""
    box = tuple(slice(int(where.min()), int(where.max()) + 1) for where in np.nonzero(mask))
    pair = sitk.GetImageFromArray(image[box]), sitk.GetImageFromArray(mask[box].astype(np.uint8))
    for each in pair:
        each.SetSpacing(spacing[::-1])
    return measure(name, *pair, settings)


def assert_same(
    name: str,
    image: NDArray[Any],
    mask: NDArray[np.bool_],
    settings: dict[str, Any],
    spacing: tuple[float, float, float] = SPACING,
) -> None:
    found = CLASSES[name].features(levels_of_region(image, mask, spacing, settings), settings)
    expected = theirs(name, image, mask, settings, spacing)
    assert list(found) == list(expected)
    assert all(type(value) is float for value in found.values())
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-10, nan_ok=True)


def region(seed: int, shape: tuple[int, int, int], share: float, spread: float) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    mask = rng.random(shape) < share
    mask[tuple(n // 2 for n in shape)] = True
    mask[tuple(max(0, n // 2 - 1) for n in shape)] = True
    return rng.normal(10, spread, shape).astype(np.int16), mask


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("settings", EVERY, ids=str)
@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_the_features_of_pyradiomics(name: str, settings: dict[str, Any], share: float) -> None:
    for seed, spread in enumerate((2.0, 30.0, 200.0)):
        assert_same(name, *region(seed, (6, 9, 8), share, spread), settings)


@pytest.mark.parametrize(
    ("name", "settings"), [(n, s) for n, every in SETTINGS.items() for s in every], ids=str
)
def test_settings_of_a_class(name: str, settings: dict[str, Any]) -> None:
    for seed, share in enumerate((0.2, 0.6, 1.0)):
        assert_same(name, *region(seed, (5, 7, 9), share, 60.0), settings)
        assert_same(name, *region(seed, (5, 7, 9), share, 60.0), settings | FLAT)


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize(
    "shape", [(1, 8, 9), (6, 1, 7), (5, 6, 1), (1, 1, 12), (1, 9, 1), (2, 2, 2), (1, 2, 1)]
)
@pytest.mark.parametrize("spread", [0.0, 40.0])
def test_slices_lines_and_flat_regions(name: str, shape: tuple[int, int, int], spread: float) -> None:
    image, _ = region(1, shape, 1.0, spread)
    assert_same(name, image, np.ones(shape, bool), {})


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("values", [(10, 10), (10, 200)])
def test_two_voxels_that_do_not_touch(name: str, values: tuple[int, int]) -> None:
    image, mask = np.zeros((3, 4, 5), np.int16), np.zeros((3, 4, 5), bool)
    image[0, 0, 0], image[2, 3, 4] = values
    mask[0, 0, 0] = mask[2, 3, 4] = True
    assert_same(name, image, mask, {})


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("case", REAL)
@pytest.mark.parametrize("settings", [{"binWidth": 25}, {"binCount": 32}], ids=str)
def test_real_images(name: str, case: str, settings: dict[str, Any], shared_data: Path) -> None:
    folder = shared_data / "pyradiomics"
    image, mask = (sitk.ReadImage(str(folder / f"{case}_{kind}.nrrd")) for kind in ("image", "label"))
    spacing = image.GetSpacing()[::-1]
    inside = sitk.GetArrayFromImage(mask) == 1
    assert_same(name, sitk.GetArrayFromImage(image), inside, settings, spacing)


@pytest.mark.parametrize("force2D", [False, True])
@pytest.mark.parametrize("shape", [(4, 5, 6), (1, 5, 6), (2, 1, 3), (2, 2, 2)])
@pytest.mark.parametrize("distances", [[1], [1, 2], [3]])
def test_the_directions_of_pyradiomics(
    shape: tuple[int, int, int], distances: list[int], force2D: bool
) -> None:
    from radiomics import cMatrices

    if min(distances) >= max(shape):
        assert directions(shape, {"force2D": force2D}, distances) == []
        return  # there pyradiomics raises an error
    angles = cMatrices.generate_angles(np.array(shape), np.array(distances), False, force2D, 0)
    expected = {tuple(angle) for angle in angles.tolist()} if angles is not None else set()
    found = directions(shape, {"force2D": force2D}, distances)
    assert len(found) == len(expected)
    opposite = {tuple(-s for s in step) for step in found}
    assert all(step in expected or tuple(-s for s in step) in expected for step in found)
    assert not opposite & set(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSES)
def test_every_nodule(name: str, shared_data: Path) -> None:
    folder = shared_data / "lidc-nodules"
    files = sorted((folder / "image").glob("*.nii.gz"))
    assert len(files) == 383
    for file in files:
        image, mask = sitk.ReadImage(str(file)), sitk.ReadImage(str(folder / "mask" / file.name))
        inside = sitk.GetArrayFromImage(mask) > 0
        if inside.sum() > 1:
            assert_same(name, sitk.GetArrayFromImage(image), inside, {}, image.GetSpacing()[::-1])
