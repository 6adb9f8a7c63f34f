"""Folds updated from all rows against folds fitted by themselves, and against each other."""

import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radcompare.errors import DataError, OutcomeError
from radcompare.selection import fold_neighbours, folds, relieff
from radcompare.selection.folds import AllRows, largest_share_left_out, worth_updating
from radcompare.selection.ranking import top
from radcompare.selection.relieff import ReliefF
from radcompare.selection.training_rows import training


def leave_out(n, size=1):
    """Training rows of folds that leave out neighbouring rows, so many at a time."""
    return [np.delete(np.arange(n), np.arange(i, min(i + size, n))) for i in range(0, n, size)]


def k_fold(n, folds, seed=0):
    parts = np.array_split(np.random.default_rng(seed).permutation(n), folds)
    return [np.setdiff1d(np.arange(n), part) for part in parts]


def assert_as_fitted_alone(X, y, levels, trains, **settings):
    found = list(ReliefF(**settings).fit_folds(X, y, trains, levels))
    assert len(found) == len(trains)
    for number, (train, scores) in enumerate(zip(trains, found, strict=True)):
        alone = ReliefF(**settings).fit(X[train], y[train], levels).scores_
        np.testing.assert_allclose(scores, alone, rtol=0, atol=1e-13, err_msg=f"fold {number}")
        assert top(scores, 50).tolist() == top(alone, 50).tolist(), f"fold {number}"


@pytest.fixture(autouse=True)
def updated(monkeypatch):
    """How many folds were made from all rows."""
    count, scores = [], AllRows.scores

    def counted(self, train):
        count.append(len(train))
        return scores(self, train)

    monkeypatch.setattr(AllRows, "scores", counted)
    return count


def wide_table(n=60, p=300, classes=2, seed=0):
    random = np.random.default_rng(seed)
    y = np.concatenate([np.arange(classes), random.integers(0, classes, n - classes)])
    X = random.normal(size=(n, p))
    X[:, :10] += 0.5 * y[:, None]
    return X, y


@pytest.mark.parametrize("settings", [{}, {"neighbours": 1}, {"neighbours": 100}, {"sigma": 2.0}])
@pytest.mark.parametrize("classes", [2, 3])
def test_leave_one_out_of_numbers(updated, classes, settings):
    X, y = wide_table(classes=classes)
    assert_as_fitted_alone(X, y, None, leave_out(60), **settings)
    assert updated == [59] * 60


@pytest.mark.parametrize("decimals", [0, 1])
def test_leave_one_out_of_tied_numbers(updated, decimals):
    X, y = wide_table()
    assert_as_fitted_alone(np.round(X, decimals), y, None, leave_out(60))
    assert_as_fitted_alone(np.round(X[:, :4], decimals), y, None, leave_out(60), neighbours=3)
    assert len(updated) == 120


@pytest.mark.parametrize("settings", [{}, {"neighbours": 3}, {"sigma": 1.5, "neighbours": 4}])
@pytest.mark.parametrize("classes", [2, 3, 4])
@pytest.mark.parametrize(("missing", "decimals"), [(0.15, 8), (0.3, 0), (0, 1)])
def test_leave_one_out_of_mixed_tables(make_table, updated, missing, decimals, classes, settings):
    table = make_table(seed=classes, classes=classes, missing=missing, decimals=decimals)
    assert_as_fitted_alone(*table, leave_out(40), **settings)
    assert len(updated) >= 36, "a fold that loses the only case of a class is fitted by itself"


def test_wide_mixed_tables(make_table, updated):
    X, y = wide_table(n=40)
    table = make_table(seed=1, classes=2)
    X, levels = np.hstack([X, table.X]), np.append(np.zeros(300, int), table.levels)
    assert_as_fitted_alone(X, y, levels, leave_out(40))
    X[np.random.default_rng(0).random(X.shape) < 0.02] = np.nan
    X[:, levels > 0] = table.X[:, table.levels > 0]
    assert_as_fitted_alone(X, y, levels, leave_out(40))
    assert len(updated) == 80


def test_nominal_tables(updated):
    random = np.random.default_rng(3)
    X, y = random.integers(0, 3, (50, 12)).astype(float), random.integers(0, 3, 50)
    assert_as_fitted_alone(X, y, np.full(12, 3), leave_out(50))
    X[random.random(X.shape) < 0.1] = np.nan
    assert_as_fitted_alone(X, y, np.full(12, 3), leave_out(50))
    assert len(updated) == 100


@pytest.mark.parametrize("size", [2, 3, 5])
def test_groups_left_out(make_table, updated, size):
    X, y = wide_table()
    assert_as_fitted_alone(X, y, None, leave_out(60, size))
    assert_as_fitted_alone(*make_table(seed=5), leave_out(40, size))
    assert len(updated) >= 60 // size


