"""The cut of a classifier's score where it is to be learned: on training rows that the classifier had not seen."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from radcompare import registry
from radcompare.classifier_settings import ClassifierSettings
from radcompare.config import Inner
from radcompare.errors import DataError
from radcompare.learning.classifiers import Classifier
from radcompare.learning.cut import best_cut
from radcompare.learning.sampling import resampled
from radcompare.learning.splits import Fold, inner_folds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FOLDS = 5
INSTEAD = "use cut=standard, or fewer folds"


def cut_folds(fold: Fold, y: Ints, seed: int, groups: Ints | None) -> list[Fold]:
    """The training rows of a fold divided for the cut: five folds, fewer where a class has fewer cases.

    Args:
        fold: in the numbering of all rows.
        y: classes of all rows.
        seed: of the shuffling.
        groups: of all rows; those of one group stay together.

    Returns:
        Folds in the numbering of `fold.train`.

    Raises:
        DataError: a class has one training case, or its cases are of too few groups.
    """
    smallest = int(np.bincount(y[fold.train], minlength=2).min())
    where = f"cut=youden, repeat {fold.repeat}, fold {fold.number}"
    if smallest < 2:
        raise DataError(f"{where}: a class has {smallest} training case", INSTEAD)
    try:
        return inner_folds(Inner(folds=min(FOLDS, smallest)), fold, y, seed=seed, groups=groups)
    except DataError as error:
        raise DataError(f"{where}: {error.message}", INSTEAD) from None


def learned_cut(
    settings: ClassifierSettings, X: Floats, y: Ints, levels: Ints, folds: list[Fold], seed: int
) -> float:
    """Youden's cut of scores that each come from a classifier that had not seen the row.

    Scores of rows that taught the classifier would put the cut where a forest that knows them all by heart puts it.

    Args:
        settings: of the classifier.
        X: training rows as it sees them, shape (cases, columns).
        y: their classes.
        levels: as of `Classifier.fit`.
        folds: of these rows.
        seed: of the classifier.

    Raises:
        DataError: a fold cannot be learned.
    """
    scores = np.empty(len(y))
    for fold in folds:
        classifier: Classifier = registry.load("classifier", settings.name)(settings, seed)
        rows, classes = resampled(
            X[fold.train], y[fold.train], settings.sampling, seed, nominal=bool(levels.any())
        )
        scores[fold.test] = classifier.fit(rows, classes, levels).score(X[fold.test])
    return best_cut(scores, y)


def with_cut(
    classifier: Classifier,
    settings: ClassifierSettings,
    train: tuple[Floats, Ints],
    levels: Ints,
    folds: list[Fold],
    seed: int,
) -> Classifier:
    """The classifier with the cut that its settings ask for.

    Args:
        classifier: as its settings make it.
        settings: among them the cut.
        train: training rows as it sees them, and their classes.
        levels, folds, seed: as of `learned_cut`.
    """
    if settings.cut == "standard":
        return classifier
    return replace(classifier, cut=learned_cut(settings, *train, levels, folds, seed))
