"""From the value of a layer to columns."""

from typing import Literal

from torch import Tensor

from radcompare.deep.tracing import Layer

Pool = Literal["mean", "max", "flatten"]


def pooled(value: Tensor, layer: Layer, pool: Pool) -> Tensor:
    """One row per picture: units as they are, a map as its mean, its maximum, or all of its pixels row by row.

    The tokens of a transformer are pooled as the pixels of a map are.

    Args:
        value: (n, units), (n, tokens, units), or (n, maps, *sides); with `channels_last`, (n, *sides, maps).
        layer: what the value is of.
        pool: what becomes of maps.

    Returns:
        (n, columns).
    """
    if value.ndim == 2 or pool == "flatten":
        return value.flatten(1)
    sides = tuple(range(1, value.ndim - 1) if maps_are_last(layer) else range(2, value.ndim))
    return value.mean(dim=sides) if pool == "mean" else value.amax(dim=sides)


def columns(layer: Layer, pool: Pool) -> int:
    """How many columns a layer becomes."""
    if len(layer.shape) > 1 and pool != "flatten":
        return layer.shape[-1 if maps_are_last(layer) else 0]
    total = 1
    for side in layer.shape:
        total *= side
    return total


def maps_are_last(layer: Layer) -> bool:
    """The units stand last: maps stored so, and the tokens of a transformer."""
    return layer.channels_last or len(layer.shape) == 2
