"""Where weights come from, their stamp, and what fits which network."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from radcompare.deep import weights
from radcompare.deep.networks import Network, load_network
from radcompare.errors import WeightsError


def test_random_weights_are_stamped_untrained(narrow: Network) -> None:
    assert weights.stamp(weights.Wanted("random", 4), narrow) == "untrained (random, seed 4)"


def test_a_file_is_stamped_with_its_digest(tmp_path: Path, narrow: Network) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(b"some bytes")
    digest = hashlib.sha256(b"some bytes").hexdigest()
    assert weights.stamp(weights.Wanted(str(path)), narrow) == f"sha256:{digest}"


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".PTH", ".safetensors"])
def test_round_trip(tmp_path: Path, narrow: Network, narrow_state: dict[str, Tensor], suffix: str) -> None:
    path = tmp_path / f"weights{suffix}"
    if suffix == ".safetensors":
        save_file(narrow_state, path)
    else:
        torch.save(narrow_state, path)
    loaded = weights.load(weights.Wanted(str(path)), narrow)
    read = loaded.model.state_dict()
    assert loaded.has_head
    assert loaded.mean.ravel().tolist() == pytest.approx(list(narrow.mean))
    assert all(torch.equal(read[name], narrow_state[name]) for name in read)


def test_other_precisions_are_converted(
    tmp_path: Path, narrow: Network, narrow_state: dict[str, Tensor]
) -> None:
    path = tmp_path / "weights.pth"
    torch.save({name: value.double() for name, value in narrow_state.items()}, path)
    read = weights.load(weights.Wanted(str(path)), narrow).model.state_dict()
    assert all(value.dtype == torch.float32 for value in read.values())
    assert torch.equal(read["full7.weight"], narrow_state["full7.weight"])


@pytest.mark.parametrize("head", ["missing", "2 classes", "other modules"])
def test_another_classification_layer_is_left_out(
    tmp_path: Path, narrow: Network, narrow_state: dict[str, Tensor], head: str
) -> None:
    del narrow_state["full8.weight"], narrow_state["full8.bias"]
    if head != "missing":
        inner = ".0" if head == "other modules" else ""
        narrow_state |= {f"full8{inner}.weight": torch.ones(2, 9), f"full8{inner}.bias": torch.ones(2)}
    path = tmp_path / "weights.pth"
    torch.save(narrow_state, path)
    loaded = weights.load(weights.Wanted(str(path)), narrow)
    assert not loaded.has_head
    assert loaded.model(torch.ones(1, 3, 224, 224)).shape == (1, 9)
    assert torch.equal(loaded.model.full7.weight, narrow_state["full7.weight"])


def test_missing_unexpected_and_misshapen_weights_are_all_named(
    tmp_path: Path, narrow: Network, narrow_state: dict[str, Tensor]
) -> None:
    for name in ("conv2.weight", "conv2.bias", "conv3.weight", "conv3.bias", "full6.bias"):
        del narrow_state[name]
    narrow_state["conv5.extra"] = torch.zeros(1)
    narrow_state["full7.bias"] = torch.zeros(4)
    path = tmp_path / "weights.pth"
    torch.save(narrow_state, path)
    with pytest.raises(WeightsError) as caught:
        weights.load(weights.Wanted(str(path)), narrow)
    assert caught.value.message == (
        f"{path}: does not fit cnn-f: missing: conv2.weight, conv2.bias, conv3.weight and 2 more;"
        " unexpected: conv5.extra; of another shape: full7.bias (4,) instead of (9,)"
    )
    assert "pass weights of this network" in caught.value.hint


def test_weights_of_another_network(tmp_path: Path, narrow: Network, narrow_state: dict[str, Tensor]) -> None:
    path = tmp_path / "weights.pth"
    torch.save(narrow_state, path)
    with pytest.raises(WeightsError, match="does not fit resnet18: missing: bn1") as caught:
        weights.load(weights.Wanted(str(path)), load_network("resnet18"))
    assert "unexpected: conv1.bias" in caught.value.message


def test_values_that_are_not_finite(tmp_path: Path, narrow: Network, narrow_state: dict[str, Tensor]) -> None:
    narrow_state["conv4.weight"][0, 0, 0, 0] = torch.nan
    path = tmp_path / "weights.pth"
    torch.save(narrow_state, path)
    with pytest.raises(WeightsError, match=r"conv4\.weight: not finite"):
        weights.load(weights.Wanted(str(path)), narrow)


def test_counters_of_batch_normalisation_may_be_absent(tmp_path: Path) -> None:
    network = load_network("resnet18")
    full = weights.load(weights.Wanted("random"), network).model.state_dict()
    path = tmp_path / "old.pth"
    torch.save({n: v for n, v in full.items() if not n.endswith("num_batches_tracked")}, path)
    loaded = weights.load(weights.Wanted(str(path)), network)
    assert loaded.has_head
    assert torch.equal(loaded.model.state_dict()["layer4.1.conv2.weight"], full["layer4.1.conv2.weight"])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere.pth", "no weights file nowhere.pth"),
        ("imagnet", "no weights file imagnet; did you mean 'imagenet'?"),
        ("Random", "no weights file Random; did you mean 'random'?"),
    ],
)
@pytest.mark.parametrize("ask", [weights.stamp, weights.load])
def test_no_such_file(narrow: Network, name: str, message: str, ask: Callable[..., Any]) -> None:
    with pytest.raises(WeightsError) as caught:
        ask(weights.Wanted(name), narrow)
    assert caught.value.message == message
    assert caught.value.hint.startswith("weights are imagenet, random, own, or a file")


def test_unknown_kind_of_file(tmp_path: Path, narrow: Network) -> None:
    path = tmp_path / "weights.h5"
    path.touch()
    with pytest.raises(WeightsError, match=r"\.h5 is no known kind of weights file") as caught:
        weights.stamp(weights.Wanted(str(path)), narrow)
    assert ".safetensors" in caught.value.hint


def test_matconvnet_files_are_for_cnn_f(tmp_path: Path) -> None:
    path = tmp_path / "net.mat"
    path.touch()
    with pytest.raises(WeightsError, match="vgg16 and vgg19, not for resnet18"):
        weights.load(weights.Wanted(str(path)), load_network("resnet18"))


def test_matconvnet_file_of_another_network(
    tmp_path: Path, narrow_state: dict[str, Tensor], narrow: Network, write_simplenn: Callable[..., None]
) -> None:
    path = tmp_path / "net.mat"
    narrow_state["conv3.weight"] = torch.zeros(5, 6, 4, 4)
    write_simplenn(path, narrow_state, np.zeros((1, 1, 3), np.float32))
    with pytest.raises(WeightsError, match=r"conv3.weight \(5, 6, 4, 4\) instead of \(5, 6, 3, 3\)"):
        weights.load(weights.Wanted(str(path)), narrow)


def test_mean_image_of_another_size(
    tmp_path: Path, narrow_state: dict[str, Tensor], narrow: Network, write_simplenn: Callable[..., None]
) -> None:
    path = tmp_path / "net.mat"
    write_simplenn(path, narrow_state, np.zeros((227, 227, 3), np.float32))
    with pytest.raises(
        WeightsError, match=r"mean image is \(227, 227\) pixels, the network's input 224 x 224"
    ):
        weights.load(weights.Wanted(str(path)), narrow)
