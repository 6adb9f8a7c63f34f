"""Rows of a cohort from DICOM: every structure or segment with the image series that it was drawn on."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from radcompare.gathering.rows import Row, Unpaired, as_name, distinct, file_safe, natural, shown, some
from radcompare.imaging.dicom.finding import FoundFolder, FoundSegments, FoundSeries, FoundStructures
from radcompare.provenance import digest_file

Drawn = FoundStructures | FoundSegments


@dataclass
class FromDicom:
    """What came of DICOM.

    Attributes:
        rows: one for every structure or segment.
        alone: series that nothing was drawn on; files of other formats may be their masks.
        unpaired: files without a partner.
        remarks: what to know of the rows.
    """

    rows: list[Row] = field(default_factory=list)
    alone: list[FoundSeries] = field(default_factory=list)
    unpaired: list[Unpaired] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Part:
    """A structure or segment, and the names that its row may have, the wanted one first."""

    series: FoundSeries
    file: Path
    names: tuple[str, ...]
    structure: str = ""
    label: int | None = None


def rows_of_dicom(folders: Sequence[FoundFolder], structures: Sequence[str]) -> FromDicom:
    """Put RTSTRUCT and SEG files to the series that they refer to.

    Args:
        folders: what lies in each.
        structures: shell patterns, in any case, of the structures and segments that are wanted; all if empty.
    """
    found = FromDicom()
    crowded = {folder.folder for folder in folders if len(folder.series) > 1}
    series = _once(folders, found)
    parts: list[_Part] = []
    several: list[Drawn] = []
    used: set[str] = set()
    for drawn in _without_copies(folders, found):
        image = _image_of(drawn, series, found)
        if image is None:
            continue
        used.add(image.uid)
        chosen = _chosen(drawn, structures, found)
        if len(chosen) > 1:
            several.append(drawn)
        parts += [_part(drawn, image, name, label, len(chosen) > 1) for name, label in chosen]
    for part, name in zip(parts, distinct([part.names for part in parts]), strict=True):
        found.rows.append(_row(part, name, crowded))
    found.alone = [image for image in series.values() if image.uid not in used]
    found.remarks += _on_several(several, structures)
    return found


def _once(folders: Iterable[FoundFolder], found: FromDicom) -> dict[str, FoundSeries]:
    """Every series by its UID, from the folder that holds most of it."""
    by_uid: dict[str, list[FoundSeries]] = defaultdict(list)
    for folder in folders:
        for series in folder.series:
            by_uid[series.uid].append(series)
    for same in by_uid.values():
        same.sort(key=lambda series: (-len(series.files), natural(str(series.folder))))
        found.unpaired += [_duplicate(copy, same[0]) for copy in same[1:]]
    return {uid: same[0] for uid, same in by_uid.items()}


def _duplicate(copy: FoundSeries, kept: FoundSeries) -> Unpaired:
    holds = f"{_counted(copy)} here and {_counted(kept)} there"
    return Unpaired(
        shown(copy.folder), f"the same series as in {shown(kept.folder)}, which is taken: {holds}"
    )


def _counted(series: FoundSeries) -> str:
    return f"{len(series.files)} file{'s' * (len(series.files) > 1)}"


def _without_copies(folders: Iterable[FoundFolder], found: FromDicom) -> list[Drawn]:
    """All files of contours and segments, those of equal bytes once."""
    files: list[Drawn] = []
    for folder in folders:
        files += [*folder.structures, *folder.segments]
    alike: dict[tuple[object, ...], list[Drawn]] = defaultdict(list)
    for drawn in files:
        alike[drawn.patient_id, drawn.series, drawn.file.stat().st_size].append(drawn)
    copies: set[Path] = set()
    for same in alike.values():
        first: dict[str, Path] = {}
        for drawn in same if len(same) > 1 else ():
            original = first.setdefault(digest_file(drawn.file), drawn.file)
            if original != drawn.file:
                copies.add(drawn.file)
                found.unpaired.append(Unpaired(shown(drawn.file), f"a copy of {shown(original)}"))
    return [drawn for drawn in files if drawn.file not in copies]


def _image_of(drawn: Drawn, series: dict[str, FoundSeries], found: FromDicom) -> FoundSeries | None:
    """The series that a file refers to, else the only one of its frame of reference."""
    referred = [series[uid] for uid in drawn.series if uid in series]
    if len(referred) == 1:
        return referred[0]
    kind = _kind(drawn)
    if referred:
        places = some([shown(image.folder) for image in referred])
        found.unpaired.append(
            Unpaired(shown(drawn.file), f"{kind} that refers to {len(referred)} series: {places}")
        )
        return None
    frame = drawn.frame_of_reference
    near = [image for image in series.values() if frame and image.frame_of_reference == frame]
    if len(near) != 1:
        found.unpaired.append(Unpaired(shown(drawn.file), _without_image(drawn, len(near))))
        return None
    said = "refers to a series that is not here" if drawn.series else "does not say of which series it is"
    found.remarks.append(
        f"{shown(drawn.file)} {said}: paired with the only one of its frame of reference, {shown(near[0].folder)}"
    )
    return near[0]


def _without_image(drawn: Drawn, near: int) -> str:
    what = f"the series {drawn.series[0]}, which is not here" if drawn.series else "no series"
    else_ = f"{near} series share its frame of reference" if near else "none has its frame of reference"
    return f"{_kind(drawn)} without an image: it refers to {what}, and {else_}"


def _kind(drawn: Drawn) -> str:
    return "an RTSTRUCT" if isinstance(drawn, FoundStructures) else "a SEG"


def _chosen(drawn: Drawn, patterns: Sequence[str], found: FromDicom) -> list[tuple[str, int | None]]:
    """Name and number of what is wanted of a file; a structure is known by its name, a segment by its number."""
    parts: list[tuple[str, int | None]]
    if isinstance(drawn, FoundStructures):
        parts = [(name, None) for name in drawn.names]
    else:
        parts = [(label, number) for number, label in drawn.segments]
    wanted = [part for part in parts if not patterns or _fits(part[0], patterns)]
    if not wanted:
        holds = some([repr(name) for name, _ in parts], 10)
        asked = f"holds none that is called {' or '.join(map(repr, patterns))}; it holds {holds}"
        reason = asked if parts else "holds no structures"
        found.unpaired.append(Unpaired(shown(drawn.file), f"{_kind(drawn)} that {reason}"))
    names = [name for name, _ in parts]
    usable = [
        (name, number) for name, number in wanted if number is not None or (name and names.count(name) == 1)
    ]
    for name in dict.fromkeys(name for name, number in wanted if (name, number) not in usable):
        why = (
            f"{names.count(name)} structures that are called {name!r}"
            if name
            else "a structure without a name"
        )
        found.unpaired.append(
            Unpaired(shown(drawn.file), f"holds {why}: a row cannot say which one is meant")
        )
    return usable


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns)


def _part(drawn: Drawn, image: FoundSeries, name: str, label: int | None, several: bool) -> _Part:
    """A part under the names PATIENT_MODALITY, where it is the only one of its file, and PATIENT_MODALITY_NAME."""
    patient = image.patient_id or drawn.patient_id or image.folder.name
    short = "_".join(filter(None, (file_safe(patient), file_safe(image.modality))))
    long = "_".join(filter(None, (short, file_safe(name) or (f"segment{label}" if label else ""))))
    longest = "_".join(filter(None, (long, file_safe(image.number))))
    names = tuple(
        as_name(text) or "case" for text in ((long, longest) if several else (short, long, longest))
    )
    structure = name if isinstance(drawn, FoundStructures) else ""
    return _Part(image, drawn.file, names, structure, label)


def _row(part: _Part, name: str, crowded: set[Path]) -> Row:
    image = part.series
    return Row(
        id=name,
        image=image.folder,
        mask=part.file,
        patient_id=as_name(image.patient_id) or as_name(image.folder.name),
        label=part.label,
        series=image.uid if image.folder in crowded else "",
        structure=part.structure,
        modality=image.modality,
    )


def _on_several(drawn: Sequence[Drawn], patterns: Sequence[str]) -> list[str]:
    if not drawn:
        return []
    names = [
        name
        for of in drawn
        for name in (of.names if isinstance(of, FoundStructures) else dict(of.segments).values())
    ]
    listed = some(list(dict.fromkeys(map(repr, names))), 10)
    also = "several structures or segments fit in" if patterns else "several structures or segments are in"
    choose = "" if patterns else "; --structure PATTERN chooses"
    return [f"{also} {len(drawn)} file{'s' * (len(drawn) > 1)}, a row for each ({listed}){choose}"]
