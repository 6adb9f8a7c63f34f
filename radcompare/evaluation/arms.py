"""All arms over the same folds.

A case that an arm cannot score (a feature source lost it) is left out of that arm alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain

import numpy as np
import pandas as pd

from radcompare.cache import Cache
from radcompare.classifier_settings import ClassifierSettings, NaiveBayes
from radcompare.config import Arm, Selection, Validation
from radcompare.evaluation.divisions import Division, divide
from radcompare.evaluation.ensemble_arm import ensemble_arm
from radcompare.evaluation.fold import Task, fold_seed, known_scores, problem_of, within
from radcompare.evaluation.nested import Fit, run_nested
from radcompare.evaluation.rows import CHOSEN, SELECTED, ArmRows, arm_rows
from radcompare.evaluation.score_arm import score_arm
from radcompare.evaluation.study import Available, Study, available
from radcompare.learning.splits import inner_folds
from radcompare.parallel import Progress, each, silent, width
from radcompare.selection.choosing import shares_folds
from radcompare.selection.remarks import few_neighbours, unvarying
from radcompare.tables.case import Failure
from radcompare.tables.predictions import (
    APPARENT,
    BOOTSTRAP,
    GROUP,
    LEFT_OUT,
    STAMP,
    VARIANT,
    Predictions,
    checked_predictions,
)
from radcompare.tables.results import Stability

NOTHING_KEPT = Cache(None)
NOTHING_TO_CHOOSE = "no arm has a second selection or classifier: the inner loop had nothing to choose from"


@dataclass(frozen=True)
class Evaluation:
    """Predictions of all arms, and how they came about.

    Attributes:
        predictions: every arm, configuration, repeat and fold.
        selected: the features that every fold kept; columns of `evaluation.rows.SELECTED`.
        chosen: what the inner loop of every fold picked; columns of `evaluation.rows.CHOSEN`.
        stability: how alike the kept features are.
        notes: rules that were applied to the data, for the user to know.
        curves: learning curves of networks; columns of `evaluation.cnn_arm.CURVES`.
        failures: test cases of folds in which no network could be trained.
    """

    predictions: Predictions
    selected: pd.DataFrame
    chosen: pd.DataFrame
    stability: tuple[Stability, ...]
    notes: tuple[str, ...]
    curves: pd.DataFrame = field(default_factory=pd.DataFrame)
    failures: tuple[Failure, ...] = ()


def evaluate(
    study: Study,
    arms: Mapping[str, Arm],
    validation: Validation,
    *,
    select: Sequence[Selection] = (Selection(),),
    classifiers: Sequence[ClassifierSettings] = (NaiveBayes(),),
    seed: int = 1,
    cache: Cache = NOTHING_KEPT,
    jobs: int = 1,
    progress: Progress = silent,
) -> Evaluation:
    """Run every arm over the same folds.

    Args:
        study: cases, outcome and features.
        arms: what to compare.
        validation: how the cases are divided.
        select, classifiers: for arms that do not say themselves.
        seed: of the folds and of every classifier that draws numbers.
        cache: where trained networks' answers are kept.
        jobs: number of processes; the result does not depend on it.
        progress: told after every fold.

    Raises:
        DataError: the folds cannot be made, an arm is left with one class, or a column does not exist.
    """
    division = divide(study, validation, seed=seed)
    run = partial(_run_arm, study, seed=seed, cache=cache, jobs=jobs, progress=progress)
    filled = {name: _with_defaults(arm, select, classifiers) for name, arm in arms.items()}
    done = {
        name: _as_variant(run(division, name, arm), name, arm)
        for name, arm in filled.items()
        if arm.ensemble is None
    }
    alone = pd.concat([part.predictions for part in done.values()], ignore_index=True)
    ensembles = {
        name: ensemble_arm(alone, study, division, name, arm.ensemble, filled, run, seed=seed)
        for name, arm in filled.items()
        if arm.ensemble is not None
    }
    parts = [(done | ensembles)[name] for name in arms]
    frame = pd.concat([part.predictions for part in parts], ignore_index=True)
    chosen = _stacked(CHOSEN, [part.chosen for part in parts])
    told = chain.from_iterable(part.notes for part, arm in zip(parts, primary_ones(arms), strict=True) if arm)
    idle = (NOTHING_TO_CHOOSE,) if division.inner is not None and not len(chosen) else ()
    return Evaluation(
        _checked(frame, study, division),
        _stacked(SELECTED, [part.selected for part in parts]),
        chosen,
        tuple(chain.from_iterable(part.stability for part in parts)),
        (*_coding_note(study.outcome.classes), *division.notes, *told, *idle),
        _stacked((), [part.curves for part in parts if len(part.curves)]),
        tuple(chain.from_iterable(part.failures for part in parts)),
    )


def primary_ones(arms: Mapping[str, Arm]) -> list[bool]:
    """Whether an arm is none of a sweep's further variants: what there is to note of those would fill pages."""
    shown = [arm.variant_of or name for name, arm in arms.items()]
    return [name not in shown[:number] for number, name in enumerate(shown)]


