"""`NAME.meta.json` beside a feature table: which columns are features, their levels, and where they came from."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from radcompare.errors import TableError
from radcompare.tables.files import STANDARD_STREAM


def meta_path(path: Path) -> Path:
    """The sidecar of a table: `NAME.meta.json` for `NAME.csv`, `NAME.csv.gz` and `NAME.parquet`."""
    return path.with_name(Path(path.name.removesuffix(".gz")).stem + ".meta.json")


def read_meta(source: str) -> dict[str, Any]:
    """What the sidecar of a table says; nothing for a table without one.

    Raises:
        TableError: the sidecar is not what `write_sidecar` writes.
    """
    path = meta_path(Path(source))
    if source == STANDARD_STREAM or not path.is_file():
        return {}
    hint = "restore the sidecar, or remove it"
    try:
        meta = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TableError(f"{path}: cannot be read: {error}", hint) from None
    if not isinstance(meta, dict):
        raise TableError(f"{path}: is no sidecar: expected {{...}}, found {type(meta).__name__}", hint)
    for key, is_sound in _SIDECAR.items():
        if key in meta and not is_sound(meta[key]):
            raise TableError(f"{path}: its {key!r} are not what radcompare writes", hint)
    return meta


def _are_names(value: object) -> bool:
    """A list of texts, none of them twice."""
    is_list = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return is_list and len(set(cast(list[str], value))) == len(cast(list[str], value))


def _are_levels(value: object) -> bool:
    return isinstance(value, dict) and all(map(_are_names, value.values()))


def _are_sources(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, dict) and _are_names(each.get("columns", [])) for each in value
    )


_SIDECAR: Mapping[str, Callable[[object], bool]] = {
    "features": _are_names,
    "levels": _are_levels,
    "sources": _are_sources,
}
"""What of a sidecar is used, and how to tell that it has the form that `write_sidecar` gives it."""
