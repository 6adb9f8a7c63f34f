"""From pictures in [0, 1] to the tensor that a network wants."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Channel = Literal["r", "g", "b", "all"]
CHANNELS = {"r": 0, "g": 1, "b": 2}


@dataclass(frozen=True)
class Scaling:
    """What a network sees of a picture: `(scale * picture - mean) / std` per channel.

    Attributes:
        scale: what white is, 1 or 255.
        mean: (channels, 1, 1), or (channels, side, side) for a mean image; red, green, blue.
        std: (channels, 1, 1).
        bgr: the network's first channel is blue.
    """

    scale: float
    mean: Tensor
    std: Tensor
    bgr: bool = False


def to_input(pictures: Tensor, scaling: Scaling, channel: Channel) -> Tensor:
    """Show grey pictures to one colour channel or to all, or several pictures as the channels.

    Channels that see nothing are at the network's mean, so they are exactly zero after its subtraction.

    Args:
        pictures: values in [0, 1], shape (n, 1, *sides), or (n, channels, *sides) for one picture per channel.
        scaling: says what white is and how the channels are scaled.
        channel: `r`, `g`, `b` or `all`, for grey pictures.

    Returns:
        float32 of shape (n, channels, *sides).
    """
    channels, sides = len(scaling.mean), pictures.ndim - 2
    mean, std = (each.reshape(*each.shape, *([1] * (sides - 2))) for each in (scaling.mean, scaling.std))
    # Every pass over a batch of pictures counts beside a fast network: nothing is copied that need not be.
    seen = ((scaling.scale * pictures).expand(-1, channels, *([-1] * sides)) - mean).div_(std)
    if channel != "all" and channels > 1:
        only = torch.zeros_like(seen)
        only[:, CHANNELS[channel]] = seen[:, CHANNELS[channel]]
        seen = only
    return seen.flip(1) if scaling.bgr else seen
