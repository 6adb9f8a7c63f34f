"""Images that are called more than their mask: sequences of one case, where the names leave no doubt.

`P1_0000.nii.gz` and `P1_0001.nii.gz` beside the mask `P1.nii.gz` are channels, as nnU-Net counts them.
`P1/portal.nii` and `P1/late.nii` beside `P1/mask.nii` are sequences if other cases have images called so as well.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from radcompare.gathering.items import Item, Place
from radcompare.gathering.names import Key
from radcompare.gathering.rows import shown, some

Folded = tuple[str, ...]
CaseKey = tuple[Place, Folded]
CHANNEL = 4
"""Digits of a channel in nnU-Net's names."""


@dataclass
class Assumed:
    """What was made of names that agree in part.

    Attributes:
        loose: cases whose image is called more than the mask.
        uncertain: masks that could be of several images, and those images, with the words for it.
    """

    loose: set[CaseKey] = field(default_factory=set)
    uncertain: dict[Path, str] = field(default_factory=dict)


def with_sequences(items: Sequence[Item]) -> tuple[list[Item], Assumed]:
    """The items, images under the name of their mask where it is the beginning of theirs."""
    masks: dict[CaseKey, list[Item]] = defaultdict(list)
    for item in items:
        if item.role == "mask" and not item.organ and not item.given:
            masks[item.place, item.key.folded].append(item)
    groups = _groups(items, masks)
    often = Counter(
        rest
        for (_, start), images in groups.items()
        for rest in {_rest(item, start).folded for item in images}
    )
    assumed, renamed = Assumed(), dict[Path, Item]()
    for case, images in groups.items():
        rests = {item.path: _rest(item, case[1]) for item in images}
        several = {rest.folded for rest in rests.values()}
        counted = _are_channels(several)
        if len(several) > 1 and not counted and any(often[rest] < 2 for rest in several):
            assumed.uncertain |= _undecided(images, masks[case])
            continue
        assumed.loose |= set() if counted else {case}
        for item in images:
            rest = rests[item.path]
            sequence = item.sequence or (rest.text if counted or often[rest.folded] > 1 else "")
            renamed[item.path] = replace(
                item, key=masks[case][0].key, whole=masks[case][0].whole, sequence=sequence
            )
    return [renamed.get(item.path, item) for item in items], assumed


def _undecided(images: Sequence[Item], masks: Sequence[Item]) -> dict[Path, str]:
    """What to say of masks and images where nothing tells which belong together."""
    ours, theirs = (some([shown(item.path) for item in items]) for items in (images, masks))
    of_masks = dict.fromkeys(
        (item.path for item in masks), f"a mask that could be of {len(images)} images: {ours}"
    )
    return of_masks | dict.fromkeys(
        (item.path for item in images), f"one of {len(images)} images that {theirs} could be of"
    )


def _groups(items: Iterable[Item], masks: Mapping[CaseKey, Sequence[Item]]) -> dict[CaseKey, list[Item]]:
    """Images by the longest name of a mask that theirs begins with; those that a mask is called as are left out."""
    images = [item for item in items if item.role != "mask" and not item.given]
    named = {(item.place, item.key.folded) for item in images}
    fits = {place for place, key in named if (place, key) in masks}
    groups: dict[CaseKey, list[Item]] = defaultdict(list)
    for item in images:
        case = None if (item.place, item.key.folded) in masks else _longest(item, masks)
        if case is not None and case not in named:
            groups[case].append(item)
    longer = {place for place, start in groups if start}
    return {case: found for case, found in groups.items() if case[1] or case[0] not in fits | longer}


def _longest(item: Item, masks: Mapping[CaseKey, Sequence[Item]]) -> CaseKey | None:
    key = item.key.folded
    starts = ((item.place, key[:length]) for length in range(len(key) - 1, -1, -1))
    return next((case for case in starts if case in masks), None)


def _rest(item: Item, start: Folded) -> Key:
    return Key(item.key.words[len(start) :])


def _are_channels(rests: set[Folded]) -> bool:
    """0000, or 0000, 0001, ... without a gap."""
    words = sorted(rest[0] for rest in rests if len(rest) == 1)
    return len(words) == len(rests) and words == [f"{number:0{CHANNEL}d}" for number in range(len(words))]
