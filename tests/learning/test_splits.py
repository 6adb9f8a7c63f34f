import numpy as np
import pandas as pd
import pytest

from radcompare.config import Inner, Validation
from radcompare.errors import DataError
from radcompare.learning import splits
from radcompare.learning.splits import folds, held_out, inner_folds

LOO = Validation(scheme="loo")


@pytest.fixture
def y():
    return np.array([0] * 23 + [1] * 14)


@pytest.fixture
def patients():
    """Up to four cases each, names not sorted."""
    rng = np.random.default_rng(1)
    return np.array([f"p{number}" for number in rng.integers(0, 15, 37)], dtype=object)


def _key(fold):
    return fold.repeat, fold.number, tuple(fold.train), tuple(fold.test)


def _tests_of(made, repeat):
    return sorted(int(case) for fold in made if fold.repeat == repeat for case in fold.test)


def test_every_case_is_tested_once_per_repeat(y):
    made = folds(Validation(folds=7, repeats=3), y, seed=1)
    assert [(fold.repeat, fold.number) for fold in made] == [(r, f) for r in range(3) for f in range(7)]
    for repeat in range(3):
        assert _tests_of(made, repeat) == list(range(37))
    for fold in made:
        assert sorted([*fold.train, *fold.test]) == list(range(37))
        assert fold.train.tolist() == sorted(fold.train)
        assert fold.test.tolist() == sorted(fold.test)


def test_folds_are_stratified(y):
    for fold in folds(Validation(folds=7, repeats=2), y, seed=3):
        assert y[fold.test].sum() == 2
        assert len(fold.test) in (5, 6)


def test_a_seed_reproduces_and_repeats_differ(y):
    validation = Validation(folds=5, repeats=2)
    first, again, other = (folds(validation, y, seed=seed) for seed in (1, 1, 9))
    assert [_key(fold) for fold in first] == [_key(fold) for fold in again]
    assert [_key(fold) for fold in first] != [_key(fold) for fold in other]
    tested = [[tuple(fold.test) for fold in first if fold.repeat == repeat] for repeat in range(2)]
    assert tested[0] != tested[1]


def test_a_repeat_is_a_run_with_the_next_seed(y):
    repeated, single = folds(Validation(folds=5, repeats=2), y, seed=1), folds(Validation(folds=5), y, seed=2)
    assert [tuple(fold.test) for fold in repeated if fold.repeat == 1] == [
        tuple(fold.test) for fold in single
    ]


@pytest.mark.parametrize("seed", range(5))
def test_groups_never_straddle(y, patients, seed):
    made = folds(Validation(folds=4, repeats=2), y, seed=seed, groups=patients)
    for fold in made:
        assert not set(patients[fold.train]) & set(patients[fold.test])
    assert _tests_of(made, 0) == _tests_of(made, 1) == list(range(37))


def test_names_of_groups_do_not_matter(y, patients):
    renamed = np.array([f"another {name[::-1]}" for name in patients], dtype=object)
    a, b = (folds(Validation(folds=4), y, seed=1, groups=groups) for groups in (patients, renamed))
    assert [_key(fold) for fold in a] == [_key(fold) for fold in b]


def test_leave_one_out():
    made = folds(LOO, np.array([0, 1, 0, 1]), seed=1)
    assert [_key(fold) for fold in made] == [
        (0, 0, (1, 2, 3), (0,)),
        (0, 1, (0, 2, 3), (1,)),
        (0, 2, (0, 1, 3), (2,)),
        (0, 3, (0, 1, 2), (3,)),
    ]


def test_leave_one_group_out():
    made = folds(
        LOO, np.array([0, 1, 0, 1, 0]), seed=1, groups=np.array(["b", "a", "b", "c", "a"], dtype=object)
    )
    assert [tuple(fold.test) for fold in made] == [(0, 2), (1, 4), (3,)]
    assert [tuple(fold.train) for fold in made] == [(1, 3, 4), (0, 2, 3), (0, 1, 2, 4)]


COHORT = np.array(["Rome", "Oslo", "Rome", "Oslo", "Rome"], dtype=object)
CLASSES = np.array([0, 1, 1, 0, 1])


@pytest.mark.parametrize(
    ("train", "test", "expected"),
    [
        (None, None, ((0, 2, 4), (1, 3))),  # the first that occurs is trained on
        ("Oslo", "Rome", ((1, 3), (0, 2, 4))),
        ("Rome", "Oslo", ((0, 2, 4), (1, 3))),
    ],
)
def test_one_cohort_against_another(train, test, expected):
    validation = Validation(scheme="cohort", train=train, test=test)
    (fold,) = folds(validation, CLASSES, seed=1, cohort=COHORT)
    assert (tuple(fold.train), tuple(fold.test)) == expected


def test_a_third_cohort_is_left_out():
    cohort = np.array(["A", "B", "C", "A", "B"], dtype=object)
    (fold,) = folds(
        Validation(scheme="cohort", train="A", test="B"), np.array([0, 1, 1, 1, 0]), seed=1, cohort=cohort
    )
    assert (tuple(fold.train), tuple(fold.test)) == ((0, 3), (1, 4))


