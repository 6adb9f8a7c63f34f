"""Small networks that are trained from nothing: the lecture's three, two for digits, and one for volumes.

They answer logits: the sigmoid or softmax is left to the loss. Layers with weights are called `conv1`, `full1`, ...;
what belongs to one bears its name: `conv1_activation`, `conv1_pool`. `Design` changes what was published.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from torch import Tensor, nn
from torch.nn import functional

from radcompare.cnn_settings import Activation, Design
from radcompare.deep.initialisation import CONVOLUTIONS, NORMALISATIONS
from radcompare.deep.networks import Network
from radcompare.errors import ConfigError

L2 = 0.01
"""The publication's penalty on the squared weights of the layer that `penalised` gives."""

PUBLISHED = Design()
"""Nothing changed."""

ACTIVATIONS: dict[Activation, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}
"""Torch's modules; the slope of LeakyReLU is 0.01."""

Parts = Mapping[str, nn.Module]


class Chain(nn.Module):
    """Modules under names of their own, each of which takes what the one before it answers.

    Args:
        parts: modules by name, in the order in which they run.
    """

    def __init__(self, *parts: Parts) -> None:
        super().__init__()
        for name, module in (item for part in parts for item in part.items()):
            self.add_module(name, module)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of a batch of images, (n, units)."""
        return self._through(self._modules, images)

    def _through(self, names: Iterable[str], values: Tensor) -> Tensor:
        for name in names:
            values = self.get_submodule(name)(values)
        return values


class Lstm(nn.Module):
    """One step of a long short-term memory from a state of zero, with one bias vector, as in Keras.

    The rows of the weights are those of the gates input and forget, of the candidate, and of the gate output. With a
    state of zero neither the recurrent weights nor the forget gate have an effect; they are there and are counted.

    Args:
        inputs: number of values that it takes.
        units: number of values that it answers.
        activation: of the candidate and of the output; the gates have a sigmoid.
    """

    def __init__(self, inputs: int, units: int, activation: nn.Module) -> None:
        super().__init__()
        self.kernel = nn.Parameter(torch.empty(4 * units, inputs))
        self.recurrent = nn.Parameter(torch.empty(4 * units, units))
        self.bias = nn.Parameter(torch.empty(4 * units))
        self.activation = activation
        nn.init.xavier_uniform_(self.kernel)
        nn.init.xavier_uniform_(self.recurrent)
        nn.init.zeros_(self.bias)

    def forward(self, values: Tensor) -> Tensor:
        """The output after one step, (n, units)."""
        state = values.new_zeros(len(values), self.recurrent.shape[1])
        gates = functional.linear(values, self.kernel, self.bias) + functional.linear(state, self.recurrent)
        entry, forget, candidate, exit_ = gates.chunk(4, dim=1)
        cell = torch.sigmoid(forget) * state + torch.sigmoid(entry) * self.activation(candidate)
        output: Tensor = torch.sigmoid(exit_) * self.activation(cell)
        return output


class Arch1(Chain):
    """The lecture's first network: two convolutions and three fully connected layers; 841,681 parameters.

    Args:
        design: what is changed of it.
        channels: of an image.
        side: of an image in pixels.
        units: of the output.

    Raises:
        ConfigError: images of that side are too small.
    """

    def __init__(
        self, *, design: Design = PUBLISHED, channels: int = 3, side: int = 100, units: int = 1
    ) -> None:
        super().__init__(
            _two_convolutions(channels, design),
            _first_full(side, design, "arch1"),
            _hidden("full2", nn.Linear(128, 8), "relu", design),
            {"full2_dropout": _dropout(0.25, design), "full3": nn.Linear(8, units)},
        )


class Arch2(Chain):
    """The lecture's second network: as the first, with an LSTM in place of full2; 845,033 parameters.

    `design.activation` is also that of the LSTM's candidate and output.

    Args:
        design: what is changed of it.
        channels: of an image.
        side: of an image in pixels.
        units: of the output.

    Raises:
        ConfigError: images of that side are too small.
    """

    def __init__(
        self, *, design: Design = PUBLISHED, channels: int = 3, side: int = 100, units: int = 1
    ) -> None:
        super().__init__(
            _two_convolutions(channels, design),
            _first_full(side, design, "arch2"),
            {
                "lstm": Lstm(128, 8, _activation("relu", design)),
                "lstm_dropout": _dropout(0.25, design),
                "full3": nn.Linear(8, units),
            },
        )


class Arch3(Chain):
    """The lecture's third network: the image itself beside its convolutions; 39,553 parameters.

    The image is pooled 10/10 to the width of the convolved maps, before which it comes. Where pooling by 10 does not
    give their width (it does for a side of 100), windows are as even as can be [D].

    Args:
        design: what is changed of it.
        channels: of an image.
        side: of an image in pixels.
        units: of the output.

    Raises:
        ConfigError: images of that side are too small.
    """

    def __init__(
        self, *, design: Design = PUBLISHED, channels: int = 3, side: int = 100, units: int = 1
    ) -> None:
        width = _convolved_width(side)
        last = _wide_enough((width - 1) // 2, side, "arch3")
        right = _two_convolutions(channels, design)
        left = {"image_pool": _pool_to(width, side), "image_dropout": _dropout(0.1, design)}
        third = nn.Conv2d(channels + 64, 64, 2)
        joined = {
            **_convolution("conv3", third, nn.MaxPool2d(2), "relu", design),
            "conv3_dropout": _dropout(0.1, design),
            "flatten": nn.Flatten(),
            "full1": nn.Linear(64 * last**2, units),
        }
        super().__init__(right, left, joined)
        self._right, self._left, self._joined = tuple(right), tuple(left), tuple(joined)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of a batch of images, (n, units)."""
        right, left = self._through(self._right, images), self._through(self._left, images)
        return self._through(self._joined, torch.cat([left, right], dim=1))


