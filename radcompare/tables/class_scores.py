"""Predictions of more than two classes: a score per class in columns `score_CLASS`, the class itself in `y_true`."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from radcompare.errors import TableError

PREFIX = "score_"
FEWEST = 3
HIGHEST = "the class with the highest score counts as predicted"


def classes_of(columns: Iterable[object]) -> tuple[str, ...]:
    """The classes that columns `score_CLASS` name, where they stand in place of a column `score`; else none."""
    names = [str(column) for column in columns]
    if "score" in names:
        return ()
    return tuple(name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX) and name != PREFIX)


def refuse_few(classes: tuple[str, ...], where: str) -> None:
    """Two classes have one score.

    Raises:
        TableError: fewer than three classes.
    """
    if len(classes) < FEWEST:
        found = ", ".join(PREFIX + name for name in classes)
        raise TableError(
            f"{where}: expected a column `score`, or scores of three classes and more, found {found}",
            "two classes have one column `score`, of the positive class, and y_true 0 or 1",
        )


def with_classes(
    frame: pd.DataFrame, classes: tuple[str, ...], configuration: list[str], where: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Outcomes and predicted classes as text.

    Args:
        frame: `arm`, `y_true`, the scores as numbers and perhaps `predicted`.
        classes: the names of the classes.
        configuration: the columns that tell one way to run an arm from another; each predicts classes or does not.
        where: the name of the file, for messages.

    Returns:
        The frame, and what was filled in.

    Raises:
        TableError: a class that has no scores.
    """
    frame = frame.assign(y_true=_named(frame, "y_true", classes, where))
    if "predicted" not in frame.columns:
        frame = frame.assign(predicted=None)
    given = frame["predicted"].notna().groupby([frame[key] for key in configuration]).transform("any")
    highest = pd.Series(
        np.array(classes)[frame[[PREFIX + name for name in classes]].to_numpy().argmax(axis=1)],
        index=frame.index,
    )
    called = _named(frame, "predicted", classes, where, needed=given).where(given, highest)
    if given.all():
        return frame.assign(predicted=called), ()
    arms = ", ".join(frame.loc[~given, "arm"].unique())
    return frame.assign(predicted=called), (f"no `predicted` for {arms}: {HIGHEST}",)


def _named(
    frame: pd.DataFrame,
    column: str,
    classes: tuple[str, ...],
    where: str,
    needed: pd.Series | bool = True,
) -> pd.Series:
    # A column of whole numbers with a gap is read as 1.0, 2.0.
    names = frame[column].astype("str").str.strip().str.removesuffix(".0")
    wrong = (needed & (frame[column].isna() | ~names.isin(classes))).to_numpy()
    if wrong.any():
        row = int(wrong.argmax())
        found = "empty" if pd.isna(frame[column].iloc[row]) else repr(names.iloc[row])
        problem = f"{where}, row {row + 2}: {column} is {found}, expected {', '.join(classes)}"
        raise TableError(problem, f"name the class as in its column of scores, {PREFIX}{classes[0]}")
    return names
