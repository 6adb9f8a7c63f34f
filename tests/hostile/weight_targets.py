"""Weights of networks, and what the program keeps of its own."""

import io
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from targets import Target

from radcompare.errors import WeightsError

NAME = "f" * 64


def state() -> dict[str, Any]:
    import torch

    return {"conv1.weight": torch.ones(2, 1, 3, 3), "conv1.bias": torch.zeros(2)}


def torch_seeds() -> Sequence[bytes]:
    import torch

    plain, legacy = io.BytesIO(), io.BytesIO()
    torch.save({"state_dict": state(), "epoch": np.float64(3), "curve": np.arange(3.0)}, plain)
    torch.save(state(), legacy, _use_new_zipfile_serialization=False)
    return [plain.getvalue(), legacy.getvalue()]


def safetensors_seeds() -> Sequence[bytes]:
    from safetensors.torch import save

    return [save(state(), {"format": "pt", "radcompare": "{}"})]


def matlab_seeds() -> Sequence[bytes]:
    import scipy.io

    cell = np.empty((1, 2), dtype=object)
    cell[0, 0], cell[0, 1] = np.ones((3, 3, 3, 2), np.float32), np.zeros((1, 2), np.float32)
    layers = np.empty((1, 2), dtype=object)
    layers[0, :] = (
        {"name": "conv1", "type": "conv", "weights": cell, "stride": np.array([[1.0, 1.0]])},
        {"name": "relu1", "type": "relu"},
    )
    meta = {"normalization": {"averageImage": np.zeros((2, 2, 3)), "interpolation": "bicubic"}}
    found = []
    for compressed in (False, True):
        stream = io.BytesIO()
        scipy.io.savemat(stream, {"layers": layers, "meta": meta}, do_compression=compressed)
        found.append(stream.getvalue())
    return found


def read_checkpoint(path: Path) -> object:
    from radcompare.deep.checkpoint import read_checkpoint

    return read_checkpoint(path, ("conv1.weight", "conv1.bias"))


def read_matlab(path: Path) -> object:
    from radcompare.deep.matconvnet import read_matconvnet

    return read_matconvnet(path)


def kept(write: Callable[[Any], None], suffix: str) -> Sequence[bytes]:
    """What a cache makes of one entry."""
    from radcompare.cache import Cache

    with tempfile.TemporaryDirectory() as folder:
        write(Cache(Path(folder)))
        return [path.read_bytes() for path in Path(folder).rglob(f"*{suffix}")]


def states() -> Sequence[bytes]:
    from radcompare.cnn.keeping import StateFile

    def write(cache: Any) -> None:
        StateFile(cache.path_of(NAME, ".state"), interval=0).save({"epoch": 2, "model": state()})

    return kept(write, ".state")


def rows() -> Sequence[bytes]:
    from radcompare.cache import Row

    return kept(lambda cache: cache.put_row(NAME, Row(np.ones(5, np.float32), {"area": 2.0})), ".row")


def measurements() -> Sequence[bytes]:
    return kept(lambda cache: cache.put(NAME, {"x": 1.5, "why": "text"}), ".json")


def read_kept(path: Path) -> object:
    """Damage counts as absent; an entry that is read has to be the one that was written."""
    from radcompare.cache import Cache
    from radcompare.cnn.keeping import StateFile

    place = path.parent / "f" / f"{NAME}{path.suffix}"
    place.parent.mkdir(exist_ok=True)
    path.rename(place)
    cache = Cache(path.parent)
    readers = {
        ".state": StateFile(place).load,
        ".row": lambda: cache.get_row(NAME),
        ".json": lambda: cache.get_all(NAME),
    }
    found = readers[path.suffix]()
    if found is None:
        raise WeightsError("counts as absent", "make it anew")
    seeds = {".state": states, ".row": rows, ".json": measurements}[path.suffix]()
    if place.read_bytes() not in seeds:
        raise AssertionError("damage was not seen")
    return found


TARGETS = (
    Target("torch", ".pth", torch_seeds, read_checkpoint, head=1500),
    Target("safetensors", ".safetensors", safetensors_seeds, read_checkpoint),
    Target("matlab", ".mat", matlab_seeds, read_matlab, head=2000),
    Target("kept-state", ".state", states, read_kept, head=2000),
    Target("kept-row", ".row", rows, read_kept),
    Target("kept-measurements", ".json", measurements, read_kept),
)