class MnistSmall(Chain):
    """The small network for digits: 20 maps, 100 sigmoid units, 10 outputs; 289,630 parameters.

    No activation of the convolution is published, so there is none, and none to change. Neither is a dropout: that
    behind full1 has the rate 0 unless the design gives another [D].

    Args:
        design: what is changed of it.
        channels: of an image.
        side: of an image in pixels.
        units: of the output.

    Raises:
        ConfigError: images of that side are too small.
    """

    def __init__(
        self, *, design: Design = PUBLISHED, channels: int = 1, side: int = 28, units: int = 10
    ) -> None:
        width = _wide_enough((side - 4) // 2, side, "mnist-small")
        super().__init__(
            _convolution("conv1", nn.Conv2d(channels, 20, 5), nn.MaxPool2d(2), None, design),
            {"flatten": nn.Flatten()},
            _hidden("full1", nn.Linear(20 * width**2, 100), "sigmoid", design),
            {"full1_dropout": _dropout(0.0, design), "full2": nn.Linear(100, units)},
        )


class MnistContest(Chain):
    """The contest's network for digits: 32 and 64 maps, 1024 units, 10 outputs; 3,274,634 parameters.

    Args:
        design: what is changed of it.
        channels: of an image.
        side: of an image in pixels.
        units: of the output.

    Raises:
        ConfigError: images of that side are too small.
    """

    def __init__(
        self, *, design: Design = PUBLISHED, channels: int = 1, side: int = 28, units: int = 10
    ) -> None:
        width = _wide_enough(side // 4, side, "mnist-contest")
        first, second = nn.Conv2d(channels, 32, 5, padding=2), nn.Conv2d(32, 64, 5, padding=2)
        super().__init__(
            _convolution("conv1", first, nn.MaxPool2d(2), "relu", design),
            _convolution("conv2", second, nn.MaxPool2d(2), "relu", design),
            {"flatten": nn.Flatten()},
            _hidden("full1", nn.Linear(64 * width**2, 1024), "relu", design),
            {"full1_dropout": _dropout(0.5, design), "full2": nn.Linear(1024, units)},
        )


class Cnn3d(Chain):
    """A network for volumes, of our own making [D]: three convolutions and the mean of every map.

    Args:
        design: what is changed of it.
        channels: of a volume.
        side: of a volume in voxels.
        units: of the output.

    Raises:
        ConfigError: volumes of that side are too small.
    """

    def __init__(
        self, *, design: Design = PUBLISHED, channels: int = 1, side: int = 32, units: int = 1
    ) -> None:
        _wide_enough(side // 8, side, "cnn-3d")
        maps = (channels, 16, 32, 64)
        layers = [nn.Conv3d(before, after, 3, padding=1) for before, after in pairwise(maps)]
        super().__init__(
            *(
                _convolution(f"conv{number}", layer, nn.MaxPool3d(2), "relu", design)
                for number, layer in enumerate(layers, start=1)
            ),
            {"pool": nn.AdaptiveAvgPool3d(1), "flatten": nn.Flatten(), "dropout": _dropout(0.2, design)},
            {"full1": nn.Linear(64, units)},
        )


@dataclass(frozen=True)
class _Plan:
    """What the menu says of one: `make` builds it, `shape` is its input, `layers` have weights, the last the head."""

    make: Callable[..., nn.Module]
    shape: tuple[int, ...]
    layers: tuple[str, ...]


PLANS = {
    "arch1": _Plan(Arch1, (3, 100, 100), ("conv1", "conv2", "full1", "full2", "full3")),
    "arch2": _Plan(Arch2, (3, 100, 100), ("conv1", "conv2", "full1", "lstm", "full3")),
    "arch3": _Plan(Arch3, (3, 100, 100), ("conv1", "conv2", "conv3", "full1")),
    "mnist-small": _Plan(MnistSmall, (1, 28, 28), ("conv1", "full1", "full2")),
    "mnist-contest": _Plan(MnistContest, (1, 28, 28), ("conv1", "conv2", "full1", "full2")),
    "cnn-3d": _Plan(Cnn3d, (1, 32, 32, 32), ("conv1", "conv2", "conv3", "full1")),
}


def small_network(name: str) -> Network:
    """A small network, to be trained on the cohort itself; pictures in [0, 1] are seen as they are.

    Args:
        name: arch1, arch2, arch3, mnist-small, mnist-contest or cnn-3d.
    """
    plan = PLANS[name]
    channels, side = plan.shape[0], plan.shape[-1]
    return Network(
        name,
        build=plan.make,
        aliases={layer: layer for layer in plan.layers},
        head=plan.layers[-1],
        mean=(0.0,) * channels,
        std=(1.0,) * channels,
        published_weights=f"nobody has published any: radcompare train --network {name} makes some",
        input_size=side,
        dimensions=len(plan.shape) - 1,
        channels=channels,
        tailored=plan.make,
    )


def fitted_out(network: Network, saved: Mapping[str, Any]) -> Network:
    """A small network in another design, for other images.

    With normalisation, a convolution counts behind it, where its activation is.

    Args:
        network: of this module.
        saved: `design` (a `Design` or its settings), `side`, `channels`, `units`; as published where absent.
    """
    assert network.tailored is not None
    given = saved.get("design", PUBLISHED)
    design = given if isinstance(given, Design) else Design(**given)
    side, channels = int(saved.get("side", network.input_size)), int(saved.get("channels", network.channels))
    more = {"units": int(saved["units"])} if "units" in saved else {}
    aliases = dict(network.aliases)
    if design.normalisation != "none":
        aliases |= {name: f"{name}_norm" for name in aliases if name.startswith("conv")}
    build = partial(network.tailored, design=design, channels=channels, side=side, **more)
    return replace(network, build=build, input_size=side, channels=channels, aliases=aliases)


def penalised(model: nn.Module) -> nn.Module | None:
    """The layer on whose weights the publication has its L2 of 0.01; None where it has none.

    The sources name the penalty between two layers and not the weights that it is on. We decide [D]: full2 in arch1,
    the LSTM in its place in arch2 (the weights of its input), and conv3 in arch3.
    """
    names: dict[type[nn.Module], str] = {Arch1: "full2", Arch2: "lstm", Arch3: "conv3"}
    name = names.get(type(model))
    return None if name is None else model.get_submodule(name)


def initialise_design(model: nn.Module, design: Design, seed: int) -> None:
    """Fill a small network with the random weights of its design, in place.

    Weights of convolutions, fully connected layers and the LSTM are drawn as in Keras: `glorot` uniformly within
    sqrt(6 / (inputs + outputs)), `he` from a normal distribution with variance 2 / inputs that ends at two of its
    standard deviations, `orthogonal` by a QR decomposition, `normal` with a standard deviation of 0.05. Inputs and
    outputs of a convolution count every place of its kernel. Biases are 0, those of the forget gate too, which has
    no effect; normalisation does nothing. The numbers come from numpy's PCG64 in the order of the modules, so they
    depend on the seed alone, and of `orthogonal` on the rounding of LAPACK.

    Args:
        model: a small network in float32 on the CPU.
        design: names the distribution.
        seed: of the random numbers.
    """
    generator, draw = np.random.default_rng(seed), _DISTRIBUTIONS[design.initialisation]
    for module in model.modules():
        if isinstance(module, NORMALISATIONS):
            module.reset_parameters()
        elif isinstance(module, (*CONVOLUTIONS, nn.Linear, Lstm)):
            for weight in _weights(module):
                _fill(weight, draw(tuple(weight.shape), generator))
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def _weights(module: nn.Module) -> list[Tensor]:
    """All but biases."""
    return [values for name, values in module.named_parameters(recurse=False) if name != "bias"]


def _fill(weight: Tensor, values: NDArray[np.floating]) -> None:
    with torch.no_grad():
        weight.copy_(torch.from_numpy(values))


def _glorot(shape: tuple[int, ...], generator: Generator) -> NDArray[np.floating]:
    limit = math.sqrt(6 / (math.prod(shape[1:]) + shape[0] * math.prod(shape[2:])))
    return generator.uniform(-limit, limit, shape)


def _he(shape: tuple[int, ...], generator: Generator) -> NDArray[np.floating]:
    values = generator.standard_normal(shape)
    while (beyond := np.abs(values) > 2).any():
        values[beyond] = generator.standard_normal(np.count_nonzero(beyond))
    return values * math.sqrt(2 / math.prod(shape[1:])) / _SD_WITHIN_TWO


def _orthogonal(shape: tuple[int, ...], generator: Generator) -> NDArray[np.floating]:
    """Rows, or where there are more of them than inputs, columns, of length 1 at right angles."""
    rows, columns = shape[0], math.prod(shape[1:])
    tall = generator.standard_normal((max(rows, columns), min(rows, columns)))
    with threadpool_limits(limits=1, user_api="blas"):  # however many threads, it rounds in one way
        directions, triangle = np.linalg.qr(tall)
    directions *= np.sign(np.diag(triangle))  # without which the directions would not be uniform
    return np.ascontiguousarray(directions if rows >= columns else directions.T).reshape(shape)


def _normal(shape: tuple[int, ...], generator: Generator) -> NDArray[np.floating]:
    return 0.05 * generator.standard_normal(shape)


_SD_WITHIN_TWO = 0.87962566103423978
"""Standard deviation of a standard normal variable that is drawn again where it is beyond 2."""
_DISTRIBUTIONS = {"glorot": _glorot, "he": _he, "orthogonal": _orthogonal, "normal": _normal}


def _two_convolutions(channels: int, design: Design) -> Parts:
    """What arch1, arch2 and arch3 see an image with."""
    first, second = nn.Conv2d(channels, 64, 5), nn.Conv2d(64, 64, 2)
    return {
        **_convolution("conv1", first, nn.MaxPool2d(3), "leaky_relu", design),
        **_convolution("conv2", second, nn.MaxPool2d(3), "leaky_relu", design),
        "conv2_dropout": _dropout(0.1, design),
    }


def _convolved_width(side: int) -> int:
    """Width of the maps of `_two_convolutions`."""
    return ((side - 4) // 3 - 1) // 3


def _first_full(side: int, design: Design, network: str) -> Parts:
    width = _wide_enough(_convolved_width(side), side, network)
    return {
        "flatten": nn.Flatten(),
        **_hidden("full1", nn.Linear(64 * width**2, 128), "relu", design),
    }


def _wide_enough(width: int, side: int, network: str) -> int:
    """The width of the last maps, if there are any."""
    if width < 1:
        raise ConfigError(
            f"{network}: of an input {side} pixels wide nothing is left after pooling",
            "give a larger input_size",
        )
    return width


def _pool_to(width: int, side: int) -> nn.Module:
    return nn.MaxPool2d(10) if side // 10 == width else nn.AdaptiveMaxPool2d(width)


def _convolution(
    name: str,
    convolution: nn.Conv2d | nn.Conv3d,
    pool: nn.Module,
    activation: Activation | None,
    design: Design,
) -> Parts:
    """A convolution, and behind it normalisation if the design has any, the activation if it has one, and pooling."""
    parts: dict[str, nn.Module] = {name: convolution}
    if design.normalisation != "none":
        parts[f"{name}_norm"] = _normalisation(convolution, design)
    if activation is not None:
        parts[f"{name}_activation"] = _activation(activation, design)
    return {**parts, f"{name}_pool": pool}


def _hidden(name: str, layer: nn.Linear, activation: Activation, design: Design) -> Parts:
    return {name: layer, f"{name}_activation": _activation(activation, design)}


def _activation(published: Activation, design: Design) -> nn.Module:
    return ACTIVATIONS[design.activation or published]()


def _dropout(published: float, design: Design) -> nn.Module:
    return nn.Dropout(published if design.dropout is None else design.dropout)


def _normalisation(convolution: nn.Conv2d | nn.Conv3d, design: Design) -> nn.Module:
    maps = convolution.out_channels
    if design.normalisation == "layer":
        return nn.GroupNorm(1, maps)
    return nn.BatchNorm2d(maps) if isinstance(convolution, nn.Conv2d) else nn.BatchNorm3d(maps)
