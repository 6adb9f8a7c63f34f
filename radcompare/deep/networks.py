"""What a network is to radcompare: how to build it, what it wants to see, and which layers can be read.

Everything here answers without weights: networks are built without values and watched while they run once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypedDict

import numpy as np
from torch import nn

from radcompare import registry
from radcompare.cache import Cache, Row
from radcompare.deep import building
from radcompare.deep.tracing import OUTPUT, Layer, layers_of
from radcompare.errors import ConfigError, UnknownNameError
from radcompare.provenance import digest_code, digest_settings, versions

NOTHING_KEPT = Cache(None)

IMAGENET_MEAN = (0.485, 0.456, 0.406)
"""Mean of the ImageNet training images, red, green, blue, where white is 1 (torchvision's convention)."""

IMAGENET_STD = (0.229, 0.224, 0.225)
"""Standard deviation of the same, in the same unit."""

BLOCKS = 2
"""Depth of the modules that a network without names of its own is listed with."""

IDLE = ("Dropout", "Dropout2d", "Dropout3d", "Identity", "StochasticDepth", "DropPath")
"""Modules that pass on what they get once a network is trained."""


@dataclass(frozen=True)
class Network:
    """A network that features can be read from.

    An input is a picture with values in [0, 1]; the network sees `(scale * picture - mean) / std` per channel.

    Attributes:
        name: as in the registry, or as the user wrote it.
        build: makes the module, with whatever values torch puts there.
        aliases: the literature's names of layers, from input to output, and the modules that they mean.
        head: dotted name of the classification layer, which a fine-tuned file may have in another shape; empty:
            the module with weights that answers last.
        scale: what white is to the network, 1 or 255.
        mean: per channel (red, green, blue), in units of `scale`.
        std: per channel, in units of `scale`.
        torchvision_weights: torchvision's name of the published ImageNet weights, if it has them.
        published: fetches published weights that are not torchvision's and gives the path of the file.
        published_file: what that file is called in a folder of the user's.
        published_weights: what a user can do to get published weights that cannot be fetched.
        matconvnet_order: the modules with weights in the order of a MatConvNet file; empty where none is read.
        input_size: side of the square or cubic input in pixels.
        dimensions: 2, or 3 for a network that sees volumes.
        channels: how many the first layer takes.
        hollow: it can be built without values; not sure of a network from elsewhere.
        own_weights: it is built with the values that it is to have.
        file: the program that a TorchScript network is.
        code: what tells the code of a network from elsewhere, of which radcompare's own version says nothing.
        tailored: makes a small network in another design: called with design, channels, side and units.
    """

    name: str
    build: Callable[[], nn.Module]
    aliases: Mapping[str, str] = field(default_factory=dict)
    head: str = ""
    scale: float = 1.0
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    torchvision_weights: str | None = None
    published: Callable[[], str] | None = None
    published_file: str = ""
    published_weights: str = ""
    matconvnet_order: tuple[str, ...] = ()
    input_size: int = 224
    dimensions: int = 2
    channels: int = 3
    hollow: bool = True
    own_weights: bool = False
    file: str = ""
    code: str = ""
    tailored: Callable[..., nn.Module] | None = None

    @property
    def slug(self) -> str:
        """The name as columns bear it: without underscores, which separate the parts of a column's name."""
        return "".join(sign if sign.isalnum() or sign in ".-" else "-" for sign in self.name)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Channels and sides of an input."""
        return (self.channels, *([self.input_size] * self.dimensions))

    @cached_property
    def modules(self) -> dict[str, Layer]:
        """Every layer by the name of its module, in the order in which they answer.

        Raises:
            ConfigError: the network cannot look at a picture of `input_shape`.
        """
        try:
            return layers_of(self.outline() if self.hollow else self.build().eval(), (1, *self.input_shape))
        except (RuntimeError, ValueError, TypeError, IndexError, AssertionError) as error:
            shape = " x ".join(map(str, self.input_shape))
            raise ConfigError(
                f"{self.name} cannot look at an input of {shape}: {str(error).partition(chr(10))[0]}",
                "give another input size, or the number of channels and dimensions that the network takes",
            ) from None

    @cached_property
    def layers(self) -> dict[str, Layer]:
        """The layers by which the network is listed: those with a name in the literature, else its blocks."""
        if self.aliases:
            return {name: self.modules[module] for name, module in self.aliases.items()}
        return {
            name: layer
            for name, layer in self.modules.items()
            if name.count(".") < BLOCKS and layer.kind not in IDLE
        }

    @cached_property
    def head_module(self) -> str:
        """Dotted name of the classification layer; empty where there is none."""
        weighted = [
            layer.module
            for layer in self.modules.values()
            if layer.parameters and not any(other.startswith(f"{layer.module}.") for other in self.modules)
        ]
        return self.head or next((name for name in reversed(weighted) if name), "")

    def layer(self, name: str) -> Layer:
        """The layer of that name: one of the literature, or any module that answers with a tensor.

        Raises:
            UnknownNameError: the network has no such layer; the message names the nearest.
        """
        if name in self.aliases:
            return self.modules[self.aliases[name]]
        if name not in self.modules:
            few = f"known: {', '.join(self.layers)}" if self.aliases else ""
            every = f"radcompare describe {self.name} lists every layer"
            known = [*self.aliases, *self.modules]
            raise UnknownNameError(
                f"layer of {self.name}", name, known, "; ".join(filter(None, [few, every]))
            )
        return self.modules[name]

    def outline(self) -> nn.Module:
        """The network without values (on the "meta" device) and in evaluation mode."""
        return building.outline(building.hollow(self.build))

    def follows_head(self, layer: Layer) -> bool:
        """A layer needs the classification layer: it is that layer, or answers after it."""
        order = [each.module for each in self.modules.values()]
        return bool(self.head_module) and order.index(layer.module) >= order.index(self.head_module)


class NetworkEntry(TypedDict):
    """One row of `radcompare list networks`."""

    name: str
    input_size: int
    parameters: int
    layers: list[str]


def load_network(name: str) -> Network:
    """The network of that name.

    Args:
        name: one on the menu, `timm/NAME`, `monai/NAME`, `torchscript:FILE`, or `MODULE:FACTORY` of the user's.

    Raises:
        UnknownNameError: there is none.
        ConfigError: a library is missing, or the user's program does not give a network.
    """
    family = registry.network_family(name)
    if family not in registry.NETWORKS:
        known = registry.names("network")
        raise UnknownNameError("network", name, known, "radcompare list networks shows what there is")
    found = registry.load("network", family)(name)
    assert isinstance(found, Network)
    return found


def entry(network: Network) -> NetworkEntry:
    """Input size in pixels, number of parameters and layer names of one network; needs no weights."""
    return {
        "name": network.name,
        "input_size": network.input_size,
        "parameters": network.modules[OUTPUT].parameters,
        "layers": list(network.layers),
    }


class LayerEntry(TypedDict):
    """One row of the table of layers."""

    layer: str
    kind: str
    shape: str
    activation: str
    parameters: int
    also: str


def layer_table(network: Network) -> list[LayerEntry]:
    """Every layer that can be read, in the order in which they answer.

    `also` is torch's name of a module that has one of the literature's.
    """
    literature = {module: name for name, module in network.aliases.items()}
    return [
        {
            "layer": literature.get(name, name),
            "kind": layer.kind,
            "shape": " x ".join(map(str, layer.shape)),
            "activation": layer.activation,
            "parameters": layer.parameters,
            "also": name if literature.get(name, name) != name else "",
        }
        for name, layer in network.modules.items()
        if layer.kind not in IDLE and network.aliases.get(name, name) == name
    ]


def catalogue(cache: Cache = NOTHING_KEPT) -> list[NetworkEntry]:
    """Every network on the menu, in the order of the registry.

    Args:
        cache: keeps the list, as making a hundred networks takes long, until a version or the program changes.
    """
    key = digest_settings(["networks", digest_code(), versions()])
    kept = cache.get_row(key)
    if kept is None:
        found = [entry(load_network(name)) for name in registry.names("network")]
        kept = Row(np.zeros(0, np.float32), {"networks": found})
        cache.put_row(key, kept)
    listed: list[NetworkEntry] = kept.facts["networks"]
    return listed
