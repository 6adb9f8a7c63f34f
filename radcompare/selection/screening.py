"""Features of a whole table scored at once: for looking at, not for evaluating (see `radcompare evaluate`)."""

import numpy as np
import pandas as pd

from radcompare.config import Selection
from radcompare.selection.choosing import make
from radcompare.selection.ranking import ranking
from radcompare.selection.remarks import few_neighbours, unvarying
from radcompare.tables.features import FeatureTable, matrix
from radcompare.tables.outcome import read_outcome


def score_features(table: FeatureTable, outcome: str, selection: Selection, where: str) -> pd.DataFrame:
    """Score every feature on all rows.

    Args:
        table: features, with the outcome among the columns that pass through; two or more classes.
        outcome: name of that column.
        selection: the method and its settings; `top` is not used.
        where: the table's name, for errors.

    Returns:
        Columns `feature`, `score`, `rank` (1 is best; equal scores in column order), best first.

    Raises:
        OutcomeError: the outcome cannot be learned from.
    """
    X, levels = matrix(table.features)
    y = read_outcome(table.column(outcome), where).codes
    scores = make(selection).fit(X, y, levels).scores_
    order = ranking(scores)
    names = [str(table.features.columns[column]) for column in order]
    return pd.DataFrame({"feature": names, "score": scores[order], "rank": range(1, len(names) + 1)})


def remarks(table: FeatureTable, outcome: str, selection: Selection, where: str) -> tuple[str, ...]:
    """What to know of the features and classes that `score_features` scores."""
    X, _ = matrix(table.features)
    counts = np.bincount(read_outcome(table.column(outcome), where).codes)
    few = few_neighbours(selection, int(counts.min()))
    return (*unvarying(X, [str(name) for name in table.features.columns]), *few)


def keep_top(table: FeatureTable, scores: pd.DataFrame, top: int) -> FeatureTable:
    """The table with its best features alone, in the table's order; everything else passes through."""
    best = set(scores["feature"].head(top))
    kept = [column for column in table.features.columns if str(column) in best]
    sources = tuple(
        {**source, "columns": [c for c in source["columns"] if c in best]} for source in table.sources
    )
    return FeatureTable(table.passthrough, table.features[kept], sources, table.digest, table.notes)
