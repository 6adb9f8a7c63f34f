"""Which columns of a table are features.

A CSV does not say, so the rule is, in this order: the patterns the user gave; the list in the sidecar
that radcompare wrote; columns named as radcompare and pyradiomics name features (`original_glcm_Contrast`,
`r219_...`, `deep_...`, also with a prefix) or as a recognised program does (`foreign`), if there are any; else every
numeric column and every text column of few levels, less those that name a case, a group or a file. What records the
extraction is a feature only where its full name is given, and another program's outcome never is.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from radcompare.errors import TableError, did_you_mean
from radcompare.tables.cohort import SYNONYMS
from radcompare.tables.files import ID_NAMES
from radcompare.tables.foreign import Program, outcomes, recognised, said_of

MAX_LEVELS = 20
"""A text column with more distinct values than this is no nominal feature."""
_FEATURE_NAME = re.compile(
    r"(^|_)(original|wavelet[-_0-9A-Za-z]*|log[-_.]sigma[-_.0-9A-Za-z]*|logarithm|square|squareroot|exponential"
    r"|gradient|lbp-[23]D[-_0-9A-Za-z]*)_(firstorder|shape|shape2D|glcm|glrlm|glszm|gldm|gldzm|ngtdm)_"
    r"|^r219_|^deep_"
)
_BOOKKEEPING = re.compile(r"(^|_)(diagnostics|general_info)_|^weights_", re.IGNORECASE)
BY_FULL_NAME = "what records the extraction is a feature only by its full name, not by a pattern"
_KNOWN_ROLES = {
    *("patient_id", "patientid", "patient", "cohort", "reader", "fold", "repeat"),
    *ID_NAMES,
    *(name for names in SYNONYMS.values() for name in names),
}


def feature_columns(
    frame: pd.DataFrame, outcome: str | None, patterns: Sequence[str], listed: Collection[str], where: str
) -> tuple[list[str], list[str]]:
    """Decide which columns are features.

    Args:
        frame: the table without its IDs.
        outcome: the column to predict; never a feature.
        patterns: shell patterns of the user; empty to decide by the rule of this module.
        listed: the columns that the sidecar lists; empty without one.
        where: the table's name, for the error.

    Returns:
        Names of the feature columns in table order, and notes about what was left out.

    Raises:
        TableError: no column is a feature, or a pattern matches none.
    """
    programs = recognised(str(column) for column in frame.columns)
    named_outcomes = outcomes(programs)
    columns = [str(column) for column in frame.columns if column not in (outcome, *named_outcomes)]
    names: list[str]
    notes: list[str]
    if patterns:
        _refuse_outcomes(patterns, [name for name in named_outcomes if name != outcome], where)
        names, notes = _matching_columns(columns, patterns, programs, where)
    elif listed:
        names, notes = _listed_columns(columns, listed)
    elif any(is_feature_name(column, programs) for column in columns):
        names, notes = _named_columns(frame, columns, programs)
    else:
        names, notes = _plain_columns(frame, columns, programs)
    if not names:
        problem = f"{where}: no feature column among {abridged(columns)}"
        raise TableError(problem, "name the columns with --features PATTERN")
    return names, [*([] if listed else said_of(programs, names)), *notes]


def matches(column: str, pattern: str, programs: Sequence[Program] = ()) -> bool:
    """Whether a column is meant by its name or by a shell pattern, which never means what records the extraction."""
    return column == pattern or (fnmatchcase(column, pattern) and not is_record(column, programs))


def is_feature_name(column: str, programs: Sequence[Program] = ()) -> bool:
    """Whether a column is named as radcompare and pyradiomics name features, or as one of the programs does."""
    return _FEATURE_NAME.search(column) is not None or any(p.is_feature(column) for p in programs)


def is_record(column: str, programs: Sequence[Program] = ()) -> bool:
    """Whether a column records how features were extracted (`diagnostics_...`, `general_info_...`)."""
    return _BOOKKEEPING.search(column) is not None or any(p.is_record(column) for p in programs)


def holds_features(columns: Sequence[str]) -> bool:
    """Whether a table is one of features whatever else its columns name: of another program, or of pyradiomics."""
    programs = recognised(columns)
    return any(is_record(c, programs) or any(p.is_feature(c) for p in programs) for c in columns)


def _refuse_outcomes(patterns: Sequence[str], named: Collection[str], where: str) -> None:
    for name in set(patterns).intersection(named):
        problem = f"{where}: {name!r} is an outcome, as other programs call it: no feature"
        raise TableError(problem, "leave it out, or rename the column if it was measured")


def _matching_columns(
    columns: Sequence[str], patterns: Sequence[str], programs: Sequence[Program], where: str
) -> tuple[list[str], list[str]]:
    for pattern in patterns:
        if not any(matches(column, pattern, programs) for column in columns):
            problem = f"{where}: no feature column matches {pattern!r}{did_you_mean(pattern, columns)}"
            raise TableError(problem, f"the table has {abridged(columns)}; {BY_FULL_NAME}")
    names = [c for c in columns if any(matches(c, pattern, programs) for pattern in patterns)]
    wanted = set(names)
    left_out = [c for c in columns if c not in wanted and any(fnmatchcase(c, own) for own in patterns)]
    notes = [f"columns that record the extraction, left out: {abridged(left_out)}"] if left_out else []
    return names, notes


def _listed_columns(columns: Sequence[str], listed: Collection[str]) -> tuple[list[str], list[str]]:
    wanted, present = set(listed), set(columns)
    lost = [column for column in listed if column not in present]
    notes = [f"the sidecar lists features that the table lacks: {abridged(lost)}"] if lost else []
    return [column for column in columns if column in wanted], notes


def _named_columns(
    frame: pd.DataFrame, columns: Sequence[str], programs: Sequence[Program]
) -> tuple[list[str], list[str]]:
    """Columns named by the convention; other numbers could have been meant as features, so a note names them."""
    names = [column for column in columns if is_feature_name(column, programs)]
    named = set(names)
    others = [c for c in candidates(columns, programs) if c not in named and not is_text(frame[c])]
    notes = [f"columns not named like features pass through: {abridged(others)}"] if others else []
    return names, notes


def _plain_columns(
    frame: pd.DataFrame, columns: Sequence[str], programs: Sequence[Program]
) -> tuple[list[str], list[str]]:
    """Numeric and nominal columns of a table whose names follow no convention."""
    possible = candidates(columns, programs)
    text = {c: None for c in possible if is_text(frame[c]) and not _has_levels(frame[c])}
    notes = [f"text columns taken as no features: {abridged(text)}"] if text else []
    records = [c for c in columns if is_record(c, programs) and not is_text(frame[c])]
    if records:
        notes.append(f"numbers that record the extraction, taken as no features: {abridged(records)}")
    return [c for c in possible if c not in text], notes


def candidates(columns: Sequence[str], programs: Sequence[Program] = ()) -> list[str]:
    """Columns that are not known to be something else than a feature."""
    return [c for c in columns if c.lower() not in _KNOWN_ROLES and not is_record(c, programs)]


def _has_levels(column: pd.Series) -> bool:
    """Whether text repeats enough to be levels; text that differs in every row names the row."""
    return 2 <= column.nunique() <= min(MAX_LEVELS, len(column) - 1)


def is_text(column: pd.Series) -> bool:
    """Whether a column holds neither numbers nor declared levels."""
    return not (pd.api.types.is_numeric_dtype(column) or isinstance(column.dtype, pd.CategoricalDtype))


def as_feature(column: pd.Series) -> pd.Series:
    """A column as float64, infinite values missing; or as categories if it holds text.

    Raises:
        TableError: text of too many distinct values to be levels.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.rename_categories(str)
    if not is_text(column):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return pd.Series(np.where(np.isinf(values), np.nan, values), index=column.index, name=column.name)
    text = column.astype("str").where(column.notna())
    if text.nunique() > MAX_LEVELS:
        problem = f"the column {column.name!r} holds free text ({text.nunique()} distinct values)"
        raise TableError(problem, "leave it out, or make it numbers")
    return text.astype(pd.CategoricalDtype(sorted(text.dropna().unique())))


def abridged(names: Iterable[str], limit: int = 12) -> str:
    """The first names and how many there are, for messages."""
    every = list(names)
    tail = f", ... ({len(every)} in all)" if len(every) > limit else ""
    return ", ".join(every[:limit]) + tail
