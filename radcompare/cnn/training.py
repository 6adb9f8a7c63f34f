"""Training a network on pictures: steps, epochs, when to stop, and the best of what was seen.

The same seed gives the same weights on the CPU, bit for bit: order, augmentation and dropout of every epoch are drawn
from the seed and the number of the epoch, so that a training that was killed goes on as if it had not been.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from radcompare.cnn.augmentation import epoch_order, variations, varied
from radcompare.cnn.optimisation import Pace, case_losses, optimiser_of, penalty
from radcompare.cnn_settings import Training
from radcompare.errors import CaseError, ConfigError
from radcompare.memory import keep_freed_memory

Merit = Callable[[NDArray[np.int64], NDArray[np.float64]], float]
"""How well scores tell classes 0 and 1 apart: larger is better."""
NO_MEMORY = ("out of memory", "not enough memory", "can't allocate memory")
"""What torch says in the errors of devices that lack memory."""


@dataclass(frozen=True)
class Pictures:
    """What is trained on.

    Attributes:
        values: float32 in [0, 1], (n, channels, *sides), on the device of the network.
        classes: 0 or 1, int64, (n,).
    """

    values: Tensor
    classes: Tensor


@dataclass(frozen=True)
class Epoch:
    """One point of a learning curve; without validation cases their values are None."""

    number: int
    loss: float
    learning_rate: float
    validation_loss: float | None = None
    validation_auc: float | None = None


@dataclass(frozen=True)
class Learned:
    """A trained network, which has the weights of its best epoch.

    Attributes:
        curve: of every epoch that was run.
        best: the number of the best epoch; the last one where nothing was validated.
    """

    model: nn.Module
    curve: tuple[Epoch, ...]
    best: int


class Keeper(Protocol):
    """Where the state of a training is kept, so that a killed one goes on."""

    def load(self) -> Mapping[str, Any] | None:
        """What was kept last, or None."""

    def save(self, state: Mapping[str, Any]) -> None:
        """Keep a state, if it is time to."""


@dataclass
class Trainee:
    """A network and what of it is trained.

    Attributes:
        model: takes pictures in [0, 1], answers (n, 1) or (n, 2) logits.
        penalised: weights that `l1` and `l2` are on.
        l2: the publication's, where the settings have none.
        frozen: modules that keep their weights and statistics.
        precision: `float32`, or `bfloat16` for mixed precision.
    """

    model: nn.Module
    penalised: Sequence[Tensor] = ()
    l2: float = 0.0
    frozen: Sequence[nn.Module] = ()
    precision: str = "float32"

    def train(self) -> None:
        """Dropout draws and batch normalisation learns, but for what is frozen."""
        self.model.train()
        for module in self.frozen:
            module.eval()

    def answers(self, pictures: Tensor) -> Tensor:
        """Logits in float32, (n, units)."""
        if self.precision == "float32":
            return _first(self.model(pictures))
        with torch.autocast(pictures.device.type, dtype=torch.bfloat16):
            return _first(self.model(pictures)).float()


@dataclass
class _State:
    """What a training has come to."""

    epoch: int = 0
    curve: list[Epoch] = field(default_factory=list)
    best: int = 0
    merit: tuple[float, float] = (-math.inf, -math.inf)
    weights: dict[str, Tensor] = field(default_factory=dict)


def train(
    trainee: Trainee,
    pictures: Pictures,
    validation: Pictures | None,
    settings: Training,
    *,
    seed: int,
    merit: Merit,
    keeper: Keeper | None = None,
    watch: Callable[[int, int], None] | None = None,
) -> Learned:
    """Train a network.

    Args:
        trainee: the network, changed in place.
        pictures: the training cases.
        validation: cases that tell the best epoch, and when to stop; None: all epochs are run, the last one counts.
        settings: how.
        seed: of order, augmentation and dropout.
        merit: judges the scores of the validation cases, as `stop: auc` wants.
        keeper: of the state between epochs.
        watch: told the number of epochs done and of all, after each.

    Raises:
        CaseError: the loss is not finite; the message says in which epoch and step.
        ConfigError: a batch does not fit into memory; the hint says how large a one does.
    """
    keep_freed_memory()
    parameters = [each for each in trainee.model.parameters() if each.requires_grad]
    if not parameters:
        raise ConfigError("nothing is left to train: every layer is frozen", "freeze fewer layers")
    optimiser = optimiser_of(settings, parameters)
    pace = Pace(settings)
    state = _resumed(keeper, trainee.model, optimiser, pace)
    weights = class_weights(pictures.classes, settings)
    while state.epoch < settings.epochs and not _is_over(state, settings, validation):
        state.epoch += 1
        rate = pace.set(optimiser, state.epoch)
        with _drawn_from(seed, state.epoch, pictures.values.device) as generator:
            loss = _epoch(trainee, pictures, weights, settings, optimiser, generator, state.epoch)
        point = Epoch(state.epoch, loss, rate)
        if validation is not None:
            point = _validated(trainee, validation, settings, point, weights, merit)
        _note(state, point, trainee.model, settings)
        pace.learn(point.validation_loss)
        if keeper is not None:
            keeper.save(_kept(state, trainee.model, optimiser, pace))
        if watch is not None:
            watch(state.epoch, settings.epochs)
    trainee.model.load_state_dict(state.weights)
    trainee.model.eval()
    return Learned(trainee.model, tuple(state.curve), state.best)


def scores(trainee: Trainee, values: Tensor, settings: Training) -> NDArray[np.float64]:
    """The logit of class 1 for every picture, (n,); with `test_time` the mean over its augmented images.

    Args:
        trainee: a trained network.
        values: (n, channels, *sides).
        settings: how large a batch is, and whether test images are augmented.
    """
    augment = settings.augment if settings.test_time else None
    parts = [_scored(trainee, batch, augment) for batch in torch.split(values, settings.batch)]
    return np.concatenate(parts) if parts else np.empty(0)


def class_weights(classes: Tensor, settings: Training) -> Tensor:
    """What a case of class 0 and of class 1 weighs in the loss, (2,); `balanced`: both classes weigh the same."""
    if settings.class_weights == "none":
        return torch.ones(2, device=classes.device)
    counts = torch.bincount(classes, minlength=2).clamp(min=1)
    return len(classes) / (2.0 * counts)


def _epoch(
    trainee: Trainee,
    pictures: Pictures,
    weights: Tensor,
    settings: Training,
    optimiser: torch.optim.Optimizer,
    generator: torch.Generator,
    number: int,
) -> float:
    """One pass over the training images; the mean loss of a picture."""
    trainee.train()
    device = pictures.values.device
    losses: list[Tensor] = []
    sizes: list[int] = []
    for rows in _batches(len(pictures.classes), settings, generator):
        cases, which = rows[:, 0].to(device), rows[:, 1]
        shown = pictures.values[cases]
        if settings.augment is not None:
            shown = varied(shown, which, settings.augment, generator)
        losses.append(_step(trainee, shown, pictures.classes[cases], weights, settings, optimiser))
        sizes.append(len(cases))
        if device.type == "cpu":  # elsewhere a look at every step would make the device wait
            _refuse_not_finite(losses[-1:], number, len(losses))
    _refuse_not_finite(losses, number, 1)
    return float(torch.stack(losses).double().cpu() @ torch.tensor(sizes, dtype=torch.float64)) / sum(sizes)


def _refuse_not_finite(losses: Sequence[Tensor], epoch: int, first: int) -> None:
    finite = torch.isfinite(torch.stack(list(losses))).cpu()
    if not finite.all():
        step = int((~finite).nonzero()[0])
        raise CaseError(
            f"the loss is {float(losses[step])} in epoch {epoch}, step {first + step}",
            "give a lower learning_rate, or clip the gradient",
        )


def _batches(cases: int, settings: Training, generator: torch.Generator) -> Iterator[Tensor]:
    """Rows of (case, number of its image); a last batch of one joins the one before: batch statistics need two."""
    order = epoch_order(cases, settings.augment, generator)
    parts = list(torch.split(order, settings.batch))
    if len(parts) > 1 and len(parts[-1]) == 1:
        parts[-2:] = [torch.cat(parts[-2:])]
    yield from parts


def _step(
    trainee: Trainee,
    shown: Tensor,
    classes: Tensor,
    weights: Tensor,
    settings: Training,
    optimiser: torch.optim.Optimizer,
) -> Tensor:
    """One step of the optimiser; the loss without the penalty."""
    try:
        optimiser.zero_grad()
        loss = (case_losses(trainee.answers(shown), classes) * weights[classes]).mean()
        (loss + penalty(trainee.penalised, settings.l1, settings.l2, trainee.l2)).backward()  # type: ignore[no-untyped-call]
    except RuntimeError as error:  # of which torch's own OutOfMemoryError is one
        _refuse_memory(error, trainee, shown, classes)
        raise
    if settings.clip is not None:
        nn.utils.clip_grad_norm_(trainee.model.parameters(), settings.clip)
    optimiser.step()
    return loss.detach()


def _refuse_memory(error: RuntimeError, trainee: Trainee, shown: Tensor, classes: Tensor) -> None:
    """Say how large a batch fits, where it is memory that is lacking."""
    if not any(words in str(error).lower() for words in NO_MEMORY):
        return
    fits = fitting_batch(trainee, shown, classes)
    hint = (
        f"give batch: {fits}" if fits else "not even one picture fits: give a smaller input_size or network"
    )
    raise ConfigError(f"a batch of {len(shown)} pictures does not fit into memory", hint) from None


def fitting_batch(trainee: Trainee, shown: Tensor, classes: Tensor) -> int:
    """The largest half, quarter, ... of a batch that a step fits into memory with; 0 if not even one picture does."""
    size = len(shown) // 2
    while size:
        try:
            trainee.model.zero_grad()
            if shown.is_cuda:
                torch.cuda.empty_cache()
            case_losses(trainee.answers(shown[:size]), classes[:size]).mean().backward()  # type: ignore[no-untyped-call]
        except RuntimeError:
            size //= 2
        else:
            return size
    return 0


def _validated(
    trainee: Trainee, validation: Pictures, settings: Training, point: Epoch, weights: Tensor, merit: Merit
) -> Epoch:
    trainee.model.eval()
    with torch.inference_mode():
        parts = [trainee.answers(batch) for batch in torch.split(validation.values, settings.batch)]
        answers = torch.cat(parts)
        losses = case_losses(answers, validation.classes) * weights[validation.classes]
    classes = validation.classes.cpu().numpy()
    judged = merit(classes, _logits(answers)) if 0 < classes.sum() < len(classes) else None
    return replace(point, validation_loss=float(losses.mean()), validation_auc=judged)


def _note(state: _State, point: Epoch, model: nn.Module, settings: Training) -> None:
    """Keep the weights if they are the best so far: by what stops training, then by the loss, then the first."""
    state.curve.append(point)
    merit = _merit(point, settings)
    if point.validation_loss is None or not state.weights or merit > state.merit:
        state.best, state.merit = point.number, merit
        state.weights = {name: value.detach().clone() for name, value in model.state_dict().items()}


def _merit(point: Epoch, settings: Training) -> tuple[float, float]:
    loss = math.inf if point.validation_loss is None else point.validation_loss
    loss = loss if math.isfinite(loss) else math.inf
    by_auc = settings.stop == "auc" and point.validation_auc is not None
    return (point.validation_auc if by_auc and point.validation_auc is not None else 0.0), -loss


def _is_over(state: _State, settings: Training, validation: Pictures | None) -> bool:
    if settings.stop == "none" or validation is None or not state.curve:
        return False
    return state.epoch - state.best >= settings.patience


def _scored(trainee: Trainee, batch: Tensor, augment: Any) -> NDArray[np.float64]:
    trainee.model.eval()
    sums = np.zeros(len(batch))
    count = variations(augment)
    with torch.inference_mode():
        for which in range(count):
            images = batch
            if augment is not None:
                numbers = torch.full((len(batch),), which, dtype=torch.int64)
                images = varied(batch, numbers, augment)
            sums += _logits(trainee.answers(images))
    return sums / count


def _logits(answers: Tensor) -> NDArray[np.float64]:
    """The log-odds of class 1."""
    one = answers[:, 0] if answers.shape[1] == 1 else answers[:, 1] - answers[:, 0]
    return np.asarray(one.double().cpu().numpy())


def _first(answer: Any) -> Tensor:
    """The main output of networks that answer with several while they train."""
    return answer if isinstance(answer, Tensor) else answer[0]


class _drawn_from:  # reads as what it does
    """Everything random inside is drawn from a seed and a number; what was outside goes on as before."""

    def __init__(self, seed: int, number: int, device: torch.device) -> None:
        self._seed = int(np.random.SeedSequence([seed, number]).generate_state(1, np.uint64)[0] >> 1)
        devices = [device] if device.type == "cuda" else []
        self._fork = torch.random.fork_rng(devices=devices)

    def __enter__(self) -> torch.Generator:
        self._fork.__enter__()
        torch.manual_seed(self._seed)
        return torch.Generator().manual_seed(self._seed)

    def __exit__(self, *error: Any) -> None:
        self._fork.__exit__(*error)


def _kept(state: _State, model: nn.Module, optimiser: torch.optim.Optimizer, pace: Pace) -> dict[str, Any]:
    """The state as plain values and tensors, which are read without running code."""
    return {
        "epoch": state.epoch,
        "curve": [list(vars(point).values()) for point in state.curve],
        "best": state.best,
        "merit": list(state.merit),
        "weights": state.weights,
        "model": model.state_dict(),
        "optimiser": optimiser.state_dict(),
        "pace": pace.state(),
    }


def _resumed(keeper: Keeper | None, model: nn.Module, optimiser: torch.optim.Optimizer, pace: Pace) -> _State:
    kept = None if keeper is None else keeper.load()
    if kept is None:
        return _State()
    model.load_state_dict(kept["model"])
    optimiser.load_state_dict(kept["optimiser"])
    pace.restore(kept["pace"])
    merit = (float(kept["merit"][0]), float(kept["merit"][1]))
    curve = [Epoch(*point) for point in kept["curve"]]
    return _State(kept["epoch"], curve, kept["best"], merit, dict(kept["weights"]))