@pytest.mark.parametrize(("count", "by_update"), [(20, True), (10, True), (5, False), (2, False)])
def test_k_folds_are_updated_if_an_eighth_or_less_is_left_out(make_table, updated, count, by_update):
    X, y = wide_table()
    assert_as_fitted_alone(X, y, None, k_fold(60, count))
    assert_as_fitted_alone(*make_table(seed=6, classes=2), k_fold(40, count))
    assert bool(updated) is by_update


def test_small_classes(updated):
    """A class of 2 of whose cases one is left out has no hits; one of 1 vanishes."""
    X, _ = wide_table(n=40)
    y = np.repeat([0, 1, 2, 3], [1, 2, 5, 32])
    assert_as_fitted_alone(X, y, None, leave_out(40))
    assert_as_fitted_alone(X, y, None, leave_out(40), sigma=2.0)
    assert len(updated) == 2 * 39


def test_columns_that_are_constant_in_a_fold_score_zero(updated):
    X, y = wide_table(n=40, p=260)
    X[:, 3] = 7.25
    X[:, 4] = np.where(np.arange(40) == 11, 3.0, 2.0)
    X[:, 5] = np.where(np.arange(40) == 11, 3.0, np.nan)
    X[:, 6] = np.where(np.arange(40) < 2, np.arange(40), np.nan)
    assert_as_fitted_alone(X, y, None, leave_out(40))
    scores = list(ReliefF().fit_folds(X, y, leave_out(40)))[11]
    assert (scores[3:5] == 0).all()
    assert len(updated) == 80


@pytest.mark.parametrize("outlier", [10.0, 1e4, 1e12, -1e200])
def test_outliers_leave_no_rounding_errors_behind(updated, outlier):
    X, y = wide_table(n=40, p=260)
    X[7, ::2] = outlier
    X[8, 1::2] *= 1e-3
    assert_as_fitted_alone(X, y, None, leave_out(40))
    assert len(updated) == 40


@pytest.mark.parametrize("unit", [1e-310, 1e-250, 1e-9, 1e250, 1e304])
def test_units_do_not_matter(unit):
    X, y = wide_table(n=40, p=260)
    assert_as_fitted_alone(X * np.where(np.arange(260) % 2, unit, 1.0), y, None, leave_out(40))


@pytest.mark.parametrize("settings", [{"range_rule": "weka"}, {"range_rule": "exact"}])
def test_tiny_ranges_under_both_rules(updated, settings):
    X, y = wide_table(n=40, p=260)
    X[:, 0] = np.where(np.arange(40) == 3, 2e-6, 5e-7 * X[:, 0] / np.ptp(X[:, 0]))
    X[:, 1] = 5e-7 * X[:, 1] / np.ptp(X[:, 1])
    assert_as_fitted_alone(X, y, None, leave_out(40), **settings)
    assert len(updated) == 40


def test_duplicated_rows_and_columns():
    X, y = wide_table(n=40, p=150)
    X[10:16] = X[0]
    X[20:24] = X[21]
    X = np.hstack([X, X, 3.7 * X])
    assert_as_fitted_alone(X, y, None, leave_out(40), neighbours=4)


def test_rows_in_another_order_are_fitted_by_themselves(updated):
    X, y = wide_table(p=4)
    X = np.round(X, 1)
    turned = [train[::-1] for train in leave_out(60)[:5]]
    repeated = [np.append(train, train[-1]) for train in leave_out(60)[:2]]
    counted_back = [np.arange(-60, -1)]
    assert_as_fitted_alone(X, y, None, turned + repeated + counted_back, neighbours=3)
    assert not updated


@pytest.mark.parametrize("settings", [{"ties": "weka"}, {"sample": 30}])
def test_weka_ties_and_samples_are_fitted_by_themselves(make_table, updated, settings):
    assert_as_fitted_alone(*make_table(seed=2), leave_out(40), **settings)
    assert not updated


def test_a_sample_of_everything_is_updated(make_table, updated):
    assert_as_fitted_alone(*make_table(seed=2, classes=2), leave_out(40), sample=40)
    assert len(updated) == 40


def test_more_rows_than_distances_fit_are_fitted_by_themselves(monkeypatch, updated):
    monkeypatch.setattr(folds, "ENTRIES_HELD", 60**2 - 1)
    X, y = wide_table()
    assert_as_fitted_alone(X, y, None, leave_out(60)[:5])
    assert not updated


def test_which_folds_are_worth_it():
    rows = training(np.zeros((80, 1)), np.append(np.arange(79) % 2, 2))
    assert worth_updating(rows, np.arange(80))
    assert worth_updating(rows, np.arange(10, 80))
    assert not worth_updating(rows, np.arange(11, 80))
    assert not worth_updating(rows, np.arange(79)), "a class vanishes"
    assert not worth_updating(rows, np.empty(0, int))


def test_fewer_folds_are_worth_it_where_a_fit_is_fast():
    """1000 x 10000 has 5e9 differences and is measured roughly, if a fold is fitted by itself."""
    assert largest_share_left_out(261, 4315) == 1 / 8
    assert largest_share_left_out(1000, 10000) == 1 / 16


