"""The classifiers' hyper-parameters as frozen blocks, one for each name on the menu.

Written out as `{name: random-forest, trees: 500}`, or in short as `random-forest:trees=500`.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from radcompare import registry
from radcompare.block import Settings
from radcompare.errors import did_you_mean
from radcompare.wrong_settings import short

_SHORT = re.compile(r"([^:]+)(?::([^,=]+=[^,=]+(?:,[^,=]+=[^,=]+)*))?")


Resampling = Annotated[
    Literal["none", "under", "over", "smote"],
    Field(
        description="make the classes equal in the training cases: drop of the larger (under), draw the smaller "
        "again (over), or fill it with points between near cases (smote)"
    ),
]
RawResampling = Annotated[
    Literal["none", "under", "over"],
    Field(
        description="make the classes equal in the training cases: drop of the larger, or draw the smaller again"
    ),
]


class ClassifierSettings(Settings):
    """What all blocks have: a name, and a short form that tells two settings of one classifier apart."""

    name: str
    sampling: Resampling = "none"
    cut: Literal["standard", "youden"] = Field(
        "standard",
        description="above what score a case is positive: one half or log-odds of 0 (standard), or where "
        "sensitivity and specificity of the training cases are best, scored in inner folds (youden)",
    )

    def __str__(self) -> str:
        """The name with those settings that are not the default, as tables show it."""
        given = self.model_dump(exclude_defaults=True, exclude={"name"})
        settings = ",".join(f"{key}={_number(value)}" for key, value in given.items())
        return f"{self.name}:{settings}" if settings else self.name


def _number(value: object) -> str:
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


Priors = Annotated[
    Literal["observed", "equal"],
    Field(description="how probable the classes are beforehand: as in the training cases, or equally"),
]
Weights = Annotated[
    Literal["none", "balanced"],
    Field(description="balanced: a case weighs as much as its class is rare"),
]
Cost = Annotated[float, Field(gt=0, description="cost of an error; smaller regularises more")]
Trees = Annotated[int, Field(ge=1, le=100_000, description="number of trees")]
Leaf = Annotated[int, Field(ge=1, description="fewest training cases in a leaf")]
Depth = Annotated[int, Field(ge=1, description="greatest depth of a tree")]
AnyDepth = Annotated[int | None, Field(ge=1, description="greatest depth of a tree; no limit if absent")]


class NaiveBayes(ClassifierSettings):
    """Settings of scikit-learn's Gaussian naive Bayes."""

    name: Literal["naive-bayes"] = "naive-bayes"
    priors: Priors = "observed"


class WekaNaiveBayes(ClassifierSettings):
    """Settings of Weka's naive Bayes."""

    name: Literal["naive-bayes-weka"] = "naive-bayes-weka"
    sampling: RawResampling = "none"
    priors: Priors = "observed"


class Knn(ClassifierSettings):
    """Settings of the nearest neighbours."""

    name: Literal["knn"] = "knn"
    neighbours: int = Field(5, ge=1, description="number of neighbours that vote")
    votes: Literal["equal", "distance"] = Field("equal", description="distance: near ones count more (1/d)")


class Cart(ClassifierSettings):
    """Settings of the decision tree."""

    name: Literal["cart"] = "cart"
    depth: AnyDepth = None
    min_leaf: Leaf = 5
    weights: Weights = "none"


class RandomForest(ClassifierSettings):
    """Settings of the random forest."""

    name: Literal["random-forest"] = "random-forest"
    trees: Trees = 200
    depth: AnyDepth = None
    min_leaf: Leaf = 1
    weights: Weights = "none"


class SvmLinear(ClassifierSettings):
    """Settings of the linear support vector machine."""

    name: Literal["svm-linear"] = "svm-linear"
    C: Cost = 1.0
    weights: Weights = "none"


