"""The base of every block of settings, and the way from raw values to one."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from radcompare.errors import ConfigError
from radcompare.wrong_settings import Location, in_words


class Settings(BaseModel):
    """Base of every block: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


HINT = "correct the keys named above"

Block = TypeVar("Block", bound=Settings)


def parse(
    block: type[Block],
    raw: object,
    *,
    origin: str,
    base: Path | None = None,
    hint: str = HINT,
    keys: Callable[[Location], list[str]] | None = None,
    in_file: Callable[[Location], Location] | None = None,
) -> Block:
    """Check raw settings against a block.

    Args:
        block: the class of the settings.
        raw: what YAML or the command line gave.
        origin: the file or command, named in the error.
        base: the folder that relative paths belong to; the working folder if absent.
        hint: what to do about an error.
        keys: the keys that are known where a key is wrong; those of the block if absent.
        in_file: where in the file something wrong is, if the file was rewritten before.

    Raises:
        ConfigError: everything that is wrong, a line each.
    """
    try:
        return block.model_validate(raw, context={"base": str(base) if base else ""})
    except ValidationError as error:
        where = in_file or (lambda location: location)
        problems = [{**problem, "loc": where(problem["loc"])} for problem in error.errors()]
        lines = dict.fromkeys(in_words(problems, keys or (lambda _: list(block.model_fields))))
        raise ConfigError(f"{origin}: " + "\n  ".join(lines), hint) from None