@pytest.mark.parametrize("size", [1, 4])
def test_a_fold_is_the_same_to_the_last_bit_whichever_others_are_asked_for(make_table, size):
    for X, y, levels in (make_table(seed=7), (*wide_table(n=40), None)):
        trains = leave_out(40, size)
        together = list(ReliefF().fit_folds(X, y, trains, levels))
        backwards = list(ReliefF().fit_folds(X, y, trains[::-1], levels))[::-1]
        halves = [
            *ReliefF().fit_folds(X, y, trains[:3], levels),
            *ReliefF().fit_folds(X, y, trains[3:], levels),
        ]
        alone = [next(ReliefF().fit_folds(X, y, [train], levels)) for train in trains]
        for others in (backwards, halves, alone):
            assert [a.tobytes() for a in others] == [a.tobytes() for a in together]


def half_way_table(seed):
    """Distances that are often equal, and often lie half way between two multiples of 1e-9."""
    random = np.random.default_rng(seed)
    X = 0.3 + random.integers(0, 5, (40, 6)) * 5e-10 + random.integers(0, 2, (40, 6)) * 0.1
    X[0], X[1], X[2, :3] = 0, 1, 1.37
    return X, np.arange(40) % 2


def test_ties_that_rounding_errors_decide_are_decided_as_by_a_fit(monkeypatch):
    for seed in range(3):
        assert_as_fitted_alone(*half_way_table(seed), None, leave_out(40), neighbours=3)
        assert_as_fitted_alone(*half_way_table(seed), None, leave_out(40), neighbours=3, sigma=1.0)
    monkeypatch.setattr(fold_neighbours, "in_doubt", lambda measured, _: np.zeros(len(measured), bool))
    with pytest.raises(AssertionError, match="fold"):
        assert_as_fitted_alone(*half_way_table(0), None, leave_out(40), neighbours=3)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Li2020", "Brancato2023"])
def test_radiomics_tables_with_features_in_two_units(shared_data: Path, updated, name):
    table = pd.read_csv(shared_data / "tables" / "radmlbench" / f"{name}.csv.gz")
    X, y = table.drop(columns=["ID", "Target"]).to_numpy(float), table["Target"].to_numpy()
    assert_as_fitted_alone(X, y, None, leave_out(len(y)))
    assert len(updated) == len(y)


def test_radiomics_with_missing_values(shared_data: Path, updated):
    table = pd.read_csv(shared_data / "tables" / "deep-prognosis" / "Radboud.csv")
    table = table[table["surv2yr"].notna()]
    X = table.drop(columns="surv2yr").select_dtypes("number").to_numpy(float)
    assert np.isnan(X).any()
    assert_as_fitted_alone(X, table["surv2yr"].to_numpy(int), None, leave_out(len(X))[::4])
    assert updated


def test_memory_holds_the_table_and_some_square_tables():
    X, y = wide_table(n=150, p=3000)
    trains = leave_out(150)[:3]
    list(ReliefF().fit_folds(X[:20], y[:20], leave_out(20)))
    tracemalloc.start()
    list(ReliefF().fit_folds(X, y, trains))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * X.nbytes + 20 * 8 * 150**2 + 4 * 8 * 3000, "n x n x p would be 540 MB"


def test_the_table_of_the_caller_and_the_selector_stay_as_they_were(make_table):
    table = make_table(seed=1)
    before, selector = table.X.copy(), ReliefF()
    table.X.setflags(write=False)
    list(selector.fit_folds(table.X, table.y, leave_out(40)[:2] + k_fold(40, 2), table.levels))
    np.testing.assert_array_equal(table.X, before)
    assert not hasattr(selector, "scores_")


def test_a_table_in_column_order_gives_the_same(make_table):
    X, y = wide_table()
    a, b = (list(ReliefF().fit_folds(table, y, leave_out(60)[:4])) for table in (X, np.asfortranarray(X)))
    np.testing.assert_array_equal(a, b)


def test_folds_are_made_when_asked_for(monkeypatch):
    X, y = wide_table()
    made = []
    monkeypatch.setattr(relieff, "AllRows", lambda *given: made.append(1) or AllRows(*given))
    generator = ReliefF().fit_folds(X, y, iter(leave_out(60)))
    assert not made
    next(generator)
    next(generator)
    assert made == [1]


def test_unusable_input_is_refused():
    X, y = wide_table()
    with pytest.raises(OutcomeError, match="hold 1 class"):
        list(ReliefF().fit_folds(X, np.zeros(60, int), leave_out(60)))
    one_class = np.append(np.zeros(59, int), 1)
    with pytest.raises(OutcomeError, match="hold 1 class"):
        list(ReliefF().fit_folds(X, one_class, leave_out(60)))
    with pytest.raises(OutcomeError, match="0 training rows"):
        list(ReliefF().fit_folds(X, y, [np.empty(0, int)]))
    X[0, 0] = np.inf
    with pytest.raises(DataError, match="infinite"):
        list(ReliefF().fit_folds(X, y, leave_out(60)))
