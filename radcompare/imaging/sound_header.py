"""Headers over which ITK would end the whole program instead of saying what is wrong.

Its NRRD and MetaImage readers write long or contradicting fields beyond their buffers; such a file is refused before.
"""

import re
from math import inf
from pathlib import Path

START = 1 << 16
"""Bytes in which a header is looked for."""
LONGEST = 1000
"""Bytes of one NRRD field; those of real files have a few dozen."""
MOST_AXES = 10

DEFLATE, BZIP2 = 1100.0, 50_000.0
"""How many times smaller these make what holds one value alone, at most."""

_DATA_FILE = re.compile(rb"^data ?file:\s*([^\r\n]*)", re.MULTILINE | re.IGNORECASE)
_ELEMENT_FILE = re.compile(rb"^ElementDataFile\s*=\s*([^\r\n]*)", re.MULTILINE)
_BZIP2 = re.compile(rb"^encoding:\s*bz", re.MULTILINE | re.IGNORECASE)
_META = re.compile(rb"^\s*NDims\s*=\s*([^\r\n]*)", re.MULTILINE)
_DIMENSION = re.compile(rb"^dimension:\s*([^\r\n]*)", re.MULTILINE | re.IGNORECASE)


def packing(path: Path) -> float:
    """How many times as large as its file the voxels of an image may be; infinite where they lie in another file."""
    with path.open("rb") as stream:
        start = stream.read(START)
    elsewhere = _DATA_FILE.search(start.partition(b"\n\n")[0]) or _ELEMENT_FILE.search(start[:4096])
    if elsewhere and elsewhere[1].strip().upper() != b"LOCAL":
        return inf
    return BZIP2 if start.startswith(b"NRRD") and _BZIP2.search(start) else DEFLATE


def unsound(path: Path) -> str | None:
    """What is wrong with the header of an NRRD or MetaImage file, in words; None for others."""
    with path.open("rb") as stream:
        start = stream.read(START)
    if start.startswith(b"NRRD"):
        return _nrrd(start)
    found = _META.search(start[:4096])
    return None if found is None else _axes("NDims", found[1])


def _nrrd(start: bytes) -> str | None:
    header = re.split(rb"\r?\n\r?\n", start, maxsplit=1)[0]
    for line in header.splitlines():
        if len(line) > LONGEST and not line.startswith(b"#") and b":=" not in line[:200]:
            name = line[:20].decode("ascii", "replace").partition(":")[0]
            return f"the field {name!r} of its header has {len(line)} bytes"
    found = _DIMENSION.search(header)
    return None if found is None else _axes("dimension", found[1])


def _axes(name: str, text: bytes) -> str | None:
    """A number of axes that no image has."""
    shown = text[:40].decode("ascii", "replace").strip()
    if re.fullmatch(r"\d{1,3}", shown) and 1 <= int(shown) <= MOST_AXES:
        return None
    return f"its header says {name} {shown!r}, expected 2 or 3"
