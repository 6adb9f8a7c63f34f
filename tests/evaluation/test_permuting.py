"""The pipeline on permuted outcomes, against runs made one by one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radcompare.cache import Cache
from radcompare.classifier_settings import Knn, NaiveBayes
from radcompare.compare.arm import area_of, measure_arm
from radcompare.compare.auc import auc
from radcompare.config import Arm, Selection, Validation
from radcompare.errors import TestRefused
from radcompare.evaluation import permuting
from radcompare.evaluation.permuting import Work, arrangements_of, exchangeable, permute, permuted
from radcompare.evaluation.study import Study
from radcompare.tables.outcome import Outcome

CASES = 24
NOTHING = Cache(None)


def work(strength: float = 0.0, scheme: object = "4", groups: str | None = None, **columns: object) -> Work:
    """Two arms of ten features; the first of arm a knows the outcome if it has any strength."""
    rng = np.random.default_rng(3)
    ids = pd.Index([f"case-{i:02d}" for i in range(CASES)], name="ID")
    y = np.arange(CASES) % 2
    sources = {
        name: pd.DataFrame(rng.normal(size=(CASES, 10)), index=ids).add_prefix(name) for name in ("a", "b")
    }
    sources["a"]["a0"] += strength * y
    study = Study(
        pd.DataFrame({"y": y, **columns}, index=ids), Outcome(y.astype(np.int64), ("0", "1")), sources, {}
    )
    validation = Validation.model_validate(scheme).model_copy(update={"groups": groups})
    selections = (Selection(method="su", top=3), Selection(method="anova", top=2))
    arms = {"a": Arm(sources=("a",)), "b": Arm(sources=("b",))}
    return Work(study, arms, validation, selections, (NaiveBayes(), Knn()), 1)


@pytest.mark.slow
def test_it_is_the_same_as_running_everything_by_hand() -> None:
    pipeline = work()
    observed = pipeline.run().predictions
    found = permute(pipeline, observed, 5, cache=NOTHING)
    assert [(entry.arm, entry.what.partition(":")[0]) for entry in found] == [
        *(("a", "a + su"), ("a", "best of 4 configurations")),
        *(("b", "b + su"), ("b", "best of 4 configurations")),
        ("every arm", "best of 8 configurations"),
    ]
    truth = [area_of(rows) for _, rows in observed.configurations()]
    by_luck = []
    for number in range(1, 6):
        y = permuted(pipeline.study.outcome.codes, exchangeable(pipeline), np.random.default_rng([1, number]))
        outcome = replace(pipeline.study.outcome, codes=y)
        again = replace(pipeline, study=replace(pipeline.study, outcome=outcome)).run().predictions
        by_luck.append([auc(rows["y_true"], rows["score"]) for _, rows in again.configurations()])
    luck = np.array(by_luck)
    for entry, columns in zip(found, ([0], [0, 1, 2, 3], [4], [4, 5, 6, 7], range(8)), strict=True):
        best = max(truth[column] for column in columns)
        assert entry.auc == pytest.approx(best, abs=1e-15)
        assert entry.p == (1 + sum(row[list(columns)].max() >= best for row in luck)) / 6
        assert entry.luck == pytest.approx(luck[:, list(columns)].max(axis=1).mean(), abs=1e-15)
        assert entry.smallest_p == 1 / 6


@pytest.mark.slow
def test_what_is_there_is_found_and_what_is_not_is_not() -> None:
    pipeline = work(strength=3.0)
    found = {entry.arm: entry for entry in permute(pipeline, pipeline.run().predictions, 19, cache=NOTHING)}
    assert found["a"].p == 0.05
    assert found["b"].p > 0.05
    assert found["a"].luck_95 < found["a"].auc


@pytest.mark.slow
def test_the_result_does_not_depend_on_the_jobs() -> None:
    pipeline = work()
    observed = pipeline.run().predictions
    assert permute(pipeline, observed, 4, cache=NOTHING, jobs=2) == permute(
        pipeline, observed, 4, cache=NOTHING
    )


@pytest.mark.slow
def test_what_was_run_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline, cache = work(), Cache(tmp_path)
    observed = pipeline.run().predictions
    permute(pipeline, observed, 3, cache=cache)
    ran = []
    evaluate = permuting.evaluate
    monkeypatch.setattr(permuting, "evaluate", lambda *a, **k: ran.append(1) or evaluate(*a, **k))
    more = permute(pipeline, observed, 5, cache=cache)
    assert len(ran) == 2
    assert more == permute(pipeline, observed, 5, cache=NOTHING)


@pytest.mark.parametrize(
    "change",
    [
        lambda work: replace(work, seed=2),
        lambda work: replace(work, classifiers=(NaiveBayes(),)),
        lambda work: replace(work, arms={"a": Arm(sources=("b",))}),
        lambda work: replace(work, study=replace(work.study, sources={"a": work.study.sources["a"] + 1e-9})),
        lambda work: replace(work, validation=Validation.model_validate("5")),
    ],
)
def test_every_change_is_another_pipeline(change: object) -> None:
    assert callable(change)
    assert change(work()).key() != work().key()
    assert work().key() == work().key()


def test_outcomes_stay_within_their_cohort() -> None:
    cohort = ["here"] * 10 + ["there"] * 14
    pipeline = work(scheme={"scheme": "cohort", "train": "here", "test": "there"}, cohort=cohort)
    codes = np.array([1] * 3 + [0] * 7 + [1] * 9 + [0] * 5)
    dealt = permuted(codes, exchangeable(pipeline), np.random.default_rng(0))
    assert (dealt[:10].sum(), dealt[10:].sum()) == (3, 9)
    assert not np.array_equal(dealt, codes)


def test_groups_of_equal_size_swap_their_outcomes_whole() -> None:
    group = [f"p{i // 2}" for i in range(12)] + [f"q{i // 3}" for i in range(12)]
    pipeline = work(groups="group", group=group)
    codes = np.array([0, 1] * 3 + [1, 1] * 3 + [0, 0, 1] * 2 + [1, 0, 0] * 2)
    for seed in range(5):
        dealt = permuted(codes, exchangeable(pipeline), np.random.default_rng(seed))
        pairs, triples = dealt[:12].reshape(6, 2).tolist(), dealt[12:].reshape(4, 3).tolist()
        assert sorted(pairs) == [[0, 1]] * 3 + [[1, 1]] * 3
        assert sorted(triples) == [[0, 0, 1]] * 2 + [[1, 0, 0]] * 2
    assert arrangements_of(codes, exchangeable(pipeline)) == pytest.approx(20 * 6)


def test_few_arrangements_bound_p() -> None:
    pipeline = work(groups="group", group=[f"p{i // 2}" for i in range(CASES)])
    codes = np.repeat([1, 0], [2, CASES - 2]).astype(np.int64)
    assert arrangements_of(codes, exchangeable(pipeline)) == pytest.approx(CASES / 2)


def test_what_cannot_be_swapped_is_refused() -> None:
    group = np.repeat([f"p{i}" for i in range(6)], [1, 2, 3, 4, 5, 9])
    pipeline = work(groups="group", group=group, scheme="2")
    with pytest.raises(TestRefused, match="no two cases"):
        permuting.refuse_fixed(pipeline)


@pytest.mark.parametrize("scheme", ["4", "3x4", "bootstrap:5"])
def test_the_area_is_the_one_that_is_reported(scheme: str) -> None:
    for configuration, rows in work(scheme=scheme).run().predictions.configurations():
        assert area_of(rows) == measure_arm(configuration, rows, 0.95).auc
