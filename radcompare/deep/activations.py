"""Deep features: what layers of a network answer when it is shown the tumour of a case."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from itertools import product

import numpy as np
import PIL
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from radcompare.deep import weights
from radcompare.deep.devices import chosen_device, named
from radcompare.deep.network_input import Channel, Scaling, to_input
from radcompare.deep.networks import Network, load_network
from radcompare.deep.pooling import Pool, columns, pooled
from radcompare.deep.tracing import Layer, Spot, values_at
from radcompare.errors import CaseError, ConfigError, WeightsError
from radcompare.imaging.region import Region
from radcompare.imaging.showing import Shown, show
from radcompare.memory import keep_freed_memory
from radcompare.source_settings import DeepSource, NetworkSettings, is_published

ORTHOGONAL = ("axial", "coronal", "sagittal")
_NOT_VALUES = ("weights", "seed", "lock", "weights_dir", "device")
"""Settings that the values do not depend on, or that the identity of the weights stands for."""


class DeepExtractor:
    """One column per unit of a layer: `deep_cnn-f_full7_post_0012` is unit 12 of full7 after its ReLU.

    Where several images, slices or channels have columns of their own, the name says which before the unit:
    `deep_cnn-f_full7_post_FLAIR_coronal_r_0012`. Layers without a ReLU (full8, fc8, fc, avgpool) answer the same to
    `pre` and `post`. The network runs no further than to the last layer that is read. Pictures are shown in batches
    of one size, the last one filled up, so that the values of a case do not depend on its neighbours.

    Args:
        source: network, weights, layers and what to show.

    Raises:
        UnknownNameError: the network has no such layer (found without loading weights).
    """

    def __init__(self, source: DeepSource) -> None:
        self.source = source
        self._network = network_of(source)
        self._layers = {name: self._network.layer(name) for name in source.layer}
        self._stages = [s for s in ("pre", "post") if source.relu in (s, "both")]
        if source.region == "volume" and self._network.dimensions != 3:
            problem = f"region volume: {source.network} looks at pictures, not volumes"
            raise ConfigError(problem, "name a 3-D network, such as monai/resnet18")
        if source.region != "volume" and self._network.dimensions == 3:
            raise ConfigError(f"{source.network} looks at volumes, not slices", "give region volume")

    @property
    def slug(self) -> str:
        """The network as columns name it."""
        return self._network.slug

    @cached_property
    def weights_stamp(self) -> str:
        """`untrained (random, seed 1)`, or `sha256:` and the digest of the weights file.

        Raises:
            WeightsError: there is no such file, it cannot be fetched, or the lock refuses it.
        """
        return weights.stamp(self._wanted, self._network)

    @property
    def untrained(self) -> bool:
        """The weights are random: nothing was learned from any image."""
        return self.source.weights == weights.RANDOM

    @property
    def batch(self) -> int:
        """Pictures shown to the network at a time."""
        return self.source.batch

    def settings(self) -> dict[str, object]:
        """Everything that determines the values, for the sidecar and the cache; never a path.

        Raises:
            WeightsError: the weights cannot be had, so their identity is unknown.
        """
        source = self.source
        chosen = source.model_dump(mode="json", exclude=set(_NOT_VALUES))
        chosen |= {"network": self._network.name, "combine": source.combined, "layer": list(source.layer)}
        if source.window == "warp":
            del chosen["size"]  # has no effect there
        return {
            **chosen,
            "input_size": self._network.input_size,
            "device": named(self._device),
            **({"network_code": self._network.code} if self._network.code else {}),
            "weights": self._weights_identity(),
            **{"torch": torch.__version__, "pillow": PIL.__version__, "numpy": np.__version__},
        }

    def remarks(self) -> dict[str, object]:
        """What of a weights file was loaded, missing and left over; it is loaded for that."""
        return self._loaded.report

    @cached_property
    def columns(self) -> list[str]:
        """The name of every feature, in the order of their values."""
        blocks = product(self._layers, self._stages, self._parts)
        return [
            "_".join(filter(None, ("deep", self._network.slug, layer, stage, *part, f"{unit:04d}")))
            for layer, stage, part in blocks
            for unit in range(columns(self._layers[layer], self.source.pool))
        ]

    @property
    def rectified(self) -> NDArray[np.bool_]:
        """Whether an activation belongs to a column, in the order of `columns`."""
        parts = len(self._parts)
        each = [(layer.rectified, columns(layer, self.source.pool)) for layer in self._layers.values()]
        return np.concatenate([np.full(n * parts * len(self._stages), is_so) for is_so, n in each])

    def source_of(self, column: str) -> str:
        """The program that computes a column, with its version.

        Raises:
            KeyError: it is no column of this extractor.
        """
        if column not in self._columns:
            raise KeyError(column)
        return f"torch {torch.__version__}"

    def show(self, regions: Sequence[Region]) -> Shown:
        """The pictures of one case, an image after the other.

        Raises:
            CaseError: the window cannot be shown, or images that are to be channels do not match.
        """
        return show(regions, self.source, self._network.input_size)

    def read(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the layers answer to a batch of pictures.

        Args:
            pictures: (n, channels, *sides), values in [0, 1].

        Returns:
            (n, channels shown one by one, columns of one picture).
        """
        batch = torch.from_numpy(_filled_up(pictures, self.batch)).to(self._device)
        with _every_core():
            answers = [self._answers(to_input(batch, self._scaling, channel)) for channel in self._channels]
        return np.stack([answer[: len(pictures)] for answer in answers], axis=1)

    def combine(self, case: str, shown: Shown, answers: NDArray[np.float32]) -> NDArray[np.float32]:
        """The values of one case in the order of `columns`, float32.

        Args:
            case: the ID, for messages.
            shown: what its pictures were.
            answers: of `read` for all of them.

        Raises:
            CaseError: an answer is not finite.
        """
        if not np.isfinite(answers).all():
            raise CaseError(
                f"{case}: {self.source.network} answers with values that are not finite",
                "with --precision bfloat16 try float32; else the weights do not suit the input",
            )
        ends = np.cumsum(shown.views)
        parts = []
        for first, last in zip(ends - shown.views, ends, strict=True):
            views = answers[first:last]
            if self.source.combined in ("mean", "max"):
                views = (views.mean(axis=0) if self.source.combined == "mean" else views.max(axis=0))[None]
            parts += [views[view, channel] for view in range(len(views)) for channel in range(views.shape[1])]
        edges = np.cumsum(self._widths)[:-1]
        blocks = [np.split(part, edges) for part in parts]
        return np.concatenate([part[block] for block in range(len(self._widths)) for part in blocks])

    def extract(self, region: Region) -> dict[str, float]:
        """The values of one case with one image, by column name.

        Raises:
            CaseError: the case cannot be shown, or the network's answer is not finite.
            WeightsError: the weights cannot be had, do not fit, or changed since the stamp was taken.
        """
        shown = self.show([region])
        answers = [
            self.read(shown.pictures[at : at + self.batch])
            for at in range(0, len(shown.pictures), self.batch)
        ]
        values = self.combine(region.case, shown, np.concatenate(answers))
        return dict(zip(self.columns, map(float, values), strict=True))

    @cached_property
    def _columns(self) -> frozenset[str]:
        return frozenset(self.columns)

    @property
    def _parts(self) -> list[tuple[str, ...]]:
        """What tells columns of one layer apart: the image, the view, the channel; each empty if there is one."""
        images = (
            [""]
            if self.source.in_channels and self.source.sequences == "channels"
            else list(self.source.images)
        )
        views = ORTHOGONAL if self.source.combined == "columns" else ("",)
        channels = self._channels if len(self._channels) > 1 else ("",)
        return list(product(images or [""], views, channels))

    @property
    def _channels(self) -> tuple[Channel, ...]:
        return ("r", "g", "b") if self.source.channel == "each" else (self.source.channel,)

    @property
    def _widths(self) -> list[int]:
        """Columns of every layer and stage, in the order of `read`."""
        return [columns(layer, self.source.pool) for layer in self._layers.values() for _ in self._stages]

    @property
    def _wanted(self) -> weights.Wanted:
        source = self.source
        named_weights = source.weights if not is_published(source.weights) else weights.IMAGENET
        return weights.Wanted(
            named_weights, source.seed, source.lock or "", source.weights_dir, source.in_channels
        )

    def _weights_identity(self) -> str:
        if self._wanted.source == weights.IMAGENET and self._network.torchvision_weights:
            return f"imagenet: {self._network.torchvision_weights}, {self.weights_stamp}"
        return self.weights_stamp

    @cached_property
    def _device(self) -> torch.device:
        return chosen_device(self.source.device)

    @property
    def _loaded(self) -> weights.LoadedNetwork:
        loaded = _loaded(
            self._network, self._wanted, self.weights_stamp, str(self._device), self.source.precision
        )
        for name, layer in self._layers.items():
            if not loaded.has_head and self._network.follows_head(layer):
                raise WeightsError(
                    f"{self.source.weights}: its classification layer does not fit, so there is no {name} to read",
                    "name another layer, or pass weights with the original classification layer",
                )
        if loaded.channels == 1 and self.source.channel != "all":
            raise WeightsError(
                f"{self.source.weights}: the first layer takes one channel, so there is no {self.source.channel}",
                "give channel all",
            )
        return loaded

    @cached_property
    def _scaling(self) -> Scaling:
        source, network, loaded = self.source, self._network, self._loaded
        given = None if source.mean is None else weights.per_channel(source.mean, loaded.channels)
        return Scaling(
            scale=source.scale or network.scale,
            mean=(loaded.mean if given is None else given).to(self._device),
            std=weights.per_channel(source.std or network.std, loaded.channels).to(self._device),
            bgr=source.bgr,
        )

    def _answers(self, inputs: Tensor) -> NDArray[np.float32]:
        """(n, columns): layer after layer, before and after its activation."""
        layers = list(self._layers.values())
        return layer_values(self._loaded.model, layers, self._stages, self.source.pool, inputs)

    def __reduce__(self) -> tuple[object, ...]:
        here = {"device": self._device.type}  # `auto` may be another one there
        return _restored, (self.source.model_copy(update=here), self.weights_stamp)


