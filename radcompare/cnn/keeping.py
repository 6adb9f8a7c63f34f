"""The state of a training on disk, so that a killed one goes on where it was."""

import pickle
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from radcompare.provenance import written_atomically

INTERVAL_S = 20.0
"""Seconds between two states that are kept: what a kill can cost."""
_UNREADABLE = (
    pickle.UnpicklingError,
    OSError,
    RuntimeError,
    ValueError,
    EOFError,
    KeyError,
    AttributeError,
    TypeError,
)
"""What torch raises on files that a kill or a full disk left, all of which mean: begin anew."""


class StateFile:
    """The state of one training; the name of its file stands for everything that determines it.

    Args:
        path: the file; None keeps nothing.
        interval: seconds between two states.
    """

    def __init__(self, path: Path | None, interval: float = INTERVAL_S) -> None:
        self._path, self._interval, self._last = path, interval, time.monotonic()

    def load(self) -> Mapping[str, Any] | None:
        """The state that was kept last, None where there is none or it is damaged; no code in it is run."""
        if self._path is None or not self._path.is_file():
            return None
        try:
            state = torch.load(self._path, map_location="cpu", weights_only=True)
        except _UNREADABLE:
            return None
        return state if isinstance(state, Mapping) and "epoch" in state else None

    def save(self, state: Mapping[str, Any]) -> None:
        """Keep a state if the last one is old enough."""
        if self._path is None or time.monotonic() - self._last < self._interval:
            return
        with written_atomically(self._path) as temporary:
            torch.save(dict(state), temporary)
        self._last = time.monotonic()

    def drop(self) -> None:
        """Forget it: the training is done."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
