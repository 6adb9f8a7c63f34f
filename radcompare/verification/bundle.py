"""A finished run in one file to send or archive: settings, hashes, tables and environment, and no image."""

import json
import zipfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from radcompare.config import load_experiment
from radcompare.provenance import digest_bytes, written_atomically
from radcompare.report.drawn import figures_of
from radcompare.report.figures.drawing import as_svg
from radcompare.report.page import render
from radcompare.report.run_folder import read_failures, showable
from radcompare.tables.results import read_results
from radcompare.verification.verify import read_run

MANIFEST, ENVIRONMENT, REPORT = "MANIFEST.json", "environment.txt", "report.html"
LEFT_OUT = ("cohort", "views")
"""Folders of a run with images: the phantom cohort, and what networks were shown."""
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""Of the zip format: a bundle's bytes depend on what it holds, not on when it was made."""


def freeze(folder: Path, bundle: Path) -> list[str]:
    """Pack a run.

    Args:
        folder: of a finished run.
        bundle: the zip file to be written.

    Returns:
        What is in it, the manifest with the SHA-256 of every other file last.

    Raises:
        TableError: the folder holds no finished run.
        ConfigError: its `config.yaml` cannot be read, or the file cannot be written.
    """
    page = _page_without_views(folder, read_run(folder))
    digests: dict[str, str] = {}
    with written_atomically(bundle) as temporary, zipfile.ZipFile(temporary, "w") as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            if _belongs(path.relative_to(folder)):
                name = path.relative_to(folder).as_posix()
                _put(packed, name, page if name == REPORT else path.read_bytes(), digests)
        _put(packed, ENVIRONMENT, _environment().encode(), digests)
        _put(packed, MANIFEST, (json.dumps(digests, indent=2) + "\n").encode(), digests)
    return list(digests)


def _page_without_views(folder: Path, run: Mapping[str, Any]) -> bytes:
    """The report, which holds pictures of patients, written anew without them."""
    results = read_results(folder / "results.json")
    experiment, failures = load_experiment(folder / "config.yaml"), read_failures(folder / "failures.csv")
    with showable(folder / "results.json"):
        figures = {name: as_svg(figure) for name, figure in figures_of(results).items()}
        return render(results, experiment, failures, figures, run=run, views={}).encode()


def _put(packed: zipfile.ZipFile, name: str, content: bytes, digests: dict[str, str]) -> None:
    """Add a file, and note its SHA-256."""
    entry = zipfile.ZipInfo(name, FIRST_DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    packed.writestr(entry, content)
    digests[name] = digest_bytes(content)


def _belongs(path: Path) -> bool:
    return path.parts[0] not in LEFT_OUT and not any(part.startswith(".") for part in path.parts)


def _environment() -> str:
    """Every distribution that is installed, as pip takes it."""
    found = {(each.metadata["Name"], each.version) for each in metadata.distributions()}
    return "".join(f"{name}=={version}\n" for name, version in sorted(found, key=lambda one: one[0].lower()))
