"""The census of units, by arithmetic and against scipy."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr

from radcompare.deep.units import census, in_words, spearman

VOLUMES = [10.0, 20.0, 30.0, 40.0]
# The rank correlation of four cases without ties is 1 - (sum of squared differences of ranks) / 10.
COLUMNS: dict[str, tuple[bool, list[float]]] = {
    "dead, all zero": (True, [0, 0, 0, 0]),
    "dead, as pre tells it: 0.4 the other way": (True, [-1, -4, -2, -3]),
    "negative without an activation: 0": (False, [-2, -4, -1, -3]),
    "zero without an activation": (False, [0, 0, 0, 0]),
    "constant": (True, [5, 5, 5, 5]),
    "follows the volume: 1": (True, [0.1, 0.2, 0.3, 0.4]),
    "the other way round: 1": (False, [4, 3, 2, 1]),
    "at the threshold: 0.8": (True, [1, 2, 4, 3]),
    "below it: 0.4": (True, [2, 3, 1, 4]),
    "alive in one case: 0.7746": (True, [0, 0, 0, 1]),
}


def values_of(columns: dict[str, tuple[bool, list[float]]]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    values = np.array([each for _, each in columns.values()], dtype=np.float32).T
    return values, np.array([rectified for rectified, _ in columns.values()])


def rank_correlated(values: NDArray[np.float64], size: NDArray[np.float64]) -> list[float]:
    return [float(spearmanr(column, size).statistic) for column in values.T]


def test_columns_are_counted_by_what_they_are() -> None:
    values, rectified = values_of(COLUMNS)
    assert census(values, VOLUMES, rectified) == {
        "columns": 10,
        "dead": 2,
        "constant": 3,
        # |rho| of the seven that vary: 0.4, 0, 1, 1, 0.8, 0.4, and 0.7746 of a column with three equal values
        "size": {"threshold": 0.8, "columns": 3, "share": 0.4286, "median": 0.7746, "largest": 1.0},
    }


@pytest.mark.parametrize("name", COLUMNS)
def test_one_column_alone(name: str) -> None:
    values, rectified = values_of({name: COLUMNS[name]})
    found = census(values, VOLUMES, rectified)
    assert found["dead"] == name.startswith("dead")
    assert found["constant"] == (len(set(COLUMNS[name][1])) == 1)
    assert ("size" in found) != found["constant"]
    if not found["constant"]:
        rho = float(name.split()[-1]) if name[-1].isdigit() else 0.4
        assert found["size"]["largest"] == found["size"]["median"] == rho
        assert found["size"]["columns"] == found["size"]["share"] == (rho >= 0.8)


def test_no_word_about_size_where_it_cannot_be_told() -> None:
    values, rectified = values_of(COLUMNS)
    assert "size" in census(values[:3], VOLUMES[:3], rectified)
    assert "size" not in census(values[:2], VOLUMES[:2], rectified)
    assert "size" not in census(values, [7.0] * 4, rectified)
    assert census(values[:1], VOLUMES[:1], rectified) == {"columns": 10, "dead": 3, "constant": 10}


def test_rank_correlation_is_that_of_scipy_column_by_column() -> None:
    rng = np.random.default_rng(1)
    values, size = rng.normal(size=(25, 40)), rng.lognormal(6, 1, 25)
    values[:, ::2] += np.log(size)[:, None] - 6
    assert spearman(values, size) == pytest.approx(rank_correlated(values, size), rel=0, abs=1e-14)


@pytest.mark.parametrize("steps", [2, 3, 10])
def test_rank_correlation_with_ties_is_that_of_scipy(steps: int) -> None:
    rng = np.random.default_rng(steps)
    values = rng.integers(0, steps, (20, 60)).astype(np.float64)
    size = rng.integers(0, 2 * steps, 20).astype(np.float64)
    assert min(len(set(column)) for column in values.T) > 1
    assert len(set(size)) < 20
    assert spearman(values, size) == pytest.approx(rank_correlated(values, size), rel=0, abs=1e-14)


def test_ranks_alone_count() -> None:
    rng = np.random.default_rng(2)
    values, size = rng.normal(size=(15, 30)), rng.lognormal(size=15)
    stretched = spearman(np.exp(3 * values), size**3)
    assert np.array_equal(spearman(values, size), stretched)
    assert np.array_equal(spearman(-values, size), -stretched)


def test_the_census_counts_what_scipy_correlates() -> None:
    rng = np.random.default_rng(3)
    size = rng.lognormal(6, 1, 30)
    values = (np.log(size)[:, None] * rng.normal(size=50) + rng.normal(size=(30, 50))).astype(np.float32)
    magnitude = np.abs(rank_correlated(values.astype(np.float64), size))
    found = census(values, list(size), np.ones(50, dtype=bool))
    assert 0 < found["size"]["columns"] < 50
    assert found["size"]["columns"] == (magnitude >= 0.8).sum()
    assert found["size"]["share"] == round(found["size"]["columns"] / 50, 4)
    assert found["size"]["median"] == round(np.median(magnitude), 4)
    assert found["size"]["largest"] == round(magnitude.max(), 4)


def test_the_census_in_words() -> None:
    values, rectified = values_of(COLUMNS)
    assert in_words(census(values, VOLUMES, rectified)) == (
        "of 10 columns 2 are dead, 3 constant; 3 tell the size (rank correlation with the volume at least 0.8 either "
        "way; median over all 0.77)"
    )
    assert in_words(census(values[:2], VOLUMES[:2], rectified)) == (
        "of 10 columns 3 are dead, 4 constant; too few cases to tell which follow the size"
    )


def test_large_numbers_are_grouped() -> None:
    wide = np.zeros((2, 12_345), dtype=np.float32)
    words = in_words(census(wide, [1.0, 2.0], np.ones(12_345, dtype=bool)))
    assert words.startswith("of 12,345 columns 12,345 are dead, 12,345 constant; ")
