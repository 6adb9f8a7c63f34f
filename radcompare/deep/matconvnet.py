"""Reading a network from a MatConvNet file (`.mat`): its layers with their weights, and the mean image.

Two layouts exist. simplenn is a list of layers, each with its weights; dagnn a graph, whose layers name parameters
that are kept apart.
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.io import loadmat
from scipy.io.matlab import MatReadError
from torch import Tensor

from radcompare.deep.matlab_elements import refuse_damaged
from radcompare.errors import WeightsError

HINT = "pass a network saved in MatConvNet's simplenn or dagnn format, such as imagenet-vgg-f.mat of its model zoo"
UNREADABLE = (
    *(OSError, ValueError, TypeError, LookupError, NotImplementedError, zlib.error, MatReadError),
    *(ArithmeticError, MemoryError, NameError, RecursionError),
)
"""What scipy raises on truncated, damaged, foreign and newer (HDF5) files."""
FOREIGN = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
KINDS = {"normalize": "lrn", "pooling": "pool"}
"""Other names of the same layers: of older files, and of dagnn."""


@dataclass(frozen=True)
class MatLayer:
    """One layer of the file.

    Attributes:
        name: its own.
        kind: `conv`, `pool`, `lrn`, `relu`, ...
        filters: output x input x height x width, or None; fully connected layers are convolutions as large as
            their input.
        biases: one per output.
        stride: rows and columns; None where the file does not say.
        pad: top, bottom, left, right; None where the file does not say.
        size: window of a pooling layer.
        method: of pooling, `max` or `avg`.
        lrn: N, kappa, alpha and beta of local response normalisation.
    """

    name: str
    kind: str
    filters: Tensor | None = None
    biases: Tensor | None = None
    stride: tuple[int, int] | None = None
    pad: tuple[int, int, int, int] | None = None
    size: tuple[int, int] | None = None
    method: str = "max"
    lrn: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class MatConvNet:
    """What a file holds.

    Attributes:
        layers: in the order of the file.
        mean: the mean image or colour, red, green, blue in [0, 255]: (3, height, width) or (3, 1, 1).
        interpolation: how the network's images were resized, as far as the file says.
    """

    layers: tuple[MatLayer, ...]
    mean: Tensor
    interpolation: str = ""


def read_matconvnet(path: Path) -> MatConvNet:
    """The layers and the mean image of a file.

    Raises:
        WeightsError: the file cannot be read, or lacks `layers` or `meta.normalization.averageImage`.
    """
    contents = _load(path)
    try:
        if "net" in contents and "layers" not in contents:
            contents = _fields(contents["net"])
        dag = "params" in contents
        layers = tuple(_of_graph(contents) if dag else (_layer(each) for each in contents["layers"].flat))
    except FOREIGN:
        found = ", ".join(key for key in contents if not key.startswith("__")) or "no variable"
        raise WeightsError(
            f"{path}: has no cell array `layers` with `weights` in it (found {found})", HINT
        ) from None
    if not any(layer.filters is not None for layer in layers):
        raise WeightsError(f"{path}: none of its {len(layers)} layers has weights", HINT)
    normalization = _normalization(contents, path)
    return MatConvNet(layers, _mean_image(normalization, path), _text(normalization.get("interpolation", "")))


def _load(path: Path) -> dict[str, Any]:
    try:
        refuse_damaged(path)
        contents: dict[str, Any] = loadmat(path)
    except UNREADABLE as error:
        raise WeightsError(
            f"{path}: cannot be read as a MATLAB file: {error or type(error).__name__}", HINT
        ) from None
    return contents


def _fields(struct: Any) -> dict[str, Any]:
    """A MATLAB structure as a mapping."""
    one = struct.flat[0] if isinstance(struct, np.ndarray) else struct
    return {name: one[name] for name in one.dtype.names}


def _layer(cell: Any) -> MatLayer:
    """One cell of simplenn; older files have `filters` and `biases` in place of `weights`."""
    fields = _fields(cell)
    weights = fields.get("weights")
    filters, biases = (
        weights.flat
        if weights is not None and weights.size
        else (fields.get("filters"), fields.get("biases"))
    )
    name = _text(fields.get("name", ""))
    return _described(name, _text(fields.get("type", "")), fields, filters, biases)


def _of_graph(contents: Mapping[str, Any]) -> Iterator[MatLayer]:
    """The layers of dagnn with the parameters that they name."""
    values = {_text(each["name"]): each["value"] for each in contents["params"].flat}
    for each in contents["layers"].flat:
        fields = _fields(each)
        block = _fields(fields["block"]) if fields["block"].size else {}
        names = [_text(name) for name in fields["params"].flat]
        filters, biases = (*(values[name] for name in names[:2]), None, None)[:2]
        kind = _text(fields["type"]).rpartition(".")[2].lower()
        yield _described(_text(fields["name"]), kind, block, filters, biases)


def _described(name: str, kind: str, fields: Mapping[str, Any], filters: Any, biases: Any) -> MatLayer:
    kind = KINDS.get(kind, kind)
    weighted = kind in ("conv", "") and filters is not None and np.size(filters) > 0
    ours = _output_first(filters) if weighted else None
    window = fields.get("pool", fields.get("poolSize"))
    param = _numbers(fields.get("param")) if kind == "lrn" else []
    return MatLayer(
        name,
        kind,
        ours,
        None if ours is None else _biases(biases, len(ours)),
        _pair(fields.get("stride")),
        _four(fields.get("pad")),
        _pair(window) if kind == "pool" else None,
        _text(fields.get("method", "max")) or "max",
        (param[0], param[1], param[2], param[3]) if len(param) == 4 else None,
    )


def _output_first(filters: Any) -> Tensor:
    """Height x width x input x output (MATLAB drops trailing ones) to output x input x height x width."""
    full = np.asarray(filters, dtype=np.float32)
    full = full.reshape(full.shape + (1,) * (4 - full.ndim))
    return torch.from_numpy(np.ascontiguousarray(full.transpose(3, 2, 0, 1)))


def _biases(values: Any, outputs: int) -> Tensor:
    """One per output; a layer without them adds nothing."""
    if values is None or not np.size(values):
        return torch.zeros(outputs)
    return torch.from_numpy(np.asarray(values, dtype=np.float32).ravel())


def _numbers(value: Any) -> list[float]:
    return [] if value is None else [float(number) for number in np.asarray(value).ravel()]


def _pair(value: Any) -> tuple[int, int] | None:
    numbers = _numbers(value)
    return (int(numbers[0]), int(numbers[-1])) if numbers else None


def _four(value: Any) -> tuple[int, int, int, int] | None:
    """One padding for all sides, one for rows and one for columns, or four."""
    numbers = [int(number) for number in _numbers(value)]
    if not numbers:
        return None
    top, bottom, left, right = {1: numbers * 4, 2: [n for n in numbers for _ in range(2)]}.get(
        len(numbers), numbers
    )
    return top, bottom, left, right


def _text(value: Any) -> str:
    """A MATLAB text, however deep it is wrapped."""
    while isinstance(value, np.ndarray):
        if not value.size:
            return ""
        value = value.flat[0]
    return str(value)


def _normalization(contents: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """`meta.normalization`; files older than `meta` have `normalization` at the top."""
    try:
        above = _fields(contents["meta"]) if "meta" in contents else contents
        return _fields(above["normalization"])
    except FOREIGN:
        raise WeightsError(f"{path}: has no meta.normalization.averageImage", HINT) from None


def _mean_image(normalization: Mapping[str, Any], path: Path) -> Tensor:
    try:
        average = np.asarray(normalization["averageImage"], dtype=np.float32)
    except FOREIGN:
        raise WeightsError(f"{path}: has no meta.normalization.averageImage", HINT) from None
    if average.size == 3:
        return torch.from_numpy(average.reshape(3, 1, 1))
    if average.ndim != 3 or average.shape[2] != 3:
        raise WeightsError(f"{path}: averageImage is {average.shape}, not height x width x 3", HINT)
    return torch.from_numpy(np.ascontiguousarray(average.transpose(2, 0, 1)))
