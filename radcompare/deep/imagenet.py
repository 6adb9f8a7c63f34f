"""The published ImageNet weights that torchvision knows, kept in torch's hub folder."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

import torch

from radcompare.deep.networks import Network
from radcompare.deep.torchvision_shim import import_torchvision
from radcompare.errors import WeightsError

TIMEOUT_S = 20.0
"""How long the server may stay silent before the download is given up."""


def fetch(network: Network) -> Path:
    """The file with the published weights, downloaded into torch's hub folder unless it is there already.

    Raises:
        WeightsError: there are none for this network, or they cannot be fetched.
    """
    url = _url(network)
    path = Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[-1]
    if path.is_file():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _impatient():
            torch.hub.download_url_to_file(url, str(path), hash_prefix=digest_prefix(path), progress=False)
    except (OSError, HTTPException, RuntimeError) as error:  # RuntimeError: not the bytes that were published
        raise WeightsError(
            f"cannot fetch the ImageNet weights of {network.name} from {url}: {error}",
            f"download that file elsewhere and put it at {path}, or pass --weights FILE;"
            " --weights random gives an untrained network",
        ) from None
    return path


def digest_prefix(path: Path) -> str | None:
    """The first digits of the SHA-256 that torch's file names end in, e.g. `alexnet-owt-7be5be79.pth`."""
    match = re.search(r"-([0-9a-f]{8,})\.", path.name)
    return match.group(1) if match else None


def _url(network: Network) -> str:
    if network.torchvision_weights is None:
        raise WeightsError(
            f"torchvision has no ImageNet weights for {network.name}", network.published_weights
        )
    return str(import_torchvision().models.get_weight(network.torchvision_weights).url)


@contextmanager
def _impatient() -> Iterator[None]:
    """Let connections that torch opens fail instead of waiting for ever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT_S)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
