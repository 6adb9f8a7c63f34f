"""pyradiomics' parameter file: read by its own validator, with errors that name file and key."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

from radcompare.errors import ConfigError, MissingLibraryError, did_you_mean
from radcompare.radiomics.library import pyradiomics

HINT = "see https://pyradiomics.readthedocs.io/en/v3.0.1/customization.html#parameter-file"
UNKNOWN_KEY = re.compile(r"Key '(?P<key>.+)' was not defined\. Path: '(?P<path>.*?)'")
WRONG_VALUE = re.compile(r"(?P<text>.+)\. (?:Value p|P)ath: '(?P<path>.*?)'")
LENGTHS = {"resampledPixelSpacing": (3,), "resegmentRange": (1, 2)}
"""Lists whose length pyradiomics does not check before the first case."""
CHECKED_BY_FUNCTION = {"Wavelet": "wavelet", "Interpolator": "interpolator", "WeightingNorm": "weightingNorm"}
"""First word of pyradiomics' message, and the key that it is about."""
FILTERS_NEED = {
    "LBP2D": (("skimage.feature", "local_binary_pattern"),),
    "LBP3D": (
        ("scipy.ndimage.interpolation", "map_coordinates"),
        ("scipy.special", "sph_harm"),
        ("trimesh.creation", "icosphere"),
    ),
}
LONGEST_MESSAGE = 160


@dataclass(frozen=True)
class Parameters:
    """A valid parameter file.

    Attributes:
        raw: its content, as pyradiomics takes it.
        path: the file, for messages.
        sha256: hash of the file's bytes.
    """

    raw: dict[str, Any] = field(default_factory=dict)
    path: str = ""
    sha256: str | None = None

    @property
    def setting(self) -> dict[str, Any]:
        """The keys under `setting`."""
        return dict(self.raw.get("setting") or {})

    @property
    def image_types(self) -> dict[str, dict[str, Any]]:
        """Filters with their own settings; the original image if the file names none."""
        return dict(self.raw.get("imageType") or {"Original": {}})

    @property
    def feature_classes(self) -> dict[str, list[str] | None]:
        """Classes with their features (all of them if empty); empty if the file names none."""
        return dict(self.raw.get("featureClass") or {})


def read_parameters(path: Path) -> Parameters:
    """Read and check a parameter file.

    Raises:
        ConfigError: the file cannot be read, is not YAML or JSON, or a key or value is wrong.
        MissingLibraryError: pyradiomics, or a library that one of the filters needs, is not installed.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}", "check the path") from None
    parameters = Parameters(_validated(path), str(path), sha256(content).hexdigest())
    _check_lengths(parameters)
    _check_filters(parameters)
    return parameters


def _validated(path: Path) -> dict[str, Any]:
    radiomics = pyradiomics()
    errors = import_module("pykwalify.errors")
    yaml_error = import_module("ruamel.yaml.error").YAMLError
    schema, functions = radiomics.getParameterValidationFiles()
    validator = import_module("pykwalify.core").Core
    try:
        core = validator(source_file=str(path), schema_files=[schema], extensions=[functions])
    except (errors.CoreError, yaml_error, ValueError) as error:
        reason = getattr(error, "msg", None) or str(error)
        raise ConfigError(f"{path}: is no parameter file: {reason}", HINT) from None
    _refuse(path, _unknown_names(core.source, radiomics))
    try:
        content: dict[str, Any] = core.validate()
    except errors.SchemaError:
        _refuse(path, [_problem(text, core.schema) for text in core.validation_errors])
        raise
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{path}: {_named_by_key(str(error))}", HINT) from None
    return content


def _refuse(path: Path | str, problems: Sequence[str]) -> None:
    if problems:
        raise ConfigError(f"{path}: " + "\n  ".join(problems), HINT)


def _unknown_names(raw: object, radiomics: Any) -> list[str]:
    """Feature classes, features and image types that pyradiomics does not have."""
    if not isinstance(raw, Mapping):
        return []
    problems = []
    classes = radiomics.getFeatureClasses()
    for name, features in _block(raw, "featureClass").items():
        if name not in classes:
            problems.append(_unknown("featureClass", name, list(classes)))
            continue
        known = list(classes[name].getFeatureNames())
        wanted = features if isinstance(features, list) else []
        problems += [_unknown(f"featureClass.{name}", each, known) for each in wanted if each not in known]
    types = radiomics.getImageTypes()
    problems += [_unknown("imageType", name, types) for name in _block(raw, "imageType") if name not in types]
    return problems


def _block(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    block = raw.get(key)
    return block if isinstance(block, Mapping) else {}


def _unknown(where: str, name: object, known: Sequence[str]) -> str:
    return f"{where}: unknown name {str(name)!r}{did_you_mean(str(name), known)}"


def _problem(text: str, schema: Mapping[str, Any]) -> str:
    """One line of pykwalify's, with the key first and the nearest known key for an unknown one."""
    if match := UNKNOWN_KEY.search(text):
        top = schema["mapping"]
        known = list(top) if not match["path"] else list(top["setting"]["mapping"])
        key = _dotted(f"{match['path']}/{match['key']}")
        return f"unknown key {key}{did_you_mean(match['key'], known)}"
    if match := WRONG_VALUE.search(text):
        return f"{_dotted(match['path'])}: {match['text']}"
    return text


def _dotted(path: str) -> str:
    return path.strip("/").replace("/", ".") or "the file"


def _named_by_key(message: str) -> str:
    key = CHECKED_BY_FUNCTION.get(message.split(" ")[0], "")
    text = message if len(message) <= LONGEST_MESSAGE else message[: LONGEST_MESSAGE - 3] + "..."
    return f"{key}: {text}" if key else text


def _check_lengths(parameters: Parameters) -> None:
    for key, allowed in LENGTHS.items():
        values = parameters.setting.get(key)
        if values is not None and len(values) not in allowed:
            expected = " or ".join(str(length) for length in allowed)
            _refuse(parameters.path, [f"setting.{key}: expected {expected} numbers, found {len(values)}"])


def _check_filters(parameters: Parameters) -> None:
    """pyradiomics skips a filter whose library is missing, and says so only in its log."""
    for name in parameters.image_types:
        missing = [
            f"{module}.{what}" for module, what in FILTERS_NEED.get(name, ()) if not _has(module, what)
        ]
        if missing:
            raise MissingLibraryError(
                f"{parameters.path}: imageType.{name}: cannot import {', '.join(missing)}",
                "LBP2D needs scikit-image; LBP3D needs trimesh and SciPy before 1.17",
            )


def _has(module: str, what: str) -> bool:
    try:
        return hasattr(import_module(module), what)
    except ImportError:
        return False
