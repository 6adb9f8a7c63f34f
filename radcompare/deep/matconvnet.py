"""Reading a network from a MatConvNet file (`.mat`, simplenn): weights and the mean image that belongs to them."""

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.io import loadmat
from scipy.io.matlab import MatReadError
from torch import Tensor

from radcompare.errors import WeightsError

HINT = "pass a network saved in MatConvNet's simplenn format, such as imagenet-vgg-f.mat of its model zoo"
UNREADABLE = (OSError, ValueError, TypeError, LookupError, NotImplementedError, zlib.error, MatReadError)
"""What scipy raises on truncated, foreign and newer (HDF5) files."""


def read_simplenn(path: Path, order: Sequence[str]) -> tuple[dict[str, Tensor], Tensor]:
    """The weights of a MatConvNet network under our names, and its mean image.

    Filters are stored as height x width x input x output and come back as output x input x height x width;
    fully connected layers are stored as convolutions as large as their input and come back in the same form.

    Args:
        path: the file.
        order: names for the layers with weights, in the order of the file; layers beyond them keep their own.

    Returns:
        `NAME.weight` and `NAME.bias` per layer, float32; the mean image, red, green, blue in [0, 255], of shape
        (3, height, width) or (3, 1, 1).

    Raises:
        WeightsError: the file cannot be read, or lacks `layers` or `meta.normalization.averageImage`.
    """
    contents = _load(path)
    state: dict[str, Tensor] = {}
    for position, (own_name, filters, biases) in enumerate(_weighted_layers(contents, path)):
        name = order[position] if position < len(order) else own_name
        state[f"{name}.weight"] = _output_first(filters)
        state[f"{name}.bias"] = torch.from_numpy(np.asarray(biases, dtype=np.float32).ravel())
    return state, _mean_image(contents, path)


def _load(path: Path) -> dict[str, Any]:
    try:
        contents: dict[str, Any] = loadmat(path)
    except UNREADABLE as error:
        raise WeightsError(
            f"{path}: cannot be read as a MATLAB file: {error or type(error).__name__}", HINT
        ) from None
    return contents


def _weighted_layers(contents: dict[str, Any], path: Path) -> Iterator[tuple[str, Any, Any]]:
    """Name, filters and biases of every layer that has weights."""
    try:
        for position, layer in enumerate(contents["layers"].flat, start=1):
            fields = layer[0, 0]
            if "weights" in layer.dtype.names and fields["weights"].size:
                filters, biases = fields["weights"].flat
                name = str(fields["name"].item()) if "name" in layer.dtype.names else f"layer {position}"
                yield name, filters, biases
    except (LookupError, TypeError, ValueError, AttributeError):
        found = ", ".join(key for key in contents if not key.startswith("__")) or "no variable"
        raise WeightsError(
            f"{path}: has no cell array `layers` with `weights` in it (found {found})", HINT
        ) from None


def _output_first(filters: NDArray[Any]) -> Tensor:
    """Height x width x input x output (MATLAB drops trailing ones) to output x input x height x width."""
    full = np.asarray(filters, dtype=np.float32)
    full = full.reshape(full.shape + (1,) * (4 - full.ndim))
    return torch.from_numpy(np.ascontiguousarray(full.transpose(3, 2, 0, 1)))


def _mean_image(contents: dict[str, Any], path: Path) -> Tensor:
    """`meta.normalization.averageImage`; files older than `meta` have `normalization` at the top."""
    try:
        above = contents["meta"][0, 0] if "meta" in contents else contents
        average = np.asarray(above["normalization"][0, 0]["averageImage"], dtype=np.float32)
    except (LookupError, TypeError, ValueError, AttributeError):
        raise WeightsError(f"{path}: has no meta.normalization.averageImage", HINT) from None
    if average.size == 3:
        return torch.from_numpy(average.reshape(3, 1, 1))
    if average.ndim != 3 or average.shape[2] != 3:
        raise WeightsError(f"{path}: averageImage is {average.shape}, not height x width x 3", HINT)
    return torch.from_numpy(np.ascontiguousarray(average.transpose(2, 0, 1)))
