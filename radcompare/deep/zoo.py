"""The classification networks of torchvision, some of them under layer names that the literature uses.

VGG and AlexNet: `conv1` (`conv1_1` ... `conv5_4` in VGG), `fc6`, `fc7`, `fc8`. ResNet: `conv1`, the residual
blocks `layer1.0` ... `layer4.2` (the value before the ReLU is the sum of a block's two branches), `avgpool`, `fc`.
`post` is before pooling; fc8, avgpool and fc have no ReLU, so `pre` and `post` are the same there. The layers of
all others bear torchvision's names.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import nn

from radcompare.deep.networks import Network
from radcompare.deep.torchvision_shim import import_torchvision
from radcompare.errors import WeightsError, did_you_mean

VGG = {"11": (1, 1, 2, 2, 2), "13": (2, 2, 2, 2, 2), "16": (2, 2, 3, 3, 3), "19": (2, 2, 4, 4, 4)}
"""Convolutions per stage (Simonyan and Zisserman 2014)."""
RESNET = {
    "18": (2, 2, 2, 2),
    "34": (3, 4, 6, 3),
    "50": (3, 4, 6, 3),
    "101": (3, 4, 23, 3),
    "152": (3, 8, 36, 3),
}
"""Residual blocks per stage (He et al. 2015), also of the wide networks and ResNeXt."""
_AS_TRAINED: dict[str, dict[str, Any]] = {
    "googlenet": {"init_weights": False, "transform_input": True, "aux_logits": False},
    "inception_v3": {"init_weights": False, "transform_input": True},
}
"""Settings that the published weights want: these two rescale their input themselves."""


def torchvision_network(name: str) -> Network:
    """A network of torchvision, with the input size and scaling that its published weights were trained with."""
    published = first_weights(name)
    transforms = published.transforms()
    side = int(transforms.crop_size[0])
    return Network(
        name,
        _builder(name, side),
        _aliases(name),
        mean=tuple(transforms.mean),
        std=tuple(transforms.std),
        torchvision_weights=str(published),
        input_size=side,
        matconvnet_order=tuple(_aliases(name).values()) if name in ("vgg16", "vgg19") else (),
    )


def with_weights(network: Network, weights: str) -> Network:
    """The network with other published weights than the first, and the input that they were trained with.

    Args:
        network: one of torchvision's.
        weights: torchvision's name, `IMAGENET1K_V2` or `ResNet50_Weights.IMAGENET1K_V2`.

    Raises:
        WeightsError: it has no such weights.
    """
    if network.torchvision_weights is None:
        raise WeightsError(
            f"{network.name}: {weights} is a name of torchvision's weights, and it is no network of torchvision's",
            network.published_weights,
        )
    known = {each.name: each for each in import_torchvision().models.get_model_weights(network.name)}
    published = known.get(weights.rpartition(".")[2])
    if published is None or weights.rpartition(".")[0] not in ("", type(published).__name__):
        near = did_you_mean(weights, known)
        raise WeightsError(f"{network.name} has no weights {weights}{near}", f"known: {', '.join(known)}")
    transforms = published.transforms()
    side = int(transforms.crop_size[0])
    return replace(
        network,
        build=_builder(network.name, side),
        mean=tuple(transforms.mean),
        std=tuple(transforms.std),
        torchvision_weights=str(published),
        input_size=side,
    )


def first_weights(name: str) -> Any:
    """The weights that torchvision published first for a network: ImageNet's as a rule."""
    return next(iter(import_torchvision().models.get_model_weights(name)))


def _aliases(name: str) -> Mapping[str, str]:
    if name == "alexnet":
        convolutions = {f"conv{i}": f"features.{at}" for i, at in enumerate((0, 3, 6, 8, 10), start=1)}
        return convolutions | _fully_connected(1, 4, 6)
    if name.startswith("vgg"):
        return _vgg(VGG[name.removeprefix("vgg").removesuffix("_bn")], normalised=name.endswith("_bn"))
    depth = re.fullmatch(r"(?:wide_)?resne[x]?t(\d+)(?:_\w+)?", name)
    return _resnet(RESNET[depth[1]]) if depth else {}


def _vgg(stages: Sequence[int], normalised: bool) -> dict[str, str]:
    """Every stage is so many convolutions with their ReLU, batch normalisation between the two, then one pooling."""
    layers, at, step = {}, 0, 3 if normalised else 2
    for stage, convolutions in enumerate(stages, start=1):
        for i in range(convolutions):
            layers[f"conv{stage}_{i + 1}"] = f"features.{at + step * i + normalised}"
        at += step * convolutions + 1
    return layers | _fully_connected(0, 3, 6)


def _resnet(stages: Sequence[int]) -> dict[str, str]:
    """conv1 counts after its batch normalisation, where its ReLU is; every block ends in one."""
    blocks = [f"layer{stage}.{i}" for stage, count in enumerate(stages, start=1) for i in range(count)]
    return {"conv1": "bn1", **{block: block for block in blocks}, "avgpool": "avgpool", "fc": "fc"}


def _fully_connected(fc6: int, fc7: int, fc8: int) -> dict[str, str]:
    return {"fc6": f"classifier.{fc6}", "fc7": f"classifier.{fc7}", "fc8": f"classifier.{fc8}"}


def _builder(name: str, side: int) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        settings = {"image_size": side} if name.startswith("vit_") else _AS_TRAINED.get(name, {})
        module = import_torchvision().models.get_model(name, **settings)
        assert isinstance(module, nn.Module)
        return module

    return build
