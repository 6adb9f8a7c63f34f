"""An arm made of the predictions of other arms: combined case by case, within every repeat and fold."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.cnn_settings import How
from radcompare.errors import ConfigError, DataError, UnknownNameError
from radcompare.learning.combining import TIE, combined
from radcompare.tables.class_scores import classes_of
from radcompare.tables.predictions import (
    BOOTSTRAP,
    COLUMNS,
    CONFIGURATION,
    GROUP,
    PROBABILITY,
    STAMP,
    VARIANT,
    Configuration,
    Predictions,
)
from radcompare.tables.roles import abridged

_KEY = ["repeat", "ID"]
_DRAW = "draw"
"""Which time a case occurs in a repeat: inner folds of a bootstrap sample hold some of them several times."""
_AGREEING = {
    "y_true": "check the IDs",
    "fold": "combine arms of one evaluation, or drop the column fold from arms of one run",
    BOOTSTRAP: "combine arms of one evaluation",
    GROUP: "check the IDs",
}
"""What every member has to say alike of a case, and what to do where they do not."""
_SEED = re.compile(r"(.*?)\bseed \d+")
"""The variants that the seeds of a network are; before it, of a sweep, which network that is."""
_FLATTERED = (
    "weighted without weights: learned on the cases that they are scored on, they would flatter the ensemble",
    "fix them beforehand (--weight NAME=W), or make it an arm of an experiment with "
    "ensemble: {of: [...], how: weighted}, whose weights are learned on inner folds of the training cases",
)


@dataclass(frozen=True)
class Member:
    """One configuration that takes part.

    Attributes:
        configuration: which one.
        rows: its predictions, by repeat and case.
        others: how many further configurations of the arm do not take part.
    """

    configuration: Configuration
    rows: pd.DataFrame
    others: int = 0

    def __str__(self) -> str:
        variant = self.configuration.variant
        return f"arm {self.configuration.arm!r}" + (f", {variant}" if variant else "")

    def probabilities(self) -> pd.Series:
        """Its probabilities, or scores that are such; missing where it has neither of every case."""
        scores = self.rows["score"].astype("float64")
        if PROBABILITY in self.rows.columns and self.rows[PROBABILITY].notna().all():
            return self.rows[PROBABILITY].astype("float64")
        return scores if scores.between(0, 1).all() else scores * np.nan


@dataclass(frozen=True)
class Aligned:
    """Members side by side on the cases that all of them scored.

    Attributes:
        members: in the order of their arms.
        rows: what the first of them says of these cases; `STAMP` is that of all.
        probabilities: shape (members, rows); missing for the whole of a member that has none.
        predicted: same shape; missing where a member predicts no class.
        lost: cases that some member scored and another one did not, in some repeat.
    """

    members: tuple[Member, ...]
    rows: pd.DataFrame
    probabilities: NDArray[np.float64]
    predicted: NDArray[np.float64]
    lost: tuple[str, ...]


def ensemble_rows(
    predictions: pd.DataFrame,
    members: Sequence[str],
    name: str,
    how: How = "mean",
    weights: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """The rows of a new arm.

    Args:
        predictions: of all arms, as `tables.predictions` reads or checks them.
        members: arms to combine; see `members_of` for what of them takes part.
        name: of the new arm.
        how: by `learning.combining.combined`.
        weights: of arms, for `weighted`, fixed before these cases were seen; seeds of an arm share its weight.

    Returns:
        Columns as `predictions` has them, for every case and repeat that all members scored; the classifier is `how`.

    Raises:
        ConfigError: an unknown or repeated name, the name of an arm that is there already, or weights that cannot
            be used.
        DataError: members have no probabilities or classes, share no case, or contradict each other about one.
    """
    if how not in get_args(How):
        raise UnknownNameError("way to combine", how, get_args(How))
    known = predictions["arm"].unique()
    if name in known:
        raise ConfigError(f"there is an arm {name!r} already", "rename it, or leave it out")
    shares = _checked(weights, members, how)
    aligned = align(predictions, members)
    of_arm = [member.configuration.arm for member in aligned.members]
    each = None if shares is None else np.array([shares[arm] / of_arm.count(arm) for arm in of_arm])
    rows = combined_rows(aligned, name, how, each)
    first = [column for column in predictions.columns if column in rows.columns]
    return rows[[*first, *(column for column in rows.columns if column not in first)]]


def align(predictions: pd.DataFrame, arms: Sequence[str]) -> Aligned:
    """Members side by side, on the cases and repeats that all of them scored.

    Raises:
        ConfigError: an unknown or repeated name, or a single member.
        DataError: members share no case or contradict each other about one; more than two classes.
    """
    _refuse_classes(predictions)
    members = members_of(predictions, arms)
    shared, lost = _shared(members)
    aligned = [member.rows.reindex(shared) for member in members]
    _refuse_contradictions(members, aligned)
    rows = aligned[0].reset_index()
    return Aligned(
        members,
        rows.assign(**{STAMP: _stamps(aligned)}) if STAMP in rows.columns else rows,
        np.array([member.probabilities().reindex(shared) for member in members], dtype=np.float64),
        np.array([part["predicted"] for part in aligned], dtype=np.float64),
        lost,
    )


def members_of(predictions: pd.DataFrame, arms: Sequence[str]) -> tuple[Member, ...]:
    """What takes part: all seeds of a network, and of other arms the first configuration, their primary one.

    Raises:
        ConfigError: an unknown or repeated name, or a single member.
    """
    found: dict[str, list[Member]] = {}
    names = {name: predictions[name].fillna("") for name in CONFIGURATION if name in predictions.columns}
    for configuration, rows in Predictions(predictions.assign(**names)).configurations():
        drawn = rows.assign(**{_DRAW: rows.groupby(_KEY).cumcount()})
        member = Member(configuration, drawn.set_index([*_KEY, _DRAW]))
        found.setdefault(configuration.arm, []).append(member)
    for arm in arms:
        if arm not in found:
            raise UnknownNameError("arm", arm, found)
        if list(arms).count(arm) > 1:
            raise ConfigError(f"arm {arm!r} is named twice", "name it once; weights make one count for more")
    members = [member for arm in arms for member in _taking_part(found[arm])]
    if len(members) < 2:
        who = f"{members[0]} alone" if members else "no arm"
        raise ConfigError(f"{who} makes no ensemble", "name two arms or more, or one with several seeds")
    return tuple(members)


def combined_rows(
    aligned: Aligned, name: str, how: How, weights: NDArray[np.float64] | None = None
) -> pd.DataFrame:
    """The rows of a new arm, from members that are aligned and a weight for each of them, for `weighted`.

    Raises:
        DataError: a member has no probabilities, or, for a vote, no classes; or a weight cannot be used.
    """
    _refuse_without(aligned, how)
    predicted = np.nan_to_num(aligned.predicted).astype(np.int64)
    done = combined(aligned.probabilities, predicted, how, weights)
    made = {"score": done.score, "predicted": done.predicted, PROBABILITY: done.probability}
    named = {"arm": name, VARIANT: "", "selector": "", "k": "", "classifier": how}
    known = aligned.rows.columns
    kept = [column for column in (VARIANT, GROUP, STAMP, BOOTSTRAP) if column in known]
    return aligned.rows.assign(**named, **made)[[*COLUMNS, PROBABILITY, *kept]]


def remarks(aligned: Aligned, rows: pd.DataFrame) -> Iterator[str]:
    """What to know of an ensemble: who takes part where that is not plain, cases it lacks, ties.

    Args:
        aligned: its members.
        rows: what came of them.
    """
    of_arm: dict[str, list[Member]] = {}
    for member in aligned.members:
        of_arm.setdefault(member.configuration.arm, []).append(member)
    for arm, members in of_arm.items():
        if len(members) > 1:
            who = abridged([member.configuration.variant for member in members])
            yield f"arm {arm!r} takes part {len(members)} times: {who}"
        elif members[0].others:
            first, count = members[0].configuration, members[0].others + 1
            yield f"arm {arm!r} takes part with the first of its {count} configurations: {first}"
    if aligned.lost:
        who = abridged(aligned.lost)
        yield f"{len(aligned.lost)} cases are left out where not every member scored them: {who}"
    yield from _ties(rows)


def _ties(rows: pd.DataFrame) -> Iterator[str]:
    votes = rows["classifier"] == "vote"
    ties = int((votes & (rows["score"] == TIE)).sum())
    if ties:
        yield (
            f"{ties} of {votes.sum()} votes are tied: they go by the mean probability, and are negative without one"
        )


def _taking_part(configurations: Sequence[Member]) -> list[Member]:
    """All seeds of the first network among an arm's configurations, with the first of each; or the first alone."""
    seeds: dict[str, Member] = {}
    network = None
    for member in configurations:
        match = _SEED.fullmatch(member.configuration.variant)
        if match is not None:
            network = match[1] if network is None else network
            if match[1] == network:
                seeds.setdefault(member.configuration.variant, member)
    first = configurations[0]
    return list(seeds.values()) or [Member(first.configuration, first.rows, len(configurations) - 1)]


