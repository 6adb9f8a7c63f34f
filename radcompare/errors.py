"""Every error that a user can mend: what was found, what to do about it, and the exit code.

Library code raises these; only the command line turns them into output (see `radcompare.cli.main`).
The message names the file and the row or key; the hint says what to do.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """What the shell sees."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    DATA = 3
    SOME_CASES_FAILED = 4
    VERIFICATION_DIFFERS = 5
    INTERRUPTED = 130


class RadcompareError(Exception):
    """Base of all errors below.

    Args:
        message: what was found and where (file, row, key).
        hint: what the user can do; printed on its own line.
    """

    exit_code = ExitCode.UNEXPECTED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        """Come back from another process as what it was, whatever arguments the class takes."""
        return _restored, (type(self), self.message, self.hint)


def _restored(kind: type[RadcompareError], message: str, hint: str) -> RadcompareError:
    error = kind.__new__(kind)
    RadcompareError.__init__(error, message, hint)
    return error


class ConfigError(RadcompareError):
    """The command line or the experiment file asks for something that cannot be."""

    exit_code = ExitCode.USAGE


class UnknownNameError(ConfigError):
    """A name that is not on the menu; says which names are, and the nearest one first.

    Args:
        kind: what was to be named.
        name: as it was written.
        known: every name that would do.
        hint: what to say in place of all known names, where those would fill the screen.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        known = list(known)
        listed = hint or f"known: {', '.join(known)}"
        super().__init__(f"unknown {kind} {name!r}{did_you_mean(name, known)}", listed)


class MissingLibraryError(ConfigError):
    """An optional library is needed for what was asked."""


class WeightsError(ConfigError):
    """Network weights cannot be had, or do not fit the network."""


class DataError(RadcompareError):
    """The input was read and cannot be used."""

    exit_code = ExitCode.DATA


class TableError(DataError):
    """A table lacks a column, repeats an ID, or cannot be parsed."""


class OutcomeError(DataError):
    """The outcome column cannot be learned from: one class, missing values, too many classes."""


class CaseError(DataError):
    """One case cannot be read or measured; the others go on."""


class WorkerLostError(RadcompareError):
    """A process that was at work died, and did so again when it had the machine to itself."""


class VerificationError(RadcompareError):
    """What a stored run was made from is not what it was."""

    exit_code = ExitCode.VERIFICATION_DIFFERS


class TestRefused(DataError):
    """A statistical test that would be wrong here; the hint names the one to use instead."""

    __test__ = False  # the name begins with Test, yet pytest has nothing to collect here


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`"; did you mean 'x'?"` for the nearest known name, or nothing when none is near."""
    by_lower = {k.lower(): k for k in known}
    near = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return f"; did you mean {by_lower[near[0]]!r}?" if near else ""
