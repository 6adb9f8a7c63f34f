"""Putting weights into a network, only if they are that network's."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from radcompare.errors import WeightsError


@dataclass(frozen=True)
class Fit:
    """What came of it.

    Attributes:
        loaded: tensors that are in the network now.
        missing: those of the classification layer that the file lacks or has in another shape.
        unexpected: tensors of the file that the network has no place for.
        has_head: the classification layer has its values.
    """

    loaded: tuple[str, ...]
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    has_head: bool


def fill(model: nn.Module, state: Mapping[str, Tensor], head: str, path: Path, network: str) -> Fit:
    """Copy weights into a network, in place.

    A classification layer that does not fit is taken out: the model then ends with the layer before it. Weights of
    further heads, which the network does not have, are left over; those of further layers inside a part that it
    does have show another network, and are refused.

    Args:
        model: the network, with any values.
        state: tensors by the names of torch's `state_dict`.
        head: dotted name of the classification layer; empty for none.
        path: where the tensors come from, for messages.
        network: its name, for messages.

    Raises:
        WeightsError: anything but the classification layer is missing, misshapen or not finite, or the weights
            are of a larger network.
    """
    expected = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    given = {name: tuple(value.shape) for name, value in state.items()}
    of_head = [name for name in expected if head and name.startswith(f"{head}.")]
    parts = {name for name, child in model.named_children() if any(True for _ in child.parameters())}
    unexpected = [name for name in given if name not in expected and not name.endswith(IDLE)]
    inside = [name for name in unexpected if name.partition(".")[0] in parts and not _under(name, head)]
    _refuse_misfits({n: s for n, s in expected.items() if n not in of_head}, given, inside, path, network)
    broken = [
        n
        for n in expected
        if n in state and state[n].is_floating_point() and not torch.isfinite(state[n]).all()
    ]
    if broken:
        raise WeightsError(
            f"{path}: {_first(broken)}: not finite", "pass a file from before training diverged"
        )
    has_head = all(given.get(name) == expected[name] for name in of_head)
    kept = {n: v for n, v in state.items() if n in expected and (has_head or n not in of_head)}
    model.load_state_dict(kept, strict=False)
    if not has_head:
        parent, _, name = head.rpartition(".")
        setattr(model.get_submodule(parent), name, nn.Identity())
    return Fit(tuple(kept), () if has_head else tuple(of_head), tuple(unexpected), has_head)


IDLE = ".num_batches_tracked"
"""Counters of batch normalisation, which evaluation does not read."""


def _refuse_misfits(
    expected: Mapping[str, tuple[int, ...]],
    given: Mapping[str, tuple[int, ...]],
    inside: list[str],
    path: Path,
    network: str,
) -> None:
    """Raise if anything of the backbone is missing or misshapen, or the file has more of it."""
    needed = [name for name in expected if not name.endswith(IDLE)]
    missing = [name for name in needed if name not in given]
    hint = "pass weights of this network (only the classification layer may differ), or name the network they are for"
    if needed and len(missing) == len(needed):
        raise WeightsError(
            f"{path}: none of its {len(given)} tensors ({_first(list(given))}) is one of {network}'s "
            f"({_first(needed)})",
            hint,
        )
    shapes = [
        f"{name} {given[name]} instead of {expected[name]}"
        for name in needed
        if name in given and given[name] != expected[name]
    ]
    found = {"missing": missing, "unexpected": inside, "of another shape": shapes}
    problems = [f"{kind}: {_first(names)}" for kind, names in found.items() if names]
    if problems:
        raise WeightsError(f"{path}: does not fit {network}: {'; '.join(problems)}", hint)


def _under(name: str, head: str) -> bool:
    return bool(head) and name.startswith(f"{head}.")


def _first(names: list[str], limit: int = 3) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
