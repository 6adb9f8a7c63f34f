"""Where a network runs."""

import torch

from radcompare.errors import ConfigError


def chosen_device(name: str) -> torch.device:
    """The device of that name; `auto` is the first there is of CUDA, MPS and the CPU.

    Raises:
        ConfigError: the device is not there.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(device for device, is_there in there.items() if is_there))
    if not there[name]:
        found = ", ".join(device for device, is_there in there.items() if is_there)
        raise ConfigError(
            f"device {name}: not on this machine, or torch was built without it", f"there is: {found}"
        )
    return torch.device(name)


def named(device: torch.device) -> str:
    """The device for the provenance, without its number."""
    return device.type
