"""Kinds of values that several blocks of settings take: a name on a menu, a path, one or several of a thing."""

import os
import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from radcompare import registry
from radcompare.errors import did_you_mean
from radcompare.wrong_settings import short

STANDARD_STREAM = "-"
_VARIABLE = re.compile(r"\$\{(\w+)\}")


def on_menu(kind: str, *also: str) -> BeforeValidator:
    """Check a name against the registry."""

    def check(name: object) -> object:
        known = [*registry.names(kind), *also]
        if name not in known:
            near = did_you_mean(str(name), known)
            raise ValueError(f"unknown {kind} {short(name)}{near} (known: {', '.join(known)})")
        return name

    return BeforeValidator(check)


def resolve(path: object, info: ValidationInfo) -> object:
    """Make a path usable from anywhere.

    A relative one is relative to the file that names it, `${NAME}` stands for an environment variable, `~` for
    the home folder, and `-` for standard input.
    """
    if not isinstance(path, str) or path == STANDARD_STREAM:
        return path
    if not path.strip():
        raise ValueError("expected a path, found nothing")
    if bare := re.match(r"\$(\w+)", path):
        raise ValueError(f"write the environment variable {bare[1]} as ${{{bare[1]}}}, found {path!r}")
    unset = [name for name in _VARIABLE.findall(path) if name not in os.environ]
    if unset:
        raise ValueError(f"the environment variable {unset[0]} is not set; set it, or give another path")
    # Path.expanduser raises where os.path.expanduser leaves the name of an unknown user as it is.
    plain = os.path.expanduser(_VARIABLE.sub(lambda match: os.environ[match[1]], path))  # noqa: PTH111
    base = (info.context or {}).get("base")
    return str(Path(base).absolute() / plain if base else Path(plain))


FilePath = Annotated[Path, BeforeValidator(resolve)]
"""A path in the experiment file."""


def _as_tuple(value: object) -> object:
    if value is None:
        raise ValueError("is empty: give a value, or leave the key out")
    return value if isinstance(value, list | tuple) else (value,)


def _one_by_one(values: tuple[Any, ...] | list[Any]) -> list[Any]:
    """Write a sweep out: a block with a list for a setting stands for one block per value."""
    return [block for value in values for block in _written_out(value)]


def _written_out(value: Any) -> Iterator[Any]:
    swept = {} if not isinstance(value, Mapping) else {k: v for k, v in value.items() if isinstance(v, list)}
    if not swept:
        yield value
    for values in product(*swept.values()) if swept else ():
        yield {**value, **dict(zip(swept, values, strict=True))}


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Refuse what is named twice: in tables and figures the two could not be told apart."""
    names = [str(value) for value in values]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise ValueError(f"{twice[0]!r} is given twice")
    return values


ONE_OR_MORE = (BeforeValidator(_as_tuple), AfterValidator(_distinct))
"""Accept a single value for a list of one."""

SWEEP = (BeforeValidator(_one_by_one), *ONE_OR_MORE)
"""The same for blocks, where a list of values for a setting stands for as many blocks."""

Names = Annotated[tuple[str, ...], *ONE_OR_MORE]
