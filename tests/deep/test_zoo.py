"""torchvision's networks: every layer name leads to the value that it promises."""

import pytest
import torch
from torch import nn

from radcompare import registry
from radcompare.deep.networks import load_network
from radcompare.deep.torchvision_shim import import_torchvision
from radcompare.deep.tracing import values_at

ZOO = list(registry.TORCHVISION)
NAMED = ["alexnet", "vgg11", "vgg16", "vgg19", "resnet18", "resnet50"]
VGG = {"vgg11": (1, 1, 2, 2, 2), "vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
RESNET = {"resnet18": (2, 2, 2, 2), "resnet50": (3, 4, 6, 3)}


def shape_of(network_name: str, layer: str) -> tuple[int, ...]:
    network = load_network(network_name)
    spot = network.layer(layer).post
    image = torch.empty(1, 3, 224, 224, device="meta")
    return tuple(values_at(network.outline(), {spot}, image)[spot].shape[1:])


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMED)
def test_every_layer_is_reached(name: str) -> None:
    assert all(shape_of(name, layer) == found.shape for layer, found in load_network(name).layers.items())


@pytest.mark.parametrize(
    ("network", "layer", "shape"),
    [
        ("alexnet", "conv1", (64, 55, 55)),
        ("alexnet", "conv5", (256, 13, 13)),
        ("alexnet", "fc7", (4096,)),
        ("vgg11", "conv5_2", (512, 14, 14)),
        ("vgg16", "conv1_2", (64, 224, 224)),
        ("vgg16", "conv4_3", (512, 28, 28)),
        ("vgg19", "conv5_4", (512, 14, 14)),
        ("vgg19", "fc8", (1000,)),
        ("resnet18", "conv1", (64, 112, 112)),
        ("resnet18", "layer4.1", (512, 7, 7)),
        ("resnet50", "layer3.5", (1024, 14, 14)),
        ("resnet50", "avgpool", (2048, 1, 1)),
        ("resnet50", "fc", (1000,)),
    ],
)
def test_shapes(network: str, layer: str, shape: tuple[int, ...]) -> None:
    assert shape_of(network, layer) == shape


@pytest.mark.parametrize("name", VGG)
def test_layers_of_vgg(name: str) -> None:
    expected = [f"conv{stage}_{i}" for stage, n in enumerate(VGG[name], 1) for i in range(1, n + 1)]
    assert list(load_network(name).layers) == [*expected, "fc6", "fc7", "fc8"]


@pytest.mark.parametrize("name", RESNET)
def test_layers_of_resnet(name: str) -> None:
    expected = [f"layer{stage}.{i}" for stage, n in enumerate(RESNET[name], 1) for i in range(n)]
    assert list(load_network(name).layers) == ["conv1", *expected, "avgpool", "fc"]


@pytest.mark.parametrize("name", ["alexnet", *VGG])
def test_a_layer_is_called_rectified_where_a_relu_follows(name: str) -> None:
    network = load_network(name)
    model = network.outline()
    for layer in network.layers.values():
        parent, _, position = layer.module.rpartition(".")
        followers = list(model.get_submodule(parent))[int(position) + 1 :]
        assert isinstance(model.get_submodule(layer.module), nn.Conv2d | nn.Linear)
        assert layer.rectified == (bool(followers) and isinstance(followers[0], nn.ReLU))


@pytest.mark.parametrize("name", NAMED)
def test_every_weighted_layer_of_a_chain_has_a_name(name: str) -> None:
    network = load_network(name)
    weighted = [n for n, m in network.outline().named_modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    if not name.startswith("resnet"):
        assert [layer.module for layer in network.layers.values()] == weighted
    assert weighted[-1] == network.head_module


@pytest.mark.slow
@pytest.mark.parametrize("name", ZOO)
def test_published_weights_are_scaled_as_torchvision_says(name: str) -> None:
    network = load_network(name)
    published = import_torchvision().models.get_weight(network.torchvision_weights)
    transforms = published.transforms()
    assert tuple(transforms.mean) == network.mean
    assert tuple(transforms.std) == network.std
    assert transforms.crop_size == [network.input_size]
    assert published.meta["num_params"] == sum(p.numel() for p in network.outline().parameters())
