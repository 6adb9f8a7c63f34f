"""How often features are kept, over folds and apart from the classifiers."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from radcompare.config import Arm, Validation
from radcompare.evaluation.arms import Evaluation, evaluate
from radcompare.evaluation.study import Study
from radcompare.tables.results import Stability

N = 40
Y = np.arange(N) % 2


def evaluated(
    make_study: Callable[..., Study], make_source: Callable[..., pd.DataFrame], **arm: object
) -> Evaluation:
    study = make_study({"x": make_source(1, N, 12, "x", Y), "z": make_source(2, N, 4, "z")}, Y)
    settings = {"sources": ["x", "z"], "classifiers": ["naive-bayes", "cart"]} | arm
    return evaluate(study, {"a": Arm.model_validate(settings)}, Validation(folds=5), seed=1)


def one(evaluation: Evaluation) -> Stability:
    (found,) = evaluation.stability
    return found


def test_frequencies_are_those_of_the_table_of_selected_features(
    make_study: Callable[..., Study], make_source: Callable[..., pd.DataFrame]
) -> None:
    found = evaluated(make_study, make_source, select="anova:3")
    entry = one(found)
    counts = found.selected["feature"].value_counts() / 5
    assert dict(entry.frequency) == counts.to_dict()
    assert [share for _, share in entry.frequency] == sorted(counts, reverse=True)
    assert (entry.arm, entry.selector, entry.k, entry.fits, entry.features) == ("a", "anova", "3", 5, 16)
    assert entry.frequency[0] == ("x0", 1.0)
    assert entry.kuncheva is not None
    assert abs(entry.kuncheva - entry.nogueira) < 1e-12, "equal where every fit keeps as many"
    assert 0 < entry.nogueira < 1


def test_the_best_of_each_source_is_one_set(
    make_study: Callable[..., Study], make_source: Callable[..., pd.DataFrame]
) -> None:
    entry = one(evaluated(make_study, make_source, select_each="anova:2"))
    assert sum(share for _, share in entry.frequency) == 4
    assert entry.features == 16


def test_without_a_selection_there_is_no_stability(
    make_study: Callable[..., Study], make_source: Callable[..., pd.DataFrame]
) -> None:
    assert evaluated(make_study, make_source, select="all").stability == ()
    assert evaluated(make_study, make_source, select="pca:3").stability == ()


def test_the_training_rows_tested_on_themselves_do_not_count(
    make_study: Callable[..., Study], make_source: Callable[..., pd.DataFrame]
) -> None:
    study = make_study({"x": make_source(1, N, 12, "x", Y)}, Y)
    arm = Arm.model_validate({"sources": "x", "select": "anova:3"})
    found = evaluate(study, {"a": arm}, Validation.model_validate("bootstrap:6"))
    assert one(found).fits == 6
    assert found.selected["repeat"].nunique() == 6
