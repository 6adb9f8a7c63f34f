"""Losses, penalties, optimisers, and how the learning rate goes."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from radcompare.cnn_settings import Training

PLATEAU = 0.1
"""The factor of the learning rate where the validation loss no longer falls."""


def case_losses(answers: Tensor, classes: Tensor) -> Tensor:
    """Cross-entropy of every case, (n,): binary for one logit, (n, 1), over a softmax for two, (n, 2)."""
    if answers.shape[1] == 1:
        return nn.functional.binary_cross_entropy_with_logits(
            answers[:, 0], classes.float(), reduction="none"
        )
    return nn.functional.cross_entropy(answers, classes, reduction="none")


def penalty(
    weights: Sequence[Tensor], l1: float | None, l2: float | None, published: float
) -> Tensor | float:
    """`l1` times the sum of absolute weights and `l2` times the sum of squares, as Keras defines its regularisers.

    Args:
        weights: what the penalty is on.
        l1, l2: None: none, and the publication's.
        published: l2 of the publication.
    """
    squares = published if l2 is None else l2
    total: Tensor | float = 0.0
    for weight in weights:
        if l1:
            total = total + l1 * weight.abs().sum()
        if squares:
            total = total + squares * weight.square().sum()
    return total


def optimiser_of(settings: Training, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """The optimiser that the settings name; RMSprop has Keras' constants (rho 0.9, epsilon 1e-7)."""
    rate, decay, momentum = settings.learning_rate, settings.weight_decay, settings.momentum
    if settings.optimiser == "sgd":
        return torch.optim.SGD(parameters, rate, momentum=momentum, weight_decay=decay)
    if settings.optimiser == "rmsprop":
        return torch.optim.RMSprop(
            parameters, rate, alpha=0.9, eps=1e-7, momentum=momentum, weight_decay=decay
        )
    kind = torch.optim.Adam if settings.optimiser == "adam" else torch.optim.AdamW
    return kind(parameters, rate, weight_decay=decay)


class Pace:
    """The learning rate from epoch to epoch.

    `cosine` falls to nearly 0 over all epochs; `plateau` takes a tenth whenever the validation loss has not fallen
    for half of `patience`; numbers are factors from an epoch on.
    """

    def __init__(self, settings: Training) -> None:
        self._settings = settings
        self._factor, self._lowest, self._idle = 1.0, math.inf, 0

    def set(self, optimiser: torch.optim.Optimizer, epoch: int) -> float:
        """Give the optimiser the rate of an epoch, counted from 1; returns it."""
        rate = self._settings.learning_rate * self._at(epoch)
        for group in optimiser.param_groups:
            group["lr"] = rate
        return rate

    def learn(self, validation_loss: float | None) -> None:
        """Hear how an epoch went."""
        if self._settings.schedule != "plateau" or validation_loss is None:
            return
        if validation_loss < self._lowest:
            self._lowest, self._idle = validation_loss, 0
            return
        self._idle += 1
        if self._idle >= max(1, self._settings.patience // 2):
            self._factor, self._idle = self._factor * PLATEAU, 0

    def state(self) -> list[float]:
        """What `restore` takes."""
        return [self._factor, self._lowest, float(self._idle)]

    def restore(self, state: Sequence[Any]) -> None:
        """Go on where `state` was taken."""
        self._factor, self._lowest, self._idle = float(state[0]), float(state[1]), int(state[2])

    def _at(self, epoch: int) -> float:
        schedule = self._settings.schedule
        if isinstance(schedule, dict):
            return next((schedule[start] for start in sorted(schedule, reverse=True) if start <= epoch), 1.0)
        if schedule == "cosine":
            return (1 + math.cos(math.pi * (epoch - 1) / self._settings.epochs)) / 2
        return self._factor
