"""Names from data as names of files."""

from hashlib import sha256
from urllib.parse import quote

from radcompare.config import ColumnsSource, Experiment

ENDINGS = (".csv", ".meta.json", ".readings.csv")
"""Of what is written of one source."""
LONGEST = 120
"""File systems take 255 bytes; a prefix, a suffix and the name of a temporary file need room."""


def file_name(name: str) -> str:
    """A name as a safe file name: ASCII letters, digits and `-_.~`; the rest percent-encoded, the long cut.

    Different names have different file names. None has a dot in front, which would hide the file.

    >>> file_name("r219"), file_name("a/b")
    ('r219', 'a%2Fb')
    """
    safe = quote(name, safe="")
    if safe.startswith("."):
        safe = "%2E" + safe[1:]
    if len(safe) <= LONGEST:
        return safe
    return f"{safe[:LONGEST]}-{sha256(name.encode()).hexdigest()[:16]}"


def files_of(experiment: Experiment) -> set[str]:
    """The files of a run that are called after its sources and arms, relative to its folder."""
    measured = [name for name, source in experiment.sources.items() if not isinstance(source, ColumnsSource)]
    tables = {f"features/{file_name(name)}{end}" for name in measured for end in ENDINGS}
    arms = {arm.variant_of or name for name, arm in experiment.arms.items()}
    views = {f"views/{file_name(name)}/sheet-01.png" for name in (*measured, *arms)}
    return tables | views | {f"figures/roc_{file_name(arm)}.svg" for arm in arms}
