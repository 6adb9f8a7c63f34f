"""The catalogue: every feature by name, with its definition and reference. Imports nothing heavy."""

from collections.abc import Callable

from radcompare.errors import UnknownNameError
from radcompare.radiomics.entry import Entry
from radcompare.radiomics.pyradiomics_entries import pyradiomics_entries
from radcompare.radiomics.r219_entries import r219_entries

__all__ = ["Entry", "entries"]

SETS: dict[str, Callable[[], list[Entry]]] = {"r219": r219_entries, "pyradiomics": pyradiomics_entries}


def entries(set_name: str | None = None) -> list[Entry]:
    """The features of one set in the order of its columns, or of every set.

    Args:
        set_name: r219 or pyradiomics; all sets if absent.

    Raises:
        UnknownNameError: there is no such set.
    """
    if set_name is None:
        return [entry for make in SETS.values() for entry in make()]
    if set_name not in SETS:
        raise UnknownNameError("feature set", set_name, SETS)
    return SETS[set_name]()
