"""Everything that is wrong with a cohort, told before any work."""

from collections.abc import Iterator

from radcompare.imaging.reading import problems
from radcompare.parallel import Progress, each, silent
from radcompare.tables.case import Problem
from radcompare.tables.cohort import Cohort


def check_cohort(cohort: Cohort, *, jobs: int = 1, progress: Progress = silent) -> list[Problem]:
    """Every problem of every case; nothing is measured."""
    found: Iterator[list[Problem]] = each(problems, cohort.cases, jobs=jobs, what="cases", progress=progress)
    return [problem for case in found for problem in case]
