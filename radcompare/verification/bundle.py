"""A finished run in one file to send or archive: settings, hashes, tables and environment, and no image."""

import json
import zipfile
from importlib import metadata
from pathlib import Path

from radcompare.provenance import digest_bytes, written_atomically
from radcompare.verification.verify import read_run

MANIFEST, ENVIRONMENT = "MANIFEST.json", "environment.txt"
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
        ConfigError: the file cannot be written.
    """
    read_run(folder)
    digests: dict[str, str] = {}
    with written_atomically(bundle) as temporary, zipfile.ZipFile(temporary, "w") as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            if _belongs(path.relative_to(folder)):
                _put(packed, path.relative_to(folder).as_posix(), path.read_bytes(), digests)
        _put(packed, ENVIRONMENT, _environment().encode(), digests)
        _put(packed, MANIFEST, (json.dumps(digests, indent=2) + "\n").encode(), digests)
    return list(digests)


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
