"""Networks without values: their layers and sizes are known in milliseconds, whatever their weight."""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode


def hollow(build: Callable[[], nn.Module]) -> nn.Module:
    """A network whose large tensors have a shape and no values, in evaluation mode.

    Only what `torch.empty` makes, the parameters that are to be initialised, lies on the "meta" device. Tables of
    positions and the like, which a builder computes, have their values.
    """
    with _EmptyIsMeta(), torch.random.fork_rng(devices=[]):
        return build().eval()


def outline(model: nn.Module) -> nn.Module:
    """The same network with everything on the "meta" device."""
    return copy.deepcopy(model).to("meta")


def with_room(model: nn.Module) -> nn.Module:
    """A hollow network with memory for the values it lacks, whatever is in it, in place."""
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if parameter.is_meta:
                setattr(module, name, nn.Parameter(torch.empty_like(parameter, device="cpu"), False))
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.is_meta:
                setattr(module, name, torch.empty_like(buffer, device="cpu"))
    return model.requires_grad_(False)


class _EmptyIsMeta(TorchFunctionMode):
    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = dict(kwargs or {})
        if func is torch.empty and given.get("device") is None:
            given["device"] = "meta"
        return func(*args, **given)
