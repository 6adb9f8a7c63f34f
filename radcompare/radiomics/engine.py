"""pyradiomics' features as an extractor: under its names, with its parameter file.

Without a parameter file: every class on the original image with pyradiomics' defaults, 107 features. There a mask of
any size is measured: of a single voxel every texture feature is missing, and a 2-D image (one slice) has the 9 planar
`original_shape2D_*` features in place of the 14 of `original_shape_*`, which need a thickness.

With one: what pyradiomics does with that file, including what it refuses (a single voxel, a line of voxels unless
minimumROIDimensions is 1). A 2-D image is handed over as one slice, so planar shape needs force2D and shape2D.

All is computed by our own code, or by pyradiomics where the engine says so.
pyradiomics' conventions are kept for flat regions (a correlation of 1,
a skewness of 0): a feature is missing only where pyradiomics gives none or an infinite one.
"""

from functools import cached_property
from typing import Any

import numpy as np

from radcompare.imaging.region import Region
from radcompare.radiomics.columns import columns_of
from radcompare.radiomics.engines import Engine, measure_of, program_of
from radcompare.radiomics.library import failures_of, finite, pyradiomics, quiet_arithmetic, to_image
from radcompare.radiomics.parameters import Parameters, read_parameters, refuse_missing_libraries
from radcompare.radiomics.patch import patch_of
from radcompare.source_settings import RadiomicsSource

TEXTURES = ("firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm")
REFUSED = (
    "minimumROIDimensions, minimumROISize and featureClass in the parameter file say what pyradiomics accepts; "
    "it measures no single voxel, and shape2D only single slices"
)


class PyRadiomics:
    """Measures regions with pyradiomics.

    Args:
        source: `params` is the parameter file, or None for the defaults; `engine` says who computes these.

    Raises:
        ConfigError: the parameter file is wrong.
        MissingLibraryError: pyradiomics is needed and not installed.
    """

    def __init__(self, source: RadiomicsSource) -> None:
        self._engine: Engine = source.engine or "native"
        self._program = program_of(self._engine)
        self._parameters = read_parameters(source.params) if source.params else None
        self._columns = columns_of(self._parameters) if self._parameters else []
        asked = self._parameters is not None and self._parameters.setting.get("additionalInfo")
        self._with_diagnostics = source.diagnostics or bool(asked)
        if self._parameters and self._engine == "pyradiomics":
            refuse_missing_libraries(self._parameters)

    def settings(self) -> dict[str, object]:
        """Everything that determines the values."""
        parameters = self._parameters or Parameters(raw={"featureClass": dict.fromkeys(("shape", *TEXTURES))})
        return {
            "extractor": "pyradiomics",
            "engine": self._engine,
            "program": self._program,
            "params_sha256": parameters.sha256,
            "setting": parameters.setting,
            "imageType": parameters.image_types,
            "featureClass": parameters.feature_classes,
            "diagnostics": self._with_diagnostics,
        }

    def extract(self, region: Region) -> dict[str, float]:
        """The features of one region, by column; the same columns for every region of one dimensionality.

        Raises:
            CaseError: the engine cannot measure this case, or its mask is empty.
        """
        if self._parameters is None:
            return _by_default(self._engine, region)
        measured = (
            _natively(self._parameters, region) if self._engine == "native" else self._by_pyradiomics(region)
        )
        return dict.fromkeys(self._columns, np.nan) | measured

    def diagnostics(self, region: Region) -> dict[str, str]:
        """pyradiomics' `diagnostics_*`, if asked for; by our own code, whoever the engine is."""
        if not self._with_diagnostics:
            return {}
        from radcompare.radiomics.native.diagnostics import diagnostics  # brings SimpleITK

        parameters = self._parameters or Parameters()
        setting = parameters.setting
        image, mask = _images(region, int(setting.get("label", 1)))
        return diagnostics(image, mask, setting, parameters.image_types)

    def source_of(self, column: str) -> str:  # noqa: ARG002 - one program computes every column
        """The program that computes a column."""
        return self._program

    def __getstate__(self) -> dict[str, Any]:
        """The extractor is built again in the process that this is sent to."""
        return {name: value for name, value in self.__dict__.items() if name != "_extractor"}

    @cached_property
    def _extractor(self) -> Any:
        assert self._parameters is not None
        extractor = pyradiomics().featureextractor.RadiomicsFeatureExtractor(self._parameters.raw)
        extractor.addProvenance(False)  # diagnostics, which are not features
        return extractor

    def _by_pyradiomics(self, region: Region) -> dict[str, float]:
        image, mask = _images(region, label=int(self._extractor.settings["label"]))
        with failures_of(region.case, REFUSED), quiet_arithmetic():
            measured = self._extractor.execute(image, mask)
        return {name: finite(value) for name, value in measured.items()}


def _natively(parameters: Parameters, region: Region) -> dict[str, float]:
    from radcompare.radiomics.native.run import execute  # brings SimpleITK, which the defaults do without

    image, mask = _images(region, int(parameters.setting.get("label", 1)))
    settings, classes = parameters.setting, parameters.feature_classes
    with quiet_arithmetic():
        return execute(image, mask, settings, parameters.image_types, classes, region.case)


def _by_default(engine: Engine, region: Region) -> dict[str, float]:
    patch = patch_of(region)
    measure = measure_of(engine, patch)
    shape = "shape2D" if patch.planar else "shape"
    settings = {"force2D": True} if patch.planar else {}
    features: dict[str, float] = {}
    for name in (shape, *TEXTURES):
        values = measure(name, settings)
        features |= {f"original_{name}_{feature}": value for feature, value in values.items()}
    return features


def _images(region: Region, label: int) -> tuple[Any, Any]:
    """The whole image and mask for SimpleITK, where the files put them."""
    image = to_image(region.image, region.spacing)
    mask = to_image(np.where(region.mask, label, 0).astype(np.uint32), region.spacing)
    for each in (image, mask):
        each.SetOrigin(region.origin)
        each.SetDirection(region.direction)
    return image, mask
