"""Deep features: what one layer of a network answers when it is shown the largest slice of a tumour."""

import re
from functools import cached_property, lru_cache

import numpy as np
import PIL
import torch

from radcompare.deep import weights
from radcompare.deep.layer_value import layer_value, pooled
from radcompare.deep.network_input import to_input
from radcompare.deep.networks import load_network
from radcompare.errors import CaseError, WeightsError
from radcompare.imaging.region import Region
from radcompare.imaging.window import picture_of
from radcompare.source_settings import DeepSource


class DeepExtractor:
    """One column per unit of the layer: `deep_cnn-f_full7_post_0012` is unit 12 of full7 after its ReLU.

    Layers without a ReLU (full8, fc8, fc, avgpool) answer the same to `pre` and `post`.
    It runs in float32 on the CPU, one case at a time, so a case's values do not depend on the others. It can
    be pickled; every process loads the network once, when it measures its first case.

    Args:
        source: network, weights, layer and window.

    Raises:
        UnknownNameError: the network has no such layer (found without loading weights).
    """

    def __init__(self, source: DeepSource) -> None:
        self.source = source
        self._network = load_network(source.network)
        self._layer = self._network.layer(source.layer)
        self._prefix = f"deep_{source.network}_{source.layer}_{source.relu}"

    @cached_property
    def weights_stamp(self) -> str:
        """`untrained (random, seed 1)`, or `sha256:` and the digest of the weights file.

        Raises:
            WeightsError: there is no such file, or it cannot be fetched.
        """
        return weights.stamp(self.source.weights, self.source.seed, self._network)

    @property
    def untrained(self) -> bool:
        """The weights are random: nothing was learned from any image."""
        return self.source.weights == weights.RANDOM

    def settings(self) -> dict[str, object]:
        """Everything that determines the values, for the sidecar and the cache; never a path.

        Raises:
            WeightsError: the weights cannot be had, so their identity is unknown.
        """
        chosen = self.source.model_dump(exclude={"weights", "seed"})
        if self.source.window == "warp":
            del chosen["size"]  # has no effect there
        versions = {"torch": torch.__version__, "pillow": PIL.__version__, "numpy": np.__version__}
        return {
            **chosen,
            "input_size": self._network.input_size,
            "weights": self._weights_identity(),
            **versions,
        }

    def extract(self, region: Region) -> dict[str, float]:
        """The values of the layer for one case, by column name.

        Raises:
            CaseError: the window holds voxels that are not finite, or the network's answer is not finite.
            WeightsError: the weights cannot be had, do not fit, or changed since the stamp was taken.
        """
        source = self.source
        loaded = _loaded(source.network, source.weights, source.seed, self.weights_stamp)
        if not loaded.has_head and self._layer.module == self._network.head:
            raise WeightsError(
                f"{source.weights}: its classification layer does not fit, so there is no {source.layer} to read",
                "name another layer, or pass weights with the original classification layer",
            )
        picture = picture_of(region, source, self._network.input_size)
        shown = to_input(picture, self._network, loaded.mean, source.channel)
        row = pooled(layer_value(loaded.model, self._layer, shown, source.relu), source.pool)[0]
        if not torch.isfinite(row).all():
            raise CaseError(f"{region.case}: {source.network} answers with values that are not finite")
        return {f"{self._prefix}_{unit:04d}": value for unit, value in enumerate(row.tolist())}

    def source_of(self, column: str) -> str:
        """The program that computes a column, with its version.

        Raises:
            KeyError: it is no column of this extractor.
        """
        if not re.fullmatch(rf"{re.escape(self._prefix)}_\d{{4,}}", column):
            raise KeyError(column)
        return f"torch {torch.__version__}"

    def _weights_identity(self) -> str:
        if self.source.weights == weights.IMAGENET:
            return f"imagenet: {self._network.torchvision_weights}, {self.weights_stamp}"
        return self.weights_stamp

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (self.source, self.weights_stamp)


def _restored(source: DeepSource, stamp: str) -> DeepExtractor:
    """The extractor in another process, which need not hash the weights again."""
    extractor = DeepExtractor(source)
    extractor.weights_stamp = stamp
    return extractor


@lru_cache(maxsize=1)
def _loaded(network: str, source: str, seed: int, stamp: str) -> weights.LoadedNetwork:
    """The network of this process: kept for the next case, whichever extractor asks."""
    description = load_network(network)
    loaded = weights.load(source, seed, description)
    if weights.stamp(source, seed, description) != stamp:
        raise WeightsError(f"{source}: the file has changed while it was in use", "run again")
    return loaded
