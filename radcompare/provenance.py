"""Where a result came from: program and library versions, hashes of inputs, seeds."""

import glob
import hashlib
import json
import platform
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from radcompare import __version__
from radcompare.errors import ConfigError, TableError

LIBRARIES = (
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
    "SimpleITK",
    "pydicom",
    "highdicom",
    "pyradiomics",
    "PyWavelets",
    "torch",
    "torchvision",
)
"""The libraries whose version can move a number."""


_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{16}(\.[^.]+)?", re.DOTALL)
"""Names of files that are being written; see `written_atomically`."""


def versions() -> dict[str, str]:
    """Version of radcompare, Python and every library that can move a number, or "absent"."""
    return {"radcompare": __version__, "python": platform.python_version()} | {
        name: _version(name) for name in LIBRARIES
    }


def digest_bytes(content: bytes) -> str:
    """SHA-256 as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def digest_file(path: Path) -> str:
    """SHA-256 of a file's bytes, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_input(path: Path | None) -> str:
    """SHA-256 of a file, or of all files of a folder whatever they are called; empty for what is not there."""
    if path is None or not path.exists():
        return ""
    if path.is_dir():
        return digest_settings(sorted(digest_file(file) for file in path.iterdir() if file.is_file()))
    return digest_file(path) if path.is_file() else ""


def digest_settings(settings: object) -> str:
    """SHA-256 of any JSON-able value, independent of key order."""
    return digest_bytes(json.dumps(settings, sort_keys=True, default=str).encode())


@cache
def digest_code() -> str:
    """SHA-256 over the program's own source: part of every cache key, so that edited code is run again."""
    root = Path(__file__).parent
    sources = sorted(root.rglob("*.py"))
    return digest_settings([(str(path.relative_to(root)), digest_file(path)) for path in sources])


def environment() -> dict[str, Any]:
    """What `run.json` says of the machine: enough to explain a last digit, nothing that names a person."""
    return {"versions": versions(), "platform": platform.platform(), "byteorder": sys.byteorder}


def without_folders(settings: Any) -> Any:
    """Settings in which absolute paths are names of files: what is kept of them names nobody's folders."""
    if isinstance(settings, dict):
        return {key: without_folders(value) for key, value in settings.items()}
    if isinstance(settings, list):
        return [without_folders(value) for value in settings]
    if isinstance(settings, str) and Path(settings).is_absolute():
        return Path(settings).name
    return settings


@contextmanager
def written_atomically(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place only if the block succeeds.

    A killed or failing writer leaves the old file, never half of a new one.

    Raises:
        ConfigError: the path cannot be written (no permission, a full disk, a folder of that name).
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}{path.suffix}")
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        hint = "check the folder, its permissions and the space left, or write elsewhere"
        raise ConfigError(f"{path}: cannot be written: {error.strerror or error}", hint) from error


def remove_leftovers(folder: Path, name: str = "") -> None:
    """Remove what writers that were killed left beside the files they were to write.

    Args:
        folder: looked through with the folders in it.
        name: only what was to become the file of this name, in the folder itself.
    """
    found = folder.glob(f".{glob.escape(name)}.*") if name else folder.rglob(".*")
    for path in found:
        if _TEMPORARY.fullmatch(path.name) and path.is_file():
            path.unlink(missing_ok=True)


def write_json(path: Path, value: object) -> None:
    """Write JSON that a person can read and `diff`: two-space indent, keys in the order given."""
    with written_atomically(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file; empty where there is no file.

    Raises:
        TableError: the file cannot be read, or holds no object.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise TableError(f"{path}: cannot be read: {error}", "restore the file, or run again") from None
    if not isinstance(found, dict):
        raise TableError(f"{path}: holds no JSON object", "restore the file, or run again")
    return found


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"
