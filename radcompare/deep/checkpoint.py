"""Reading weights from a file that torch or safetensors wrote."""

import pickle
import struct
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from radcompare.errors import WeightsError

HINT = "pass what torch.save(model.state_dict(), FILE) or safetensors wrote; a pickled model is not read"
UNREADABLE = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    struct.error,
    pickle.UnpicklingError,
    SafetensorError,
)
"""What torch's unpickler and safetensors raise on truncated, damaged and foreign files."""


def read_checkpoint(path: Path) -> dict[str, Tensor]:
    """The tensors of a `.pth`, `.pt` or `.safetensors` file by name.

    Only tensors are read: a file that would run code is refused. An outer `state_dict` and the prefix
    `module.` that data-parallel training adds are taken off.

    Raises:
        WeightsError: the file cannot be read, or is no collection of named tensors.
    """
    contents = _load(path)
    if isinstance(contents, Mapping) and isinstance(contents.get("state_dict"), Mapping):
        contents = contents["state_dict"]
    if not isinstance(contents, Mapping) or not contents:
        raise WeightsError(f"{path}: holds {_kind(contents)}, not the tensors of a network", HINT)
    foreign = [str(name) for name, value in contents.items() if not isinstance(value, Tensor)]
    if foreign:
        raise WeightsError(f"{path}: {', '.join(foreign[:3])}: not a tensor", HINT)
    return _without_prefix({str(name): value for name, value in contents.items()})


def _load(path: Path) -> Any:
    try:
        if path.suffix.lower() == ".safetensors":
            return load_file(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # damaged files also make torch guess aloud at pickle protocols
            return torch.load(path, map_location="cpu", weights_only=True)
    except UNREADABLE as error:
        raise WeightsError(f"{path}: cannot be read as weights: {_reason(error)}", HINT) from None


def _reason(error: Exception) -> str:
    """Why, for somebody who has the file and not torch's source: its unpickler's own words are for programmers."""
    if isinstance(error, OSError | RuntimeError | SafetensorError) and str(error):
        return str(error).partition("\n")[0]
    return "it is damaged, is no file of torch, or holds more than tensors"


def _without_prefix(state: dict[str, Tensor]) -> dict[str, Tensor]:
    if all(name.startswith("module.") for name in state):
        return {name.removeprefix("module."): value for name, value in state.items()}
    return state


def _kind(contents: object) -> str:
    return "nothing" if isinstance(contents, Mapping) else f"a {type(contents).__name__}"
