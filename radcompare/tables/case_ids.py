"""How cases are called: by a column of IDs, by their image files where another program wrote none, or by row."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from radcompare.errors import TableError
from radcompare.tables.cohort import checked_ids, clean_ids
from radcompare.tables.files import id_columns, is_id
from radcompare.tables.foreign import Program, recognised

_LAST_PART = r"([^/\\.]*)(?:\.[^/\\]*)?[/\\]*$"
"""Of a path, up to its first point; whether a file or a folder."""


@dataclass(frozen=True)
class CaseNaming:
    """How cases are called.

    Attributes:
        told_from: the columns that IDs are told from; none where rows are numbered.
        dropped: columns that are nothing else: that of IDs, and one that only counts rows beside it.
        program: whose image files call the cases; None for a column of IDs.
    """

    told_from: tuple[str, ...]
    dropped: tuple[str, ...]
    program: Program | None = None

    def names(self, frame: pd.DataFrame) -> pd.Series:
        """The names of all rows as text, "" where there is none.

        Args:
            frame: a table with the columns of `told_from` at least.
        """
        if self.program is not None:
            return _names_of_images(frame, self.told_from)
        if self.told_from:
            return clean_ids(frame[self.told_from[0]])
        return pd.Series([str(row) for row in range(1, len(frame) + 1)], index=frame.index)

    def ids(self, frame: pd.DataFrame, where: str) -> tuple[pd.Index, list[str]]:
        """The ID of every row, and notes.

        Args:
            frame: as for `names`.
            where: the table's name.

        Raises:
            TableError: an ID is missing or occurs twice.
        """
        if self.program is not None:
            return self._made(frame, where)
        if self.told_from:
            return _index(checked_ids(frame[self.told_from[0]], where)), []
        return _index(self.names(frame)), [
            "no column ID: cases are called by the number of their row, from 1"
        ]

    def _made(self, frame: pd.DataFrame, where: str) -> tuple[pd.Index, list[str]]:
        made = " and ".join(self.told_from)
        try:
            ids = checked_ids(self.names(frame), where)
        except TableError as error:
            hint = "add a column ID with a name of its own for every row"
            raise TableError(
                f"{error.message}; there is no column ID, and it was made of {made}", hint
            ) from None
        return _index(ids), [
            f"no column ID: cases are called by the file names in {made}, up to the first point"
        ]


def case_naming(columns: Sequence[str]) -> CaseNaming:
    """How the cases of a table with these columns are called."""
    ids, counters = id_columns(columns)
    program = next((program for program in recognised(columns) if program.image), None)
    if program is None or any(map(is_id, columns)):
        return CaseNaming(tuple(ids), (*ids, *counters))
    parts = (program.image, program.region)
    # Without a column called ID, `ids` is the one without a name in which pandas counts the rows.
    return CaseNaming(tuple(part for part in parts if part and part in columns), tuple(ids), program)


def _index(names: pd.Series) -> pd.Index:
    index: pd.Index = pd.Index(names, name="ID")
    return index


def _names_of_images(frame: pd.DataFrame, told_from: Sequence[str]) -> pd.Series:
    """File names up to their first point; followed by the region where a file has several."""
    image, *region = told_from
    paths = frame[image].astype("str").fillna("").str.strip()
    names = paths.str.extract(_LAST_PART, expand=False).fillna("")
    for column in region:
        several = paths.duplicated(keep=False) & (names != "")
        names = names.where(~several, names + "_" + frame[column].astype("str").fillna(""))
    return names
