"""Predictions: one score per case, arm, configuration and repeat. Rows of any other program are welcome."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from radcompare.errors import TableError, did_you_mean
from radcompare.tables.class_scores import PREFIX, classes_of, refuse_few, with_classes
from radcompare.tables.files import is_id, read_frame, refuse_empty, shown_name, with_named_ids
from radcompare.tables.kept_types import as_from_csv

NEEDED = ("ID", "arm", "y_true", "score")
COLUMNS = ("ID", "arm", "selector", "k", "classifier", "repeat", "fold", "y_true", "score", "predicted")
VARIANT = "variant"
"""Optional: which of a sweep over feature sources an arm's features are of."""
CONFIGURATION = ("arm", VARIANT, "selector", "k", "classifier")
"""The columns that tell one way to run an arm from another."""
GROUP = "group"
"""Optional: cases of equal group (lesions of one patient) are not independent."""
STAMP = "untrained"
"""Optional: the stamp of random network weights that the arm's features came from."""
PROBABILITY = "probability"
"""Optional: the probability of the positive class, where a score is or stands for one."""
BOOTSTRAP = "bootstrap"
"""Optional, of a bootstrap: whether the case was left out of the sample that trained, or is one of those that did."""
LEFT_OUT, APPARENT = "left out", "apparent"
NESTED = "nested"
"""The selector and classifier of configurations that an inner loop picked."""
_NAMES = (*CONFIGURATION, GROUP, STAMP, BOOTSTRAP)
"""Columns of text, though a name may look like a number."""
_NO_CONFIGURATION: dict[str, str | int] = {
    **dict.fromkeys((VARIANT, "selector", "k", "classifier"), ""),
    **dict.fromkeys(("repeat", "fold"), 0),
}


@dataclass(frozen=True)
class Configuration:
    """One way to run an arm."""

    arm: str
    selector: str = ""
    k: str = ""
    classifier: str = ""
    variant: str = ""

    def __str__(self) -> str:
        parts = [self.variant, self.selector + (f":{self.k}" if self.k else ""), self.classifier]
        return " + ".join((self.arm, *(part for part in parts if part)))


