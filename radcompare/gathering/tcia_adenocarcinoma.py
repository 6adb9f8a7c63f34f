"""The public set of 40 adenocarcinomas with short or long survival, as a cohort.

"Long and Short Survival in Adenocarcinoma Lung CTs", The Cancer Imaging Archive, doi 10.7937/K9/TCIA.2017.0tv7b9x1:
CT as DICOM series, masks as NIfTI in which values above 1 are tumour, and FeaturesWithLabels.csv with the columns RID
and survival_label among others.
"""

# mypy: untyped-calls-exclude="SimpleITK"
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import CaseError, ConfigError, TableError
from radcompare.gathering.names import key_of, stem
from radcompare.gathering.rows import Gathered, Row, Unpaired, as_name, file_safe, in_order, shown, some
from radcompare.gathering.tree import look_through
from radcompare.imaging.dicom.finding import FoundSeries
from radcompare.imaging.geometry import Grid
from radcompare.imaging.volume import read_volume
from radcompare.parallel import Progress
from radcompare.provenance import written_atomically
from radcompare.tables.files import read_frame, refuse_empty

TABLE = "FeaturesWithLabels.csv"
RID, OUTCOME = "RID", "survival_label"
LUNG = 1
"""The highest value of a mask that is no tumour."""
MASKS = "masks"
"""The folder of the masks that are written."""

T = TypeVar("T")


def read_adenocarcinoma(source: Path, beside: Path, *, jobs: int, progress: Progress) -> Gathered:
    """The TCIA set "Long and Short Survival in Adenocarcinoma Lung CTs": DICOM, NIfTI masks and survival_label.

    A row of a cohort names one value of a mask, and here every value above 1 is tumour; so the tumour masks are
    written anew, 0 and 1 on their own grid, into the folder `masks` beside the cohort. Patients are found by RID in
    the names of files and folders and in the headers.

    Raises:
        ConfigError: there is no such folder, or a mask would take the place of another file.
        TableError: there is no FeaturesWithLabels.csv, or it lacks one of the two columns.
    """
    if not source.is_dir():
        raise ConfigError(f"{source}: is no folder", "give the folder that holds FeaturesWithLabels.csv")
    labels = _labels(source)
    tree = look_through(source, jobs, progress)
    series = [found for folder in tree.dicom for found in folder.series]
    crowded = {folder.folder for folder in tree.dicom if len(folder.series) > 1}
    masks = [file for file in tree.files if file.name.lower().endswith((".nii", ".nii.gz"))]
    rows: list[Row] = []
    unpaired = list(tree.skipped)
    used: set[Path] = set()
    for number, (rid, label) in enumerate(labels.items(), start=1):
        progress("cases", number, len(labels))
        images = _of(rid, series, lambda found: [*_names(found.folder, source), found.patient_id])
        target = beside / MASKS / f"{file_safe(rid)}.nii.gz"
        written = {file for file in masks if target.exists() and file.samefile(target)}  # by an earlier call
        drawn = _of(rid, [file for file in masks if file not in written], lambda file: _names(file, source))
        used |= {*(image.folder for image in images), *drawn, *written}
        try:
            rows.append(_row(rid, label, images, drawn or sorted(written), target))
        except CaseError as error:
            unpaired.append(Unpaired(f"{RID} {rid}", error.message))
    rows = [row if row.image in crowded else replace(row, series="") for row in rows]
    others = [path for path in (*(found.folder for found in series), *masks) if path not in used]
    unpaired += [Unpaired(shown(path), f"belongs to no {RID} of {TABLE}") for path in others]
    said = f"the tumour (values above {LUNG}) of {len(rows)} masks is written to {shown(beside / MASKS)}, as 0 and 1"
    return in_order(rows, unpaired, [said] if rows else [])


