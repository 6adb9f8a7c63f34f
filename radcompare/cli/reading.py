"""`--reading KEY=VALUE`: what is done to files on the way to a region, as commands take it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from radcompare.errors import ConfigError

if TYPE_CHECKING:
    from radcompare.reading_settings import Reading


def reading_of(options: Sequence[str] | None, origin: str) -> "Reading":
    """The block `reading` of an experiment, from `KEY=VALUE` texts.

    Raises:
        ConfigError: a text of another form, an unknown key or a wrong value.
    """
    from radcompare.block import parse
    from radcompare.config import parse_value
    from radcompare.reading_settings import Reading

    given: dict[str, Any] = {}
    for text in options or ():
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise ConfigError(
                f"--reading: expected KEY=VALUE, found {text!r}", "for example --reading spacing=1"
            )
        given[key.strip()] = parse_value(value)
    return parse(Reading, given, origin=f"{origin} --reading")
