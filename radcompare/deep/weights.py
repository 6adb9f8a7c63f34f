"""Where the values of a network come from, and the stamp that says so in every table.

`random` is untrained and says it; `imagenet` is the published file; `own` is what the user's network is built with;
anything else is a file. There is no way from one to another: weights that cannot be had are an error.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from radcompare.deep import building, imagenet
from radcompare.deep.checkpoint import read_checkpoint
from radcompare.deep.fitting import fill
from radcompare.deep.initialisation import initialise
from radcompare.deep.matconvnet import read_matconvnet
from radcompare.deep.matconvnet_fit import fit
from radcompare.deep.networks import Network
from radcompare.deep.tracing import first_convolution
from radcompare.errors import WeightsError, did_you_mean
from radcompare.provenance import digest_file

METADATA = "radcompare"
"""The key under which `radcompare train` says what a file holds."""
RANDOM = "random"
IMAGENET = "imagenet"
OWN = "own"
SUFFIXES = (".pth", ".pt", ".safetensors", ".mat")


@dataclass(frozen=True)
class Wanted:
    """Which weights.

    Attributes:
        source: `random`, `imagenet` (fetched if need be), `own`, or a file.
        seed: of random weights.
        lock: SHA-256 that they have to have, or its first digits.
        folder: of downloaded weights.
        channels: of the first layer; 0: as many as the weights or else the network have.
    """

    source: str
    seed: int = 1
    lock: str = ""
    folder: Path | None = None
    channels: int = 0


@dataclass(frozen=True)
class LoadedNetwork:
    """A network with values, ready to look at pictures.

    Attributes:
        model: in evaluation mode, float32.
        mean: what to subtract from its input: (channels, 1, 1), or (channels, side, side) for a mean image.
        channels: that its first layer takes.
        has_head: the classification layer has values too; if not, it passes on what it receives.
        report: what of a file was loaded, missing and left over.
    """

    model: nn.Module
    mean: Tensor
    channels: int = 3
    has_head: bool = True
    report: dict[str, Any] = field(default_factory=dict)


def stamp(wanted: Wanted, network: Network) -> str:
    """The identity of weights: `untrained (random, seed 1)`, or `sha256:` and the digest of the file.

    Raises:
        WeightsError: there is no such file, it cannot be fetched, or the lock refuses it.
    """
    if wanted.source == RANDOM:
        if wanted.lock:
            raise WeightsError(
                "random weights have no SHA-256 to lock", "drop the lock, or name a weights file"
            )
        return f"untrained (random, seed {wanted.seed})"
    if wanted.source == OWN and not network.file:
        return _locked(_digest_of_values(_as_built(network, wanted)), wanted, network.name)
    path = _file(wanted, network)
    digest = _sha256(path)
    prefix = imagenet.digest_prefix(path) if wanted.source == IMAGENET else None
    if prefix and not digest.startswith(prefix):
        raise WeightsError(
            f"{path}: is damaged: its SHA-256 is {digest}, not {prefix}...",
            "remove it, and it is fetched again",
        )
    return _locked(digest, wanted, str(path))


def load(wanted: Wanted, network: Network) -> LoadedNetwork:
    """A network with its weights.

    Raises:
        WeightsError: the weights cannot be had, or do not fit the network; only the classification layer may
            be missing or of another shape.
    """
    if wanted.source == OWN:
        return LoadedNetwork(
            _as_built(network, wanted), _mean_colour(network, network.channels), network.channels
        )
    if wanted.source == RANDOM:
        channels = wanted.channels or network.channels
        model = _with_values(network, channels, wanted.seed)
        initialise(model, wanted.seed)
        return LoadedNetwork(model, _mean_colour(network, channels), channels)
    path = _file(wanted, network)
    if path.suffix.lower() == ".mat":
        return _from_matconvnet(path, network, wanted)
    return _from_checkpoint(path, network, wanted)


def _from_checkpoint(path: Path, network: Network, wanted: Wanted) -> LoadedNetwork:
    outline = network.outline() if network.hollow else network.build()
    found = read_checkpoint(path, outline.state_dict().keys())
    channels = _channels(found.tensors, outline, network, wanted, path)
    model = _with_values(network, channels, wanted.seed)
    fitted = fill(model, found.tensors, network.head_module, path, network.name)
    if network.tailored is not None and fitted.unexpected:
        problem = f"{path}: holds {', '.join(fitted.unexpected[:3])}, which {network.name} has not"
        raise WeightsError(problem, "pass what radcompare train saved, which says in which design it was")
    report = {
        "loaded": len(fitted.loaded),
        "missing": list(fitted.missing),
        "unexpected": list(fitted.unexpected),
        "wrapped_in": found.wrapped_in,
        "prefix": found.prefix,
    }
    return LoadedNetwork(model, _mean_colour(network, channels), channels, fitted.has_head, report)


def _from_matconvnet(path: Path, network: Network, wanted: Wanted) -> LoadedNetwork:
    if not network.matconvnet_order:
        raise WeightsError(
            f"{path}: MatConvNet files are read for cnn-f, cnn-m, cnn-s, vgg16 and vgg19, not for {network.name}",
            "pass a .pth, .pt or .safetensors file",
        )
    found = read_matconvnet(path)
    side = network.input_size
    if tuple(found.mean.shape[1:]) not in ((1, 1), (side, side)):
        raise WeightsError(
            f"{path}: the mean image is {tuple(found.mean.shape[1:])} pixels, the network's input {side} x {side}",
            "pass the weights of a network with that input",
        )
    if wanted.channels not in (0, 3):
        raise WeightsError(f"{path}: sees 3 channels, not {wanted.channels}", "give three images, or one")
    model = _with_values(network, network.channels, wanted.seed)
    state = fit(model, found, network.matconvnet_order, path, network.name, side)
    fitted = fill(model, state, network.head_module, path, network.name)
    report = {
        "loaded": len(fitted.loaded),
        "missing": list(fitted.missing),
        "unexpected": list(fitted.unexpected),
        "interpolation": found.interpolation,
        "local_response_normalisation": [list(layer.lrn) for layer in found.layers if layer.lrn],
    }
    return LoadedNetwork(model, found.mean, 3, fitted.has_head, report)


def _with_values(network: Network, channels: int, seed: int) -> nn.Module:
    """The network with memory for its values: those it is built with where a file may not bring them all."""
    if not network.hollow:
        return with_channels(_seeded(network, seed), channels, network).requires_grad_(False)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # of what builders draw beside the parameters: tables of positions
        model = building.hollow(network.build)
    return building.with_room(with_channels(model, channels, network))


def with_channels(model: nn.Module, channels: int, network: Network) -> nn.Module:
    """The network with a first convolution of so many channels, in place.

    Raises:
        WeightsError: it does not begin with a convolution of all channels.
    """
    found = first_convolution(model)
    if found is None or (found[1].in_channels != channels and found[1].groups != 1):
        if channels == network.channels:
            return model
        raise WeightsError(f"{network.name} has no first convolution to give {channels} channels", "")
    name, first = found
    if first.in_channels != channels:
        settings = {key: getattr(first, key) for key in ("kernel_size", "stride", "padding", "dilation")}
        other = type(first)(
            channels,
            first.out_channels,
            **settings,
            bias=first.bias is not None,
            padding_mode=first.padding_mode,
            device=first.weight.device,
        )
        parent, _, own = name.rpartition(".")
        setattr(model.get_submodule(parent), own, other.eval())
    return model


def _channels(
    state: dict[str, Tensor], outline: nn.Module, network: Network, wanted: Wanted, path: Path
) -> int:
    """How many channels the first layer of a file takes: 1 and 3 are usual, others are for so many images."""
    found = first_convolution(outline)
    weight = state.get(f"{found[0]}.weight") if found else None
    if weight is None or weight.ndim < 3:
        return wanted.channels or network.channels
    theirs = int(weight.shape[1])
    if wanted.channels and theirs != wanted.channels:
        problem = f"{path}: its first layer takes {theirs} channels, and {wanted.channels} images are to be channels"
        raise WeightsError(problem, "give as many images, or leave them columns (--sequences columns)")
    if not wanted.channels and theirs not in (1, 3):
        problem = f"{path}: its first layer takes {theirs} channels, which is neither 1 nor 3"
        raise WeightsError(problem, f"give {theirs} images and --sequences channels")
    return theirs


def _mean_colour(network: Network, channels: int) -> Tensor:
    return per_channel(network.mean, channels)


def per_channel(values: Sequence[float], channels: int) -> Tensor:
    """Values per channel, (channels, 1, 1); those of colours stand for another number by their average."""
    listed = values if len(values) == channels else [sum(values) / len(values)] * channels
    return torch.tensor(listed, dtype=torch.float32).reshape(channels, 1, 1)


def _as_built(network: Network, wanted: Wanted) -> nn.Module:
    if not network.own_weights:
        raise WeightsError(
            f"{network.name} has no weights of its own", "own is for torchscript:FILE and MODULE:FUNCTION"
        )
    if wanted.channels not in (0, network.channels):
        raise WeightsError(
            f"{network.name}: takes {network.channels} channels with its own weights, not {wanted.channels}",
            "leave the images columns, or pass --weights FILE",
        )
    return _seeded(network, wanted.seed).requires_grad_(False)


def _seeded(network: Network, seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return network.build().eval()


def saved_design(source: str, network: str) -> dict[str, Any] | None:
    """What `radcompare train` wrote into a file: `design`, `side`, `channels`, `units`; None for any other file.

    Raises:
        WeightsError: the file is of another network.
    """
    if Path(source).suffix.lower() != ".safetensors" or not Path(source).is_file():
        return None
    try:
        with safe_open(source, "pt") as file:
            saved = json.loads((file.metadata() or {}).get(METADATA, "null"))
    except (SafetensorError, OSError, ValueError):
        return None  # which loading will say better
    if not isinstance(saved, dict):
        return None
    if saved.pop("network", network) != network:
        problem = f"{source}: holds the weights of another network than {network}"
        raise WeightsError(problem, "name the network that it was trained as")
    return saved


def _file(wanted: Wanted, network: Network) -> Path:
    if wanted.source == OWN:
        return Path(network.file)
    if wanted.source == IMAGENET:
        return imagenet.fetch(network, wanted.folder)
    path = Path(wanted.source)
    if not path.is_file():
        near = did_you_mean(wanted.source, (IMAGENET, RANDOM, OWN))
        raise WeightsError(
            f"no weights file {wanted.source}{near}",
            f"weights are imagenet, random, own, or a file ({', '.join(SUFFIXES)})",
        )
    if path.suffix.lower() not in SUFFIXES:
        raise WeightsError(
            f"{wanted.source}: {path.suffix or 'no suffix'} is no known kind of weights file",
            f"known: {', '.join(SUFFIXES)}",
        )
    return path


def _sha256(path: Path) -> str:
    try:
        return digest_file(path)
    except OSError as error:
        raise WeightsError(
            f"{path}: cannot be read: {error.strerror}", "check the file's permissions"
        ) from None


def _digest_of_values(model: nn.Module) -> str:
    digest = hashlib.sha256()
    for name, value in model.state_dict().items():
        digest.update(f"{name} {tuple(value.shape)} {value.dtype}".encode())
        digest.update(
            value.detach().cpu().flatten().view(torch.uint8).numpy().tobytes() if value.numel() else b""
        )
    return digest.hexdigest()


def _locked(digest: str, wanted: Wanted, origin: str) -> str:
    lock = wanted.lock.removeprefix("sha256:").lower()
    if not digest.startswith(lock):
        raise WeightsError(
            f"{origin}: its SHA-256 is {digest}, and the lock demands {lock}",
            "use the file that the lock was made for, or change the lock if the weights were meant to change",
        )
    return f"sha256:{digest}"
