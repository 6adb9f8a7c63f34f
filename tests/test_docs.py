"""The documents are true: every command has an example, every example runs, every promise of make exists."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from served_program import program

from radcompare import registry
from radcompare.cli import app

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Fenced blocks of one language in the README."""
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def commands() -> list[str]:
    """Names of all commands of the program."""
    named = [
        command.name or command.callback.__name__ for command in app.registered_commands if command.callback
    ]
    return named + [str(group.name) for group in app.registered_groups]


def test_the_two_commands_come_first_and_exist() -> None:
    first = [line.strip() for line in README.splitlines()[1:] if line.strip()][:2]
    assert first == ["make demo", "make test"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test", "test-fast", "lint", "types", "format"):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


@pytest.mark.parametrize("command", commands())
def test_every_command_has_an_example_that_runs(command: str) -> None:
    assert re.search(rf"radcompare {command}\b", "".join(blocks("sh"))), (
        f"no example of {command} in README.md"
    )


def test_commands_are_found() -> None:
    assert {"demo", "run", "select", "compare", "extract"} <= set(commands())


def test_ci_calls_the_readmes_test_command() -> None:
    assert "make test\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_pre_commit_runs_what_ci_runs() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0][
        "hooks"
    ]
    assert {hook["id"] for hook in hooks} >= {"ruff-check", "ruff-format", "mypy"}


def test_the_changelog_names_every_command_and_has_unreleased_first() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[(.+?)\]", text, flags=re.MULTILINE)[0] == "Unreleased"
    for command in commands():
        assert f"{command}" in text, command


@pytest.mark.parametrize("kind", ["extractor", "network"])
def test_documents_name_what_is_on_the_menu(kind: str) -> None:
    text = (README + (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")).lower()
    families = {"torchvision", "timm", "monai", "torchscript"} if kind == "network" else set()
    families |= {name for name in registry.names(kind) if name not in registry.TORCHVISION}
    assert not [family for family in families if family not in text]


@pytest.mark.slow
def test_every_example_runs_in_order(tmp_path: Path) -> None:
    (tmp_path / "experiment.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
    bash = shutil.which("bash")
    assert bash is not None
    with program() as commands:
        environment = os.environ | {
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "RADCOMPARE_CACHE": str(tmp_path / "cache"),
        }
        for block in blocks("sh"):
            done = subprocess.run(
                [bash, "-euo", "pipefail", "-c", block],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    for made in (
        "demo-run/report.html",
        "first-run/results.json",
        "comparison.json",
        "features.json",
        "merged.csv",
    ):
        assert (tmp_path / made).stat().st_size > 0


def test_the_page_of_features_is_written_from_the_catalogue() -> None:
    spec = importlib.util.spec_from_file_location("features_page", ROOT / "docs" / "features.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")
    assert page == module.page(), "run make docs"
    assert page.count("\n| ") >= 219 + 107
