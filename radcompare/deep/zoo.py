"""The networks that torchvision has, under layer names that the literature uses.

VGG and AlexNet: `conv1` (`conv1_1` ... `conv5_4` in VGG), `fc6`, `fc7`, `fc8`. ResNet: `conv1`, the residual
blocks `layer1.0` ... `layer4.2` (the value before the ReLU is the sum of a block's two branches), `avgpool`, `fc`.
`post` is before pooling; fc8, avgpool and fc have no ReLU, so `pre` and `post` are the same there.
"""

from collections.abc import Callable, Sequence

from torch import nn

from radcompare.deep.networks import Layer, Network
from radcompare.deep.torchvision_shim import import_torchvision


def alexnet() -> Network:
    """AlexNet in the one-tower form of Krizhevsky 2014."""
    layers = {f"conv{i}": Layer(f"features.{at}") for i, at in enumerate((0, 3, 6, 8, 10), start=1)}
    layers |= _fully_connected(1, 4, 6)
    return Network(
        "alexnet",
        _builder("alexnet"),
        layers,
        head="classifier.6",
        torchvision_weights="AlexNet_Weights.IMAGENET1K_V1",
    )


def vgg11() -> Network:
    """VGG with 11 weighted layers (configuration A of Simonyan and Zisserman 2014), without batch normalisation."""
    return _vgg("11", (1, 1, 2, 2, 2))


def vgg16() -> Network:
    """VGG with 16 weighted layers (configuration D)."""
    return _vgg("16", (2, 2, 3, 3, 3))


def vgg19() -> Network:
    """VGG with 19 weighted layers (configuration E)."""
    return _vgg("19", (2, 2, 4, 4, 4))


def resnet18() -> Network:
    """Residual network with 18 weighted layers (He et al. 2015)."""
    return _resnet("18", (2, 2, 2, 2))


def resnet50() -> Network:
    """Residual network with 50 weighted layers, three convolutions per block."""
    return _resnet("50", (3, 4, 6, 3))


def _vgg(depth: str, stages: Sequence[int]) -> Network:
    """A VGG: every stage is so many pairs of convolution and ReLU, then one pooling."""
    layers, at = {}, 0
    for stage, convolutions in enumerate(stages, start=1):
        for i in range(convolutions):
            layers[f"conv{stage}_{i + 1}"] = Layer(f"features.{at + 2 * i}")
        at += 2 * convolutions + 1
    return Network(
        f"vgg{depth}",
        _builder(f"vgg{depth}"),
        layers | _fully_connected(0, 3, 6),
        head="classifier.6",
        torchvision_weights=f"VGG{depth}_Weights.IMAGENET1K_V1",
    )


def _resnet(depth: str, stages: Sequence[int]) -> Network:
    """A ResNet: every stage is so many residual blocks, each ending in its ReLU."""
    layers = {"conv1": Layer("bn1")}
    for stage, blocks in enumerate(stages, start=1):
        for i in range(blocks):
            layers[f"layer{stage}.{i}"] = Layer(f"layer{stage}.{i}.relu", at_input=True)
    layers |= {"avgpool": Layer("avgpool", rectified=False), "fc": Layer("fc", rectified=False)}
    return Network(
        f"resnet{depth}",
        _builder(f"resnet{depth}"),
        layers,
        head="fc",
        torchvision_weights=f"ResNet{depth}_Weights.IMAGENET1K_V1",
    )


def _fully_connected(fc6: int, fc7: int, fc8: int) -> dict[str, Layer]:
    return {
        "fc6": Layer(f"classifier.{fc6}"),
        "fc7": Layer(f"classifier.{fc7}"),
        "fc8": Layer(f"classifier.{fc8}", rectified=False),
    }


def _builder(name: str) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        module = import_torchvision().models.get_model(name)
        assert isinstance(module, nn.Module)
        return module

    return build
