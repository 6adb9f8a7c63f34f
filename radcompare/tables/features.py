"""The feature table: one row per case, what passes through, the features, and where each came from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.errors import TableError, did_you_mean
from radcompare.provenance import write_json
from radcompare.tables.case_ids import case_naming
from radcompare.tables.files import is_id, read_frame, refuse_empty, shown_name, write_frame
from radcompare.tables.foreign import outcomes, recognised
from radcompare.tables.levels import with_levels
from radcompare.tables.roles import BY_FULL_NAME, abridged, as_feature, feature_columns, matches
from radcompare.tables.sidecar import meta_path, read_meta

WEIGHTS_PREFIX = "weights_"
"""`weights_NETWORK` passes through and says which weights made the `deep_NETWORK_...` columns."""
UNTRAINED = "untrained"
"""How a `weights_...` value begins where the weights were random."""


@dataclass(frozen=True)
class FeatureTable:
    """Features of cases.

    Attributes:
        passthrough: what else is known of each case (outcomes, groups), indexed by ID.
        features: numeric columns and, for nominal ones, categories; indexed by the same IDs.
        sources: where columns came from: `{"extractor": ..., "columns": [...], "settings": {...}}` each.
        digest: SHA-256 of what was read, "" for a table made in memory.
        notes: what the reader decided on its own and the user should know.
    """

    passthrough: pd.DataFrame
    features: pd.DataFrame
    sources: tuple[Mapping[str, Any], ...] = ()
    digest: str = ""
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def ids(self) -> list[str]:
        """Case IDs in the table's order."""
        return [str(case) for case in self.features.index]

    def frame(self) -> pd.DataFrame:
        """The table as it is written: `ID`, what passes through, the features."""
        columns = pd.concat([self.passthrough, self.features], axis=1)
        return columns.copy().rename_axis("ID").reset_index()  # a copy lies in one piece

    def pick(self, patterns: Sequence[str], never: Sequence[str] = ()) -> pd.DataFrame:
        """Columns that match any shell pattern, as features, in table order.

        A pattern is looked for among the features; one that matches none of them may name what passes
        through (`diameter_mm`), but what records the extraction by its full name alone.

        Args:
            patterns: names or patterns such as `original_*`.
            never: columns that must not be used to predict: the outcome, the groups. What another program calls its
                outcome must not either.

        Raises:
            TableError: a pattern matches nothing, or only such a column, or free text.
        """
        known = (*never, *outcomes(recognised(self._columns())))
        wanted = {column for pattern in patterns for column in self._matching(pattern, known)}
        columns = [
            c for part in (self.features, self.passthrough) for c in map(str, part.columns) if c in wanted
        ]
        return pd.concat([as_feature(self.column(column)) for column in columns], axis=1)

    def _matching(self, pattern: str, never: Sequence[str]) -> list[str]:
        programs = recognised(self._columns())
        for part in (self.features, self.passthrough):
            found = [str(column) for column in part.columns if matches(str(column), pattern, programs)]
            usable = [column for column in found if column not in never]
            if found and not usable:
                problem = f"{found[0]!r} is what is predicted, or groups cases: no feature"
                raise TableError(problem, "leave it out of the arm")
            if usable:
                return usable
        columns = self._columns()
        problem = f"no column matches {pattern!r}{did_you_mean(pattern, columns)}"
        raise TableError(problem, f"the table has {abridged(columns)}; {BY_FULL_NAME}")

    def _columns(self) -> list[str]:
        return [str(column) for column in (*self.features.columns, *self.passthrough.columns)]

    def column(self, name: str) -> pd.Series:
        """One column by name, wherever it stands.

        Raises:
            TableError: there is no such column.
        """
        for part in (self.passthrough, self.features):
            if name in part.columns:
                return part[name]
        columns = [str(column) for column in (*self.passthrough.columns, *self.features.columns)]
        problem = f"no column {name!r}{did_you_mean(name, columns)}"
        raise TableError(problem, f"the table has {abridged(columns)}")

    def stamp(self) -> str:
        """What to call features of random network weights ("untrained (random, seed 1)"), else ""."""
        stamps: dict[str, None] = {}
        for column in (
            str(name) for name in self.passthrough.columns if str(name).startswith(WEIGHTS_PREFIX)
        ):
            of_network = f"deep_{column.removeprefix(WEIGHTS_PREFIX)}_"
            if any(str(name).startswith(of_network) for name in self.features.columns):
                values = self.passthrough[column].dropna().astype("str")
                stamps |= dict.fromkeys(value for value in values if value.startswith(UNTRAINED))
        return "; ".join(stamps)


