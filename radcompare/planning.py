"""What an experiment or an extraction will compute, and roughly how long it will take.

Sources are timed on a few cases of usual size, without the cache; fits on random numbers in place of features, with
half of the cases. Both are estimates of this machine as busy as it is now.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from radcompare.cache import Cache
from radcompare.checking import Check, check_cohort
from radcompare.config import ColumnsSource, Experiment, RadiomicsSource
from radcompare.errors import RadcompareError
from radcompare.evaluation.divisions import divide
from radcompare.evaluation.material import cases_of, existing_columns, starting_table, with_sources
from radcompare.evaluation.permuting import Work
from radcompare.experiment import pipeline_of
from radcompare.extraction import extract
from radcompare.parallel import Progress, silent
from radcompare.source_settings import DeepSource
from radcompare.tables.case import Problem
from radcompare.tables.cohort import Cohort
from radcompare.tables.features import FeatureTable

TIMED = 4
"""Cases on which a source is timed."""
TRIAL = {"scheme": "kfold", "folds": 2, "repeats": 1, "groups": None, "train": None, "test": None}
"""The validation in which fits are timed, with the inner loop that is asked for."""


@dataclass(frozen=True)
class Plan:
    """What is to come.

    Attributes:
        lines: in words, one thing each.
        seconds: of all that could be timed, with one process.
    """

    lines: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Timed:
    """What a source costs.

    Attributes:
        columns: how many features.
        seconds: for all cases.
    """

    columns: int
    seconds: float


def plan_extraction(check: Check) -> Plan:
    """The handcrafted features of a cohort, the measurement that is asked for without any option."""
    timed = time_source(check, RadiomicsSource(extractor="r219"))
    cases = len(usable(check))
    if isinstance(timed, str):
        return Plan((f"extract radiomics: {timed}",), 0.0)
    return Plan((f"extract radiomics: {_cost(timed, cases)}",), timed.seconds)


def plan_experiment(experiment: Experiment, base: FeatureTable, check: Check | None) -> Plan:
    """Sources, arms and fits of an experiment.

    Args:
        experiment: as it would be run.
        base: what is known of the cases beforehand.
        check: of its cohort; None for an experiment on tables.
    """
    lines, seconds = [], 0.0
    columns: dict[str, int] = {}
    for name, source in experiment.sources.items():
        if isinstance(source, ColumnsSource) or check is None:
            continue
        timed = time_source(check, source)
        if isinstance(timed, str):
            lines.append(f"source {name}: {timed}")
            continue
        columns[name] = timed.columns
        seconds += timed.seconds
        lines.append(f"source {name}: {_cost(timed, len(usable(check)))}")
    fits = list(_fits(experiment, base, columns))
    return Plan((*lines, *(line for line, _ in fits)), seconds + sum(each for _, each in fits))


def foresee(
    experiment: Experiment, *, jobs: int = 1, progress: Progress = silent
) -> tuple[list[Problem], tuple[str, ...]]:
    """What is wrong with the input of an experiment, and what it will compute.

    Raises:
        RadcompareError: the experiment cannot be done at all.
    """
    if experiment.cohort is None or experiment.cohort == "phantom":
        return [], _alone(experiment)
    check = check_cohort(
        str(experiment.cohort), experiment.reading, outcome=experiment.outcome, jobs=jobs, progress=progress
    )
    if any(problem.severity == "error" and not problem.case for problem in check.problems):
        return check.problems, ("what is to come is told once the errors of the table are mended",)
    nothing = pd.DataFrame(index=check.cohort.columns.index)
    base = FeatureTable(check.cohort.columns, nothing, digest=check.cohort.digest)
    return check.problems, plan_experiment(experiment, base, check).lines


def _alone(experiment: Experiment) -> tuple[str, ...]:
    """The plan of an experiment without files of images."""
    if experiment.cohort == "phantom":
        return (f"a phantom cohort of {experiment.phantom.cases} cases is made: there is nothing to check",)
    base, _ = starting_table(experiment, Path())
    return plan_experiment(experiment, base, None).lines


def usable(check: Check) -> list[int]:
    """Rows of the cases that can be measured."""
    return [row for row, one in enumerate(check.seen) if one.voxels]


def time_source(check: Check, source: RadiomicsSource | DeepSource) -> Timed | str:
    """What a source costs, told from a few cases; or why it cannot be told."""
    rows = sorted(usable(check), key=lambda row: check.seen[row].voxels)
    if not rows:
        return "no case can be measured"
    few = [rows[(2 * number + 1) * len(rows) // (2 * TIMED)] for number in range(TIMED)]
    some = list(dict.fromkeys(few))
    try:
        _seconds(check.cohort, source, some[:1])  # loads libraries, which happens once
        first = _seconds(check.cohort, source, some[:1])
        every = _seconds(check.cohort, source, some) if len(some) > 1 else first
    except RadcompareError as error:
        return f"cannot be timed: {error.message}"
    further = max(0.0, every[0] - first[0]) / max(1, len(some) - 1)
    return Timed(every[1], first[0] + further * (len(rows) - 1))


def _seconds(cohort: Cohort, source: RadiomicsSource | DeepSource, rows: Sequence[int]) -> tuple[float, int]:
    """How long some cases take, and how many features they have."""
    some = replace(
        cohort, cases=tuple(cohort.cases[row] for row in rows), columns=cohort.columns.iloc[list(rows)]
    )
    started = time.perf_counter()
    table = extract(some, source, cache=Cache(None)).table
    return time.perf_counter() - started, table.features.shape[1]


def _fits(
    experiment: Experiment, base: FeatureTable, columns: Mapping[str, int]
) -> Iterator[tuple[str, float]]:
    """How many fits there will be, with the time of what can be timed."""
    trained = [name for name, arm in experiment.arms.items() if arm.cnn is not None]
    if trained:
        yield f"networks trained in every fold, not timed: {', '.join(trained)}", 0.0
    arms = {
        name: arm
        for name, arm in experiment.arms.items()
        if arm.sources and arm.cnn is None and all(_known(experiment, each, columns) for each in arm.sources)
    }
    if not arms:
        return
    numbers = np.random.default_rng(1)
    study = with_sources(cases_of(experiment, base), existing_columns(experiment, base))
    made = {
        name: pd.DataFrame(
            numbers.normal(size=(len(study.columns), count)),
            index=study.columns.index,
            columns=[f"{name}{number}" for number in range(count)],
        )
        for name, count in columns.items()
    }
    study = replace(study, sources={**study.sources, **made})
    yield _timed_fits(experiment, replace(pipeline_of(experiment, study), arms=arms))


def _known(experiment: Experiment, source: str, columns: Mapping[str, int]) -> bool:
    return source in columns or isinstance(experiment.sources[source], ColumnsSource)


def _timed_fits(experiment: Experiment, work: Work) -> tuple[str, float]:
    folds = divide(work.study, work.validation, seed=work.seed).folds
    trial = work.validation.model_copy(update=TRIAL)
    started = time.perf_counter()
    try:
        made = replace(work, validation=trial).run().predictions
    except RadcompareError as error:
        return f"{len(folds)} folds of {len(work.arms)} arms, which cannot be timed: {error.message}", 0.0
    seconds = time.perf_counter() - started
    # Linear in the training rows: more than that for selectors that compare all pairs of them.
    larger = float(np.mean([len(fold.train) for fold in folds])) / (len(work.study.columns) / 2)
    runs = 1 + experiment.permutations
    total = seconds / 2 * len(folds) * larger * runs
    permuted = f", and {experiment.permutations} times more on permuted outcomes" * (runs > 1)
    configurations = sum(1 for _ in made.configurations())
    return f"{len(folds)} folds of {configurations} configurations{permuted}, {about(total)}", total


def _cost(timed: Timed, cases: int) -> str:
    return f"{timed.columns} features of {cases} cases, {about(timed.seconds)}"


def about(seconds: float) -> str:
    """A time as a person says it, to two digits."""
    if seconds < 1:
        return "less than a second"
    if seconds < 90:
        return f"about {float(f'{seconds:.2g}'):.0f} s"
    if seconds < 90 * 60:
        return f"about {float(f'{seconds / 60:.2g}'):.0f} min"
    return f"about {float(f'{seconds / 3600:.2g}'):g} h"
