"""CNN-F, CNN-M and CNN-S against a forward pass in numpy that follows MatConvNet's definitions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.io
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from released_geometry import FULL, GEOMETRY, RELEASED
from torch import Tensor, nn

from radcompare.deep import weights
from radcompare.deep.chatfield import FAST, MEDIUM, SLOW, Chatfield, cnn_f, cnn_m, cnn_s
from radcompare.deep.networks import Network
from radcompare.deep.tracing import values_at

Array = NDArray[np.float64]
LAYERS = ("conv1", "conv2", "conv3", "conv4", "conv5", "full6", "full7", "full8")


def value_of(network: Network, model: nn.Module, layer: str, image: Tensor, stage: str = "pre") -> Tensor:
    """The value of a layer before or after its activation."""
    spot = getattr(network.layer(layer), stage)
    return values_at(model, {spot}, image)[spot]


def convolution(maps: Array, filters: Array, biases: Array, stride: int = 1, pad: int = 0) -> Array:
    """vl_nnconv: maps height x width x input, filters height x width x input x output, no flipping."""
    maps = np.pad(maps, ((pad, pad), (pad, pad), (0, 0)))
    patches = sliding_window_view(maps, filters.shape[:2], axis=(0, 1))[::stride, ::stride]
    return np.tensordot(patches, filters, axes=([3, 4, 2], [0, 1, 2])) + biases


def normalization(maps: Array, lrn: Sequence[float] = RELEASED) -> Array:
    """vl_nnnormalize with [N kappa alpha beta]: over the N nearest channels."""
    size, kappa, alpha, beta = lrn
    depth, reach = maps.shape[2], int(size) // 2
    squares = [(maps[:, :, max(d - reach, 0) : d + reach + 1] ** 2).sum(axis=2) for d in range(depth)]
    return maps / (kappa + alpha * np.stack(squares, axis=2)) ** beta


def pooling(maps: Array, size: int, stride: int, pad: object) -> Array:
    """vl_nnpool: maximum over a window, padded by minus infinity at the bottom and right."""
    after = pad[1] if isinstance(pad, list) else 0
    maps = np.pad(maps, ((0, after), (0, after), (0, 0)), constant_values=-np.inf)
    return sliding_window_view(maps, (size, size), axis=(0, 1))[::stride, ::stride].max(axis=(3, 4))


def forward(
    parameters: Mapping[str, tuple[Array, Array]],
    image: Array,
    network: str = "cnn-f",
    lrn: Sequence[float] = RELEASED,
) -> dict[str, Array]:
    """Values before the ReLU of every layer, by the released geometry; full layers are convolutions."""
    pre = {}
    maps = image
    for described in (*GEOMETRY[network], *FULL):
        kind, name = next(iter(described.items()))
        if kind == "conv":
            name = name.replace("fc", "full")
            pre[name] = convolution(maps, *parameters[name], described["stride"], described["pad"])
            maps = np.maximum(pre[name], 0)
        elif kind == "lrn":
            maps = normalization(maps, lrn)
        else:
            maps = pooling(maps, described["size"], described["stride"], described["pad"])
    return pre


def parameters_of(path: Path, sides: Sequence[int]) -> dict[str, tuple[Array, Array]]:
    """Filters and biases as they lie in the file."""
    contents = scipy.io.loadmat(path, simplify_cells=True)
    weighted = [layer["weights"] for layer in contents["layers"] if "weights" in layer]
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


PLANS = {"cnn-f": FAST, "cnn-m": MEDIUM, "cnn-s": SLOW}
SIDES = {"cnn-f": (11, 5), "cnn-m": (7, 5), "cnn-s": (7, 5)}


def narrow_twin(name: str) -> Network:
    wide = {"cnn-f": cnn_f, "cnn-m": cnn_m, "cnn-s": cnn_s}[name]()
    plan = replace(PLANS[name], maps=(4, 6, 5, 7, 6))
    return replace(wide, build=lambda: Chatfield(plan, full=9, classes=3))


@pytest.mark.slow
@pytest.mark.parametrize("lrn", [RELEASED, (3.0, 1.0, 2e-3, 0.5)], ids=["released", "other"])
@pytest.mark.parametrize("name", PLANS)
def test_weights_from_a_matconvnet_file_give_what_matconvnet_computes(
    tmp_path: Path,
    name: str,
    lrn: tuple[float, ...],
    mean_image: NDArray[np.float32],
    write_simplenn: Callable[..., None],
) -> None:
    network, path = narrow_twin(name), tmp_path / "net.mat"
    torch.manual_seed(0)
    state = {key: 0.1 * torch.randn(value.shape) for key, value in network.outline().state_dict().items()}
    write_simplenn(path, state, mean_image, name, lrn)
    image = np.random.default_rng(2).uniform(-120, 120, (224, 224, 3)).astype(np.float32)

    loaded = weights.load(weights.Wanted(str(path)), network)
    parameters = parameters_of(path, (*SIDES[name], 3, 3, 3, 6, 1, 1))
    expected = forward(parameters, image.astype(float), name, lrn)

    assert loaded.has_head
    assert np.array_equal(loaded.mean.numpy(), mean_image.transpose(2, 0, 1))
    assert loaded.report["interpolation"] == "bicubic"
    shown = torch.from_numpy(image.transpose(2, 0, 1)[np.newaxis].copy())
    for layer in LAYERS:
        assert_same(value_of(network, loaded.model, layer, shown), expected[layer], layer)


@pytest.mark.slow
def test_the_full_network_computes_the_same() -> None:
    network = cnn_f()
    model = weights.load(weights.Wanted("random"), network).model
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
        assert_same(value_of(network, model, name, shown), expected[name], name)


WIDTHS = {"cnn-f": (54, 27, 13, 6), "cnn-m": (109, 54, 26, 13, 6), "cnn-s": (109, 37, 33, 17, 6)}


@pytest.mark.parametrize("make", [cnn_f, cnn_m, cnn_s])
def test_widths_of_the_maps(make: Callable[[], Network]) -> None:
    network = make()
    seen = [layer.shape[1] for layer in network.modules.values() if len(layer.shape) == 3]
    assert tuple(dict.fromkeys(seen)) == WIDTHS[network.name]


@pytest.mark.parametrize(
    ("make", "parameters"), [(cnn_f, 60_834_536), (cnn_m, 102_908_520), (cnn_s, 102_908_520)]
)
def test_number_of_parameters(make: Callable[[], Network], parameters: int) -> None:
    assert sum(value.numel() for value in make().outline().parameters()) == parameters


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
    shapes = {name: tuple(value_of(network, model, name, image).shape) for name in LAYERS}
    assert shapes["conv1"] == (1, 64, 54, 54)
    assert shapes["conv2"] == (1, 256, 27, 27)
    assert shapes["conv3"] == shapes["conv4"] == shapes["conv5"] == (1, 256, 13, 13)
    assert model.full6.in_features == 256 * 6 * 6
    assert shapes["full6"] == shapes["full7"] == (1, 4096)
    assert shapes["full8"] == (1, 1000)


def test_pooling_at_the_border_sees_the_last_row_and_column() -> None:
    maps = torch.zeros(1, 1, 54, 54)
    maps[0, 0, 53, 53] = 7
    out = Chatfield(FAST, full=1, classes=1).pool1(maps)
    assert out.shape == (1, 1, 27, 27)
    assert out[0, 0, 26, 26] == 7


@pytest.mark.usefixtures("one_thread")
def test_without_dropout_when_evaluated(narrow: Network) -> None:
    model = weights.load(weights.Wanted("random"), narrow).model
    image = torch.ones(1, 3, 224, 224)
    assert not model.training
    assert torch.equal(model(image), model(image))
