"""How a network is trained on the cohort itself, how its pictures are varied, and how arms are combined."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveFloat, model_validator

from radcompare.block import Settings
from radcompare.fields import ONE_OR_MORE, Names
from radcompare.source_settings import NetworkSettings

Activation = Literal["relu", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid"]
Share = Annotated[float, Field(ge=0, lt=1)]


class Augmentation(Settings):
    """The images that one training image becomes: 24 rotations x 3 flips = 72, the original among them."""

    rotations: int = Field(24, ge=1, le=360, description="turns of 360 degrees / rotations, 1 for none")
    flips: tuple[Literal["none", "horizontal", "vertical"], ...] = Field(
        ("none", "horizontal", "vertical"), min_length=1, description="every rotation with each of them"
    )
    fill: Literal["border", "floor", "reflect"] = Field(
        "border",
        description="what a turned image shows beyond its border: its edge, the window's floor, a mirror",
    )
    per_epoch: int | None = Field(
        None, ge=1, description="images drawn of every case and epoch; all of them if absent"
    )
    noise: float = Field(0.0, ge=0, le=1, description="SD of Gaussian noise, where white is 1")
    shift: float = Field(0.0, ge=0, le=1, description="largest shift of all intensities, where white is 1")
    elastic: float = Field(0.0, ge=0, description="SD of random displacements in pixels")
    elastic_smoothing: float = Field(
        4.0, gt=0, description="SD of the Gaussian that smooths displacements, in pixels"
    )

    @model_validator(mode="after")
    def _the_original_comes_first(self) -> "Augmentation":
        if self.flips[0] != "none" or len(set(self.flips)) < len(self.flips):
            raise ValueError(
                "flips: begin with none, as the original is one of the images, and name each once"
            )
        return self

    @property
    def images(self) -> int:
        """How many images one becomes."""
        return self.rotations * len(self.flips)


class Design(Settings):
    """What can be changed of the small networks; None leaves it as it was published."""

    activation: Activation | None = Field(None, description="of the small networks")
    dropout: Share | None = Field(None, description="of the small networks, everywhere")
    normalisation: Literal["none", "batch", "layer"] = Field(
        "none", description="of the small networks, behind every convolution"
    )
    initialisation: Literal["glorot", "he", "orthogonal", "normal"] = Field(
        "glorot", description="weights of the small networks"
    )
    l1: float | None = Field(
        None, ge=0, description="penalty on the weights of the layer that the publication names"
    )
    l2: float | None = Field(
        None, ge=0, description="the same, squared; 0.01 in arch1, arch2 and arch3 if absent"
    )


class Training(Design):
    """How a network is trained."""

    epochs: int = Field(100, ge=1, description="at most")
    batch: int = Field(16, ge=1, le=4096, description="pictures in one step")
    optimiser: Literal["rmsprop", "sgd", "adam", "adamw"] = Field(
        "rmsprop", description="torch's of that name"
    )
    learning_rate: PositiveFloat = Field(1e-4, description="at the start; `schedule` changes it")
    momentum: Share = Field(0.0, description="of rmsprop and sgd")
    weight_decay: float = Field(0.0, ge=0, description="of the optimiser, on all weights")
    schedule: Literal["constant", "cosine", "plateau"] | dict[int, PositiveFloat] = Field(
        "constant", description="or the factor from an epoch on, counted from 1: {5: 0.1, 9: 0.01}"
    )
    stop: Literal["auc", "loss", "none"] = Field(
        "auc", description="what of the validation cases ends training; none: after all epochs"
    )
    patience: int = Field(10, ge=1, description="epochs without anything better before training ends")
    validation: float = Field(
        0.3, ge=0, lt=1, description="share of the training cases that only stop it, patients together"
    )
    class_weights: Literal["none", "balanced"] = Field(
        "none", description="balanced: in the loss a case weighs as much as its class is rare"
    )
    clip: PositiveFloat | None = Field(None, description="largest norm of the gradient")
    augment: Augmentation | None = Field(
        Augmentation(), description="how training images are varied; nothing (null) for not at all"
    )
    test_time: bool = Field(False, description="score the mean over a test case's augmented images")
    head: Literal[1, 2] = Field(1, description="units of the output: 1 with a sigmoid, 2 with a softmax")
    freeze: str | None = Field(None, description="the last layer that keeps its weights")

    @model_validator(mode="after")
    def _stops_by_something(self) -> "Training":
        if self.stop != "none" and self.validation == 0:
            raise ValueError("without validation cases nothing tells when to stop: give stop: none")
        if isinstance(self.schedule, dict) and any(not 1 <= epoch <= self.epochs for epoch in self.schedule):
            raise ValueError(
                f"schedule: epochs are counted from 1 to {self.epochs}, found {list(self.schedule)}"
            )
        return self


PRESETS: dict[str, dict[str, Any]] = {
    "gbm22": {
        "head": 2,
        "learning_rate": 1e-5,
        "epochs": 10,
        "schedule": {5: 0.1, 9: 0.01},
        "stop": "none",
        "validation": 0.0,
    },
    "gbm68": {"head": 2, "learning_rate": 1e-5, "epochs": 20, "stop": "none", "validation": 0.0},
}
"""Schedules of the literature: keys that a block with `preset` takes where it does not say otherwise."""


class Cnn(Training, NetworkSettings):
    """A network trained on the training cases of every fold, from random weights or tuned from given ones.

    With `layer`, the trained network's activations go to a selection and a classifier, within the same fold.
    """

    weights: str = Field(
        "random", description="to begin with: random, imagenet, torchvision's name of weights, own, or a file"
    )
    preset: str | None = Field(None, description=f"a schedule of the literature: {', '.join(PRESETS)}")
    seeds: Annotated[tuple[Annotated[int, Field(ge=0)], ...], *ONE_OR_MORE] = Field(
        (1,), min_length=1, description="one model each; the first is the arm's primary one"
    )
    channel: Literal["r", "g", "b", "all"] = Field("all", description="the channels that show the picture")
    layer: Names = Field((), description="layers whose activations are learned from, in place of the output")
    relu: Literal["pre", "post"] = Field("post", description="with `layer`: before or after its activation")
    pool: Literal["mean", "max", "flatten"] = Field(
        "mean", description="with `layer`: how a spatial map becomes columns"
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        "auto", description="where it is trained; auto: CUDA, MPS or the CPU, the first there is"
    )
    precision: Literal["float32", "bfloat16"] = Field(
        "float32", description="bfloat16: the forward pass in mixed precision, for a GPU"
    )

    @model_validator(mode="before")
    @classmethod
    def _preset_fills_in(cls, raw: Any) -> Any:
        name = raw.get("preset") if isinstance(raw, Mapping) else None
        if name is None:
            return raw
        if name not in PRESETS:
            raise ValueError(f"unknown preset {name!r}; known: {', '.join(PRESETS)}")
        return {**PRESETS[name], **raw}

    @model_validator(mode="after")
    def _one_picture_per_case(self) -> "Cnn":
        if self.images and self.sequences == "columns" and len(self.images) > 1:
            raise ValueError("a network is trained on one input per case: give sequences: channels")
        if self.region == "slices" or self.combined not in ("", "channels"):
            raise ValueError(
                "a network is trained on one input per case: region slice, volume, or combine: channels"
            )
        if self.in_channels and self.channel != "all":
            raise ValueError(f"the channels show several images already: drop channel {self.channel}")
        return self


How = Literal["mean", "median", "vote", "weighted"]


class Ensemble(Settings):
    """Arms whose probabilities or votes are combined; an arm with several seeds takes part with all of them."""

    of: Names = Field(min_length=2, description="arms")
    how: How = Field("mean", description="weighted: weights are learned on inner folds of the training cases")
    inner: int = Field(3, ge=2, description="folds on which weights are learned")
