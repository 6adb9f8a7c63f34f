"""Where the values of a network come from, and the stamp that says so in every table.

`random` is untrained and says it; `imagenet` is torchvision's published file; anything else is a file. There
is no way from one to another: weights that cannot be had are an error.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from radcompare.deep import imagenet
from radcompare.deep.checkpoint import read_checkpoint
from radcompare.deep.fitting import fill
from radcompare.deep.initialisation import initialise
from radcompare.deep.matconvnet import read_simplenn
from radcompare.deep.networks import Network
from radcompare.errors import WeightsError, did_you_mean

RANDOM = "random"
IMAGENET = "imagenet"
SUFFIXES = (".pth", ".pt", ".safetensors", ".mat")


@dataclass(frozen=True)
class LoadedNetwork:
    """A network with values, ready to look at pictures.

    Attributes:
        model: in evaluation mode, float32.
        mean: what to subtract from its input: (3, 1, 1), or (3, side, side) for a mean image.
        has_head: the classification layer has values too; if not, it passes on what it receives.
    """

    model: nn.Module
    mean: Tensor
    has_head: bool = True


def stamp(source: str, seed: int, network: Network) -> str:
    """The identity of weights: `untrained (random, seed 1)`, or `sha256:` and the digest of the file.

    Args:
        source: `random`, `imagenet` (fetched if need be), or a file.
        seed: of random weights.
        network: the network they are for.

    Raises:
        WeightsError: there is no such file, or it cannot be fetched.
    """
    if source == RANDOM:
        return f"untrained (random, seed {seed})"
    path = _file(source, network)
    digest = _sha256(path)
    prefix = imagenet.digest_prefix(path) if source == IMAGENET else None
    if prefix and not digest.startswith(prefix):
        raise WeightsError(
            f"{path}: is damaged: its SHA-256 is {digest}, not {prefix}...",
            "remove it, and it is fetched again",
        )
    return f"sha256:{digest}"


def load(source: str, seed: int, network: Network) -> LoadedNetwork:
    """A network with its weights; the arguments are those of `stamp`.

    Raises:
        WeightsError: the weights cannot be had, or do not fit the network; only the classification layer may
            be missing or of another shape.
    """
    model = network.outline().to_empty(device="cpu").requires_grad_(False)
    mean = torch.tensor(network.mean).reshape(3, 1, 1)
    if source == RANDOM:
        initialise(model, seed)
        return LoadedNetwork(model, mean)
    path = _file(source, network)
    if path.suffix.lower() == ".mat":
        state, mean = _from_matconvnet(path, network)
    else:
        state = read_checkpoint(path)
    return LoadedNetwork(model, mean, fill(model, state, network, path))


def _file(source: str, network: Network) -> Path:
    if source == IMAGENET:
        return imagenet.fetch(network)
    path = Path(source)
    if not path.is_file():
        near = did_you_mean(source, (IMAGENET, RANDOM))
        raise WeightsError(
            f"no weights file {source}{near}",
            f"weights are imagenet, random, or a file ({', '.join(SUFFIXES)})",
        )
    if path.suffix.lower() not in SUFFIXES:
        raise WeightsError(
            f"{source}: {path.suffix or 'no suffix'} is no known kind of weights file",
            f"known: {', '.join(SUFFIXES)}",
        )
    return path


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WeightsError(
            f"{path}: cannot be read: {error.strerror}", "check the file's permissions"
        ) from None


def _from_matconvnet(path: Path, network: Network) -> tuple[dict[str, Tensor], Tensor]:
    if not network.matconvnet_order:
        raise WeightsError(
            f"{path}: MatConvNet files are read for cnn-f, not for {network.name}",
            "pass a .pth, .pt or .safetensors file",
        )
    state, mean = read_simplenn(path, network.matconvnet_order)
    side = network.input_size
    if mean.shape[1:] not in ((1, 1), (side, side)):
        raise WeightsError(
            f"{path}: the mean image is {tuple(mean.shape[1:])} pixels, the network's input {side} x {side}",
            "pass the weights of a network with that input",
        )
    expected = network.outline().state_dict()
    # A fully connected layer is stored there as a convolution as large as its input: same values, same order.
    return {
        name: value.flatten(1) if name in expected and expected[name].ndim == 2 else value
        for name, value in state.items()
    }, mean
