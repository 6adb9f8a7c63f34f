"""The whole comparison: who is tested against whom, how p is adjusted, and the JSON that programs read."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from radcompare.compare.adjust import holm
from radcompare.compare.calibration import measured
from radcompare.compare.cochran import cochran_q
from radcompare.compare.comparison import compare
from radcompare.compare.delong import delong_test
from radcompare.config import Statistics
from radcompare.errors import ConfigError, TestRefused, UnknownNameError
from radcompare.tables.predictions import Predictions, checked_predictions
from radcompare.tables.results import Results

N = 40
Y = np.arange(N) % 2


def arm_rows(name: str, seed: int, strength: float, **columns: Any) -> pd.DataFrame:
    score = np.random.default_rng(seed).normal(size=N) + strength * Y
    frame = pd.DataFrame({"ID": [f"c{i:02d}" for i in range(N)], "arm": name, "y_true": Y, "score": score})
    return frame.assign(**({"predicted": (score > strength / 2).astype(int)} | columns))


def predictions(*frames: pd.DataFrame) -> Predictions:
    return checked_predictions(pd.concat(frames), "test")


def three_arms() -> Predictions:
    return predictions(arm_rows("a", 1, 2.0), arm_rows("b", 2, 1.0), arm_rows("c", 3, 0.0))


def pairs_of(results: Results, test: str) -> dict[tuple[str, str], float]:
    return {(pair.a, pair.b): pair.p for pair in results.pairs if pair.test == test}


def test_every_pair_is_tested_in_the_order_of_the_arms() -> None:
    results = compare(three_arms())
    assert [arm.arm for arm in results.arms] == ["a", "b", "c"]
    assert list(pairs_of(results, "delong")) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert list(pairs_of(results, "mcnemar-exact")) == [("a", "b"), ("a", "c"), ("b", "c")]
    scores = {name: rows["score"] for name, rows in three_arms().frame.groupby("arm")}
    assert pairs_of(results, "delong")["a", "c"] == delong_test(Y, scores["a"], scores["c"]).p
    assert {pair.n for pair in results.pairs} == {N}


def test_a_reference_is_subtracted_from_the_others() -> None:
    results = compare(three_arms(), reference="b")
    assert list(pairs_of(results, "delong")) == [("a", "b"), ("c", "b")]
    auc = {arm.arm: arm.auc for arm in results.arms}
    differences = {(p.a, p.b): p.difference for p in results.pairs if p.metric == "auc"}
    assert differences == pytest.approx({("a", "b"): auc["a"] - auc["b"], ("c", "b"): auc["c"] - auc["b"]})


def test_an_unknown_reference_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown arm 'radiomic'; did you mean 'radiomics'"):
        compare(predictions(arm_rows("radiomics", 1, 1.0), arm_rows("deep", 2, 1.0)), reference="radiomic")


def test_p_is_adjusted_within_a_test_and_not_across() -> None:
    results = compare(three_arms())
    for test in ("delong", "mcnemar-exact"):
        family = [pair for pair in results.pairs if pair.test == test]
        np.testing.assert_array_equal([p.p_adjusted for p in family], holm([p.p for p in family]))
    assert any(pair.p_adjusted > pair.p for pair in results.pairs)


def test_areas_and_accuracies_over_folds_are_two_families() -> None:
    folds = np.arange(N) // 2 % 4
    arms = [
        arm_rows(name, 10 * number + run, 2.0 - number, repeat=run, fold=folds)
        for number, name in enumerate("abc")
        for run in range(2)
    ]
    results = compare(predictions(*arms))
    for metric in ("auc", "accuracy"):
        family = [pair for pair in results.pairs if pair.metric == metric]
        assert [pair.test for pair in family] == ["nadeau-bengio"] * 3
        np.testing.assert_array_equal([p.p_adjusted for p in family], holm([p.p for p in family]))
    assert {refusal.test for refusal in results.refused} == {"delong", "mcnemar-exact", "cochran-q"}
    assert results.design == "40 cases, 4-fold cross-validation, 2 runs"


def test_the_rest_of_a_sweep_is_measured_and_never_tested() -> None:
    swept = [
        arm_rows("a", seed, 1.0, selector="su", k=str(k), classifier="cart") for seed, k in ((1, 5), (2, 10))
    ]
    results = compare(predictions(*swept, arm_rows("b", 3, 1.0)))
    assert [(arm.arm, arm.k) for arm in results.arms] == [("a", "5"), ("b", "")]
    assert [(arm.arm, arm.k) for arm in results.exploratory] == [("a", "10")]
    assert list(pairs_of(results, "delong")) == [("a", "b")]
    first = swept[0]["score"]
    assert pairs_of(results, "delong")["a", "b"] == delong_test(Y, first, arm_rows("b", 3, 1.0)["score"]).p
    assert any(note.startswith("1 further configurations are exploratory") for note in results.notes)


def test_an_arm_that_lost_cases_is_tested_on_the_common_ones() -> None:
    results = compare(predictions(arm_rows("a", 1, 2.0), arm_rows("b", 2, 1.0)[4:], arm_rows("c", 3, 0.5)))
    assert [arm.n for arm in results.arms] == [N, N - 4, N]
    assert {(p.a, p.b): p.n for p in results.pairs} == {("a", "b"): 36, ("a", "c"): 40, ("b", "c"): 36}
    assert results.design.startswith("40 cases")


def test_one_arm_has_no_pair() -> None:
    results = compare(predictions(arm_rows("a", 1, 2.0)))
    assert (len(results.arms), results.pairs, results.refused) == (1, (), ())


def test_arms_without_a_common_case_are_refused() -> None:
    other = arm_rows("b", 2, 1.0).assign(ID=[f"d{i}" for i in range(N)])
    results = compare(predictions(arm_rows("a", 1, 2.0), other))
    assert results.pairs == ()
    assert {(r.test, r.reason) for r in results.refused} == {
        ("delong", "the two arms share no case"),
        ("mcnemar-exact", "the two arms share no case"),
    }


def test_leave_one_out_and_its_caveats_are_told() -> None:
    fold = np.arange(N)
    results = compare(predictions(arm_rows("a", 1, 2.0, fold=fold), arm_rows("b", 2, 1.0, fold=fold)))
    assert results.design == "40 cases, leave-one-out"
    starts = [note.split(":")[0].split(" (")[0] for note in results.notes]
    assert starts == ["tests", "leave-one-out", "leave-one-out", "in simulations of equally good arms"]


def test_predictions_of_another_program_need_four_columns() -> None:
    bare = [
        arm_rows(name, seed, 1.0)[["ID", "arm", "y_true", "score"]] for name, seed in (("a", 1), ("b", 2))
    ]
    results = compare(predictions(*bare))
    assert [pair.test for pair in results.pairs] == ["delong"], "no agreed cut for raw scores, so no accuracy"
    assert results.design == "40 cases, one score per case"
    assert results.arms[0].accuracy is None


def test_the_json_that_programs_read() -> None:
    groups = [f"p{i // 2}" for i in range(N)]
    results = compare(predictions(arm_rows("a", 1, 2.0, group=groups), arm_rows("b", 2, 1.0, group=groups)))
    told = json.loads(json.dumps(results.to_json(), allow_nan=False))
    assert {"arms", "pairs", "refused"} <= set(told)
    assert {"arm", "n", "accuracy", "accuracy_ci", "auc", "auc_ci"} <= set(told["arms"][0])
    assert {"a", "b", "test", "metric", "difference", "ci", "p", "p_adjusted"} <= set(told["pairs"][0])
    assert {"test", "reason", "instead"} <= set(told["refused"][0])
    assert len(told["arms"][0]["auc_ci"]) == 2
    assert len(told["arms"][0]["accuracy_ci"]) == 2
    assert [pair["test"] for pair in told["pairs"]] == ["delong-clustered", "mcnemar-clustered"]


def test_undefined_numbers_are_null_in_the_json() -> None:
    one_class = [arm_rows(name, seed, 1.0, y_true=1) for name, seed in (("a", 1), ("b", 2))]
    told = compare(predictions(*one_class)).to_json()
    assert told["arms"][0]["auc"] is None
    assert told["arms"][0]["specificity"] is None
    assert {r["test"] for r in told["refused"]} == {"delong"}


def test_the_confidence_goes_everywhere() -> None:
    wide, narrow = (compare(three_arms(), confidence=level) for level in (0.99, 0.8))
    assert (wide.confidence, narrow.confidence) == (0.99, 0.8)
    for one, other in zip((*wide.arms, *wide.pairs), (*narrow.arms, *narrow.pairs), strict=True):
        outer = one.auc_ci if hasattr(one, "auc_ci") else one.ci
        inner = other.auc_ci if hasattr(other, "auc_ci") else other.ci
        assert outer is not None
        assert inner is not None
        assert outer[0] < inner[0]
        assert inner[1] < outer[1]


def test_three_arms_are_tested_at_once_on_their_common_cases() -> None:
    frames = [arm_rows("a", 1, 2.0), arm_rows("b", 2, 1.0)[4:], arm_rows("c", 3, 0.0).sample(frac=1.0)]
    (found,) = compare(predictions(*frames)).overall
    called = [frame.set_index("ID")["predicted"].sort_index()[-(N - 4) :] for frame in frames]
    expected = cochran_q(Y[4:], called)
    assert (found.test, found.n, found.arms) == ("cochran-q", N - 4, 3)
    assert (found.statistic, found.p) == (expected.statistic, expected.p)
    assert found.by_luck is not None


def test_two_arms_are_not_tested_all_at_once() -> None:
    two = predictions(arm_rows("a", 1, 2.0), arm_rows("b", 2, 1.0))
    assert compare(two).overall == ()
    with pytest.raises(TestRefused, match="cochran-q: 2 arms: the test is for three or more"):
        compare(two, statistics=Statistics(tests=("cochran-q",)))


@pytest.mark.slow
def test_all_at_once_alone_or_beside_another() -> None:
    alone = compare(three_arms(), statistics=Statistics(tests=("cochran-q",)))
    assert (len(alone.overall), alone.pairs) == (1, ())
    both = compare(three_arms(), statistics=Statistics(tests=("delong", "cochran-q")))
    assert (len(both.overall), len(both.pairs)) == (1, 3)
    assert compare(three_arms(), statistics=Statistics(tests=("delong",))).overall == ()


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"group": [f"p{i // 2}" for i in range(N)]}, "cases of one group are not independent"),
        ({"predicted": np.nan}, "an arm has no predicted classes"),
    ],
)
def test_where_all_at_once_would_be_wrong(columns: dict[str, Any], reason: str) -> None:
    results = compare(predictions(*(arm_rows(name, i, 1.0, **columns) for i, name in enumerate("abc"))))
    (refused,) = [refusal for refusal in results.refused if refusal.test == "cochran-q"]
    assert refused.reason.startswith(reason)
    assert results.overall == ()


def test_a_margin_is_tested_beside_every_usual_test() -> None:
    results = compare(three_arms(), reference="a", statistics=Statistics(margin=0.2))
    assert [(f.a, f.b, f.test) for f in results.non_inferiority] == [
        *(("b", "a", "delong"), ("b", "a", "tango"), ("c", "a", "delong"), ("c", "a", "tango"))
    ]
    for test in ("delong", "tango"):
        family = [found for found in results.non_inferiority if found.test == test]
        np.testing.assert_array_equal([f.p_adjusted for f in family], holm([f.p for f in family]))
        assert [f.shown for f in family] == [f.p_adjusted <= 0.025 for f in family]
    rates = {pair.metric: pair.by_luck for pair in results.pairs}
    assert all(found.by_luck == rates[found.metric] for found in results.non_inferiority)
    lower = [pair.ci[0] for pair in results.pairs if pair.test == "delong" and pair.ci]
    assert [f.lower for f in results.non_inferiority if f.test == "delong"] == pytest.approx(lower, abs=1e-14)


def test_a_margin_that_a_test_cannot_judge_is_refused() -> None:
    settings = Statistics(margin=0.2, tests=("permutation", "delong"))
    results = compare(three_arms(), reference="a", statistics=settings)
    assert {refusal.test for refusal in results.refused} == {"permutation"}
    assert {found.test for found in results.non_inferiority} == {"delong"}


def test_a_margin_needs_a_reference() -> None:
    with pytest.raises(ConfigError, match="a margin without a reference"):
        compare(three_arms(), statistics=Statistics(margin=0.2))


def test_how_often_a_test_is_wrong_goes_with_it() -> None:
    folds = np.arange(N) // 2 % 10
    one = compare(predictions(arm_rows("a", 1, 2.0, fold=folds), arm_rows("b", 2, 1.0, fold=folds)))
    assert {pair.test: pair.by_luck for pair in one.pairs} == {
        name: measured()["10 folds"][name, metric]
        for name, metric in (("delong", "auc"), ("mcnemar-exact", "accuracy"))
    }
    cohort = compare(predictions(arm_rows("a", 1, 2.0), arm_rows("b", 2, 1.0)))
    (told,) = [note for note in cohort.notes if note.startswith("in simulations")]
    assert "mcnemar-exact 2 to 4 % (accuracy)" in told
    assert "delong" not in told