@dataclass(frozen=True)
class Predictions:
    """Predictions of all arms on the same cases.

    Attributes:
        frame: the columns of `COLUMNS` and any others; `y_true` 0 or 1, `score` finite, larger for positive;
            `predicted` 0, 1 or missing.
        notes: what the reader filled in.
        classes: their names where there are more than two: then `y_true` and `predicted` are such names, and
            `score_CLASS` takes the place of `score`.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    def configurations(self) -> Iterator[tuple[Configuration, pd.DataFrame]]:
        """Rows of every configuration, in the order in which they first occur."""
        names = [name for name in CONFIGURATION if name in self.frame.columns]
        for values, rows in self.frame.groupby(names, sort=False):
            yield Configuration(**{n: str(value) for n, value in zip(names, values, strict=True)}), rows


def read_predictions(source: str) -> Predictions:
    """Read a predictions file.

    Raises:
        TableError: a needed column is missing or empty, a score or outcome cannot be used, a case occurs
            twice in one run of one configuration, or its outcome differs between rows.
    """
    frame, _ = read_frame(source, _is_text)
    return checked_predictions(as_from_csv(frame, _is_text), shown_name(source))


def _is_text(column: str) -> bool:
    return is_id(column) or column in _NAMES


def checked_predictions(frame: pd.DataFrame, where: str) -> Predictions:
    """Check a frame of predictions and fill in what a single run of another program need not say."""
    if any(is_id(column) for column in frame.columns):
        frame = with_named_ids(frame)
    classes = classes_of(frame.columns)
    for column in NEEDED:
        if column not in frame.columns and not (classes and column == "score"):
            near = did_you_mean(column, map(str, frame.columns))
            found = ", ".join(map(str, frame.columns))
            hint = (
                f"predictions need {', '.join(NEEDED)}; `predicted` as well for accuracy at a cut of its own; "
                "score_CLASS in place of score for each of three classes and more"
            )
            raise TableError(f"{where}: no column {column!r}{near}; found {found}", hint)
    refuse_empty(frame, where)
    frame = frame.assign(**{name: _filled(frame, name, value) for name, value in _NO_CONFIGURATION.items()})
    frame = frame.assign(**{name: _text(frame, name, where) for name in ("ID", "arm")})
    frame["k"] = frame["k"].map(_plain_k)
    frame = _with_groups(frame, where)
    _refuse_foreign_bootstrap(frame, where)
    if classes:
        if BOOTSTRAP in frame.columns:
            raise TableError(f"{where}: .632+ is for two classes, and here are {len(classes)}", "use folds")
        refuse_few(classes, where)
        scores = [PREFIX + name for name in classes]
        frame = frame.assign(**{score: _finite(frame, score, where) for score in scores})
        frame, notes = with_classes(frame, classes, list(CONFIGURATION), where)
    else:
        frame, notes = _with_two_classes(frame, where)
    _refuse_repeated(frame, where)
    _refuse_two_truths(frame, where)
    if not frame[VARIANT].any():
        frame = frame.drop(columns=VARIANT)
    order = ("ID", *CONFIGURATION, *COLUMNS)
    first = [column for column in dict.fromkeys(order) if column in frame.columns]
    others = [column for column in frame.columns if column not in order]
    return Predictions(frame[[*first, *others]].reset_index(drop=True), notes, classes)


def _with_two_classes(frame: pd.DataFrame, where: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    frame["y_true"] = _binary(frame, "y_true", where)
    frame["score"] = _finite(frame, "score", where)
    return _with_predicted(_with_probability(frame, where), where)


def _filled(frame: pd.DataFrame, name: str, value: str | int) -> pd.Series:
    if name not in frame.columns:
        return pd.Series([value] * len(frame), index=frame.index)
    if isinstance(value, str):
        return frame[name].astype("object").fillna(value).astype("str")
    return frame[name].fillna(value)


def _with_groups(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """Groups as text: of every case, or of none."""
    if GROUP not in frame.columns:
        return frame
    if frame[GROUP].isna().all():
        return frame.drop(columns=GROUP)
    return frame.assign(**{GROUP: _text(frame, GROUP, where)})


def _refuse_foreign_bootstrap(frame: pd.DataFrame, where: str) -> None:
    if BOOTSTRAP not in frame.columns:
        return
    wrong = ~frame[BOOTSTRAP].isin([LEFT_OUT, APPARENT]).to_numpy()
    if wrong.any():
        row = int(wrong.argmax())
        found = _cell(frame, BOOTSTRAP, row)
        problem = f"{where}, row {row + 2}: {BOOTSTRAP} is {found}, expected {LEFT_OUT!r} or {APPARENT!r}"
        raise TableError(problem, "drop the column unless the scores come from a bootstrap")


def _text(frame: pd.DataFrame, column: str, where: str) -> pd.Series:
    text = frame[column].astype("str").str.strip()
    empty = (frame[column].isna() | (text == "")).to_numpy()
    if empty.any():
        problem = f"{where}, row {int(empty.argmax()) + 2}: {column} is empty"
        raise TableError(problem, f"every row needs its {column}")
    return text


def _plain_k(value: object) -> str:
    text = str(value)
    return text.removesuffix(".0")


def _binary(frame: pd.DataFrame, column: str, where: str) -> pd.Series:
    numbers = _as_numbers(frame[column])
    _refuse_cell(frame, column, ~numbers.isin([0, 1]), where)
    return numbers.astype("int64")


def _refuse_cell(frame: pd.DataFrame, column: str, wrong: pd.Series, where: str) -> None:
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        problem = f"{where}, row {row + 2}: {column} is {_cell(frame, column, row)}, expected 0 or 1"
        raise TableError(problem, f"code {column} as 0 (negative) and 1 (positive)")


def _finite(frame: pd.DataFrame, column: str, where: str) -> pd.Series:
    scores = _as_numbers(frame[column])
    wrong = ~np.isfinite(scores.to_numpy())
    if wrong.any():
        row = int(wrong.argmax())
        who = f"case {frame['ID'].iloc[row]!r} of arm {frame['arm'].iloc[row]!r}"
        found = _cell(frame, column, row)
        problem = f"{where}, row {row + 2}: the {column} of {who} is {found}, expected a finite number"
        raise TableError(problem, "remove the case, or give it a score")
    return scores


def _as_numbers(column: pd.Series) -> pd.Series:
    """Missing where there is no number; beyond what a float can hold, as with `1e999`, infinite."""
    try:
        return pd.to_numeric(column, errors="coerce").astype("float64")
    except OverflowError:  # a whole number of hundreds of digits
        return column.map(_as_number).astype("float64")


def _as_number(cell: object) -> float:
    try:
        return float(str(cell))
    except ValueError:
        return np.nan


def _cell(frame: pd.DataFrame, column: str, row: int) -> str:
    """What a message shows of a cell."""
    value = frame[column].iloc[row]
    return "empty" if pd.isna(value) else repr(str(value))


def _with_predicted(frame: pd.DataFrame, where: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Fill in `predicted` by a cut at 0.5, for configurations without any whose scores are all within 0 and 1."""
    if "predicted" not in frame.columns:
        frame = frame.assign(predicted=np.nan)
    runs = [frame[key] for key in CONFIGURATION]
    given = frame["predicted"].notna().groupby(runs).transform("any")
    numbers = _as_numbers(frame["predicted"])
    _refuse_cell(frame, "predicted", given & ~numbers.isin([0, 1]), where)
    if given.all():
        return frame.assign(predicted=numbers.astype("int64")), ()
    within = frame["score"].between(0, 1).groupby(runs).transform("all")
    cut = (frame["score"] >= 0.5).astype("float64").where(within)
    notes = []
    if (within & ~given).any():
        arms = ", ".join(frame.loc[within & ~given, "arm"].unique())
        notes.append(f"no `predicted` for {arms}: scores of 0.5 and more count as positive")
    if (~within & ~given).any():
        arms = ", ".join(frame.loc[~within & ~given, "arm"].unique())
        notes.append(f"no accuracy for {arms}: scores outside 0 to 1 have no agreed cut")
    return frame.assign(predicted=numbers.where(given, cut)), tuple(notes)


