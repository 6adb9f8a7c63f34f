"""The small networks against passes in numpy by Keras' definitions; what a design changes, and nothing else."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import special, stats
from torch import nn

from radcompare import registry
from radcompare.cnn_settings import Design
from radcompare.deep import activations, weights
from radcompare.deep.activations import DeepExtractor
from radcompare.deep.networks import entry, load_network
from radcompare.deep.small_networks import (
    ACTIVATIONS,
    L2,
    Arch1,
    Arch2,
    Arch3,
    Cnn3d,
    Lstm,
    MnistContest,
    MnistSmall,
    initialise_design,
    penalised,
)
from radcompare.errors import ConfigError, WeightsError
from radcompare.imaging.region import Region
from radcompare.source_settings import DeepSource

Array = NDArray[np.float64]
MAKE: dict[str, Callable[..., nn.Module]] = {
    "arch1": Arch1,
    "arch2": Arch2,
    "arch3": Arch3,
    "mnist-small": MnistSmall,
    "mnist-contest": MnistContest,
    "cnn-3d": Cnn3d,
}
SHAPES = {
    "arch1": (3, 100, 100),
    "arch2": (3, 100, 100),
    "arch3": (3, 100, 100),
    "mnist-small": (1, 28, 28),
    "mnist-contest": (1, 28, 28),
    "cnn-3d": (1, 32, 32, 32),
}
UNITS = {name: 10 if name.startswith("mnist") else 1 for name in MAKE}
MAPS = {
    "arch1": (64, 64),
    "arch2": (64, 64),
    "arch3": (64, 64, 64),
    "mnist-small": (20,),
    "mnist-contest": (32, 64),
    "cnn-3d": (16, 32, 64),
}


def convolution(maps: Array, kernel: Array, bias: Array, padding: int = 0) -> Array:
    """Keras' Conv2D and Conv3D: maps *sides x input, kernel *sides x input x output, no flipping."""
    axes = tuple(range(maps.ndim - 1))
    maps = np.pad(maps, [(padding, padding)] * len(axes) + [(0, 0)])
    patches = sliding_window_view(maps, kernel.shape[:-2], axis=axes)
    inner = list(range(len(axes) + 1, 2 * len(axes) + 1))
    return np.tensordot(patches, kernel, axes=([*inner, len(axes)], range(len(axes) + 1))) + bias


def pooling(maps: Array, size: int) -> Array:
    """Keras' max-pooling with padding `valid`: what is left over at the end is not seen."""
    axes = tuple(range(maps.ndim - 1))
    windows = sliding_window_view(maps, [size] * len(axes), axis=axes)
    kept = windows[tuple(slice(None, None, size) for _ in axes)]
    return kept.max(axis=tuple(range(-len(axes), 0)))


def relu(values: Array) -> Array:
    return np.maximum(values, 0)


def leaky(values: Array) -> Array:
    return np.where(values > 0, values, 0.01 * values)


def lstm(values: Array, kernel: Array, recurrent: Array, bias: Array, activation: Any = relu) -> Array:
    """Keras' LSTM for a sequence of one: kernel inputs x 4 units in the order i, f, c, o; h and c begin at 0."""
    h = c = np.zeros(len(recurrent))
    z = values @ kernel + h @ recurrent + bias
    i, f, candidate, o = np.split(z, 4)
    c = special.expit(f) * c + special.expit(i) * activation(candidate)
    return special.expit(o) * activation(c)


Weights = Mapping[str, tuple[Array, ...]]


def two_convolutions(w: Weights, image: Array) -> Array:
    maps = pooling(leaky(convolution(image, *w["conv1"])), 3)
    return pooling(leaky(convolution(maps, *w["conv2"])), 3)


def dense(values: Array, kernel: Array, bias: Array) -> Array:
    return values @ kernel + bias


def arch1(w: Weights, image: Array) -> Array:
    units = relu(dense(two_convolutions(w, image).ravel(), *w["full1"]))
    return dense(relu(dense(units, *w["full2"])), *w["full3"])


