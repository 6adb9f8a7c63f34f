"""From a picture in [0, 1] to the tensor that a network wants."""

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radcompare.deep.networks import Network

Channel = Literal["r", "g", "b", "all"]
CHANNELS = {"r": 0, "g": 1, "b": 2}


def to_input(picture: NDArray[np.float32], network: Network, mean: Tensor, channel: Channel) -> Tensor:
    """Show a grey picture to one colour channel, or the same to all three.

    Channels that see nothing are at the network's mean, so they are exactly zero after its subtraction.

    Args:
        picture: values in [0, 1], shape (side, side).
        network: says what white is and how the channels are scaled.
        mean: to subtract per channel, in the network's units: (3, 1, 1) or (3, side, side).
        channel: `r`, `g`, `b` or `all`.

    Returns:
        float32 of shape (1, 3, side, side).
    """
    std = torch.tensor(network.std).reshape(3, 1, 1)
    seen = (network.scale * torch.from_numpy(picture).expand(3, -1, -1) - mean) / std
    if channel != "all":
        only = torch.zeros_like(seen)
        only[CHANNELS[channel]] = seen[CHANNELS[channel]]
        seen = only
    return seen.unsqueeze(0)
