"""The help: at once, at eighty columns, and with a word on everything."""

import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any, get_args

import pytest

from radcompare import registry
from radcompare.cli import app, deep, images, menus
from radcompare.config import DeepSource, RadiomicsSource, Selection

Run = Callable[..., Any]
COMMANDS = [
    *(["demo"], ["run"], ["report"], ["view"], ["verify"], ["freeze"]),
    *(["cohort"], ["check"], ["extract"], ["extract", "radiomics"], ["extract", "deep"]),
    *(["merge"], ["select"], ["evaluate"], ["compare"]),
    *(["list"], ["describe"]),
    *(["cache"], ["cache", "info"], ["cache", "clear"]),
    *(["preview"], ["train"], ["finetune"], ["ensemble"]),
]


def help_of(radcompare: Run, *command: str) -> str:
    ended = radcompare(*command, "--help")
    assert (ended.code, ended.err) == (0, "")
    return str(ended.out)


def functions() -> list[Callable[..., Any]]:
    """What stands behind every command."""
    groups = [app, *(group.typer_instance for group in app.registered_groups if group.typer_instance)]
    return [command.callback for group in groups for command in group.registered_commands if command.callback]


def test_every_command_is_looked_at_here() -> None:
    assert len(functions()) + 2 == len(COMMANDS)  # two are the groups `extract` and `cache`


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, radcompare.cli\n"
        "sys.argv = ['radcompare', '--help']\n"
        "try:\n    radcompare.cli.main()\n"
        "except SystemExit as ended:\n    print(ended.code, *sorted(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    ended, *loaded = done.stderr.split()
    assert ended == "0"
    assert "radcompare.cli.tables" in loaded
    heavy = ("numpy", "pandas", "torch", "pydantic", "scipy", "sklearn", "SimpleITK", "yaml", "matplotlib")
    assert not [name for name in heavy if name in loaded]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_fits_a_terminal_of_eighty_columns(
    radcompare: Run, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = help_of(radcompare, *command).splitlines()
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if "…" in line]
    flags = [line for line in lines if "<bool>" in line]
    assert [line for line in flags if not re.search("--help|-completion", line)] == []


@pytest.mark.parametrize("function", functions(), ids=lambda function: function.__name__)
def test_every_option_is_explained(function: Callable[..., Any]) -> None:
    assert (inspect.getdoc(function) or "").endswith(".")
    for name, parameter in inspect.signature(function).parameters.items():
        option = get_args(parameter.annotation)[1]
        assert option.help, name
        assert option.help.endswith("."), name


CHOICES = [
    (deep.deep, "relu", DeepSource, "relu"),
    (deep.deep, "channel", DeepSource, "channel"),
    (deep.deep, "window", DeepSource, "window"),
    (deep.deep, "pool", DeepSource, "pool"),
    (images.radiomics, "features", RadiomicsSource, "extractor"),
]


@pytest.mark.parametrize(("function", "option", "block", "key"), CHOICES)
def test_the_help_names_the_values_that_the_config_accepts(
    function: Callable[..., Any], option: str, block: Any, key: str
) -> None:
    shown = get_args(inspect.signature(function).parameters[option].annotation)[1].metavar
    assert tuple(shown.split("|")) == get_args(block.model_fields[key].annotation)


@pytest.mark.parametrize("key", ["ties", "missing"])
def test_select_names_the_values_that_the_config_accepts(radcompare: Run, key: str) -> None:
    assert "|".join(get_args(Selection.model_fields[key].annotation)) in help_of(radcompare, "select")


def test_the_help_names_what_is_on_the_menus(radcompare: Run) -> None:
    evaluate = " ".join(help_of(radcompare, "evaluate").replace("│", " ").split())
    assert ", ".join(registry.names("classifier")) in evaluate
    assert [kind.removesuffix("s") for kind in menus.KINDS] == [*registry.MENUS, "feature"]


def test_defaults_of_the_command_line_are_those_of_the_config() -> None:
    for command in (deep.deep, deep.preview):
        for name, parameter in inspect.signature(command).parameters.items():
            field = DeepSource.model_fields.get(name)
            if field is not None and not field.is_required():
                given = {"size": deep.SIDE, "intensity": "auto"}.get(name, parameter.default)
                assert given == field.default, name
