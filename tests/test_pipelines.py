"""The pipelines in the README run as they stand: the Makefile, the Snakefile and the job of GitHub Actions."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from served_program import program

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
JOB_SHELL = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
"""What GitHub runs steps with where `shell: bash` is asked for."""
ELSEWHERE = re.compile(r"pip install\b")
"""Steps that fetch what a test has already."""

BIN = Path(sys.executable).parent
PATH = os.pathsep.join([str(BIN), os.environ["PATH"], str(BIN.parent / "snakemake" / "bin")])
"""What else is run, among it Snakemake where `make test-snakemake` puts it."""

Shell = Callable[..., "subprocess.CompletedProcess[str]"]


def block(language: str) -> str:
    """The one fenced block of a language under "In pipelines"."""
    section = README.partition("\n## In pipelines\n")[2].partition("\n## ")[0]
    (found,) = re.findall(rf"```{language}\n(.*?)```", section, flags=re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def commands() -> Iterator[Path]:
    """The program that is tested."""
    with program() as served:
        yield served


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all: the pipelines measure the same images."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def shell(tmp_path: Path, cache: Path, commands: Path) -> Shell:
    """Run a command in an empty folder, with the program that is tested on the path."""
    path = f"{commands}{os.pathsep}{PATH}"
    environment = os.environ | {"PATH": path, "RADCOMPARE_CACHE": str(cache), "MAKEFLAGS": ""}

    def run(*command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)

    return run


def assert_compared(folder: Path) -> None:
    """The comparison is there, and is of the two arms."""
    found = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
    assert [arm["arm"] for arm in found["arms"]] == ["radiomics", "deep"]
    assert {pair["metric"] for pair in found["pairs"]} >= {"auc"}


@pytest.mark.slow
def test_the_makefile(shell: Shell, tmp_path: Path) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    (tmp_path / "Makefile").write_text(block("make"), encoding="utf-8")
    done = shell("make", "comparison.json")
    assert done.returncode == 0, done.stderr
    assert_compared(tmp_path)
    assert "is up to date" in shell("make", "comparison.json").stdout
    (tmp_path / "predictions.csv").write_text("ID,arm\na,b\n", encoding="utf-8")
    failed = shell("make", "comparison.json")
    assert failed.returncode == 2
    assert "error: predictions.csv: no column 'y_true'" in failed.stderr
    assert not (tmp_path / "comparison.json").exists()


@pytest.mark.slow
def test_the_snakefile(shell: Shell, tmp_path: Path) -> None:
    if shutil.which("snakemake", path=PATH) is None:
        pytest.skip("snakemake is not installed: make test-snakemake gives it an environment of its own")
    (tmp_path / "Snakefile").write_text(block("python"), encoding="utf-8")
    done = shell("snakemake", "--cores", "2")
    assert done.returncode == 0, done.stderr
    assert_compared(tmp_path)
    again = shell("snakemake", "--cores", "2")
    assert "Nothing to be done" in again.stdout + again.stderr


@pytest.mark.slow
def test_the_job(shell: Shell, tmp_path: Path) -> None:
    (experiment, *_) = re.findall(r"```yaml\n(.*?)```", README, flags=re.DOTALL)
    (tmp_path / "experiment.yaml").write_text(experiment, encoding="utf-8")
    job: dict[str, Any] = yaml.safe_load(block("yml"))
    assert job["defaults"] == {"run": {"shell": "bash"}}
    scripts = [step["run"] for step in job["jobs"]["radcompare"]["steps"] if "run" in step]
    here = [script for script in scripts if not ELSEWHERE.match(script)]
    assert [script for script in scripts if script not in here] == ["pip install radcompare"]
    for script in here:
        done = shell(*JOB_SHELL, "-c", script)
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    assert_compared(tmp_path)
    assert (tmp_path / "first-run" / "report.html").is_file()


def test_the_actions_of_the_job_are_the_ones_that_a_test_cannot_run() -> None:
    steps = yaml.safe_load(block("yml"))["jobs"]["radcompare"]["steps"]
    used = [step["uses"].partition("@")[0] for step in steps if "uses" in step]
    assert used == ["actions/checkout", "actions/setup-python", "actions/upload-artifact"]


def test_the_three_ask_the_same_question() -> None:
    options = ("--select relieff:5", "--cv 4", "radiomics=r219_*", "deep=deep_*", "--reference radiomics")
    for language in ("make", "python", "yml"):
        assert all(option in block(language) for option in options)
