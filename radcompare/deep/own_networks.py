"""Networks of the user's own: a TorchScript program, or a factory in a Python module."""

import importlib
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from radcompare.deep.networks import Network
from radcompare.errors import ConfigError, WeightsError
from radcompare.provenance import digest_file

TORCHSCRIPT = "torchscript:"


def factory_network(name: str) -> Network:
    """What a function of the user's returns: a torch module, in any state of training.

    Its weights are those it comes with (`--weights own`), random ones, or a file. It is shown pictures scaled as
    ImageNet's; --scale, --mean and --std say otherwise, --input-size another side than 224.

    Args:
        name: `MODULE:FUNCTION`, importable from the working folder; the function takes no arguments.

    Raises:
        ConfigError: it cannot be imported or called, or returns no torch module.
    """
    module, _, function = name.partition(":")
    factory = _imported(name, module, function)

    def build() -> nn.Module:
        try:
            model = factory()
        except Exception as error:  # noqa: BLE001  # whatever the user's own code may raise
            problem = f"{name}: fails with {type(error).__name__}: {error}"
            raise ConfigError(problem, "the function has to work without arguments") from None
        if not isinstance(model, nn.Module):
            problem = f"{name}: returns {type(model).__name__}, not a torch.nn.Module"
            raise ConfigError(problem, "return the network itself")
        return model

    return Network(name, build, hollow=False, own_weights=True, code=_source(factory))


def torchscript_network(name: str) -> Network:
    """A TorchScript program with its weights (`--weights own`); what can be read of it is its `output`.

    Args:
        name: `torchscript:` and the file that torch.jit.save wrote.

    Raises:
        WeightsError: there is no such file, or it holds no program.
    """
    path = Path(name.removeprefix(TORCHSCRIPT))
    if not path.is_file():
        raise WeightsError(f"no TorchScript file {path}", "pass what torch.jit.save wrote")

    def build() -> nn.Module:
        try:
            return Scripted(torch.jit.load(str(path), map_location="cpu"))  # type: ignore[no-untyped-call]
        except (RuntimeError, ValueError, OSError) as error:
            problem = f"{path}: is no TorchScript program: {str(error).partition(chr(10))[0]}"
            raise WeightsError(
                problem, "pass what torch.jit.save wrote; weights alone go to --weights"
            ) from None

    return Network(
        f"torchscript:{path.stem}",
        build,
        hollow=False,
        own_weights=True,
        file=str(path),
        code=f"sha256:{digest_file(path)}",
    )


class Scripted(nn.Module):
    """A program that torch runs without Python: nothing inside it can be watched."""

    def __init__(self, program: Any) -> None:
        super().__init__()
        self.program = program

    def forward(self, images: Tensor) -> Tensor:
        """What the program answers."""
        answer: Tensor = self.program(images)
        return answer


def _source(factory: Any) -> str:
    """The digest of the file that a factory is defined in; empty where there is none."""
    try:
        path = inspect.getsourcefile(inspect.unwrap(factory))
    except TypeError:  # of Python itself, which is no file
        path = None
    return "" if path is None else f"sha256:{digest_file(Path(path))}"


def _imported(name: str, module: str, function: str) -> Any:
    try:
        with _working_folder_first():
            found = getattr(importlib.import_module(module), function, None)
    except Exception as error:  # noqa: BLE001  # importing runs the user's own code
        problem = f"{name}: cannot import {module}: {type(error).__name__}: {error}"
        raise ConfigError(
            problem, "name MODULE:FUNCTION, a module that Python finds from the working folder"
        ) from None
    if not callable(found):
        raise ConfigError(f"{name}: {module} has no function {function!r}", "name MODULE:FUNCTION")
    return found


@contextmanager
def _working_folder_first() -> Iterator[None]:
    sys.path.insert(0, str(Path.cwd()))
    try:
        yield
    finally:
        sys.path.remove(str(Path.cwd()))