def test_groups_within_cohorts():
    groups = np.array(["p", "q", "p", "q", "r"], dtype=object)
    (fold,) = folds(Validation(scheme="cohort"), CLASSES, seed=1, cohort=COHORT, groups=groups)
    assert tuple(fold.test) == (1, 3)
    with pytest.raises(DataError, match="group 'p' has cases in Rome and in Oslo") as refused:
        folds(
            Validation(scheme="cohort"),
            CLASSES,
            seed=1,
            cohort=COHORT,
            groups=np.array(list("pprrs"), dtype=object),
        )
    assert "leave them out" in refused.value.hint


def _cohort(**names):
    return Validation(scheme="cohort", **names)


@pytest.mark.parametrize(
    ("validation", "y", "labels", "message", "hint"),
    [
        (
            Validation(folds=3),
            [0, 0, 0, 1, 1],
            {},
            "3 folds, but a class has only 2 cases",
            "at most 2 folds",
        ),
        (
            Validation(folds=3),
            [0, 0, 0, 1, 1, 1],
            {"groups": list("aabbab")},
            "3 folds, but only 2 groups",
            "at most 2 folds",
        ),
        (
            Validation(folds=2),
            [0, 0, 0, 1, 1, 1],
            {"groups": list("aaabbb")},
            "a group, 'a', holds all cases of a class, which cannot be trained on and tested",
            "another cohort",
        ),
        (LOO, [0, 0, 0, 1], {}, "a class has only 1 case, which cannot be trained on", "more cases"),
        (LOO, [0, 1, 0, 1], {"groups": list("aaaa")}, "a group, 'a', holds all cases", "another cohort"),
        (Validation.model_validate("bootstrap"), [0, 0, 1], {}, "a class has only 1 case", "more cases"),
        (_cohort(), [0, 1], {}, "the table has no column 'cohort'", "second table"),
        (
            _cohort(),
            [0, 1, 0],
            {"cohort": list("abc")},
            "the cohorts are a, b, c; to train on, none is named",
            "--train A --test B",
        ),
        (
            _cohort(train="Rom", test="Oslo"),
            [0, 1],
            {"cohort": ["Rome", "Oslo"]},
            "the cohorts are Rome, Oslo; to train on, 'Rom' is none of them; did you mean 'Rome'?",
            "--train A --test B",
        ),
        (_cohort(), [0, 0, 1], {"cohort": list("aab")}, "the training cases lack a class", "fewer folds"),
    ],
)
def test_what_cannot_be_divided(validation, y, labels, message, hint):
    labels = {name: np.array(values, dtype=object) for name, values in labels.items()}
    with pytest.raises(DataError) as refused:
        folds(validation, np.array(y), seed=1, **labels)
    assert message in refused.value.message
    assert hint in refused.value.hint


def test_patients_of_a_real_cohort_never_straddle(shared_data):
    frame = pd.read_csv(shared_data / "lidc-nodules" / "cohort.csv")
    patients = frame["patient_id"].to_numpy(dtype=object)
    made = folds(Validation(folds=10), frame["malignant"].to_numpy(), seed=1, groups=patients)
    assert sum(len(set(patients[fold.test])) for fold in made) == 203
    assert all(not set(patients[fold.train]) & set(patients[fold.test]) for fold in made)


BOOTSTRAP = Validation.model_validate("bootstrap:30")


def test_a_bootstrap_sample_is_drawn_within_the_classes(y):
    made = folds(BOOTSTRAP, y, seed=1)
    assert [(fold.repeat, fold.number, fold.apparent) for fold in made[:2]] == [(0, 0, False), (1, 0, False)]
    for fold in made[:-1]:
        assert len(fold.train) == 37
        assert y[fold.train].sum() == 14
        assert set(fold.test) == set(range(37)) - set(fold.train)
        assert fold.train.tolist() == sorted(fold.train)
    left_out = np.mean([len(fold.test) for fold in made[:-1]]) / 37
    assert left_out == pytest.approx(np.exp(-1), abs=0.03)


def test_a_bootstrap_ends_with_all_cases_tested_on_themselves(y):
    last = folds(BOOTSTRAP, y, seed=1)[-1]
    assert (last.repeat, last.apparent) == (30, True)
    assert last.train.tolist() == last.test.tolist() == list(range(37))


def test_a_bootstrap_sample_depends_on_seed_and_number_alone(y):
    longer, again = folds(BOOTSTRAP, y, seed=1), folds(Validation.model_validate("bootstrap:3"), y, seed=1)
    assert [_key(fold) for fold in longer[:3]] == [_key(fold) for fold in again[:3]]
    assert len({tuple(fold.train) for fold in longer}) == 31


