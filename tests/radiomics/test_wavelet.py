"""Wavelet sub-bands: a transform written out, Parseval, constants, and the order of the letters."""

from collections.abc import Callable

import numpy as np
import pytest
import pywt
from numpy.typing import NDArray

from radcompare.imaging.geometry import bounding_box
from radcompare.imaging.region import Region
from radcompare.radiomics.patch import patch_of
from radcompare.radiomics.r219_entries import wavelet_bands
from radcompare.radiomics.wavelet import sub_bands, wavelet


def analyse(values: NDArray[np.float64], axis: int) -> dict[str, NDArray[np.float64]]:
    """One level along one axis: mirror, convolve, keep every second coefficient."""
    filters = {"L": pywt.Wavelet("coif1").dec_lo, "H": pywt.Wavelet("coif1").dec_hi}
    taps = len(filters["L"])

    def one(line: NDArray[np.float64], kernel: list[float]) -> NDArray[np.float64]:
        return np.convolve(np.pad(line, taps - 1, mode="symmetric"), kernel, mode="valid")[1::2]

    return {name: np.apply_along_axis(one, axis, values, kernel) for name, kernel in filters.items()}


def transform(box: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    bands = {}
    for level in ("1", "2"):
        for x, along_x in analyse(box, 2).items():
            for y, along_y in analyse(along_x, 1).items():
                for z, values in analyse(along_y, 0).items():
                    bands[x + y + z + level] = values
        box = bands["LLL1"]
    del bands["LLL1"]
    return bands


def test_a_blob_by_convolution(blob: NDArray[np.bool_], make_region: Callable[..., Region]) -> None:
    region = make_region(blob)
    found = wavelet(patch_of(region))
    box = region.image[bounding_box(blob)]
    expected = transform(box)
    assert set(expected) == set(wavelet_bands())
    for name, coefficients in expected.items():
        squares = coefficients.ravel() ** 2
        shares = squares / squares.sum()
        assert found[f"{name}_Energy"] == pytest.approx(squares.mean(), rel=1e-10), name
        assert found[f"{name}_Entropy"] == pytest.approx(-np.sum(shares * np.log2(shares)), rel=1e-10), name


def test_there_are_15_bands_with_2_features(
    blob: NDArray[np.bool_], make_region: Callable[..., Region]
) -> None:
    found = wavelet(patch_of(make_region(blob)))
    assert list(found) == [f"{b}_{s}" for b in wavelet_bands() for s in ("Energy", "Entropy")]
    assert len(found) == 30


def test_parseval() -> None:
    """An image that is 0 near its sides: the transform keeps the sum of squares."""
    box = np.zeros((40, 40, 40))
    box[16:24, 16:24, 16:24] = np.random.default_rng(5).normal(size=(8, 8, 8))
    bands = sub_bands(box)
    assert sum(float((band**2).sum()) for band in bands.values()) == pytest.approx((box**2).sum(), rel=1e-10)


def test_a_constant_has_only_an_approximation(make_region: Callable[..., Region]) -> None:
    """Every low pass multiplies a constant by 2^(1/2): 2 levels, 3 axes, squared gives 2^6."""
    mask = np.pad(np.ones((6, 7, 8)), 2)
    found = wavelet(patch_of(make_region(mask, image=np.full(mask.shape, -731.0))))
    assert found["LLL2_Energy"] == pytest.approx(64 * 731**2, rel=1e-10)
    count = sub_bands(np.ones((6, 7, 8)))["LLL2"].size
    assert found["LLL2_Entropy"] == pytest.approx(np.log2(count), rel=1e-12)
    for name in wavelet_bands()[:-8] + wavelet_bands()[-7:]:
        assert found[f"{name}_Energy"] == 0
        assert np.isnan(found[f"{name}_Entropy"])


def test_the_first_letter_is_x(make_region: Callable[..., Region]) -> None:
    mask = np.pad(np.ones((8, 8, 8)), 2)
    stripes = np.broadcast_to((-1.0) ** np.arange(12), (12, 12, 12))
    found = wavelet(patch_of(make_region(mask, image=stripes)))
    loudest = max(wavelet_bands(), key=lambda name: found[f"{name}_Energy"])
    assert loudest == "HLL1"


def test_a_2d_image_has_the_bands_of_its_plane(make_region: Callable[..., Region]) -> None:
    mask = np.pad(np.ones((1, 9, 8)), ((0, 0), (2, 2), (2, 2)))
    region = make_region(mask)
    found = wavelet(patch_of(region))
    plane = pywt.dwtn(region.image[0, 2:-2, 2:-2], "coif1")
    assert found["HLL1_Energy"] == pytest.approx(np.mean(plane["ad"] ** 2), rel=1e-12)
    assert found["LHL1_Energy"] == pytest.approx(np.mean(plane["da"] ** 2), rel=1e-12)
    missing = {name.split("_")[0] for name, value in found.items() if np.isnan(value)}
    assert missing == {band for band in wavelet_bands() if band[2] == "H"}


def test_a_single_voxel_has_no_bands(make_region: Callable[..., Region]) -> None:
    found = wavelet(patch_of(make_region(np.pad(np.ones((1, 1, 1)), 2))))
    assert np.isnan(list(found.values())).all()
