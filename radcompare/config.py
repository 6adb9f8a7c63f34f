"""The experiment file: YAML in, a frozen typed `Experiment` out. The only place where raw YAML exists.

The blocks themselves are in `radcompare.settings` and can be imported from here.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from radcompare import block as blocks
from radcompare.block import Block, Settings
from radcompare.classifier_settings import BLOCKS as CLASSIFIERS
from radcompare.classifier_settings import classifier_block
from radcompare.cnn_settings import Augmentation, Cnn, Ensemble
from radcompare.errors import ConfigError
from radcompare.fields import STANDARD_STREAM
from radcompare.plain_yaml import NoKeyTwice
from radcompare.settings import (
    EVERYTHING,
    Arm,
    Experiment,
    Inner,
    Phantom,
    Selection,
    Statistics,
    Validation,
    inner_block,
    selection_block,
    validation_block,
)
from radcompare.source_settings import ColumnsSource, DeepSource, RadiomicsSource, intensity_range
from radcompare.source_sweep import KEY as SWEEP
from radcompare.source_sweep import WrittenOut, write_out
from radcompare.wrong_settings import Location, short

__all__ = [
    "EVERYTHING",
    "STANDARD_STREAM",
    "Arm",
    "ColumnsSource",
    "DeepSource",
    "Experiment",
    "Inner",
    "Phantom",
    "RadiomicsSource",
    "Selection",
    "Statistics",
    "Validation",
    "intensity_range",
    "load_experiment",
    "parse",
    "parse_value",
    "sample_config",
]


def load_experiment(path: Path, overrides: Mapping[str, Any] | None = None) -> Experiment:
    """Read an experiment file.

    Args:
        path: the YAML file; relative paths inside are relative to its folder.
        overrides: dotted keys and values that replace the file's, e.g. `{"validation.folds": 5}`.
            A relative path among them belongs to the folder of the file, like those inside it.

    Raises:
        ConfigError: the file is missing, not YAML, or a key or value is wrong (all of them are listed).
    """
    raw = _read_yaml(path)
    for key, value in (overrides or {}).items():
        _replace(raw, key, value)
    origin = f"{path} with {', '.join(overrides)} replaced" if overrides else str(path)
    return parse(Experiment, raw, origin=origin, base=path.parent)


def parse(
    block: type[Block],
    raw: object,
    *,
    origin: str,
    base: Path | None = None,
    hint: str = blocks.HINT,
) -> Block:
    """`radcompare.block.parse`, with sweeps over sources written out first.

    An error names the known keys of the block inside an experiment that a wrong key is in.
    """
    try:
        written = write_out(raw) if block is Experiment else WrittenOut(raw)
    except ValueError as error:
        raise ConfigError(f"{origin}: {error}", hint) from None
    return blocks.parse(
        block,
        written.raw,
        origin=origin,
        base=base,
        hint=hint,
        keys=lambda location: _keys_at(location, block),
        in_file=written.in_file,
    )


def sample_config(name: str) -> Path:
    """The path of a shipped experiment file: beside the package in a checkout, inside it when installed.

    Raises:
        ConfigError: there is no such file.
    """
    package = Path(__file__).parent
    for folder in (package / "sample_configs", package.parent / "sample_configs"):
        if (folder / f"{name}.yaml").is_file():
            return folder / f"{name}.yaml"
    raise ConfigError(f"no sample configuration {name!r}", "reinstall radcompare, or name the file itself")


def parse_value(text: str) -> Any:
    """The value of `--set key=value`, read as YAML.

    Raises:
        ConfigError: it is not YAML, e.g. a bracket is not closed.
    """
    try:
        return yaml.load(text, NoKeyTwice)  # a SafeLoader
    except yaml.YAMLError as error:
        hint = "brackets need closing, and text with a colon and a blank needs quotes"
        raise ConfigError(f"--set: cannot read the value {text!r}: {_yaml_problem(error)}", hint) from None


def _read_yaml(path: Path) -> dict[str, Any]:
    hint = "an experiment file holds `key: value` lines: see sample_configs/ for working ones"
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), NoKeyTwice)  # a SafeLoader
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}", "check the path") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text (byte {error.start})", hint) from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: is not YAML: {_yaml_problem(error)}", hint) from None
    if not isinstance(raw, dict):
        found = {type(None): "is empty", list: "holds a list"}.get(type(raw), "holds text alone")
        raise ConfigError(f"{path}: {found}", hint)
    return raw


def _yaml_problem(error: yaml.YAMLError) -> str:
    """One line with the place, of the four or more that PyYAML writes."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return str(error).splitlines()[0]
    mark = error.problem_mark
    return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"


