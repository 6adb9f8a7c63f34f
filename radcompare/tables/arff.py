"""Weka's ARFF, read with its declared levels: a nominal attribute keeps the levels that no row uses.

Written here because scipy's reader loses missing nominal values and quoted names. Definition: the ARFF
page of the Weka manual (numeric, nominal and string attributes in dense rows; sparse rows and dates are refused).
"""

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd

from radcompare.errors import TableError

NUMERIC = ("numeric", "real", "integer")
MISSING = ("?", "-")
"""`?` is the format's own mark; `-` is what published radiomics tables declare as a level and mean by it."""
_QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_ATTRIBUTE = re.compile(rf"@attribute\s+({_QUOTED}|[^\s{{]+)\s*(\S.*)", re.IGNORECASE)
_CELL = re.compile(rf"\s*({_QUOTED}\s*|[^,]*),")
_WHOLE = re.compile(r"[+-]?\d{1,15}")
"""A number that float64 and int64 hold alike."""
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}

Kind = str | list[str]
"""Of an attribute: "numeric", "string", or the declared levels."""


def is_arff(text: str) -> bool:
    """Whether the first line that is no comment opens an ARFF relation."""
    return next((line.lower().startswith("@relation") for _, line in _lines(text)), False)


def parse_arff(text: str, name: str) -> pd.DataFrame:
    """Parse ARFF text: numbers as CSV gives them (int64 or float64), nominal columns as categories with their levels.

    Raises:
        TableError: a declaration or a row cannot be read; the line is named.
    """
    lines = _lines(text)
    kinds = _declarations(lines, name)
    rows = [_row(line, len(kinds), f"{name}, line {number}") for number, line in lines]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
    return pd.DataFrame(
        {
            attribute: _column(values, kind, f"{name}: attribute {attribute!r}")
            for (attribute, kind), values in zip(kinds.items(), columns, strict=True)
        }
    )


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() and not line.lstrip().startswith("%"):
            yield number, line.strip()


def _declarations(lines: Iterator[tuple[int, str]], name: str) -> dict[str, Kind]:
    """The attributes; leaves `lines` at the first row."""
    kinds: dict[str, Kind] = {}
    for number, line in lines:
        if line.lower().startswith("@data"):
            return kinds
        if line.lower().startswith("@attribute"):
            attribute, kind = _attribute(line, f"{name}, line {number}")
            if attribute in kinds:
                problem = f"{name}, line {number}: the attribute {attribute!r} occurs twice"
                raise TableError(problem, "rename or remove one of them")
            kinds[attribute] = kind
    raise TableError(f"{name}: has no @data line", "expected @relation, @attribute lines, @data, rows")


def _attribute(line: str, where: str) -> tuple[str, Kind]:
    match = _ATTRIBUTE.match(line)
    if match is None:
        raise TableError(f"{where}: cannot read {line!r}", "expected @attribute NAME TYPE")
    attribute, kind = _unquoted(match[1]), match[2].strip()
    if kind.startswith("{") and kind.endswith("}"):
        return attribute, _levels(kind[1:-1], f"{where}: attribute {attribute!r}")
    if kind.lower() in NUMERIC:
        return attribute, "numeric"
    if kind.lower() != "string":
        problem = f"{where}: attribute {attribute!r} is of type {kind!r}, which is not supported"
        raise TableError(problem, "use numeric, string or {a,b,c}")
    return attribute, "string"


def _levels(text: str, where: str) -> list[str]:
    levels = _cells(text)
    repeated = next((level for level, times in Counter(levels).items() if times > 1), None)
    if repeated is not None:
        raise TableError(f"{where}: declares the level {repeated!r} twice", "declare it once")
    return levels


def _row(line: str, width: int, where: str) -> list[str]:
    if line.startswith("{"):
        raise TableError(f"{where}: is a sparse row", "save the table with dense rows")
    cells = _cells(line)
    if len(cells) != width:
        problem = f"{where}: has {len(cells)} values for {width} attributes"
        raise TableError(problem, "part values by commas; quote a value that holds one")
    return cells


def _cells(line: str) -> list[str]:
    return [_unquoted(match[1].rstrip()) for match in _CELL.finditer(line + ",")]


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text)


def _column(values: tuple[str, ...], kind: Kind, where: str) -> pd.Series:
    if kind == "numeric":
        numbers = pd.Series(_numbers(values, where), dtype="float64")
        return numbers.astype("int64") if values and all(map(_WHOLE.fullmatch, values)) else numbers
    if isinstance(kind, str):
        return pd.Series([None if value == "?" else value for value in values], dtype="str")
    missing = _missing_marks(kind)
    unknown = sorted(set(values) - set(kind) - set(missing))
    if unknown:
        hint = f"declared: {', '.join(kind)}"
        raise TableError(f"{where}: the value {unknown[0]!r} is not declared", hint)
    known = [None if value in missing else value for value in values]
    return pd.Series(pd.Categorical(known, categories=[level for level in kind if level not in missing]))


def _missing_marks(levels: list[str]) -> tuple[str, ...]:
    """Beside `+`, a `-` is a finding (a negative stain), not a gap."""
    return MISSING[:1] if "+" in levels else MISSING


def _numbers(values: tuple[str, ...], where: str) -> list[float]:
    try:
        return [np.nan if value in MISSING else float(value) for value in values]
    except ValueError as error:
        raise TableError(f"{where}: {error}", "a numeric attribute holds numbers or ?") from None
