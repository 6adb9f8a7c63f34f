"""Where the features of an arm come from, and what each source can be told."""

import re
from collections.abc import Mapping
from math import inf
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    Discriminator,
    Field,
    PositiveFloat,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from radcompare import registry
from radcompare.block import Settings
from radcompare.errors import did_you_mean
from radcompare.fields import FilePath, Names, on_menu, resolve


class RadiomicsSource(Settings):
    """Handcrafted features measured on every case."""

    extractor: Annotated[Literal["r219", "pyradiomics"], on_menu("extractor")] = Field(
        description="the set of features"
    )
    params: FilePath | None = Field(None, description="a pyradiomics parameter file, read unchanged")
    image: str | None = Field(
        None, description="a sequence: the column Image_NAME of the cohort; Image if absent"
    )
    engine: Literal["native", "pyradiomics"] | None = Field(
        None,
        description="who computes what pyradiomics defines: native if absent",
    )
    diagnostics: bool = Field(
        False,
        description="pyradiomics' diagnostics_* beside its features; also by additionalInfo in the file",
    )

    @model_validator(mode="after")
    def _diagnostics_are_of_pyradiomics(self) -> "RadiomicsSource":
        if self.diagnostics and self.extractor != "pyradiomics":
            raise ValueError("diagnostics belong to the features of pyradiomics, not to r219")
        return self


NO_FILES = ("imagenet", "random", "own")
"""Weights that are no file."""
_PUBLISHED = re.compile(r"(\w+_Weights\.)?[A-Z][A-Z0-9_]*")
"""torchvision's names of weights, e.g. IMAGENET1K_V2."""


def is_published(weights: str) -> bool:
    """A name of torchvision's weights, such as IMAGENET1K_V2 or ResNet50_Weights.IMAGENET1K_V2."""
    return _PUBLISHED.fullmatch(weights) is not None


Intensity = str | dict[str, str]


class ShownSettings(Settings):
    """What a network is shown of every case."""

    images: Names = Field((), description="sequences: columns Image_NAME of the cohort; Image if absent")
    sequences: Literal["columns", "channels"] = Field(
        "columns", description="several images: features of each, or channels of one input"
    )
    region: Literal["slice", "orthogonal", "slices", "volume"] = Field(
        "slice", description="the largest slice, the three orthogonal ones, every slice, or the 3-D box"
    )
    combine: Literal["columns", "mean", "max", "channels"] | None = Field(
        None, description="several slices: mean for slices, columns for orthogonal if absent"
    )
    window: Literal["crop", "warp"] = Field(
        "crop", description="a fixed window around the mask's centre (crop), or its tight box, resized (warp)"
    )
    size: int = Field(56, ge=1, le=4096, description="side of the crop window in pixels; unused by warp")
    margin: int = Field(
        0, ge=0, le=4096, description="pixels around the box (warp) or added to the window (crop)"
    )
    masked: bool = Field(False, description="set pixels outside the mask to the window's floor")
    intensity: Intensity = Field(
        "auto", description="LOW:HIGH, percentile or auto; or one of them per modality, e.g. {CT: -1000:400}"
    )
    input_size: int | None = Field(
        None, ge=8, le=4096, description="side of the input; the network's if absent"
    )

    @field_validator("intensity", mode="before")
    @classmethod
    def _range(cls, value: object) -> object:
        for text in value.values() if isinstance(value, Mapping) else [value]:
            if text != "auto":
                intensity_range(str(text))
        return value if isinstance(value, Mapping) else str(value)

    @model_validator(mode="after")
    def _views_fit_together(self) -> "ShownSettings":
        several = self.region in ("orthogonal", "slices")
        if self.combine is not None and not several:
            raise ValueError(f"combine is of several slices: region {self.region} shows one picture")
        if self.combine in ("columns", "channels") and self.region == "slices":
            raise ValueError("slices differ in number from case to case: combine them by mean or max")
        if self.combined == "channels" and self.sequences == "channels" and len(self.images) > 1:
            raise ValueError("channels can show orthogonal slices or sequences, not both")
        return self

    @property
    def combined(self) -> str:
        """What becomes of several slices; empty where there is one picture."""
        default = {"slices": "mean", "orthogonal": "columns"}.get(self.region, "")
        return self.combine or default

    @property
    def in_channels(self) -> int:
        """How many pictures are the channels of one input; 0: each picture is an input of its own."""
        if self.combined == "channels":
            return 3
        return len(self.images) if self.sequences == "channels" else 0


