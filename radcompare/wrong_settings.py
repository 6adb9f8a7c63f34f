"""What is wrong with settings, in words: the key first, then what was expected and what was found."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from radcompare.errors import did_you_mean

Location = tuple[str | int, ...]

EXPECTED = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "text",
    "path_type": "a path",
    "dict_type": "a block of `key: value`",
    "model_type": "a block of `key: value`",
    "model_attributes_type": "a block of `key: value`",
    "greater_than_equal": "at least {ge:g}",
    "greater_than": "more than {gt:g}",
    "less_than_equal": "at most {le:g}",
    "less_than": "less than {lt:g}",
    "too_short": "at least one",
    "invalid_key": "a key of text",
    "literal_error": "{expected}",
}
"""What each kind of pydantic's errors means to a user; the fields are those of the error's context."""


def in_words(problems: Sequence[Any], keys_at: Callable[[Location], Sequence[str]]) -> list[str]:
    """One line for every thing that is wrong.

    Args:
        problems: what pydantic's `ValidationError.errors()` lists.
        keys_at: the known keys of the block that a location is in, for "did you mean".
    """
    misnamed = {problem["loc"][:-1] for problem in problems if _is_wrong_extractor(problem)}
    # Which keys a source has depends on its extractor: with that unknown, all else said of it is guesswork.
    telling = [p for p in problems if _is_wrong_extractor(p) or p["loc"][:-1] not in misnamed]
    return [_line(problem, keys_at) for problem in telling if not _counts_wrong_entries(problem)]


def _counts_wrong_entries(problem: Any) -> bool:
    """pydantic counts the entries that are right, and so finds too few where one is wrong."""
    return bool(problem["type"] == "too_short" and problem["input"])


def _is_wrong_extractor(problem: Any) -> bool:
    return bool(problem["loc"][-1:] == ("extractor",) and problem["type"] != "extra_forbidden")


def _line(problem: Any, keys_at: Callable[[Location], Sequence[str]]) -> str:
    location: Location = problem["loc"]
    key = dotted(location)
    if problem["type"] == "extra_forbidden":
        return _unknown_key(key, str(location[-1]), keys_at(location))
    said = _said(problem)
    return f"{key}: {said}" if key else said


def _unknown_key(key: str, name: str, known: Sequence[str]) -> str:
    """An unknown key; one that belongs to a block below is looked for there too."""
    below = [other for other in known if other.rpartition(".")[2] == name]
    near = f"; did you mean {below[0]!r}?" if below else did_you_mean(name, known)
    own = [other for other in known if "." not in other]
    return f"unknown key {key}{near}" if near else f"unknown key {key} (known: {', '.join(own)})"


def _said(problem: Any) -> str:
    kind, context = problem["type"], problem.get("ctx") or {}
    if kind == "missing":
        return "is missing"
    if kind == "value_error":  # our own validators, which say what they found
        return str(problem["msg"]).removeprefix("Value error, ")
    if kind not in EXPECTED:
        return f"{problem['msg']}, found {short(problem['input'])}"
    expected = EXPECTED[kind].format(**context)
    near = did_you_mean(str(problem["input"]), re.findall("'([^']*)'", expected))
    quotes = " (text that YAML reads as something else needs quotes)" if _lacks_quotes(problem) else ""
    return f"expected {expected}, found {short(problem['input'])}{near}{quotes}"


def _lacks_quotes(problem: Any) -> bool:
    return problem["type"] == "string_type" and not isinstance(problem["input"], list | dict | None)


def dotted(location: Location) -> str:
    """`arms.merged.select.0.top`, without the kind of a source or classifier, which pydantic puts in the middle."""
    parts = location[:2] + location[3:] if location[:1] == ("sources",) else location
    kept = (part for place, part in enumerate(parts) if not _is_classifier(parts, place))
    return ".".join(map(str, kept))


def _is_classifier(parts: Location, place: int) -> bool:
    """Whether a part is the name behind `classifiers.0`."""
    return place > 1 and parts[place - 2] == "classifiers" and isinstance(parts[place - 1], int)


def short(value: object, limit: int = 60) -> str:
    """A value as it is shown in an error: cut off where it is long."""
    if value is None or value == "":
        return "nothing"
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."
