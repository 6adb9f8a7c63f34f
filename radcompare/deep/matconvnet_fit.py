"""Holding a MatConvNet network against ours: the same layers in the same order, or it is another network."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from torch import Tensor, nn

from radcompare.deep.matconvnet import MatConvNet, MatLayer
from radcompare.errors import WeightsError

SHOWN = 3
"""Differences that one error tells."""


def fit(
    model: nn.Module, found: MatConvNet, order: Sequence[str], path: Path, network: str, side: int
) -> dict[str, Tensor]:
    """The weights of a file under our names, once its geometry is known to be ours.

    Local response normalisation takes the file's constants: MatConvNet's [N kappa alpha beta] is torch's size N, k
    kappa, alpha N * alpha, beta. A fully connected layer is stored as a convolution as large as its input: same
    values, same order.

    Args:
        model: ours, changed in place; its modules stand in the order in which they run.
        found: the file's.
        order: dotted names of our modules with weights; the file's layers beyond them keep their own names.
        path: the file, for messages.
        network: ours, for messages.
        side: of the input in pixels.

    Raises:
        WeightsError: strides, padding, pooling or normalisation differ.
    """
    ours = [module for module in model.modules() if isinstance(module, KINDS)]
    theirs = [layer for layer in found.layers if layer.kind in ("pool", "lrn") or layer.filters is not None]
    if any(
        layer.kind in ("pool", "lrn") for layer in theirs
    ):  # a file of weights alone has no geometry to compare
        differences = list(_differences(ours, theirs, side))
        if differences:
            more = f" and {len(differences) - SHOWN} more" if len(differences) > SHOWN else ""
            raise WeightsError(
                f"{path}: is not {network}: {'; '.join(differences[:SHOWN])}{more}",
                "name the network that the file is of",
            )
        _take_normalisation(ours, theirs)
    return _state(model, theirs, order)


KINDS = (nn.Conv2d, nn.Linear, nn.MaxPool2d, nn.LocalResponseNorm)


def _differences(ours: Sequence[nn.Module], theirs: Sequence[MatLayer], side: int) -> Iterator[str]:
    kinds, their_kinds = [_kind(module) for module in ours], [layer.kind or "conv" for layer in theirs]
    if kinds != their_kinds:
        at = next((i for i, (a, b) in enumerate(zip(kinds, their_kinds, strict=False)) if a != b), None)
        if at is None:
            yield f"it has {len(their_kinds)} layers, ours {len(kinds)}"
        else:
            yield f"layer {at + 1} ({theirs[at].name}) is {their_kinds[at]}, ours {kinds[at]}"
        return
    width = side
    for module, layer in zip(ours, theirs, strict=True):
        if isinstance(module, nn.Conv2d):
            yield from _convolution(module, layer)
            width = (width + 2 * int(module.padding[0]) - module.kernel_size[0]) // module.stride[0] + 1
        elif isinstance(module, nn.MaxPool2d):
            window, stride = int(module.kernel_size), int(module.stride)  # type: ignore[arg-type]
            after = -(-(width - window) // stride) + 1
            yield from _pooling(layer, width, window, stride, after)
            width = after
        elif isinstance(module, nn.LocalResponseNorm) and layer.lrn is not None and layer.lrn[0] % 2 == 0:
            yield f"{layer.name} normalises over an even number of channels, {layer.lrn[0]:g}"


def _convolution(module: nn.Conv2d, layer: MatLayer) -> Iterator[str]:
    stride = layer.stride or (1, 1)
    pad = layer.pad or (0, 0, 0, 0)
    if stride != module.stride:
        yield f"{layer.name} has stride {stride[0]} x {stride[1]}, ours {module.stride[0]} x {module.stride[1]}"
    if set(pad) != {module.padding[0]}:
        yield f"{layer.name} is padded by {', '.join(map(str, pad))}, ours by {module.padding[0]}"


def _pooling(layer: MatLayer, width: int, window: int, stride: int, after: int) -> Iterator[str]:
    """MatConvNet pads at the right and the bottom what our pooling rounds up: the sizes of the maps decide."""
    top, bottom, left, right = layer.pad or (0, 0, 0, 0)
    size, steps = layer.size or (window, window), layer.stride or (1, 1)
    theirs = tuple(
        (width + pads - size[i]) // steps[i] + 1 for i, pads in enumerate((top + bottom, left + right))
    )
    if layer.method != "max":
        yield f"{layer.name} pools by {layer.method}, ours by max"
    if size != (window, window) or steps != (stride, stride):
        yield f"{layer.name} pools {size[0]} x {size[1]} in steps of {steps[0]}, ours {window} in steps of {stride}"
    elif theirs != (after, after) or top or left:
        yield f"{layer.name} makes maps {theirs[0]} x {theirs[1]} of {width}, ours {after}"


def _take_normalisation(ours: Sequence[nn.Module], theirs: Sequence[MatLayer]) -> None:
    for module, layer in zip(ours, theirs, strict=True):
        if isinstance(module, nn.LocalResponseNorm) and layer.lrn is not None:
            size, kappa, alpha, beta = layer.lrn
            module.size, module.k, module.alpha, module.beta = int(size), kappa, size * alpha, beta


def _state(model: nn.Module, theirs: Sequence[MatLayer], order: Sequence[str]) -> dict[str, Tensor]:
    expected = model.state_dict()
    state: dict[str, Tensor] = {}
    weighted = [layer for layer in theirs if layer.filters is not None]
    for position, layer in enumerate(weighted):
        name = order[position] if position < len(order) else layer.name or f"layer {position + 1}"
        assert layer.filters is not None
        assert layer.biases is not None
        ours = expected.get(f"{name}.weight")
        flat = ours is not None and ours.ndim == 2
        state[f"{name}.weight"] = layer.filters.flatten(1) if flat else layer.filters
        state[f"{name}.bias"] = layer.biases
    return state


def _kind(module: nn.Module) -> str:
    if isinstance(module, nn.MaxPool2d):
        return "pool"
    return "lrn" if isinstance(module, nn.LocalResponseNorm) else "conv"
