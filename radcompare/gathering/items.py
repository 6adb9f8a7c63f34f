"""Files as what their names and places say: images and masks, of which case, of which sequence."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from radcompare.gathering.names import Key, Name, Role, key_of, of_file, of_folder, stem
from radcompare.imaging.dicom.finding import FoundSeries

NOTHING = Key()
Place = tuple[str, ...]
"""The folders that a file lies in, without those that only say what kind of file it is."""


@dataclass(frozen=True)
class Item:
    """One file, or one folder with a DICOM series.

    Attributes:
        path: of the file or folder.
        place: without regard to case.
        folders: the same as it is written.
        role: image, mask, or nothing said.
        key: which case it is of, without the folder's name in front.
        whole: the same with it.
        sequence: CT, T1, ...; empty where nothing is said.
        region: which of several regions of the case a mask is, where a pattern says so.
        organ: a mask of the whole organ.
        patient: where a pattern says so.
        given: a pattern says what it is and of which case, and no part of a name will do.
        modality: of a DICOM series.
    """

    path: Path
    place: Place
    folders: Place
    role: Role
    key: Key
    whole: Key
    sequence: str = ""
    region: Key = NOTHING
    organ: bool = False
    patient: str = ""
    given: bool = False
    modality: str = ""


def items_in(root: Path, files: Sequence[Path], series: Sequence[FoundSeries] = ()) -> list[Item]:
    """What every file is by the words in its name, or else in those of its folders.

    Args:
        root: the folder in which all of them lie; its own name says nothing.
        files: images and masks.
        series: of DICOM, each in a folder of its own.
    """
    parts = {path: path.relative_to(root).parts for path in (*files, *(found.folder for found in series))}
    named = {path: of_file(stem(path.name)) for path in files}
    of_masks = _folders_of_masks(parts.values(), {parts[path]: name.role for path, name in named.items()})
    items = [_item(path, name, parts[path][:-1], of_masks) for path, name in named.items()]
    with_masks = {item.place for item in items if item.role == "mask"}
    return items + [_of_series(found, parts[found.folder], of_masks, with_masks) for found in series]


def _folders_of_masks(paths: Iterable[Place], roles: Mapping[Place, Role]) -> set[Place]:
    """The folders whose names say that what lies in them are masks.

    Those are left out beside which there is nothing else (`Brain_Segmentation/P1/CT.nii` is a study of that name),
    and those in which files say themselves that some are images and some are masks.
    """
    called: set[Place] = set()
    beside: set[Place] = set()
    said: dict[Place, set[Role]] = defaultdict(set)
    for parts in paths:
        for depth, child in enumerate(parts):
            said[parts[:depth]].add(roles.get(parts, ""))
            if depth < len(parts) - 1 and of_folder(child).role == "mask":
                called.add(parts[: depth + 1])
            else:
                beside.add(parts[:depth])
    return {folder for folder in called if folder[:-1] in beside and not {"image", "mask"} <= said[folder]}


def _item(path: Path, name: Name, folders: Place, of_masks: set[Place]) -> Item:
    """A file by its own name and those of its folders, of which the nearest one that says something counts."""
    role, sequence, organ = name.role, name.sequence, name.organ
    from_folder: Role = ""
    kept: list[str] = []
    for depth in range(len(folders) - 1, -1, -1):
        said = of_folder(folders[depth])
        if said.role == "mask" and folders[: depth + 1] not in of_masks:
            said = Name("", key_of(folders[depth]))
        from_folder = from_folder or said.role
        organ = organ or (said.organ and from_folder == "mask")
        sequence = sequence or said.sequence
        kept = [said.key.text] * bool(said.key.words) + kept
    role = "mask" if "mask" in (role, from_folder) else role or from_folder
    here = tuple(kept)
    return Item(path, _folded(here), here, role, _without(here, name.key), name.key, sequence, organ=organ)


def _of_series(found: FoundSeries, parts: Place, of_masks: set[Place], with_masks: set[Place]) -> Item:
    """A folder of DICOM: an image without a name beside the masks that lie in it, or else named as the folder is."""
    item = _item(found.folder, Name("image", Key()), parts, of_masks)
    if parts and item.place not in with_masks:
        item = _item(found.folder, of_file(parts[-1]), parts[:-1], of_masks)
    return replace(item, role="image", patient=found.patient_id, modality=found.modality)


def _folded(folders: Place) -> Place:
    return tuple("_".join(key_of(folder).folded) for folder in folders)


def _without(folders: Place, key: Key) -> Key:
    """A name without that of its folder in front: `P1/P1_tumour` is the tumour of P1."""
    rest = key.after(key_of(folders[-1]).folded) if folders else None
    return key if rest is None else rest
