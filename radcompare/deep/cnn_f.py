"""CNN-F, also called VGG-F: the fast network of Chatfield, Simonyan, Vedaldi and Zisserman (BMVC 2014).

Written here because torchvision does not have it. The layout is that of the weights released for MatConvNet
(`imagenet-vgg-f.mat`): five convolutions, three fully connected layers, one tower without groups.
"""

import torch
from torch import Tensor, nn

from radcompare.deep.networks import Layer, Network

CONVOLUTIONS = ("conv1", "conv2", "conv3", "conv4", "conv5")
FULLY_CONNECTED = ("full6", "full7", "full8")


def local_response_normalization() -> nn.Module:
    """Normalisation across 5 channels with the constants of the released weights.

    MatConvNet's [N 5, kappa 2, alpha 1e-4, beta 0.75] divides by (kappa + alpha * sum of squares)^beta;
    torch divides alpha by N first, hence 5e-4.
    """
    return nn.LocalResponseNorm(size=5, alpha=5e-4, beta=0.75, k=2.0)


class CnnF(nn.Module):
    """The network: images (n, 3, 224, 224) in, class scores (n, classes) out, no softmax.

    Maps are 54, 27, 13 and 6 pixels wide. The values of a layer before its ReLU are the outputs of the module
    named after it (`conv1` ... `full8`).

    Args:
        maps: number of maps of the five convolutions.
        full: number of units of full6 and full7.
        classes: number of units of full8.
    """

    def __init__(
        self,
        maps: tuple[int, int, int, int, int] = (64, 256, 256, 256, 256),
        full: int = 4096,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, maps[0], kernel_size=11, stride=4)
        self.conv2 = nn.Conv2d(maps[0], maps[1], kernel_size=5, padding=2)
        self.conv3 = nn.Conv2d(maps[1], maps[2], kernel_size=3, padding=1)
        self.conv4 = nn.Conv2d(maps[2], maps[3], kernel_size=3, padding=1)
        self.conv5 = nn.Conv2d(maps[3], maps[4], kernel_size=3, padding=1)
        self.full6 = nn.Linear(maps[4] * 6 * 6, full)
        self.full7 = nn.Linear(full, full)
        self.full8 = nn.Linear(full, classes)
        self.relu = nn.ReLU()
        self.lrn = local_response_normalization()
        # 54 pixels do not divide into windows of 3 in steps of 2: rounding up adds the one column right and
        # the one row at the bottom that MatConvNet pads. At 27 and 13 pixels nothing is left over.
        self.pool = nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)
        self.dropout = nn.Dropout(0.5)

    def forward(self, images: Tensor) -> Tensor:
        """Class scores of a batch of images."""
        maps = self.pool(self.lrn(self.relu(self.conv1(images))))
        maps = self.pool(self.lrn(self.relu(self.conv2(maps))))
        maps = self.relu(self.conv3(maps))
        maps = self.relu(self.conv4(maps))
        maps = self.pool(self.relu(self.conv5(maps)))
        units = self.dropout(self.relu(self.full6(torch.flatten(maps, 1))))
        units = self.dropout(self.relu(self.full7(units)))
        scores: Tensor = self.full8(units)
        return scores


def cnn_f() -> Network:
    """CNN-F as radcompare reads it: layers conv1 to conv5 and full6 to full8.

    `post` is before normalisation and pooling; full8 has no ReLU, so `pre` and `post` are the same there.

    It wants values in [0, 255]. Without the mean image that comes with a MatConvNet file, the mean colour of
    ImageNet as the VGG networks use it is subtracted.
    """
    return Network(
        name="cnn-f",
        build=CnnF,
        layers={name: Layer(name, rectified=name != "full8") for name in CONVOLUTIONS + FULLY_CONNECTED},
        head="full8",
        scale=255.0,
        mean=(123.68, 116.779, 103.939),
        std=(1.0, 1.0, 1.0),
        published_weights="fetch imagenet-vgg-f.mat of the MatConvNet model zoo"
        " (https://www.vlfeat.org/matconvnet/pretrained/) and pass --weights FILE",
        matconvnet_order=CONVOLUTIONS + FULLY_CONNECTED,
    )
