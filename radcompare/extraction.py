"""From a cohort to a feature table: one extractor over all cases, each case on its own.

A case that cannot be read or measured is reported and costs no other; what was measured before is not measured again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import numpy as np
import pandas as pd

from radcompare import registry
from radcompare.batches import BatchExtractor, MeasuredRow, measure_in_batches, measure_in_runs
from radcompare.cache import Cache
from radcompare.errors import DataError
from radcompare.measurement import WHY_MISSING, Extractor, Measured, measure_case
from radcompare.parallel import Progress, each, in_this_process, silent
from radcompare.provenance import digest_code, digest_settings
from radcompare.source_settings import DeepSource, RadiomicsSource, ShownSettings
from radcompare.tables.case import Case, Failure, lost
from radcompare.tables.cohort import Cohort
from radcompare.tables.features import WEIGHTS_PREFIX, FeatureTable
from radcompare.tables.roles import abridged


@dataclass(frozen=True)
class Extraction:
    """A feature table, the cases that are not in it, and how those that are were read.

    Attributes:
        table: one row per case that was measured.
        failures: the other cases.
        read: for every image of a case, its `ID` and how its files became a region.
    """

    table: FeatureTable
    failures: tuple[Failure, ...]
    read: tuple[Mapping[str, Any], ...] = ()

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


class NothingMeasured(DataError):
    """Not one case could be measured.

    Attributes:
        failures: why, case by case.
    """

    failures: tuple[Failure, ...] = ()


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
        NothingMeasured: not one case could be measured.
        DataError: the cohort has a column of a feature's name.
    """
    extractor = load_extractor(source)
    settings = dict(extractor.settings())
    stage = name or source.extractor
    key = digest_settings([settings, digest_code()])
    images = [cohort.sequence(image) for image in sequences_of(source)] or [cohort.cases]
    whole, lacking = with_every_image(cohort, images, stage)
    in_batches = hasattr(extractor, "show")
    if in_batches:
        batched = cast(BatchExtractor, extractor)
        measure = measure_in_batches if in_this_process(jobs=1) else measure_in_runs
        found: list[Any] = list(measure(batched, key, cache, stage, whole, jobs=jobs, progress=progress))
    else:
        work = partial(measure_case, extractor, key, cache, stage)
        cases = [images[0] for _, images in whole]
        what = f"{stage}: cases"
        found = list(
            _sharing_names(
                each(work, cases, jobs=jobs, what=what, progress=progress, lost=partial(_lost, stage))
            )
        )
    failures = (*lacking, *(value for value in found if isinstance(value, Failure)))
    measured = {c: v for (c, _), v in zip(whole, found, strict=True) if not isinstance(v, Failure)}
    if not measured:
        raise _nothing(stage, failures)
    table = _table_of_rows if in_batches else _table
    made = table(cohort, measured, extractor, settings)
    return Extraction(made, failures, tuple(_readings(measured, sequences_of(source))))


def _sharing_names(found: Iterable[Measured | Failure]) -> Iterator[Measured | Failure]:
    """Measurements that hold the names of their features together, where they come from other processes or a file."""
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    for value in found:
        if isinstance(value, Measured):
            yield replace(value, names=known.setdefault(value.names, value.names))
        else:
            yield value


def _lost(stage: str, case: Case, reason: str) -> Failure:
    return lost(case.case, stage, reason)


def _nothing(stage: str, failures: tuple[Failure, ...]) -> NothingMeasured:
    first = f"; the first problem: {failures[0].problem}" if failures else ""
    problem = f"{stage}: none of the {len(failures)} cases could be measured{first}"
    error = NothingMeasured(
        problem, "failures.csv names the others; radcompare check tells all problems at once"
    )
    error.failures = failures
    return error


