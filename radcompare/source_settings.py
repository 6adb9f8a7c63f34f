"""Where the features of an arm come from, and what each source can be told."""

from collections.abc import Mapping
from math import inf
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator, model_validator

from radcompare.block import Settings
from radcompare.errors import did_you_mean
from radcompare.fields import FilePath, Names, on_menu, resolve


class RadiomicsSource(Settings):
    """Handcrafted features measured on every case."""

    extractor: Annotated[Literal["r219", "pyradiomics"], on_menu("extractor")]
    params: FilePath | None = Field(None, description="a pyradiomics parameter file, read unchanged")
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


NO_FILES = ("imagenet", "random")
"""Weights that are no file."""


class DeepSource(Settings):
    """Activations of a network shown the largest slice of every case."""

    extractor: Literal["deep"] = "deep"
    network: Annotated[str, on_menu("network")]
    weights: str = Field(description="imagenet, random, or a weights file")
    seed: int = Field(1, ge=0, description="seed of random weights; unused otherwise")
    layer: str
    relu: Literal["pre", "post"] = "post"
    channel: Literal["r", "g", "b", "all"] = "all"
    window: Literal["crop", "warp"] = "crop"
    size: int = Field(56, ge=1, le=4096, description="side of the crop window in pixels; unused by warp")
    margin: int = Field(
        0, ge=0, le=4096, description="pixels around the box (warp) or added to the window (crop)"
    )
    masked: bool = Field(False, description="set pixels outside the mask to the window's floor")
    intensity: str = Field("-1000:400", description="LOW:HIGH, or percentile (1st to 99th inside the mask)")
    pool: Literal["mean", "max", "flatten"] = Field("mean", description="how a spatial map becomes columns")

    @field_validator("weights")
    @classmethod
    def _file_beside_config(cls, value: str, info: ValidationInfo) -> str:
        if value in NO_FILES:
            return value
        path = str(resolve(value, info))
        near = did_you_mean(value, NO_FILES)
        if near and not Path(path).exists():
            raise ValueError(f"no weights file {value!r}{near}")
        return path

    @field_validator("intensity")
    @classmethod
    def _range(cls, value: str) -> str:
        intensity_range(value)
        return value


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
