"""Which layers a network has, found by watching it run once.

Nothing is guessed from names: a layer is a module that was seen to answer with a tensor, and it is rectified where
an activation function was seen to take that very tensor, or to have made it. So `pre` and `post` mean the same
in a plain chain, in a residual block whose ReLU comes last, in place or not, as a module or as a function.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

OUTPUT = "output"
"""What a network answers, as a layer."""

_RELU = (functional.relu, torch.relu, torch.relu_, Tensor.relu, Tensor.relu_)
ACTIVATIONS: dict[Callable[..., Any], str] = {
    **dict.fromkeys(_RELU, "ReLU"),
    functional.relu6: "ReLU6",
    functional.leaky_relu: "LeakyReLU",
    functional.elu: "ELU",
    functional.selu: "SELU",
    functional.gelu: "GELU",
    functional.silu: "SiLU",
    functional.mish: "Mish",
    functional.hardswish: "Hardswish",
    functional.hardsigmoid: "Hardsigmoid",
    functional.prelu: "PReLU",
    functional.softplus: "Softplus",
    **dict.fromkeys((torch.sigmoid, torch.sigmoid_, Tensor.sigmoid, Tensor.sigmoid_), "Sigmoid"),
    **dict.fromkeys((torch.tanh, torch.tanh_, Tensor.tanh, Tensor.tanh_), "Tanh"),
}
"""The functions that `pre` and `post` tell apart, and what they are called."""

LAST, FIRST = True, False
_PERMUTED = {(0, 2, 3, 1): LAST, (0, 3, 1, 2): FIRST}


class Spot(NamedTuple):
    """A place in a network where a value can be taken.

    `module`: what a module answers when it runs for the nth time; `before` and `after`: what the nth activation
    function of the pass takes and gives.
    """

    where: Literal["module", "before", "after"]
    module: str
    nth: int


@dataclass(frozen=True)
class Layer:
    """One layer of a network.

    Attributes:
        module: dotted name of the torch module; empty for the whole network.
        kind: its class, e.g. `Conv2d`.
        shape: of its value for one picture: (units,), (maps, height, width), ...
        activation: what follows or ends it, e.g. `ReLU`; empty where nothing does, and then `pre` is `post`.
        pre: where its value before the activation is.
        post: where the value after it is.
        parameters: of the module with all that is in it.
        channels_last: its maps are stored height x width x maps.
    """

    module: str
    kind: str
    shape: tuple[int, ...]
    activation: str
    pre: Spot
    post: Spot
    parameters: int
    channels_last: bool = False

    @property
    def rectified(self) -> bool:
        """`pre` and `post` differ."""
        return self.pre != self.post


def layers_of(model: nn.Module, shape: Sequence[int]) -> dict[str, Layer]:
    """Every layer by module name, in the order in which they answer; the last of all is `output`.

    A module that runs several times counts as it answers for the last time.

    Args:
        model: in evaluation mode, on any device ("meta" will do).
        shape: of a batch that it takes.
    """
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    watcher = _Watcher()
    with ExitStack() as stack:
        for name, module in model.named_modules():
            if not isinstance(module, torch.jit.ScriptModule):  # which lets nobody watch
                stack.enter_context(module.register_forward_hook(watcher.hook(name)))
        stack.enter_context(torch.no_grad())  # inference mode does not count how often a tensor was written
        stack.enter_context(watcher)
        model(torch.zeros(tuple(shape), device=device))
    return watcher.layers(model)


def first_convolution(model: nn.Module) -> tuple[str, Any] | None:
    """Name and module of the convolution that sees the picture; None where none does."""
    kinds = (nn.Conv2d, nn.Conv3d)
    return next(((name, each) for name, each in model.named_modules() if isinstance(each, kinds)), None)


def values_at(model: nn.Module, spots: Collection[Spot], images: Tensor) -> dict[Spot, Tensor]:
    """The values at some places of a network for a batch of images; it runs no further than to the last of them.

    Args:
        model: in evaluation mode.
        spots: where to look.
        images: what the network takes.
    """
    catcher = _Catcher(spots)
    with ExitStack() as stack:
        for name in {spot.module for spot in spots if spot.where == "module"}:
            hook = model.get_submodule(name).register_forward_hook(catcher.hook(name))
            stack.enter_context(hook)
        stack.enter_context(torch.inference_mode())
        if any(spot.where != "module" for spot in spots):
            stack.enter_context(catcher)
        stack.enter_context(_until_enough())
        model(images)
    return catcher.values


class _Enough(Exception):
    """Everything that was wanted is there."""


@contextmanager
def _until_enough() -> Iterator[None]:
    try:
        yield
    except _Enough:
        return


class _Catcher(TorchFunctionMode):
    """Keeps copies of the values at some spots, and ends the pass when it has all."""

    def __init__(self, spots: Collection[Spot]) -> None:
        super().__init__()
        self._wanted = set(spots)
        self._runs: dict[str, int] = {}
        self._activations = 0
        self.values: dict[Spot, Tensor] = {}

    def hook(self, name: str) -> Callable[[nn.Module, Any, Any], None]:
        def answered(_module: nn.Module, _inputs: Any, output: Any) -> None:
            self._runs[name] = self._runs.get(name, 0) + 1
            self._keep(Spot("module", name, self._runs[name]), output)

        return answered

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func not in ACTIVATIONS:
            return func(*args, **(kwargs or {}))
        self._activations += 1
        self._keep(Spot("before", "", self._activations), _first(args, kwargs))
        output = func(*args, **(kwargs or {}))
        self._keep(Spot("after", "", self._activations), output)
        return output

    def _keep(self, spot: Spot, value: Tensor) -> None:
        if spot in self._wanted:
            # A copy: an activation that works in place would overwrite the value.
            self.values[spot] = value.clone()
            if len(self.values) == len(self._wanted):
                raise _Enough


@dataclass
class _Answer:
    """What a module answered for the last time."""

    kind: str
    output: Tensor
    version: int
    at: int
    nth: int
    channels_last: bool


class _Activation(NamedTuple):
    """One call of an activation function; versions tell whether a tensor was written to in between."""

    at: int
    name: str
    taken: Tensor
    version_before: int
    output: Tensor
    version_after: int


class _Watcher(TorchFunctionMode):
    """Notes every answer of a module and every activation, and keeps the tensors: their identity joins the two."""

    def __init__(self) -> None:
        super().__init__()
        self._clock = 0
        self._answers: dict[str, _Answer] = {}
        self._activations: list[_Activation] = []
        self._layout = FIRST
        self._runs: dict[str, int] = {}

    def hook(self, name: str) -> Callable[[nn.Module, Any, Any], None]:
        def answered(module: nn.Module, _inputs: Any, output: Any) -> None:
            self._clock += 1
            self._runs[name] = self._runs.get(name, 0) + 1
            if not isinstance(output, Tensor) or output.ndim < 2:
                return
            if output.ndim > 3 and type(module) in (nn.Linear, nn.LayerNorm):
                self._layout = LAST
            elif type(module).__name__.startswith(("Conv", "BatchNorm", "MaxPool", "AvgPool")):
                self._layout = FIRST
            self._answers.pop(name, None)  # an answer that comes again comes later
            self._answers[name] = _Answer(
                kind=type(module).__name__,
                output=output,
                version=output._version,
                at=self._clock,
                nth=self._runs[name],
                channels_last=output.ndim > 3 and self._layout,
            )

        return answered

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        taken = _first(args, kwargs)
        version = taken._version if func in ACTIVATIONS else 0
        output = func(*args, **(kwargs or {}))
        if func in ACTIVATIONS:
            self._clock += 1
            name = ACTIVATIONS[func]
            self._activations.append(_Activation(self._clock, name, taken, version, output, output._version))
        elif func in (torch.permute, Tensor.permute):
            dims = args[1] if len(args) == 2 else args[1:] or (kwargs or {}).get("dims", ())
            self._layout = _PERMUTED.get(tuple(dims), self._layout)
        return output

    def layers(self, model: nn.Module) -> dict[str, Layer]:
        """What was seen, as layers."""
        return {
            name or OUTPUT: self._layer(name, answer, model.get_submodule(name))
            for name, answer in self._answers.items()
        }

    def _layer(self, name: str, answer: _Answer, module: nn.Module) -> Layer:
        here = Spot("module", name, answer.nth)
        activation, pre, post = (
            self._ended_by(answer, here) or self._followed_by(answer, here) or ("", here, here)
        )
        parameters = sum(parameter.numel() for parameter in module.parameters())
        shape = tuple(answer.output.shape[1:])
        return Layer(name, answer.kind, shape, activation, pre, post, parameters, answer.channels_last)

    def _ended_by(self, answer: _Answer, here: Spot) -> tuple[str, Spot, Spot] | None:
        """The activation that made the very tensor that the module answers."""
        for nth, each in reversed(list(enumerate(self._activations, start=1))):
            same = each.output is answer.output and each.version_after == answer.version
            if same and each.at < answer.at:
                return each.name, Spot("before", "", nth), here
        return None

    def _followed_by(self, answer: _Answer, here: Spot) -> tuple[str, Spot, Spot] | None:
        """The first activation that takes the very tensor that the module answers."""
        for nth, each in enumerate(self._activations, start=1):
            same = each.taken is answer.output and each.version_before == answer.version
            if same and each.at > answer.at:
                return each.name, here, Spot("after", "", nth)
        return None


def _first(args: tuple[Any, ...], kwargs: dict[str, Any] | None) -> Any:
    """What a function works on."""
    return args[0] if args else (kwargs or {}).get("input")
