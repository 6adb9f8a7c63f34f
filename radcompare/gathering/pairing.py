"""Which mask belongs to which image, told from names and places alone; see docs/cohort.md for the rule.

A mask is of the image in its place that is called as it is; else of the one whose name its own begins with; else of
the only image of that name anywhere, if there is no mask in the place of that image and no image in that of the mask.
A choice is never made: what fits several images is left unpaired.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from radcompare.gathering.items import Item, Place
from radcompare.gathering.names import Key
from radcompare.gathering.rows import Unpaired, natural, shown, some
from radcompare.gathering.sequences import CaseKey, Folded, with_sequences
from radcompare.printable import visible


@dataclass
class CaseFiles:
    """The images of one case and the masks drawn on them.

    Attributes:
        images: by sequence.
        regions: the masks of every region by sequence; the name of the only region may be empty.
        organ: the organ mask, where there is one.
        loose: masks of which only a part of the name says that they belong here.
    """

    images: dict[str, Item]
    regions: dict[str, dict[str, Item]] = field(default_factory=lambda: defaultdict(dict))
    organ: Item | None = None
    loose: set[Path] = field(default_factory=set)

    @property
    def first(self) -> Item:
        """Any of its images: they share key and place."""
        return next(iter(self.images.values()))


@dataclass(frozen=True)
class _Match:
    """Where a mask belongs: the case, what its name adds to that of the image, and whether only a part agrees."""

    case: CaseKey
    region: Key
    loose: bool


def pair(items: Sequence[Item]) -> tuple[list[CaseFiles], list[Unpaired]]:
    """Put masks to images.

    Args:
        items: all files, in natural order.

    Returns:
        Cases with one region at least, and the files that are in none of them, with the reason.
    """
    unpaired: list[Unpaired] = []
    items, assumed = with_sequences(items)
    images = [item for item in items if item.role != "mask"]
    masks = [item for item in items if item.role == "mask"]
    by_case = _by_case(images)
    finder = _Finder(by_case, {mask.place for mask in masks})
    found: dict[CaseKey, list[tuple[Item, _Match]]] = defaultdict(list)
    for mask in masks:
        match = assumed.uncertain.get(mask.path) or finder.match(mask)
        if isinstance(match, str):
            unpaired.append(Unpaired(shown(mask.path), match))
        else:
            loose = match.loose or match.case in assumed.loose
            found[match.case].append((mask, replace(match, loose=loose)))
    cases: list[CaseFiles] = []
    for key, drawn in found.items():
        case, problems = _case(by_case[key], drawn)
        unpaired += problems
        cases += [case] if case is not None and case.regions else []
    taken = {item.path for case in cases for item in case.images.values()}
    told = {file.file for file in unpaired}
    alone = [item for item in images if item.path not in taken and shown(item.path) not in told]
    unpaired += [_alone(item, assumed.uncertain.get(item.path, "")) for item in alone]
    return cases, unpaired


def _by_case(images: Iterable[Item]) -> dict[CaseKey, list[Item]]:
    cases: dict[CaseKey, list[Item]] = defaultdict(list)
    for item in images:
        cases[item.place, item.key.folded].append(item)
    return cases


class _Finder:
    """Finds the case of a mask."""

    def __init__(self, cases: dict[CaseKey, list[Item]], with_masks: set[Place]) -> None:
        self._cases = cases
        self._with_masks = with_masks
        self._places: dict[Place, list[Folded]] = defaultdict(list)
        self._anywhere: dict[Folded, list[CaseKey]] = defaultdict(list)
        for (place, key), items in cases.items():
            self._places[place].append(key)
            for whole in {key, *(item.whole.folded for item in items)}:
                self._anywhere[whole].append((place, key))

    def match(self, mask: Item) -> _Match | str:
        """Where a mask belongs, or why it belongs nowhere."""
        match = self._here(mask) or (None if mask.given else self._elsewhere(mask))
        if match is None:
            return f"a mask without an image: {_nothing('image', mask)}"
        sequences = {item.sequence.casefold() for item in self._cases[match.case]}
        if mask.sequence and not sequences & {"", mask.sequence.casefold()}:
            return f"a mask without an image: there is none of {mask.sequence}"
        return match

    def _here(self, mask: Item) -> _Match | None:
        key, place = mask.key.folded, mask.place
        if (place, key) in self._cases or mask.given:
            found = _Match((place, key), mask.region, loose=False)
            return found if (place, key) in self._cases else None
        for length in range(len(key) - 1, -1, -1):
            start = key[:length]
            if (place, start) in self._cases and (start or self._places[place] == [()]):
                return _Match((place, start), Key(mask.key.words[length:]), loose=True)
        return None

    def _elsewhere(self, mask: Item) -> _Match | None:
        """The only image of the name in any folder; the mask's own folders tell its regions apart."""
        cases = self._anywhere.get(mask.whole.folded, []) if mask.whole.words else []
        if len(cases) != 1 or cases[0][0] in self._with_masks or mask.place in self._places:
            return None
        place = cases[0][0]
        words = [
            folder for folder, folded in zip(mask.folders, mask.place, strict=True) if folded not in place
        ]
        return _Match(cases[0], Key(tuple(("_", word) for word in words)), loose=True)


