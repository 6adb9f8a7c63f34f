"""Stability of selections, against the definitions written out over all pairs of fits."""

from itertools import combinations

import numpy as np
import pytest

from radcompare.selection.stability import frequencies, kuncheva, nogueira


def drawn(seed: int, fits: int, p: int, k: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    kept = np.zeros((fits, p), dtype=bool)
    for row in kept:
        row[random.choice(p, k, replace=False)] = True
    return kept


def pair_by_pair(kept: np.ndarray) -> float:
    k, p = int(kept[0].sum()), kept.shape[1]
    common = [int((one & other).sum()) for one, other in combinations(kept, 2)]
    return float(np.mean([(r * p - k**2) / (k * (p - k)) for r in common]))


def by_variance(kept: np.ndarray) -> float:
    p = kept.shape[1]
    mean = kept.sum(axis=1).mean()
    spread = np.mean([kept[:, f].var(ddof=1) for f in range(p)])
    return float(1 - spread / (mean / p * (1 - mean / p)))


@pytest.mark.parametrize(("fits", "p", "k"), [(2, 10, 3), (10, 40, 5), (60, 200, 10)])
def test_the_definitions_written_out(fits: int, p: int, k: int) -> None:
    kept = drawn(fits, fits, p, k)
    assert kuncheva(kept) == pytest.approx(pair_by_pair(kept), abs=1e-12)
    assert nogueira(kept) == pytest.approx(by_variance(kept), abs=1e-12)
    assert kuncheva(kept) == pytest.approx(nogueira(kept), abs=1e-12), "equal where all keep as many"


def test_sets_of_different_sizes_have_nogueiras_alone() -> None:
    kept = drawn(1, 8, 30, 6)
    kept[0, :] = False
    kept[0, :2] = True
    assert kuncheva(kept) is None
    assert nogueira(kept) == pytest.approx(by_variance(kept), abs=1e-12)


def test_equal_sets_are_stable_and_random_ones_are_not() -> None:
    assert kuncheva(np.repeat(drawn(1, 1, 20, 4), 5, axis=0)) == pytest.approx(1, abs=1e-12)
    assert nogueira(np.repeat(drawn(1, 1, 20, 4), 5, axis=0)) == pytest.approx(1, abs=1e-12)
    luck = [kuncheva(drawn(seed, 10, 50, 5)) for seed in range(300)]
    assert np.mean([value for value in luck if value is not None]) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(
    "kept",
    [np.ones((1, 4), bool), np.ones((3, 4), bool), np.zeros((3, 4), bool), np.zeros((0, 4), bool)],
    ids=["one fit", "everything", "nothing", "no fit"],
)
def test_where_nothing_varies_there_is_no_stability(kept: np.ndarray) -> None:
    assert kuncheva(kept) is None
    assert nogueira(kept) is None


def test_frequencies() -> None:
    assert frequencies(np.array([[1, 0, 1], [1, 0, 0]], bool)).tolist() == [1.0, 0.0, 0.5]
