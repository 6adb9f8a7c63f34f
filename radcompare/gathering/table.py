"""Rows as the table that a cohort is kept in."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from radcompare.gathering.rows import Row

OPTIONAL = ("Label", "Series", "Structure", "OrganMask")
_ODD = ("=", "+", "-", "@")
"""What makes a spreadsheet run a cell."""


def to_frame(rows: Sequence[Row], root: Path, folder: Path) -> pd.DataFrame:
    """The table of a cohort.

    Args:
        rows: in the order of the table.
        root: where the files were found.
        folder: where the table is to lie; paths are relative to it, unless nothing but the root of the file system
            holds both.

    Returns:
        ID, Image, Mask, then of Label, Series, Structure, OrganMask and modality those that any row has, further
        sequences, patient_id, and what else is known.
    """
    known = [_cells(row, root, folder) for row in rows]
    more = list(dict.fromkeys(column for row in rows for column in row.more))
    files = [column for column in more if any(isinstance(row.more.get(column), Path) for row in rows)]
    others = [column for column in more if column not in files]
    modality = _used(known, ("modality",))
    columns = [
        "ID",
        "Image",
        "Mask",
        *_used(known, OPTIONAL),
        *sorted(files),
        "patient_id",
        *modality,
        *others,
    ]
    frame = pd.DataFrame(known, columns=columns)
    if "Label" in frame:
        frame["Label"] = frame["Label"].astype("Int64")
    return frame


def _used(cells: Iterable[dict[str, object]], columns: Iterable[str]) -> list[str]:
    rows = list(cells)
    return [column for column in columns if any(row[column] not in (None, "") for row in rows)]


def _cells(row: Row, root: Path, folder: Path) -> dict[str, object]:
    def path(of: Path) -> str:
        return as_cell(of, root, folder)

    more = {name: path(value) if isinstance(value, Path) else value for name, value in row.more.items()}
    return more | {
        "ID": row.id,
        "Image": path(row.image),
        "Mask": path(row.mask),
        "Label": row.label,
        "Series": row.series,
        "Structure": row.structure,
        "OrganMask": None if row.organ is None else path(row.organ),
        "patient_id": row.patient_id,
        "modality": row.modality,
    }


def as_cell(path: Path, root: Path, folder: Path) -> str:
    """A path as it stands in a table: relative to its folder, as readers and spreadsheets leave it alone."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - links on the way stay as they are
    if path.is_relative_to(root):
        whole = root.resolve() / path.relative_to(root)
    text = _relative(whole, folder.resolve())
    if text.startswith(_ODD) or text != text.lstrip():
        text = f"./{text}"
    return text if text == text.rstrip() else f"{text}/"


def _relative(whole: Path, folder: Path) -> str:
    try:
        shared = Path(os.path.commonpath([whole, folder]))
    except ValueError:  # another drive
        return whole.as_posix()
    if shared == Path(shared.anchor) and folder != shared:
        return whole.as_posix()
    return Path(os.path.relpath(whole, folder)).as_posix()
