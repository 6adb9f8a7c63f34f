"""From scores to kept columns, against the selectors themselves."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from radcompare import registry
from radcompare.config import Selection
from radcompare.errors import ConfigError
from radcompare.selection.choosing import choose, make
from radcompare.selection.relieff import ReliefF
from radcompare.selection.uncertainty import SymmetricUncertainty


def selections(*written: Any) -> list[Selection]:
    return [Selection.model_validate(one) for one in written]


@pytest.fixture
def table() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Column 5 is the best, then 2; the others are noise."""
    random = np.random.default_rng(2)
    y = np.arange(50) % 2
    X = random.normal(size=(50, 8))
    X[:, 5] += 3 * y
    X[:, 2] += 1.5 * y
    return X, y


def numeric(X: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.zeros(X.shape[1], dtype=np.int64)


def test_the_best_come_first(table: tuple[NDArray[np.float64], NDArray[np.int64]]) -> None:
    X, y = table
    for written, scores in (
        ("relieff:3", ReliefF().fit(X, y).scores_),
        ("su:3", SymmetricUncertainty().fit(X, y).scores_),
    ):
        (choice,) = choose(selections(written), X, y, numeric(X))
        assert choice.columns.tolist() == sorted(range(8), key=lambda j: -scores[j])[:3]
        assert choice.columns[:2].tolist() == [5, 2]
        assert choice.asked == 3


def test_everything_is_kept_in_its_order(table: tuple[NDArray[np.float64], NDArray[np.int64]]) -> None:
    X, y = table
    (choice,) = choose(selections("all"), X, y, numeric(X))
    assert choice.columns.tolist() == list(range(8))
    assert (choice.zeros, choice.asked) == (0, 0)


def test_settings_reach_the_selector() -> None:
    (selection,) = selections({"method": "relieff", "top": 4, "neighbours": 3, "ties": "weka", "sigma": 2.0})
    made = make(selection)
    assert isinstance(made, ReliefF)
    assert (made.neighbours, made.ties, made.sigma, made.sample, made.seed) == (3, "weka", 2.0, None, 1)
    (selection,) = selections({"method": "su", "top": 4, "missing": "value"})
    uncertainty = make(selection)
    assert isinstance(uncertainty, SymmetricUncertainty)
    assert uncertainty.missing == "value"


@pytest.mark.parametrize("method", registry.names("selector"))
def test_every_selector_on_the_menu_chooses(
    table: tuple[NDArray[np.float64], NDArray[np.int64]], method: str
) -> None:
    X, y = table
    (choice,) = choose(selections(f"{method}:2"), X, y, numeric(X))
    assert len(choice.columns) == 2


def test_selections_that_differ_in_k_are_scored_once(
    table: tuple[NDArray[np.float64], NDArray[np.int64]], monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = table
    fits: list[int] = []
    plain = ReliefF.fit
    monkeypatch.setattr(
        ReliefF, "fit", lambda self, *given: fits.append(self.neighbours) or plain(self, *given)
    )
    wanted = selections("relieff:2", "relieff:5", {"method": "relieff", "top": 2, "neighbours": 3})
    kept = [choice.columns.tolist() for choice in choose(wanted, X, y, numeric(X))]
    assert fits == [10, 3]
    assert kept[0] == kept[1][:2]
    assert len(kept[1]) == 5


def test_by_source_each_gives_its_best_and_knows_no_other(
    table: tuple[NDArray[np.float64], NDArray[np.int64]],
) -> None:
    X, y = table
    source = np.array([0, 1, 0, 1, 0, 1, 0, 1])
    (choice,) = choose(selections("relieff:4"), X, y, numeric(X), source)
    together = ReliefF().fit(X, y).scores_
    differs = False
    for number, kept in ((0, choice.columns[:4]), (1, choice.columns[4:])):
        own = np.flatnonzero(source == number)
        scores = ReliefF().fit(X[:, own], y).scores_
        assert kept.tolist() == own[np.argsort(-scores, kind="stable")].tolist()
        differs |= kept.tolist() != own[np.argsort(-together[own], kind="stable")].tolist()
    assert differs, "with neighbours found in all columns the order is another"
    assert choice.asked == 8


def test_a_source_with_fewer_columns_gives_all_it_has(
    table: tuple[NDArray[np.float64], NDArray[np.int64]],
) -> None:
    X, y = table
    (choice,) = choose(selections("su:4"), X, y, numeric(X), np.array([0, 1, 1, 1, 1, 1, 1, 1]))
    assert (len(choice.columns), choice.asked) == (5, 8)
    assert choice.columns[0] == 0


def test_worthless_columns_are_counted_and_taken_in_order() -> None:
    X = np.zeros((20, 5))
    y = np.arange(20) % 2
    X[:, 3] = y
    (choice,) = choose(selections("su:3"), X, y, numeric(X))
    assert choice.columns.tolist() == [3, 0, 1]
    assert choice.zeros == 2


def test_nominal_columns_and_missing_values_reach_the_selector(make_table: Callable[..., Any]) -> None:
    table = make_table(3)
    (choice,) = choose(selections("relieff:4"), table.X, table.y, table.levels)
    scores = ReliefF().fit(table.X, table.y, table.levels).scores_
    assert choice.columns.tolist() == np.argsort(-scores, kind="stable")[:4].tolist()


SEARCHES = ("mrmr", "jmi", "cfs", "fcbf", "correlation", "lasso", "forward")


@pytest.mark.parametrize("method", SEARCHES)
def test_a_search_goes_as_deep_as_the_largest_k(
    method: str, table: tuple[NDArray[np.float64], NDArray[np.int64]]
) -> None:
    X, y = table
    found = registry.load("selector", method)(top=4).fit(X, y).found_.tolist()
    small, large, small_again = choose(
        selections(f"{method}:1", f"{method}:4", f"{method}:2"), X, y, numeric(X)
    )
    assert [c.columns.tolist() for c in (small, large, small_again)] == [found[:1], found, found[:2]]
    assert small.columns.tolist() == [5]


def test_a_search_that_ends_early_keeps_what_it_found() -> None:
    """Nothing can be cut in noise of ten rows, so an information search finds nothing and fills nothing up."""
    X, y = np.random.default_rng(0).normal(size=(10, 4)), np.arange(10) % 2
    (choice,) = choose(selections("mrmr:3"), X, y, numeric(X))
    assert (choice.columns.tolist(), choice.zeros, choice.asked) == ([], 0, 3)


def test_a_setting_that_a_selector_does_not_have_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"anova has no setting 'beta'"):
        make(selections("anova:3,beta=2")[0])
    with pytest.raises(ConfigError, match="its settings: missing"):
        make(selections("su:3,neighbours=4")[0])


def test_every_selector_on_the_menu_is_made_and_chooses(
    table: tuple[NDArray[np.float64], NDArray[np.int64]],
) -> None:
    X, y = table
    for method in registry.names("selector"):
        (choice,) = choose(selections(f"{method}:3"), X, y, numeric(X))
        supervised = method != "variance"
        assert not supervised or choice.columns[0] == 5, method


def test_settings_tell_selections_apart() -> None:
    plain, binned = selections("mrmr:5", "mrmr:5,bins=5")
    assert (plain.selector, binned.selector, str(binned)) == ("mrmr", "mrmr,bins=5", "mrmr:5,bins=5")
    assert selections(str(binned)) == [binned]