class NetworkSettings(ShownSettings):
    """A network, its weights and what it is shown."""

    network: str = Field(
        description="on the menu, timm/NAME, monai/NAME, torchscript:FILE or MODULE:FUNCTION"
    )
    weights: str = Field(
        description="imagenet, torchvision's name of weights, random, own, or a weights file"
    )
    lock: str | None = Field(
        None, pattern=r"^(sha256:)?[0-9a-fA-F]{8,64}$", description="SHA-256 that the weights have to have"
    )
    weights_dir: FilePath | None = Field(None, description="folder of downloaded weights, looked into first")
    bgr: bool = Field(False, description="the weights' first channel is blue, as Caffe's is")
    scale: float | None = Field(None, gt=0, description="what white is to the weights, e.g. 255")
    mean: tuple[float, ...] | None = Field(
        None, description="subtracted: red, green, blue, in units of scale"
    )
    std: tuple[PositiveFloat, ...] | None = Field(None, description="divided by: red, green, blue")

    @model_validator(mode="before")
    @classmethod
    def _lock_beside_the_weights(cls, raw: Any) -> Any:
        """`weights: {file: FILE, lock: SHA256}` in long."""
        given = raw.get("weights") if isinstance(raw, Mapping) else None
        if not isinstance(given, Mapping):
            return raw
        if unknown := [key for key in given if key not in ("file", "lock")]:
            raise ValueError(f"weights: unknown key {unknown[0]!r}; known: file, lock")
        if "file" not in given:
            raise ValueError("weights: no file named: give file, and lock beside it")
        return {**raw, "weights": given["file"], **({"lock": given["lock"]} if "lock" in given else {})}

    @field_validator("network")
    @classmethod
    def _known_network(cls, value: str, info: ValidationInfo) -> str:
        family = registry.network_family(value)
        if family not in registry.NETWORKS:
            near = did_you_mean(value, registry.names("network"))
            raise ValueError(
                f"unknown network {value!r}{near} (radcompare list networks shows what there is)"
            )
        if family == "torchscript:":
            return family + str(resolve(value.removeprefix(family), info))
        return value

    @field_validator("weights")
    @classmethod
    def _file_beside_config(cls, value: str, info: ValidationInfo) -> str:
        if value in NO_FILES or is_published(value):
            return value
        path = str(resolve(value, info))
        near = did_you_mean(value, NO_FILES)
        if near and not Path(path).exists():
            raise ValueError(f"no weights file {value!r}{near}")
        return path


class DeepSource(NetworkSettings):
    """Activations of a network that is shown the tumour of every case."""

    extractor: Literal["deep"] = Field("deep", description="says that this source is a network")
    seed: int = Field(1, ge=0, description="seed of random weights; unused otherwise")
    layer: Names = Field(min_length=1, description="one layer or several")
    relu: Literal["pre", "post", "both"] = Field(
        "post", description="values before or after the activation that follows the layer"
    )
    channel: Literal["r", "g", "b", "all", "each"] = Field(
        "all", description="the channels that show the picture, or one by one; others hold the network's mean"
    )
    pool: Literal["mean", "max", "flatten"] = Field("mean", description="how a spatial map becomes columns")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        "auto", description="where the network runs; auto: CUDA, MPS or the CPU, the first there is"
    )
    precision: Literal["float32", "bfloat16"] = Field(
        "float32", description="of the network; bfloat16 for speed on a GPU"
    )
    batch: int = Field(16, ge=1, le=4096, description="pictures shown to the network at a time")

    @model_validator(mode="after")
    def _fits_together(self) -> "DeepSource":
        if self.in_channels and self.channel != "all":
            raise ValueError(f"the channels show several images already: drop channel {self.channel}")
        return self


class ColumnsSource(Settings):
    """Columns that exist already: of a feature table, or of the cohort itself."""

    columns: Names = Field(min_length=1, description="names or shell patterns such as original_*")
    table: FilePath | None = Field(None, description="a feature table; the cohort's own columns if absent")


def _source_kind(raw: Any) -> str:
    extractor = raw.get("extractor") if isinstance(raw, Mapping) else getattr(raw, "extractor", None)
    if extractor is None:
        return "columns"
    return "deep" if extractor == "deep" else "radiomics"


Source = Annotated[
    Annotated[RadiomicsSource, Tag("radiomics")]
    | Annotated[DeepSource, Tag("deep")]
    | Annotated[ColumnsSource, Tag("columns")],
    Discriminator(_source_kind),
]
"""Where the features of an arm come from."""


def intensity_range(text: str) -> tuple[float, float] | None:
    """`-1000:400` as two numbers, or None for `percentile`.

    Raises:
        ValueError: neither form, or low is not below high.
    """
    if text == "percentile":
        return None
    low, _, high = text.partition(":")
    try:
        bounds = float(low), float(high)
    except ValueError:
        raise ValueError(f"expected percentile or LOW:HIGH such as -1000:400, found {text!r}") from None
    if not -inf < bounds[0] < bounds[1] < inf:
        raise ValueError(f"expected two finite numbers, the lower one first, found {text!r}")
    return bounds
