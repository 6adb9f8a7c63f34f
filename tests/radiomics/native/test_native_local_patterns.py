"""Local binary patterns: pyradiomics' values, computed there by scikit-image, and by SciPy and trimesh."""

from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray
from scipy import special

from radcompare.radiomics.native import local_patterns
from radcompare.radiomics.native.image_types import FILTERS
from radcompare.radiomics.native.local_patterns import icosphere

pytest.importorskip("radiomics")

SHAPE = (9, 11, 13)
BOX = (slice(2, 7), slice(0, 9), slice(3, 13))
PLANAR: tuple[dict[str, Any], ...] = (
    {},
    {"lbp2DRadius": 2.5, "lbp2DSamples": 12},
    {"lbp2DMethod": "var"},
    {"lbp2DMethod": "ror"},
    {"lbp2DMethod": "default", "force2D": True, "force2Ddimension": 2},
    {"force2Ddimension": 1, "lbp2DSamples": 16},
)
SPHERICAL: tuple[dict[str, Any], ...] = (
    {},
    {"lbp3DLevels": 3},
    {"lbp3DIcosphereRadius": 2.5, "lbp3DIcosphereSubdivision": 0},
    {"lbp3DIcosphereSubdivision": 2},
)


def noise(kind: str, steps: int) -> NDArray[Any]:
    """Of few steps many neighbours are equal, and rounding would show."""
    values = np.random.default_rng(steps).normal(50, 40, SHAPE)
    return (values if steps == 0 else np.round(values / steps)).astype(kind)


def theirs(name: str, image: NDArray[Any], settings: dict[str, Any]) -> dict[str, NDArray[Any]]:
    from radiomics import imageoperations

    mask = np.zeros(SHAPE, np.uint8)
    mask[BOX] = 1
    pair = sitk.GetImageFromArray(image), sitk.GetImageFromArray(mask)
    with np.errstate(all="ignore"):
        found = list(getattr(imageoperations, f"get{name}Image")(*pair, **settings))
    return {prefix: sitk.GetArrayFromImage(filtered)[BOX] for filtered, prefix, _ in found}


@pytest.mark.parametrize("steps", [0, 60])
@pytest.mark.parametrize("kind", ["int16", "float32", "float64"])
@pytest.mark.parametrize("settings", PLANAR, ids=str)
@pytest.mark.filterwarnings("ignore:Applying `local_binary_pattern`")
def test_patterns_in_planes(kind: str, steps: int, settings: dict[str, Any]) -> None:
    pytest.importorskip("skimage")
    image = noise(kind, steps)
    expected = theirs("LBP2D", image, settings)
    found = dict(FILTERS["LBP2D"](image, (1.0, 1.0, 1.0), settings, BOX))
    assert list(found) == list(expected) == ["lbp-2D"]
    assert found["lbp-2D"].dtype == expected["lbp-2D"].dtype
    np.testing.assert_array_equal(found["lbp-2D"], expected["lbp-2D"])


@pytest.mark.parametrize("steps", [0, 60])
@pytest.mark.parametrize("kind", ["int16", "float32", "float64"])
@pytest.mark.parametrize("settings", SPHERICAL, ids=str)
@pytest.mark.filterwarnings("ignore:Please import `map_coordinates`:DeprecationWarning")
def test_patterns_on_spheres(
    kind: str, steps: int, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("trimesh")
    if not hasattr(
        special, "sph_harm"
    ):  # which pyradiomics calls, and SciPy gave up: only the cosine of phi counts
        monkeypatch.setattr(
            special, "sph_harm", lambda m, n, t, p: special.sph_harm_y(n, m, np.abs(p), t), raising=False
        )
    image = noise(kind, steps)
    expected = theirs("LBP3D", image, settings)
    found = dict(FILTERS["LBP3D"](image, (1.0, 1.0, 1.0), settings, BOX))
    assert list(found) == list(expected)
    for name, values in found.items():
        np.testing.assert_allclose(values, expected[name], rtol=1e-7, atol=1e-12, err_msg=name)


def test_far_from_the_border_nothing_changes() -> None:
    image = np.random.default_rng(1).normal(size=(100, 101, 102))
    box = (slice(49, 52), slice(50, 52), slice(51, 53))
    near = dict(FILTERS["LBP3D"](image, (1.0, 1.0, 1.0), {}, box))
    whole = dict(FILTERS["LBP3D"](image, (1.0, 1.0, 1.0), {}, (slice(40, 61), slice(40, 61), slice(40, 61))))
    for name, values in near.items():
        np.testing.assert_allclose(values, whole[name][9:12, 10:12, 11:13], rtol=1e-12)


def test_in_parts_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    image = noise("int16", 0)
    whole = dict(FILTERS["LBP3D"](image, (1.0, 1.0, 1.0), {}, BOX))
    monkeypatch.setattr(local_patterns, "AT_ONCE", 1000)
    for name, values in FILTERS["LBP3D"](image, (1.0, 1.0, 1.0), {}, BOX):
        np.testing.assert_array_equal(values, whole[name], err_msg=name)


@pytest.mark.parametrize("subdivisions", [0, 1, 2])
def test_the_sphere_of_trimesh(subdivisions: int) -> None:
    creation = pytest.importorskip("trimesh.creation")
    expected = np.array(creation.icosphere(subdivisions, 1).vertices)
    found = icosphere(subdivisions)
    assert len(found) == len(expected)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15)
