"""What arms are run on, and which of its cases an arm can use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.errors import DataError, did_you_mean
from radcompare.imaging.showing import Collection
from radcompare.tables.outcome import Outcome
from radcompare.tables.roles import abridged


@dataclass(frozen=True)
class Study:
    """Cases, what is to be predicted, and what from.

    Attributes:
        columns: what is known of every case, indexed by ID; its order is the order of the cases.
        outcome: classes of the same cases, 0 or 1.
        sources: feature columns by source name; a source may lack cases.
        stamps: for sources made with random network weights, what to call them.
        pictures: by arm, what networks that are trained are shown.
    """

    columns: pd.DataFrame
    outcome: Outcome
    sources: Mapping[str, pd.DataFrame]
    stamps: Mapping[str, str]
    pictures: Mapping[str, Collection] = field(default_factory=dict)

    def column(self, name: str, purpose: str) -> pd.Series:
        """A column by name.

        Raises:
            DataError: there is none; the error says what it was needed for.
        """
        known = [str(column) for column in self.columns.columns]
        if name not in known:
            problem = f"{purpose}: no column {name!r}{did_you_mean(name, known)}"
            raise DataError(problem, f"the table has {abridged(known)}")
        return self.columns[name]

    def labels(self, name: str | None, purpose: str) -> NDArray[Any] | None:
        """A column of labels as text, shape (cases,); None for None.

        Raises:
            DataError: there is no such column, or a case has no label.
        """
        if name is None:
            return None
        labels = self.column(name, purpose)
        empty = labels.index[labels.isna()]
        if len(empty):
            raise DataError(f"{purpose}: case {empty[0]}: {name} is empty", "every case needs a value there")
        return labels.astype("str").str.strip().to_numpy(dtype=object)

    def stamp(self, sources: Sequence[str]) -> str:
        """What to call features that random weights made, "" for none."""
        return "; ".join(dict.fromkeys(self.stamps[name] for name in sources if name in self.stamps))


@dataclass(frozen=True)
class Available:
    """The cases and columns that an arm can use.

    Attributes:
        rows: row numbers of the cases that every source of the arm has.
        columns: their feature columns side by side, with (source, column) as names.
        lost: IDs of the other cases.
    """

    rows: NDArray[np.int64]
    columns: pd.DataFrame
    lost: tuple[str, ...]


def available(study: Study, arm: str, sources: Sequence[str]) -> Available:
    """Find what an arm can use; a column that two of its sources have counts for the first one.

    Raises:
        DataError: no case is left, or the cases left are of one class.
    """
    has = [study.columns.index.isin(study.sources[source].index) for source in sources]
    rows = np.flatnonzero(np.logical_and.reduce(has))
    if not len(rows):
        named = {"the cohort": study.columns, **{source: study.sources[source] for source in sources}}
        examples = "; ".join(f"{name}: {abridged(frame.index, 3)}" for name, frame in named.items())
        raise DataError(f"arm {arm!r}: no case has all its features", f"compare the IDs: {examples}")
    cases = study.columns.index[rows]
    columns = pd.concat([study.sources[source].loc[cases] for source in sources], axis=1, keys=sources)
    columns = columns.loc[:, ~columns.columns.get_level_values(1).duplicated()]
    if len(np.unique(study.outcome.codes[rows])) < 2:
        problem = f"arm {arm!r}: the {len(rows)} cases that have all its features are not of two classes"
        raise DataError(problem, "too many cases lack its features: see failures.csv")
    return Available(rows, columns, tuple(str(case) for case in study.columns.index.delete(rows)))
