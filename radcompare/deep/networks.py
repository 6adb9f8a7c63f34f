"""What a network is to radcompare: how to build it, what it wants to see, and which layers can be read.

Everything here answers without weights: networks are built on torch's "meta" device, where tensors have
shapes but no values.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypedDict

import torch
from torch import nn

from radcompare import registry
from radcompare.errors import UnknownNameError

IMAGENET_MEAN = (0.485, 0.456, 0.406)
"""Mean of the ImageNet training images, red, green, blue, where white is 1 (torchvision's convention)."""

IMAGENET_STD = (0.229, 0.224, 0.225)
"""Standard deviation of the same, in the same unit."""


@dataclass(frozen=True)
class Layer:
    """Where the value of a layer before its ReLU is found, and whether it has one.

    Attributes:
        module: dotted name of the torch module to watch.
        rectified: a ReLU follows; without one, `pre` and `post` are the same value.
        at_input: the value is what enters the module instead of what leaves it. If the module runs several
            times in one pass, the last time counts: the ReLU that a residual block uses again and again.
    """

    module: str
    rectified: bool = True
    at_input: bool = False


@dataclass(frozen=True)
class Network:
    """A network on the menu.

    An input is a picture with values in [0, 1]; the network sees `(scale * picture - mean) / std` per channel.

    Attributes:
        name: as in the registry.
        build: makes the module, on torch's current default device, with whatever values torch puts there.
        layers: our layer names, from input to output.
        head: dotted name of the classification layer, which a fine-tuned file may have in another shape.
        scale: what white is to the network, 1 or 255.
        mean: per channel (red, green, blue), in units of `scale`.
        std: per channel, in units of `scale`.
        torchvision_weights: torchvision's name of the published ImageNet weights, if it has them.
        published_weights: what a user can do to get published weights that torchvision does not have.
        matconvnet_order: the modules with weights in the order of a MatConvNet file; empty where none is read.
        input_size: side of the square input in pixels.
    """

    name: str
    build: Callable[[], nn.Module]
    layers: Mapping[str, Layer]
    head: str
    scale: float = 1.0
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    torchvision_weights: str | None = None
    published_weights: str = ""
    matconvnet_order: tuple[str, ...] = ()
    input_size: int = 224

    def layer(self, name: str) -> Layer:
        """The layer of that name.

        Raises:
            UnknownNameError: the network has no such layer; the message lists those it has.
        """
        if name not in self.layers:
            raise UnknownNameError(f"layer of {self.name}", name, self.layers)
        return self.layers[name]

    def outline(self) -> nn.Module:
        """The network without values (on the "meta" device) and in evaluation mode: made in milliseconds."""
        with torch.device("meta"):
            return self.build().eval()


class NetworkEntry(TypedDict):
    """One row of `radcompare list networks`."""

    name: str
    input_size: int
    parameters: int
    layers: list[str]


def load_network(name: str) -> Network:
    """The network of that name.

    Raises:
        UnknownNameError: it is not on the menu.
    """
    network = registry.load("network", name)()
    assert isinstance(network, Network)
    return network


def describe(name: str) -> NetworkEntry:
    """Input size in pixels, number of parameters and layer names of one network; needs no weights.

    Raises:
        UnknownNameError: it is not on the menu.
    """
    network = load_network(name)
    return {
        "name": network.name,
        "input_size": network.input_size,
        "parameters": sum(parameter.numel() for parameter in network.outline().parameters()),
        "layers": list(network.layers),
    }


def catalogue() -> list[NetworkEntry]:
    """Every network on the menu, in the order of the registry."""
    return [describe(name) for name in registry.names("network")]
