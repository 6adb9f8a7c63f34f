"""How good the whole pipeline is on outcomes that say nothing: its p value, with selection and sweep inside.

The outcome is permuted and everything is run again: folds, selection, classifiers, the inner loop. The best of a
sweep is compared with the best of the sweep on every permuted outcome, so that many looks cost what they should.
Ojala and Garriga (2010), JMLR 11:1833, test 1; for the maximum Westfall and Young (1993).
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.cache import Cache
from radcompare.classifier_settings import ClassifierSettings
from radcompare.compare.arm import area_of
from radcompare.config import Arm, Selection, Validation
from radcompare.errors import DataError, TestRefused
from radcompare.evaluation.arms import NOTHING_KEPT, Evaluation, evaluate
from radcompare.evaluation.study import Study
from radcompare.parallel import Progress, each, silent
from radcompare.provenance import digest_bytes, digest_code, digest_settings
from radcompare.tables.predictions import Predictions
from radcompare.tables.results import Pipeline

Ints = NDArray[np.int64]
EVERY_ARM = "every arm"


@dataclass(frozen=True)
class Work:
    """A pipeline: all that a permuted outcome goes through."""

    study: Study
    arms: Mapping[str, Arm]
    validation: Validation
    select: tuple[Selection, ...]
    classifiers: tuple[ClassifierSettings, ...]
    seed: int

    def run(self, *, cache: Cache = NOTHING_KEPT, jobs: int = 1, progress: Progress = silent) -> Evaluation:
        """Evaluate all arms."""
        return evaluate(
            self.study,
            self.arms,
            self.validation,
            select=self.select,
            classifiers=self.classifiers,
            seed=self.seed,
            cache=cache,
            jobs=jobs,
            progress=progress,
        )

    def key(self) -> str:
        """What identifies the pipeline, its data and its code."""
        dumped = [item.model_dump(mode="json") for item in (*self.select, *self.classifiers, self.validation)]
        arms = {name: arm.model_dump(mode="json") for name, arm in self.arms.items()}
        frames = {"columns": self.study.columns, **self.study.sources}
        data = [(name, list(map(str, frame.columns)), _digest(frame)) for name, frame in frames.items()]
        pictures = {name: shown.digest() for name, shown in self.study.pictures.items()}
        outcome = digest_bytes(self.study.outcome.codes.tobytes())
        return digest_settings([dumped, arms, data, pictures, outcome, self.seed, digest_code()])


def permute(
    work: Work,
    observed: Predictions,
    permutations: int,
    *,
    cache: Cache,
    jobs: int = 1,
    progress: Progress = silent,
) -> tuple[Pipeline, ...]:
    """The p value of every arm's primary configuration, of the best of its sweep, and of the best of all.

    Args:
        work: the pipeline.
        observed: what it said of the true outcome.
        permutations: how many outcomes to permute.
        cache: every permutation is kept, so that a run that was stopped goes on.
        jobs: number of processes; the result does not depend on it.
        progress: told after every permutation.

    Raises:
        TestRefused: the outcome cannot be permuted, or an AUC is not defined.
    """
    units, arrangements = refuse_fixed(work)
    truth = _areas(observed)
    once = partial(_once, work, units, work.key(), cache)
    numbers = range(1, permutations + 1)
    found = list(each(once, numbers, jobs=jobs, what="permutations", progress=progress))
    by_luck = np.array([list(values.values()) for values in found])
    configurations = [(c.arm, str(c)) for c, _ in observed.configurations()]
    return tuple(_pipelines(configurations, np.array(list(truth.values())), by_luck, arrangements))


def refuse_fixed(work: Work) -> tuple[list[list[Ints]], float]:
    """What may be swapped, and in how many ways.

    Raises:
        TestRefused: there is nothing to swap.
    """
    units = exchangeable(work)
    arrangements = arrangements_of(work.study.outcome.codes, units)
    if arrangements < 1.5:
        problem = "permutations: no two cases (or groups of equal size) have outcomes that could be swapped"
        raise TestRefused(problem, "leave out the permutations")
    return units, arrangements


def exchangeable(work: Work) -> list[list[Ints]]:
    """Sets of units whose outcomes may be swapped: cases, or groups of equal size, within a cohort."""
    study, validation = work.study, work.validation
    groups = study.labels(validation.groups, "groups")
    cohort = study.labels("cohort" if validation.scheme == "cohort" else None, "validation by cohort")
    cases = len(study.outcome.codes)
    of_unit: dict[Any, list[int]] = {}
    for case in range(cases):
        of_unit.setdefault(case if groups is None else groups[case], []).append(case)
    strata: dict[Any, list[Ints]] = {}
    for rows in of_unit.values():
        place = None if cohort is None else cohort[rows[0]]
        strata.setdefault((place, len(rows)), []).append(np.array(rows, dtype=np.int64))
    return list(strata.values())


def arrangements_of(codes: Ints, units: Sequence[Sequence[Ints]]) -> float:
    """In how many different ways the outcomes can be dealt out; infinite beyond floating point."""
    logarithm = 0.0
    for stratum in units:
        alike = Counter(tuple(codes[rows]) for rows in stratum)
        logarithm += math.lgamma(len(stratum) + 1) - sum(math.lgamma(n + 1) for n in alike.values())
    return math.exp(logarithm) if logarithm < 700 else math.inf


def permuted(codes: Ints, units: Sequence[Sequence[Ints]], rng: np.random.Generator) -> Ints:
    """The outcomes of the units dealt out anew; those of a group stay together."""
    dealt = codes.copy()
    for stratum in units:
        order = rng.permutation(len(stratum))
        for rows, source in zip(stratum, order, strict=True):
            dealt[rows] = codes[stratum[source]]
    return dealt


def _once(work: Work, units: list[list[Ints]], key: str, cache: Cache, number: int) -> dict[str, float]:
    """AUCs of all configurations for one permuted outcome."""
    entry = digest_settings([key, number])
    values = cache.get(entry)
    if values is None:
        rng = np.random.default_rng([work.seed, number])
        outcome = replace(work.study.outcome, codes=permuted(work.study.outcome.codes, units, rng))
        try:
            values = _areas(replace(work, study=replace(work.study, outcome=outcome)).run().predictions)
        except DataError as error:
            raise DataError(f"permutation {number}: {error.message}", error.hint) from None
        cache.put(entry, values)
    return values


def _areas(predictions: Predictions) -> dict[str, float]:
    """The AUC of every configuration, by its number."""
    return {str(number): area_of(rows) for number, (_, rows) in enumerate(predictions.configurations())}


def _pipelines(
    configurations: Sequence[tuple[str, str]],
    truth: NDArray[np.float64],
    by_luck: NDArray[np.float64],
    ways: float,
) -> list[Pipeline]:
    arms = [arm for arm, _ in configurations]
    found = []
    for arm in dict.fromkeys(arms):
        mine = [number for number, other in enumerate(arms) if other == arm]
        name = configurations[mine[0]][1]
        found.append(_judged(arm, name, truth[mine[:1]], by_luck[:, mine[:1]], ways))
        if len(mine) > 1:
            best = (
                f"best of {len(mine)} configurations: {configurations[mine[int(np.argmax(truth[mine]))]][1]}"
            )
            found.append(_judged(arm, best, truth[mine], by_luck[:, mine], ways))
    if len(found) > 1:
        best = f"best of {len(arms)} configurations: {configurations[int(np.argmax(truth))][1]}"
        found.append(_judged(EVERY_ARM, best, truth, by_luck, ways))
    return found


def _judged(
    arm: str, what: str, truth: NDArray[np.float64], by_luck: NDArray[np.float64], ways: float
) -> Pipeline:
    """The largest AUC against the largest on every permuted outcome; equal ones count, but for rounding."""
    best, luck = float(truth.max()), by_luck.max(axis=1)
    count = len(luck)
    return Pipeline(
        arm,
        what,
        auc=best,
        p=float((1 + np.count_nonzero(luck >= best - 1e-12)) / (1 + count)),
        permutations=count,
        luck=float(luck.mean()),
        luck_95=float(np.quantile(luck, 0.95)),
        smallest_p=max(1 / (1 + count), 1 / ways),
    )


def _digest(frame: pd.DataFrame) -> str:
    return digest_bytes(pd.util.hash_pandas_object(frame, index=True).to_numpy().tobytes())
