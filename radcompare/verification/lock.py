"""Refuse to run on other inputs than those of the run that is there."""

from pathlib import Path

from radcompare.config import Experiment
from radcompare.errors import ConfigError, VerificationError
from radcompare.verification.causes import changed_inputs
from radcompare.verification.verify import read_run

TOLD = 12


def refuse_changed(folder: Path, experiment: Experiment) -> None:
    """Compare tables, images, masks and weights with those that the run in a folder recorded.

    Raises:
        ConfigError: the folder holds no finished run to compare with.
        VerificationError: something changed; every change is named.
    """
    if not (folder / "results.json").is_file():
        raise ConfigError(
            f"--locked: {folder} holds no finished run whose inputs could be compared",
            "run once without --locked; later runs into the same folder can be locked",
        )
    causes = list(changed_inputs(folder, experiment, read_run(folder)))
    if causes:
        more = [f"and {len(causes) - TOLD} more"] if len(causes) > TOLD else []
        told = "\n  ".join([*(cause.in_words() for cause in causes[:TOLD]), *more])
        raise VerificationError(
            f"{folder}: inputs are not what they were:\n  {told}",
            "restore them, or run without --locked, which replaces the run",
        )
