"""What is known of networks without weights."""

from pathlib import Path

import pytest
import torch

from radcompare import registry
from radcompare.cache import Cache
from radcompare.deep import networks
from radcompare.deep.networks import catalogue, entry, load_network
from radcompare.errors import ConfigError, UnknownNameError

# torchvision publishes these counts beside its weights (`meta["num_params"]`); cnn-f: SCIENCE section 3.
PARAMETERS = {
    "cnn-f": 60_834_536,
    "cnn-m": 102_908_520,
    "cnn-s": 102_908_520,
    "alexnet": 61_100_840,
    "vgg11": 132_863_336,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "resnet18": 11_689_512,
    "resnet50": 25_557_032,
}


@pytest.mark.slow
def test_catalogue_has_every_network_with_its_published_size() -> None:
    entries = catalogue()
    assert [entry["name"] for entry in entries] == registry.names("network")
    sizes = {entry["name"]: entry["parameters"] for entry in entries}
    assert {name: sizes[name] for name in PARAMETERS} == PARAMETERS
    assert {entry["name"]: entry["input_size"] for entry in entries}["inception_v3"] == 299
    assert all(set(entry) == {"name", "input_size", "parameters", "layers"} for entry in entries)


def test_the_catalogue_is_made_once_for_a_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path)
    monkeypatch.setattr(registry, "names", lambda _kind: ["cnn-f", "arch1"])
    first = catalogue(cache)
    with monkeypatch.context() as patch:
        patch.setattr(networks, "load_network", None)
        assert catalogue(cache) == first
        patch.setattr(networks, "versions", lambda: {"torch": "another"})
        with pytest.raises(TypeError):  # made anew
            catalogue(cache)
    assert [found["name"] for found in first] == ["cnn-f", "arch1"]
    assert catalogue() == first


def test_describe_lists_layers_from_input_to_output() -> None:
    assert entry(load_network("cnn-f"))["layers"] == [
        *(f"conv{i}" for i in range(1, 6)),
        "full6",
        "full7",
        "full8",
    ]


def test_building_an_outline_leaves_the_global_random_state_alone() -> None:
    before = torch.random.get_rng_state()
    model = load_network("resnet18").outline()
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(parameter.is_meta for parameter in model.parameters())
    assert not model.training


def test_unknown_layer_lists_all_layers_and_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as caught:
        load_network("cnn-f").layer("ful7")
    assert caught.value.message == "unknown layer of cnn-f 'ful7'; did you mean 'full7'?"
    assert caught.value.hint == (
        "known: conv1, conv2, conv3, conv4, conv5, full6, full7, full8; radcompare describe cnn-f lists every layer"
    )
    assert isinstance(caught.value, ConfigError)


def test_unknown_network() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'vgg16'"):
        load_network("vgg-16")