class SvmRbf(ClassifierSettings):
    """Settings of the support vector machine with a radial basis kernel."""

    name: Literal["svm-rbf"] = "svm-rbf"
    C: Cost = 1.0
    gamma: float | None = Field(
        None, gt=0, description="of exp(-gamma d^2); 1 / (columns x variance) if absent"
    )
    weights: Weights = "none"


class LogisticL1(ClassifierSettings):
    """Settings of logistic regression with an L1 penalty."""

    name: Literal["logistic-l1"] = "logistic-l1"
    C: Cost = 1.0
    weights: Weights = "none"


class LogisticL2(ClassifierSettings):
    """Settings of logistic regression with an L2 penalty."""

    name: Literal["logistic-l2"] = "logistic-l2"
    C: Cost = 1.0
    weights: Weights = "none"


class GradientBoosting(ClassifierSettings):
    """Settings of gradient boosting."""

    name: Literal["gradient-boosting"] = "gradient-boosting"
    trees: Trees = 100
    depth: Depth = 3
    learning_rate: float = Field(0.1, gt=0, description="by which every tree's correction shrinks")
    min_leaf: Leaf = 1


BLOCKS: dict[str, type[ClassifierSettings]] = {
    "naive-bayes": NaiveBayes,
    "naive-bayes-weka": WekaNaiveBayes,
    "knn": Knn,
    "cart": Cart,
    "random-forest": RandomForest,
    "svm-linear": SvmLinear,
    "svm-rbf": SvmRbf,
    "logistic-l1": LogisticL1,
    "logistic-l2": LogisticL2,
    "gradient-boosting": GradientBoosting,
}
"""The block behind every name on the menu."""


def classifier_block(raw: str) -> dict[str, Any]:
    """`knn` and `random-forest:trees=500,min_leaf=2` as the keys of a block.

    Raises:
        ValueError: it has another form, or gives a setting twice.
    """
    found = _SHORT.fullmatch(raw.strip())
    if found is None:
        raise ValueError(
            f"expected NAME or NAME:KEY=VALUE,... such as random-forest:trees=500, found {short(raw)}"
        )
    pairs = [part.split("=") for part in (found[2] or "").split(",") if part]
    keys = ["name", *(key.strip() for key, _ in pairs)]
    twice = [key for key in keys if keys.count(key) > 1]
    if twice:
        raise ValueError(f"{twice[0]} is given twice in {short(raw)}")
    return dict(zip(keys, [found[1].strip(), *(value.strip() for _, value in pairs)], strict=True))


def _named(raw: object) -> object:
    """Keys of a block whose name is on the menu, whichever form was given."""
    if isinstance(raw, ClassifierSettings):
        return raw
    if not isinstance(raw, str | Mapping):
        raise ValueError(f"expected a classifier's name such as knn, found {short(raw)}")
    block = classifier_block(raw) if isinstance(raw, str) else raw
    name, known = block.get("name"), registry.names("classifier")
    if name not in known:
        near = did_you_mean(str(name), known)
        raise ValueError(f"unknown classifier {short(name)}{near} (known: {', '.join(known)})")
    return block


AnyClassifier = Annotated[
    Annotated[
        NaiveBayes
        | WekaNaiveBayes
        | Knn
        | Cart
        | RandomForest
        | SvmLinear
        | SvmRbf
        | LogisticL1
        | LogisticL2
        | GradientBoosting,
        Field(discriminator="name"),
    ],
    BeforeValidator(_named),
]
"""A classifier with its settings, in the long form or in short."""


def described(name: str) -> list[str]:
    """Every setting of a classifier with its default and meaning, one line each."""
    fields = {key: field for key, field in BLOCKS[name].model_fields.items() if key != "name"}
    for common in ("sampling", "cut"):  # what all have comes last
        fields[common] = fields.pop(common)
    return [_setting(key, field.default, field.description or "") for key, field in fields.items()]


def _setting(key: str, default: object, meaning: str) -> str:
    return f"{key} ({meaning})" if default is None else f"{key}={_number(default)} ({meaning})"
