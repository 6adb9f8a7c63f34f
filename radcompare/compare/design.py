"""How predictions came about, from what they say of themselves, and what that means for their numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from radcompare.compare.arm import clusters
from radcompare.compare.bootstrap_632 import split

ONE_RUN = (
    "{kind}: the folds share training cases, which the tests of one run do not know: p is too small, most where "
    "little can be learned; a test cohort of its own is free of this, and --permutations asks of the whole pipeline"
)
SEVERAL_RUNS = (
    "nadeau-bengio corrects for the training cases that folds share, but not wholly. Its difference is the mean over "
    "folds; that of the arms' AUCs, which pool a run's folds, may differ"
)
# The figures are those that benchmarks/noise.py prints.
ONE_LEFT_OUT = (
    "{kind}: without a case the others lean to the other class, so the AUC of an arm that knows nothing falls below "
    "0.5 (on noise, 60 cases: 0.34 with one feature, 0.49 with the best 10 of 200), and the lead of other arms "
    "over it grows; 10 folds hardly do this"
)


@dataclass(frozen=True)
class Design:
    """The design of a table of predictions.

    Attributes:
        cases: how many there are.
        groups: how many groups (patients) they are of; None where no group has two.
        folds: how many there are in a run; 1 also where predictions do not number them.
        runs: how many repeats.
        samples: how many bootstrap samples there are in place of folds; 0 without.
    """

    cases: int
    groups: int | None
    folds: int
    runs: int
    samples: int = 0

    @property
    def leaves_one_out(self) -> bool:
        """Every fold tests one case, or the cases of one group."""
        return self.folds > 1 and self.folds == (self.groups or self.cases)

    @property
    def kind(self) -> str:
        """The scheme in words."""
        if self.samples:
            return f".632+ bootstrap, {self.samples} samples"
        if self.folds == 1:
            return "one score per case"
        if self.leaves_one_out:
            return "leave-one-out" if self.groups is None else "leave-one-group-out"
        return f"{self.folds}-fold cross-validation"

    def __str__(self) -> str:
        who = f"{self.cases} cases" + (f" of {self.groups} groups" if self.groups is not None else "")
        return f"{who}, {self.kind}" + (f", {self.runs} runs" if self.runs > 1 else "")


def design_of(rows: pd.DataFrame) -> Design:
    """The design of one configuration, from the columns `ID`, `repeat`, `fold` and, if there, `group`."""
    groups = clusters(rows.drop_duplicates("ID"))
    bootstrap = split(rows)
    return Design(
        cases=int(rows["ID"].nunique()),
        groups=None if groups is None else len(set(groups)),
        folds=int(rows.groupby("repeat")["fold"].nunique().max()),
        runs=int(rows["repeat"].nunique()) if bootstrap is None else 1,
        samples=0 if bootstrap is None else int(bootstrap.left_out["repeat"].nunique()),
    )


def chosen(design: Design, asked: Sequence[str] = (), *, classes: int = 0) -> str:
    """Which tests are run in such a design, and why these."""
    if asked:
        return f"tests: {', '.join(asked)}, as asked for in place of those usual for the design"
    if design.runs > 1:
        return (
            "tests: nadeau-bengio, as the runs score the same cases again: it tests the differences over folds with "
            "a variance that knows of the training cases they share"
        )
    if classes:
        by_group = ", both with the group as the unit" if design.groups is not None else ""
        accuracy = "mcnemar-exact" if design.groups is None else "mcnemar-clustered"
        return (
            f"tests: {accuracy} (accuracy) and the bootstrap of the difference of two AUCs, as DeLong's is for two "
            f"classes{by_group}"
        )
    if design.groups is not None:
        return (
            "tests: delong-clustered (AUC) and mcnemar-clustered (accuracy), as cases of a group are not "
            "independent: both take the group as the unit"
        )
    return (
        "tests: delong (AUC) and mcnemar-exact (accuracy), as both arms scored the same cases once: they compare "
        "case by case"
    )


def caveats(design: Design, *, tested: bool = True) -> Iterator[str]:
    """What to know of every number that such a design gives; of p values only where something was tested."""
    if tested and design.folds > 1:
        yield ONE_RUN.format(kind=design.kind) if design.runs == 1 else SEVERAL_RUNS
    if design.leaves_one_out:
        yield ONE_LEFT_OUT.format(kind=design.kind)
