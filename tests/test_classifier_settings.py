"""The classifiers' settings: one block for each, a short form and back, wrong ones refused."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from radcompare import registry
from radcompare.classifier_settings import (
    BLOCKS,
    AnyClassifier,
    Cart,
    ClassifierSettings,
    GradientBoosting,
    Knn,
    LogisticL2,
    NaiveBayes,
    RandomForest,
    SvmRbf,
    classifier_block,
    described,
)

ANY: TypeAdapter[Any] = TypeAdapter(AnyClassifier)


def test_every_name_on_the_menu_has_a_block() -> None:
    assert list(BLOCKS) == registry.names("classifier")
    for name, block in BLOCKS.items():
        assert ANY.validate_python(name) == block()
        assert block().name == name


@pytest.mark.parametrize("block", BLOCKS.values())
def test_every_block_is_frozen_and_explains_its_settings(block: type[ClassifierSettings]) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        block().name = "x"
    assert all(field.description for key, field in block.model_fields.items() if key != "name")


SHORT = [
    ("knn", Knn(), "knn"),
    (" knn : votes = distance , neighbours = 3 ", Knn(neighbours=3, votes="distance"), None),
    ("knn:neighbours=3,votes=distance", Knn(neighbours=3, votes="distance"), None),
    ("knn:neighbours=5", Knn(), "knn"),
    ("random-forest:trees=500,min_leaf=2", RandomForest(trees=500, min_leaf=2), None),
    ("random-forest:weights=balanced", RandomForest(weights="balanced"), None),
    ("cart:depth=3", Cart(depth=3), None),
    ("svm-rbf:C=10.0,gamma=1e-05", SvmRbf(C=10, gamma=1e-5), "svm-rbf:C=10,gamma=1e-05"),
    ("logistic-l2:C=0.1", LogisticL2(C=0.1), None),
    ("gradient-boosting:learning_rate=0.05", GradientBoosting(learning_rate=0.05), None),
    ("naive-bayes:priors=equal", NaiveBayes(priors="equal"), None),
]


@pytest.mark.parametrize(("text", "expected", "back"), SHORT)
def test_the_short_form_and_back(text: str, expected: ClassifierSettings, back: str | None) -> None:
    assert ANY.validate_python(text) == expected
    assert str(expected) == (back or str(ANY.validate_python(text)))
    assert ANY.validate_python(str(expected)) == expected
    assert ANY.validate_python(expected.model_dump(mode="json")) == expected


def test_settings_that_differ_have_short_forms_that_differ() -> None:
    costs = (0.1, 0.10000000000000002, 1e-7, 1.0, 10.0, 1e22)
    assert len({str(LogisticL2(C=cost)) for cost in costs}) == len(costs)
    assert str(RandomForest(trees=500, min_leaf=2, weights="balanced")) == (
        "random-forest:trees=500,min_leaf=2,weights=balanced"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "expected NAME or NAME:KEY=VALUE,... such as random-forest:trees=500, found nothing"),
        ("knn:", "expected NAME or NAME:KEY=VALUE,..."),
        ("knn:3", "expected NAME or NAME:KEY=VALUE,... such as random-forest:trees=500, found 'knn:3'"),
        ("knn:neighbours=3,", "expected NAME or NAME:KEY=VALUE,..."),
        ("knn:neighbours=3=4", "expected NAME or NAME:KEY=VALUE,..."),
        ("knn:neighbours=3,neighbours=4", "neighbours is given twice in 'knn:neighbours=3,neighbours=4'"),
        ("knn:name=cart", "name is given twice in 'knn:name=cart'"),
    ],
)
def test_another_form_is_refused(text: str, expected: str) -> None:
    with pytest.raises(ValueError, match=r"given twice|expected NAME") as refused:
        classifier_block(text)
    assert str(refused.value).startswith(expected)


OUT_OF_RANGE = [
    *("knn:neighbours=0", "cart:min_leaf=0", "cart:depth=0", "random-forest:trees=0", "svm-linear:C=0"),
    *("svm-rbf:gamma=0", "svm-rbf:gamma=nan", "logistic-l1:C=-1", "logistic-l2:C=inf"),
    *("gradient-boosting:learning_rate=0", "gradient-boosting:depth=none", "naive-bayes:priors=flat"),
]


@pytest.mark.parametrize("text", OUT_OF_RANGE)
def test_a_value_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ANY.validate_python(text)
    (problem,) = refused.value.errors()
    name, _, setting = text.partition(":")
    assert problem["loc"] == (name, setting.partition("=")[0])


@pytest.mark.parametrize("raw", [None, 3, True, ["knn"], {"neighbours": 3}, {"name": ["knn"]}, "kmm"])
def test_what_is_no_classifier(raw: object) -> None:
    with pytest.raises(ValidationError, match=r"unknown classifier|expected a classifier's name"):
        ANY.validate_python(raw)


def test_settings_in_words() -> None:
    assert described("cart") == [
        "depth (greatest depth of a tree; no limit if absent)",
        "min_leaf=5 (fewest training cases in a leaf)",
        "weights=none (balanced: a case weighs as much as its class is rare)",
        "sampling=none (make the classes equal in the training cases: drop of the larger (under), draw the smaller "
        "again (over), or fill it with points between near cases (smote))",
        "cut=standard (above what score a case is positive: one half or log-odds of 0 (standard), or where "
        "sensitivity and specificity of the training cases are best, scored in inner folds (youden))",
    ]
