"""Which tests a pair of arms gets, against the pure functions, and which it is refused."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from radcompare.compare import pair as pairing
from radcompare.compare.auc import auc
from radcompare.compare.clustered_accuracy import mcnemar_clustered
from radcompare.compare.delong import delong_clustered, delong_test
from radcompare.compare.mcnemar import mcnemar_exact, mcnemar_midp
from radcompare.compare.pair import pair_up
from radcompare.compare.paired_bootstrap import paired_bootstrap_auc
from radcompare.compare.permutation import permutation_auc
from radcompare.compare.result import Comparison
from radcompare.config import Statistics
from radcompare.tables.results import Refusal

N = 30
Y = np.arange(N) % 2


def rows(seed: int, strength: float = 1.0, **columns: Any) -> pd.DataFrame:
    """One arm on all cases."""
    score = np.random.default_rng(seed).normal(size=N) + strength * Y
    frame = pd.DataFrame({"ID": [f"c{i:02d}" for i in range(N)], "y_true": Y, "score": score})
    predicted = (score > 0.5).astype(float)
    return frame.assign(**({"repeat": 0, "fold": 0, "predicted": predicted, "arm": "x"} | columns))


def outcomes(a: pd.DataFrame, b: pd.DataFrame) -> tuple[list[Comparison], list[Refusal]]:
    found = list(pairing.tests_of(pairing.pair_up("a", a, "b", b), 0.95, Statistics()))
    return [f for f in found if isinstance(f, Comparison)], [f for f in found if isinstance(f, Refusal)]


def test_one_run_gets_delong_and_mcnemar() -> None:
    a, b = rows(1, 2.0), rows(2)
    (areas, accuracies), refused = outcomes(a, b)
    expected = delong_test(Y, a["score"], b["score"])
    assert (areas.test, areas.difference, areas.ci, areas.p) == (
        "delong",
        expected.difference,
        expected.ci,
        expected.p,
    )
    right = mcnemar_exact(Y, a["predicted"], b["predicted"])
    assert accuracies == right
    assert refused == []


def test_what_could_have_been_shown_is_told() -> None:
    (areas, _), _ = outcomes(rows(1, 2.0), rows(2))
    assert areas.ci is not None
    assert areas.statistic is not None
    limit = (1.959964 + 0.841621) * areas.difference / areas.statistic
    assert areas.note == f"a true difference of {limit:.2f} would be found 8 times in 10"


def test_an_arm_against_itself_differs_by_nothing() -> None:
    (areas, accuracies), _ = outcomes(rows(1), rows(1))
    assert (areas.difference, areas.p, areas.note) == (0.0, 1.0, "")
    assert (accuracies.difference, accuracies.p) == (0.0, 1.0)


def test_only_common_cases_are_tested_whatever_their_order() -> None:
    a, b = rows(1, 2.0), rows(2)
    lost_a, lost_b = a.drop([3, 4]), b.drop([0, 7])[::-1]
    pair = pairing.pair_up("a", lost_a, "b", lost_b)
    common = a.index.difference([0, 3, 4, 7])
    assert pair.cases == N - 4
    (areas, accuracies), _ = outcomes(lost_a, lost_b)
    assert areas.p == delong_test(Y[common], a.loc[common, "score"], b.loc[common, "score"]).p
    assert accuracies == mcnemar_exact(Y[common], a.loc[common, "predicted"], b.loc[common, "predicted"])


def test_cases_of_one_patient_are_tested_by_patients() -> None:
    groups = [f"p{i // 3}" for i in range(N)]
    a, b = rows(1, 2.0, group=groups), rows(2, group=groups)
    (areas, accuracies), refused = outcomes(a, b)
    assert accuracies == mcnemar_clustered(Y, a["predicted"], b["predicted"], groups)
    expected = delong_clustered(Y, a["score"], b["score"], groups)
    assert (areas.test, areas.difference, areas.ci, areas.p) == (
        "delong-clustered",
        expected.difference,
        expected.ci,
        expected.p,
    )
    assert [r.test for r in refused] == ["delong", "mcnemar-exact"]
    assert refused[0].reason == "the 30 cases are of 10 groups and not independent, as the test takes them"
    assert refused[0].instead.startswith("delong-clustered")
    assert (refused[0].a, refused[0].b) == ("a", "b")


def test_groups_that_lose_all_but_one_case_are_no_groups() -> None:
    groups = [f"p{i // 2}" for i in range(N)]
    a, b = rows(1, 2.0, group=groups), rows(2, group=groups)
    kept = [i for i in range(N) if i % 4 in (0, 3)]  # one case of every patient, both classes
    found, refused = outcomes(a.loc[kept], b)
    assert [test.test for test in found] == ["delong", "mcnemar-exact"]
    assert refused == []


def test_repeated_runs_get_the_corrected_t_test_alone() -> None:
    fold = np.arange(N) // 2 % 5
    a, b = (
        pd.concat([rows(10 * seed + run, strength, repeat=run, fold=fold) for run in range(3)])
        for seed, strength in ((1, 2.0), (2, 1.0))
    )
    found, refused = outcomes(a, b)
    assert [(test.test, test.metric) for test in found] == [
        ("nadeau-bengio", "auc"),
        ("nadeau-bengio", "accuracy"),
    ]
    assert [(r.test, r.instead) for r in refused] == [
        ("delong", "nadeau-bengio"),
        ("mcnemar-exact", "nadeau-bengio"),
    ]
    assert refused[0].reason == "3 runs score every case 3 times; pooled they are not independent"


def test_arms_of_different_repeats_are_not_paired() -> None:
    found, refused = outcomes(rows(1), pd.concat([rows(2), rows(3, repeat=1)]))
    assert found == []
    assert [r.test for r in refused] == ["delong", "mcnemar-exact"]
    assert refused[0].reason == "a and b were not run in the same repeats"


def test_arms_that_share_no_case_are_not_paired() -> None:
    found, refused = outcomes(rows(1), rows(2).assign(ID=[f"d{i}" for i in range(N)]))
    assert found == []
    assert {r.reason for r in refused} == {"the two arms share no case"}


@pytest.mark.parametrize("predicted", [np.nan, [np.nan] + [1.0] * (N - 1)])
def test_without_predicted_classes_only_areas_are_tested(predicted: Any) -> None:
    found, (refused,) = outcomes(rows(1), rows(2, predicted=predicted))
    assert [test.test for test in found] == ["delong"]
    assert (refused.test, refused.reason) == ("mcnemar-exact", "an arm has no predicted classes")


def test_one_class_is_refused_by_name() -> None:
    (accuracies,), (refused,) = outcomes(rows(1, y_true=1), rows(2, y_true=1))
    assert accuracies.test == "mcnemar-exact"
    assert refused.test == "delong"
    assert refused.reason == "30 positive and 0 negative cases: at least 2 of each needed"
    assert "mcnemar-exact" in refused.instead


def test_perfect_separation_against_a_weaker_arm() -> None:
    weak = rows(2, 0.5)
    (areas, _), _ = outcomes(rows(1, 100.0), weak)
    assert areas.difference == pytest.approx(1 - auc(Y, weak["score"]), abs=1e-15)
    assert areas.p < 0.05


def test_two_perfect_arms_cannot_be_told_apart() -> None:
    (areas, _), _ = outcomes(rows(1, 100.0), rows(2, 100.0))
    assert (areas.difference, areas.p, areas.ci) == (0.0, 1.0, (0.0, 0.0))


def asked(*names: str) -> Statistics:
    return Statistics(tests=names, resamples=200)


def one_run(**columns: object) -> pd.DataFrame:
    random = np.random.default_rng(5)
    y = np.arange(40) % 2
    score = y + random.normal(size=40)
    plain = {"ID": [f"c{i}" for i in range(40)], "y_true": y, "score": score, "repeat": 0, "fold": 0}
    return pd.DataFrame(plain | {"predicted": (score > 0.5).astype(int)} | columns)


def answered(a: pd.DataFrame, b: pd.DataFrame, *names: str) -> list[Comparison | Refusal]:
    return list(pairing.tests_of(pair_up("a", a, "b", b), 0.95, asked(*names)))


def test_tests_that_are_asked_for_replace_the_usual_ones() -> None:
    a, b = one_run(), one_run(score=np.random.default_rng(6).normal(size=40))
    midp, bootstrap, permutation = answered(a, b, "mcnemar-midp", "bootstrap", "permutation")
    assert isinstance(midp, Comparison)
    assert isinstance(bootstrap, Comparison)
    assert isinstance(permutation, Comparison)
    y = a["y_true"]
    assert midp == mcnemar_midp(y, a["predicted"], b["predicted"])
    assert bootstrap == paired_bootstrap_auc(y, a["score"], b["score"], resamples=200)
    assert permutation == permutation_auc(y, a["score"], b["score"])


def test_groups_reach_the_resampling_tests() -> None:
    groups = [f"p{i // 2}" for i in range(40)]
    a, b = one_run(group=groups), one_run(group=groups, score=np.random.default_rng(6).normal(size=40))
    bootstrap, permutation = answered(a, b, "bootstrap", "permutation")
    assert isinstance(bootstrap, Comparison)
    assert isinstance(permutation, Comparison)
    assert bootstrap == paired_bootstrap_auc(a["y_true"], a["score"], b["score"], groups, resamples=200)
    assert permutation == permutation_auc(a["y_true"], a["score"], b["score"], groups)


GROUPS = [f"p{i // 2}" for i in range(40)]
WRONG = [
    ({"group": GROUPS}, "mcnemar-midp", "the 40 cases are of 20 groups"),
    ({"group": GROUPS}, "delong", "the 40 cases are of 20 groups"),
    ({}, "delong-clustered", "no group has several cases"),
    ({}, "nadeau-bengio", "one run scores every case once"),
]


@pytest.mark.parametrize(("columns", "name", "reason"), WRONG, ids=[f"{n} {bool(c)}" for c, n, _ in WRONG])
def test_a_test_that_is_asked_for_and_wrong_is_refused(
    columns: dict[str, object], name: str, reason: str
) -> None:
    (refusal,) = answered(one_run(**columns), one_run(**columns), name)
    assert isinstance(refusal, Refusal)
    assert (refusal.test, reason in refusal.reason) == (name, True)
    assert refusal.instead


def test_one_run_tests_are_wrong_for_several_runs() -> None:
    runs = pd.concat([one_run(), one_run(repeat=1)])
    for refusal in answered(runs, runs, "permutation", "bootstrap", "mcnemar-midp"):
        assert isinstance(refusal, Refusal)
        assert refusal.instead == "nadeau-bengio"


def test_what_can_be_concluded_is_a_number_as_well() -> None:
    a, b = one_run(), one_run(score=np.random.default_rng(6).normal(size=40))
    delong, mcnemar = answered(a, b, "delong", "mcnemar-exact")
    assert isinstance(delong, Comparison)
    assert isinstance(mcnemar, Comparison)
    assert delong.ci is not None
    se = (delong.ci[1] - delong.ci[0]) / 2 / 1.959963984540054
    assert delong.detectable == pytest.approx((1.959963984540054 + 0.8416212335729143) * se, rel=1e-12)
    assert mcnemar.smallest_p is not None
    assert mcnemar.smallest_p <= mcnemar.p


def test_five_runs_of_two_folds_are_tested_by_f_where_asked_for() -> None:
    def repeated(seed: int, runs: int) -> pd.DataFrame:
        parts = [rows(seed + run, 1.0, repeat=run, fold=(np.arange(N) // 2 + run) % 2) for run in range(runs)]
        return pd.concat(parts, ignore_index=True)

    tests, refused = outcomes(repeated(1, 5), repeated(21, 5))
    assert {test.test for test in tests} == {
        "nadeau-bengio"
    }  # on equally good arms the other is too often wrong
    assert {refusal.instead for refusal in refused} == {"nadeau-bengio"}
    pair = pair_up("a", repeated(1, 5), "b", repeated(21, 5))
    tests = [*pairing.tests_of(pair, 0.95, Statistics(tests=("5x2cv-f",)))]
    assert [(test.test, test.metric) for test in tests] == [("5x2cv-f", "auc"), ("5x2cv-f", "accuracy")]
    pair = pair_up("a", repeated(1, 4), "b", repeated(21, 4))
    (refusal,) = pairing.tests_of(pair, 0.95, Statistics(tests=("5x2cv-f",)))
    assert isinstance(refusal, Refusal)
    assert refusal.instead == "nadeau-bengio, or --cv 5x2"
