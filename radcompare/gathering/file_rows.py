"""Rows of a cohort from images and masks in files."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radcompare.gathering.items import Item, Place
from radcompare.gathering.names import SEQUENCE_WORDS, SPLITS
from radcompare.gathering.pairing import CaseFiles, order
from radcompare.gathering.rows import Row, Unpaired, as_name, distinct, file_safe, natural, shown, some
from radcompare.gathering.sizes import Size, size_of

PLAIN = "plain"
"""The column of an image that names no sequence, where another one is the case's `Image`."""


@dataclass(frozen=True)
class Rows:
    """Rows, what is in none of them, and what is to be said."""

    rows: list[Row]
    unpaired: list[Unpaired]
    remarks: list[str]


def rows_of(cases: Sequence[CaseFiles], root: Path) -> Rows:
    """A row for every region of every case.

    Args:
        cases: images and their masks.
        root: the folder that was looked through; a case that has no other name is called after it.
    """
    cases = sorted(cases, key=order)
    above = _folders_of_patients(cases)
    names = _names(cases, root, above)
    patients = _patients(cases, names, above)
    sequences = _spelled_alike(cases)
    several = any(len(case.images) > 1 for case in cases)
    most = _order_of_sequences(cases, sequences)
    found = Rows([], [], [])
    for case, name, patient in zip(cases, names, patients, strict=True):
        for region in sorted(case.regions, key=natural):
            row = _row(case, region, name, patient, most, sequences, several)
            _put(row, case, found)
    found.unpaired.extend(_left_over(cases, found))
    found.remarks.extend(_on_patients(cases, above))
    return found


def _folders_of_patients(cases: Iterable[CaseFiles]) -> set[Place]:
    """Folders that hold several of a patient: those in which folders are called alike, as P1/day1 and P2/day1."""
    parents: dict[str, set[Place]] = defaultdict(set)
    for case in filter(_is_folder_of_case, cases):
        parents[case.first.place[-1]].add(case.first.place[:-1])
    alike = [above for several in parents.values() if len(several) > 1 for above in several]
    return {above for above in alike if above and above[-1] not in SPLITS}


def _names(cases: Sequence[CaseFiles], root: Path, above: set[Place]) -> list[str]:
    """An ID for every case: its name, or its folder's; with folders in front where that is not its own."""
    wanted = []
    for case in cases:
        item = case.first
        parts = [*item.folders, *([item.whole.text] if item.whole.words else [])] or [root.resolve().name]
        last = len(parts) - (2 if _is_folder_of_case(case) and item.place[:-1] in above else 1)
        wanted.append([as_name("_".join(parts[start:])) or "case" for start in range(last, -1, -1)])
    return distinct(wanted)


def _patients(cases: Sequence[CaseFiles], names: Sequence[str], above: set[Place]) -> list[str]:
    """The folder of a case, or that of its patient, where the image bears no other name; else the ID."""
    patients = []
    shared = Counter(case.first.place[-1] for case in cases if _is_folder_of_case(case))
    for case, name in zip(cases, names, strict=True):
        item = case.first
        given = as_name(next((image.patient for image in case.images.values() if image.patient), ""))
        if given or not _is_folder_of_case(case):
            patients.append(given or name)
        elif item.place[:-1] in above:
            patients.append(as_name(item.folders[-2]))
        else:
            patients.append(as_name(item.folders[-1]) if shared[item.place[-1]] == 1 else name)
    return patients


def _is_folder_of_case(case: CaseFiles) -> bool:
    return bool(case.first.place) and not case.first.key.words


def _spelled_alike(cases: Iterable[CaseFiles]) -> dict[str, str]:
    """One spelling for every sequence: the first that is met."""
    spelled: dict[str, str] = {}
    for case in cases:
        for sequence in sorted(case.images, key=natural):
            spelled.setdefault(sequence.casefold(), sequence)
    return spelled


def _order_of_sequences(cases: Iterable[CaseFiles], spelled: dict[str, str]) -> dict[str, int]:
    """The sequence that most cases have comes first; equal ones in natural order."""
    counts = Counter(sequence.casefold() for case in cases for sequence in case.images)
    ordered = sorted(spelled, key=lambda sequence: (-counts[sequence], natural(sequence)))
    return {sequence: number for number, sequence in enumerate(ordered)}


