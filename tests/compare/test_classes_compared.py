"""Arms that score more than two classes: measured, tested, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    log_loss,
    matthews_corrcoef,
    roc_auc_score,
)

from radcompare.compare.comparison import compare
from radcompare.compare.mcnemar import mcnemar_exact
from radcompare.compare.multiclass import coded, hand_till
from radcompare.compare.nadeau_bengio import nadeau_bengio
from radcompare.compare.paired_bootstrap import paired_bootstrap_auc, paired_bootstrap_hand_till
from radcompare.compare.resampling import units, units_of_classes
from radcompare.config import Statistics
from radcompare.errors import TestRefused
from radcompare.report.answers import answer
from radcompare.tables.predictions import checked_predictions

N = 60
NAMES = ("ADC", "SCC", "LCC")
TRUTH = np.array(NAMES)[np.arange(N) % 3]
FEW = Statistics(resamples=200)


def arm_rows(name, seed, strength, **columns):
    odds = np.random.default_rng(seed).normal(size=(N, 3)) + strength * (TRUTH[:, None] == np.array(NAMES))
    chances = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
    frame = pd.DataFrame(chances, columns=[f"score_{name}" for name in NAMES])
    return frame.assign(ID=[f"c{i:02d}" for i in range(N)], arm=name, y_true=TRUTH, **columns)


def compared(*frames, **settings):
    return compare(checked_predictions(pd.concat(frames), "test"), statistics=FEW, **settings)


def test_metrics_are_those_of_scikit_learn():
    rows = arm_rows("a", 1, 1.0)
    (arm,) = compared(rows).arms
    chances = rows[[f"score_{name}" for name in NAMES]].to_numpy()
    called = np.array(NAMES)[chances.argmax(axis=1)]
    order = np.argsort(NAMES)  # scikit-learn wants the classes in the order of their names
    sorted_chances = chances[:, order]
    found = {metric.name: metric.value for metric in arm.metrics}
    expected = {
        "accuracy": (called == TRUTH).mean(),
        "balanced_accuracy": balanced_accuracy_score(TRUTH, called),
        "f1_macro": f1_score(TRUTH, called, average="macro"),
        "mcc": matthews_corrcoef(TRUTH, called),
        "hand_till": roc_auc_score(TRUTH, sorted_chances, multi_class="ovo"),
        "brier": brier_score_loss(TRUTH, sorted_chances, labels=sorted(NAMES), scale_by_half=False),
        "log_loss": log_loss(TRUTH, sorted_chances, labels=sorted(NAMES)),
    } | {f"auc_{name}": roc_auc_score(name == TRUTH, chances[:, i]) for i, name in enumerate(NAMES)}
    assert found == pytest.approx(expected, abs=1e-12)
    assert arm.auc == found["hand_till"]
    assert (arm.auc_method, arm.accuracy_method, arm.n_pos) == ("bca", "wilson", None)
    assert arm.auc_ci[0] < arm.auc < arm.auc_ci[1]


def test_scores_that_are_no_probabilities_have_no_log_loss():
    rows = arm_rows("a", 1, 1.0)
    scores = [f"score_{name}" for name in NAMES]
    (arm,) = compared(rows.assign(**{name: 3 * rows[name] for name in scores})).arms
    values = {metric.name: metric.value for metric in arm.metrics}
    assert (values["log_loss"], values["brier"]) == (None, None)
    assert values["hand_till"] is not None


def test_a_pair_is_tested_by_mcnemar_and_the_bootstrap():
    a, b = arm_rows("a", 1, 2.0), arm_rows("b", 2, 0.5)
    results = compared(a, b)
    by_name = {pair.test: pair for pair in results.pairs}
    assert list(by_name) == ["bootstrap", "mcnemar-exact"]
    columns = [f"score_{name}" for name in NAMES]
    called = [np.array(NAMES)[rows[columns].to_numpy().argmax(axis=1)] for rows in (a, b)]
    assert by_name["mcnemar-exact"].p == mcnemar_exact(TRUTH, *called).p
    codes, first = coded(TRUTH, a[columns].to_numpy().T, NAMES)
    _, second = coded(TRUTH, b[columns].to_numpy().T, NAMES)
    assert by_name["bootstrap"].difference == hand_till(codes, first) - hand_till(codes, second)
    (refused,) = results.refused
    assert (refused.test, refused.reason) == ("delong", "it is for two classes, and here are 3")
    assert answer(results).startswith("a against b: AUC (Hand-Till) +0.")
    assert results.notes[1].startswith("classes: ADC, SCC, LCC;")


def test_three_arms_by_q_and_groups_as_the_unit():
    arms = [arm_rows(name, i, 1.0) for i, name in enumerate("abc")]
    (overall,) = compared(*arms).overall
    assert (overall.arms, overall.n) == (3, N)
    patients = [f"p{i // 6}" for i in range(N)]  # both lesions of every class
    grouped = compared(*(rows.assign(group=patients) for rows in arms[:2]))
    assert [pair.test for pair in grouped.pairs] == ["bootstrap", "mcnemar-clustered"]
    assert "10 patients" in grouped.pairs[0].note


def test_runs_of_folds():
    fold = np.arange(N) // 3 % 5
    parts = {name: [arm_rows(name, 10 * i + run, 1.0, repeat=run, fold=fold) for run in range(2)]
             for i, name in enumerate("ab")}  # fmt: skip
    results = compared(*parts["a"], *parts["b"])
    assert [(pair.test, pair.metric) for pair in results.pairs] == [
        ("nadeau-bengio", "hand_till"),
        ("nadeau-bengio", "accuracy"),
    ]
    columns = [f"score_{name}" for name in NAMES]
    areas = {
        arm: [
            hand_till(*coded(TRUTH[fold == k], rows.loc[fold == k, columns].to_numpy().T, NAMES))
            for rows in runs
            for k in range(5)
        ]
        for arm, runs in parts.items()
    }
    gaps = np.subtract(areas["a"], areas["b"])
    expected = nadeau_bengio(gaps, N - 12, 12, 0.95, metric="hand_till")
    assert results.pairs[0].p == pytest.approx(expected.p, rel=1e-12)
    assert results.arms[0].auc_ci is None


def test_what_is_for_two_classes_is_refused_by_name():
    for name in ("delong", "permutation"):
        with pytest.raises(TestRefused, match=f"{name}: it is for two classes, and here are 3"):
            compare(
                checked_predictions(pd.concat([arm_rows("a", 1, 1.0), arm_rows("b", 2, 1.0)]), "test"),
                statistics=Statistics(tests=(name,)),
            )


def test_a_class_without_a_case_leaves_accuracy():
    frames = [arm_rows(name, i, 1.0) for i, name in enumerate("ab")]
    results = compared(*(rows[rows["y_true"] != "LCC"] for rows in frames))
    assert results.arms[0].auc is None
    assert results.arms[0].accuracy is not None
    assert "no AUC: no case is of class 'LCC'" in results.arms[0].notes
    assert [pair.test for pair in results.pairs] == ["mcnemar-exact"]


@pytest.mark.parametrize("grouped", [False, True])
def test_with_two_classes_the_bootstrap_is_that_of_the_auc(grouped):
    rng = np.random.default_rng(6)
    y = np.arange(40) % 2
    a, b = rng.normal(size=(2, 40)) + y
    groups = rng.integers(0, 15, 40) if grouped else None
    one = paired_bootstrap_auc(y, a, b, groups, resamples=300)
    codes = 1 - y
    two = paired_bootstrap_hand_till(codes, np.stack([a, -a]), np.stack([b, -b]), groups, resamples=300)
    assert (two.difference, two.p) == pytest.approx((one.difference, one.p), abs=1e-12)
    assert two.ci == pytest.approx(one.ci, abs=1e-12)
    for first, second in zip(units(y, groups).strata, units_of_classes(codes, groups).strata, strict=True):
        np.testing.assert_array_equal(first, second)
