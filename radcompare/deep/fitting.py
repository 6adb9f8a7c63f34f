"""Putting weights into a network, only if they are that network's."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from radcompare.deep.networks import Network
from radcompare.errors import WeightsError


def fill(model: nn.Module, state: Mapping[str, Tensor], network: Network, path: Path) -> bool:
    """Copy weights into a network, in place.

    A classification layer that does not fit is taken out: the model then ends with the layer before it.

    Args:
        model: the network, with any values.
        state: tensors by the names of torch's `state_dict`.
        network: what the model is.
        path: where the tensors come from, for messages.

    Returns:
        Whether the classification layer has its values.

    Raises:
        WeightsError: anything but the classification layer is missing, left over, misshapen or not finite.
    """
    expected = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    given = {name: tuple(value.shape) for name, value in state.items()}
    _refuse_misfits(expected, given, network, path)
    broken = [name for name, value in state.items() if not torch.isfinite(value).all()]
    if broken:
        raise WeightsError(
            f"{path}: {_first(broken)}: not finite", "pass a file from before training diverged"
        )
    head = [name for name in expected if _is_head(name, network)]
    has_head = all(given.get(name) == expected[name] for name in head)
    kept = {name: value for name, value in state.items() if has_head or not _is_head(name, network)}
    model.load_state_dict(kept, strict=False)
    if not has_head:
        parent, _, name = network.head.rpartition(".")
        setattr(model.get_submodule(parent), name, nn.Identity())
    return has_head


def _refuse_misfits(
    expected: Mapping[str, tuple[int, ...]],
    given: Mapping[str, tuple[int, ...]],
    network: Network,
    path: Path,
) -> None:
    """Raise if anything but the head and batch normalisation's idle counters is missing, extra or misshapen."""
    needed = [name for name in expected if not _is_free(name, network)]
    missing = [name for name in needed if name not in given]
    unexpected = [name for name in given if name not in expected and not _is_free(name, network)]
    shapes = [
        f"{name} {given[name]} instead of {expected[name]}"
        for name in needed
        if name in given and given[name] != expected[name]
    ]
    found = {"missing": missing, "unexpected": unexpected, "of another shape": shapes}
    problems = [f"{kind}: {_first(names)}" for kind, names in found.items() if names]
    if problems:
        raise WeightsError(
            f"{path}: does not fit {network.name}: {'; '.join(problems)}",
            "pass weights of this network (only the classification layer may differ), or name the network they"
            " are for",
        )


def _is_free(name: str, network: Network) -> bool:
    return _is_head(name, network) or name.endswith(".num_batches_tracked")


def _is_head(name: str, network: Network) -> bool:
    return name.startswith(f"{network.head}.")


def _first(names: list[str], limit: int = 3) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