def read_features(source: str, *, outcome: str | None = None, patterns: Sequence[str] = ()) -> FeatureTable:
    """Read a feature table.

    Args:
        source: a path, or `-` for standard input.
        outcome: the column to predict; never a feature.
        patterns: shell patterns of the columns that are features; decided by `radcompare.tables.roles` if empty.

    Raises:
        TableError: not a table, no row, a repeated ID, no feature column, no outcome column, or a sidecar
            that does not fit the table.
    """
    where = shown_name(source)
    meta = read_meta(source)
    frame, digest = read_frame(source, text_by_name(meta))
    return replace(features_of(frame, meta, where, outcome, patterns), digest=digest)


def text_by_name(meta: Mapping[str, Any]) -> Callable[[str], bool]:
    """Which columns are text though their cells may look like numbers: IDs, and what the sidecar calls nominal."""
    return lambda column: is_id(column) or column in meta.get("levels", {})


def features_of(
    frame: pd.DataFrame,
    meta: Mapping[str, Any],
    where: str,
    outcome: str | None = None,
    patterns: Sequence[str] = (),
) -> FeatureTable:
    """The feature table that a table with its column of IDs is, if it has one; see `read_features`.

    Args:
        frame: as it stands in the file.
        meta: what the sidecar says.
        where: the table's name, for messages.
        outcome, patterns: as of `read_features`.

    Raises:
        TableError: as `read_features`.
    """
    refuse_empty(frame, where)
    naming = case_naming([str(column) for column in frame.columns])
    ids, id_notes = naming.ids(frame, where)
    frame = frame.drop(columns=list(naming.dropped)).set_index(ids)
    read = feature_table(frame, meta, where, outcome, patterns)
    return replace(read, notes=(*id_notes, *read.notes))


def feature_table(
    frame: pd.DataFrame,
    meta: Mapping[str, Any],
    where: str,
    outcome: str | None = None,
    patterns: Sequence[str] = (),
) -> FeatureTable:
    """Tell features from what passes through in a table that is indexed by ID; see `read_features`.

    Raises:
        TableError: as `read_features`, of all that is not about IDs.
    """
    if outcome is not None and outcome not in frame.columns:
        raise no_outcome(outcome, [str(column) for column in frame.columns], where)
    names, role_notes = feature_columns(frame, outcome, patterns, meta.get("features", ()), where)
    frame = with_levels(frame, meta.get("levels", {}), where)
    features = pd.concat([_feature(frame[name], where) for name in names], axis=1)
    notes = (*role_notes, *_infinity_notes(frame[names]))
    return FeatureTable(frame.drop(columns=names), features, tuple(meta.get("sources", ())), notes=notes)


def no_outcome(outcome: str, columns: Sequence[str], where: str) -> TableError:
    """What to raise where no column is called as the outcome is; the hint says what programs call theirs."""
    known = [f"{p.name} calls it {p.outcome}; " for p in recognised(columns) if p.outcome]
    problem = f"{where}: no outcome column {outcome!r}{did_you_mean(outcome, columns)}"
    return TableError(problem, f"{''.join(known)}the table has {abridged(columns)}")


def write_features(table: FeatureTable, path: Path, provenance: Mapping[str, Any]) -> None:
    """Write a table and, beside it, `NAME.meta.json` with its provenance."""
    write_frame(table.frame(), path)
    write_sidecar(table, path, provenance)


def write_sidecar(table: FeatureTable, path: Path, provenance: Mapping[str, Any]) -> None:
    """Write `NAME.meta.json` beside a table; of the table itself, no row is needed.

    The sidecar adds to the provenance: which columns are features, the levels of the nominal ones, where each
    came from, and the SHA-256 of what the table was read from.
    """
    nominal = table.features.select_dtypes("category")
    own = {
        "inputs": table.digest,
        "features": [str(column) for column in table.features.columns],
        "levels": {str(column): list(nominal[column].cat.categories) for column in nominal.columns},
        "sources": list(table.sources),
    }
    write_json(meta_path(path), {**provenance, **own})


def matrix(features: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Features as numbers.

    Returns:
        X of shape (cases, columns), nominal columns as codes from 0, missing as NaN; and for every column its
        number of levels, 0 for a numeric one.
    """
    columns = [_codes(features[column]) for column in features.columns]
    values = np.column_stack([c for c, _ in columns]) if columns else np.empty((len(features), 0))
    return values, np.array([levels for _, levels in columns], dtype=np.int64)


def _feature(column: pd.Series, where: str) -> pd.Series:
    try:
        return as_feature(column)
    except TableError as error:
        raise TableError(f"{where}: {error.message}", error.hint) from None


def _infinity_notes(features: pd.DataFrame) -> list[str]:
    numeric = features.select_dtypes("number").astype("float64")
    columns = [str(column) for column in numeric.columns[np.isinf(numeric.to_numpy()).any(axis=0)]]
    return [f"infinite values are taken as missing in {abridged(columns)}"] if columns else []


def _codes(column: pd.Series) -> tuple[NDArray[np.float64], int]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy().astype(np.float64)
        return np.where(codes < 0, np.nan, codes), len(column.cat.categories)
    return column.to_numpy(dtype=np.float64), 0