def arch2(w: Weights, image: Array, activation: Any = relu) -> Array:
    units = relu(dense(two_convolutions(w, image).ravel(), *w["full1"]))
    return dense(lstm(units, *w["lstm"], activation), *w["full3"])


def arch3(w: Weights, image: Array) -> Array:
    maps = np.concatenate([pooling(image, 10), two_convolutions(w, image)], axis=-1)
    assert maps.shape == (10, 10, 67)
    return dense(pooling(relu(convolution(maps, *w["conv3"])), 2).ravel(), *w["full1"])


def mnist_small(w: Weights, image: Array) -> Array:
    maps = pooling(convolution(image, *w["conv1"]), 2)
    return dense(special.expit(dense(maps.ravel(), *w["full1"])), *w["full2"])


def mnist_contest(w: Weights, image: Array) -> Array:
    maps = pooling(relu(convolution(image, *w["conv1"], padding=2)), 2)
    maps = pooling(relu(convolution(maps, *w["conv2"], padding=2)), 2)
    return dense(relu(dense(maps.ravel(), *w["full1"])), *w["full2"])


def cnn_3d(w: Weights, image: Array) -> Array:
    maps = image
    for name in ("conv1", "conv2", "conv3"):
        maps = pooling(relu(convolution(maps, *w[name], padding=1)), 2)
    return dense(maps.mean(axis=(0, 1, 2)), *w["full1"])


FORWARD: dict[str, Callable[..., Array]] = {
    "arch1": arch1,
    "arch2": arch2,
    "arch3": arch3,
    "mnist-small": mnist_small,
    "mnist-contest": mnist_contest,
    "cnn-3d": cnn_3d,
}
LAST_MAPS = {"arch1": 64, "arch2": 64, "arch3": 64, "mnist-small": 20, "mnist-contest": 64, "cnn-3d": 64}


def in_keras_layout(model: nn.Module, name: str) -> dict[str, tuple[Array, ...]]:
    """Kernels with the output last; full1 counts the maps of a pixel before the next pixel."""
    found: dict[str, tuple[Array, ...]] = {}
    for layer, module in model.named_children():
        own = [value.detach().numpy() for value in module.parameters(recurse=False)]
        if layer == "lstm":
            kernel, recurrent, bias = own
            found[layer] = (kernel.T, recurrent.T, bias)
        elif isinstance(module, nn.Linear) and layer == "full1":
            maps = own[0].reshape(len(own[0]), LAST_MAPS[name], -1)
            found[layer] = (maps.transpose(2, 1, 0).reshape(-1, len(own[0])), own[1])
        elif own:
            found[layer] = (np.moveaxis(own[0], (0, 1), (-1, -2)), own[1])
    return found


def lively(name: str, **changed: Any) -> nn.Module:
    """A network in double precision with weights and biases that leave few units at zero."""
    model = MAKE[name](**changed).double().eval()
    generator = torch.Generator().manual_seed(4)
    for value in model.parameters():
        spread = 0.3 if value.ndim == 1 else 1.5 / math.sqrt(value[0].numel())
        value.data = spread * torch.randn(value.shape, generator=generator, dtype=torch.float64)
    return model


def images_for(name: str, count: int = 3) -> NDArray[np.float64]:
    return np.random.default_rng(8).uniform(0, 1, (count, *SHAPES[name]))


