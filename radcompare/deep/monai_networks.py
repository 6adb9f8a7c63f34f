"""Three-dimensional networks of MONAI, an optional library: `monai/resnet18`, `monai/densenet121`, ..."""

from importlib.metadata import version
from typing import Any

from torch import nn

from radcompare.deep.networks import Network
from radcompare.errors import MissingLibraryError, UnknownNameError

FAMILY = "monai/"
RESNETS = ("resnet10", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnet200")
DENSENETS = ("DenseNet121", "DenseNet169", "DenseNet201", "DenseNet264")
SIDE = 64
"""Of the cubic input in voxels: they take any, and this one is ours."""


def monai_network(name: str) -> Network:
    """A residual or dense network of MONAI that sees a volume of one channel, scaled to [0, 1].

    `imagenet` weights do not exist for volumes; a file is passed with --weights. Those of MedicalNet have the names
    and shapes of MONAI's ResNets without bias of the shortcuts, as they are built here, and are read. But its own
    program steps by 2 in its first convolution, and widens (dilation 2 and 4) instead of stepping in layer3 and
    layer4: what comes of its weights here are features of its weights, not MedicalNet's features.

    Raises:
        MissingLibraryError: MONAI is not installed.
        UnknownNameError: it has no such network.
    """
    own = name.removeprefix(FAMILY)
    known = [*RESNETS, *(dense.lower() for dense in DENSENETS)]
    if own not in known:
        raise UnknownNameError("network of MONAI", own, known)

    def build() -> nn.Module:
        nets = _nets()
        if own in RESNETS:
            # MedicalNet's 18 and 34 have shortcuts of type A, which have no weights at all; the others B.
            shortcut = "A" if own in ("resnet18", "resnet34") else "B"
            model = getattr(nets, own)(
                spatial_dims=3,
                n_input_channels=1,
                num_classes=2,
                shortcut_type=shortcut,
                bias_downsample=False,
            )
        else:
            model = getattr(nets, own.replace("densenet", "DenseNet"))(
                spatial_dims=3, in_channels=1, out_channels=2
            )
        assert isinstance(model, nn.Module)
        return model

    _nets()
    return Network(
        name,
        build,
        head="fc" if own in RESNETS else "class_layers.out",
        mean=(0.0,),
        std=(1.0,),
        published_weights="there are no ImageNet weights for volumes: pass --weights FILE, e.g. one of MedicalNet",
        input_size=SIDE,
        dimensions=3,
        channels=1,
        hollow=False,
        code=f"monai {version('monai')}",
    )


def _nets() -> Any:
    try:
        from monai.networks import nets
    except ImportError:
        raise MissingLibraryError("MONAI is not installed", "pip install 'radcompare[monai]'") from None
    return nets
