"""Reading one layer of a network while it looks at a picture."""

from threading import Lock
from typing import Any, Literal

import torch
from torch import Tensor, nn

from radcompare.deep.networks import Layer

Pool = Literal["mean", "max", "flatten"]
_one_at_a_time = Lock()  # threads share the network, and a watcher would hear what another thread shows it


def layer_value(model: nn.Module, layer: Layer, images: Tensor, relu: Literal["pre", "post"]) -> Tensor:
    """The value of a layer for a batch of images, as it is before or after the layer's ReLU.

    The ReLU is applied to a copy of the value before it, so `post` is `relu(pre)` to the last bit, and a
    network that rectifies in place cannot overwrite `pre`. A layer without a ReLU has one value for both.

    Args:
        model: in evaluation mode.
        layer: where to look.
        images: (n, 3, side, side).
        relu: `pre` or `post`.

    Returns:
        Units (n, units), or maps (n, maps, height, width).
    """
    values: list[Tensor] = []

    def watch(_module: nn.Module, inputs: tuple[Any, ...], output: Tensor | None = None) -> None:
        value = inputs[0] if output is None else output
        values[:] = [value.clone()]  # only the last call counts: see Layer.at_input

    module = model.get_submodule(layer.module)
    register = module.register_forward_pre_hook if layer.at_input else module.register_forward_hook
    with _one_at_a_time, torch.inference_mode(), register(watch):
        model(images)
    return values[0].relu() if relu == "post" and layer.rectified else values[0]


def pooled(value: Tensor, pool: Pool) -> Tensor:
    """One row per image: units as they are, a map as its mean, its maximum, or all of its pixels row by row.

    Args:
        value: (n, units) or (n, maps, height, width).
        pool: what becomes of maps.

    Returns:
        (n, columns).
    """
    if value.ndim == 2 or pool == "flatten":
        return value.flatten(1)
    return value.mean(dim=(2, 3)) if pool == "mean" else value.amax(dim=(2, 3))
