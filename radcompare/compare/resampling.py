"""Resamples of cases, or of patients with all their cases, and the AUC of many resamples at once.

A resample is written as weights: how often each case is in it. Leaving a case out is a weight of 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radcompare.compare.inputs import binary, both_classes
from radcompare.compare.obuchowski import cluster_index
from radcompare.errors import ConfigError, TestRefused

Index = NDArray[np.intp]
"""Numbers of cases, or of units."""

Weights = NDArray[np.float64]
"""How often each case is in each of several samples, shape (samples, n)."""

TOO_FEW = "a class with one case cannot be resampled: compare accuracy by mcnemar-exact"
TOO_FEW_PATIENTS = "report the AUCs without a test"
_CELLS = 1 << 21
"""Weights held at a time: 16 MiB, whatever the number of resamples."""


@dataclass(frozen=True)
class Units:
    """What is drawn, or left out, as a whole: a case, or a patient with all cases.

    Attributes:
        of_case: the unit of every case, numbered from 0, shape (n,).
        strata: numbers of the units that are drawn from one another; every unit is in one of them.
        noun: `cases` or `patients`, for a note.
    """

    of_case: Index
    strata: list[Index]
    noun: str

    @property
    def count(self) -> int:
        """The number of units."""
        return int(self.of_case.max()) + 1

    @property
    def n(self) -> int:
        """The number of cases."""
        return int(self.of_case.size)

    def draws(self, count: int, seed: int) -> Iterator[Weights]:
        """Weights of `count` resamples in batches; every stratum is drawn with replacement to its own size.

        The first of many resamples are those of fewer, with the same seed.

        Raises:
            ConfigError: a negative seed.
        """
        rng = generator(seed)
        for rows in _batches(count, self.n):
            yield np.stack([self._draw(rng) for _ in rows])[:, self.of_case]

    def left_out(self) -> Iterator[Weights]:
        """Weights of all cases but those of one unit, for unit after unit, in batches."""
        for rows in _batches(self.count, self.n):
            yield (self.of_case != np.array(rows)[:, None]).astype(np.float64)

    def _draw(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """How often each unit is drawn, shape (count,)."""
        drawn = [stratum[rng.integers(0, stratum.size, stratum.size)] for stratum in self.strata]
        return np.bincount(np.concatenate(drawn), minlength=self.count).astype(np.float64)


def units(y: ArrayLike, groups: ArrayLike | None = None) -> Units:
    """What is to be resampled, and within which strata.

    Cases are drawn within their class. Patients are drawn among those with positive cases only, with negative
    cases only, or with both. A unit that is alone of its kind would be in every resample exactly once and add
    no variance: it joins the largest stratum, so that a resample may then be without a class.

    Args:
        y: 0 or 1, shape (n,).
        groups: the patient of every case, numbers or text, shape (n,); None where cases are independent.

    Raises:
        TestRefused: fewer than 2 units, missing values, or different lengths.
    """
    return units_of_classes(np.where(binary(y), 0, 1), groups)


def units_of_classes(codes: NDArray[np.int64], groups: ArrayLike | None = None) -> Units:
    """The same for any number of classes: patients are drawn among those with cases of the same classes.

    Args:
        codes: the class of every case, from 0, shape (n,).
        groups: as of `units`.

    Raises:
        TestRefused: as `units`.
    """
    of_case = np.arange(codes.size) if groups is None else cluster_index(groups, codes.size)
    noun = "cases" if groups is None else "patients"
    if of_case.max() < 1:
        raise TestRefused(f"only 1 {noun[:-1]} to draw from", f"give at least 2 {noun}")
    has = [np.bincount(of_case, codes == code) > 0 for code in reversed(range(int(codes.max()) + 1))]
    kind = np.stack(has, axis=1)  # the first class last, which orders the kinds by it in the end
    stratum, sizes = np.unique(kind, axis=0, return_inverse=True, return_counts=True)[1:]
    stratum = stratum.ravel()  # some versions of numpy give a column
    stratum[sizes[stratum] == 1] = np.argmax(sizes)
    return Units(of_case, [np.flatnonzero(stratum == number) for number in np.unique(stratum)], noun)


def draws(y: ArrayLike, groups: ArrayLike | None, count: int, seed: int) -> Iterator[Index]:
    """The cases of each of `count` resamples, in the order of the cases; with patients the number varies.

    Raises:
        TestRefused: as `units`.
        ConfigError: a negative seed.
    """
    return _indices(units(y, groups).draws(count, seed))


def left_out(y: ArrayLike, groups: ArrayLike | None = None) -> Iterator[Index]:
    """The jackknife: all cases but one, for each case, or but those of one patient, for each patient.

    Raises:
        TestRefused: as `units`.
    """
    return _indices(units(y, groups).left_out())


def both_classes_in_units(y: NDArray[np.bool_], drawn: Units) -> None:
    """Refuse an AUC that is gone when a single case, or patient, is left out.

    Raises:
        TestRefused: fewer than 2 cases, or fewer than 2 patients with cases, of a class.
    """
    both_classes(y, 2, TOO_FEW)
    with_positive, with_negative = (np.unique(drawn.of_case[labels]).size for labels in (y, ~y))
    if min(with_positive, with_negative) < 2:
        raise TestRefused(
            f"{with_positive} {drawn.noun} with positive and {with_negative} with negative cases: "
            "at least 2 of each needed",
            TOO_FEW_PATIENTS,
        )


def weighted_auc(y: NDArray[np.bool_], score: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    """The AUC of every sample, shape (samples,); NaN for a sample of one class.

    Args:
        y: True for a positive case, shape (n,).
        score: higher means positive, shape (n,).
        weights: how often each case is in each sample, shape (samples, n).
    """
    return over_pairs(weighted_wins(y, score, weights), y, weights)


def weighted_wins(y: NDArray[np.bool_], score: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    """Pairs of a positive scored above a negative, ties counting half, in every sample.

    One sort for all samples, then cumulative sums: O(samples n). The counts are half-integers, hence exact:
    equal samples have equal AUCs, and arms with the same ranks differ by exactly 0.
    """
    negatives = np.flatnonzero(~y)
    negatives = negatives[np.argsort(score[negatives], kind="stable")]
    below = np.zeros((len(weights), negatives.size + 1))
    np.cumsum(weights[:, negatives], axis=1, out=below[:, 1:])
    lower, upper = (np.searchsorted(score[negatives], score[y], side) for side in ("left", "right"))
    beaten = below[:, lower] + below[:, upper]
    return np.asarray(np.einsum("ij,ij->i", weights[:, y], beaten) / 2.0)


def over_pairs(wins: NDArray[np.float64], y: NDArray[np.bool_], weights: Weights) -> NDArray[np.float64]:
    """Wins (or a difference of wins) over the number of pairs in every sample; NaN where there is no pair."""
    pairs = weights[:, y].sum(axis=1) * weights[:, ~y].sum(axis=1)
    return np.asarray(np.divide(wins, pairs, out=np.full(wins.shape, np.nan), where=pairs > 0))


def generator(seed: int) -> np.random.Generator:
    """The random numbers of a seed.

    Raises:
        ConfigError: a negative seed.
    """
    if seed < 0:
        raise ConfigError(f"seed {seed} is negative", "give 0 or a positive number")
    return np.random.default_rng(seed)


def _batches(count: int, width: int) -> Iterator[range]:
    """Numbers 0 to count - 1 in runs, so that no matrix of runs by `width` is too large."""
    rows = max(1, _CELLS // width)
    for start in range(0, count, rows):
        yield range(start, min(start + rows, count))


def _indices(batches: Iterator[Weights]) -> Iterator[Index]:
    """The cases of every sample, each as often as its weight says."""
    for weights in batches:
        for row in weights.astype(np.intp):
            yield np.repeat(np.arange(row.size), row)
