"""Sweeps over feature sources: one source with lists of values stands for several, and so does every arm with it.

    deep: {extractor: deep, network: cnn-f, ..., sweep: {relu: [pre, post], window: [warp, crop]}}

is written out to the sources `deep pre warp`, `deep pre crop`, `deep post warp` and `deep post crop` before anything
else is checked, and an arm `merged` that names `deep` to its variants `merged pre warp` and so on. The first is the
arm's primary one; the others are exploratory. Values that belong together are a block:

    sweep: {network: [{network: cnn-f, weights: f.mat}, {network: cnn-m, weights: m.mat}]}
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import PurePath
from typing import Any

from radcompare.wrong_settings import Location, short

KEY = "sweep"
VARIANT_OF = "variant_of"
"""The key of a written-out arm that holds the name it was given."""
MOST = 1000
"""Sources that one sweep may stand for; more are a slip."""
NAMES_A_FILE = "weights"


@dataclass(frozen=True)
class Combination:
    """One value for every swept key: the keys that it sets, and the words that tell it from others."""

    settings: Mapping[str, Any]
    words: tuple[str, ...]

    def named(self, name: str) -> str:
        """What a source or arm of this combination is called."""
        return " ".join((name, *self.words))


@dataclass(frozen=True)
class WrittenOut:
    """An experiment without sweeps.

    Attributes:
        raw: what the file holds, with sources and arms written out.
        names: for `sources` and `arms`, the name in the file behind every written-out one.
    """

    raw: Any
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def in_file(self, location: Location) -> Location:
        """Where in the file that was given something of the written-out experiment is."""
        if len(location) < 2 or location[0] not in self.names:
            return location
        block, name, *rest = location
        return (block, self.names[str(block)].get(str(name), name), *rest)


def write_out(raw: Any) -> WrittenOut:
    """Replace every swept source, and every arm that names one, by one for each combination of values.

    Args:
        raw: an experiment as YAML gives it. What is of another form is left for others to complain about.

    Raises:
        ValueError: a sweep is no block of lists of different values, a key is given beside it too, or a written-out
            name is there already.
    """
    sources = raw.get("sources") if isinstance(raw, Mapping) else None
    if not isinstance(sources, Mapping):
        return WrittenOut(raw)
    swept = {
        name: _combinations(f"sources.{name}", block)
        for name, block in sources.items()
        if isinstance(block, Mapping) and KEY in block
    }
    if not swept:
        return WrittenOut(raw)
    named_sources = [entry for name in sources for entry in _sources(name, sources[name], swept)]
    written = {**raw, "sources": _once("sources", named_sources)}
    names = {"sources": {new: old for old, new, _ in named_sources}}
    if isinstance(raw.get("arms"), Mapping):
        named_arms = [entry for name, arm in raw["arms"].items() for entry in _arms(name, arm, swept)]
        written["arms"] = _once("arms", named_arms)
        names["arms"] = {new: old for old, new, _ in named_arms}
    return WrittenOut(written, names)


Entry = tuple[str, str, Any]  # the name in the file, the written-out name, the block


def _sources(name: str, block: Any, swept: Mapping[str, Sequence[Combination]]) -> Iterator[Entry]:
    if name not in swept:
        yield name, name, block
        return
    plain = {key: value for key, value in block.items() if key != KEY}
    for combination in swept[name]:
        yield name, combination.named(name), {**plain, **combination.settings}


def _arms(name: str, arm: Any, swept: Mapping[str, Sequence[Combination]]) -> Iterator[Entry]:
    """An arm for every combination of the swept sources that it names; the first source's values change last."""
    given = arm.get("sources") if isinstance(arm, Mapping) else None
    listed = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    of_arm = [source for source in listed if isinstance(source, str) and source in swept]
    if not of_arm:
        yield name, name, arm
        return
    for chosen in product(*(swept[source] for source in of_arm)):
        names = {source: one.named(source) for source, one in zip(of_arm, chosen, strict=True)}
        words = tuple(word for one in chosen for word in one.words)
        sources = [names.get(source, source) for source in listed]
        yield name, " ".join((name, *words)), {**arm, "sources": sources, VARIANT_OF: name}


def _once(kind: str, entries: Sequence[Entry]) -> dict[str, Any]:
    """Blocks by their written-out names, none of which may stand for two."""
    blocks: dict[str, Any] = {}
    for old, new, block in entries:
        if new in blocks:
            raise ValueError(
                f"{kind}.{old}: its sweep makes {new!r}, which is there already: rename one of the two"
            )
        blocks[new] = block
    return blocks


def _combinations(where: str, block: Mapping[str, Any]) -> list[Combination]:
    sweep = block[KEY]
    if not isinstance(sweep, Mapping) or not sweep:
        raise ValueError(f"{where}.{KEY}: expected keys with lists of values, found {short(sweep)}")
    values = [_values(f"{where}.{KEY}.{key}", key, given) for key, given in sweep.items()]
    found = [_together(chosen) for chosen in product(*values)]
    if len(found) > MOST:
        raise ValueError(
            f"{where}.{KEY}: stands for {len(found):,} sources, more than {MOST:,}: sweep over fewer"
        )
    for key in found[0].settings:
        if key in block:
            raise ValueError(f"{where}: {key} is given, and swept over as well: drop one of the two")
    return found


def _together(chosen: Sequence[Combination]) -> Combination:
    settings: dict[str, Any] = {}
    for one in chosen:
        settings |= one.settings
    return Combination(settings, tuple(word for one in chosen for word in one.words))


def _values(where: str, key: Any, given: Any) -> list[Combination]:
    """The values of one key; a key with a single value has nothing to be named after."""
    if key in ("extractor", KEY):
        raise ValueError(f"{where}: a sweep cannot change the {key}: name another source")
    if not isinstance(given, list) or not given:
        raise ValueError(f"{where}: expected a list of values, found {short(given)}")
    blocks = [value if isinstance(value, Mapping) else {key: value} for value in given]
    for block in blocks:
        if key not in block:
            raise ValueError(
                f"{where}: a block of values that belong together names {key} too: {short(block)}"
            )
    words = [_word(str(key), block[key]) for block in blocks]
    for word in words:
        if words.count(word) > 1:
            raise ValueError(f"{where}: {word!r} is given twice")
    named = len(words) > 1
    return [Combination(b, (word,) if named else ()) for b, word in zip(blocks, words, strict=True)]


def _word(key: str, value: Any) -> str:
    """What tells a value from others: itself where it is a word, else with its key."""
    if isinstance(value, list):
        return "+".join(map(str, value))
    if isinstance(value, str):
        return PurePath(value).name if key == NAMES_A_FILE else value
    return f"{key}={str(value).lower() if isinstance(value, bool) else value}"
