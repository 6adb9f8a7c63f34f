"""The one place that imports torchvision, so that it also works beside a torch it was not compiled for.

The CPU build of torch and the registry's build of torchvision disagree on compiled operators: importing
torchvision then fails with "operator torchvision::nms does not exist", although its image models, all that is
used here, need no such operator. Declaring the two schemas that the import asks for is enough.
"""

import sys
from importlib import import_module
from types import ModuleType

import torch

SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_declared: list[torch.library.Library] = []  # a schema lives only as long as the library that holds it


def import_torchvision() -> ModuleType:
    """Import torchvision; where its compiled operators are missing, declare their schemas first.

    Raises:
        ImportError: torchvision is not installed.
    """
    try:
        return import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
    _forget_half_an_import()
    _declare_operators()
    return import_module("torchvision")


def _forget_half_an_import() -> None:
    """Drop the submodules that the failed import left behind."""
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]


def _declare_operators() -> None:
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for schema in SCHEMAS:
        library.define(schema)  # type: ignore[no-untyped-call]
    _declared.append(library)
