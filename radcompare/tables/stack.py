"""Feature tables one under the other: one cohort to train on, another to test on."""

import pandas as pd

from radcompare.errors import TableError
from radcompare.tables.features import FeatureTable
from radcompare.tables.roles import abridged


def stack(train: FeatureTable, test: FeatureTable, names: tuple[str, str]) -> FeatureTable:
    """Put two tables together; a column `cohort` says where a case is from.

    IDs that occur in both cohorts name different cases and get the cohort's name in front. Columns that
    one table lacks are left out and named in the notes.

    Raises:
        TableError: the tables have no feature in common, a feature is nominal in one of them and numeric in
            the other, or the names are equal.
    """
    if names[0] == names[1]:
        raise TableError(f"both cohorts are called {names[0]!r}", "rename one of the files")
    shared = set(train.ids) & set(test.ids)
    passthrough = _rows((train.passthrough, test.passthrough), names, bool(shared))
    features = _rows(_with_same_levels(train.features, test.features, names), names, bool(shared))
    if features.columns.empty:
        raise TableError(f"{names[0]} and {names[1]} have no feature in common", "check the column names")
    kept = {*passthrough.columns, *features.columns}
    every = [c for t in (train, test) for part in (t.features, t.passthrough) for c in part.columns]
    missing = [str(column) for column in dict.fromkeys(every) if column not in kept]
    notes = [*train.notes, *test.notes]
    if missing:
        notes.append(f"columns that only one cohort has are left out: {abridged(missing)}")
    if shared:
        notes.append(f"{len(shared)} IDs occur in both cohorts; IDs are written COHORT:ID")
    labels = [names[0]] * len(train.ids) + [names[1]] * len(test.ids)
    digest = ", ".join((train.digest, test.digest))
    return FeatureTable(passthrough.assign(cohort=labels), features, train.sources, digest, tuple(notes))


def _with_same_levels(
    train: pd.DataFrame, test: pd.DataFrame, names: tuple[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nominal features with the levels of both cohorts, so that one code means one level."""
    for column in [c for c in train.columns if c in test.columns]:
        parts = dict(zip(names, (train[column], test[column]), strict=True))
        nominal = [name for name, part in parts.items() if isinstance(part.dtype, pd.CategoricalDtype)]
        if not nominal:
            continue
        numeric = [name for name, part in parts.items() if name not in nominal and part.notna().any()]
        if numeric:
            problem = f"the feature {column!r} holds text in {nominal[0]} and numbers in {numeric[0]}"
            raise TableError(problem, "write it the same way in both tables")
        levels = dict.fromkeys(level for name in nominal for level in parts[name].cat.categories)
        both = pd.CategoricalDtype(list(levels))
        train, test = train.astype({column: both}), test.astype({column: both})
    return train, test


def _rows(parts: tuple[pd.DataFrame, pd.DataFrame], names: tuple[str, str], prefixed: bool) -> pd.DataFrame:
    """The columns that both parts have, row under row."""
    if prefixed:
        train, test = (
            part.set_axis([f"{name}:{case}" for case in part.index])
            for part, name in zip(parts, names, strict=True)
        )
        parts = train, test
    return pd.concat(parts, join="inner").rename_axis("ID")
