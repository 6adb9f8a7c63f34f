"""What the server answers with: a fixed table of routes, and the regular files of two folders by their names."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from radcompare.errors import TableError
from radcompare.tables.predictions import read_predictions
from radcompare.tables.results import read_results
from radcompare.view.page import with_script
from radcompare.view.points import panel

PAGE, RESULTS, PREDICTIONS = "report.html", "results.json", "predictions.csv"
HINTS = {
    RESULTS: "give the folder of a finished run",
    PREDICTIONS: "give the folder of a finished run",
    PAGE: "radcompare report RUN_DIR writes it",
}
"""The files that a run must have to be viewed, and what to do where one is not there."""
FOLDERS = ("figures", "tables")
TEXT = "text/plain; charset=utf-8"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".tex": TEXT,
    ".md": TEXT,
}
"""Media types of what this program writes."""
UNKNOWN = "application/octet-stream"
NEVER_RUN = (".html", ".css", ".js")
"""Suffixes that a file of the run may have and that a browser must not take for what they say."""
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The page holds its own styles and figures; scripts come from this program alone."""
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"
"""A figure that somebody else drew is shown and does nothing."""


@dataclass(frozen=True)
class Answer:
    """What goes back to the browser: the bytes, their media type, and what the browser may do with them."""

    content: bytes
    kind: str
    policy: str = FILE_POLICY


class Routes:
    """Everything that can be asked of a run.

    Args:
        folder: of a finished run. Its files are read anew for every answer, so that a report written anew shows.

    Raises:
        TableError: the folder holds no finished run, or what it holds cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        for name, hint in HINTS.items():
            if not _is_regular(folder / name):
                raise TableError(f"{folder}: holds no {name}", hint)
        self._folder = folder
        self._fixed: dict[str, Callable[[], Answer]] = {
            "/": self._page,
            "/data.json": self._data,
            "/view.js": lambda: _static("view.js"),
            "/view.css": lambda: _static("view.css"),
            "/favicon.ico": lambda: _static("icon.svg"),  # every browser asks for it
            f"/{RESULTS}": lambda: self._file(RESULTS),
            f"/{PREDICTIONS}": lambda: self._file(PREDICTIONS),
        }
        self._data()  # what cannot be shown is told before there is an address

    def answer(self, path: str) -> Answer | None:
        """The answer to a path without its query and with its percent signs decoded; None where there is none.

        Raises:
            RadcompareError: what stands there cannot be read any more.
            OSError: a file went away.
        """
        if path in self._fixed:
            return self._fixed[path]()
        _, folder, name = path.split("/", 2) if path.count("/") >= 2 else ("", "", "")
        if folder in FOLDERS and name in _regular_files(self._folder / folder):
            return self._file(f"{folder}/{name}")
        return None

    def _page(self) -> Answer:
        return Answer(with_script((self._folder / PAGE).read_bytes()), KINDS[".html"], PAGE_POLICY)

    def _data(self) -> Answer:
        predictions = read_predictions(str(self._folder / PREDICTIONS))
        results = read_results(self._folder / RESULTS)
        content = json.dumps(panel(predictions, results.arms), allow_nan=False)
        return Answer(content.encode("ascii"), KINDS[".json"])

    def _file(self, name: str) -> Answer:
        suffix = Path(name).suffix
        kind = UNKNOWN if suffix in NEVER_RUN else KINDS.get(suffix, UNKNOWN)
        return Answer((self._folder / name).read_bytes(), kind)


def _static(name: str) -> Answer:
    content = resources.files("radcompare.view").joinpath("static", name).read_bytes()
    return Answer(content, KINDS[Path(name).suffix])


def _is_regular(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _regular_files(folder: Path) -> set[str]:
    """Names of the files in a folder; a link may lead out of the run, so none is followed."""
    if not folder.is_dir() or folder.is_symlink():
        return set()
    return {path.name for path in folder.iterdir() if _is_regular(path)}
