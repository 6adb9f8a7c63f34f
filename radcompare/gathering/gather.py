"""From a folder to the rows of a cohort: the whole of it on one page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from radcompare.errors import ConfigError
from radcompare.gathering.dicom_rows import rows_of_dicom
from radcompare.gathering.file_rows import Rows, rows_of
from radcompare.gathering.items import items_in
from radcompare.gathering.labels import Held, labels_in
from radcompare.gathering.pairing import pair
from radcompare.gathering.patterns import as_given
from radcompare.gathering.rows import Gathered, Row, Unpaired, in_order, numbered, shown, some
from radcompare.gathering.tree import Tree, look_through
from radcompare.imaging.dicom.finding import FoundSeries
from radcompare.parallel import Progress, each, silent


@dataclass(frozen=True)
class Wanted:
    """How a folder is to be read.

    Attributes:
        image, mask: shell patterns in place of the words in names; None where the names say it.
        structures: shell patterns of structures and segments; all if empty.
        each_label: a row for every label of a mask.
        headers_only: masks are not opened: what labels they hold remains unknown.
    """

    image: str | None = None
    mask: str | None = None
    structures: tuple[str, ...] = ()
    each_label: bool = False
    headers_only: bool = False


def gather(root: Path, wanted: Wanted, *, jobs: int = 1, progress: Progress = silent) -> Gathered:
    """Find images and masks in a folder and put together what belongs together.

    Args:
        root: the folder; links in it are followed.
        wanted: what is a mask, and of which there are rows.
        jobs: number of processes that read headers and masks.
        progress: told how far both are.

    Returns:
        Rows with IDs of their own, and every file that is in none of them. The same files give the same rows.

    Raises:
        ConfigError: there is no such folder, or a pattern fits no file.
    """
    if not root.is_dir():
        what = "is a file" if root.exists() else "does not exist"
        raise ConfigError(f"{root}: {what}, expected a folder", "give the folder that holds images and masks")
    tree = look_through(root, jobs, progress)
    dicom = rows_of_dicom(tree.dicom, wanted.structures)
    single, crowded = _by_folder(tree, dicom.alone)
    items = as_given(items_in(root, tree.files, single), root, wanted.image, wanted.mask)
    cases, unpaired = pair(items)
    files = rows_of(cases, root)
    opened = _opened(files.rows, wanted, jobs, progress)
    rows = [*dicom.rows, *opened.rows]
    rows = [replace(row, id=name) for row, name in zip(rows, numbered([row.id for row in rows]), strict=True)]
    without = [*tree.skipped, *dicom.unpaired, *unpaired, *files.unpaired, *opened.unpaired]
    without += [] if wanted.image else [_alone(series) for series in crowded]
    return in_order(rows, without, [*dicom.remarks, *files.remarks, *opened.remarks])


def _by_folder(tree: Tree, alone: Sequence[FoundSeries]) -> tuple[list[FoundSeries], list[FoundSeries]]:
    """Series that nothing was drawn on: those with a folder of their own, and the others."""
    own = {found.folder for found in tree.dicom if len(found.series) == 1}
    return [s for s in alone if s.folder in own], [s for s in alone if s.folder not in own]


def _alone(series: FoundSeries) -> Unpaired:
    called = " ".join(filter(None, (series.modality, series.number, series.description)))
    return Unpaired(
        shown(series.folder), f"a series ({called}) without a mask: no RTSTRUCT or SEG refers to it"
    )


def _opened(rows: Sequence[Row], wanted: Wanted, jobs: int, progress: Progress) -> Rows:
    """The rows whose masks can be read; with a row for each of their labels if that is wanted."""
    if wanted.headers_only:
        return Rows(list(rows), [], [])
    masks = list(dict.fromkeys(row.mask for row in rows))
    held = dict(zip(masks, each(labels_in, masks, jobs=jobs, what="masks", progress=progress), strict=True))
    broken = [
        Unpaired(shown(mask), f"a mask that cannot be read: {held[mask].problem}")
        for mask in masks
        if held[mask].problem
    ]
    good = [row for row in rows if not held[row.mask].problem]
    used = {path for row in good for path in (row.image, *row.more.values())}
    lost = dict.fromkeys(shown(row.image) for row in rows if row.image not in used)
    broken += [Unpaired(image, "an image whose mask cannot be read") for image in lost]
    found = [each_row for row in good for each_row in _by_label(row, held[row.mask], wanted.each_label)]
    return Rows(found, broken, list(_on_labels(held, wanted.each_label)))


def _by_label(row: Row, held: Held, each_label: bool) -> list[Row]:
    if not each_label or not held.labels:
        return [row]
    if len(held.labels) == 1:
        return [replace(row, label=held.labels[0])]
    return [replace(row, id=f"{row.id}_{label}", label=label) for label in held.labels]


def _on_labels(held: Mapping[Path, Held], each_label: bool) -> Iterator[str]:
    empty = [shown(mask) for mask, holds in held.items() if holds.empty]
    if empty:
        yield f"empty masks: {some(empty)}"
    several = [
        f"{shown(mask)} ({some(list(map(str, holds.labels)), 6)})"
        for mask, holds in held.items()
        if len(holds.labels) > 1
    ]
    if several and not each_label:
        yield f"masks with several labels: {some(several)}; --each-label writes a row for each of them"
