"""Relief-F against Weka 3.9.7, against the definition written out as loops, and against its own invariances."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radcompare.errors import ConfigError, DataError, OutcomeError, UnknownNameError
from radcompare.selection import relieff
from radcompare.selection.java_random import java_rows
from radcompare.selection.ranking import ranking
from radcompare.selection.relieff import ReliefF

WEKA_TABLES = ["breast_cancer", "iris", "missing_mixed", "nominal", "smallclass"]
WEKA_SETTINGS = {
    "relieff_k10": {},
    "relieff_k5": {"neighbours": 5},
    "relieff_k1": {"neighbours": 1},
    "relieff_k10_M50_D1": {"sample": 50, "seed": 1},
    "relieff_k10_W_A2": {"sigma": 2},
    "relieff_k10_W_A5": {"sigma": 5},
}


@pytest.mark.parametrize("settings", WEKA_SETTINGS)
@pytest.mark.parametrize("name", WEKA_TABLES)
def test_weka_ties_give_the_scores_of_weka(weka_table, name, settings):
    table = weka_table(name)
    found = ReliefF(ties="weka", **WEKA_SETTINGS[settings]).fit(table.X, table.y, table.levels)
    np.testing.assert_allclose(found.scores_, table.scores[settings], rtol=0, atol=1e-12)


@pytest.mark.parametrize("settings", WEKA_SETTINGS)
@pytest.mark.parametrize("name", ["breast_cancer", "smallclass"])
def test_index_ties_give_the_same_where_no_distances_tie(weka_table, name, settings):
    table = weka_table(name)
    found = ReliefF(**WEKA_SETTINGS[settings]).fit(table.X, table.y, table.levels)
    np.testing.assert_allclose(found.scores_, table.scores[settings], rtol=0, atol=1e-12)


def test_rank_weights_need_the_order_that_wekas_quicksort_leaves(weka_table, monkeypatch):
    table = weka_table("nominal")
    monkeypatch.setattr(relieff, "quicksort_orders", lambda keys: np.argsort(keys, axis=1, kind="stable"))
    found = ReliefF(ties="weka", sigma=2).fit(table.X, table.y, table.levels)
    assert np.abs(found.scores_ - table.scores["relieff_k10_W_A2"]).max() > 1e-3


def difference(a, b, level):
    gone = math.isnan(a) + math.isnan(b)
    if level:
        return 1 - 1 / level if gone else float(a != b)
    if gone:
        known = b if math.isnan(a) else a
        return 1.0 if gone == 2 else max(known, 1 - known)
    return abs(a - b)


def slots(candidates, k):
    held = candidates[:k]
    for candidate in candidates[k:]:
        farthest = max(range(k), key=lambda slot: held[slot][0])
        if candidate[0] < held[farthest][0]:
            held[farthest] = candidate
    return held


def relieff_by_definition(X, y, levels, *, k=10, ties="index", rows=None, sigma=None):
    """The definition as loops over rows, classes, neighbours and features."""
    n, p = X.shape
    N = X.copy()
    for f in np.flatnonzero(levels == 0):
        present = X[~np.isnan(X[:, f]), f]
        span = np.ptp(present) if len(present) else 0.0
        flat = span < 1e-6 if ties == "weka" else span == 0
        N[:, f] = np.where(np.isnan(X[:, f]), np.nan, 0.0 if flat else (X[:, f] - present.min()) / span)
    W, counts, asked = np.zeros(p), np.bincount(y), range(n) if rows is None else rows
    for z in asked:
        for c in np.flatnonzero(counts):
            near = []
            for i in np.flatnonzero(y == c):
                if i != z:
                    near.append((sum(difference(N[z, f], N[i, f], levels[f]) for f in range(p)), i))
            if ties == "index":
                near = sorted((round(distance, 9), i) for distance, i in near)[:k]
            else:
                near = slots(near, k)
                near = sorted(near, key=lambda pair: pair[0]) if sigma else near
            ranks = [math.exp(-((r / sigma) ** 2)) if sigma else 1.0 for r in range(len(near))]
            share = (
                -1 if c == y[z] else 1.0 if np.count_nonzero(counts) == 2 else counts[c] / (n - counts[y[z]])
            )
            for rank, (_, i) in zip(ranks, near, strict=True):
                for f in range(p):
                    W[f] += share * rank / sum(ranks) * difference(N[z, f], N[i, f], levels[f])
    return W / len(asked)


@pytest.mark.parametrize("ties", ["index", "weka"])
@pytest.mark.parametrize("classes", [2, 3, 4])
@pytest.mark.parametrize("decimals", [0, 1, 8])
def test_mixed_tables_with_missing_values_follow_the_definition(make_table, ties, classes, decimals):
    table = make_table(seed=classes, classes=classes, decimals=decimals)
    for k in (1, 4, 100):
        found = ReliefF(k, ties).fit(*table).scores_
        np.testing.assert_allclose(
            found, relieff_by_definition(*table, k=k, ties=ties), rtol=0, atol=1e-12, err_msg=f"k = {k}"
        )


@pytest.mark.parametrize("ties", ["index", "weka"])
def test_complete_numeric_tables_follow_the_definition(ties):
    random = np.random.default_rng(5)
    X, y = np.round(random.normal(size=(50, 23)), 1), random.integers(0, 2, 50)
    X[10:15] = X[0]
    expected = relieff_by_definition(X, y, np.zeros(23, int), k=3, ties=ties)
    np.testing.assert_allclose(ReliefF(3, ties).fit(X, y).scores_, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("ties", ["index", "weka"])
def test_rank_weights_and_samples_follow_the_definition(make_table, ties):
    table = make_table(seed=11)
    rows = java_rows(len(table.y), 17, seed=5)
    assert len(set(rows.tolist())) < 17, "the draw repeats a row, so that counting is tested"
    expected = relieff_by_definition(*table, k=6, ties=ties, rows=rows, sigma=1.5)
    found = ReliefF(6, ties, sample=17, seed=5, sigma=1.5).fit(*table).scores_
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_a_sample_of_at_least_all_rows_asks_every_row_once(make_table):
    table = make_table(seed=2)
    everything = ReliefF().fit(*table).scores_
    for sample in (40, 41):
        np.testing.assert_array_equal(ReliefF(sample=sample).fit(*table).scores_, everything)


def test_tiny_units_count_unless_the_range_rule_is_wekas(weka_table):
    table = weka_table("missing_mixed")
    tiny = table.names.index("tiny")
    assert np.ptp(table.X[:, tiny][~np.isnan(table.X[:, tiny])]) < 1e-6
    rescaled = table.X.copy()
    rescaled[:, tiny] *= 2.0**30
    for rule, invariant in [("exact", True), ("weka", False)]:
        a, b = (ReliefF(range_rule=rule).fit(X, table.y, table.levels).scores_ for X in (table.X, rescaled))
        assert np.allclose(a, b, rtol=0, atol=1e-12) is invariant
    by_default = ReliefF().fit(table.X, table.y, table.levels).scores_
    np.testing.assert_array_equal(
        by_default, ReliefF(range_rule="exact").fit(table.X, table.y, table.levels).scores_
    )


def test_scaling_and_shifting_a_column_changes_nothing(make_table):
    table = make_table(seed=3)
    moved = table.X.copy()
    moved[:, table.levels == 0] = moved[:, table.levels == 0] * 1e-9 - 4e-9
    np.testing.assert_allclose(
        ReliefF().fit(moved, table.y, table.levels).scores_, ReliefF().fit(*table).scores_, atol=1e-9
    )


def test_the_order_of_rows_does_not_matter_without_ties(make_table):
    table = make_table(seed=4, missing=0)
    order = np.random.default_rng(0).permutation(len(table.y))
    np.testing.assert_allclose(
        ReliefF().fit(table.X[order], table.y[order], table.levels).scores_,
        ReliefF().fit(*table).scores_,
        rtol=0,
        atol=1e-12,
    )


def test_a_duplicated_feature_scores_as_its_twin(make_table):
    table = make_table(seed=6)
    twice = np.hstack([table.X, table.X[:, [0]]])
    scores = ReliefF().fit(twice, table.y, np.append(table.levels, 0)).scores_
    assert scores[-1] == pytest.approx(scores[0], abs=1e-14)


def test_a_constant_feature_scores_zero_and_leaves_the_others_alone():
    random = np.random.default_rng(7)
    X, y = random.normal(size=(30, 4)), random.integers(0, 2, 30)
    scores = ReliefF().fit(np.hstack([X, np.full((30, 1), 3.5)]), y).scores_
    assert scores[-1] == 0
    np.testing.assert_array_equal(scores[:-1], ReliefF().fit(X, y).scores_)


def test_a_feature_without_values_scores_zero_or_the_share_of_lonely_rows():
    X = np.column_stack([np.arange(6.0), np.full(6, np.nan)])
    assert ReliefF().fit(X, [0, 0, 1, 1, 2, 2]).scores_[1] == pytest.approx(0, abs=1e-15)
    assert ReliefF().fit(X, [0, 0, 1, 1, 1, 2]).scores_[1] == pytest.approx(1 / 6, abs=1e-15)


def test_two_rows_of_two_classes_have_no_hits():
    assert ReliefF().fit([[0.0, 1.0], [4.0, 1.0]], [0, 1]).scores_.tolist() == [1.0, 0.0]


def test_absent_class_codes_change_nothing(make_table):
    table = make_table(seed=8, classes=2)
    np.testing.assert_array_equal(
        ReliefF().fit(table.X, table.y * 5 + 2, table.levels).scores_, ReliefF().fit(*table).scores_
    )


@pytest.mark.parametrize(
    ("file", "relevant"),
    [
        ("GAMETES_Epistasis_2-Way_20atts_0.4H_EDM-1_1.tsv.gz", {"P1", "P2"}),
        ("GAMETES_Epistasis_2-Way_missing_values_0.1_a_20s_1600her_0.4__maf_0.2_EDM-2_01.tsv.gz", None),
        ("GAMETES_Epistasis_2-Way_mixed_attribute_a_20s_1600her_0.4__maf_0.2_EDM-2_01.tsv.gz", None),
        ("3Class_Datasets_Loc_2_01.txt", None),
    ],
)
@pytest.mark.parametrize("ties", ["index", "weka"])
def test_two_features_that_only_act_together_come_first(shared_data: Path, file, relevant, ties):
    table = pd.read_csv(shared_data / "relief-benchmarks" / file, sep="\t")
    X, y = table.iloc[:, :-1], table.iloc[:, -1]
    distinct = X.nunique().to_numpy()
    levels = np.where(distinct <= 3, distinct, 0)
    scores = ReliefF(ties=ties).fit(X.to_numpy(float), y.to_numpy(), levels).scores_
    assert set(X.columns[ranking(scores)[:2]]) == (relevant or {"M0P0", "M0P1"})


@pytest.mark.parametrize(
    "settings", [{"neighbours": 0}, {"sample": 0}, {"sigma": 0}, {"sigma": -1}, {"sigma": float("nan")}]
)
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(ConfigError, match=next(iter(settings))):
        ReliefF(**settings)


@pytest.mark.parametrize("settings", [{"ties": "wekka"}, {"range_rule": "exakt"}])
def test_a_misspelt_rule_names_the_nearest(settings):
    with pytest.raises(UnknownNameError, match=r"did you mean '(weka|exact)'"):
        ReliefF(**settings)


def test_unusable_input_is_refused():
    with pytest.raises(OutcomeError, match="hold 1 class"):
        ReliefF().fit([[1.0], [2.0]], [1, 1])
    with pytest.raises(DataError, match="column 1"):
        ReliefF().fit([[1.0, np.inf], [2.0, 0.0]], [0, 1])
    with pytest.raises(DataError, match="range of column 0"):
        ReliefF().fit([[-1.7e308], [1.7e308]], [0, 1])


def test_the_table_of_the_caller_stays_as_it_was(make_table):
    table = make_table(seed=1)
    before = table.X.copy()
    table.X.setflags(write=False)
    for ties in ("index", "weka"):
        ReliefF(ties=ties).fit(*table)
    np.testing.assert_array_equal(table.X, before)