def _with_probability(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """Probabilities as they are given; where there is no such column, scores of a configuration within 0 and 1."""
    if PROBABILITY not in frame.columns:
        within = frame["score"].between(0, 1).groupby([frame[key] for key in CONFIGURATION]).transform("all")
        return frame.assign(**{PROBABILITY: frame["score"].where(within)})
    numbers = _as_numbers(frame[PROBABILITY])
    wrong = (~numbers.between(0, 1) & frame[PROBABILITY].notna()).to_numpy()
    if wrong.any():
        row = int(wrong.argmax())
        found = _cell(frame, PROBABILITY, row)
        problem = f"{where}, row {row + 2}: {PROBABILITY} is {found}, expected 0 to 1, or nothing"
        raise TableError(problem, "give the probability of the positive class, or drop the column")
    return frame.assign(**{PROBABILITY: numbers})


def _refuse_repeated(frame: pd.DataFrame, where: str) -> None:
    repeated = frame.duplicated(["ID", *CONFIGURATION, "repeat"]).to_numpy()
    if repeated.any():
        number = int(repeated.argmax())
        row = frame.iloc[number]
        who = f"case {row['ID']!r} occurs twice in one run of arm {row['arm']!r}"
        hint = "one score per case and run; number repeats in a column `repeat`"
        raise TableError(f"{where}, row {number + 2}: {who}", hint)


def _refuse_two_truths(frame: pd.DataFrame, where: str) -> None:
    truths = frame.groupby("ID")["y_true"].nunique()
    if (truths > 1).any():
        case = truths.idxmax()
        first, second, *_ = frame.loc[frame["ID"] == case, "y_true"].drop_duplicates().sort_values()
        problem = f"{where}: case {case!r} has y_true {first} in one row and {second} in another"
        raise TableError(problem, "check the IDs")
