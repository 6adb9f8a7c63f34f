"""The pictures of a whole cohort, for networks that are trained on them."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import DataError
from radcompare.extraction import sequences_of, with_every_image
from radcompare.imaging.reading import read_region
from radcompare.imaging.showing import Collection, show
from radcompare.parallel import Progress, each, silent
from radcompare.source_settings import ShownSettings
from radcompare.tables.case import Case, Failure, attempt, lost
from radcompare.tables.cohort import Cohort


def read_pictures(
    cohort: Cohort,
    settings: ShownSettings,
    side: int,
    *,
    stage: str,
    jobs: int = 1,
    progress: Progress = silent,
) -> tuple[Collection, tuple[Failure, ...]]:
    """What a network is shown of every case, and the cases of which nothing can be shown.

    Args:
        cohort: the cases.
        settings: what to show.
        side: of the input in pixels.
        stage: for failures and progress.
        jobs: number of processes.
        progress: told after every case.

    Raises:
        DataError: not one case can be shown.
    """
    images = [cohort.sequence(name) for name in sequences_of(settings)] or [cohort.cases]
    whole, lacking = with_every_image(cohort, images, stage)
    work = partial(_one, settings, side, stage)
    what = f"{stage}: pictures"
    found: list[NDArray[np.float32] | Failure] = list(
        each(work, whole, jobs=jobs, what=what, progress=progress, lost=partial(_lost, stage))
    )
    failures = (*lacking, *(value for value in found if isinstance(value, Failure)))
    shown = {
        case: value for (case, _), value in zip(whole, found, strict=True) if not isinstance(value, Failure)
    }
    if not shown:
        first = f"; the first problem: {failures[0].problem}" if failures else ""
        problem = f"{stage}: none of the {len(cohort.cases)} cases can be shown{first}"
        raise DataError(problem, "see radcompare check")
    return Collection(tuple(shown), np.stack(list(shown.values()))), failures


def _one(
    settings: ShownSettings, side: int, stage: str, case: tuple[str, Sequence[Case]]
) -> NDArray[np.float32] | Failure:
    name, images = case
    return attempt(name, stage, lambda: _shown(settings, side, images))


def _lost(stage: str, case: tuple[str, Sequence[Case]], reason: str) -> Failure:
    return lost(case[0], stage, reason)


def _shown(settings: ShownSettings, side: int, images: Sequence[Case]) -> NDArray[np.float32]:
    """(channels, *sides)."""
    regions = [read_region(case) for case in images]
    return np.asarray(show(regions, settings, side).pictures[0])