def layer_values(
    model: nn.Module, layers: Sequence[Layer], stages: Sequence[str], pool: Pool, inputs: Tensor
) -> NDArray[np.float32]:
    """What layers answer to a batch of inputs as columns, (n, columns): layer after layer, `pre` before `post`.

    Args:
        model: in evaluation mode.
        layers: of it.
        stages: `pre`, `post`, or both.
        pool: what becomes of maps.
        inputs: as the model takes them, on its device.
    """
    wanted = [(layer, _spot(layer, stage)) for layer in layers for stage in stages]
    dtype = next((each.dtype for each in model.parameters()), torch.float32)
    values = values_at(model, {spot for _, spot in wanted}, inputs.to(dtype))
    rows = [pooled(values[spot].float(), layer, pool) for layer, spot in wanted]
    return torch.cat(rows, dim=1).cpu().numpy()


def _spot(layer: Layer, stage: str) -> Spot:
    return layer.pre if stage == "pre" else layer.post


def network_of(source: NetworkSettings) -> Network:
    """The network that a source names, with the input that its weights and settings want."""
    network = load_network(source.network)
    if is_published(source.weights):
        from radcompare.deep.zoo import with_weights

        network = with_weights(network, source.weights)
    if network.tailored is not None:
        from radcompare.deep.small_networks import fitted_out

        saved = weights.saved_design(source.weights, network.name) or {}
        given = {"side": source.input_size, "channels": source.in_channels or None}
        return fitted_out(network, saved | {key: value for key, value in given.items() if value is not None})
    return network if source.input_size is None else replace(network, input_size=source.input_size)