def _readings(
    measured: Mapping[str, Measured | MeasuredRow], sequences: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """How every image of every case was read, images of a name with it, and what its files held."""
    for case, found in measured.items():
        for number, facts in enumerate(found.read):
            named = {"sequence": sequences[number]} if sequences else {}
            image, mask = found.files[2 * number : 2 * number + 2]
            yield {"ID": case, **named, **facts, "image_sha256": image, "mask_sha256": mask}


def sequences_of(source: RadiomicsSource | ShownSettings) -> tuple[str, ...]:
    """The images that a source asks for by name; none: the cohort's Image."""
    if isinstance(source, ShownSettings):
        return source.images
    return (source.image,) if source.image else ()


def with_every_image(
    cohort: Cohort, images: Sequence[Sequence[Case | None]], stage: str
) -> tuple[list[tuple[str, list[Case]]], list[Failure]]:
    """The cases with all their images, and those that lack one."""
    whole: list[tuple[str, list[Case]]] = []
    lacking = []
    for case, *shown in zip(cohort.cases, *images, strict=True):
        there = [each for each in shown if each is not None]
        if len(there) == len(images):
            whole.append((case.case, there))
        else:
            problem = f"case {case.case}: one of its images has no path in the cohort"
            lacking.append(Failure(case.case, stage, problem, "give the path, or leave the case out"))
    return whole, lacking


def _table(
    cohort: Cohort, measured: Mapping[str, Measured], extractor: Extractor, settings: Mapping[str, Any]
) -> FeatureTable:
    features = _numbers(measured)
    texts = pd.DataFrame.from_dict({case: found.texts for case, found in measured.items()}, orient="index")
    known = _passthrough(cohort, measured, (*texts.columns, *features.columns), settings)
    passthrough = pd.concat([known, texts], axis=1)
    sources = _sources(extractor, settings, list(features.columns), _inputs(measured), _missing(measured))
    return _without_infinities(FeatureTable(passthrough, features, tuple(sources)))


def _numbers(measured: Mapping[str, Measured]) -> pd.DataFrame:
    """A row per case; where cases differ in their features, every column there is."""
    index = pd.Index(list(measured), name="ID")
    blocks: dict[tuple[str, ...], list[str]] = {}
    for case, found in measured.items():
        blocks.setdefault(found.names, []).append(case)
    frames = [
        pd.DataFrame(np.stack([measured[case].numbers for case in cases]), cases, list(names))
        for names, cases in blocks.items()
    ]
    return frames[0].set_axis(index) if len(frames) == 1 else pd.concat(frames).reindex(index)


def _table_of_rows(
    cohort: Cohort, measured: Mapping[str, MeasuredRow], extractor: Any, settings: Mapping[str, Any]
) -> FeatureTable:
    """The table of a network's answers, with what is to be known of them."""
    from radcompare.deep.units import census, in_words

    rows = [found.row for found in measured.values()]
    values = np.stack([row.values for row in rows])
    index = pd.Index(list(measured), name="ID")
    features = pd.DataFrame(values.astype(np.float64), index=index, columns=extractor.columns)
    passthrough = _passthrough(cohort, measured, features.columns, settings, extractor.slug)
    units = census(values, [row.facts["volume"] for row in rows], extractor.rectified)
    beyond = {
        case: found.row.facts["beyond"] for case, found in measured.items() if found.row.facts["beyond"]
    }
    remarks = {"units": units, "window_beyond_image": beyond, "weights_file": extractor.remarks()}
    sources = _sources(extractor, settings, extractor.columns, _inputs(measured), ())
    notes = [in_words(units), *_padding_in_words(beyond), *_weights_in_words(remarks["weights_file"])]
    return FeatureTable(passthrough, features, tuple({**s, **remarks} for s in sources), notes=tuple(notes))


def _padding_in_words(beyond: Mapping[str, float]) -> list[str]:
    if not beyond:
        return []
    most = max(beyond, key=lambda case: beyond[case])
    return [
        f"the window reaches beyond the image in {len(beyond)} case{'s' * (len(beyond) > 1)} and was filled with its "
        f"floor, at most {beyond[most]:.0%} ({most}): {abridged(beyond, 3)}"
    ]


def _weights_in_words(report: Mapping[str, Any]) -> list[str]:
    """What somebody has to know who passed a file: which of it was used."""
    parts = [f"{kind}: {abridged(report[kind], 3)}" for kind in ("missing", "unexpected") if report.get(kind)]
    return [f"weights: {report['loaded']} tensors loaded; {'; '.join(parts)}"] if parts else []


def _passthrough(
    cohort: Cohort,
    measured: Iterable[str],
    names: Iterable[Any],
    settings: Mapping[str, Any],
    network: str = "",
) -> pd.DataFrame:
    """What is known of the cases besides, with the stamp of a network's weights in every row."""
    passthrough = cohort.columns.loc[list(measured)]
    if settings.get("weights") is not None:
        passthrough = passthrough.assign(
            **{f"{WEIGHTS_PREFIX}{network or settings['network']}": settings["weights"]}
        )
    both = [str(each) for each in names if each in passthrough.columns]
    if both:
        problem = f"the cohort has a column {both[0]!r}, which is the name of what is to be measured"
        raise DataError(problem, "rename it, or leave features out of the cohort")
    return passthrough


def _inputs(measured: Mapping[str, Measured] | Mapping[str, MeasuredRow]) -> str:
    return digest_settings([(case, found.files) for case, found in measured.items()])


def _missing(measured: Mapping[str, Measured]) -> list[tuple[str, str, set[str]]]:
    """Cases with missing features: the ID, the reason, and which."""
    return [
        (case, found.told[WHY_MISSING], found.missing)
        for case, found in measured.items()
        if WHY_MISSING in found.told
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
