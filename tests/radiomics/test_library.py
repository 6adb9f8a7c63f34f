"""pyradiomics behind a door: missing, quiet, and the pixels it is given."""

import logging
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from radcompare.config import RadiomicsSource
from radcompare.errors import CaseError, MissingLibraryError
from radcompare.imaging.region import Region
from radcompare.radiomics.engine import PyRadiomics
from radcompare.radiomics.library import (
    box_images,
    failures_of,
    finite,
    measure,
    pyradiomics_version,
    to_image,
)
from radcompare.radiomics.patch import patch_of
from radcompare.radiomics.r219 import R219


@pytest.mark.parametrize("extractor", [PyRadiomics, R219])
def test_without_pyradiomics_the_hint_says_how_to_install_it(
    extractor: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "radiomics", None)
    with pytest.raises(MissingLibraryError, match="pyradiomics") as caught:
        extractor(RadiomicsSource(extractor="r219", engine="pyradiomics"))
    assert "pip install numpy setuptools wheel cython versioneer" in caught.value.hint
    assert "pip install --no-build-isolation pyradiomics==3.0.1" in caught.value.hint


@pytest.mark.parametrize("extractor", [PyRadiomics, R219])
def test_the_native_engine_does_without(
    extractor: type, monkeypatch: pytest.MonkeyPatch, make_region: Callable[..., Region]
) -> None:
    monkeypatch.setitem(sys.modules, "radiomics", None)
    found = extractor(RadiomicsSource(extractor="r219")).extract(make_region(np.pad(np.ones((3, 4, 5)), 3)))
    assert len(found) == {"PyRadiomics": 107, "R219": 219}[extractor.__name__]


def test_version_and_silence() -> None:
    assert pyradiomics_version() == "3.0.1"
    assert not logging.getLogger("radiomics.glcm").isEnabledFor(logging.CRITICAL)


@pytest.mark.parametrize(
    ("values", "pixel"),
    [
        (np.int16([-1024, 3071]), "16-bit signed integer"),
        (np.uint8([0, 255]), "16-bit signed integer"),
        (np.uint16([0, 30000]), "16-bit signed integer"),
        (np.uint16([0, 40000]), "32-bit signed integer"),
        (np.int32([0, 1]), "32-bit signed integer"),
        (np.uint32([0, 4_000_000_000]), "64-bit signed integer"),
        (np.float32([1, 2]), "32-bit float"),
        (np.float64([1, np.nan]), "64-bit float"),
    ],
)
def test_pixels_keep_their_type_but_have_a_sign(values: NDArray[Any], pixel: str) -> None:
    image = to_image(values.reshape(1, 1, 2), (3.0, 2.0, 1.0))
    assert image.GetPixelIDTypeAsString() == pixel
    assert image.GetSpacing() == (1.0, 2.0, 3.0)
    assert [image[0, 0, 0], image[1, 0, 0]] == pytest.approx(values.tolist(), nan_ok=True)


def test_the_features_asked_for(make_region: Callable[..., Region]) -> None:
    images = box_images(patch_of(make_region(np.pad(np.ones((2, 3, 4)), 2))))
    assert list(measure("glcm", *images, {"binWidth": 25}, ["Contrast", "Id"])) == ["Contrast", "Id"]
    assert len(measure("glcm", *images, {"binWidth": 25})) == 24


def test_infinite_is_missing() -> None:
    assert finite(np.array([2.5])) == 2.5
    assert finite(np.complex128(3 + 0j)) == 3
    assert np.isnan(finite(np.inf))
    assert np.isnan(finite(np.nan))


def test_a_failure_names_the_case() -> None:
    with (
        pytest.raises(CaseError, match="case c7: pyradiomics cannot measure it: broken") as caught,
        failures_of("c7", "do"),
    ):
        raise RuntimeError("broken")
    assert caught.value.hint == "do"
