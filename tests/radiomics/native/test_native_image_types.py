"""Filtered images: every voxel of the box as pyradiomics has it, bit by bit, whatever the box."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from radcompare.radiomics.native.image_types import FILTERS, Box, exponential, laplacian_of_gaussian, wavelet

pytest.importorskip("radiomics")

Voxels = NDArray[Any]
SPACING = (2.5, 0.7, 0.9)
TYPES = ("int16", "int32", "float32", "float64")
SHAPES = ((1, 9, 12), (2, 3, 5), (11, 13, 16), (20, 21, 30))
WAVELETS = (
    *(
        {},
        {"wavelet": "haar"},
        {"wavelet": "db4", "level": 2},
        {"start_level": 1},
        {"level": 3, "start_level": 1},
    ),
    *({"wavelet": "bior1.3", "force2D": True}, {"force2D": True, "force2Ddimension": 2, "level": 2}),
)


def theirs(
    name: str, image: Voxels, spacing: tuple[float, ...], settings: dict[str, Any]
) -> dict[str, Voxels]:
    from radiomics import imageoperations

    volume = sitk.GetImageFromArray(image)
    volume.SetSpacing(spacing[::-1])
    with np.errstate(all="ignore"):
        found = list(getattr(imageoperations, f"get{name}Image")(volume, None, **settings))
    return {prefix: sitk.GetArrayFromImage(filtered) for filtered, prefix, _ in found}


def assert_same(
    name: str,
    image: Voxels,
    settings: dict[str, Any],
    boxes: list[Box | None],
    spacing: tuple[float, ...] = SPACING,
) -> None:
    """The same prefixes in the same order, and the same values and pixel types in every box."""
    expected = theirs(name, image, spacing, settings)
    z, y, x = spacing
    for box in boxes:
        found = dict(FILTERS[name](image, (z, y, x), settings, box))
        assert list(found) == list(expected)
        for prefix, values in found.items():
            whole = expected[prefix]
            assert values.dtype == whole.dtype
            np.testing.assert_array_equal(values, whole if box is None else whole[box], err_msg=prefix)


def boxes_in(shape: tuple[int, ...], seed: int) -> list[Box | None]:
    """No box, one at either end, and some anywhere."""
    rng = np.random.default_rng(seed)
    boxes: list[Box | None] = [None]
    for _ in range(4):
        z, y, x = (sorted(rng.choice(size + 1, 2, replace=False)) for size in shape)
        boxes.append((slice(*map(int, z)), slice(*map(int, y)), slice(*map(int, x))))
    return [
        *boxes,
        (slice(0, 1), slice(0, 2), slice(0, 1)),
        (slice(-1, None), slice(-2, None), slice(-1, None)),
    ]


def noise(shape: tuple[int, ...], kind: str) -> Voxels:
    return np.random.default_rng(5).normal(20, 300, shape).astype(kind)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("name", ["Original", "Square", "SquareRoot", "Logarithm", "Exponential", "Gradient"])
def test_functions_of_the_intensity_and_the_gradient(name: str, kind: str, shape: tuple[int, ...]) -> None:
    assert_same(name, noise(shape, kind), {}, boxes_in(shape, 1))


def test_gradient_per_voxel() -> None:
    image = noise((6, 7, 8), "int16")
    assert_same("Gradient", image, {"gradientUseSpacing": False}, boxes_in(image.shape, 2))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("settings", WAVELETS, ids=str)
def test_wavelets(settings: dict[str, Any], shape: tuple[int, ...]) -> None:
    for kind in TYPES:
        assert_same("Wavelet", noise(shape, kind), settings, boxes_in(shape, 3))


def test_wavelets_far_from_the_border() -> None:
    image = noise((40, 45, 50), "int16")
    box = (slice(18, 23), slice(20, 24), slice(25, 27))
    assert_same("Wavelet", image, {"level": 2}, [box])
    image[10:30, 12:33, 15:40] = 7  # flat: the details are nothing but rounding, and the same rounding
    assert_same("Wavelet", image, {"level": 2}, [box])


def test_names_of_wavelets() -> None:
    names = [name for name, _ in wavelet(noise((4, 4, 4), "int16"), SPACING, {"level": 2})]
    assert names[:3] == ["wavelet-LLH", "wavelet-LHL", "wavelet-LHH"]
    assert names[7] == "wavelet2-LLH"
    assert names[-1] == "wavelet2-LLL"
    assert len(names) == 15


def test_the_first_letter_is_for_x() -> None:
    along_x = np.tile(np.array([0.0, 1.0] * 4), (8, 8, 1))
    strength = {name: np.abs(values).max() for name, values in wavelet(along_x, SPACING, {})}
    assert {name for name, most in strength.items() if most > 1e-9} == {"wavelet-HLL", "wavelet-LLL"}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", TYPES)
def test_laplacian_of_gaussian(kind: str, shape: tuple[int, ...]) -> None:
    assert_same("LoG", noise(shape, kind), {"sigma": [0.5, 1.0, 2, 5.5]}, boxes_in(shape, 4))


@pytest.mark.parametrize("kind", ["int16", "float64"])
def test_laplacian_of_gaussian_far_from_the_border(kind: str) -> None:
    image = noise((70, 75, 80), kind)
    box = (slice(33, 38), slice(35, 37), slice(40, 43))
    assert_same("LoG", image, {"sigma": [0.5, 1.0]}, [box], (1.0, 1.0, 1.0))


def test_which_sigmas_an_image_is_too_small_for() -> None:
    image = noise((6, 20, 20), "int16")
    names = [n for n, _ in laplacian_of_gaussian(image, (1.0, 1.0, 1.0), {"sigma": [3, 5, 5.5, 0]})]
    assert names == ["log-sigma-3-mm-3D", "log-sigma-5-mm-3D"]
    assert list(laplacian_of_gaussian(image[:3], (1.0, 1.0, 1.0), {"sigma": [1.0]})) == []
    assert list(laplacian_of_gaussian(image, (1.0, 1.0, 1.0), {})) == []


@pytest.mark.parametrize("name", ["Square", "SquareRoot", "Logarithm", "Exponential"])
def test_an_image_of_zeros(name: str) -> None:
    assert_same(name, np.zeros((3, 4, 5), np.int16), {}, [None, (slice(1, 2), slice(0, 3), slice(2, 4))])


def test_scaling_looks_at_the_whole_image() -> None:
    image = np.full((3, 3, 3), 2.0)
    image[0, 0, 0] = -8.0
    box = (slice(1, 2), slice(1, 2), slice(1, 2))
    found = {
        name: float(next(iter(FILTERS[name](image, SPACING, {}, box)))[1].item())
        for name in FILTERS
        if "S" in name
    }
    assert found == {"Square": pytest.approx(4 / 8), "SquareRoot": pytest.approx(4.0)}
    assert next(exponential(image, SPACING, {}, box))[1].item() == pytest.approx(8 ** (2 / 8))


@pytest.mark.slow
@pytest.mark.parametrize("case", ["brain1", "breast1"])
def test_real_images(case: str, shared_data: Path) -> None:
    folder = shared_data / "pyradiomics"
    image, label = (sitk.ReadImage(str(folder / f"{case}_{part}.nrrd")) for part in ("image", "label"))
    inside = np.nonzero(sitk.GetArrayFromImage(label) == 1)
    z, y, x = (slice(int(axis.min()), int(axis.max()) + 1) for axis in inside)
    voxels, spacing = sitk.GetArrayFromImage(image), image.GetSpacing()[::-1]
    for name, settings in (
        ("Wavelet", {}),
        ("LoG", {"sigma": [1.0, 3.0]}),
        ("Gradient", {}),
        ("Logarithm", {}),
    ):
        assert_same(name, voxels, settings, [(z, y, x)], spacing)
