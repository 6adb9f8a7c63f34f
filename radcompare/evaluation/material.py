"""What an experiment starts from: cases with their outcome, and features that exist already."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pandas as pd

from radcompare.config import EVERYTHING, ColumnsSource, Experiment, Selection, Validation
from radcompare.errors import ConfigError
from radcompare.evaluation.arms import primary_ones
from radcompare.evaluation.study import Study
from radcompare.imaging.phantom import write_cohort
from radcompare.selection.choosing import make
from radcompare.tables.cohort import Cohort, read_cohort
from radcompare.tables.features import FeatureTable, read_features
from radcompare.tables.outcome import read_binary_outcome
from radcompare.tables.stack import stack


def validation_of(experiment: Experiment) -> Validation:
    """The validation, which for two tables is by cohort whatever the rest says."""
    if experiment.table is None or experiment.test_table is None:
        return experiment.validation
    train, test = cohort_names(experiment.table, experiment.test_table)
    given = experiment.validation
    return Validation(scheme="cohort", groups=given.groups, train=train, test=test, inner=given.inner)


def cohort_names(train: Path, test: Path) -> tuple[str, str]:
    """What two tables are called as cohorts: their file names without suffixes."""
    return train.name.split(".")[0], test.name.split(".")[0]


def starting_table(experiment: Experiment, folder: Path) -> tuple[FeatureTable, Cohort | None]:
    """What is known of every case before anything is measured, and the cohort if there are images.

    Args:
        experiment: from a table, two tables, or a cohort.
        folder: the phantom cohort is written to `cohort/` in it.

    Raises:
        TableError: a file cannot be read or used.
    """
    if experiment.table is not None:
        table = read_features(str(experiment.table), outcome=experiment.outcome)
        if experiment.test_table is not None:
            other = read_features(str(experiment.test_table), outcome=experiment.outcome)
            table = stack(table, other, cohort_names(experiment.table, experiment.test_table))
        return table, None
    path = experiment.cohort
    if path == "phantom":
        path = write_cohort(experiment.phantom, folder / "cohort")
    cohort = read_cohort(str(path), experiment.reading)
    nothing = pd.DataFrame(index=cohort.columns.index)
    return FeatureTable(cohort.columns, nothing, digest=cohort.digest), cohort


def cases_of(experiment: Experiment, base: FeatureTable) -> Study:
    """The cases and their outcome, before there is any source of features.

    Raises:
        OutcomeError: the outcome cannot be learned from.
        DataError: the column of a score does not exist.
        ConfigError: a score is the outcome itself, or a selector has no such setting.
    """
    for selection in _selections(experiment):
        make(selection)
    origin = str(experiment.table or experiment.cohort)
    outcome = read_binary_outcome(base.column(experiment.outcome), origin, experiment.positive)
    cases = Study(pd.concat([base.passthrough, base.features], axis=1), outcome, {}, {})
    for name, arm in experiment.arms.items():
        if arm.score == experiment.outcome:
            problem = f"arm {name!r}: its score is the outcome {arm.score!r} itself"
            raise ConfigError(problem, "a score must be known without the outcome")
        if arm.score is not None:
            cases.column(arm.score, f"arm {name!r}")
    return cases


def _selections(experiment: Experiment) -> Iterator[Selection]:
    every = [experiment.select, *(arm.select + arm.select_each for arm in experiment.arms.values())]
    yield from (selection for some in every for selection in some if selection.method != EVERYTHING)


def existing_columns(experiment: Experiment, base: FeatureTable) -> dict[str, FeatureTable]:
    """The sources whose columns exist already; the outcome and the groups are never among them.

    Raises:
        TableError: a table cannot be read, or a pattern matches nothing.
    """
    never = [experiment.outcome, *filter(None, [experiment.validation.groups])]
    tables = {}
    for name, source in experiment.sources.items():
        if isinstance(source, ColumnsSource):
            table = (
                base if source.table is None else read_features(str(source.table), patterns=source.columns)
            )
            tables[name] = replace(table, features=table.pick(source.columns, never))
    return tables


def with_sources(cases: Study, tables: Mapping[str, FeatureTable]) -> Study:
    """The study with the features of every source, and the stamps of those made with random weights."""
    sources = {name: table.features for name, table in tables.items()}
    stamps = {name: stamp for name, table in tables.items() if (stamp := table.stamp())}
    return replace(cases, sources=sources, stamps=stamps)


def primary_sources(experiment: Experiment) -> list[str]:
    """Sources by name, without those that nothing but further variants of a sweep use."""
    primary = primary_ones(experiment.arms)
    used = [arm.sources for arm, first in zip(experiment.arms.values(), primary, strict=True) if first]
    further = set(chain.from_iterable(arm.sources for arm in experiment.arms.values())) - set(chain(*used))
    return [name for name in experiment.sources if name not in further]


def table_notes(base: FeatureTable, tables: Mapping[str, FeatureTable]) -> tuple[str, ...]:
    """What was decided where tables were read, each thing once."""
    told = (
        note if note in base.notes else f"{name}: {note}"
        for name, table in tables.items()
        for note in table.notes
    )
    return tuple(dict.fromkeys(chain(base.notes, told)))
