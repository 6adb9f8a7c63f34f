"""Before and after the ReLU, in networks that rectify in place and in residual ones."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor, nn

from radcompare.deep.layer_value import layer_value, pooled
from radcompare.deep.networks import Layer, Network, load_network

pytestmark = pytest.mark.usefixtures("one_thread")


def image() -> Tensor:
    return torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def resnet() -> nn.Module:
    """ResNet-18 with weights and batch statistics that do something."""
    model = load_network("resnet18").outline().to_empty(device="cpu").requires_grad_(False)
    generator = torch.Generator().manual_seed(2)
    for name, value in model.state_dict().items():
        if value.is_floating_point():
            value.normal_(0, 0.05, generator=generator)
            value.add_(1 if name.endswith(("running_var", "bn1.weight", "bn2.weight")) else 0)
    return model


def relu_in_place() -> nn.Sequential:
    torch.manual_seed(4)
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(inplace=True), nn.Conv2d(8, 4, 3), nn.ReLU(inplace=True))


def test_in_place_relu_does_not_overwrite_the_value_before_it() -> None:
    model = relu_in_place()
    pre = layer_value(model, Layer("0"), image(), "pre")
    assert torch.equal(pre, nn.functional.conv2d(image(), model[0].weight, model[0].bias))
    assert (pre < 0).any()


def test_torchvision_networks_rectify_in_place_too() -> None:
    network = load_network("alexnet")
    model = network.outline().to_empty(device="cpu").requires_grad_(False)
    for parameter in model.parameters():
        parameter.zero_()
    first = model.features[0]
    first.weight.normal_(generator=torch.Generator().manual_seed(0))
    expected = nn.functional.conv2d(image(), first.weight, stride=4, padding=2)
    assert torch.equal(layer_value(model, network.layer("conv1"), image(), "pre"), expected)
    assert torch.equal(layer_value(model, network.layer("conv1"), image(), "post"), expected.clamp(min=0))


def test_post_is_the_rectified_pre_in_every_layer_that_has_a_relu(
    narrow: Network, narrow_state: dict[str, Tensor]
) -> None:
    model = narrow.outline().to_empty(device="cpu").requires_grad_(False)
    model.load_state_dict(narrow_state)
    for name, layer in narrow.layers.items():
        pre = layer_value(model, layer, image(), "pre")
        post = layer_value(model, layer, image(), "post")
        assert torch.equal(post, pre if name == "full8" else pre.clamp(min=0)), name
        assert (pre < 0).any(), name


def test_a_residual_block_before_its_last_relu_is_the_sum_of_its_branches(resnet: nn.Module) -> None:
    entering = resnet.maxpool(torch.relu(resnet.bn1(resnet.conv1(image()))))
    block = resnet.layer1[0]
    inner = torch.relu(block.bn1(block.conv1(entering)))
    expected = block.bn2(block.conv2(inner)) + entering
    layer = load_network("resnet18").layer("layer1.0")
    pre = layer_value(resnet, layer, image(), "pre")
    assert torch.equal(pre, expected)
    assert (pre < 0).any()
    assert torch.equal(layer_value(resnet, layer, image(), "post"), block(entering))


def test_first_convolution_of_a_resnet_counts_after_batch_normalisation(resnet: nn.Module) -> None:
    layer = load_network("resnet18").layer("conv1")
    assert torch.equal(layer_value(resnet, layer, image(), "pre"), resnet.bn1(resnet.conv1(image())))


def test_the_last_layers_of_a_resnet_are_the_same_before_and_after(resnet: nn.Module) -> None:
    network = load_network("resnet18")
    scores = layer_value(resnet, network.layer("fc"), image(), "post")
    average = layer_value(resnet, network.layer("avgpool"), image(), "pre")
    assert torch.equal(scores, resnet(image()))
    assert (scores < 0).any()
    assert torch.equal(resnet.fc(average.flatten(1)), scores)


def test_nothing_stays_attached() -> None:
    model = relu_in_place()
    layer_value(model, Layer("0"), image(), "pre")
    layer_value(model, Layer("1", at_input=True), image(), "pre")
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_threads_that_share_a_network_do_not_read_each_others_values() -> None:
    model = relu_in_place()
    images = [torch.full((1, 3, 64, 64), float(i)) for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        values = list(pool.map(lambda shown: layer_value(model, Layer("2"), shown, "pre"), images))
    for shown, value in zip(images, values, strict=True):
        assert torch.equal(value, layer_value(model, Layer("2"), shown, "pre"))


def test_pooling_of_maps_by_hand() -> None:
    maps = torch.tensor([[[[1.0, 2.0], [3.0, 6.0]], [[-1.0, -5.0], [-2.0, -4.0]]]])
    assert pooled(maps, "mean").tolist() == [[3.0, -3.0]]
    assert pooled(maps, "max").tolist() == [[6.0, -1.0]]
    assert pooled(maps, "flatten").tolist() == [[1.0, 2.0, 3.0, 6.0, -1.0, -5.0, -2.0, -4.0]]


@pytest.mark.parametrize("pool", ["mean", "max", "flatten"])
def test_units_are_not_pooled(pool: str) -> None:
    units = torch.tensor([[1.0, -2.0, 3.0]])
    assert torch.equal(pooled(units, pool), units)
