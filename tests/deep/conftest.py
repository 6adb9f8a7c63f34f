"""A narrow twin of CNN-F, files in MatConvNet's layout, and a case to look at."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io
import torch
from numpy.typing import NDArray
from released_geometry import FULL, GEOMETRY, RELEASED
from torch import Tensor

from radcompare.deep import activations, chatfield
from radcompare.deep.networks import Network
from radcompare.imaging.region import Region


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Sums run in one order, so equal means equal to the last bit."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """CNN-F with few maps under CNN-F's own name, also for whoever asks the registry."""
    wide = chatfield.cnn_f()
    plan = replace(chatfield.FAST, maps=(4, 6, 5, 7, 6))
    twin = replace(wide, build=lambda: chatfield.Chatfield(plan, full=9, classes=3))
    monkeypatch.setattr(chatfield, "cnn_f", lambda _name: twin)
    activations._kept.clear()
    yield twin
    activations._kept.clear()


@pytest.fixture
def narrow_state(narrow: Network) -> dict[str, Tensor]:
    """Weights for the twin that keep all of its activations alive."""
    torch.manual_seed(0)
    return {name: 0.1 * torch.randn(value.shape) for name, value in narrow.outline().state_dict().items()}


@pytest.fixture
def mean_image() -> NDArray[np.float32]:
    """Height x width x colour, as MatConvNet keeps it."""
    return np.random.default_rng(5).uniform(90, 130, (224, 224, 3)).astype(np.float32)


@pytest.fixture
def write_simplenn() -> Callable[..., None]:
    """Writes the weights of CNN-F the way imagenet-vgg-f.mat holds them."""
    return _write_simplenn


def _write_simplenn(
    path: Path,
    state: Mapping[str, Tensor],
    mean_image: NDArray[np.float32],
    network: str = "cnn-f",
    lrn: tuple[float, ...] = RELEASED,
    **changed: dict[str, Any],
) -> None:
    """`changed` replaces fields of the layers that it names, e.g. conv1={"stride": 2}."""
    layers = []
    for described in (*GEOMETRY[network], *FULL):
        kind, name = next(iter(described.items()))
        layer = {"name": name, "type": kind, **described, **changed.get(name, {})}
        layer.pop(kind)
        if kind == "conv":
            layer["weights"] = _filters_and_biases(state, name.replace("fc", "full"))
        elif kind == "lrn":
            layer["param"] = np.array([lrn])
        else:
            layer |= {"pool": np.array([[layer.pop("size")] * 2]), "method": layer.get("method", "max")}
        layers.append(
            {key: np.array(value) if isinstance(value, list) else value for key, value in layer.items()}
        )
        if kind == "conv" and name != "fc8":
            layers.append({"name": f"relu{name[-1]}", "type": "relu"})
    cells = np.empty((1, len(layers)), dtype=object)
    cells[0, :] = layers
    meta = {"normalization": {"averageImage": mean_image, "interpolation": "bicubic"}}
    scipy.io.savemat(path, {"layers": cells, "meta": meta})


def _filters_and_biases(state: Mapping[str, Tensor], name: str) -> NDArray[np.object_]:
    """A cell array {height x width x input x output, 1 x output}; full layers as convolutions over their input."""
    weight = state[f"{name}.weight"].numpy()
    if weight.ndim == 2:
        side = 6 if name == "full6" else 1
        weight = weight.reshape(len(weight), -1, side, side)
    cell = np.empty((1, 2), dtype=object)
    cell[0, 0] = np.asfortranarray(weight.transpose(2, 3, 1, 0))
    cell[0, 1] = state[f"{name}.bias"].numpy()[np.newaxis]
    return cell


@pytest.fixture
def region() -> Region:
    """A bright lesion in noise."""
    rng = np.random.default_rng(3)
    mask = np.zeros((4, 70, 80), dtype=bool)
    mask[1:3, 20:44, 30:60] = True
    image = rng.normal(-700, 150, mask.shape) + 600 * mask
    return Region("lesion", image, mask, (2.5, 0.7, 0.7))
