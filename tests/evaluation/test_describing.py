"""What became of the cases, counted by hand; correlations against scipy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from radcompare.config import Arm
from radcompare.evaluation.describing import LACKING, SHOWN, correlation_of, flow_of
from radcompare.evaluation.study import Study
from radcompare.tables.case import Failure
from radcompare.tables.descriptive import Correlation, Flow, Loss
from radcompare.tables.outcome import Outcome
from radcompare.tables.predictions import Predictions, checked_predictions
from radcompare.tables.results import Stability

MakeStudy = Callable[..., Study]
MakeSource = Callable[..., pd.DataFrame]
N = 12
Y = [0, 1, 1] * 4


def scored(**arms: Sequence[int]) -> Predictions:
    """The cases that every arm scored, by number; `y_true` as in `Y`."""
    rows = [
        {"ID": f"c{number:02d}", "arm": arm, "y_true": Y[number], "score": 0.1 * number}
        for arm, numbers in arms.items()
        for number in numbers
    ]
    return checked_predictions(pd.DataFrame(rows), "p")


def failed(stage: str, problems: Mapping[str, str]) -> list[Failure]:
    return [Failure(case, stage, problem, "hint") for case, problem in problems.items()]


def flow(
    study: Study, predictions: Predictions, failures: Sequence[Failure] = (), groups: str | None = None
) -> Flow:
    return flow_of(study, "malignant", groups, predictions, failures)


def test_cases_classes_and_arms_are_counted(make_study: MakeStudy) -> None:
    study = make_study({}, Y)
    found = flow(study, scored(a=range(12), b=range(2, 12), c=range(10)))
    assert found == Flow(
        cases=12,
        groups=None,
        outcome="malignant",
        classes=(("no", 4), ("yes", 8)),
        losses=(),
        scored=(("a", 12), ("b", 10), ("c", 10)),
        common=8,
    )


def test_a_class_without_cases_is_told(make_study: MakeStudy) -> None:
    study = replace(make_study({}, [0, 0, 2]), outcome=Outcome(np.array([0, 0, 2]), ("x", "y", "z")))
    assert flow(study, scored(a=range(3))).classes == (("x", 2), ("y", 0), ("z", 1))


def test_groups_are_those_that_are_kept_together(make_study: MakeStudy) -> None:
    """Folds take ` p1` and `p1` for the same patient."""
    patients = [f"p{number // 3}" for number in range(N)]
    patients[1] = " p0"
    study = make_study({}, Y, {"patient_id": patients})
    assert flow(study, scored(a=range(N)), groups="patient_id").groups == 4
    assert flow(study, scored(a=range(N))).groups is None


def test_the_configurations_of_an_arm_are_one_arm() -> None:
    frame = scored(a=range(9)).frame
    both = pd.concat([frame.assign(k="5"), frame.assign(k="9").iloc[3:]])
    study = Study(
        pd.DataFrame(index=pd.Index([f"c{n:02d}" for n in range(N)])),
        Outcome(np.array(Y), ("n", "y")),
        {},
        {},
    )
    found = flow(study, Predictions(both))
    assert (found.scored, found.common) == ((("a", 9),), 9)


def test_failures_are_told_by_stage_with_what_most_share(make_study: MakeStudy) -> None:
    failures = [
        *failed("r219", {"c00": "/a/m1.nii: mask is empty", "c01": "/a/m2.nii: mask is empty"}),
        *failed("net", {"c00": "/a/m1.nii: mask is empty", "c02": "x: too small", "c03": "y: too small"}),
        *failed("bare", {"c05": "it failed"}),
    ]
    assert flow(make_study({}, Y), scored(a=range(4, N)), failures).losses == (
        Loss("r219", 2, "mask is empty"),
        Loss("net", 3, "too small (2), and other reasons"),
        Loss("bare", 1, "it failed"),
    )


def test_a_case_that_a_stage_failed_twice_is_lost_once(make_study: MakeStudy) -> None:
    failures = failed("net", {"c00": "a: fold 1"}) + failed("net", {"c00": "a: fold 2"})
    assert flow(make_study({}, Y), scored(a=range(1, N)), failures).losses == (Loss("net", 1, "fold 2"),)


def test_a_table_that_lacks_cases_is_told_and_failures_are_not_told_twice(
    make_study: MakeStudy, make_source: MakeSource
) -> None:
    sources = {
        "measured": make_source(1, N, 2).drop(["c00", "c01"]),
        "table": make_source(2, N, 2).drop(["c03", "c04", "c05"]),
        "both": make_source(3, N, 2).drop(["c00", "c07"]),
        "whole": make_source(4, N, 2),
    }
    failures = failed("measured", {"c00": "a: b", "c01": "a: b"}) + failed("both", {"c00": "a: b"})
    assert flow(make_study(sources, Y), scored(a=range(8, N)), failures).losses == (
        Loss("measured", 2, "b"),
        Loss("both", 2, "b (1), and other reasons"),
        Loss("table", 3, LACKING),
    )


def test_stages_that_lost_the_same_cases_are_told_together(
    make_study: MakeStudy, make_source: MakeSource
) -> None:
    names = [f"cnn-f {number}" for number in range(5)]
    sources = {name: make_source(1, N, 2).drop(["c00"]) for name in names}
    failures = [failure for name in names for failure in failed(name, {"c00": "a: b"})]
    found = flow(make_study(sources, Y), scored(a=range(1, N)), failures)
    assert found.losses == (Loss("cnn-f 0, cnn-f 1, cnn-f 2 and 2 more", 1, "b"),)


def test_cases_that_no_arm_scored_and_none_lost_are_only_trained_on(
    make_study: MakeStudy, make_source: MakeSource
) -> None:
    sources = {"a": make_source(1, N, 2).drop(["c00"])}
    found = flow(make_study(sources, Y), scored(a=range(10, N)), failed("a", {"c00": "a: b"}))
    assert found.only_trained == 9
    assert flow(make_study(sources, Y), scored(a=range(1, N)), failed("a", {"c00": "a: b"})).only_trained == 0


def stable(arm: str, *names: str, k: str = "5") -> Stability:
    return Stability(arm, "su", k, 4, 9, None, 0.5, tuple((name, 0.5) for name in names))


MERGED = {"one": Arm(sources=("a",)), "both": Arm(sources=("a", "b"))}


@pytest.fixture
def study(make_study: MakeStudy, make_source: MakeSource) -> Study:
    """Two sources that share a signal, one with steps and so with ties."""
    a = make_source(1, N, 4, "a", np.arange(N) / 4)
    b = make_source(2, N, 4, "b", np.arange(N) / 4).round(0)
    return make_study({"a": a, "b": b}, Y)


def correlated(study: Study, *stability: Stability, arms: Mapping[str, Arm] | None = None) -> Correlation:
    found = correlation_of(study, arms or MERGED, stability)
    assert found is not None
    return found


def test_it_is_the_correlation_of_scipy(study: Study) -> None:
    found = correlated(study, stable("both", "a0", "b0", "a2", "b3"))
    assert (found.arm, found.cases) == ("both", N)
    assert (found.features, found.sources) == (("a0", "a2", "b0", "b3"), ("a", "a", "b", "b"))
    table = pd.concat([study.sources["a"][["a0", "a2"]], study.sources["b"][["b0", "b3"]]], axis=1)
    expected = spearmanr(table).statistic
    np.testing.assert_allclose(np.array(found.values, dtype=float), expected, rtol=0, atol=0.5e-4)
    assert 0.3 < abs(expected[0, 2]) < 1


def test_rows_with_gaps_are_left_out_for_all(study: Study) -> None:
    a, b = study.sources["a"].copy(), study.sources["b"].drop("c05")
    a.loc["c02", "a0"] = np.nan
    a.loc["c03", "a1"] = np.nan  # of a feature that is not shown
    gaps = replace(study, sources={"a": a, "b": b[::-1]})
    found = correlated(gaps, stable("both", "a0", "b0"))
    kept = study.columns.index.drop(["c02", "c05"])
    assert found.cases == len(kept) == 10
    rho = spearmanr(a.loc[kept, "a0"], b.loc[kept, "b0"]).statistic
    assert found.values[0][1] == pytest.approx(rho, abs=0.5e-4)


def test_a_constant_feature_has_no_correlation(study: Study) -> None:
    flat = replace(study, sources={**study.sources, "b": study.sources["b"].assign(b0=3.0)})
    found = correlated(flat, stable("both", "a0", "a1", "b0"))
    assert found.values[2] == (None, None, None)
    assert [row[2] for row in found.values] == [None] * 3
    assert found.values[0][:2] == pytest.approx((1.0, found.values[1][0]))


def test_the_merged_arm_comes_first_and_single_arms_fill_up(study: Study) -> None:
    found = correlated(study, stable("one", "a3", "a1"), stable("both", "b1", "a1"))
    assert found.features == ("a1", "a3", "b1")


def test_arms_of_other_sources_do_not_count(study: Study) -> None:
    arms = {**MERGED, "other": Arm(sources=("b", "a")), "gone": Arm(sources=("b",))}
    found = correlated(
        study, stable("both", "a0", "b0"), stable("other", "a3"), stable("nowhere", "a2"), arms=arms
    )
    assert found.features == ("a0", "b0")


def test_a_source_shows_so_many_features_and_no_more(make_study: MakeStudy, make_source: MakeSource) -> None:
    study = make_study({"a": make_source(1, N, 40, "a"), "b": make_source(2, N, 40, "b")}, Y)
    names = [f"{source}{number}" for number in range(39, -1, -1) for source in "ab"]
    found = correlated(study, stable("both", *names))
    assert SHOWN == 15
    assert found.features == tuple(f"{source}{number}" for source in "ab" for number in range(39, 24, -1))
    assert {len(row) for row in found.values} == {len(found.values)} == {30}


@pytest.mark.parametrize(
    ("arms", "stability"),
    [
        ({"one": Arm(sources=("a",))}, [stable("one", "a0")]),
        (MERGED, [stable("both", "a0", "a1")]),
        (MERGED, []),
        ({"net": Arm(score="s")}, []),
    ],
    ids=["no merged arm", "one source kept", "nothing kept", "no sources"],
)
def test_two_sources_are_needed(study: Study, arms: dict[str, Arm], stability: list[Stability]) -> None:
    assert correlation_of(study, arms, stability) is None


def test_nominal_columns_have_no_ranks(study: Study) -> None:
    named = study.sources["a"].assign(a0=pd.Categorical(["round", "long"] * 6))
    found = correlated(
        replace(study, sources={**study.sources, "a": named}), stable("both", "a0", "a1", "b0")
    )
    assert found.features == ("a1", "b0")


def test_two_cases_are_no_correlation(study: Study) -> None:
    few = replace(study, sources={**study.sources, "a": study.sources["a"].iloc[:2]})
    assert correlation_of(few, MERGED, [stable("both", "a0", "b0")]) is None


def test_a_column_of_both_sources_is_shown_once(make_study: MakeStudy, make_source: MakeSource) -> None:
    """An arm takes it of the first of its sources."""
    sources: dict[str, Any] = {"a": make_source(1, N, 3, "x"), "b": make_source(2, N, 4, "x")}
    found = correlated(make_study(sources, Y), stable("both", "x0", "x3"))
    assert (found.features, found.sources) == (("x0", "x3"), ("a", "b"))


def test_of_a_sweep_the_first_variant_is_described(make_study: MakeStudy, make_source: MakeSource) -> None:
    sources = {name: make_source(at, N, 3, name[0]) for at, name in enumerate(("a", "d pre", "d post"))}
    arms = {
        "both pre": Arm(sources=("a", "d pre"), variant_of="both"),
        "both post": Arm(sources=("a", "d post"), variant_of="both"),
        "deep post": Arm(sources=("d post",), variant_of="deep"),
        "deep pre": Arm(sources=("d pre",), variant_of="deep"),
    }
    stability = [stable("both post", "a2", "d2"), stable("deep pre", "d1"), stable("both pre", "a0", "d0")]
    found = correlated(make_study(sources, Y), *stability, arms=arms)
    assert (found.features, found.sources) == (("a0", "d0", "d1"), ("a", "d pre", "d pre"))
    assert found.arm == "both pre"
