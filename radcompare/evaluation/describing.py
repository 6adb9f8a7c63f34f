"""What became of the cases, and how the features of merged sources go together: described, never learned from."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from radcompare.config import Arm
from radcompare.evaluation.study import Study
from radcompare.tables.case import Failure
from radcompare.tables.descriptive import Correlation, Flow, Loss
from radcompare.tables.predictions import Predictions
from radcompare.tables.results import Stability

SHOWN = 15
"""Features of a source in a correlation matrix: more could not be read."""
LACKING = "no features of it"
NAMED = 3
"""Stages that one loss names; a sweep has dozens."""


def flow_of(
    study: Study, outcome: str, groups: str | None, predictions: Predictions, failures: Sequence[Failure]
) -> Flow:
    """How many cases came in, were lost and were scored.

    Args:
        study: the cases and their outcome.
        outcome, groups: names of columns; None without groups.
        predictions: of all arms.
        failures: of every measurement and training.
    """
    labels = study.labels(groups, "groups")
    counts = np.bincount(study.outcome.codes, minlength=len(study.outcome.classes))
    scored: dict[str, set[str]] = {}
    for configuration, rows in predictions.configurations():
        scored.setdefault(configuration.arm, set(rows["ID"].astype("str")))
    problems = _problems(study, failures)
    seen = set().union(*scored.values(), *problems.values())
    return Flow(
        cases=len(study.columns),
        groups=None if labels is None else len(set(labels)),
        outcome=outcome,
        classes=tuple(zip(study.outcome.classes, counts.tolist(), strict=True)),
        losses=tuple(_losses(problems)),
        scored=tuple((arm, len(cases)) for arm, cases in scored.items()),
        common=len(set.intersection(*scored.values())) if scored else 0,
        only_trained=len(set(map(str, study.columns.index)) - seen),
    )


def _losses(by_stage: Mapping[str, Mapping[str, str]]) -> Iterator[Loss]:
    """What was lost by the stages; those that lost the same cases for the same reason are told together."""
    together: dict[tuple[frozenset[str], str], list[str]] = {}
    for stage, problems in by_stage.items():
        together.setdefault((frozenset(problems), _most_common(problems)), []).append(stage)
    for (cases, reason), stages in together.items():
        more = f" and {len(stages) - NAMED} more" if len(stages) > NAMED else ""
        yield Loss(", ".join(stages[:NAMED]) + more, len(cases), reason)


def _problems(study: Study, failures: Sequence[Failure]) -> dict[str, dict[str, str]]:
    """By stage, the cases that failed and those that a table of features never had, with the reason."""
    found: dict[str, dict[str, str]] = {}
    for failure in failures:
        found.setdefault(failure.stage, {})[failure.ID] = failure.problem
    for name, features in study.sources.items():
        known = found.get(name, {})
        lacking = study.columns.index.difference(features.index).difference(list(known))
        if len(lacking):
            found[name] = known | dict.fromkeys(map(str, lacking), LACKING)
    return found


def _most_common(problems: Mapping[str, str]) -> str:
    """The reason that most cases share, less the file or number that differs from case to case."""
    reasons = Counter(problem.rpartition(": ")[2] or problem for problem in problems.values())
    reason, times = reasons.most_common(1)[0]
    return reason if times == len(problems) else f"{reason} ({times}), and other reasons"


def correlation_of(
    study: Study, arms: Mapping[str, Arm], stability: Sequence[Stability]
) -> Correlation | None:
    """Spearman's correlation between features of the first arm that merges sources.

    Of each source the features that the folds of this arm kept most often, and after them those that arms with this
    source alone kept most often, up to `SHOWN`. Over all cases that have them: nothing is learned from it.
    """
    merged = next((name for name, arm in arms.items() if len(arm.sources) > 1), None)
    if merged is None:
        return None
    frames: dict[str, pd.DataFrame] = {}
    known: set[str] = set()  # a column of several sources is the first one's, as in the arm
    for source in arms[merged].sources:
        features = study.sources[source]
        own = features[[column for column in features.columns if column not in known]]
        known.update(map(str, features.columns))
        if columns := _most_kept(own, merged, source, arms, stability):
            frames[source] = own[columns]
    if len(frames) < 2:
        return None
    table = pd.concat(frames, axis=1, join="inner").dropna()
    if len(table) < 3:
        return None
    return Correlation(
        arm=merged,
        features=tuple(map(str, table.columns.get_level_values(1))),
        sources=tuple(map(str, table.columns.get_level_values(0))),
        values=_spearman(table),
        cases=len(table),
    )


def _most_kept(
    features: pd.DataFrame, merged: str, source: str, arms: Mapping[str, Arm], stability: Sequence[Stability]
) -> list[str]:
    """Numeric columns of a source, the most often kept first."""
    shares = [entry.frequency for entry in stability if entry.arm == merged]
    shares += [
        entry.frequency
        for entry in stability
        if entry.arm in arms and tuple(arms[entry.arm].sources) == (source,)
    ]
    ranked = dict.fromkeys(name for frequency in shares for name, _ in frequency)
    numeric = set(map(str, features.select_dtypes("number").columns))
    return [name for name in ranked if name in numeric][:SHOWN]


def _spearman(table: pd.DataFrame) -> tuple[tuple[float | None, ...], ...]:
    """Rank correlations to four decimals, which is finer than any colour."""
    values = table.rank().corr().to_numpy()
    return tuple(
        tuple(None if np.isnan(value) else round(float(value), 4) for value in row) for row in values
    )
