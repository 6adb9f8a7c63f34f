"""YAML as people mean it: plain values only, a key that is given twice is an error, and nothing that grows when read.

A file of a few hundred bytes can stand for a thousand million values (an alias of a list of aliases ...), and a text
may hold what no file name or table can. Whatever is refused is a `yaml.YAMLError` that knows its place.
"""

from typing import Any

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError

LONGEST = 1_000_000
"""Characters of a settings file; those of a person have a few thousand."""
MOST_VALUES = 20_000
"""Values of a file, with every alias counted as what it stands for."""
DEEPEST = 40
LARGEST = 2**63
_NO_VALUE = (ValueError, TypeError, AttributeError, LookupError, OverflowError)
"""What PyYAML raises on a month of 13, a number of ten thousand digits, or `!!int x`."""


class NoKeyTwice(yaml.SafeLoader):
    """YAML in which a repeated key is an error; PyYAML would let the last one win."""

    def __init__(self, stream: str) -> None:
        if len(stream) > LONGEST:
            raise yaml.MarkedYAMLError(problem=f"it is longer than {LONGEST:,} characters")
        super().__init__(stream)
        self._depth = self._values = 0
        self._of_anchor: dict[str, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Called by PyYAML for every value, before it is made."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        anchor: str = event.anchor or ""
        if self.check_event(yaml.AliasEvent):
            if anchor in self.anchors and anchor not in self._of_anchor:
                raise ComposerError(None, None, f"*{anchor} stands inside itself", event.start_mark)
            self._values += self._of_anchor.get(anchor, 0)
            return super().compose_node(parent, index)
        before = self._values
        self._values, self._depth = self._values + 1, self._depth + 1
        if self._values > MOST_VALUES or self._depth > DEEPEST:
            limit = (
                f"{MOST_VALUES:,} values"
                if self._values > MOST_VALUES
                else f"{DEEPEST} blocks inside another"
            )
            raise ComposerError(None, None, f"more than {limit}", event.start_mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        if anchor:
            self._of_anchor[anchor] = self._values - before
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Called by PyYAML to make a value."""
        try:
            return _plain(super().construct_object(node, deep))
        except _NO_VALUE as error:
            told = str(error) or type(error).__name__
            raise ConstructorError(
                None, None, f"cannot be read as a value: {told}", node.start_mark
            ) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Called by PyYAML for every block."""
        seen: set[str] = set()
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()  # `!!map x` is none
        for key in (key for key, _ in pairs if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise ConstructorError(None, None, f"the key {key.value!r} occurs twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _plain(value: Any) -> Any:
    """A value that other programs can hold, too.

    Raises:
        ValueError: a number beyond 64 bits, or a text with NUL or half a character in it.
    """
    if isinstance(value, int) and not -LARGEST <= value < LARGEST:
        raise ValueError("the number has more than 64 bits")
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("the text holds a NUL")
        value.encode()
    return value