@pytest.mark.parametrize("name", MAKE)
def test_forward_pass_by_the_definitions_of_keras(name: str) -> None:
    model, images = lively(name), images_for(name)
    in_keras = in_keras_layout(model, name)
    expected = np.stack([FORWARD[name](in_keras, np.moveaxis(image, 0, -1)) for image in images])
    got = model(torch.from_numpy(images)).detach().numpy()
    assert got.shape == (3, UNITS[name])
    assert np.ptp(expected) > 1e-3
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-10 * np.abs(expected).max())
    in_single = model.float()(torch.from_numpy(images).float()).detach().numpy()
    np.testing.assert_allclose(in_single, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("activation", "function"), [("tanh", np.tanh), ("sigmoid", special.expit), ("leaky_relu", leaky)]
)
def test_the_lstms_candidate_and_output_are_activated_and_its_gates_stay_sigmoid(
    activation: str, function: Any
) -> None:
    cell = Lstm(5, 3, ACTIVATIONS[activation]()).double()
    generator = torch.Generator().manual_seed(2)
    for value in cell.parameters():
        value.data = torch.randn(value.shape, generator=generator, dtype=torch.float64)
    values = np.random.default_rng(1).normal(size=(4, 5))
    kernel, recurrent, bias = (value.detach().numpy().T for value in cell.parameters())
    expected = np.stack([lstm(row, kernel, recurrent, bias, function) for row in values])
    np.testing.assert_allclose(cell(torch.from_numpy(values)).detach(), expected, rtol=1e-12)


