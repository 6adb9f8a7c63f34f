"""The extractor r219: 219 named features of one region, in eight categories.

Size, shape, location, histogram, run length, co-occurrence, Laws and wavelet; see `catalogue` for every
definition. A feature that a region does not define is missing (nan), never 0, and never costs the case:
textures of a single voxel, skewness, kurtosis and correlation of a flat region, what needs a thickness in a 2-D
image, kernels and sub-bands along an axis of one voxel, the location without an organ mask.
"""

from importlib.metadata import version
from math import nan

from radcompare import __version__
from radcompare.errors import ConfigError, UnknownNameError
from radcompare.imaging.region import Region
from radcompare.radiomics.catalogue import entries
from radcompare.radiomics.cooccurrence import cooccurrence
from radcompare.radiomics.engines import Measure, measure_of, program_of
from radcompare.radiomics.histogram import histogram
from radcompare.radiomics.laws import laws
from radcompare.radiomics.location import AIR_BELOW, location
from radcompare.radiomics.parameters import Parameters, read_parameters
from radcompare.radiomics.patch import Patch, patch_of
from radcompare.radiomics.r219_entries import BY_PYRADIOMICS
from radcompare.radiomics.run_length import run_length
from radcompare.radiomics.shape import shape
from radcompare.radiomics.size import size
from radcompare.radiomics.solid import solid_of
from radcompare.radiomics.wavelet import MODE, WAVELET, wavelet
from radcompare.source_settings import RadiomicsSource

BIN_WIDTH = 25
TEXTURE_SETTINGS = (
    "binWidth",
    "binCount",
    "voxelArrayShift",
    "distances",
    "symmetricalGLCM",
    "weightingNorm",
    "force2D",
    "force2Ddimension",
)
"""What a parameter file may change: how pyradiomics computes histogram, run length and co-occurrence."""
PLANAR = "Maximum2DDiameterSlice"
"""The only feature of pyradiomics' 3-D shape that needs no thickness."""


class R219:
    """Measures the 219 features.

    Args:
        source: `params` is a pyradiomics parameter file with texture settings, or None for bins of width 25;
            `engine` says who computes what pyradiomics defines.

    Raises:
        ConfigError: the parameter file is wrong, or has keys that do not concern this set.
        MissingLibraryError: the engine is pyradiomics, and it is not installed.
    """

    def __init__(self, source: RadiomicsSource) -> None:
        parameters = read_parameters(source.params) if source.params else Parameters()
        _refuse_foreign(parameters)
        given = parameters.setting
        self._setting: dict[str, object] = given if "binCount" in given else {"binWidth": BIN_WIDTH, **given}
        self._sha256 = parameters.sha256
        self._programs = {entry.name: entry.defined_by for entry in entries("r219")}
        self._engine = source.engine or "native"
        self._programs_of = {
            "pyradiomics": program_of(self._engine),
            "PyWavelets": f"PyWavelets {version('PyWavelets')}",
            "radcompare": f"radcompare {__version__}",
        }

    def settings(self) -> dict[str, object]:
        """Everything that determines the values."""
        return {
            "extractor": "r219",
            "engine": self._engine,
            "programs": sorted(set(self._programs_of.values())),
            "params_sha256": self._sha256,
            "setting": self._setting,
            "wavelet": {"name": WAVELET, "mode": MODE},
            "air_below_hu": AIR_BELOW,
        }

    def extract(self, region: Region) -> dict[str, float]:
        """The features of one region, by column, always the same 219 in the same order.

        Raises:
            CaseError: the mask is empty, an intensity inside it is not finite, or the engine failed.
        """
        patch = patch_of(region)
        measure = measure_of(self._engine, patch)
        families = {
            **_geometric(patch, measure, self._setting),
            "location": location(patch),
            **_textures(measure, self._setting),
            "laws": laws(patch),
            "wavelet": wavelet(patch),
        }
        values = {
            f"r219_{family}_{name}": value
            for family, found in families.items()
            for name, value in found.items()
        }
        return {name: values[name] for name in self._programs}

    def source_of(self, column: str) -> str:
        """The program that computes a column, with its version.

        Raises:
            UnknownNameError: it is no column of this set.
        """
        if column not in self._programs:
            raise UnknownNameError("feature", column, self._programs)
        return self._programs_of[self._programs[column]]


def _geometric(patch: Patch, measure: Measure, setting: dict[str, object]) -> dict[str, dict[str, float]]:
    solid = solid_of(patch)
    mesh = _planar_mesh(measure) if patch.planar else measure("shape", setting, BY_PYRADIOMICS)
    return {"size": size(patch, solid, mesh), "shape": shape(solid, mesh)}


def _planar_mesh(measure: Measure) -> dict[str, float]:
    """What a plane figure has of pyradiomics' 3-D shape: its diameter, which shape2D finds on the outline."""
    found = measure("shape2D", {"force2D": True}, ["MaximumDiameter"])
    return dict.fromkeys(BY_PYRADIOMICS, nan) | {PLANAR: found["MaximumDiameter"]}


def _textures(measure: Measure, setting: dict[str, object]) -> dict[str, dict[str, float]]:
    return {
        "firstorder": histogram(measure, setting),
        "glrlm": run_length(measure, setting),
        "glcm": cooccurrence(measure, setting),
    }


def _refuse_foreign(parameters: Parameters) -> None:
    """The set is fixed and measures the image as it is: a key about anything else would have no effect."""
    foreign = [f"setting.{key}" for key in parameters.setting if key not in TEXTURE_SETTINGS]
    foreign += [key for key in parameters.raw if key not in ("setting", "imageType")]
    foreign += [
        f"imageType.{name}" for name, own in parameters.image_types.items() if name != "Original" or own
    ]
    if foreign:
        raise ConfigError(
            f"{parameters.path}: the features of r219 are fixed; it does not take {', '.join(foreign)}",
            f"keep only setting with {', '.join(TEXTURE_SETTINGS)}, or use --features pyradiomics",
        )
