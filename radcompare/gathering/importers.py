"""Cohorts of a known shape, by name; each has a rule of its own for what belongs together.

Plain strings, so that listing the names imports nothing heavy. To add one, write its module and put a line here.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from radcompare.errors import UnknownNameError

if TYPE_CHECKING:
    from radcompare.gathering.rows import Gathered
    from radcompare.parallel import Progress

IMPORTERS = {
    "pyradiomics": "radcompare.gathering.pyradiomics_batch:read_batch",
    "tcia-adenocarcinoma": "radcompare.gathering.tcia_adenocarcinoma:read_adenocarcinoma",
}


class Importer(Protocol):
    """Reads what somebody published or another program was given."""

    def __call__(self, source: Path, beside: Path, *, jobs: int, progress: "Progress") -> "Gathered":
        """The rows that it makes.

        Args:
            source: a folder or a file.
            beside: the folder of the cohort, for files that have to be written.
            jobs: number of processes.
            progress: told how far it is.
        """


def importer(name: str) -> Importer:
    """The importer of a name.

    Raises:
        UnknownNameError: there is none.
    """
    if name not in IMPORTERS:
        raise UnknownNameError("importer", name, IMPORTERS)
    module, attribute = IMPORTERS[name].split(":")
    return cast(Importer, getattr(import_module(module), attribute))
