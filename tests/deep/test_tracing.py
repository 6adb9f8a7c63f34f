"""Layers found by watching: before and after the activation, in networks that rectify in place and residual ones."""

import pytest
import torch
from torch import Tensor, nn

from radcompare.deep.networks import Network, load_network
from radcompare.deep.tracing import layers_of, values_at

pytestmark = pytest.mark.usefixtures("one_thread")


def image(side: int = 224) -> Tensor:
    return torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(1))


def value(model: nn.Module, layer: str, stage: str, shown: Tensor) -> Tensor:
    spot = getattr(layers_of(model, shown.shape)[layer], stage)
    return values_at(model, {spot}, shown)[spot]


@pytest.fixture(scope="module")
def resnet() -> nn.Module:
    """ResNet-18 with weights and batch statistics that do something."""
    model = load_network("resnet18").outline().to_empty(device="cpu").requires_grad_(False)
    generator = torch.Generator().manual_seed(2)
    for name, tensor in model.state_dict().items():
        if tensor.is_floating_point():
            tensor.normal_(0, 0.05, generator=generator)
            tensor.add_(1 if name.endswith(("running_var", "bn1.weight", "bn2.weight")) else 0)
    return model


def chain(in_place: bool) -> nn.Sequential:
    torch.manual_seed(4)
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(in_place), nn.Conv2d(8, 4, 3), nn.ReLU(in_place)).eval()


@pytest.mark.parametrize("in_place", [True, False])
def test_a_relu_does_not_overwrite_the_value_before_it(in_place: bool) -> None:
    model, shown = chain(in_place), image(32)
    before = nn.functional.conv2d(shown, model[0].weight, model[0].bias)
    assert torch.equal(value(model, "0", "pre", shown), before)
    assert torch.equal(value(model, "0", "post", shown), before.clamp(min=0))
    assert torch.equal(value(model, "1", "pre", shown), before)
    assert (before < 0).any()


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("ReLU6", nn.functional.relu6),
        ("GELU", nn.functional.gelu),
        ("SiLU", nn.functional.silu),
        ("Hardswish", nn.functional.hardswish),
        ("LeakyReLU", nn.functional.leaky_relu),
        ("Sigmoid", torch.sigmoid),
        ("Tanh", torch.tanh),
        ("ReLU", Tensor.relu),
    ],
)
def test_activations_called_as_functions(name: str, function: object) -> None:
    class Bent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.straight = nn.Linear(3, 5)

        def forward(self, shown: Tensor) -> Tensor:
            return function(self.straight(shown))  # type: ignore[operator, no-any-return]

    model, shown = Bent().eval(), torch.randn(2, 3)
    layer = layers_of(model, (1, 3))["straight"]
    assert layer.activation == name
    before, after = (value(model, "straight", stage, shown) for stage in ("pre", "post"))
    assert torch.equal(before, model.straight(shown))
    assert torch.equal(after, function(before))  # type: ignore[operator]


def test_a_residual_block_before_its_last_relu_is_the_sum_of_its_branches(resnet: nn.Module) -> None:
    entering = resnet.maxpool(torch.relu(resnet.bn1(resnet.conv1(image()))))
    block = resnet.layer1[0]
    inner = torch.relu(block.bn1(block.conv1(entering)))
    expected = block.bn2(block.conv2(inner)) + entering
    pre = value(resnet, "layer1.0", "pre", image())
    assert torch.equal(pre, expected)
    assert (pre < 0).any()
    assert torch.equal(value(resnet, "layer1.0", "post", image()), block(entering))


def test_a_tensor_that_was_added_to_before_the_relu_is_not_what_the_relu_took(resnet: nn.Module) -> None:
    """`out += identity; relu(out)` hands the ReLU the very tensor that bn2 answered, with other values in it."""
    layer = layers_of(resnet, (1, 3, 224, 224))["layer1.0.bn2"]
    assert layer.activation == ""
    assert layer.pre == layer.post


def test_first_convolution_of_a_resnet_counts_after_batch_normalisation(resnet: nn.Module) -> None:
    network = load_network("resnet18")
    spot = network.layer("conv1").pre
    assert torch.equal(values_at(resnet, {spot}, image())[spot], resnet.bn1(resnet.conv1(image())))


def test_the_last_layers_of_a_resnet_are_the_same_before_and_after(resnet: nn.Module) -> None:
    scores = value(resnet, "fc", "post", image())
    average = value(resnet, "avgpool", "pre", image())
    assert torch.equal(scores, resnet(image()))
    assert torch.equal(scores, value(resnet, "output", "pre", image()))
    assert (scores < 0).any()
    assert torch.equal(resnet.fc(average.flatten(1)), scores)


def test_nothing_stays_attached() -> None:
    model = chain(True)
    value(model, "0", "pre", image(32))
    value(model, "1", "post", image(32))
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_the_pass_ends_with_the_last_layer_that_is_wanted() -> None:
    ran = []
    model = chain(False)
    model[3].register_forward_pre_hook(lambda *_: ran.append("too far"))
    spots = {layers_of(model, (1, 3, 32, 32))[name].pre for name in ("0", "2")}
    ran.clear()
    assert set(values_at(model, spots, image(32))) == spots
    assert ran == []


def test_a_module_that_runs_twice_counts_as_it_answers_for_the_last_time() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.step = nn.Linear(4, 4)

        def forward(self, shown: Tensor) -> Tensor:
            return self.step(self.step(shown))  # type: ignore[no-any-return]

    model, shown = Twice().eval(), torch.randn(1, 4)
    assert torch.equal(value(model, "step", "pre", shown), model(shown))


def test_post_is_the_rectified_pre_in_every_layer_that_has_a_relu(
    narrow: Network, narrow_state: dict[str, Tensor]
) -> None:
    model = narrow.outline().to_empty(device="cpu").requires_grad_(False)
    model.load_state_dict(narrow_state)
    for name, layer in narrow.layers.items():
        values = values_at(model, {layer.pre, layer.post}, image())
        pre, post = values[layer.pre], values[layer.post]
        assert torch.equal(post, pre if name == "full8" else pre.clamp(min=0)), name
        assert (pre < 0).any(), name
        assert layer.rectified == (name != "full8")


@pytest.mark.parametrize(
    ("network", "layer", "last"),
    [
        ("swin_t", "features.1.0", True),
        ("swin_t", "permute", False),
        ("convnext_tiny", "features.1.0", False),
        ("convnext_tiny", "features.1.0.block.2", True),
        ("convnext_tiny", "features.0.1", False),
        ("resnet18", "layer2.0", False),
    ],
)
def test_where_the_maps_are_stored(network: str, layer: str, last: bool) -> None:
    found = load_network(network).layer(layer)
    assert found.channels_last == last
    assert found.shape[0 if not last else -1] > found.shape[1]
