import pandas as pd
import pytest

from radcompare.compare.comparison import compare
from radcompare.compare.hanley_mcneil import Summary, compare_summaries, needed_correlation
from radcompare.compare.limits import largest_mcnemar_p_of_counts
from radcompare.compare.mcnemar import exact_p
from radcompare.compare.published import compare_published
from radcompare.compare.summaries import parse_published
from radcompare.compare.unpaired import fisher_exact
from radcompare.errors import UnknownNameError
from radcompare.tables.predictions import checked_predictions

LECTURE = [
    parse_published("deep: auc=0.712 n_pos=20 n_neg=20 right=31", 1),
    parse_published("merged: auc=0.935 n_pos=20 n_neg=20 right=36", 2),
]


def by_test(results):
    return {pair.test: pair for pair in results.pairs}


def test_the_lecture_s_figures_of_the_same_cases():
    found = compare_published(LECTURE, same_cases=True)
    tests = by_test(found)
    assert list(tests) == ["hanley-mcneil", "mcnemar-bounds"]
    bounds = tests["mcnemar-bounds"]
    assert bounds.smallest_p == 0.0625
    assert bounds.p == pytest.approx(exact_p(4, 9), rel=1e-14)
    assert "between 0.0625 and 0.267" in bounds.note
    assert tests["hanley-mcneil"].p == compare_summaries(LECTURE[0].area, LECTURE[1].area).p
    assert "reached already without" in tests["hanley-mcneil"].note
    assert [refusal.test for refusal in found.refused] == ["fisher-exact"]


def test_the_lecture_s_figures_of_different_cases():
    tests = by_test(compare_published(LECTURE))
    assert tests["fisher-exact"].p == fisher_exact(31, 40, 36, 40).p
    assert "--same-cases" in tests["fisher-exact"].note
    assert tests["hanley-mcneil"].difference == pytest.approx(-0.223, abs=1e-12)


@pytest.mark.parametrize(
    ("right_a", "right_b", "n"), [(31, 36, 40), (20, 20, 40), (3, 12, 15), (7, 8, 8), (0, 0, 3)]
)
def test_the_largest_p_is_that_of_the_worst_pairing(right_a, right_b, n):
    both = range(max(0, right_a + right_b - n), min(right_a, right_b) + 1)
    every = [exact_p(right_a - shared, right_b - shared) for shared in both]
    assert largest_mcnemar_p_of_counts(right_a, right_b, n) == pytest.approx(max(every), rel=1e-14)


@pytest.mark.parametrize("areas", [(0.7, 0.8), (0.65, 0.9), (0.5, 0.99)])
def test_the_needed_correlation_is_where_p_is_at_its_limit(areas):
    a, b = (Summary(area, 25, 30) for area in areas)
    needed = needed_correlation(a, b, 0.95)
    assert needed is not None
    if -1 < needed < 1:
        assert compare_summaries(a, b, correlation=needed).p == pytest.approx(0.05, rel=1e-9)
    else:
        assert compare_summaries(a, b, correlation=-0.999).p < 0.05


def test_no_correlation_helps_equal_areas():
    same = Summary(0.7, 25, 30)
    assert needed_correlation(same, same) is None
    texts = ["a: auc=0.7 n_pos=25 n_neg=30", "b: auc=0.7 n_pos=25 n_neg=30"]
    summaries = [parse_published(text, 1) for text in texts]
    (pair,) = compare_published(summaries, same_cases=True).pairs
    assert pair.p == 1
    assert "no correlation would bring it to p = 0.05" in pair.note


def test_a_told_correlation_is_used():
    (area, _) = compare_published(LECTURE, same_cases=True, correlation=0.5).pairs
    assert area.p == compare_summaries(LECTURE[0].area, LECTURE[1].area, correlation=0.5).p
    assert "0.5 between the AUCs, as told" in area.note


def test_figures_of_different_numbers_of_cases_are_not_of_the_same():
    summaries = [parse_published("a: right=3 n=4", 1), parse_published("b: right=3 n=5", 2)]
    found = compare_published(summaries, same_cases=True)
    assert not found.pairs
    assert "not the same cases" in found.refused[0].reason


def test_an_arm_of_one_s_own_beside_a_published_one():
    frame = pd.DataFrame(
        {"ID": range(8), "arm": "mine", "y_true": [0, 1] * 4, "score": [1, 2, 2, 3, 4, 4, 0, 9]}
    )
    own = compare(checked_predictions(frame.assign(predicted=[0, 1] * 4), "t"))
    other = parse_published("theirs: auc=0.6 n_pos=10 n_neg=9 right=12", 1)
    found = compare_published([other], own, reference="theirs")
    assert [arm.arm for arm in found.arms] == ["mine", "theirs"]
    tests = by_test(found)
    assert tests["hanley-mcneil"].p == compare_summaries(Summary(own.arms[0].auc, 4, 4), other.area).p
    assert tests["fisher-exact"].p == fisher_exact(8, 8, 12, 19).p
    with pytest.raises(UnknownNameError, match="'them'; did you mean"):
        compare_published([other], own, reference="them")


def test_p_is_adjusted_over_all_published_pairs():
    third = parse_published("third: auc=0.8 n_pos=20 n_neg=20", 3)
    pairs = [pair for pair in compare_published([*LECTURE, third]).pairs if pair.test == "hanley-mcneil"]
    assert len(pairs) == 3
    assert max(pair.p_adjusted / pair.p for pair in pairs) == pytest.approx(3)


def test_one_alone_is_measured_against_chance():
    (arm,) = compare_published([LECTURE[0]]).arms
    assert arm.auc_ci == pytest.approx((0.5510, 0.8730), abs=1e-3)
    assert arm.accuracy_method == "wilson"
    assert "against an AUC of 0.5: p = " in arm.notes[-1]
