"""Networks that are to be trained: with an output for two classes, some layers frozen, shown pictures in [0, 1]."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from radcompare.cnn_settings import Cnn, Design
from radcompare.deep import weights
from radcompare.deep.activations import layer_values, network_of
from radcompare.deep.devices import chosen_device
from radcompare.deep.initialisation import initialise
from radcompare.deep.network_input import Channel, Scaling, to_input
from radcompare.deep.networks import Network
from radcompare.deep.pooling import columns
from radcompare.deep.small_networks import L2, fitted_out, initialise_design, penalised
from radcompare.deep.tracing import Layer
from radcompare.errors import ConfigError
from radcompare.source_settings import is_published


class Shown(nn.Module):
    """A network that takes pictures in [0, 1]: they are scaled and spread over its channels first.

    Args:
        network: what looks at them.
        scaling: what it wants.
        channel: that shows a grey picture.
    """

    def __init__(self, network: nn.Module, scaling: Scaling, channel: Channel) -> None:
        super().__init__()
        self.network = network
        self._scaling, self._channel = scaling, channel

    def forward(self, pictures: Tensor) -> Any:
        """What the network answers."""
        return self.network(to_input(pictures, self._scaling, self._channel))


@dataclass(frozen=True)
class Trainable:
    """A network to be trained.

    Attributes:
        model: takes pictures in [0, 1], (n, channels, *sides); answers logits, (n, 1 or 2).
        description: of the network, with the input that it has.
        penalised: weights on which the publication has a penalty.
        l2: that penalty.
        frozen: modules that keep their weights.
        stamp: where the weights come from that it begins with.
    """

    model: Shown
    description: Network
    penalised: tuple[Tensor, ...]
    l2: float
    frozen: tuple[nn.Module, ...]
    stamp: str

    def state(self) -> dict[str, Tensor]:
        """Weights by the names that `--weights FILE` wants."""
        return {
            name: value.detach().cpu().contiguous() for name, value in self.model.network.state_dict().items()
        }


def description_of(settings: Cnn) -> Network:
    """The network that the settings name, a small one in their design, with the input that it is to have.

    Raises:
        UnknownNameError: there is no such network, or no layer `freeze` or `layer` in it.
        ConfigError: a design for a network that is as it is, or an input that the network does not take.
    """
    network = network_of(settings)
    if network.tailored is not None:
        network = fitted_out(network, _tailoring(settings, network))
    elif changed := _changed_design(settings):
        raise ConfigError(
            f"{settings.network}: {changed[0]} is of the small networks, which are made anew",
            "leave it out, or name arch1, arch2, arch3 or cnn-3d",
        )
    if (settings.region == "volume") != (network.dimensions == 3):
        looks = "volumes, not slices" if network.dimensions == 3 else "pictures, not volumes"
        raise ConfigError(
            f"{settings.network} looks at {looks}", "give region volume to 3-D networks, and to no other"
        )
    for layer in (*settings.layer, *filter(None, [settings.freeze])):
        network.layer(layer)
    return network


def _tailoring(settings: Cnn, network: Network) -> dict[str, Any]:
    """The design of a small network: what the settings say, else what its weights were trained in."""
    saved = weights.saved_design(settings.weights, network.name) or {}
    changed = _changed_design(settings)
    if saved and changed:
        raise ConfigError(
            f"{changed[0]}: {settings.weights} was trained in a design of its own", "leave the design out"
        )
    design = settings if changed or not saved else Design(**saved["design"])
    return {
        "design": design,
        "side": network.input_size,
        "channels": settings.in_channels or network.channels,
        "units": settings.head,
    }


def saved_as(made: "Trainable", settings: Cnn) -> dict[str, str]:
    """What a file of weights says of itself, so that `--weights FILE` builds the same network."""
    network = made.description
    if network.tailored is None:
        return {}
    design = _tailoring(settings, network)["design"]
    told = {
        "network": network.name,
        "design": {name: getattr(design, name) for name in Design.model_fields},
        "side": network.input_size,
        "channels": network.channels,
        "units": settings.head,
    }
    return {weights.METADATA: json.dumps(told, sort_keys=True)}


def weights_stamp(settings: Cnn, seed: int) -> str:
    """Where the weights come from that training begins with.

    Raises:
        WeightsError: they cannot be had.
    """
    return weights.stamp(_wanted(settings, seed), description_of(settings))


def beginning(settings: Cnn, seed: int) -> list[str]:
    """What a network is before it is trained: its weights, and its code where that is not radcompare's own."""
    return [weights_stamp(settings, seed), description_of(settings).code]


