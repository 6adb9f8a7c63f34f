"""Published weights: fetched, kept, checked; never replaced by anything else. No test reaches the network."""

import hashlib
import http.client
import socket
import urllib.error
from pathlib import Path
from typing import Any

import pytest
import torch

from radcompare.deep import imagenet, weights
from radcompare.deep.networks import load_network
from radcompare.errors import WeightsError

ALEXNET = "alexnet-owt-7be5be79.pth"


@pytest.fixture(autouse=True)
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty hub folder, and a download that fails the test unless the test replaces it."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    answer_with(monkeypatch, lambda *_, **__: pytest.fail("tried to download"))
    return tmp_path / "hub" / "checkpoints"


def answer_with(monkeypatch: pytest.MonkeyPatch, download: Any) -> None:
    monkeypatch.setattr(torch.hub, "download_url_to_file", download)


@pytest.mark.parametrize(
    "failure",
    [
        urllib.error.URLError("Name or service not known"),
        urllib.error.HTTPError("https://x", 403, "Forbidden", http.client.HTTPMessage(), None),
        TimeoutError("timed out"),
        http.client.IncompleteRead(b"half"),
        RuntimeError('invalid hash value (expected "7be5be79", got "00")'),
        PermissionError(13, "Permission denied"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_weights_that_cannot_be_fetched_are_an_error_that_says_how_to_supply_them(
    failure: Exception, hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise failure

    answer_with(monkeypatch, fail)
    with pytest.raises(WeightsError) as caught:
        weights.load(weights.Wanted("imagenet"), load_network("alexnet"))
    assert "cannot fetch the ImageNet weights of alexnet from https://" in caught.value.message
    assert str(failure) in caught.value.message
    assert str(hub / ALEXNET) in caught.value.hint
    assert "--weights FILE" in caught.value.hint


def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    during = []

    def record(*args: Any, **kwargs: Any) -> None:
        during.append(socket.getdefaulttimeout())

    answer_with(monkeypatch, record)
    imagenet.fetch(load_network("alexnet"))
    assert during == [imagenet.TIMEOUT_S]
    assert socket.getdefaulttimeout() is None


def test_fetched_once_with_the_digest_of_its_name_and_silently(
    hub: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = []

    def download(url: str, target: str, hash_prefix: str, progress: bool) -> None:
        calls.append((url, target, hash_prefix, progress))
        Path(target).write_bytes(b"published")

    answer_with(monkeypatch, download)
    network = load_network("alexnet")
    assert imagenet.fetch(network) == imagenet.fetch(network) == hub / ALEXNET
    assert calls == [
        (f"https://download.pytorch.org/models/{ALEXNET}", str(hub / ALEXNET), "7be5be79", False)
    ]
    assert capsys.readouterr() == ("", "")


def test_the_stamp_is_the_digest_of_the_kept_file(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256(b"published").hexdigest()
    monkeypatch.setattr(imagenet, "_url", lambda _: f"https://x/alexnet-{digest[:8]}.pth")
    hub.mkdir(parents=True)
    (hub / f"alexnet-{digest[:8]}.pth").write_bytes(b"published")
    assert weights.stamp(weights.Wanted("imagenet"), load_network("alexnet")) == f"sha256:{digest}"


def test_a_damaged_file_in_the_hub_folder_is_noticed(hub: Path) -> None:
    hub.mkdir(parents=True)
    (hub / ALEXNET).write_bytes(b"half of it")
    with pytest.raises(WeightsError, match=r"is damaged: its SHA-256 is .*, not 7be5be79") as caught:
        weights.stamp(weights.Wanted("imagenet"), load_network("alexnet"))
    assert "remove it" in caught.value.hint


def test_cnn_f_says_which_file_to_get() -> None:
    with pytest.raises(WeightsError) as caught:
        weights.stamp(weights.Wanted("imagenet"), load_network("cnn-f"))
    assert caught.value.message == "no ImageNet weights of cnn-f are known"
    assert "imagenet-vgg-f.mat" in caught.value.hint
    assert "MatConvNet" in caught.value.hint
    assert "--weights FILE" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "prefix"),
    [(ALEXNET, "7be5be79"), ("resnet50-0676ba61.pth", "0676ba61"), ("weights.pth", None)],
)
def test_digest_in_a_file_name(name: str, prefix: str | None) -> None:
    assert imagenet.digest_prefix(Path(name)) == prefix