def _as_variant(rows: ArmRows, name: str, arm: Arm) -> ArmRows:
    """The rows of an arm written out of a sweep, as a configuration of the arm in the file."""
    if arm.variant_of is None:
        return rows
    variant = name.removeprefix(arm.variant_of).strip()
    frame = rows.predictions
    seeds = frame[VARIANT] if VARIANT in frame.columns else ""  # of a network
    named = (pd.Series(variant, frame.index) + " " + seeds).str.strip()
    return replace(rows, predictions=frame.assign(arm=arm.variant_of, **{VARIANT: named}))


def _stacked(columns: Sequence[str], frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([pd.DataFrame(columns=list(columns)), *frames], ignore_index=True)


def _coding_note(classes: tuple[str, ...]) -> tuple[str, ...]:
    """Which class counts as positive, where the outcome's own values do not say it."""
    if classes == ("0", "1"):
        return ()
    return (f"positive (1) is {classes[1]}, negative (0) is {classes[0]}",)


def _with_defaults(arm: Arm, select: Sequence[Selection], classifiers: Sequence[ClassifierSettings]) -> Arm:
    """The arm with every configuration spelled out."""
    if arm.score is not None or arm.ensemble is not None or (arm.cnn is not None and not arm.cnn.layer):
        return arm
    selections = arm.select or (() if arm.select_each else tuple(select))
    return arm.model_copy(update={"select": selections, "classifiers": arm.classifiers or tuple(classifiers)})


def _run_arm(
    study: Study,
    division: Division,
    name: str,
    arm: Arm,
    *,
    seed: int,
    cache: Cache,
    jobs: int,
    progress: Progress,
) -> ArmRows:
    if arm.score is not None:
        return score_arm(study, name, arm.score, division.folds)
    if arm.cnn is not None:
        from radcompare.evaluation.cnn_arm import cnn_arm  # and torch with it

        return cnn_arm(study, division, name, arm, seed=seed, cache=cache, jobs=jobs, progress=progress)
    usable = available(study, name, arm.sources)
    tasks = _tasks(study, division, seed, usable, name, arm)
    if any(shares_folds(selection) for selection in tasks[0].selections):
        what = f"{name}: scores"
        known = chain.from_iterable(
            each(known_scores, _batches(tasks, width(jobs)), jobs=jobs, what=what, progress=progress)
        )
        tasks = [replace(task, known=of_fold) for task, of_fold in zip(tasks, known, strict=True)]
    fits: list[Fit] = list(each(run_nested, tasks, jobs=jobs, what=f"{name}: folds", progress=progress))
    rows = arm_rows(study, name, usable, fits, study.stamp(arm.sources), tasks[0].metric)
    return replace(rows, notes=(*_remarks(name, usable, tasks), *rows.notes))


def _remarks(name: str, usable: Available, tasks: Sequence[Task]) -> Iterator[str]:
    """What to know of an arm's features and classes before anything is learned."""
    problem = tasks[0].problem
    smallest = min(int(np.bincount(problem.y[task.fold.train]).min()) for task in tasks)
    for remark in (
        *unvarying(problem.X, [str(column) for column in usable.columns.columns.get_level_values(1)]),
        *chain.from_iterable(few_neighbours(selection, smallest) for selection in tasks[0].selections),
    ):
        yield f"arm {name!r}: {remark}"


def _tasks(study: Study, division: Division, seed: int, usable: Available, name: str, arm: Arm) -> list[Task]:
    """A task for every fold; with an inner loop where the arm has configurations to choose from."""
    problem = problem_of(study, usable, division.groups)
    selections = arm.select or arm.select_each
    task = partial(
        Task, problem, selections=selections, classifiers=arm.classifiers, by_source=bool(arm.select_each)
    )
    tasks = [
        task(fold=fold, seed=fold_seed(seed, fold))
        for fold in within(division.folds, usable, problem.y, name)
    ]
    if division.inner is None or len(selections) * len(arm.classifiers) == 1:
        return tasks
    inner = partial(inner_folds, division.inner, y=problem.y, groups=problem.groups)
    return [
        replace(one, inner=tuple(inner(one.fold, seed=one.seed)), metric=division.inner.metric)
        for one in tasks
    ]


def _batches(tasks: Sequence[Task], jobs: int) -> list[Sequence[Task]]:
    """Neighbouring tasks together, a batch for every process."""
    size = -(-len(tasks) // jobs)
    return [tasks[start : start + size] for start in range(0, len(tasks), size)]


def _checked(frame: pd.DataFrame, study: Study, division: Division) -> Predictions:
    """The predictions by their own rules, with the groups and the stamps where there are any."""
    if STAMP in frame.columns and not frame[STAMP].fillna("").any():
        frame = frame.drop(columns=STAMP)
    if division.groups is not None:
        of_case = dict(zip(study.columns.index, division.groups, strict=True))
        frame = frame.assign(**{GROUP: frame["ID"].map(of_case)})
    apparent = [fold.repeat for fold in division.folds if fold.apparent]
    if apparent:
        frame = frame.assign(**{BOOTSTRAP: np.where(frame["repeat"].isin(apparent), APPARENT, LEFT_OUT)})
    return checked_predictions(frame, "predictions")