def trainable(settings: Cnn, seed: int) -> Trainable:
    """The network with the weights that training begins with.

    Args:
        settings: which network and weights, what is frozen, how many units its output has.
        seed: of random weights, of the output's among them.

    Raises:
        WeightsError: the weights cannot be had or do not fit.
        ConfigError: the network has no classification layer that could be replaced.
    """
    network = description_of(settings)
    device = chosen_device(settings.device)
    wanted = _wanted(settings, seed)
    small = network.tailored is not None
    loaded = weights.load(wanted, network)
    if small and settings.weights == weights.RANDOM:
        initialise_design(loaded.model, settings, seed)
    if not small or not loaded.has_head:
        _replace_head(loaded.model, network, settings.head, seed)
    loaded.model.requires_grad_(True)
    frozen = _freeze(loaded.model, network, settings.freeze)
    layer = penalised(loaded.model) if small else None
    model = Shown(loaded.model, _scaling(settings, network, loaded, device), settings.channel).to(device)
    return Trainable(
        model,
        network,
        () if layer is None else _kernels(layer),
        L2 if layer is not None else 0.0,
        frozen,
        weights.stamp(wanted, network),
    )


def activations(
    trained: Trainable, settings: Cnn, pictures: NDArray[np.float32]
) -> tuple[list[str], NDArray[np.float32]]:
    """What layers of a trained network answer to pictures: names of columns and values, (cases, columns)."""
    layers: list[Layer] = [trained.description.layer(name) for name in settings.layer]
    model = trained.model
    model.eval()
    device = next(model.parameters()).device
    parts = []
    for batch in torch.split(torch.from_numpy(pictures), settings.batch):
        inputs = to_input(batch.to(device), model._scaling, model._channel)
        parts.append(layer_values(model.network, layers, [settings.relu], settings.pool, inputs))
    values = np.concatenate(parts)
    names = [
        f"{name}_{unit:04d}"
        for name, layer in zip(settings.layer, layers, strict=True)
        for unit in range(columns(layer, settings.pool))
    ]
    return names, values


def _changed_design(settings: Cnn) -> list[str]:
    return [name for name, field in Design.model_fields.items() if getattr(settings, name) != field.default]


def _wanted(settings: Cnn, seed: int) -> weights.Wanted:
    named = weights.IMAGENET if is_published(settings.weights) else settings.weights
    return weights.Wanted(named, seed, settings.lock or "", settings.weights_dir, settings.in_channels)


def _kernels(layer: nn.Module) -> tuple[Tensor, ...]:
    """Weights without biases: of an LSTM those of its input."""
    kernel = getattr(layer, "weight", None)
    return (kernel,) if isinstance(kernel, Tensor) else (layer.kernel,)  # type: ignore[return-value]


def _scaling(settings: Cnn, network: Network, loaded: weights.LoadedNetwork, device: torch.device) -> Scaling:
    given = None if settings.mean is None else weights.per_channel(settings.mean, loaded.channels)
    return Scaling(
        scale=settings.scale or network.scale,
        mean=(loaded.mean if given is None else given).to(device),
        std=weights.per_channel(settings.std or network.std, loaded.channels).to(device),
        bgr=settings.bgr,
    )


def _replace_head(model: nn.Module, network: Network, units: int, seed: int) -> None:
    """A new output in place of the classification layer, with random weights."""
    name = network.head_module
    template = (
        (network.outline() if network.hollow else network.build()).get_submodule(name) if name else None
    )
    if isinstance(template, nn.Linear):
        head: nn.Module = nn.Linear(template.in_features, units)
    elif isinstance(template, nn.Conv2d) and template.kernel_size == (1, 1):
        head = nn.Conv2d(template.in_channels, units, 1)
    else:
        raise ConfigError(
            f"{network.name}: has no classification layer that could be replaced", "name another network"
        )
    initialise(head, seed)
    parent, _, own = name.rpartition(".")
    setattr(model.get_submodule(parent), own, head)


def _freeze(model: nn.Module, network: Network, last: str | None) -> tuple[nn.Module, ...]:
    """Everything that answers up to a layer keeps its weights."""
    if last is None:
        return ()
    until = network.layer(last).module
    names = [layer.module for layer in network.modules.values()]
    frozen = [model.get_submodule(name) for name in names[: names.index(until) + 1] if name]
    for module in frozen:
        module.requires_grad_(False)
    return tuple(frozen)