def test_the_lstm_is_torchs_with_tanh_and_its_two_biases_in_one() -> None:
    cell, theirs = Lstm(5, 3, nn.Tanh()).double(), nn.LSTMCell(5, 3).double()
    theirs.weight_ih.data, theirs.weight_hh.data = cell.kernel.data, cell.recurrent.data
    cell.bias.data = theirs.bias_ih.data + theirs.bias_hh.data
    values = torch.randn(4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    torch.testing.assert_close(cell(values), theirs(values)[0], rtol=1e-12, atol=1e-14)


def test_recurrent_weights_and_the_forget_gate_have_no_effect() -> None:
    model, images = lively("arch2"), torch.from_numpy(images_for("arch2"))
    before = model(images)
    before.sum().backward()
    assert not model.lstm.recurrent.grad.any()
    assert not model.lstm.bias.grad[8:16].any()
    assert model.lstm.kernel.grad.any()
    model.lstm.recurrent.data += 1
    model.lstm.bias.data[8:16] += 1
    assert torch.equal(model(images), before)


# SCIENCE section 3; cnn-3d by arithmetic: kernels of 27 places, and biases
PARAMETERS = {
    "arch1": 841_681,
    "arch2": 845_033,
    "arch3": 39_553,
    "mnist-small": 289_630,
    "mnist-contest": 3_274_634,
    "cnn-3d": (27 * 1 + 1) * 16 + (27 * 16 + 1) * 32 + (27 * 32 + 1) * 64 + 64 + 1,
}


@pytest.mark.parametrize("name", MAKE)
def test_number_of_parameters(name: str) -> None:
    assert sum(value.numel() for value in MAKE[name]().parameters()) == PARAMETERS[name]
    assert entry(load_network(name))["parameters"] == PARAMETERS[name]


def test_number_of_weights_of_mnist_small() -> None:
    weighted = sum(value.numel() for name, value in MnistSmall().named_parameters() if "bias" not in name)
    assert weighted == 289_630 - 20 - 100 - 10
    assert weighted + 20 == 289_520  # the published count has the biases of the convolution


def test_an_lstm_of_8_has_one_bias_vector() -> None:
    sizes = {name: tuple(value.shape) for name, value in Arch2().lstm.named_parameters()}
    assert sizes == {"kernel": (32, 128), "recurrent": (32, 8), "bias": (32,)}
    assert 4 * (8 * (128 + 8) + 8) == 845_033 - 841_681 + 1_032


CONVOLVED = {"conv1": (64, 96, 96), "conv1_pool": (64, 32, 32), "conv2": (64, 31, 31)}
SIZES: dict[str, dict[str, tuple[int, ...]]] = {
    "arch1": {**CONVOLVED, "conv2_pool": (64, 10, 10), "full1": (128,), "full2": (8,), "full3": (1,)},
    "arch2": {**CONVOLVED, "conv2_pool": (64, 10, 10), "full1": (128,), "lstm": (8,), "full3": (1,)},
    "arch3": {
        **CONVOLVED,
        "image_pool": (3, 10, 10),
        "conv2_pool": (64, 10, 10),
        "conv3": (64, 9, 9),
        "conv3_pool": (64, 4, 4),
        "full1": (1,),
    },
    "mnist-small": {"conv1": (20, 24, 24), "conv1_pool": (20, 12, 12), "full1": (100,), "full2": (10,)},
    "mnist-contest": {
        "conv1": (32, 28, 28),
        "conv1_pool": (32, 14, 14),
        "conv2": (64, 14, 14),
        "conv2_pool": (64, 7, 7),
        "full1": (1024,),
        "full2": (10,),
    },
    "cnn-3d": {
        "conv1": (16, 32, 32, 32),
        "conv2": (32, 16, 16, 16),
        "conv3": (64, 8, 8, 8),
        "conv3_pool": (64, 4, 4, 4),
        "pool": (64, 1, 1, 1),
        "full1": (1,),
    },
}


@pytest.mark.parametrize("name", MAKE)
def test_sizes_of_the_maps(name: str) -> None:
    found = load_network(name).modules
    assert {layer: found[layer].shape for layer in SIZES[name]} == SIZES[name]


RECTIFIED = {
    "arch1": {"conv1": "LeakyReLU", "conv2": "LeakyReLU", "full1": "ReLU", "full2": "ReLU", "full3": ""},
    "arch2": {"conv1": "LeakyReLU", "conv2": "LeakyReLU", "full1": "ReLU", "lstm": "", "full3": ""},
    "arch3": {"conv1": "LeakyReLU", "conv2": "LeakyReLU", "conv3": "ReLU", "full1": ""},
    "mnist-small": {"conv1": "", "full1": "Sigmoid", "full2": ""},
    "mnist-contest": {"conv1": "ReLU", "conv2": "ReLU", "full1": "ReLU", "full2": ""},
    "cnn-3d": {"conv1": "ReLU", "conv2": "ReLU", "conv3": "ReLU", "full1": ""},
}


@pytest.mark.parametrize("name", MAKE)
def test_layers_are_found_by_watching(name: str) -> None:
    network = load_network(name)
    assert network.input_shape == SHAPES[name]
    assert {layer: found.activation for layer, found in network.layers.items()} == RECTIFIED[name]
    weighted = [each for each, module in MAKE[name]().named_children() if list(module.parameters())]
    assert list(network.layers) == weighted
    head = weighted[-1]
    after = [each for each in network.modules if network.follows_head(network.layer(each))]
    assert (network.head_module, after) == (head, [head, "output"])


def leaves(model: nn.Module) -> dict[str, str]:
    return {
        name: repr(module) for name, module in model.named_modules() if name and not list(module.children())
    }


def changes(name: str, **settings: Any) -> dict[str, str]:
    """The modules that a design has and the published network has not."""
    published, made = leaves(MAKE[name]()), leaves(MAKE[name](design=Design(**settings)))
    assert [each for each in made if each in published] == list(published)
    return {each: found for each, found in made.items() if found != published.get(each)}


ACTIVATED = {
    "arch1": ["conv1_activation", "conv2_activation", "full1_activation", "full2_activation"],
    "arch2": ["conv1_activation", "conv2_activation", "full1_activation", "lstm.activation"],
    "arch3": ["conv1_activation", "conv2_activation", "conv3_activation"],
    "mnist-small": ["full1_activation"],
    "mnist-contest": ["conv1_activation", "conv2_activation", "full1_activation"],
    "cnn-3d": ["conv1_activation", "conv2_activation", "conv3_activation"],
}
TORCHS = {
    "relu": "ReLU()",
    "leaky_relu": "LeakyReLU(negative_slope=0.01)",
    "elu": "ELU(alpha=1.0)",
    "selu": "SELU()",
    "gelu": "GELU(approximate='none')",
    "silu": "SiLU()",
    "tanh": "Tanh()",
    "sigmoid": "Sigmoid()",
}


@pytest.mark.parametrize("activation", TORCHS)
@pytest.mark.parametrize("name", MAKE)
def test_a_design_changes_the_activations(name: str, activation: str) -> None:
    made, published = leaves(MAKE[name](design=Design(activation=activation))), leaves(MAKE[name]())
    assert [each for each in made if each.endswith("activation")] == ACTIVATED[name]
    assert {made[each] for each in ACTIVATED[name]} == {TORCHS[activation]}
    assert {each: made[each] for each in made if each not in ACTIVATED[name]} == {
        each: published[each] for each in published if each not in ACTIVATED[name]
    }


def test_every_activation_of_the_settings_is_there() -> None:
    assert ACTIVATIONS.keys() == TORCHS.keys()


DROPPED = {
    "arch1": {"conv2_dropout": 0.1, "full2_dropout": 0.25},
    "arch2": {"conv2_dropout": 0.1, "lstm_dropout": 0.25},
    "arch3": {"conv2_dropout": 0.1, "image_dropout": 0.1, "conv3_dropout": 0.1},
    "mnist-small": {"full1_dropout": 0.0},
    "mnist-contest": {"full1_dropout": 0.5},
    "cnn-3d": {"dropout": 0.2},
}


@pytest.mark.parametrize("name", MAKE)
def test_a_design_changes_the_dropout(name: str) -> None:
    published = {
        each: found.p for each, found in MAKE[name]().named_modules() if isinstance(found, nn.Dropout)
    }
    assert published == DROPPED[name]
    assert changes(name, dropout=0.3) == dict.fromkeys(DROPPED[name], "Dropout(p=0.3, inplace=False)")
    assert changes(name, dropout=0.0).keys() == {each for each, rate in published.items() if rate}


@pytest.mark.parametrize(
    ("normalisation", "flat", "solid"),
    [("batch", "BatchNorm2d", "BatchNorm3d"), ("layer", "GroupNorm", "GroupNorm")],
)
@pytest.mark.parametrize("name", MAKE)
def test_a_design_normalises_behind_every_convolution(
    name: str, normalisation: str, flat: str, solid: str
) -> None:
    model = MAKE[name](design=Design(normalisation=normalisation))
    kind = solid if name == "cnn-3d" else flat
    added = changes(name, normalisation=normalisation)
    assert list(added) == [f"conv{number}_norm" for number in range(1, len(MAPS[name]) + 1)]
    assert all(each.startswith(f"{kind}(") for each in added.values())
    names = [each for each, _ in model.named_children()]
    assert all(names[names.index(each) - 1] == each.removesuffix("_norm") for each in added)
    assert sum(value.numel() for value in model.parameters()) == PARAMETERS[name] + 2 * sum(MAPS[name])


@pytest.mark.parametrize(("normalisation", "axes"), [("batch", (0, 2, 3)), ("layer", (1, 2, 3))])
def test_maps_are_normalised_over_a_batch_or_over_an_image(normalisation: str, axes: tuple[int, ...]) -> None:
    model = lively("arch1", design=Design(normalisation=normalisation)).train()
    nn.init.ones_(model.conv1_norm.weight)
    nn.init.zeros_(model.conv1_norm.bias)
    maps = model.conv1_norm(model.conv1(torch.from_numpy(images_for("arch1"))))
    torch.testing.assert_close(maps.mean(axes), torch.zeros_like(maps.mean(axes)), rtol=0, atol=1e-10)
    spread = maps.std(axes, correction=0)
    torch.testing.assert_close(spread, torch.ones_like(spread), rtol=1e-3, atol=0)


@pytest.mark.parametrize("setting", [{"initialisation": "he"}, {"l1": 0.1}, {"l2": 0.1}])
@pytest.mark.parametrize("name", MAKE)
def test_other_settings_of_a_design_leave_the_modules_alone(name: str, setting: dict[str, Any]) -> None:
    assert changes(name, **setting) == {}


def initialised(name: str, seed: int = 7, **settings: Any) -> nn.Module:
    design = Design(**settings)
    model = MAKE[name](design=design)
    initialise_design(model, design, seed)
    return model


def kernels(model: nn.Module) -> dict[str, NDArray[np.float64]]:
    """What is neither a bias nor of a normalisation, outputs first, the rest in a row."""
    return {
        name: value.detach().double().flatten(1).numpy()
        for name, value in model.named_parameters()
        if value.ndim > 1
    }


def fans(model: nn.Module, name: str) -> tuple[int, int]:
    """Inputs and outputs of a unit as Keras counts them."""
    shape = model.get_parameter(name).shape
    places = math.prod(shape[2:])
    return shape[1] * places, shape[0] * places


@pytest.mark.parametrize("initialisation", ["glorot", "he", "orthogonal", "normal"])
@pytest.mark.parametrize("name", ["arch2", "cnn-3d"])
def test_biases_are_zero_and_normalisation_does_nothing(name: str, initialisation: str) -> None:
    design = Design(initialisation=initialisation, normalisation="batch")
    model = MAKE[name](design=design)
    for value in [*model.parameters(), *model.buffers()]:
        value.data.fill_(9)
    initialise_design(model, design, 7)
    for each, value in model.state_dict().items():
        if each.endswith(("bias", "mean", "tracked")):
            assert not value.any(), each
        elif "norm" in each:
            assert (value == 1).all(), each
        else:
            assert len(value.unique()) > 1, each


def pooled(name: str, initialisation: str) -> dict[str, NDArray[np.float64]]:
    """Weights of every layer from five seeds, as one seed may be far out: at most 4000 of each."""
    drawn = [kernels(initialised(name, seed, initialisation=initialisation)) for seed in range(5)]
    return {layer: np.concatenate([each[layer].ravel()[:4000] for each in drawn]) for layer in drawn[0]}


@pytest.mark.parametrize("name", MAKE)
def test_glorot_is_uniform_within_its_bounds(name: str) -> None:
    model = MAKE[name]()
    for layer, values in pooled(name, "glorot").items():
        limit = math.sqrt(6 / sum(fans(model, layer)))
        assert np.abs(values).max() <= limit * (1 + 1e-6), layer
        assert stats.kstest(values, "uniform", (-limit, 2 * limit)).pvalue > 1e-3, layer


def test_glorot_counts_the_places_of_a_kernel_and_the_gates_of_an_lstm() -> None:
    found = {name: fans(Arch2(), name) for name in ("conv1.weight", "full1.weight", "lstm.kernel")}
    assert found == {
        "conv1.weight": (3 * 25, 64 * 25),
        "full1.weight": (6400, 128),
        "lstm.kernel": (128, 4 * 8),
    }


@pytest.mark.parametrize("name", MAKE)
def test_he_is_normal_within_two_of_its_deviations(name: str) -> None:
    model, wanted = MAKE[name](), stats.truncnorm(-2, 2)
    for layer, values in pooled(name, "he").items():
        scale = math.sqrt(2 / fans(model, layer)[0]) / wanted.std()
        assert np.abs(values).max() <= 2 * scale * (1 + 1e-6), layer
        assert stats.kstest(values / scale, wanted.cdf).pvalue > 1e-3, layer


def test_he_has_a_variance_of_two_by_the_inputs() -> None:
    values = kernels(initialised("mnist-contest", initialisation="he"))["full1.weight"]
    assert values.var() == pytest.approx(2 / 3136, rel=0.01)


@pytest.mark.parametrize("name", MAKE)
def test_normal_has_a_deviation_of_a_twentieth(name: str) -> None:
    for layer, values in pooled(name, "normal").items():
        assert stats.kstest(values / 0.05, "norm").pvalue > 1e-3, layer


@pytest.mark.slow
@pytest.mark.parametrize("name", MAKE)
def test_orthogonal_kernels_have_orthogonal_rows_or_columns(name: str) -> None:
    for layer, values in kernels(initialised(name, initialisation="orthogonal")).items():
        rows, columns = values.shape
        product = values @ values.T if rows <= columns else values.T @ values
        np.testing.assert_allclose(product, np.eye(min(rows, columns)), atol=1e-6, err_msg=layer)


def test_orthogonal_directions_are_those_of_gram_and_schmidt() -> None:
    # the triangle has a positive diagonal, as Cholesky's has: without that, directions are not uniform
    drawn = np.random.default_rng(7).standard_normal((3 * 25, 64))
    triangle = np.linalg.cholesky(drawn.T @ drawn).T
    expected = np.linalg.solve(triangle.T, drawn.T)
    found = kernels(initialised("arch1", initialisation="orthogonal"))["conv1.weight"]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_numbers_come_from_numpys_generator_in_the_order_of_the_modules() -> None:
    generator = np.random.default_rng(7)
    model = initialised("arch2", initialisation="normal", normalisation="batch")
    names = ["conv1.weight", "conv2.weight", "full1.weight", "lstm.kernel", "lstm.recurrent", "full3.weight"]
    assert list(kernels(model)) == names
    for name in names:
        expected = 0.05 * generator.standard_normal(tuple(model.get_parameter(name).shape))
        assert np.array_equal(model.get_parameter(name).detach().numpy(), expected.astype(np.float32)), name


@pytest.mark.parametrize("initialisation", ["glorot", "he", "orthogonal", "normal"])
@pytest.mark.parametrize("name", ["arch2", "arch3", "mnist-small", "cnn-3d"])
def test_a_seed_gives_the_same_bytes_and_another_seed_others(name: str, initialisation: str) -> None:
    once, again, other = (
        initialised(name, seed, initialisation=initialisation).state_dict() for seed in (1, 1, 2)
    )
    assert all(torch.equal(once[each], again[each]) for each in once)
    assert all(not torch.equal(once[each], other[each]) for each in once if "bias" not in each)


def test_global_random_states_are_untouched() -> None:
    model = Arch3()
    in_torch, in_numpy = torch.random.get_rng_state(), np.random.get_state()[1].copy()
    for initialisation in ("glorot", "he", "orthogonal", "normal"):
        initialise_design(model, Design(initialisation=initialisation), 1)
    assert torch.equal(torch.random.get_rng_state(), in_torch)
    assert np.array_equal(np.random.get_state()[1], in_numpy)


def test_layers_of_equal_designs_begin_equal_with_and_without_normalisation() -> None:
    plain, normalised = initialised("arch1"), initialised("arch1", normalisation="layer")
    assert all(torch.equal(value, normalised.get_parameter(name)) for name, value in plain.named_parameters())


@pytest.mark.parametrize("units", [1, 2])
@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("name", MAKE)
def test_logits_of_other_channels_and_outputs(name: str, channels: int, units: int) -> None:
    model = MAKE[name](channels=channels, side=40, units=units).eval()
    sides = [40] * (len(SHAPES[name]) - 1)
    assert model(torch.rand(2, channels, *sides)).shape == (2, units)


@pytest.mark.slow
@pytest.mark.parametrize("side", [50, 64, 79, 89, 101, 224])
@pytest.mark.parametrize("name", [each for each in MAKE if each != "cnn-3d"])
def test_logits_of_other_sides(name: str, side: int) -> None:
    model = MAKE[name](side=side).eval()
    assert model(torch.rand(2, SHAPES[name][0], side, side)).shape == (2, UNITS[name])


SMALLEST = {"arch1": 16, "arch2": 16, "arch3": 34, "mnist-small": 6, "mnist-contest": 4, "cnn-3d": 8}


@pytest.mark.parametrize("name", MAKE)
def test_the_smallest_side(name: str) -> None:
    model = MAKE[name](side=SMALLEST[name]).eval()
    shape = (SHAPES[name][0], *[SMALLEST[name]] * (len(SHAPES[name]) - 1))
    assert model(torch.rand(1, *shape)).shape == (1, UNITS[name])
    for side in (SMALLEST[name] - 1, 1):
        with pytest.raises(ConfigError, match=f"{name}: of an input {side} pixels wide nothing is left"):
            MAKE[name](side=side)


def test_the_image_of_arch3_is_pooled_by_ten_wherever_that_fits() -> None:
    pools = {side: type(Arch3(side=side).image_pool) for side in (64, 79, 100, 224)}
    fixed, even = nn.MaxPool2d, nn.AdaptiveMaxPool2d
    assert pools == {64: fixed, 79: even, 100: fixed, 224: even}
    image = torch.rand(1, 3, 100, 100)
    assert torch.equal(even(10)(image), Arch3().image_pool(image))


def test_the_image_comes_before_the_convolved_maps() -> None:
    seen: list[torch.Tensor] = []
    model, image = lively("arch3"), torch.from_numpy(images_for("arch3", 1))
    model.conv3.register_forward_hook(lambda _module, taken, _answer: seen.append(taken[0]))
    model(image)
    assert torch.equal(seen[0][:, :3], nn.functional.max_pool2d(image, 10))


@pytest.mark.parametrize("name", MAKE)
def test_every_weight_learns(name: str) -> None:
    model = initialised(name).train()
    images = torch.rand(4, *SHAPES[name], generator=torch.Generator().manual_seed(5))
    torch.manual_seed(0)
    model(images).square().sum().backward()
    still = {each for each, value in model.named_parameters() if not value.grad.any()}
    assert still == ({"lstm.recurrent"} if name == "arch2" else set())


def test_what_is_penalised() -> None:
    models = {name: make() for name, make in MAKE.items()}
    assert penalised(models["arch1"]) is models["arch1"].full2
    assert penalised(models["arch2"]) is models["arch2"].lstm
    assert penalised(models["arch3"]) is models["arch3"].conv3
    assert all(penalised(models[name]) is None for name in ("mnist-small", "mnist-contest", "cnn-3d"))
    assert penalised(nn.Linear(1, 1)) is None
    assert L2 == 0.01


@pytest.mark.parametrize("name", MAKE)
def test_on_the_menu(name: str) -> None:
    network = load_network(name)
    assert name in registry.names("network")
    assert (network.name, network.scale, set(network.mean), set(network.std)) == (name, 1.0, {0.0}, {1.0})
    assert len(network.mean) == len(network.std) == network.channels == SHAPES[name][0]
    assert network.tailored is not None
    tailored = network.tailored(design=Design(dropout=0.5), channels=2, side=48, units=2)
    assert tailored(torch.rand(2, 2, *[48] * network.dimensions)).shape == (2, 2)
    with pytest.raises(WeightsError) as caught:
        weights.stamp(weights.Wanted("imagenet"), network)
    assert f"radcompare train --network {name}" in (caught.value.hint or "")


def test_other_networks_are_as_they_are() -> None:
    assert load_network("cnn-f").tailored is None


@pytest.mark.parametrize("name", MAKE)
def test_features_of_an_untrained_one(region: Region, name: str) -> None:
    activations._kept.clear()
    settings = {"network": name, "weights": "random", "layer": "full1", "relu": "both"}
    if name == "cnn-3d":
        settings["region"] = "volume"
    extractor = DeepExtractor(DeepSource(**settings))
    values = extractor.extract(region)
    wide = SIZES[name]["full1"][0]
    assert len(values) == 2 * wide
    assert all(map(np.isfinite, values.values()))
    assert next(iter(values)) == f"deep_{name}_full1_pre_0000"
    pre, post = np.array(list(values.values())).reshape(2, wide)
    assert np.array_equal(pre, post) == (not RECTIFIED[name]["full1"])
    assert extractor.weights_stamp == "untrained (random, seed 1)"
