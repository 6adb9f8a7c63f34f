"""Reading weights from a file that torch or safetensors wrote."""

import argparse
import pickle
import struct
import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
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
    MemoryError,
    ArithmeticError,
    RecursionError,
)
"""What torch's unpickler and safetensors raise on truncated, damaged and foreign files."""

WRAPPERS = (
    "state_dict",
    "model_state_dict",
    "model",
    "net",
    "network",
    "weights",
    "params",
    "student",
    "teacher",
)
"""Keys under which training programs put the weights; between equals the first is taken."""
DEPTH = 3
"""How deep a file is searched for them."""
_HARMLESS: list[Any] = [
    argparse.Namespace,
    np.dtype,
    np.ndarray,
    np.float64(0).__reduce__()[0],  # what makes numpy's scalars and arrays when they are read
    np.zeros(1).__reduce__()[0],
    *(type(np.dtype(kind)) for kind in ("f8", "f4", "i8", "i4", "u1", "?")),
]
"""What training programs keep beside the weights: settings and scores, which run no code when they are read."""


@dataclass(frozen=True)
class Checkpoint:
    """The tensors of a file.

    Attributes:
        tensors: by the names of torch's `state_dict`, without the prefix.
        wrapped_in: dotted keys that they were found under; empty if at the top.
        prefix: what was taken off their names, such as `module.` of data-parallel training.
    """

    tensors: dict[str, Tensor]
    wrapped_in: str = ""
    prefix: str = ""


def read_checkpoint(path: Path, names: Collection[str] = ()) -> Checkpoint:
    """The tensors of a `.pth`, `.pt` or `.safetensors` file by name.

    Only tensors and plain settings are read: a file that would run code is refused. The weights may be wrapped
    (`state_dict`, `model`, ...) and their names prefixed (`module.`, `backbone.`, ...): taken is what has most of
    the network's names.

    Args:
        path: the file.
        names: of the network's tensors.

    Raises:
        WeightsError: the file cannot be read, or is no collection of named tensors.
    """
    contents = _load(path)
    found = list(_collections(contents))
    if not found:
        raise WeightsError(f"{path}: {_kind(contents)}", HINT)
    known = set(names)
    candidates = [(keys, tensors, _prefix(tensors, known)) for keys, tensors in found]
    keys, tensors, prefix = max(
        candidates, key=lambda each: (_matches(each[1], each[2], known), -_rank(each[0]), len(each[1]))
    )
    stripped = {name.removeprefix(prefix): value for name, value in tensors.items()}
    return Checkpoint(stripped, ".".join(keys), prefix)


def _load(path: Path) -> Any:
    try:
        if path.suffix.lower() == ".safetensors":
            return load_file(path)
        with warnings.catch_warnings(), torch.serialization.safe_globals(_HARMLESS):
            warnings.simplefilter("ignore")  # damaged files also make torch guess aloud at pickle protocols
            return torch.load(path, map_location="cpu", weights_only=True)
    except UNREADABLE as error:
        if "TorchScript" in str(error):
            raise WeightsError(
                f"{path}: is a TorchScript program, not weights alone",
                f"name it as the network: --network torchscript:{path.name} --weights own",
            ) from None
        raise WeightsError(f"{path}: cannot be read as weights: {_reason(error)}", HINT) from None


def _reason(error: Exception) -> str:
    """Why, for somebody who has the file and not torch's source: its unpickler's own words are for programmers."""
    if isinstance(error, OSError | RuntimeError | SafetensorError) and str(error):
        return str(error).partition("\n")[0]
    return "it is damaged, is no file of torch, or holds more than tensors"


def _collections(
    contents: object, keys: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], dict[str, Tensor]]]:
    """Everything in a file that is nothing but named tensors, with the keys that lead there."""
    if not isinstance(contents, Mapping) or len(keys) > DEPTH:
        return
    if contents and all(isinstance(value, Tensor) for value in contents.values()):
        yield keys, {str(name): value for name, value in contents.items()}
    for key, value in contents.items():
        yield from _collections(value, (*keys, str(key)))


def _prefix(tensors: Mapping[str, Tensor], known: set[str]) -> str:
    """What stands before the network's own names, by which most are found; the shortest if several do as well."""
    if not known:
        return "module." if all(name.startswith("module.") for name in tensors) else ""
    prefixes = {""}
    for name in tensors:
        parts = name.split(".")
        prefixes |= {
            ".".join(parts[:cut]) + "." for cut in range(1, len(parts)) if ".".join(parts[cut:]) in known
        }
    return max(sorted(prefixes, key=len), key=lambda prefix: _matches(tensors, prefix, known))


def _matches(tensors: Mapping[str, Tensor], prefix: str, known: set[str]) -> int:
    return sum(name.startswith(prefix) and name.removeprefix(prefix) in known for name in tensors)


def _rank(keys: tuple[str, ...]) -> int:
    """Plain places before rare ones, such as a running average."""
    return sum(WRAPPERS.index(key) if key in WRAPPERS else len(WRAPPERS) for key in keys)


def _kind(contents: object) -> str:
    if isinstance(contents, Mapping) and contents:
        foreign = [str(name) for name, value in contents.items() if not isinstance(value, Tensor)]
        return f"{', '.join(foreign[:3])}: not a tensor"
    found = "nothing" if isinstance(contents, Mapping) else f"a {type(contents).__name__}"
    return f"holds {found}, not the tensors of a network"
