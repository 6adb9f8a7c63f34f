"""From a cohort to a feature table: one extractor over all cases, each case on its own.

A case that cannot be read or measured is reported and costs no other; what was measured before is not measured again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from math import isnan
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import pandas as pd

from radcompare import registry
from radcompare.cache import Cache
from radcompare.errors import ConfigError, DataError, RadcompareError
from radcompare.imaging.degenerate import degeneracy
from radcompare.imaging.reading import Problem, problems, read_region
from radcompare.imaging.region import Region
from radcompare.parallel import Progress, each, silent
from radcompare.provenance import digest_code, digest_file, digest_settings
from radcompare.source_settings import DeepSource, RadiomicsSource
from radcompare.tables.cohort import Case, Cohort
from radcompare.tables.failures import Failure
from radcompare.tables.features import WEIGHTS_PREFIX, FeatureTable
from radcompare.tables.roles import abridged


class Extractor(Protocol):
    """What every entry of `registry.EXTRACTORS` is, built from its source in the config."""

    def settings(self) -> Mapping[str, Any]:
        """All that determines the values, without paths: part of the cache key and of the provenance."""

    def extract(self, region: Region) -> dict[str, float]:
        """Measure one case: the same columns in the same order for every case, NaN where undefined."""

    def source_of(self, column: str) -> str:
        """Which program computed a column."""


class Diagnosing(Protocol):
    """An extractor that also has texts to tell of a case."""

    def diagnostics(self, region: Region) -> dict[str, str]:
        """Columns that pass through the table; none unless asked for."""


ORGAN_FAMILY = "_location_"
NO_ORGAN = "no OrganMask was given, which location needs"
WHY_MISSING = "why missing"
"""Beside the measurements of a case: what leaves some of its features undefined."""


@dataclass(frozen=True)
class Extraction:
    """A feature table and the cases that are not in it."""

    table: FeatureTable
    failures: tuple[Failure, ...]

    def missing_in_words(self) -> list[str]:
        """Why values are missing, a line per reason; the columns are in the table's sidecar."""
        cases: dict[str, dict[str, None]] = {}
        for source in self.table.sources:
            for missing in source["missing"]:
                cases.setdefault(missing["reason"], {}).update(dict.fromkeys(missing["cases"]))
        return [
            f"missing values in {len(names)} case{'s' * (len(names) > 1)} ({abridged(names, 3)}): {reason}"
            for reason, names in cases.items()
        ]


@dataclass(frozen=True)
class _Measured:
    """What one case gave, texts beside numbers, and the SHA-256 of its files."""

    values: Mapping[str, float | str]
    files: tuple[str, ...]

    @property
    def numbers(self) -> dict[str, float]:
        """The features."""
        return {name: value for name, value in self.values.items() if not isinstance(value, str)}

    @property
    def texts(self) -> dict[str, str]:
        """Diagnostics."""
        return {
            name: value
            for name, value in self.values.items()
            if isinstance(value, str) and name != WHY_MISSING
        }


def load_extractor(source: RadiomicsSource | DeepSource) -> Extractor:
    """The extractor that a source names, with its settings checked; nothing is measured.

    Raises:
        ConfigError: the settings cannot be met (unknown layer, missing weights, missing library).
    """
    extractor: Extractor = registry.load("extractor", source.extractor)(source)
    extractor.settings()
    return extractor


def extract(
    cohort: Cohort,
    source: RadiomicsSource | DeepSource,
    *,
    cache: Cache,
    jobs: int = 1,
    progress: Progress = silent,
    name: str = "",
) -> Extraction:
    """Measure every case of a cohort.

    Args:
        cohort: the cases.
        source: the extractor and its settings.
        cache: where measurements are kept.
        jobs: number of processes; the result does not depend on it.
        progress: told after every case.
        name: of the source, for progress and failures.

    Raises:
        ConfigError: the settings cannot be met, or the cache cannot be written.
        DataError: not one case could be measured, or the cohort has a column of a feature's name.
    """
    extractor = load_extractor(source)
    settings = dict(extractor.settings())
    stage = name or source.extractor
    work = partial(_measure, extractor, digest_settings([settings, digest_code()]), cache, stage)
    found = list(each(work, cohort.cases, jobs=jobs, what=f"{stage}: cases", progress=progress))
    failures = tuple(value for value in found if isinstance(value, Failure))
    measured = {c.case: v for c, v in zip(cohort.cases, found, strict=True) if not isinstance(v, Failure)}
    if not measured:
        first = f"; the first problem: {failures[0].problem}" if failures else ""
        problem = f"{stage}: none of the {len(found)} cases could be measured{first}"
        raise DataError(problem, "see radcompare check")
    return Extraction(_table(cohort, measured, extractor, settings), failures)


