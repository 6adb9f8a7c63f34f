"""What a run can say of itself to a checklist."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from radcompare.config import Arm, ColumnsSource, Experiment
from radcompare.report.kinds import COLUMNS, DEEP, MERGED, SCORE, SIZE, kinds_of
from radcompare.report.manuscript import WEKA
from radcompare.report.methods import division
from radcompare.report.text import with_interval
from radcompare.source_settings import RadiomicsSource
from radcompare.tables.results import Results

AUTHORS = "to the authors"
"""The answer to what no run knows."""


@dataclass(frozen=True)
class Item:
    """One line of a checklist.

    Attributes:
        number: of the item, as published.
        section: of the checklist.
        text: what the item asks for, in short.
        answer: what the run says, or `AUTHORS`.
    """

    number: int
    section: str
    text: str
    answer: str


Sections = Mapping[str, Sequence[tuple[int, str]]]
"""Numbers and texts of the items of a checklist, by section."""


def filled(sections: Sections, answers: Mapping[int, str]) -> list[Item]:
    """Every item of a checklist with the answer of the run; what has none is to the authors."""
    return [
        Item(number, section, text, answers.get(number, AUTHORS))
        for section, items in sections.items()
        for number, text in items
    ]


@dataclass(frozen=True)
class Facts:
    """A run, and the sentences that several items share.

    Attributes:
        results: what it found.
        experiment: its settings.
        run: `run.json`; empty where there is none.
    """

    results: Results
    experiment: Experiment
    run: Mapping[str, Any]

    @property
    def kinds(self) -> set[str]:
        """Of all arms."""
        return set(kinds_of(self.experiment).values())

    def versions(self, *names: str) -> str:
        """`radcompare 0.1.0, numpy 2.4.6` of those that are known."""
        known = self.run.get("versions", {})
        return ", ".join(f"{name} {known[name]}" for name in names if known.get(name, "absent") != "absent")

    def split(self) -> str:
        """How the cases were divided."""
        return f"{division(self.experiment)}; seed {self.experiment.seed}"

    def measured(self) -> str:
        """Sources with what they are."""
        told = []
        for name, source in self.experiment.sources.items():
            if isinstance(source, RadiomicsSource):
                told.append(f"{name}: {source.extractor}")
            elif isinstance(source, ColumnsSource):
                told.append(f"{name}: columns of the table")
            else:
                told.append(f"{name}: {source.network}, layer {', '.join(source.layer)}")
        return "; ".join(told)

    def selections(self) -> str:
        """Every selection that an arm uses."""
        kept = [
            one for arm in self._learning() for one in arm.select or arm.select_each or self.experiment.select
        ]
        return ", ".join(dict.fromkeys(map(str, kept)))

    def classifiers(self) -> str:
        """Every classifier that an arm uses."""
        used = [one for arm in self._learning() for one in arm.classifiers or self.experiment.classifiers]
        return ", ".join(dict.fromkeys(map(str, used)))

    def unprepared(self) -> str:
        """What to add where a classifier takes columns as they are, neither filled nor scaled."""
        return f"; not for {WEKA}, which takes them as they are" if WEKA in self.classifiers() else ""

    def _learning(self) -> list[Arm]:
        """Arms that learn from features."""
        arms = self.experiment.arms.values()
        return [arm for arm in arms if arm.sources or (arm.cnn is not None and arm.cnn.layer)]

    def areas(self) -> str:
        """The AUC of every arm."""
        return "; ".join(f"{arm.label} {with_interval(arm.auc, arm.auc_ci)}" for arm in self.results.arms)

    def tests(self) -> str:
        """The tests that were made."""
        used = [*(pair.test for pair in self.results.pairs), *(one.test for one in self.results.overall)]
        return ", ".join(dict.fromkeys(used))

    def sizes(self) -> str:
        """Arms that are the size of the region, or columns that the settings name one by one."""
        return ", ".join(name for name, known in self._others().items() if known)

    def perhaps_clinical(self) -> str:
        """Arms of a score, or of columns by a pattern: no run knows what they stand for."""
        return ", ".join(name for name, known in self._others().items() if not known)

    def _others(self) -> dict[str, bool]:
        """Arms that may be no radiomics, and whether the run knows it."""
        by_pattern = {
            arm.variant_of or name
            for name, arm in self.experiment.arms.items()
            if any(_is_pattern(self.experiment.sources[source]) for source in arm.sources)
        }
        return {
            name: kind == SIZE or (kind == COLUMNS and name not in by_pattern)
            for name, kind in kinds_of(self.experiment).items()
            if kind in (SIZE, COLUMNS, SCORE)
        }

    @property
    def deep(self) -> bool:
        """Whether there are deep features."""
        return bool({DEEP, MERGED} & self.kinds)


def _is_pattern(source: object) -> bool:
    return isinstance(source, ColumnsSource) and any(set("*?[") & set(column) for column in source.columns)