def _refuse_classes(predictions: pd.DataFrame) -> None:
    classes = classes_of(predictions.columns)
    if classes:
        problem = f"ensembles are of two classes, and here are {len(classes)}: {', '.join(classes)}"
        raise DataError(problem, "give predictions of one class against the others")


def _shared(members: Sequence[Member]) -> tuple[pd.Index, tuple[str, ...]]:
    """Repeats and cases that every member has, in the order of the first; and cases that not every member has."""
    shared = every = members[0].rows.index
    for member in members[1:]:
        shared = shared[shared.isin(member.rows.index)]
        every = every.append(member.rows.index[~member.rows.index.isin(every)])
    if shared.empty:
        who = abridged(map(str, members))
        raise DataError(
            f"no case was scored by all members: {who}", "name arms of the same cases and repeats"
        )
    lost = every[~every.isin(shared)].get_level_values("ID")
    return shared, tuple(dict.fromkeys(map(str, lost)))


def _refuse_contradictions(members: Sequence[Member], aligned: Sequence[pd.DataFrame]) -> None:
    """Refuse members that do not say the same of a case's outcome, fold or group."""
    for column in filter(aligned[0].columns.__contains__, _AGREEING):
        for member, rows in zip(members, aligned, strict=True):
            differs = (rows[column] != aligned[0][column]).to_numpy()
            if differs.any():
                at = int(differs.argmax())
                case, (one, other) = rows.index[at][1], (part[column].iloc[at] for part in (aligned[0], rows))
                problem = f"case {case!r} has {column} {one} in {members[0]} and {other} in {member}"
                raise DataError(problem, _AGREEING[column])


