"""The two programs that give pyradiomics' features: our own, and pyradiomics itself as the reference."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from radcompare import __version__
from radcompare.errors import CaseError, DataError
from radcompare.radiomics import library
from radcompare.radiomics.native.measuring import Measurer
from radcompare.radiomics.patch import Patch

Engine = Literal["native", "pyradiomics"]
Measure = Callable[..., dict[str, float]]
"""(class of features, settings, names of features or none for all) to the features of one region."""


def measure_of(engine: Engine, patch: Patch) -> Measure:
    """What measures one region, cut to its bounding box.

    What it returns raises `CaseError` where the case cannot be measured.
    """
    return _by_pyradiomics(patch) if engine == "pyradiomics" else _natively(patch)


def program_of(engine: Engine) -> str:
    """The program with its version.

    Raises:
        MissingLibraryError: the engine is pyradiomics, and it is not installed.
    """
    return (
        f"radcompare {__version__}" if engine == "native" else f"pyradiomics {library.pyradiomics_version()}"
    )


def _natively(patch: Patch) -> Measure:
    measurer = Measurer(patch.pixels[patch.box], patch.mask[patch.box], patch.spacing)

    def of_class(name: str, settings: Mapping[str, Any], features: Iterable[str] = ()) -> dict[str, float]:
        try:
            return measurer.measure(name, settings, features)
        except DataError as error:
            raise CaseError(f"case {patch.case}: {error.message}", error.hint) from None

    return of_class


def _by_pyradiomics(patch: Patch) -> Measure:
    image, mask = library.box_images(patch)

    def of_class(name: str, settings: Mapping[str, Any], features: Iterable[str] = ()) -> dict[str, float]:
        with library.failures_of(patch.case):
            return library.measure(name, image, mask, settings, features)

    return of_class
