"""Which files are images and which are masks, by patterns that the user gives in place of the words in names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from radcompare.errors import ConfigError
from radcompare.gathering.items import Item
from radcompare.gathering.names import key_of

_PARTS = re.compile(r"(\*\*/|\*\*|\*|\?|\[[^]]+\]|\{case\}|\{patient\})")
_NAMED = ("{case}", "{patient}")
_OPEN = {"**/": "(?:.*/)?", "**": ".*", "*": "([^/]*)", "?": "([^/])"}


@dataclass(frozen=True)
class Pattern:
    """A shell pattern for paths below the folder.

    Attributes:
        option: where it was given.
        text: as it was given; `{case}` and `{patient}` stand for a part of a name, as `*` does.
    """

    option: str
    text: str

    @property
    def names_case(self) -> bool:
        """Whether it says which part of a name is the case."""
        return "{case}" in self.text

    def match(self, path: str) -> dict[str, str] | None:
        """What stands for the case, the patient and everything else, joined by `_`; None where it does not fit."""
        expression, kinds = _expression(self.text)
        found = re.fullmatch(expression, path, re.DOTALL)
        if found is None:
            return None
        parts = list(zip(kinds, found.groups(), strict=True))
        rest = [part for kind, part in parts if kind == "*" and part]
        named = dict(parts)
        case = named.get("case") or "_".join(part for _, part in parts if part)
        return {
            "case": case,
            "patient": named.get("patient", ""),
            "rest": "_".join(rest if self.names_case else ()),
        }


@cache
def _expression(pattern: str) -> tuple[str, list[str]]:
    """The pattern as a regular expression, and what each of its groups is: `case`, `patient` or `*`."""
    kinds: list[str] = []
    parts: list[str] = []
    for part in _PARTS.split(pattern.removeprefix("./")):
        name = part[1:-1]
        if part in _NAMED and name in kinds:
            parts.append(f"(?P={name})")
        elif part in _NAMED:
            parts.append(f"(?P<{name}>[^/]+)")
            kinds.append(name)
        elif part in _OPEN:
            parts.append(_OPEN[part])
            kinds += ["*"] * _OPEN[part].count("([")
        else:
            parts.append(_one_of(name) if part.startswith("[") and part.endswith("]") else re.escape(part))
    return "".join(parts), kinds


def _one_of(signs: str) -> str:
    """`[abc]`, `[a-z]` and `[!a]`, which tell nothing of the case."""
    inside = re.sub(r"([\\\[\]&~|^])", r"\\\1", signs[1:] if signs.startswith("!") else signs)
    return f"[{'^' if signs.startswith('!') else ''}{inside}]"


def as_given(items: Sequence[Item], root: Path, image: str | None, mask: str | None) -> list[Item]:
    """The items that the patterns choose; the role of what only one of them is given for is told from names.

    Args:
        items: as their names say.
        root: what the patterns are relative to.
        image, mask: shell patterns; None where the names say it. A file that fits both is a mask.

    Raises:
        ConfigError: a pattern fits no file, or only one of two says where the case is named.
    """
    if image is None and mask is None:
        return list(items)
    images = Pattern("--image", image) if image is not None else None
    masks = Pattern("--mask", mask) if mask is not None else None
    _refuse_half(images, masks)
    both = images is not None and masks is not None
    drawn = _chosen(items, root, masks, "mask", both) if masks else [i for i in items if i.role == "mask"]
    taken = {item.path for item in drawn}
    others = [item for item in items if item.path not in taken]
    shot = _chosen(others, root, images, "image", both) if images else [i for i in others if i.role != "mask"]
    order = {item.path: number for number, item in enumerate(items)}
    return sorted([*shot, *drawn], key=lambda item: order[item.path])


def _refuse_half(images: Pattern | None, masks: Pattern | None) -> None:
    named = [pattern for pattern in (images, masks) if pattern is not None and pattern.names_case]
    if named and (images is None or masks is None or len(named) == 1):
        other = "--mask" if named[0].option == "--image" else "--image"
        problem = f"{named[0].option} {named[0].text}: says where the case is named, and {other} does not"
        raise ConfigError(problem, f"give {other} with {{case}} as well, or leave {{case}} out")


def _chosen(items: Iterable[Item], root: Path, pattern: Pattern, role: str, both: bool) -> list[Item]:
    chosen: list[Item] = []
    for item in items:
        found = pattern.match(item.path.relative_to(root).as_posix())
        if found is not None:
            chosen.append(_with(item, found, role, both))
    if not chosen:
        raise ConfigError(
            f"{pattern.option} {pattern.text}: fits no file",
            "it is relative to the folder, as in 'image/*.nii.gz'",
        )
    return chosen


def _with(item: Item, found: dict[str, str], role: str, both: bool) -> Item:
    """An item in the role that a pattern gives it; with two patterns also of the case that they say."""
    item = replace(item, role="mask" if role == "mask" else "image", patient=found["patient"])
    if not both:
        return item
    key, rest = key_of(found["case"]), key_of(found["rest"])
    item = replace(item, place=(), folders=(), key=key, whole=key, given=True, organ=False, sequence="")
    return replace(item, region=rest) if role == "mask" else replace(item, sequence=rest.text)