def _refuse_without(aligned: Aligned, how: How) -> None:
    """Refuse a member that lacks what is to be combined."""
    needed = aligned.predicted if how == "vote" else aligned.probabilities
    for member, values in zip(aligned.members, needed, strict=True):
        if np.isnan(values).any() and how == "vote":
            problem = f"vote: {member} has no `predicted` of some cases"
            raise DataError(problem, "give the column `predicted` (0 or 1), or leave that arm out")
        if np.isnan(values).any():
            raise DataError(
                f"{how}: {member} has no `probability` of every case, and scores outside 0 to 1",
                "combine by vote, or give that arm a classifier with probabilities",
            )


def _stamps(aligned: Sequence[pd.DataFrame]) -> str:
    texts = [text for rows in aligned for text in rows[STAMP].fillna("").astype(str).unique()]
    return "; ".join(dict.fromkeys(stamp for text in texts for stamp in text.split("; ") if stamp))


def _checked(
    weights: Mapping[str, float] | None, members: Sequence[str], how: How
) -> Mapping[str, float] | None:
    """Weights that can be used, for an ensemble that has any."""
    if how != "weighted" and weights:
        raise ConfigError(f"{how}: weights are for `weighted`", "drop them, or combine by `weighted`")
    if how != "weighted":
        return None
    if not weights:
        raise ConfigError(*_FLATTERED)
    missing = [arm for arm in members if arm not in weights]
    for arm, weight in weights.items():
        _refuse_weight(arm, weight, members)
    if missing:
        raise ConfigError(f"no weight of {', '.join(map(repr, missing))}", "0 leaves an arm out of the mean")
    if not any(weights.values()):
        raise ConfigError("all weights are 0", "give some arm a weight")
    return weights


def _refuse_weight(arm: str, weight: float, members: Sequence[str]) -> None:
    if arm not in members:
        raise UnknownNameError("arm to weigh", arm, members)
    if not (math.isfinite(weight) and weight >= 0):
        raise ConfigError(f"the weight of {arm!r} is {weight:g}", "give a finite number of 0 and more")
