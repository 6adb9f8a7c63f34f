"""Writes docs/features.md from the catalogue: `python docs/features.py`."""

from itertools import groupby
from pathlib import Path

from radcompare.radiomics.catalogue import SETS, entries
from radcompare.radiomics.entry import Entry

INTRODUCTION = """# Features

Every handcrafted feature that `radcompare extract radiomics` measures, by set and family. Written by
`docs/features.py` from the same source as `radcompare list features` and `radcompare describe NAME`.

A family's columns begin with what its heading says. Codes are those of the IBSI 1 reference manual (Zwanenburg et al.
2020); a feature without one has none there, or is defined otherwise. "1" is a unit of nothing.
"""


def page() -> str:
    """The whole file."""
    return "\n".join([INTRODUCTION, *(line for name in SETS for line in _set(name))])


def _set(name: str) -> list[str]:
    lines = [f"## {name}", ""]
    for family, members in groupby(entries(name), key=lambda entry: entry.family):
        lines += _family(family, list(members))
    return lines


def _family(family: str, members: list[Entry]) -> list[str]:
    prefix = members[0].name[: members[0].name.index(f"_{family}_") + len(family) + 2]
    shared = [("Reference", "reference"), ("Parameters", "parameters"), ("Tested against", "oracle")]
    facts = [
        f"{title}: {'; '.join(dict.fromkeys(filter(None, (getattr(m, field) for m in members))))}."
        for title, field in shared
        if any(getattr(m, field) for m in members)
    ]
    rows = [
        f"| {m.name.removeprefix(prefix)} | {_cell(m.definition)} | {_cell(m.unit)} | {m.ibsi} |"
        for m in members
    ]
    table = ["| Feature | Definition | Unit | IBSI |", "|---|---|---|---|", *rows]
    return [f"### {family}: `{prefix}...`", "", *facts, "", *table, ""]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    Path(__file__).with_suffix(".md").write_text(page(), encoding="utf-8")
