"""pyradiomics, imported when it is first needed and kept quiet."""

import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import CaseError, MissingLibraryError
from radcompare.radiomics.patch import Patch, pixels_of

NAME = "pyradiomics"
INSTALL = (
    "first `pip install numpy setuptools wheel cython versioneer`, "
    "then `pip install --no-build-isolation pyradiomics==3.0.1`"
)
SILENT = logging.CRITICAL + 1
MEASURE_ONE_VOXEL = ("firstorder", "shape", "shape2D")
FAILURES = (ValueError, RuntimeError, ArithmeticError, LookupError, AssertionError, TypeError, AttributeError)
"""What pyradiomics raises, from its own checks, numpy and SimpleITK."""


def pyradiomics() -> Any:
    """The module `radiomics`, without the warnings and tracebacks that it logs.

    Raises:
        MissingLibraryError: it is not installed; the hint says how to.
    """
    try:
        import radiomics
        import radiomics.featureextractor
    except ImportError as error:
        raise MissingLibraryError(
            f"this needs pyradiomics, which cannot be imported: {error}", INSTALL
        ) from None
    for name in ("radiomics", "pykwalify"):
        logging.getLogger(name).setLevel(SILENT)
    return radiomics


def pyradiomics_version() -> str:
    """The installed version, e.g. `3.0.1`.

    Raises:
        MissingLibraryError: it is not installed.
    """
    pyradiomics()
    return version(NAME)


def to_image(values: NDArray[Any], spacing: tuple[float, float, float]) -> Any:
    """A SimpleITK image of an array.

    Whole numbers become integers, as the files they come from hold them: what pyradiomics computes after
    resampling or filtering depends on the pixel type.

    Args:
        values: shape (z, y, x).
        spacing: mm, in the order (z, y, x).
    """
    import SimpleITK as sitk

    image: Any = sitk.GetImageFromArray(pixels_of(values))
    image.SetSpacing(tuple(float(step) for step in spacing[::-1]))
    return image


def box_images(patch: Patch) -> tuple[Any, Any]:
    """Image and mask (1 inside) of the bounding box for SimpleITK."""
    mask = patch.mask[patch.box].astype(np.uint8)
    return to_image(patch.pixels[patch.box], patch.spacing), to_image(mask, patch.spacing)


def measure(
    feature_class: str, image: Any, mask: Any, settings: Mapping[str, object], features: Iterable[str] = ()
) -> dict[str, float]:
    """The features of one pyradiomics class, on image and mask cropped to the bounding box.

    A texture needs two voxels: of a single one every texture feature is missing. Whatever else pyradiomics
    cannot compute is missing too.

    Args:
        feature_class: firstorder, shape, shape2D, glcm, gldm, glrlm, glszm or ngtdm.
        image: SimpleITK image.
        mask: SimpleITK image, 1 inside.
        settings: pyradiomics' settings, e.g. `{"binWidth": 25}`.
        features: which ones; every one that is not deprecated if empty.
    """
    members = pyradiomics().getFeatureClasses()[feature_class]
    wanted = list(features) or [name for name, old in members.getFeatureNames().items() if not old]
    if mask.GetNumberOfPixels() == 1 and feature_class not in MEASURE_ONE_VOXEL:
        return dict.fromkeys(wanted, np.nan)
    with quiet_arithmetic():
        calculator = members(image, mask, **settings)
        for name in wanted:
            calculator.enableFeatureByName(name)
        return {name: finite(value) for name, value in calculator.execute().items()}


def finite(value: object) -> float:
    """A feature value as a float; what is infinite is missing."""
    number = complex(np.asarray(value).item())
    return float(number.real) if np.isfinite(number) else float("nan")


@contextmanager
def quiet_arithmetic() -> Iterator[None]:
    """Divisions by zero and means of nothing give nan without a warning."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


@contextmanager
def failures_of(case: str, hint: str = "") -> Iterator[None]:
    """Turn a failure of pyradiomics into a `CaseError` that names the case."""
    try:
        yield
    except FAILURES as error:
        raise CaseError(f"case {case}: pyradiomics cannot measure it: {error}", hint) from error
