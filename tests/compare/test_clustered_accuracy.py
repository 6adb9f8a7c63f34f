"""Against enumeration, against the independent case, and against the variance over simulated cohorts."""

from itertools import product

import numpy as np
import pytest

from radcompare.compare.clustered_accuracy import accuracy_interval_clustered, mcnemar_clustered, swap_p
from radcompare.compare.mcnemar import exact_p, mcnemar_exact
from radcompare.compare.proportion import wilson
from radcompare.errors import TestRefused


@pytest.mark.parametrize("seed", range(8))
def test_p_is_the_share_of_swaps_by_enumeration(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 5, size=rng.integers(1, 11))
    for net in {0, 1, int(sizes[0]), int(sizes.sum())}:
        sums = [abs(int(np.dot(signs, sizes))) for signs in product((-1, 1), repeat=len(sizes))]
        assert swap_p(sizes, net) == pytest.approx(np.mean([total >= net for total in sums]), abs=1e-15)


def test_without_a_difference_p_is_1() -> None:
    assert swap_p(np.array([], dtype=np.int64), 0) == 1.0


@pytest.mark.parametrize(("gains", "losses"), [(0, 5), (3, 12), (7, 7), (1, 0), (86, 150)])
def test_with_one_case_per_patient_it_is_exact_mcnemar(gains: int, losses: int) -> None:
    assert swap_p(np.ones(gains + losses, dtype=np.int64), gains - losses) == pytest.approx(
        exact_p(gains, losses), rel=1e-12
    )
    y = np.ones(gains + losses + 10, dtype=int)
    a, b = y.copy(), y.copy()
    b[:gains], a[gains : gains + losses] = 0, 0
    clustered, plain = mcnemar_clustered(y, a, b, np.arange(len(y))), mcnemar_exact(y, a, b)
    assert clustered.p == pytest.approx(plain.p, rel=1e-12)
    assert clustered.difference == pytest.approx(plain.difference)


def test_a_patient_counted_ten_times_is_no_evidence() -> None:
    """Five patients gained: p = 2/32, however many lesions each has; taken as independent it would be tiny."""
    y, patient = np.ones(50, dtype=int), np.repeat(np.arange(5), 10)
    found = mcnemar_clustered(y, y, 1 - y, patient)
    assert found.p == pytest.approx(2 / 2**5)
    assert mcnemar_exact(y, y, 1 - y).p < 1e-14
    assert "cannot go below 0.0625" in found.note


def test_swapping_the_arms_flips_the_sign() -> None:
    rng = np.random.default_rng(3)
    y, a, b = (rng.integers(0, 2, 60) for _ in range(3))
    patient = rng.integers(0, 25, 60)
    one, two = mcnemar_clustered(y, a, b, patient), mcnemar_clustered(y, b, a, patient)
    assert one.difference == pytest.approx(-two.difference)
    assert one.p == pytest.approx(two.p)
    assert one.ci == pytest.approx(tuple(-bound for bound in reversed(two.ci or ())))


def test_the_interval_of_equal_lesions_is_that_of_their_patients() -> None:
    """20 patients with 4 lesions that are all right or all wrong say as much as 20 cases (but for m/(m-1))."""
    right = np.repeat(np.arange(20) < 15, 4).astype(int)
    found = accuracy_interval_clustered(np.ones(80, dtype=int), right, np.repeat(np.arange(20), 4))
    low, high = wilson(15, 20).ci or (0, 0)
    assert found.value == 0.75
    assert found.ci is not None
    assert found.ci[0] < low < found.ci[0] + 0.01
    assert found.ci[1] - 0.01 < high < found.ci[1]
    assert "count as 19 independent" in found.note


def test_independent_cases_are_never_counted_for_more_than_they_are() -> None:
    right = np.tile([1, 0], 20)  # every patient has one right and one wrong: less than no correlation
    found = accuracy_interval_clustered(np.ones(40, dtype=int), right, np.repeat(np.arange(20), 2))
    assert found.ci == pytest.approx(wilson(20, 40).ci)


@pytest.mark.parametrize("value", [0, 1])
def test_where_all_agree_patients_are_counted(value: int) -> None:
    found = accuracy_interval_clustered(
        np.ones(30, dtype=int), np.full(30, value), np.repeat(np.arange(10), 3)
    )
    assert found.ci == pytest.approx(wilson(10 * value, 10).ci)


def test_one_patient_is_refused() -> None:
    with pytest.raises(TestRefused, match="one cluster"):
        accuracy_interval_clustered([1, 0], [1, 1], ["p", "p"])


@pytest.mark.slow
def test_under_the_null_the_test_keeps_its_level_and_the_interval_its_coverage() -> None:
    rng = np.random.default_rng(5)
    rejected, covered, runs = 0, 0, 1500
    patient = np.repeat(np.arange(60), 3)
    for _ in range(runs):
        shared = rng.normal(size=60)[patient]
        a, b = ((shared + rng.normal(size=180) > -0.5).astype(int) for _ in range(2))
        y = np.ones(180, dtype=int)
        rejected += mcnemar_clustered(y, a, b, patient).p <= 0.05
        low, high = accuracy_interval_clustered(y, a, patient).ci or (0, 0)
        covered += low <= 0.6381631950841185 <= high  # Phi(0.5 / sqrt(2))
    assert rejected / runs < 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
    assert 0.93 < covered / runs < 0.98
