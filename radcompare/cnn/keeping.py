"""The state of a training on disk, so that a killed one goes on where it was."""

import errno
import pickle
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from radcompare.sealed import sealing, unsealed

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
"""What torch raises on files that another version of it wrote, all of which mean: begin anew."""


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
        if self._path is None:
            return None
        try:
            with unsealed(self._path) as stream:
                state = stream and torch.load(stream, map_location="cpu", weights_only=True)
        except _UNREADABLE:
            return None
        return state if isinstance(state, Mapping) and "epoch" in state else None

    def save(self, state: Mapping[str, Any]) -> None:
        """Keep a state if the last one is old enough.

        Raises:
            ConfigError: the cache cannot be written.
        """
        if self._path is None or time.monotonic() - self._last < self._interval:
            return
        with sealing(self._path) as stream:
            try:
                torch.save(dict(state), stream)
            except RuntimeError as error:  # all that torch says of a full disk
                raise OSError(errno.EIO, "a part of it alone could be written") from error
        self._last = time.monotonic()

    def drop(self) -> None:
        """Forget it: the training is done. What cannot be removed does no harm."""
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
