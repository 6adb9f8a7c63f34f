"""Writes docs/reference/cli.md from the command line itself: `python docs/cli_reference.py`."""

import re
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any

import typer

from radcompare.cli import app

INTRODUCTION = """# Commands and options

Every command with every argument and option, as `--help` shows them. Written by `docs/cli_reference.py` from the
program. What a command is for, with examples, is in [its guide](../commands/index.md).

An option that "may be given again" is repeated: `--arm a=x_* --arm b=y_*`. One without a default is absent unless it is
given. Every command also has `--help`, in short `-h`.
"""
PROGRAM = "radcompare"
_SIGNS = re.compile(r"[*_\[\]]")


def page() -> str:
    """The whole file."""
    root = typer.main.get_command(app)
    parts = [_section(PROGRAM, root)] + [_section(f"{PROGRAM} {words}", one) for words, one in commands()]
    return "\n".join([INTRODUCTION, *parts])


def commands() -> list[tuple[str, Any]]:
    """Every command by its words, such as `extract deep`; a group of commands is none itself."""
    return list(_below(typer.main.get_command(app), ""))


def options_of(command: Any) -> list[Any]:
    """The options of a command without those that every command has."""
    return [one for one in command.params if one.param_type_name == "option" and not _is_hidden(one)]


def _below(group: Any, words: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        path = f"{words} {name}".strip()
        if hasattr(command, "commands"):
            yield from _below(command, path)
        else:
            yield path, command


def _is_hidden(parameter: Any) -> bool:
    return bool(getattr(parameter, "hidden", False)) or "--help" in parameter.opts


def _section(title: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    lines = [f"## {title}", "", *_prose(command.help or ""), ""]
    lines += [_argument(one) for one in arguments]
    lines += [_option(one) for one in options_of(command)]
    return "\n".join([*lines, ""])


def _prose(text: str) -> list[str]:
    return [plain(cleandoc(text.replace("\f", "")))]


def _argument(one: Any) -> str:
    name = one.metavar or one.name.upper()
    return f"- `{name}` ({'required' if one.required else 'optional'}): {plain(one.help)}"


def _option(one: Any) -> str:
    *others, last = [*one.opts, *one.secondary_opts]
    shown = ", ".join(f"`{name}`" for name in others) + ", " * bool(others)
    metavar = f" {one.metavar}" if one.metavar else ""
    return f"- {shown}`{last}{metavar}`{_default(one)}: {plain(one.help)}"


def _default(one: Any) -> str:
    if one.required:
        return " (required)"
    if one.is_flag or one.default in (None, (), []):
        return ""
    return f" (default `{one.default}`)"


def plain(text: str) -> str:
    """Text in which no sign is taken for markup."""
    return _SIGNS.sub(lambda sign: f"\\{sign[0]}", text.strip()).replace("<", "&lt;")


if __name__ == "__main__":
    target = Path(__file__).parent / "reference" / "cli.md"
    target.write_text(page(), encoding="utf-8")
