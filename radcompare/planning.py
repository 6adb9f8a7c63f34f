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
from radcompare.errors import DataError, RadcompareError
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
from radcompare.tables.table_check import check_table

TIMED = 4
"""Cases on which a source is timed."""
TRIAL = {"scheme": "kfold", "folds": 2, "repeats": 1, "groups": None, "train": None, "test": None}
"""The validation in which fits are timed, with the inner loop that is asked for."""


Step = tuple[str, float]
"""One thing that is to come, in words, and its seconds with one process; 0 where it cannot be timed."""


@dataclass(frozen=True)
class Timed:
    """What a source costs.

    Attributes:
        columns: how many features.
        seconds: for all cases.
    """

    columns: int
    seconds: float


def plan_extraction(check: Check) -> list[str]:
    """The handcrafted features of a cohort, the measurement that is asked for without any option."""
    try:
        timed = time_source(check, RadiomicsSource(extractor="r219"))
    except RadcompareError as error:
        return [f"extract radiomics: {error.message}"]
    return [f"extract radiomics: {_cost(timed, len(usable(check)))}"]


def foresee(
    experiment: Experiment, *, jobs: int = 1, progress: Progress = silent, timed: bool = True
) -> tuple[list[Problem], list[str]]:
    """What is wrong with the input of an experiment, and what it will compute.

    Args:
        experiment: as it would be run.
        jobs: number of processes that look at cases.
        progress: told after every case.
        timed: whether to foretell anything, which takes some seconds.
    """
    if experiment.cohort == "phantom":
        return [], [
            f"a phantom cohort of {experiment.phantom.cases} cases is made: there is nothing to check"
        ]
    check = _checked(experiment, jobs, progress)
    problems = _table_problems(experiment) if check is None else check.problems
    # A case that fails is left out; a table that does would end the experiment.
    if not timed or any(p.severity == "error" and (check is None or not p.case) for p in problems):
        return problems, ["what is to come is told once the errors of the table are mended"] * timed
    steps: list[Step] = []
    try:
        steps += _steps(experiment, check)
    except RadcompareError as error:  # of which the experiment itself would die
        problems = [*problems, Problem("", "error", error.message, error.hint)]
    return problems, _in_words(steps)


def _checked(experiment: Experiment, jobs: int, progress: Progress) -> Check | None:
    if experiment.cohort is None:
        return None
    source, outcome = str(experiment.cohort), experiment.outcome
    return check_cohort(source, experiment.reading, outcome=outcome, jobs=jobs, progress=progress)


def _table_problems(experiment: Experiment) -> list[Problem]:
    tables = [table for table in (experiment.table, experiment.test_table) if table is not None]
    return [problem for table in tables for problem in check_table(str(table), experiment.outcome).problems]


def _in_words(steps: Sequence[Step]) -> list[str]:
    lines = [line for line, _ in steps]
    known = [seconds for _, seconds in steps if seconds]
    return [*lines, f"in all {about(sum(known))} with one process"] if len(known) > 1 else lines


def _steps(experiment: Experiment, check: Check | None) -> Iterator[Step]:
    """Sources, then fits.

    Raises:
        RadcompareError: a source cannot be measured, or the design cannot be.
    """
    columns: dict[str, int] = {}
    for name, source in experiment.sources.items():
        if check is not None and not isinstance(source, ColumnsSource):
            timed = time_source(check, source)
            columns[name] = timed.columns
            yield f"source {name}: {_cost(timed, len(usable(check)))}", timed.seconds
    if check is None:
        base, _ = starting_table(experiment, Path())
    else:
        known = check.cohort.columns
        base = FeatureTable(known, pd.DataFrame(index=known.index), digest=check.cohort.digest)
    yield from _fits(experiment, base, columns)


def usable(check: Check) -> list[int]:
    """Rows of the cases that can be measured."""
    return [row for row, one in enumerate(check.seen) if one.voxels]


def time_source(check: Check, source: RadiomicsSource | DeepSource) -> Timed:
    """What a source costs, told from a few cases.

    Raises:
        DataError: no case can be measured.
        ConfigError: its settings cannot be met.
    """
    rows = sorted(usable(check), key=lambda row: check.seen[row].voxels)
    if not rows:
        raise DataError("no case can be measured", "mend the errors of the cases first")
    few = [rows[(2 * number + 1) * len(rows) // (2 * TIMED)] for number in range(TIMED)]
    some = list(dict.fromkeys(few))
    _seconds(check.cohort, source, some[:1])  # loads libraries, which happens once
    first = _seconds(check.cohort, source, some[:1])
    every = _seconds(check.cohort, source, some) if len(some) > 1 else first
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


def _fits(experiment: Experiment, base: FeatureTable, columns: Mapping[str, int]) -> Iterator[Step]:
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


def _timed_fits(experiment: Experiment, work: Work) -> Step:
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
