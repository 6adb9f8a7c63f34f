"""A whole experiment: from a cohort or tables to predictions, statistics and a report, readable on one page."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from radcompare.cache import Cache
from radcompare.compare.comparison import compare
from radcompare.config import ColumnsSource, Experiment, load_experiment
from radcompare.errors import ConfigError
from radcompare.evaluation.arms import Evaluation
from radcompare.evaluation.describing import correlation_of, flow_of
from radcompare.evaluation.divisions import divide
from radcompare.evaluation.material import (
    cases_of,
    existing_columns,
    primary_sources,
    starting_table,
    table_notes,
    with_sources,
)
from radcompare.evaluation.material import validation_of as validation_of
from radcompare.evaluation.permuting import Work, permute, refuse_fixed
from radcompare.evaluation.study import Study
from radcompare.extraction import NothingMeasured, extract, load_extractor
from radcompare.imaging.showing import Collection
from radcompare.parallel import Progress, silent
from radcompare.pictures import read_pictures
from radcompare.provenance import (
    digest_code,
    digest_settings,
    environment,
    remove_leftovers,
    without_folders,
    write_json,
    written_atomically,
)
from radcompare.report.file_names import file_name, files_of
from radcompare.report.page import VIEWS, write_report
from radcompare.source_settings import DeepSource, ShownSettings
from radcompare.tables.case import Failure
from radcompare.tables.cohort import Cohort
from radcompare.tables.curves import mean_curves
from radcompare.tables.failures import write_failures
from radcompare.tables.features import FeatureTable, write_features
from radcompare.tables.files import write_frame
from radcompare.tables.readings import readings_path, write_readings
from radcompare.tables.results import Pipeline, Results, write_results

FINISHED = ("results.json", "report.html", "failures.csv")
"""The files by which a run is told to be finished; until then it is not known which cases it loses."""


@dataclass(frozen=True)
class Run:
    """What a finished experiment says: its folder holds the rest."""

    results: Results
    failures: tuple[Failure, ...]
    folder: Path


def run(
    experiment: Experiment,
    folder: Path,
    *,
    cache: Cache,
    jobs: int = 1,
    progress: Progress = silent,
    drawn: bool = True,
) -> Run:
    """Run an experiment and write everything it produces into a folder.

    Args:
        experiment: what to do.
        folder: for `results.json`, `predictions.csv`, `selected.csv`, `chosen.csv`, `curves.csv`, `features/`,
            `failures.csv`, `config.yaml`, `run.json`, `report.html`, `figures/`, `tables/` and `views/`. The results
            of an earlier run are removed first, so that a folder never holds the settings of one run beside the
            results of another.
        cache: measurements that were made already.
        jobs: number of processes; nothing but the time depends on it.
        progress: told how far every loop is.
        drawn: whether to draw the report, which takes seconds, or to write numbers alone.

    Raises:
        RadcompareError: the experiment cannot be done; what was measured stays in the cache.
    """
    started = time.time()
    _begin(experiment, folder)
    base, cohort = starting_table(experiment, folder)
    cases = cases_of(experiment, base)
    divide(
        cases, validation_of(experiment), seed=experiment.seed
    )  # a design that cannot be fails before hours of measuring
    tables, failures = _tables(experiment, base, cohort, folder, cache, jobs, progress)
    pictures, unseen = _pictures(experiment, cohort, jobs, progress)
    failures += unseen
    write_failures(failures, folder / "failures.csv")
    study = replace(with_sources(cases, tables), pictures=pictures)
    if drawn:
        _draw_views(experiment, cohort, study, folder)
    work = pipeline_of(experiment, study)
    if experiment.permutations:
        refuse_fixed(work)
    evaluation = work.run(cache=cache, jobs=jobs, progress=progress)
    if evaluation.failures:
        failures += evaluation.failures
        write_failures(failures, folder / "failures.csv")
    if len(evaluation.curves):
        write_frame(evaluation.curves, folder / "curves.csv")
    write_frame(evaluation.predictions.frame, folder / "predictions.csv")
    write_frame(evaluation.selected, folder / "selected.csv")
    write_frame(evaluation.chosen, folder / "chosen.csv")
    compared = compare(
        evaluation.predictions,
        reference=experiment.reference,
        confidence=experiment.confidence,
        statistics=experiment.statistics,
    )
    results = replace(
        compared.with_notes(_notes(experiment, base, tables, failures, evaluation)),
        stability=evaluation.stability,
        curves=mean_curves(evaluation.curves),
        pipelines=permuted(experiment, work, evaluation, cache=cache, jobs=jobs, progress=progress),
        flow=flow_of(
            study, experiment.outcome, experiment.validation.groups, evaluation.predictions, failures
        ),
        correlation=correlation_of(study, experiment.arms, evaluation.stability),
    )
    provenance = _provenance(experiment, base, tables, failures, started)
    write_json(folder / "run.json", {**provenance, **_networks(experiment, pictures)})
    if drawn:
        write_report(results, experiment, failures, folder)
    write_results(results, folder / "results.json")
    return Run(results, failures, folder)


def table_study(experiment: Experiment) -> tuple[Study, tuple[str, ...]]:
    """The study of an experiment that measures nothing itself, and what its tables had to say.

    Raises:
        TableError, OutcomeError: a table or the outcome cannot be used.
    """
    base, _ = starting_table(experiment, Path())
    tables = existing_columns(experiment, base)
    return with_sources(cases_of(experiment, base), tables), table_notes(base, tables)


def pipeline_of(experiment: Experiment, study: Study) -> Work:
    """What is evaluated, on the true outcome and on permuted ones."""
    return Work(
        study,
        experiment.arms,
        validation_of(experiment),
        experiment.select,
        experiment.classifiers,
        experiment.seed,
    )


def permuted(
    experiment: Experiment,
    work: Work,
    evaluation: Evaluation,
    *,
    cache: Cache,
    jobs: int = 1,
    progress: Progress = silent,
) -> tuple[Pipeline, ...]:
    """The pipeline on permuted outcomes, as often as the experiment asks for."""
    if not experiment.permutations:
        return ()
    return permute(
        work,
        evaluation.predictions,
        experiment.permutations,
        cache=cache,
        jobs=jobs,
        progress=progress,
    )


def _begin(experiment: Experiment, folder: Path) -> None:
    """The folder with the settings of this run and without the results of another."""
    stale = _files_of_another(experiment, folder)
    settings = yaml.safe_dump(experiment.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    with written_atomically(folder / "config.yaml") as temporary:
        temporary.write_text(settings, encoding="utf-8")
    for name in (*FINISHED, *stale):
        (folder / name).unlink(missing_ok=True)
    remove_leftovers(folder)


def _files_of_another(experiment: Experiment, folder: Path) -> set[str]:
    """What the run that was here before wrote and this one will not write over."""
    try:
        before = load_experiment(folder / "config.yaml")
    except ConfigError:  # none was here, or one of another version, whose files are not known
        return set()
    return files_of(before) - files_of(experiment)


def _tables(
    experiment: Experiment,
    base: FeatureTable,
    cohort: Cohort | None,
    folder: Path,
    cache: Cache,
    jobs: int,
    progress: Progress,
) -> tuple[dict[str, FeatureTable], tuple[Failure, ...]]:
    """One feature table per source; what is measured is also written to `features/`."""
    tables = existing_columns(experiment, base)
    measured = {n: s for n, s in experiment.sources.items() if not isinstance(s, ColumnsSource)}
    failures: list[Failure] = []
    for source in measured.values():
        load_extractor(source)  # missing weights or a wrong layer show before anything is measured
    for name, source in measured.items():
        if cohort is None:
            problem = f"source {name!r}: {source.extractor} needs images"
            raise ConfigError(problem, "give a cohort, not a table")
        try:
            extraction = extract(cohort, source, cache=cache, jobs=jobs, progress=progress, name=name)
        except NothingMeasured as error:
            write_failures((*failures, *error.failures), folder / "failures.csv")
            raise
        path = folder / "features" / f"{file_name(name)}.csv"
        write_features(extraction.table, path, environment())
        write_readings(extraction.read, readings_path(path))
        tables[name] = extraction.table
        failures += extraction.failures
    return tables, tuple(failures)


def _pictures(
    experiment: Experiment, cohort: Cohort | None, jobs: int, progress: Progress
) -> tuple[dict[str, Collection], tuple[Failure, ...]]:
    """What the networks that are trained are shown, by arm; arms that are shown the same share it."""
    found: dict[str, Collection] = {}
    failures: list[Failure] = []
    known: dict[str, str] = {}
    for name, arm in experiment.arms.items():
        if arm.cnn is None:
            continue
        from radcompare.deep.trainable import description_of, weights_stamp

        if cohort is None:
            raise ConfigError(f"arm {name!r}: cnn needs images", "give a cohort, not a table")
        weights_stamp(arm.cnn, arm.cnn.seeds[0])  # missing weights show before anything is trained
        side = description_of(arm.cnn).input_size
        shown = arm.cnn.model_dump(include=set(ShownSettings.model_fields) - {"input_size"})
        key = digest_settings([shown, side])
        if key not in known:
            found[name], lost = read_pictures(cohort, arm.cnn, side, stage=name, jobs=jobs, progress=progress)
            failures += lost
        found[name] = found[known.setdefault(key, name)]
    return found, tuple(failures)


def _draw_views(experiment: Experiment, cohort: Cohort | None, study: Study, folder: Path) -> None:
    """What networks are shown of a few cases, for the report."""
    looks = any(isinstance(source, DeepSource) for source in experiment.sources.values())
    if looks or any(arm.cnn is not None for arm in experiment.arms.values()):
        from radcompare.preview import draw_views  # and torch with it

        draw_views(experiment, cohort, study.outcome.codes, folder / VIEWS)


def _networks(experiment: Experiment, pictures: Mapping[str, Collection]) -> dict[str, Any]:
    """For the provenance: what was trained, from which weights, on what."""
    from_arms = {name: arm.cnn for name, arm in experiment.arms.items() if arm.cnn is not None}
    if not from_arms:
        return {}
    from radcompare.deep.networks import entry
    from radcompare.deep.trainable import description_of, weights_stamp

    return {
        "networks": {
            name: {
                "network": cnn.network,
                "parameters": entry(description_of(cnn))["parameters"],
                "weights": weights_stamp(cnn, cnn.seeds[0]),
                "seeds": list(cnn.seeds),
                "pictures_sha256": pictures[name].digest(),
            }
            for name, cnn in from_arms.items()
        }
    }


def _notes(
    experiment: Experiment,
    base: FeatureTable,
    tables: Mapping[str, FeatureTable],
    failures: Sequence[Failure],
    evaluation: Evaluation,
) -> tuple[str, ...]:
    lost = len({failure.ID for failure in failures})
    measured = [f"{lost} cases could not be measured: see failures.csv"] if lost else []
    primary = {name: tables[name] for name in primary_sources(experiment)}
    further = len(tables) - len(primary)
    swept = (
        [f"what there is to note of {further} further sources is in features/*.meta.json"] if further else []
    )
    return (*table_notes(base, primary), *swept, *measured, *evaluation.notes)


def _provenance(
    experiment: Experiment,
    base: FeatureTable,
    tables: Mapping[str, FeatureTable],
    failures: tuple[Failure, ...],
    started: float,
) -> dict[str, Any]:
    return {
        **environment(),
        "experiment": experiment.name,
        "code_sha256": digest_code(),
        "config_sha256": digest_settings(experiment.model_dump(mode="json")),
        "config": without_folders(experiment.model_dump(mode="json")),
        "seed": experiment.seed,
        "inputs": {"cohort": base.digest}
        | {name: table.digest for name, table in tables.items() if table.digest not in ("", base.digest)},
        "sources": {name: [_counted(s) for s in table.sources] for name, table in tables.items()},
        "failures": len(failures),
        "started": datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
        "seconds": round(time.time() - started, 1),
    }


def _counted(source: Mapping[str, Any]) -> dict[str, Any]:
    """A source with the number of its columns; `features/NAME.meta.json` lists them."""
    return {**source, "columns": len(source["columns"])}
