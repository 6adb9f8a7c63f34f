"""Networks as arms: what they may not see, what they need not learn again, and what one bad fold costs."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from radcompare.cache import Cache
from radcompare.cnn_settings import Cnn, Ensemble
from radcompare.config import Arm, Validation
from radcompare.errors import CaseError, ConfigError
from radcompare.evaluation import cnn_arm
from radcompare.evaluation.arms import Evaluation, evaluate
from radcompare.evaluation.study import Study
from radcompare.imaging.showing import Collection
from radcompare.learning.splits import Fold
from radcompare.tables.outcome import Outcome
from radcompare.tables.predictions import checked_predictions

CASES, SIDE = 18, 34
COHORT = ["a"] * 12 + ["b"] * 6


def study(flipped: slice | None = None, lost: int = 0) -> Study:
    """Class 1 is brighter; the classes of some cases may be turned round, and some may have no picture."""
    y = np.arange(CASES) % 2
    values = np.random.default_rng(1).uniform(0, 0.7, (CASES, 1, SIDE, SIDE)) + 0.3 * y[:, None, None, None]
    if flipped is not None:
        y[flipped] = 1 - y[flipped]
    cases = [f"c{number}" for number in range(CASES)]
    columns = pd.DataFrame({"cohort": COHORT}, index=pd.Index(cases, name="ID"))
    table = pd.DataFrame({"x": values.mean(axis=(1, 2, 3))}, index=columns.index)
    pictures = Collection(tuple(cases[lost:]), values[lost:].astype(np.float32))
    shown = dict.fromkeys(("cnn", "tuned"), pictures)
    return Study(columns, Outcome(y.astype(np.int64), ("0", "1")), {"table": table}, {}, shown)


def cnn(**changes: Any) -> Cnn:
    plain = {"network": "arch3", "input_size": SIDE, "epochs": 2, "stop": "loss", "learning_rate": 0.01}
    return Cnn(**{**plain, "augment": {"per_epoch": 2}, **changes})


ONE_DIVISION = Validation(scheme="cohort", train="a", test="b")
THREE_FOLDS = Validation(folds=3)


def run(
    given: Study,
    validation: Validation = ONE_DIVISION,
    others: dict[str, Arm] | None = None,
    cache: Cache | None = None,
    jobs: int = 1,
    **changes: Any,
) -> Evaluation:
    arms = {"cnn": Arm(cnn=cnn(**changes)), **(others or {})}
    return evaluate(given, arms, validation, cache=cache or Cache(None), jobs=jobs)


def scores(done: Evaluation, arm: str = "cnn") -> list[float]:
    frame = done.predictions.frame
    found: list[float] = frame.loc[frame["arm"] == arm, "score"].tolist()
    return found


def test_it_learns_from_the_training_cases_and_scores_the_others() -> None:
    done = run(study(), epochs=12, augment={"per_epoch": 4})
    frame = done.predictions.frame
    assert frame["ID"].tolist() == [f"c{number}" for number in range(12, 18)]
    assert frame.groupby("y_true")["score"].min()[1] > frame.groupby("y_true")["score"].max()[0]
    assert np.allclose(frame["probability"], 1 / (1 + np.exp(-frame["score"])))
    assert (frame["predicted"] == (frame["score"] > 0)).all()
    assert frame["classifier"].unique().tolist() == ["arch3"]


@pytest.mark.parametrize("layer", [(), ("conv3",)])
def test_the_classes_of_the_test_cases_are_seen_by_nothing(layer: tuple[str, ...]) -> None:
    true, turned = (run(study(flipped), layer=layer) for flipped in (None, slice(12, 18)))
    assert scores(true) == scores(turned)
    assert scores(true) != scores(run(study(slice(0, 2)), layer=layer))


def test_the_weights_of_an_ensemble_are_learned_without_the_test_cases() -> None:
    others = {
        "table": Arm(sources=("table",)),
        "both": Arm(ensemble=Ensemble(of=("cnn", "table"), how="weighted", inner=2)),
    }
    true, turned = (run(study(flipped), others=others) for flipped in (None, slice(12, 18)))
    assert scores(true, "both") == scores(turned, "both")
    note = next(note for note in true.notes if "mean weights" in note)
    assert note.startswith("arm 'both': mean weights over 1 folds: arm 'cnn' ")
    weights = [float(part.rsplit(" ", 1)[1]) for part in note.split(": ", 2)[2].split(", ")]
    assert sum(weights) == pytest.approx(1, abs=0.011)
    frame = true.predictions.frame.pivot(index="ID", columns="arm", values="probability")
    low, high = (frame[["cnn", "table"]].agg(side, axis=1) for side in ("min", "max"))
    assert ((frame["both"] >= low) & (frame["both"] <= high)).all()


@pytest.mark.slow
def test_more_jobs_give_the_same() -> None:
    one, two = (run(study(), THREE_FOLDS, jobs=jobs, seeds=(1, 2)) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one.predictions.frame, two.predictions.frame, check_exact=True)
    pd.testing.assert_frame_equal(one.curves, two.curves, check_exact=True)


def test_what_was_trained_is_not_trained_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path)
    first = run(study(), THREE_FOLDS, cache=cache)
    monkeypatch.setattr(cnn_arm, "train", lambda *_, **__: pytest.fail("trained again"))
    again = run(study(), THREE_FOLDS, cache=cache)
    pd.testing.assert_frame_equal(first.predictions.frame, again.predictions.frame, check_exact=True)
    pd.testing.assert_frame_equal(first.curves, again.curves, check_exact=True)
    assert not list(tmp_path.rglob("*.state"))


@pytest.mark.parametrize(
    "changes",
    [
        {"seeds": (2,)},
        {"batch": 4},
        {"learning_rate": 0.02},
        {"augment": None},
        {"class_weights": "balanced"},
    ],
)
def test_what_changes_the_network_trains_it_again(changes: dict[str, Any], tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    first = run(study(), cache=cache)
    done = run(study(), cache=cache, **changes)
    assert scores(done) == scores(run(study(), **changes))
    if changes != {"class_weights": "balanced"}:  # the classes are balanced already
        assert scores(done) != scores(first)


def test_a_fold_without_a_network_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = cnn_arm.train
    calls: list[int] = []

    def train(*given: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise CaseError("the loss is nan in epoch 1, step 3", "give a lower learning_rate")
        return real(*given, **more)

    whole = run(study(), THREE_FOLDS)
    monkeypatch.setattr(cnn_arm, "train", train)
    done = run(study(), THREE_FOLDS)
    lost = {failure.ID for failure in done.failures}
    assert len(lost) == CASES / 3
    assert {f.problem for f in done.failures} == {"repeat 0, fold 1: the loss is nan in epoch 1, step 3"}
    assert {f.hint for f in done.failures} == {"give a lower learning_rate"}
    kept = whole.predictions.frame.loc[~whole.predictions.frame["ID"].isin(lost)].reset_index(drop=True)
    pd.testing.assert_frame_equal(done.predictions.frame, kept, check_exact=True)


def test_no_fold_at_all_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def train(*_: Any, **__: Any) -> Any:
        raise CaseError("the loss is nan in epoch 1, step 1", "lower it")

    monkeypatch.setattr(cnn_arm, "train", train)
    with pytest.raises(CaseError, match=r"arm 'cnn': no fold could be trained: .*the loss is nan"):
        run(study())


def test_seeds_are_variants_and_all_of_them_take_part_in_an_ensemble() -> None:
    others = {"table": Arm(sources=("table",)), "mean": Arm(ensemble=Ensemble(of=("cnn", "table")))}
    done = run(study(), others=others, seeds=(4, 7))
    frame = done.predictions.frame
    of_cnn = frame[frame["arm"] == "cnn"]
    assert of_cnn["variant"].unique().tolist() == ["seed 4", "seed 7"]
    one = run(study(), seeds=(7,))
    assert of_cnn.loc[of_cnn["variant"] == "seed 7", "score"].tolist() == scores(one)
    members = [
        of_cnn.loc[of_cnn["variant"] == "seed 4", "probability"].to_numpy(),
        of_cnn.loc[of_cnn["variant"] == "seed 7", "probability"].to_numpy(),
        frame.loc[frame["arm"] == "table", "probability"].to_numpy(),
    ]
    assert np.allclose(frame.loc[frame["arm"] == "mean", "score"], np.mean(members, axis=0), atol=1e-15)


def test_random_layers_that_are_frozen_are_stamped_untrained() -> None:
    frozen, trained = (run(study(), freeze=layer).predictions.frame for layer in ("conv1", None))
    assert frozen["untrained"].unique().tolist() == ["untrained up to conv1 (random, frozen)"]
    assert "untrained" not in trained.columns


def test_activations_go_to_selection_and_classifier() -> None:
    tuned = Arm(cnn=cnn(layer=("conv3", "full1")), select=["su:3"], classifiers=["knn:neighbours=3"])
    done = evaluate(study(), {"tuned": tuned}, THREE_FOLDS)
    frame = done.predictions.frame
    assert frame[["selector", "k", "classifier"]].drop_duplicates().to_numpy().tolist() == [
        ["su", "3", "knn:neighbours=3"]
    ]
    assert len(frame) == CASES
    assert set(done.selected["feature"].str.rpartition("_")[0]) <= {"conv3", "full1"}
    assert len(done.selected) == 9


def test_cases_without_a_picture_are_lost_to_this_arm_alone() -> None:
    done = run(study(lost=1), THREE_FOLDS, {"table": Arm(sources=("table",))})
    counts = done.predictions.frame.groupby("arm").size()
    assert counts.to_dict() == {"cnn": CASES - 1, "table": CASES}
    assert "arm 'cnn' lacks 1 cases: c0" in done.notes


def test_predictions_are_what_the_reader_takes() -> None:
    done = run(study(), THREE_FOLDS, seeds=(1, 2))
    frame = done.predictions.frame
    pd.testing.assert_frame_equal(checked_predictions(frame, "p").frame, frame)


def test_curves_have_a_row_for_every_epoch_and_mark_the_best() -> None:
    done = run(study(), THREE_FOLDS, epochs=3, patience=3)
    assert len(done.curves) == 9
    assert done.curves.groupby("fold")["best"].sum().tolist() == [1, 1, 1]
    assert done.curves["epoch"].tolist() == [1, 2, 3] * 3


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"freeze": "full9"}, "full9"),
        ({"layer": ("conv9",)}, "conv9"),
        ({"network": "resnet18", "dropout": 0.5}, "dropout is of the small networks"),
        ({"region": "volume"}, "looks at pictures, not volumes"),
    ],
)
def test_what_the_network_has_not_is_told(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        run(study(), **wrong)


def test_arms_say_what_they_cannot_have() -> None:
    with pytest.raises(ValueError, match="cnn: layer: NAME learns from activations"):
        Arm(cnn=cnn(), select=["su:3"])
    with pytest.raises(ValueError, match="sources and cnn are there"):
        Arm(cnn=cnn(), sources=("x",))
    with pytest.raises(ValueError, match="unknown preset 'gbm'"):
        cnn(preset="gbm")


def test_another_code_of_a_users_own_network_is_trained_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its parameters, and so the stamp of its weights, are the same; what it learns is not."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    own = {"network": "trained_here:make", "input_size": None, "augment": None, "layer": ("0",)}
    found = []
    for stride in (1, 2):
        text = f"nn.Conv2d(3, 2, 3, stride={stride}), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten()"
        code = f"from torch import nn\ndef make():\n    return nn.Sequential({text}, nn.Linear(32, 5))\n"
        Path("trained_here.py").write_text(code)
        importlib.invalidate_caches()
        sys.modules.pop("trained_here", None)
        given = study()
        found.append(cnn_arm._key(task(given, Cnn(**own), tmp_path)))
    assert found[0] != found[1]


def task(given: Study, settings: Cnn, folder: Path) -> cnn_arm.Training:
    rows = np.arange(CASES)
    fold = Fold(0, 0, rows[:12], rows[12:])
    values = given.pictures["cnn"].values
    return cnn_arm.Training(settings, values, given.outcome.codes, None, fold, 1, Cache(folder))
