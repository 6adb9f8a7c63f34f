"""A narrow twin of CNN-F, files in MatConvNet's layout, and a case to look at."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.io
import torch
from numpy.typing import NDArray
from torch import Tensor

from radcompare.deep import activations, cnn_f
from radcompare.deep.networks import Network
from radcompare.imaging.region import Region

SIMPLENN_LAYERS = (
    *(
        "conv1",
        "relu1",
        "norm1",
        "pool1",
        "conv2",
        "relu2",
        "norm2",
        "pool2",
        "conv3",
        "relu3",
        "conv4",
        "relu4",
    ),
    *("conv5", "relu5", "pool5", "fc6", "relu6", "fc7", "relu7", "fc8", "prob"),
)


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
    wide = cnn_f.cnn_f()
    twin = replace(wide, build=lambda: cnn_f.CnnF(maps=(4, 6, 5, 7, 6), full=9, classes=3))
    monkeypatch.setattr(cnn_f, "cnn_f", lambda: twin)
    activations._loaded.cache_clear()
    yield twin
    activations._loaded.cache_clear()


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
def write_simplenn() -> Callable[[Path, Mapping[str, Tensor], NDArray[np.float32]], None]:
    """Writes the weights of CNN-F the way imagenet-vgg-f.mat holds them."""
    return _write_simplenn


def _write_simplenn(path: Path, state: Mapping[str, Tensor], mean_image: NDArray[np.float32]) -> None:
    layers = np.empty((1, len(SIMPLENN_LAYERS)), dtype=object)
    for i, name in enumerate(SIMPLENN_LAYERS):
        layers[0, i] = {"name": name, "type": name.rstrip("12345678")}
        if name.startswith(("conv", "fc")):
            layers[0, i]["weights"] = _filters_and_biases(state, name.replace("fc", "full"))
    scipy.io.savemat(path, {"layers": layers, "meta": {"normalization": {"averageImage": mean_image}}})


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
