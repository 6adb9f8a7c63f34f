"""What docs/ shows runs: every sh block, page by page, the tutorial on DICOM too; the site builds."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from documented import PAGES, ROOT, blocks, text_of
from served_program import program

CASES, FEWER = 24, 12
TUTORIAL, COMMANDS = "tutorial.md", "commands/index.md"


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Of shells that have the command, and a cache that the pages share."""
    cache = tmp_path_factory.mktemp("cache")
    with program() as served:
        path = os.pathsep.join(map(str, (served, Path(sys.executable).parent, os.environ["PATH"])))
        yield os.environ | {"PATH": path, "RADCOMPARE_CACHE": str(cache)}


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """The folder in which the examples of commands begin, as the page of all commands says."""
    folder = tmp_path_factory.mktemp("examples")
    for block in blocks(COMMANDS, "sh"):
        run(block, folder, environment)
    return folder


def run(block: str, folder: Path, environment: dict[str, str]) -> None:
    """Run a block of shell commands, which has to end well."""
    bash = shutil.which("bash")
    assert bash is not None
    done = subprocess.run(
        [bash, "-euo", "pipefail", "-c", block],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, f"{block}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "sh") and page != TUTORIAL])
def test_every_example_runs(page: str, begun: Path, environment: dict[str, str], tmp_path: Path) -> None:
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    for block in blocks(page, "sh") if page != COMMANDS else ():
        run(block, tmp_path, environment)
    if page == "commands/demo.md":
        assert undocumented(tmp_path / "demo-run") == []


def undocumented(run_folder: Path) -> list[str]:
    """Files of a run that files.md does not name, and columns of its tables and keys of its JSON."""
    page = text_of("files.md")
    names = re.findall(r"`([\w./-]+\.\w+)`", page.split("\n## Feature tables")[0])
    known = [re.compile(re.sub("SOURCE|ARM|ID", "[^/]+", re.escape(name))) for name in names]
    files = [path for path in sorted(run_folder.rglob("*")) if path.is_file()]
    inside = [path.relative_to(run_folder).as_posix() for path in files]
    plain = [re.sub(r"(figures/.*)\.(png|pdf)", r"\1.svg", name).replace(".tex", ".csv") for name in inside]
    lost = [name for name in plain if not any(pattern.fullmatch(name) for pattern in known)]
    for name in ("results.json", "run.json"):
        keys = json.loads((run_folder / name).read_text(encoding="utf-8"))
        lost += [f"{name}: {key}" for key in keys if f"`{key}`" not in page]
    tables = [path for path in run_folder.glob("*.csv") if path.is_file()]
    for path in [*tables, *run_folder.glob("features/*.readings.csv")]:
        with path.open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        lost += [f"{path.name}: {column}" for column in header if f"`{column}`" not in page]
    return lost


@pytest.mark.slow
def test_the_tutorial_begins_with_phantoms_as_well(environment: dict[str, str], tmp_path: Path) -> None:
    made, found, checked, *_ = blocks(TUTORIAL, "sh")  # the others are run on DICOM, and see no difference
    for block in (made, found, checked):
        run(block, tmp_path, environment)
    assert len((tmp_path / "cohort.csv").read_text(encoding="utf-8").splitlines()) == CASES + 1


@pytest.mark.slow
def test_the_tutorial_runs_on_dicom(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "tests" / "imaging" / "dicom")
    from made_scans import write_scans

    write_scans(tmp_path, FEWER)
    _, *commands = blocks(TUTORIAL, "sh")  # the first makes phantoms for those without DICOM
    for block in commands:
        run(block, tmp_path, environment)
    rows = (tmp_path / "cohort.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == FEWER + 1
    assert {"Structure", "Label", "patient_id", "malignant"} <= set(rows[0].split(","))
    assert (tmp_path / "tutorial-run" / "report.html").stat().st_size > 0


@pytest.mark.slow
@pytest.mark.skipif(
    find_spec("mkdocs") is None, reason="mkdocs is not installed: pip install 'radcompare[docs]'"
)
def test_the_site_builds_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    pages = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.html")]
    assert len(pages) > len(PAGES)  # with a page for what is not found
    loaded = [
        link
        for page in pages
        for link in re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="(\w+:[^"]+)', page)
    ]
    assert [link for link in loaded if not link.startswith("data:")] == []
