"""The permutation test of two AUCs of the same cases: the arms are swapped within cases, or patients."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from radcompare.compare.clustered_accuracy import swap_p
from radcompare.compare.inputs import binary, both_classes, scores_of_cases
from radcompare.compare.obuchowski import cluster_index
from radcompare.compare.resampling import generator
from radcompare.compare.result import Comparison
from radcompare.errors import ConfigError, TestRefused

TOO_FEW = "one case of a class says next to nothing about an AUC: compare accuracy by mcnemar-exact"
NO_INTERVAL = "the test gives no interval"
FEWEST = 100
"""Permutations; with fewer p cannot go below 0.01."""
_ENUMERATED = 16
"""Units whose swaps may be written out one by one, however many permutations are asked for."""
_SUMS, _ADDITIONS = 1 << 22, 1 << 30
"""Different sums, and additions, that an exact p may take (32 MiB, a second); beyond it swaps are drawn."""
_CELLS = 1 << 22
"""Random swaps held at a time: 32 MiB as floating point."""


def permutation_auc(
    y: ArrayLike,
    a: ArrayLike,
    b: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    permutations: int = 10_000,
    seed: int = 1,
) -> Comparison:
    """Compare the AUCs of two scores of the same cases by swapping the arms.

    Scores become midranks, so that the scales of the arms do not matter. If the arms are equally good, then
    swapping the two ranks of a case is as likely as not; with patients, all their cases are swapped together.
    Bandos, Rockette and Gur (2005), Statistics in Medicine 24:2873.

    Each unit adds a whole number to the difference, with its sign turned by a swap (`swap_effects`), so that
    the distribution over all 2^m swaps can be counted exactly, up to about a thousand cases. Beyond that swaps
    are drawn, and p = (1 + those as far from 0) / (1 + drawn), never 0.

    Args:
        y: 0 or 1, shape (n,), at least 2 of each.
        a: score of the first arm, higher meaning positive, shape (n,).
        b: score of the second arm, shape (n,).
        groups: the patient of every case, numbers or text, shape (n,); None where cases are independent.
        permutations: drawn where not all are counted, at least 100.
        seed: of the draws.

    Returns:
        AUC of a minus AUC of b, without interval and without statistic; the note says whether p is exact, and
        the smallest p that could have come out.

    Raises:
        TestRefused: fewer than 2 cases of a class, all cases of one patient, missing values, or different
            lengths.
        ConfigError: fewer than 100 permutations, or a negative seed.
    """
    labels = binary(y)
    n_pos, n_neg = both_classes(labels, 2, TOO_FEW)
    effects = swap_effects(labels, a, b)
    if groups is not None:
        effects = _by_patient(effects, cluster_index(groups, labels.size))
    if permutations < FEWEST:
        raise ConfigError(f"{permutations} permutations are too few", f"give at least {FEWEST}")
    p, how = _p_of(effects, permutations, seed)
    noun = "cases" if groups is None else "patients"
    return Comparison(
        test="permutation",
        metric="auc",
        difference=float(effects.sum()) / (4 * n_pos * n_neg),
        ci=None,
        p=p,
        statistic=None,
        note=f"{how.format(noun=noun)}; {NO_INTERVAL}",
    )


def swap_effects(y: NDArray[np.bool_], a: ArrayLike, b: ArrayLike) -> NDArray[np.int64]:
    """What each case adds to the difference of the AUCs, in units of 1/(4 n_pos n_neg); a swap turns its sign.

    Let s be 1 for a case as it is and -1 for a swapped one, and psi(x, x') 1, 1/2 or 0 as a positive's rank is
    above, equal to or below a negative's. A pair of a positive i and a negative j adds to the difference
    [psi(a_i, a_j) - psi(b_i, b_j)] (s_i + s_j)/2 + [psi(a_i, b_j) - psi(b_i, a_j)] (s_i - s_j)/2, as its four
    cases show. That is linear in s: the factor of a positive is half of what its rank in a beats minus what
    its rank in b beats, among the negatives' ranks of both arms together; negatives likewise.

    Args:
        y: True for a positive case, shape (n,).
        a: score of the first arm, higher meaning positive, shape (n,).
        b: score of the second arm, shape (n,).

    Returns:
        Whole numbers, shape (n,).

    Raises:
        TestRefused: missing values, or different lengths.
    """
    ranks = rankdata(scores_of_cases([a, b], y.size), axis=1)
    effects = np.empty(y.size, dtype=np.int64)
    for own, sign in ((y, 1), (~y, -1)):
        others = np.sort(ranks[:, ~own], axis=None)
        beaten = sum(np.searchsorted(others, ranks[:, own], side) for side in ("left", "right"))
        effects[own] = sign * (beaten[0] - beaten[1])
    return effects


def _by_patient(effects: NDArray[np.int64], patient: NDArray[np.int_]) -> NDArray[np.int64]:
    if patient.max() < 1:
        raise TestRefused("all cases are of one patient", "give cases of several patients")
    sums = np.zeros(patient.max() + 1, dtype=np.int64)
    np.add.at(sums, patient, effects)
    return sums


def _p_of(effects: NDArray[np.int64], permutations: int, seed: int) -> tuple[float, str]:
    """The two-sided p of a sum of effects, and how it came about, for the note."""
    effects = effects[effects != 0]
    if not effects.size:
        return 1.0, "no swap changes anything"
    effects = effects // np.gcd.reduce(effects)
    lowest = math.ldexp(1.0, 1 - effects.size)
    exact = _exact_p(effects, permutations)
    if exact is not None:
        return (
            exact,
            f"all swaps counted; p cannot go below {lowest:.3g} with {effects.size} {{noun}} that differ",
        )
    lowest = max(lowest, 1.0 / (1 + permutations))
    p = _drawn_p(effects, permutations, generator(seed))
    return p, f"{permutations} swaps of {effects.size} {{noun}} drawn; p cannot go below {lowest:.3g}"


def _exact_p(effects: NDArray[np.int64], permutations: int) -> float | None:
    """The share of all swaps whose sum is at least as far from 0; None where counting them takes too long."""
    if effects.size <= min(math.log2(permutations), _ENUMERATED):
        swaps = np.arange(2**effects.size)[:, None] >> np.arange(effects.size) & 1
        return float(np.mean(np.abs((1 - 2 * swaps) @ effects) >= abs(effects.sum())))
    sums = 2 * int(np.abs(effects).sum()) + 1
    if sums <= _SUMS and sums * effects.size <= _ADDITIONS:
        return swap_p(np.abs(effects), int(effects.sum()))
    return None


def _drawn_p(effects: NDArray[np.int64], permutations: int, rng: np.random.Generator) -> float:
    """(1 + sums at least as far from 0) / (1 + drawn); sums of whole numbers are exact, so ties need no care."""
    values = effects.astype(np.float64)
    net = abs(values.sum())
    rows = max(1, _CELLS // values.size)
    far = 0
    for start in range(0, permutations, rows):
        swaps = rng.integers(0, 2, (min(rows, permutations - start), values.size), dtype=np.int8)
        sums = (1.0 - 2.0 * swaps) @ values
        far += int(np.count_nonzero(np.abs(sums) >= net))
    return (1 + far) / (1 + permutations)
