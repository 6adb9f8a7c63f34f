"""CNN-F against a forward pass in numpy that follows MatConvNet's definitions."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import scipy.io
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from torch import Tensor

from radcompare.deep import weights
from radcompare.deep.cnn_f import CnnF, cnn_f
from radcompare.deep.layer_value import layer_value
from radcompare.deep.networks import Network

Array = NDArray[np.float64]
LAYERS = ("conv1", "conv2", "conv3", "conv4", "conv5", "full6", "full7", "full8")


def convolution(maps: Array, filters: Array, biases: Array, stride: int = 1, pad: int = 0) -> Array:
    """vl_nnconv: maps height x width x input, filters height x width x input x output, no flipping."""
    maps = np.pad(maps, ((pad, pad), (pad, pad), (0, 0)))
    patches = sliding_window_view(maps, filters.shape[:2], axis=(0, 1))[::stride, ::stride]
    return np.tensordot(patches, filters, axes=([3, 4, 2], [0, 1, 2])) + biases


def normalization(maps: Array) -> Array:
    """vl_nnnormalize with [N 5, kappa 2, alpha 1e-4, beta 0.75]: over the 5 nearest channels."""
    depth = maps.shape[2]
    energy = np.stack([(maps[:, :, max(d - 2, 0) : d + 3] ** 2).sum(axis=2) for d in range(depth)], axis=2)
    return maps / (2 + 1e-4 * energy) ** 0.75


def pooling(maps: Array, pad_after: int) -> Array:
    """vl_nnpool: maximum over 3 x 3 in steps of 2, padded by minus infinity at the bottom and right."""
    maps = np.pad(maps, ((0, pad_after), (0, pad_after), (0, 0)), constant_values=-np.inf)
    return sliding_window_view(maps, (3, 3), axis=(0, 1))[::2, ::2].max(axis=(3, 4))


def forward(parameters: Mapping[str, tuple[Array, Array]], image: Array) -> dict[str, Array]:
    """Values before the ReLU of every layer; full layers are convolutions over the whole map."""
    pre = {}
    maps = image
    settings = {"conv1": (4, 0), "conv2": (1, 2), "conv3": (1, 1), "conv4": (1, 1), "conv5": (1, 1)}
    for name in LAYERS:
        pre[name] = convolution(maps, *parameters[name], *settings.get(name, (1, 0)))
        maps = np.maximum(pre[name], 0)
        if name in ("conv1", "conv2"):
            maps = normalization(maps)
        if name in ("conv1", "conv2", "conv5"):
            maps = pooling(maps, pad_after=0 if name == "conv2" else 1)
    return pre


def parameters_of(path: Path) -> dict[str, tuple[Array, Array]]:
    """Filters and biases as they lie in the file."""
    contents = scipy.io.loadmat(path, simplify_cells=True)
    weighted = [layer["weights"] for layer in contents["layers"] if "weights" in layer]
    sides = (11, 5, 3, 3, 3, 6, 1, 1)
    return {
        name: (filters.astype(float).reshape(side, side, -1, biases.size), biases.astype(float))
        for name, side, (filters, biases) in zip(LAYERS, sides, weighted, strict=True)
    }


def assert_same(values: Tensor, expected: Array, what: str) -> None:
    """Equal within 1e-5 of the layer's size."""
    got = values[0].numpy()
    got = got.transpose(1, 2, 0) if got.ndim == 3 else got[np.newaxis, np.newaxis]
    assert got.shape == expected.shape, what
    assert np.abs(got - expected).max() < 1e-5 * np.abs(expected).max(), what


def test_weights_from_a_matconvnet_file_give_what_matconvnet_computes(
    tmp_path: Path,
    narrow: Network,
    narrow_state: dict[str, Tensor],
    mean_image: NDArray[np.float32],
    write_simplenn: Callable[..., None],
) -> None:
    path = tmp_path / "vgg-f.mat"
    write_simplenn(path, narrow_state, mean_image)
    image = np.random.default_rng(2).uniform(-120, 120, (224, 224, 3)).astype(np.float32)

    loaded = weights.load(str(path), 1, narrow)
    expected = forward(parameters_of(path), image.astype(float))

    assert loaded.has_head
    assert np.array_equal(loaded.mean.numpy(), mean_image.transpose(2, 0, 1))
    shown = torch.from_numpy(image.transpose(2, 0, 1)[np.newaxis].copy())
    for name in LAYERS:
        value = layer_value(loaded.model, narrow.layer(name), shown, "pre")
        assert_same(value, expected[name], name)


@pytest.mark.slow
def test_the_full_network_computes_the_same() -> None:
    network = cnn_f()
    model = weights.load("random", 1, network).model
    parameters = {}
    for name in LAYERS:
        weight = model.get_submodule(name).weight.double().numpy()
        side = {"full6": 6}.get(name, 1)
        weight = weight.reshape(len(weight), -1, side, side) if weight.ndim == 2 else weight
        parameters[name] = (weight.transpose(2, 3, 1, 0), np.zeros(len(weight)))
    image = np.random.default_rng(2).uniform(-120, 120, (224, 224, 3)).astype(np.float32)
    expected = forward(parameters, image.astype(float))
    shown = torch.from_numpy(image.transpose(2, 0, 1)[np.newaxis].copy())
    for name in LAYERS:
        assert_same(layer_value(model, network.layer(name), shown, "pre"), expected[name], name)


def test_size_of_every_layer() -> None:
    # weights and biases: inputs per unit times units, plus units (SCIENCE: 60,834,536 in all)
    expected = {
        "conv1": 64 * 3 * 11 * 11 + 64,
        "conv2": 256 * 64 * 5 * 5 + 256,
        "conv3": 256 * 256 * 3 * 3 + 256,
        "conv4": 256 * 256 * 3 * 3 + 256,
        "conv5": 256 * 256 * 3 * 3 + 256,
        "full6": 4096 * 256 * 6 * 6 + 4096,
        "full7": 4096 * 4096 + 4096,
        "full8": 1000 * 4096 + 1000,
    }
    model = cnn_f().outline()
    sizes = {name: sum(p.numel() for p in model.get_submodule(name).parameters()) for name in LAYERS}
    assert sizes == expected
    assert sum(sizes.values()) == 60_834_536


def test_maps_are_54_27_13_and_6_pixels_wide() -> None:
    network = cnn_f()
    model = network.outline()
    image = torch.empty(1, 3, 224, 224, device="meta")
    shapes = {name: tuple(layer_value(model, network.layer(name), image, "pre").shape) for name in LAYERS}
    assert shapes["conv1"] == (1, 64, 54, 54)
    assert shapes["conv2"] == (1, 256, 27, 27)
    assert shapes["conv3"] == shapes["conv4"] == shapes["conv5"] == (1, 256, 13, 13)
    assert model.full6.in_features == 256 * 6 * 6
    assert shapes["full6"] == shapes["full7"] == (1, 4096)
    assert shapes["full8"] == (1, 1000)


def test_pooling_at_the_border_sees_the_last_row_and_column() -> None:
    maps = torch.zeros(1, 1, 54, 54)
    maps[0, 0, 53, 53] = 7
    out = CnnF(maps=(1, 1, 1, 1, 1), full=1, classes=1).pool(maps)
    assert out.shape == (1, 1, 27, 27)
    assert out[0, 0, 26, 26] == 7


@pytest.mark.usefixtures("one_thread")
def test_without_dropout_when_evaluated(narrow: Network) -> None:
    model = weights.load("random", 1, narrow).model
    image = torch.ones(1, 3, 224, 224)
    assert not model.training
    assert torch.equal(model(image), model(image))
