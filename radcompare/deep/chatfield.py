"""CNN-F, CNN-M and CNN-S (VGG-F, -M, -S): the networks of Chatfield, Simonyan, Vedaldi and Zisserman (BMVC 2014).

Written here because torchvision does not have them. The layout is that of the weights released for MatConvNet
(`imagenet-vgg-f.mat`, `-m`, `-s`): five convolutions, three fully connected layers, one tower without groups.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from radcompare.deep.networks import Network

CONVOLUTIONS = ("conv1", "conv2", "conv3", "conv4", "conv5")
FULLY_CONNECTED = ("full6", "full7", "full8")
LAST_SIDE = 6
"""Width of the maps that full6 sees, in all three."""


@dataclass(frozen=True)
class Plan:
    """What tells the three networks apart.

    Attributes:
        maps: number of maps of the five convolutions.
        first: kernel and stride of conv1, which is not padded.
        second: kernel, stride and padding of conv2.
        pools: window and stride of the pooling after conv1, conv2 and conv5. Where the windows leave columns
            over, one more begins there: MatConvNet's padding at the right and the bottom.
        normalised: the convolutions followed by local response normalisation.
    """

    maps: tuple[int, int, int, int, int]
    first: tuple[int, int]
    second: tuple[int, int, int]
    pools: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    normalised: tuple[int, ...] = (1, 2)


FAST = Plan((64, 256, 256, 256, 256), (11, 4), (5, 1, 2), ((3, 2), (3, 2), (3, 2)))
"""Maps 54, 27, 13 and 6 pixels wide."""
MEDIUM = Plan((96, 256, 512, 512, 512), (7, 2), (5, 2, 1), ((3, 2), (3, 2), (3, 2)))
"""Maps 109, 54, 26, 13 and 6 pixels wide."""
SLOW = Plan((96, 256, 512, 512, 512), (7, 2), (5, 1, 0), ((3, 3), (2, 2), (3, 3)), normalised=(1,))
"""Maps 109, 37, 33, 17 and 6 pixels wide."""


def local_response_normalization() -> nn.Module:
    """Normalisation across 5 channels with the constants of the released weights.

    MatConvNet's [N 5, kappa 2, alpha 1e-4, beta 0.75] divides by (kappa + alpha * sum of squares)^beta;
    torch divides alpha by N first, hence 5e-4.
    """
    return ResponseNorm(size=5, alpha=5e-4, beta=0.75, k=2.0)


class ResponseNorm(nn.LocalResponseNorm):
    """The same in any precision: computed in float32, as torch knows no other for it on the CPU."""

    def forward(self, maps: Tensor) -> Tensor:
        """Normalised maps, in the precision that they came in."""
        short = maps.dtype in (torch.bfloat16, torch.float16)
        return super().forward(maps.float() if short else maps).to(maps.dtype)


class Chatfield(nn.Module):
    """The network: images (n, 3, 224, 224) in, class scores (n, classes) out, no softmax.

    The values of a layer before its ReLU are the outputs of the module named after it (`conv1` ... `full8`).
    Modules are defined in the order in which they run.

    Args:
        plan: which of the three.
        full: number of units of full6 and full7.
        classes: number of units of full8.
    """

    def __init__(self, plan: Plan, full: int = 4096, classes: int = 1000) -> None:
        super().__init__()
        maps, (kernel, stride), (kernel2, stride2, padding2) = plan.maps, plan.first, plan.second
        self.conv1 = nn.Conv2d(3, maps[0], kernel, stride)
        self.relu1 = nn.ReLU()
        self.norm1 = _normalisation(1, plan)
        self.pool1 = nn.MaxPool2d(*plan.pools[0], ceil_mode=True)
        self.conv2 = nn.Conv2d(maps[0], maps[1], kernel2, stride2, padding2)
        self.relu2 = nn.ReLU()
        self.norm2 = _normalisation(2, plan)
        self.pool2 = nn.MaxPool2d(*plan.pools[1], ceil_mode=True)
        self.conv3 = nn.Conv2d(maps[1], maps[2], 3, padding=1)
        self.relu3 = nn.ReLU()
        self.conv4 = nn.Conv2d(maps[2], maps[3], 3, padding=1)
        self.relu4 = nn.ReLU()
        self.conv5 = nn.Conv2d(maps[3], maps[4], 3, padding=1)
        self.relu5 = nn.ReLU()
        self.pool5 = nn.MaxPool2d(*plan.pools[2], ceil_mode=True)
        self.full6 = nn.Linear(maps[4] * LAST_SIDE**2, full)
        self.relu6 = nn.ReLU()
        self.dropout6 = nn.Dropout(0.5)
        self.full7 = nn.Linear(full, full)
        self.relu7 = nn.ReLU()
        self.dropout7 = nn.Dropout(0.5)
        self.full8 = nn.Linear(full, classes)

    def forward(self, images: Tensor) -> Tensor:
        """Class scores of a batch of images."""
        maps = self.pool1(self.norm1(self.relu1(self.conv1(images))))
        maps = self.pool2(self.norm2(self.relu2(self.conv2(maps))))
        maps = self.relu4(self.conv4(self.relu3(self.conv3(maps))))
        maps = self.pool5(self.relu5(self.conv5(maps)))
        units = self.dropout6(self.relu6(self.full6(torch.flatten(maps, 1))))
        units = self.dropout7(self.relu7(self.full7(units)))
        scores: Tensor = self.full8(units)
        return scores


def cnn_f(_name: str = "cnn-f") -> Network:
    """CNN-F, the fast one: layers conv1 to conv5 and full6 to full8; `post` is before normalisation and pooling.

    It wants values in [0, 255]. Without the mean image that comes with a MatConvNet file, the mean colour of
    ImageNet as the VGG networks use it is subtracted.
    """
    return _network("cnn-f", FAST)


def cnn_m(_name: str = "cnn-m") -> Network:
    """CNN-M, the medium one: as CNN-F with smaller strides and twice the maps."""
    return _network("cnn-m", MEDIUM)


def cnn_s(_name: str = "cnn-s") -> Network:
    """CNN-S, the slow and accurate one: as CNN-M with conv2 at full resolution."""
    return _network("cnn-s", SLOW)


def _network(name: str, plan: Plan) -> Network:
    return Network(
        name=name,
        build=lambda: Chatfield(plan),
        aliases={layer: layer for layer in CONVOLUTIONS + FULLY_CONNECTED},
        head="full8",
        scale=255.0,
        mean=(123.68, 116.779, 103.939),
        std=(1.0, 1.0, 1.0),
        published_weights=f"fetch imagenet-vgg-{name[-1]}.mat of the MatConvNet model zoo"
        " (https://www.vlfeat.org/matconvnet/pretrained/) and pass --weights FILE",
        matconvnet_order=CONVOLUTIONS + FULLY_CONNECTED,
    )


def _normalisation(convolution: int, plan: Plan) -> nn.Module:
    return local_response_normalization() if convolution in plan.normalised else nn.Identity()
