"""The cohort: which cases there are, where their image and mask lie, and what is known about them.

A row is a case: `ID`, `Image`, `Mask`, optional `Label` (the mask's value that is the region), `OrganMask`, and for
DICOM `Series` (which of a folder's series is the image) and `Structure` (which structure or segment is the region);
outcomes, `patient_id`, `cohort` and anything else pass through. pyradiomics' batch files are accepted as they are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from radcompare.errors import TableError, did_you_mean
from radcompare.printable import visible
from radcompare.reading_settings import AS_STORED, Reading
from radcompare.tables.case import Case, Problem
from radcompare.tables.files import (
    STANDARD_STREAM,
    is_id,
    read_frame,
    refuse_empty,
    shown_name,
    with_named_ids,
)

SYNONYMS = {
    "Image": ("image", "image_path", "imagepath", "image_file", "img", "img_path", "scan"),
    "Mask": (
        "mask",
        "mask_path",
        "maskpath",
        "mask_file",
        "segmentation",
        "seg",
        "seg_path",
        "roi",
        "roi_path",
    ),
    "Label": ("label", "mask_label", "label_value"),
    "OrganMask": ("organmask", "organ_mask", "organ_mask_path"),
    "Series": ("series", "series_uid", "seriesinstanceuid", "series_instance_uid"),
    "Structure": ("structure", "roi_name", "roiname", "segment_label"),
}
"""Headers (in any case) that mean the same as ours."""
MAX_TOLD = 12
"""Rows named by one error; a wrong column spoils every row, and a screen holds a few."""


@dataclass(frozen=True)
class Cohort:
    """All cases of a study.

    Attributes:
        cases: one per row, in the file's order.
        columns: everything else that is known, indexed by ID; passes through to every table.
        digest: SHA-256 of the file that was read.
        folder: what relative paths in the columns are relative to.
    """

    cases: tuple[Case, ...]
    columns: pd.DataFrame
    digest: str
    folder: Path = Path()

    def sequence(self, name: str) -> tuple[Case | None, ...]:
        """The cases as another image shows them: the columns Image_NAME and, if there, Mask_NAME.

        Returns:
            In the order of `cases`; None for a case without that image.

        Raises:
            TableError: the cohort has no such column.
        """
        columns = {str(column).lower(): str(column) for column in self.columns.columns}
        image = columns.get(f"image_{name}".lower())
        if image is None:
            there = [column[6:] for lower, column in columns.items() if lower.startswith("image_")]
            near = did_you_mean(name, there)
            found = f"it has {', '.join(there)}" if there else "it has none"
            raise TableError(f"the cohort has no sequence {name!r}, a column Image_{name}{near}", found)
        mask = columns.get(f"mask_{name}".lower())
        masks = [None] * len(self.cases) if mask is None else list(self.columns[mask])
        cells = zip(self.cases, self.columns[image], masks, strict=True)
        return tuple(
            _as_shown(case, _path(file, self.folder), _path(mask, self.folder), name)
            for case, file, mask in cells
        )


def read_cohort(source: str, reading: Reading = AS_STORED) -> Cohort:
    """Read a cohort file; relative paths in it are relative to its folder (to the working folder for `-`).

    Args:
        source: the file, or `-` for standard input.
        reading: what is done to the files of every case on the way to a region.

    Raises:
        TableError: no row, no column of images or masks, a repeated or empty ID; or rows, all named at once,
            with an empty path or a label that is no integer above 0.
    """
    frame, digest = _named(source)
    where, folder = shown_name(source), _folder(source)
    frame = frame.assign(ID=checked_ids(frame["ID"], where))
    found = list(_cases(frame, folder, where))
    wrong = [case for case in found if isinstance(case, TableError)]
    if wrong:
        raise _together(wrong)
    cases = [case for case in found if isinstance(case, Case)]
    return Cohort(tuple(replace(case, reading=reading) for case in cases), _others(frame), digest, folder)


def names_files(columns: Iterable[str]) -> bool:
    """Whether a table with these columns is meant as a cohort: one of them names images or masks."""
    return any(_standard_name(column) in ("Image", "Mask") for column in columns)


def survey_cohort(source: str, reading: Reading = AS_STORED) -> tuple[Cohort, list[Problem]]:
    """The rows of a cohort file that can be read as cases, and what is wrong with the others.

    Args: as for `read_cohort`.

    Returns:
        A cohort in which an ID may occur several times, and the problems of empty and repeated IDs and of rows that
        are no case.

    Raises:
        TableError: nothing can be told of any row: no table, no row, no column of images or masks.
    """
    frame, digest = _named(source)
    where, folder = shown_name(source), _folder(source)
    wrong = id_faults(frame["ID"], where)
    problems = [Problem("", "error", error.message, error.hint) for error in wrong]
    frame = frame.assign(ID=clean_ids(frame["ID"]))
    found = list(_cases(frame, folder, where))
    for case, error in zip(frame["ID"], found, strict=True):
        if isinstance(error, TableError):
            problems.append(Problem(str(case), "error", error.message, error.hint))
    good = [case for case in found if isinstance(case, Case)]
    rows = [isinstance(case, Case) for case in found]
    cohort = Cohort(
        tuple(replace(case, reading=reading) for case in good), _others(frame[rows]), digest, folder
    )
    return cohort, problems


def _named(source: str) -> tuple[pd.DataFrame, str]:
    frame, digest = read_frame(source, _is_text)
    where = shown_name(source)
    refuse_empty(frame, where)
    return _with_standard_names(frame, where), digest


def _folder(source: str) -> Path:
    return Path(source).parent if source != STANDARD_STREAM else Path()


def _others(frame: pd.DataFrame) -> pd.DataFrame:
    """What passes through, by ID."""
    return frame.drop(columns=[column for column in SYNONYMS if column in frame.columns]).set_index("ID")


def checked_ids(ids: pd.Series, source: str) -> pd.Series:
    """IDs as text without surrounding blanks; whole numbers without a decimal point.

    Raises:
        TableError: an ID is missing or occurs twice; the rows are named.
    """
    for error in id_faults(ids, source):
        raise error
    return clean_ids(ids)


def id_faults(ids: pd.Series, source: str) -> list[TableError]:
    """Every ID that is missing or occurs several times, with its rows."""
    clean = clean_ids(ids)
    empty = (ids.isna() | (clean == "")).to_numpy()
    faults = [
        TableError(f"{source}, row {row + 2}: the ID is empty", "give every case an ID of its own")
        for row in empty.nonzero()[0]
    ]
    if clean.nunique() == len(clean):  # at a fraction of what it takes to find the repeated ones
        return faults
    repeated = np.flatnonzero(clean.duplicated(keep=False).to_numpy() & ~empty)
    names = clean.iloc[repeated].to_numpy()
    places = pd.Series(repeated).groupby(names).indices
    for case in dict.fromkeys(names):
        rows = [str(row + 2) for row in repeated[places[case]]]
        problem = f"{source}: the ID {case!r} occurs {len(rows)} times (rows {', '.join(rows)})"
        faults.append(TableError(problem, "give every case an ID of its own, e.g. patient and lesion number"))
    return faults


def clean_ids(ids: pd.Series) -> pd.Series:
    """IDs as text without surrounding blanks, empty where there is none; whole numbers without a decimal point."""
    return _without_point(ids).astype("str").str.strip().fillna("")


def _without_point(ids: pd.Series) -> pd.Series:
    """Formats that know numbers only (ARFF, Parquet) may give the ID 7 as 7.0."""
    whole = pd.api.types.is_float_dtype(ids) and (ids.dropna() % 1 == 0).all()
    return ids.astype("Int64") if whole else ids


def _is_text(column: str) -> bool:
    """IDs and paths are text, also where they look like numbers (a DICOM folder called 007)."""
    return is_id(column) or _standard_name(column) in ("Image", "Mask", "OrganMask", "Series", "Structure")


def _with_standard_names(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    frame = with_named_ids(frame)
    names = [_standard_name(str(column)) for column in frame.columns]
    for name in SYNONYMS:
        given = [str(column) for column, own in zip(frame.columns, names, strict=True) if own == name]
        if len(given) > 1:
            raise TableError(
                f"{where}: {' and '.join(map(repr, given))} both mean {name!r}", "keep one of them"
            )
    for needed in ("Image", "Mask"):
        if needed not in names:
            found = ", ".join(map(str, frame.columns))
            near = did_you_mean(needed, map(str, frame.columns))
            hint = f"name it {needed}, or one of: {', '.join(SYNONYMS[needed])}"
            raise TableError(f"{where}: no column {needed!r}{near}; the columns are {found}", hint)
    renamed = frame.set_axis(names, axis=1)
    if "ID" not in names:  # as in pyradiomics' batch files
        renamed.insert(0, "ID", _ids_from_images(renamed["Image"]))
    return renamed


def _standard_name(column: str) -> str:
    lower = column.strip().lower()
    return next((name for name, others in SYNONYMS.items() if lower in others), column)


def _ids_from_images(images: pd.Series) -> list[str]:
    """File names without suffixes where they tell the cases apart, row numbers otherwise."""
    stems = [Path(str(image)).name.split(".")[0] for image in images]
    return stems if len(set(stems)) == len(stems) else [str(row) for row in range(1, len(stems) + 1)]


def _cases(frame: pd.DataFrame, folder: Path, source: str) -> Iterator[Case | TableError]:
    """One case per row, or why it cannot be one."""
    for number, row in enumerate(_rows(frame), start=2):
        try:
            yield _case(row, folder, source, number)
        except TableError as error:
            yield error


def _together(wrong: list[TableError]) -> TableError:
    """The rows that are no case, told at once, so that they can be mended at once."""
    more = [f"and {len(wrong) - MAX_TOLD} more rows"] if len(wrong) > MAX_TOLD else []
    problem = "\n  ".join([*(error.message for error in wrong[:MAX_TOLD]), *more])
    return TableError(problem, "; ".join(dict.fromkeys(error.hint for error in wrong)))


def _rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _case(row: dict[str, object], folder: Path, source: str, number: int) -> Case:
    where = f"{source}, row {number} (ID {visible(str(row['ID']))})"
    image, mask = (_path(row[column], folder) for column in ("Image", "Mask"))
    if image is None or mask is None:
        empty = "Image" if image is None else "Mask"
        raise TableError(f"{where}: {empty} is empty", "give the path of a file, or remove the row")
    label = _label(row.get("Label"), where)
    organ, modality = _path(row.get("OrganMask"), folder), _modality(row)
    return Case(
        str(row["ID"]), image, mask, label, organ, modality, _text(row, "Series"), _text(row, "Structure")
    )


def _modality(row: dict[str, object]) -> str:
    return next((_text(row, name) for name in row if name.lower() == "modality"), "")


def _text(row: dict[str, object], name: str) -> str:
    cell = row.get(name, "")
    return cell.strip() if isinstance(cell, str) else ""


def _as_shown(case: Case, image: Path | None, mask: Path | None, name: str) -> Case | None:
    return None if image is None else replace(case, image=image, mask=mask or case.mask, modality=name)


def _path(cell: object, folder: Path) -> Path | None:
    return folder / cell.strip() if isinstance(cell, str) and cell.strip() else None


def _label(cell: object, where: str) -> int | None:
    if cell is None or cell != cell:  # NaN, the table's mark for an empty cell
        return None
    try:
        number = float(str(cell))
    except ValueError:
        number = 0.5
    if not number.is_integer():
        raise TableError(f"{where}: Label {cell!r} is not an integer", "give the mask's value of the region")
    if number < 1:
        hint = "give the mask's value of the region; if the column is an outcome, give it another name"
        raise TableError(f"{where}: Label {int(number)} is background, no region", hint)
    return int(number)
