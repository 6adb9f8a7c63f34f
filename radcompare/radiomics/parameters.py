"""pyradiomics' parameter file: read and checked without pyradiomics, with errors that name file and key."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

from radcompare.errors import ConfigError, MissingLibraryError, did_you_mean
from radcompare.radiomics.feature_names import CLASSES, IMAGE_TYPES, known_features
from radcompare.radiomics.parameter_rules import BLOCKS, SETTINGS, VOXEL_SETTINGS, Rule

HINT = "see https://pyradiomics.readthedocs.io/en/v3.0.1/customization.html#parameter-file"
FILTERS_NEED = {
    "LBP2D": (("skimage.feature", "local_binary_pattern"),),
    "LBP3D": (
        ("scipy.ndimage.interpolation", "map_coordinates"),
        ("scipy.special", "sph_harm"),
        ("trimesh.creation", "icosphere"),
    ),
}
"""What pyradiomics imports for a filter, and leaves the filter out if it cannot."""


def _yaml(text: str) -> Any:
    import yaml  # not at the top: most extractions have no parameter file

    from radcompare.plain_yaml import NoKeyTwice

    try:
        return yaml.load(text, NoKeyTwice)  # a SafeLoader
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


ENDINGS: Mapping[str, Callable[[str], Any]] = {".yaml": _yaml, ".yml": _yaml, ".json": json.loads}
SHOWN = 40


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
        ConfigError: the file cannot be read, is not YAML or JSON, or a key or value is wrong (all are listed).
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}", "check the path") from None
    raw = _parsed(path, content)
    problems: list[str] = []
    clean = dict(_checked(raw, problems))
    if problems:
        raise ConfigError(f"{path}: " + "\n  ".join(problems), HINT)
    return Parameters(clean, str(path), sha256(content).hexdigest())


def refuse_missing_libraries(parameters: Parameters) -> None:
    """Stop before pyradiomics skips a filter whose library is missing: it says so only in its log.

    Raises:
        MissingLibraryError: a library that one of the filters needs there is not installed.
    """
    for name in parameters.image_types:
        missing = [
            f"{module}.{what}" for module, what in FILTERS_NEED.get(name, ()) if not _has(module, what)
        ]
        if missing:
            raise MissingLibraryError(
                f"{parameters.path}: imageType.{name}: pyradiomics cannot import {', '.join(missing)}",
                "LBP2D needs scikit-image there; LBP3D trimesh and SciPy before 1.17; the native engine neither",
            )


def _has(module: str, what: str) -> bool:
    try:
        return hasattr(import_module(module), what)
    except ImportError:
        return False


def _parsed(path: Path, content: bytes) -> Mapping[str, Any]:
    parse = ENDINGS.get(path.suffix.lower())
    if parse is None:
        known = ", ".join(ENDINGS)
        raise ConfigError(f"{path}: is no parameter file: it ends in none of {known}", HINT)
    try:
        raw = parse(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{path}: is no parameter file: {reason}", HINT) from None
    if raw is None:
        raise ConfigError(f"{path}: is no parameter file: it is empty", HINT)
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: expected keys such as setting and imageType, found {_short(raw)}", HINT)
    return raw


def _checked(raw: Mapping[str, Any], problems: list[str]) -> Iterator[tuple[str, Any]]:
    """The blocks with numbers as numbers; what is wrong is added to the problems."""
    for name, block in raw.items():
        if name not in BLOCKS:
            problems.append(f"unknown key {name}{did_you_mean(str(name), BLOCKS)}")
        elif not isinstance(block, dict):
            problems.append(f"{name}: expected keys, found {_short(block)}")
        elif name == "featureClass":
            problems += _wrong_classes(block)
            yield name, block
        elif name == "imageType":
            yield name, {kind: _image_type(kind, own, problems) for kind, own in block.items()}
        else:
            rules = SETTINGS if name == "setting" else VOXEL_SETTINGS
            yield name, _keys(block, rules, name, problems)


def _image_type(name: str, own: Any, problems: list[str]) -> Any:
    if name not in IMAGE_TYPES:
        problems.append(_unknown("imageType", name, IMAGE_TYPES))
        return own
    where = f"imageType.{name}"
    if not isinstance(own, dict):
        problems.append(f"{where}: expected settings of its own, or {{}} for none, found {_short(own)}")
        return own
    return _keys(own, SETTINGS, where, problems)


def _keys(
    block: Mapping[str, Any], rules: Mapping[str, Rule], where: str, problems: list[str]
) -> dict[str, Any]:
    clean = {}
    for key, value in block.items():
        rule = rules.get(key)
        if rule is None:
            problems.append(f"unknown key {where}.{key}{did_you_mean(str(key), rules)}")
            continue
        try:
            clean[key] = rule(value)
        except ValueError as error:
            problems.append(f"{where}.{key}: expected {error}, found {_short(value)}")
    return clean


def _wrong_classes(block: Mapping[str, Any]) -> Iterator[str]:
    for name, features in block.items():
        if name not in CLASSES:
            yield _unknown("featureClass", name, CLASSES)
        elif features is not None and not isinstance(features, list):
            yield (
                f"featureClass.{name}: expected a list of features, or nothing for all, found {_short(features)}"
            )
        else:
            known = known_features(name)
            yield from (
                _unknown(f"featureClass.{name}", each, known) for each in features or () if each not in known
            )


def _unknown(where: str, name: object, known: tuple[str, ...]) -> str:
    return f"{where}: unknown name {str(name)!r}{did_you_mean(str(name), known)}"


def _short(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