def _measure(
    extractor: Extractor, settings_key: str, cache: Cache, stage: str, case: Case
) -> _Measured | Failure:
    """Measure one case, or say why not."""
    try:
        files = tuple(_digest(path) for path in (case.image, case.mask, case.organ))
        key = digest_settings([files, case.label, settings_key])
        values = cache.get_all(key)
        if values is None:
            region = read_region(case.case, case.image, case.mask, case.label, case.organ)
            values = _told(extractor, region)
            cache.put(key, values)
    except ConfigError:
        raise  # a missing library, wrong weights or a full disk concern every case
    except RadcompareError as error:
        return Failure(case.case, stage, error.message, error.hint)
    except OSError as error:
        return Failure(case.case, stage, f"cannot be read: {error}", "check the file and who may read it")
    except Exception as error:  # noqa: BLE001  # whatever goes wrong with one case must not cost the others
        problem = f"unexpected {type(error).__name__}: {error}"
        return Failure(case.case, stage, problem, "this is a fault of radcompare: please report it")
    return _Measured(values, files)


def _told(extractor: Extractor, region: Region) -> dict[str, float | str]:
    """The features of a region, its diagnostics, and why features are missing if any is."""
    told: dict[str, float | str] = {**extractor.extract(region)}
    missing = {name for name, value in told.items() if isinstance(value, float) and isnan(value)}
    if missing:
        reasons = [NO_ORGAN] if region.organ is None and any(ORGAN_FAMILY in name for name in missing) else []
        if any(ORGAN_FAMILY not in name for name in missing):
            reasons.append(degeneracy(region))
        told[WHY_MISSING] = "; ".join(reasons) or degeneracy(region)
    if hasattr(extractor, "diagnostics"):
        told |= cast(Diagnosing, extractor).diagnostics(region)
    return told


def _digest(path: Path | None) -> str:
    """SHA-256 of a file; empty for none, which `read_region` explains better."""
    return digest_file(path) if path is not None and path.is_file() else ""


def _table(
    cohort: Cohort, measured: Mapping[str, _Measured], extractor: Extractor, settings: Mapping[str, Any]
) -> FeatureTable:
    rows = {case: found.numbers for case, found in measured.items()}
    features = pd.DataFrame.from_dict(rows, orient="index", dtype="float64").rename_axis("ID")
    passthrough = cohort.columns.loc[list(measured)]
    stamp = settings.get("weights")
    if stamp is not None:
        passthrough = passthrough.assign(**{f"{WEIGHTS_PREFIX}{settings['network']}": stamp})
    texts = pd.DataFrame.from_dict({case: found.texts for case, found in measured.items()}, orient="index")
    passthrough = pd.concat([passthrough, texts.drop(columns=passthrough.columns, errors="ignore")], axis=1)
    both = [str(column) for column in features.columns if column in passthrough.columns]
    if both:
        problem = f"the cohort has a column {both[0]!r}, which is the name of a feature to be measured"
        raise DataError(problem, "rename it, or leave features out of the cohort")
    inputs = digest_settings([(case, found.files) for case, found in measured.items()])
    sources = _sources(extractor, settings, list(features.columns), inputs, _missing(measured))
    return _without_infinities(FeatureTable(passthrough, features, tuple(sources)))


def _missing(measured: Mapping[str, _Measured]) -> list[tuple[str, str, set[str]]]:
    """Cases with missing features: the ID, the reason, and which."""
    return [
        (
            case,
            str(found.values[WHY_MISSING]),
            {name for name, value in found.numbers.items() if isnan(value)},
        )
        for case, found in measured.items()
        if WHY_MISSING in found.values
    ]


def _without_infinities(table: FeatureTable) -> FeatureTable:
    """Infinite values as missing, as they are where a table is read, and a note that says so."""
    infinite = np.isinf(table.features.to_numpy())
    if not infinite.any():
        return table
    columns = abridged(map(str, table.features.columns[infinite.any(axis=0)]))
    note = f"infinite values are taken as missing in {columns}"
    return replace(table, features=table.features.mask(infinite), notes=(*table.notes, note))


def _sources(
    extractor: Extractor,
    settings: Mapping[str, Any],
    columns: Sequence[str],
    inputs: str,
    missing: Sequence[tuple[str, str, set[str]]],
) -> list[dict[str, Any]]:
    """Columns grouped by the program that computed them; `inputs` stands for every file measured.

    `missing` says which of them are missing in which cases, and why.
    """
    by_program: dict[str, list[str]] = {}
    for column in columns:
        by_program.setdefault(extractor.source_of(column), []).append(column)
    return [
        {
            "computed_by": program,
            "settings": dict(settings),
            "inputs_sha256": inputs,
            "columns": names,
            "missing": _reasons(names, missing),
        }
        for program, names in by_program.items()
    ]


def _reasons(columns: Sequence[str], missing: Sequence[tuple[str, str, set[str]]]) -> list[dict[str, Any]]:
    """Cases that lack the same columns for the same reason, together."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for case, reason, names in missing:
        lacking = tuple(name for name in columns if name in names)
        if lacking:
            found.setdefault((reason, lacking), []).append(case)
    return [
        {"reason": reason, "cases": cases, "columns": list(names)} for (reason, names), cases in found.items()
    ]


def check_cohort(cohort: Cohort, *, jobs: int = 1, progress: Progress = silent) -> list[dict[str, str]]:
    """Every problem of every case, as `{"case", "severity", "problem", "hint"}`; nothing is measured."""
    found = each(_problems, cohort.cases, jobs=jobs, what="cases", progress=progress)
    return [asdict(problem) for case in found for problem in case]


def _problems(case: Case) -> list[Problem]:
    return problems(case.case, case.image, case.mask, case.label, case.organ)