def _case(
    images: Sequence[Item], drawn: Sequence[tuple[Item, _Match]]
) -> tuple[CaseFiles | None, list[Unpaired]]:
    """A case of its images and masks; without what leaves a choice."""
    by_sequence: dict[str, list[Item]] = defaultdict(list)
    for item in images:
        by_sequence[item.sequence.casefold()].append(item)
    several = [item for same in by_sequence.values() if len(same) > 1 for item in same]
    if several:
        names = some([shown(item.path) for item in several])
        reason = f"matches {len(several)} images: {names}"
        problems = [Unpaired(shown(mask.path), f"a mask that {reason}") for mask, _ in drawn]
        reason = f"one of {len(several)} images of the same name: {names}"
        return None, problems + [Unpaired(shown(item.path), reason) for item in images]
    case = CaseFiles({same[0].sequence: same[0] for same in by_sequence.values()})
    problems = list(_with_masks(case, drawn))
    if not case.regions:
        why = "an image whose masks leave a choice" if problems else "an image with an organ mask alone"
        problems += [Unpaired(shown(item.path), why) for item in images]
        problems += (
            [Unpaired(shown(case.organ.path), "an organ mask without another mask")] if case.organ else []
        )
    return case, problems


def _with_masks(case: CaseFiles, drawn: Sequence[tuple[Item, _Match]]) -> Iterable[Unpaired]:
    alike: dict[tuple[bool, Folded, str], list[tuple[Item, _Match]]] = defaultdict(list)
    for mask, match in drawn:
        region = () if mask.organ else match.region.folded
        alike[mask.organ, region, mask.sequence.casefold()].append((mask, match))
    for (organ, _, _), same in sorted(alike.items()):
        if len(same) > 1:
            names = some([shown(mask.path) for mask, _ in same])
            yield from (
                Unpaired(shown(mask.path), f"one of {len(same)} masks of the same name: {names}")
                for mask, _ in same
            )
            continue
        mask, match = same[0]
        if match.loose:
            case.loose.add(mask.path)
        if organ:
            case.organ = case.organ or mask
        else:
            case.regions[match.region.text][mask.sequence] = mask


def _alone(item: Item, undecided: str) -> Unpaired:
    if undecided:
        return Unpaired(shown(item.path), undecided)
    if item.modality:
        reason = "no RTSTRUCT or SEG refers to it, and no file is called as it is"
        return Unpaired(shown(item.path), f"a series ({item.modality}) without a mask: {reason}")
    if item.role == "":
        return Unpaired(shown(item.path), "nothing in its name says whether it is an image or a mask")
    return Unpaired(shown(item.path), f"an image without a mask: {_nothing('mask', item)}")


def _nothing(kind: str, item: Item) -> str:
    """Why a file has no partner, in the words that it was looked for by."""
    return (
        f"no {kind} is called {visible(item.whole.text)!r}"
        if item.whole.words
        else f"no {kind} lies beside it"
    )


def order(case: CaseFiles) -> tuple[object, ...]:
    """Natural order of the files."""
    return natural(str(case.first.path))
