"""The published weights that torchvision and timm know, kept in a folder of the user's or in the library's own."""

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


def fetch(network: Network, folder: Path | None = None) -> Path:
    """The file with the published weights, downloaded unless it is there already.

    Args:
        network: one with `torchvision_weights`, or `published` weights elsewhere.
        folder: where downloaded files lie; without one, torch's hub folder or the library's own.

    Raises:
        WeightsError: there are none for this network, or they cannot be fetched.
    """
    if network.torchvision_weights is None:
        return _published_elsewhere(network, folder)
    url = _url(network)
    path = (folder or Path(torch.hub.get_dir()) / "checkpoints") / url.rsplit("/", 1)[-1]
    if path.is_file():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _impatient():
            torch.hub.download_url_to_file(url, str(path), hash_prefix=digest_prefix(path), progress=False)
    except (OSError, HTTPException, RuntimeError) as error:  # RuntimeError: not the bytes that were published
        raise WeightsError(
            f"cannot fetch the ImageNet weights of {network.name} from {url}: {error}",
            f"download that file elsewhere and put it at {path} (--weights-dir names another folder), or pass"
            " --weights FILE; --weights random gives an untrained network",
        ) from None
    return path


def digest_prefix(path: Path) -> str | None:
    """The first digits of the SHA-256 that torch's file names end in, e.g. `alexnet-owt-7be5be79.pth`."""
    match = re.search(r"-([0-9a-f]{8,})\.", path.name)
    return match.group(1) if match else None


def _url(network: Network) -> str:
    return str(import_torchvision().models.get_weight(network.torchvision_weights).url)


def _published_elsewhere(network: Network, folder: Path | None) -> Path:
    if network.published is None:
        raise WeightsError(f"no ImageNet weights of {network.name} are known", network.published_weights)
    if folder is not None and (folder / network.published_file).is_file():
        return folder / network.published_file
    try:
        with _impatient():
            return Path(network.published())
    except Exception as error:  # noqa: BLE001  # whatever the other library's client may raise
        where = "put it into a folder and name that with --weights-dir"
        raise WeightsError(
            f"cannot fetch the weights of {network.name}: {str(error).partition(chr(10))[0]}",
            f"download them elsewhere as {network.published_file}, {where}, or pass --weights FILE",
        ) from None


@contextmanager
def _impatient() -> Iterator[None]:
    """Let connections that are opened meanwhile fail instead of waiting for ever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT_S)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
