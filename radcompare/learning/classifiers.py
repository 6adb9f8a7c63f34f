"""The classifiers, each with the score that ranks cases and the cut above which a case counts as positive.

Probabilities that saturate at 0 and 1 would tie cases that differ and spoil the AUC, so naive Bayes is ranked
by its joint log-odds, and logistic regression, boosting and the support vector machines by their decision
function (log-odds, or distance to the margin); their cut is 0. The others give probabilities, cut at one half.
A score that equals the cut counts as negative (scikit-learn's support vector machines and boosting say positive).
All but Weka's naive Bayes expect scaled columns without missing values: see `radcompare.learning.preparation`.
Every classifier is made from its settings (`radcompare.classifier_settings`) and a seed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from radcompare.classifier_settings import (
    Cart,
    GradientBoosting,
    Knn,
    LogisticL1,
    LogisticL2,
    NaiveBayes,
    RandomForest,
    SvmLinear,
    SvmRbf,
    WekaNaiveBayes,
)
from radcompare.errors import DataError

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Classifier:
    """An estimator and how to read a score from it.

    Attributes:
        estimator: with `fit(X, y)`; with `fit(X, y, levels)` where it sees raw columns.
        scoring: (fitted estimator, X of shape (cases, columns)) to scores of shape (cases,), larger for class 1.
        cut: a score above it predicts class 1.
        least: the fewest training cases it works with.
        name: what messages call it.
        probability: scores to probabilities of class 1; None where the score is a margin and says nothing of them.
        raw: it sees columns as they are: not scaled, missing is NaN, nominal ones hold codes.
    """

    estimator: Any
    scoring: Callable[[Any, Scores], Scores]
    cut: float
    least: int = 2
    name: str = "the classifier"
    probability: Callable[[Scores], Scores] | None = None
    raw: bool = False

    def fit(self, X: Scores, y: NDArray[np.int64], levels: NDArray[np.int64] | None = None) -> "Classifier":
        """Learn from rows.

        Args:
            X: shape (cases, columns).
            y: classes, 0 or 1, both of which occur.
            levels: of raw columns: 0 for a numeric one, else its number of levels; all numeric if absent.

        Raises:
            DataError: there are too few cases.
        """
        if len(X) < self.least:
            problem = f"{self.name}: {len(X)} training cases, at least {self.least} needed"
            raise DataError(problem, "use fewer folds, or another classifier")
        if self.raw:
            self.estimator.fit(X, y, levels)
        else:
            self.estimator.fit(X, y)
        return self

    def score(self, X: Scores) -> Scores:
        """Scores of cases, shape (cases,)."""
        return np.asarray(self.scoring(self.estimator, X), dtype=np.float64)

    def probabilities(self, scores: Scores) -> Scores:
        """Probabilities of class 1 behind scores, shape (cases,); missing where there are none."""
        if self.probability is None:
            return np.full(len(scores), np.nan)
        return self.probability(scores)


def _from_log_odds(scores: Scores) -> Scores:
    probabilities: Scores = expit(scores)
    return probabilities


def _as_they_are(scores: Scores) -> Scores:
    return scores


def _log_odds(estimator: Any, X: Scores) -> Scores:
    if estimator.epsilon_ == 0:  # no column varies in the training rows: only the classes' sizes are known
        return np.full(len(X), float(np.log(estimator.class_prior_[1]) - np.log(estimator.class_prior_[0])))
    joint: Scores = estimator.predict_joint_log_proba(X)
    return joint[:, 1] - joint[:, 0]


def _weka_log_odds(estimator: Any, X: Scores) -> Scores:
    odds: Scores = estimator.log_odds(X)
    return odds


def _decision(estimator: Any, X: Scores) -> Scores:
    decision: Scores = estimator.decision_function(X)
    return decision


def _probability(estimator: Any, X: Scores) -> Scores:
    probability: Scores = estimator.predict_proba(X)[:, 1]
    return probability


def _class_weight(weights: str) -> str | None:
    return None if weights == "none" else weights


def naive_bayes(settings: NaiveBayes, seed: int) -> Classifier:  # noqa: ARG001  # every factory is called alike
    """Gaussian naive Bayes (scikit-learn adds 1e-9 of the largest variance to each)."""
    from sklearn.naive_bayes import GaussianNB

    priors = [0.5, 0.5] if settings.priors == "equal" else None
    return Classifier(GaussianNB(priors=priors), _log_odds, 0.0, probability=_from_log_odds)


def naive_bayes_weka(settings: WekaNaiveBayes, seed: int) -> Classifier:  # noqa: ARG001
    """Naive Bayes as Weka 3.9 defines it, of columns neither scaled nor filled.

    Values are rounded to a precision, (max - min)/(distinct - 1), or 0.01 where a column is constant; the standard
    deviation is at least a sixth of it, a factor the normal mass over one precision, at least 1e-75, and the prior
    (n_c + 1)/(n + 2). A missing value says nothing; nominal columns are counted from 1.
    """
    from radcompare.learning.weka_naive_bayes import WekaBayes

    estimator = WekaBayes(equal_priors=settings.priors == "equal")
    return Classifier(estimator, _weka_log_odds, 0.0, probability=_from_log_odds, raw=True)


def knn(settings: Knn, seed: int) -> Classifier:  # noqa: ARG001
    """Nearest neighbours by Euclidean distance; the score is their share of votes for class 1."""
    from sklearn.neighbors import KNeighborsClassifier

    votes = "distance" if settings.votes == "distance" else "uniform"
    neighbours = KNeighborsClassifier(n_neighbors=settings.neighbours, weights=votes)
    least = max(2, settings.neighbours)
    return Classifier(neighbours, _probability, 0.5, least, str(settings), probability=_as_they_are)


def cart(settings: Cart, seed: int) -> Classifier:
    """One decision tree by Gini impurity (CART, not C4.5)."""
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(
        max_depth=settings.depth,
        min_samples_leaf=settings.min_leaf,
        class_weight=_class_weight(settings.weights),
        random_state=seed,
    )
    return Classifier(tree, _probability, 0.5, probability=_as_they_are)


def random_forest(settings: RandomForest, seed: int) -> Classifier:
    """Trees on bootstrap samples, square root of the number of columns tried at every split."""
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(
        n_estimators=settings.trees,
        max_depth=settings.depth,
        min_samples_leaf=settings.min_leaf,
        class_weight=_class_weight(settings.weights),
        random_state=seed,
        n_jobs=1,
    )
    return Classifier(forest, _probability, 0.5, probability=_as_they_are)


def svm_linear(settings: SvmLinear, seed: int) -> Classifier:
    """Linear support vector machine."""
    from sklearn.svm import SVC

    weights = _class_weight(settings.weights)
    machine = SVC(kernel="linear", C=settings.C, class_weight=weights, random_state=seed)
    return Classifier(machine, _decision, 0.0)


def svm_rbf(settings: SvmRbf, seed: int) -> Classifier:
    """Support vector machine with a radial basis kernel."""
    from sklearn.svm import SVC

    machine = SVC(
        kernel="rbf",
        C=settings.C,
        gamma="scale" if settings.gamma is None else settings.gamma,
        class_weight=_class_weight(settings.weights),
        random_state=seed,
    )
    return Classifier(machine, _decision, 0.0)


def logistic_l1(settings: LogisticL1, seed: int) -> Classifier:
    """Logistic regression with an L1 penalty."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        l1_ratio=1.0,
        C=settings.C,
        class_weight=_class_weight(settings.weights),
        solver="liblinear",
        random_state=seed,
        max_iter=1000,
    )
    return Classifier(model, _decision, 0.0, probability=_from_log_odds)


def logistic_l2(settings: LogisticL2, seed: int) -> Classifier:
    """Logistic regression with an L2 penalty."""
    from sklearn.linear_model import LogisticRegression

    weights = _class_weight(settings.weights)
    model = LogisticRegression(C=settings.C, class_weight=weights, random_state=seed, max_iter=1000)
    return Classifier(model, _decision, 0.0, probability=_from_log_odds)


def gradient_boosting(settings: GradientBoosting, seed: int) -> Classifier:
    """Boosted trees, each a correction of those before it by the gradient of the logistic loss."""
    from sklearn.ensemble import GradientBoostingClassifier

    boosting = GradientBoostingClassifier(
        n_estimators=settings.trees,
        max_depth=settings.depth,
        learning_rate=settings.learning_rate,
        min_samples_leaf=settings.min_leaf,
        random_state=seed,
    )
    return Classifier(boosting, _decision, 0.0, probability=_from_log_odds)
