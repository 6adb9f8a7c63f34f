"""The classifiers, each with the score that ranks cases and the cut above which a case counts as positive.

Probabilities that saturate at 0 and 1 would tie cases that differ and spoil the AUC, so naive Bayes is ranked
by its joint log-odds, and logistic regression, boosting and the support vector machines by their decision
function (log-odds, or distance to the margin); their cut is 0. The others give probabilities, cut at one half.
A score that equals the cut counts as negative (scikit-learn's support vector machines and boosting say positive).
All expect scaled columns without missing values: see `radcompare.learning.preparation`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import DataError

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Classifier:
    """An estimator of scikit-learn and how to read a score from it.

    Attributes:
        estimator: with `fit(X, y)`.
        scoring: (fitted estimator, X of shape (cases, columns)) to scores of shape (cases,), larger for class 1.
        cut: a score above it predicts class 1.
        least: the fewest training cases it works with.
    """

    estimator: Any
    scoring: Callable[[Any, Scores], Scores]
    cut: float
    least: int = 2

    def fit(self, X: Scores, y: NDArray[np.int64]) -> "Classifier":
        """Learn from X of shape (cases, columns) and classes y, 0 or 1, both of which occur.

        Raises:
            DataError: there are too few cases.
        """
        if len(X) < self.least:
            problem = (
                f"{type(self.estimator).__name__}: {len(X)} training cases, at least {self.least} needed"
            )
            raise DataError(problem, "use fewer folds, or another classifier")
        self.estimator.fit(X, y)
        return self

    def score(self, X: Scores) -> Scores:
        """Scores of cases, shape (cases,)."""
        return np.asarray(self.scoring(self.estimator, X), dtype=np.float64)


def _log_odds(estimator: Any, X: Scores) -> Scores:
    if estimator.epsilon_ == 0:  # no column varies in the training rows: only the classes' sizes are known
        return np.full(len(X), float(np.log(estimator.class_prior_[1]) - np.log(estimator.class_prior_[0])))
    joint: Scores = estimator.predict_joint_log_proba(X)
    return joint[:, 1] - joint[:, 0]


def _decision(estimator: Any, X: Scores) -> Scores:
    decision: Scores = estimator.decision_function(X)
    return decision


def _probability(estimator: Any, X: Scores) -> Scores:
    probability: Scores = estimator.predict_proba(X)[:, 1]
    return probability


def naive_bayes(seed: int) -> Classifier:  # noqa: ARG001  # every factory is called alike
    """Gaussian naive Bayes (scikit-learn adds 1e-9 of the largest variance to each)."""
    from sklearn.naive_bayes import GaussianNB

    return Classifier(GaussianNB(), _log_odds, 0.0)


def knn(seed: int) -> Classifier:  # noqa: ARG001
    """Five nearest neighbours, Euclidean distance, equal votes."""
    from sklearn.neighbors import KNeighborsClassifier

    return Classifier(KNeighborsClassifier(n_neighbors=5), _probability, 0.5, least=5)


def cart(seed: int) -> Classifier:
    """One decision tree by Gini impurity (CART, not C4.5), at least five cases in a leaf."""
    from sklearn.tree import DecisionTreeClassifier

    return Classifier(DecisionTreeClassifier(min_samples_leaf=5, random_state=seed), _probability, 0.5)


def random_forest(seed: int) -> Classifier:
    """200 trees, square root of the number of columns tried at every split."""
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(n_estimators=200, random_state=seed, n_jobs=1)
    return Classifier(forest, _probability, 0.5)


def svm_linear(seed: int) -> Classifier:
    """Linear support vector machine, C = 1."""
    from sklearn.svm import SVC

    return Classifier(SVC(kernel="linear", C=1.0, random_state=seed), _decision, 0.0)


def svm_rbf(seed: int) -> Classifier:
    """Support vector machine with a radial basis kernel, C = 1, gamma = 1 / (columns x variance)."""
    from sklearn.svm import SVC

    return Classifier(SVC(kernel="rbf", C=1.0, gamma="scale", random_state=seed), _decision, 0.0)


def logistic_l1(seed: int) -> Classifier:
    """Logistic regression with an L1 penalty, C = 1."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(l1_ratio=1.0, C=1.0, solver="liblinear", random_state=seed, max_iter=1000)
    return Classifier(model, _decision, 0.0)


def logistic_l2(seed: int) -> Classifier:
    """Logistic regression with an L2 penalty, C = 1."""
    from sklearn.linear_model import LogisticRegression

    return Classifier(LogisticRegression(C=1.0, random_state=seed, max_iter=1000), _decision, 0.0)


def gradient_boosting(seed: int) -> Classifier:
    """100 boosted trees of depth 3, learning rate 0.1."""
    from sklearn.ensemble import GradientBoostingClassifier

    return Classifier(GradientBoostingClassifier(random_state=seed), _decision, 0.0)