def _restored(source: DeepSource, stamp: str) -> DeepExtractor:
    """The extractor in another process, which need not hash the weights again."""
    extractor = DeepExtractor(source)
    extractor.weights_stamp = stamp
    return extractor


def _filled_up(pictures: NDArray[np.float32], batch: int) -> NDArray[np.float32]:
    """A batch of the usual size: libraries add in another order for another one."""
    if len(pictures) == batch:
        return pictures
    full = np.zeros((batch, *pictures.shape[1:]), dtype=np.float32)
    full[: len(pictures)] = pictures
    return full


@contextmanager
def _every_core() -> Iterator[None]:
    """All cores that this process may use, whatever ran before.

    The values are the same bytes on one machine; with another number of cores they may differ by about 1e-6.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    try:
        yield
    finally:
        torch.set_num_threads(before)


_kept: dict[tuple[object, ...], weights.LoadedNetwork] = {}
"""The one network of this process: kept for the next case, whichever extractor asks."""


def _loaded(
    network: Network, wanted: weights.Wanted, stamp: str, device: str, precision: str
) -> weights.LoadedNetwork:
    key = (network.name, network.input_size, wanted, stamp, device, precision)
    if key not in _kept:
        keep_freed_memory()
        loaded = weights.load(wanted, network)
        if weights.stamp(wanted, network) != stamp:
            raise WeightsError(f"{wanted.source}: the file has changed while it was in use", "run again")
        dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
        _kept.clear()
        _kept[key] = replace(loaded, model=loaded.model.to(device=device, dtype=dtype))
    return _kept[key]