def test_a_bootstrap_draws_whole_groups(y, patients):
    for fold in folds(BOOTSTRAP, y, seed=1, groups=patients)[:-1]:
        assert not set(patients[fold.train]) & set(patients[fold.test])
        times = pd.Series(fold.train).value_counts()
        assert (times.groupby(patients[times.index]).nunique() == 1).all(), "a patient's cases come together"
        assert (len(set(y[fold.train])), len(set(y[fold.test]))) == (2, 2)


def test_a_sample_without_a_class_on_one_side_is_drawn_anew(monkeypatch):
    y = np.array([0, 0, 1, 1])
    for fold in folds(BOOTSTRAP, y, seed=1)[:-1]:
        assert (len(set(y[fold.train])), len(set(y[fold.test]))) == (2, 2)
    monkeypatch.setattr(splits, "DRAWS", 1)
    with pytest.raises(DataError, match="drawn 1 times, and a class is always missing on one side"):
        folds(BOOTSTRAP, y, seed=1)


INNER = Inner(folds=3, repeats=2)


def test_inner_folds_divide_the_training_rows(y):
    outer = folds(Validation(folds=5), y, seed=1)[2]
    made = inner_folds(INNER, outer, y, seed=4)
    assert [(fold.repeat, fold.number) for fold in made] == [(r, f) for r in range(2) for f in range(3)]
    for repeat in range(2):
        assert _tests_of(made, repeat) == list(range(len(outer.train)))
    for fold in made:
        assert y[outer.train][fold.test].sum() in (3, 4)


def test_inner_folds_keep_groups_together(y, patients):
    outer = folds(Validation(folds=4), y, seed=1, groups=patients)[0]
    of_row = patients[outer.train]
    for fold in inner_folds(INNER, outer, y, seed=1, groups=patients):
        assert not set(of_row[fold.train]) & set(of_row[fold.test])


def test_inner_folds_of_a_bootstrap_sample_keep_copies_together(y):
    outer = folds(BOOTSTRAP, y, seed=1)[0]
    assert len(set(outer.train)) < len(outer.train)
    for fold in inner_folds(INNER, outer, y, seed=1):
        assert not set(outer.train[fold.train]) & set(outer.train[fold.test])


def test_an_inner_loop_that_cannot_be_names_its_fold():
    y = np.array([0] * 20 + [1] * 3)
    outer = folds(Validation(folds=3), y, seed=1)[1]
    with pytest.raises(DataError) as caught:
        inner_folds(INNER, outer, y, seed=1)
    assert caught.value.message == "inner loop of repeat 0, fold 1: 3 folds, but a class has only 2 cases"


def test_an_inner_loop_that_leaves_one_class_is_refused():
    y = np.array([0] * 20 + [1] * 6)
    groups = np.array([f"p{i}" for i in range(20)] + ["all"] * 3 + ["others"] * 3, dtype=object)
    outer = next(
        fold for fold in folds(Validation(scheme="loo"), y, seed=1, groups=groups) if y[fold.test].all()
    )
    with pytest.raises(
        DataError, match=r"inner loop of repeat 0, fold 2[01]: .*the training cases lack a class"
    ):
        inner_folds(INNER, outer, y, seed=1, groups=groups)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_so_much_of_every_class_is_held_out(share: float) -> None:
    y = np.array([0] * 40 + [1] * 20)
    rows = np.random.default_rng(1).permutation(60)[:50]
    learn, out = held_out(rows, y, None, share, 5)
    assert sorted([*learn, *out]) == sorted(rows)
    for code in (0, 1):
        assert abs((y[out] == code).sum() - share * (y[rows] == code).sum()) <= 0.5
    assert [row for row in rows if row in set(out)] == list(out)


def test_groups_are_held_out_whole() -> None:
    rng = np.random.default_rng(3)
    groups = rng.integers(0, 25, 100).astype(object)
    y = rng.integers(0, 2, 100)
    learn, out = held_out(np.arange(100), y, groups, 0.3, 2)
    assert not set(groups[learn]) & set(groups[out])
    assert 0.2 < len(out) / 100 < 0.4


def test_copies_of_a_bootstrap_sample_are_held_out_together() -> None:
    rows = np.random.default_rng(4).integers(0, 40, 40)
    learn, out = held_out(rows, np.arange(40) % 2, None, 0.3, 1)
    assert len(out)
    assert not set(learn) & set(out)
    assert sorted([*learn, *out]) == sorted(rows)


def test_a_class_of_one_group_is_learned_from_and_nothing_is_held_out_of_nothing() -> None:
    y = np.array([0, 0, 0, 0, 1])
    learn, out = held_out(np.arange(5), y, None, 0.5, 1)
    assert 4 in learn
    assert len(out) == 2
    assert len(held_out(np.arange(5), y, None, 0.0, 1)[1]) == 0


def test_another_seed_holds_out_others() -> None:
    y = np.arange(40) % 2
    first, same, other = (held_out(np.arange(40), y, None, 0.3, seed)[1].tolist() for seed in (1, 1, 2))
    assert first == same != other
