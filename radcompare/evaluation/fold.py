"""One fold of one arm: select, impute, scale and classify, learned on the training rows alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare import registry
from radcompare.classifier_settings import ClassifierSettings
from radcompare.config import Selection
from radcompare.errors import DataError
from radcompare.evaluation.learned_cut import cut_folds, with_cut
from radcompare.evaluation.study import Available, Study
from radcompare.learning.classifiers import Classifier
from radcompare.learning.preparation import learn_preparation
from radcompare.learning.sampling import resampled
from radcompare.learning.splits import Fold
from radcompare.selection.choosing import Choice, Known, choose, scores_in_folds
from radcompare.tables.features import matrix
from radcompare.tables.predictions import NESTED

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]
"""Training rows and test rows."""


@dataclass(frozen=True)
class Problem:
    """An arm as numbers.

    Attributes:
        X: shape (cases, columns); nominal columns hold codes, missing is NaN.
        levels: 0 for a numeric column, else its number of levels.
        source: the number of the source that each column is of.
        y: classes, 0 or 1.
        groups: of every case, where some belong together.
    """

    X: Floats
    levels: NDArray[np.int64]
    source: NDArray[np.int64]
    y: NDArray[np.int64]
    groups: NDArray[Any] | None = None

    def of(self, rows: NDArray[np.int64]) -> "Problem":
        """The same of some cases."""
        groups = None if self.groups is None else self.groups[rows]
        return Problem(self.X[rows], self.levels, self.source, self.y[rows], groups)


@dataclass(frozen=True)
class Task:
    """One fold of one arm with all its configurations.

    Attributes:
        problem: the arm as numbers.
        fold: in the numbering of the problem's rows.
        selections, classifiers: every pair is a configuration.
        by_source: whether a selection takes the top of each source, or of the merged vector.
        seed: for classifiers that draw numbers.
        known: scores of columns that were made for all folds at once.
        inner: folds of the training rows that pick a configuration, in their numbering; none without such a loop.
        metric: what the best configuration is the best in.
    """

    problem: Problem
    fold: Fold
    selections: tuple[Selection, ...]
    classifiers: tuple[ClassifierSettings, ...]
    by_source: bool
    seed: int
    known: Known = field(default_factory=dict)
    inner: tuple[Fold, ...] = ()
    metric: str = "auc"


@dataclass(frozen=True)
class Scored:
    """What one configuration said about the test rows of one fold.

    Attributes:
        choice: the features it kept.
        classifier: its short form, a name with the settings that are not the default.
        fold: in the numbering of the problem's rows.
        scores, predicted: of the test rows, shape (test cases,).
        probabilities: of class 1, of the same rows; missing where the classifier gives none.
        width: how many columns the classifier saw.
        nested: an inner loop picked this configuration.
    """

    choice: Choice
    classifier: str
    fold: Fold
    scores: Floats
    predicted: NDArray[np.int64]
    probabilities: Floats
    width: int
    nested: bool = False

    @property
    def undecided(self) -> bool:
        """No kept feature varied over the training rows, so that every score is the cut itself."""
        return self.width == 0

    @property
    def configuration(self) -> tuple[str, str, str]:
        """Selector, K and classifier as the predictions name them."""
        if self.nested:
            return NESTED, "", NESTED
        top = self.choice.selection.top
        return self.choice.selection.selector, "" if top is None else str(top), self.classifier


def problem_of(study: Study, usable: Available, groups: NDArray[Any] | None = None) -> Problem:
    """The numbers that an arm learns from; `groups` are those of every case of the study."""
    X, levels = matrix(usable.columns)
    of_column = usable.columns.columns.get_level_values(0)
    numbers = {source: number for number, source in enumerate(dict.fromkeys(of_column))}
    source = np.array([numbers[name] for name in of_column], dtype=np.int64)
    of_case = None if groups is None else groups[usable.rows]
    return Problem(X, levels, source, study.outcome.codes[usable.rows], of_case)


def within(divisions: Sequence[Fold], usable: Available, y: NDArray[np.int64], arm: str) -> list[Fold]:
    """The shared folds in the numbering of the rows an arm has; one without a test case of it falls away.

    Raises:
        DataError: a fold leaves the arm one class to learn from, or no fold has a test case.
    """
    row_of = np.full(1 + max(int(max(fold.train[-1], fold.test[-1])) for fold in divisions), -1)
    known = usable.rows < len(row_of)
    row_of[usable.rows[known]] = np.flatnonzero(known)
    kept = []
    for fold in divisions:
        # By look-up: a bootstrap sample holds rows several times.
        train, test = (rows[rows >= 0] for rows in (row_of[fold.train], row_of[fold.test]))
        if not len(test):
            continue
        if len(np.unique(y[train])) < 2:
            problem = f"arm {arm!r}, repeat {fold.repeat}, fold {fold.number}: one class left to train on"
            raise DataError(problem, "too many cases lack its features: see failures.csv")
        kept.append(replace(fold, train=train, test=test))
    if not kept:
        raise DataError(f"arm {arm!r}: not one test case has its features", "see failures.csv")
    return kept


def fold_seed(seed: int, fold: Fold) -> int:
    """A seed that differs between folds and is the same for every arm."""
    return int(np.random.SeedSequence([seed, fold.repeat, fold.number]).generate_state(1)[0] >> 1)


def known_scores(tasks: Sequence[Task]) -> list[Known]:
    """Scores that folds of one arm can share, for each of them; the same however the folds are grouped."""
    problem, trains = tasks[0].problem, [task.fold.train for task in tasks]
    sources = problem.source if tasks[0].by_source else None
    return scores_in_folds(tasks[0].selections, problem.X, problem.y, problem.levels, trains, sources)


def run_fold(task: Task) -> list[Scored]:
    """Score the test rows with every configuration; nothing learned here has seen them."""
    problem, fold = task.problem, task.fold
    X_train, y_train = problem.X[fold.train], problem.y[fold.train]
    sources = problem.source if task.by_source else None
    scored = []
    learns_cut = any(settings.cut != "standard" for settings in task.classifiers)
    for_cut = cut_folds(fold, problem.y, task.seed, problem.groups) if learns_cut else []
    for choice in choose(task.selections, X_train, y_train, problem.levels, sources, task.known):
        raw, prepared, levels = _columns(choice, problem, fold)
        for settings in task.classifiers:
            classifier: Classifier = registry.load("classifier", settings.name)(settings, task.seed)
            train, test = raw if classifier.raw else prepared
            width = prepared[0].shape[1]
            if width:
                rows, classes = resampled(
                    train, y_train, settings.sampling, task.seed, nominal=bool(levels.any())
                )
                scores = classifier.fit(rows, classes, levels).score(test)
                classifier = with_cut(classifier, settings, (train, y_train), levels, for_cut, task.seed)
            else:  # without any column to learn from, the score is the cut itself: neither class
                scores = np.full(len(test), classifier.cut)
            predicted = (scores > classifier.cut).astype(np.int64)
            probabilities = classifier.probabilities(scores)
            scored.append(Scored(choice, str(settings), fold, scores, predicted, probabilities, width))
    return scored


def _columns(choice: Choice, problem: Problem, fold: Fold) -> tuple[Pair, Pair, NDArray[np.int64]]:
    """The kept columns as they are, the same prepared, and the levels of the former."""
    levels = problem.levels[choice.columns]
    raw = problem.X[np.ix_(fold.train, choice.columns)], problem.X[np.ix_(fold.test, choice.columns)]
    if not choice.projected:
        return raw, _prepared(raw, levels), levels
    parts = [
        _projected(choice, _prepared((raw[0][:, part], raw[1][:, part]), levels[part]))
        for part in choice.projected
    ]
    train, test = (np.hstack(side) for side in zip(*parts, strict=True))
    return (train, test), (train, test), np.zeros(train.shape[1], np.int64)


def _projected(choice: Choice, prepared: Pair) -> Pair:
    """Training and test rows in directions that the training rows gave."""
    kind = registry.load("projection", choice.selection.method)
    projection = kind(top=choice.selection.top).fit(prepared[0])
    return projection.transform(prepared[0]), projection.transform(prepared[1])


def _prepared(raw: Pair, levels: NDArray[np.int64]) -> Pair:
    """Training and test rows as all classifiers but the raw ones see them: imputed, scaled.

    A column without variation over the training rows is dropped: there is nothing to learn from it, and Gaussian
    naive Bayes would divide by its variance.
    """
    preparation = learn_preparation(raw[0], levels)
    train, test = (preparation.apply(rows) for rows in raw)
    varies = np.ptp(train, axis=0) > 0
    return train[:, varies], test[:, varies]