def _row(
    case: CaseFiles,
    region: str,
    name: str,
    patient: str,
    first: dict[str, int],
    spelled: dict[str, str],
    several: bool,
) -> Row:
    """The row of one region: the first image that has a mask of its own or shares one, and the others as columns."""
    images = {sequence.casefold(): item for sequence, item in case.images.items()}
    masks = {sequence.casefold(): item for sequence, item in case.regions[region].items()}
    ordered = sorted(images, key=first.__getitem__)
    main = next((sequence for sequence in ordered if sequence in masks or "" in masks), ordered[0])
    mask = masks.get(main) or masks.get("") or next(iter(masks.values()))
    more: dict[str, Any] = {}
    for sequence in sorted(images, key=natural) if several else ():
        if not sequence and sequence == main:
            continue
        column = file_safe(spelled[sequence]) or PLAIN
        more[f"Image_{column}"] = images[sequence].path
        own = masks.get(sequence) or masks.get("")
        if own is not None and own is not mask:
            more[f"Mask_{column}"] = own.path
    return Row(
        id="_".join(filter(None, (name, as_name(region).lstrip("_-. ")))),
        image=images[main].path,
        mask=mask.path,
        patient_id=patient,
        organ=None if case.organ is None else case.organ.path,
        modality=_modality(images[main], spelled[main]),
        more=more,
    )


def _modality(image: Item, sequence: str) -> str:
    return image.modality or (sequence.upper() if sequence.casefold() in SEQUENCE_WORDS else "")


def _put(row: Row, case: CaseFiles, found: Rows) -> None:
    """Add a row whose files can be read; sizes may differ only where all of the name agrees, and that is told."""
    sizes = [_size(path, found) for path in (row.image, row.mask)]
    if None in sizes:
        if sizes[1] is not None:
            found.unpaired.append(Unpaired(shown(row.mask), "a mask whose image cannot be read"))
        return
    image, mask = sizes
    differ = f"{_by(image)} voxels against {_by(mask)}" if image and mask and image != mask else ""
    if differ and row.mask in case.loose:
        reason = f"a mask of another size than {shown(row.image)}, whose name agrees in part: {differ}"
        found.unpaired.append(Unpaired(shown(row.mask), reason))
        return
    found.rows.append(row)
    if differ:
        found.remarks.append(f"{row.id}: image and mask differ in size, {differ}: radcompare check says more")


def _size(path: Path, found: Rows) -> Size | None:
    """The size of a file, () where its header does not tell; None, and the reason noted, where it cannot be read."""
    try:
        return () if path.is_dir() else size_of(path) or ()
    except (ValueError, OSError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        found.unpaired.append(Unpaired(shown(path), f"cannot be read: {said}"))
        return None


def _by(size: Size | None) -> str:
    return " x ".join(map(str, size or ()))


def _left_over(cases: Iterable[CaseFiles], found: Rows) -> list[Unpaired]:
    """Images that no mask could be put to, though there was one of the name."""
    used = {path for row in found.rows for path in (row.image, *row.more.values())}
    told = {file.file for file in found.unpaired}
    left = {
        shown(item.path): item for case in cases for item in case.images.values() if item.path not in used
    }
    reason = "an image whose mask cannot be used"
    return [Unpaired(name, reason) for name in left if name not in told]


def _on_patients(cases: Sequence[CaseFiles], above: set[Place]) -> list[str]:
    """What to think of before patients are kept together."""
    remarks = []
    named = [case for case in cases if not _is_folder_of_case(case) and not case.first.patient]
    if len(named) > 1:
        remarks.append(
            f"patient_id of {len(named)} cases is the name of the image: where a patient has several, say so by "
            "{patient} in --image, as in 'image/{patient}_*.nii.gz', before patients are kept together"
        )
    if above:
        folders = some(sorted("/".join(place) for place in above))
        remarks.append(f"folders in them are called alike, so these are taken for patients: {folders}")
    return remarks