def _row(rid: str, label: object, images: Sequence[FoundSeries], masks: Sequence[Path], target: Path) -> Row:
    """The row of a patient, whose tumour is written to a file.

    Raises:
        CaseError: an image, a mask, its tumour or the outcome is missing, or there are several.
        ConfigError: as `_tumour`.
    """
    if label is None:
        raise CaseError(f"has no {OUTCOME}", "")
    image = _only([image for image in images if image.modality == "CT"] or images, "series", _folder)
    mask = _only(masks, "mask", shown)
    _write_tumour(rid, mask, target)
    name = as_name(rid)
    return Row(
        name, image.folder, target, name, series=image.uid, modality=image.modality, more={OUTCOME: label}
    )


def _labels(source: Path) -> dict[str, object]:
    """The outcome of every RID."""
    found = sorted(path for path in source.rglob("*.csv") if path.name.casefold() == TABLE.casefold())
    if len(found) != 1:
        what = f"{len(found)} files" if found else "no file"
        raise TableError(f"{source}: holds {what} {TABLE}, expected one", "it is published with the images")
    table, _ = read_frame(str(found[0]), lambda column: column.casefold() == RID.casefold())
    refuse_empty(table, str(found[0]))
    named = {str(column).casefold(): column for column in table.columns}
    absent = [column for column in (RID, OUTCOME) if column.casefold() not in named]
    if absent:
        columns = ", ".join(map(str, table.columns[:10]))
        problem = f"{found[0]}: no column {' and '.join(absent)}; it has {columns}, ..."
        raise TableError(problem, f"expected {RID} and {OUTCOME}, as published")
    rids, outcomes = table[named[RID.casefold()]], table[named[OUTCOME.casefold()]].convert_dtypes()
    labels = {
        str(rid).strip(): None if missing else outcome
        for rid, outcome, missing in zip(rids, outcomes, outcomes.isna(), strict=True)
    }
    if len(labels) < len(table):
        raise TableError(f"{found[0]}: a {RID} is empty or occurs twice", "keep one row for each patient")
    return labels


def _names(path: Path, source: Path) -> list[str]:
    """Names of a file and its folders, down from the folder that was given."""
    parts = path.relative_to(source).parts
    return [stem(part) for part in parts]


def _of(rid: str, found: Sequence[T], names: Callable[[T], Sequence[str]]) -> list[T]:
    """What is called as a RID is; or else has it in a name, between signs that are no letters or digits."""
    wanted = _words(rid)
    called = [item for item in found if any(_words(name) == wanted for name in names(item))]
    return called or [item for item in found if any(_holds(_words(name), wanted) for name in names(item))]


def _words(name: str) -> tuple[str, ...]:
    """Words of a name; numbers without leading zeros."""
    return tuple(word.lstrip("0") or "0" if word.isdecimal() else word for word in key_of(name).folded)


def _holds(words: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    size = len(wanted)
    return any(words[at : at + size] == wanted for at in range(len(words) - size + 1))


def _only(found: Sequence[T], kind: str, named: Callable[[T], str]) -> T:
    if len(found) == 1:
        return found[0]
    if not found:
        raise CaseError(f"no {kind} is called so or lies in a folder called so", "")
    raise CaseError(f"{len(found)} {kind}s are called so: {some([named(one) for one in found])}", "")


def _folder(series: FoundSeries) -> str:
    return shown(series.folder)


def _write_tumour(rid: str, path: Path, target: Path) -> None:
    """Write what of a mask is tumour, on its own grid.

    Raises:
        CaseError: the mask cannot be read, or no value is above 1.
        ConfigError: another file would be overwritten.
    """
    mask = read_volume(rid, path)
    inside = (mask.voxels > LUNG).astype(np.uint8)
    if not inside.any():
        raise CaseError(f"{shown(path)} holds no value above {LUNG}, which would be tumour", "")
    content = _nifti(inside, mask.grid)
    if target.exists() and target.read_bytes() != content:
        problem = f"{target}: is there already and holds something else"
        raise ConfigError(problem, "write the cohort into another folder")
    with written_atomically(target) as temporary:
        temporary.write_bytes(content)


def _nifti(voxels: NDArray[np.uint8], grid: Grid) -> bytes:
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing(grid.spacing)
    image.SetOrigin(grid.origin)
    image.SetDirection(grid.direction)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "mask.nii.gz"
        sitk.WriteImage(image, str(file), True)
        return file.read_bytes()