def _replace(raw: dict[str, Any], key: str, value: Any) -> None:
    """Set a dotted key; blocks on the way there are made, short forms such as `relieff:5` written out."""
    *parents, last = key.split(".")
    block: Any = raw
    name = ""  # of what is held; an index stands for the list before it
    for parent, inner in pairwise([*parents, last]):
        name = name if parent.isdecimal() else parent
        place = _place(block, parent, key)
        held = block[place] if isinstance(block, list) else block.get(place)
        block[place] = [held] if inner.isdecimal() and isinstance(held, str) else _long_form(name, held)
        block = block[place]
        if not isinstance(block, dict | list):
            problem = f"--set {key}: {parent} is {short(block)}, which has no keys inside"
            raise ConfigError(problem, f"give all of it: --set {parent}=...")
    block[_place(block, last, key)] = value


def _place(block: dict[str, Any] | list[Any], part: str, key: str) -> Any:
    """A part of a dotted key as a key of a mapping, or as an index into a list."""
    if isinstance(block, dict):
        return part
    if not part.isdecimal() or int(part) >= len(block):
        raise ConfigError(f"--set {key}: {part} is not an entry of a list of {len(block)}", "the first is 0")
    return int(part)


def _long_form(name: str, value: Any) -> Any:
    if value is None:
        return {}
    try:
        if isinstance(value, str | int) and name == "validation":
            return validation_block(value)
        if isinstance(value, str | int) and name == "inner":
            return inner_block(value)
        if isinstance(value, str) and name in ("select", "select_each"):
            return selection_block(value)
        if isinstance(value, str) and name == "classifiers":
            return classifier_block(value)
    except ValueError as error:
        raise ConfigError(f"{name}: {error}", "correct the experiment file") from None
    return value


_BLOCKS: dict[str, type[Settings]] = {
    "phantom": Phantom,
    "validation": Validation,
    "inner": Inner,
    "statistics": Statistics,
    "arms": Arm,
    "cnn": Cnn,
    "augment": Augmentation,
    "ensemble": Ensemble,
    "select": Selection,
    "select_each": Selection,
}
_SOURCES: dict[str, type[Settings]] = {
    "radiomics": RadiomicsSource,
    "deep": DeepSource,
    "columns": ColumnsSource,
}


def _keys_at(location: Location, block: type[Settings]) -> list[str]:
    """The keys of the block that a location is in; at the top also those below, as `validation.folds`."""
    if location[0] == "sources" and len(location) > 2:
        return [*_SOURCES[str(location[2])].model_fields, SWEEP]
    if location[-4:-3] == ("classifiers",):
        return [key for key in CLASSIFIERS[str(location[-2])].model_fields if key != "name"]
    path = location[:1] + location[2:] if location[0] == "arms" else location
    inner = [_BLOCKS[str(part)] for part in path[:-1] if part in _BLOCKS]
    if inner:
        return list(inner[-1].model_fields)
    return [*block.model_fields, *(_keys_below() if block is Experiment else ())]


def _keys_below() -> Iterator[str]:
    for name in ("validation", "statistics", "phantom"):
        yield from (f"{name}.{key}" for key in _BLOCKS[name].model_fields)
