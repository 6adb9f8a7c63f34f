"""Arms made of arms: what is combined, who takes part, and what is refused."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest

from radcompare.cnn_settings import How
from radcompare.compare.comparison import compare
from radcompare.errors import ConfigError, DataError, RadcompareError
from radcompare.evaluation.ensembles import align, combined_rows, ensemble_rows, members_of, remarks
from radcompare.learning.combining import learned_weights
from radcompare.tables.predictions import COLUMNS, checked_predictions

CASES = 40
Y = np.tile([0, 1], CASES // 2)
IDS = [f"c{i:02d}" for i in range(CASES)]
OF_PROBABILITIES = ("mean", "median", "weighted")


def arm(name: str, seed: int, cases: int = CASES, **columns: object) -> pd.DataFrame:
    """An arm whose probabilities lean to the outcome."""
    noise = np.random.default_rng(seed).random(CASES)
    frame = pd.DataFrame({"ID": IDS, "arm": name, "y_true": Y, "score": 0.3 * Y + 0.7 * noise})
    return frame.assign(**columns).head(cases)


def predictions(*arms: pd.DataFrame) -> pd.DataFrame:
    return checked_predictions(pd.concat(arms, ignore_index=True), "p.csv").frame


def three() -> pd.DataFrame:
    return predictions(arm("a", 1), arm("b", 2), arm("c", 3))


def scores(frame: pd.DataFrame, name: str) -> np.ndarray:
    return frame.loc[frame["arm"] == name, "score"].to_numpy()


def problem(*arguments: Any, **more: Any) -> RadcompareError:
    with pytest.raises(RadcompareError) as caught:
        ensemble_rows(*arguments, **more)
    assert caught.value.hint
    return caught.value


def test_columns_are_those_of_predictions() -> None:
    frame = three()
    rows = ensemble_rows(frame, ["a", "b", "c"], "all", "median")
    assert list(rows.columns) == list(frame.columns)
    assert set(rows["arm"] + rows["selector"] + rows["k"] + "/" + rows["classifier"]) == {"all/median"}
    assert rows["ID"].tolist() == IDS
    assert rows["y_true"].tolist() == Y.tolist()
    assert (rows.dtypes[["score", "predicted", "probability"]] == ["float64", "int64", "float64"]).all()
    assert (rows["probability"] == rows["score"]).all()
    assert (rows["predicted"] == (rows["score"] >= 0.5)).all()
    assert ensemble_rows(frame, ["a", "b"], "voted", "vote")["probability"].isna().all()


def test_values_are_the_arithmetic_of_the_members() -> None:
    frame = three()
    a, b, c = (scores(frame, name) for name in "abc")
    said = {how: ensemble_rows(frame, ["a", "b", "c"], "e", how)["score"] for how in ("mean", "median")}
    assert said["mean"].to_numpy() == pytest.approx((a + b + c) / 3, abs=1e-15)
    assert said["median"].tolist() == [sorted(each)[1] for each in zip(a, b, c, strict=True)]
    weighted = ensemble_rows(frame, ["b", "a"], "e", "weighted", {"a": 3, "b": 1})["score"].to_numpy()
    assert weighted == pytest.approx((3 * a + b) / 4, abs=1e-15)


@pytest.mark.parametrize("how", OF_PROBABILITIES)
def test_two_equal_arms_make_the_arm(how: How) -> None:
    frame = predictions(arm("a", 1), arm("b", 1))
    weights = {"a": 0.3, "b": 0.1} if how == "weighted" else None
    rows = ensemble_rows(frame, ["a", "b"], "e", how, weights)
    kept = ["ID", "y_true", "score", "predicted", "probability"]
    one = frame.loc[frame["arm"] == "a", kept]
    assert rows[kept].equals(one.astype({"predicted": "int64"}))


@pytest.mark.parametrize("seed", range(20))
def test_median_and_vote_of_three_have_one_accuracy(seed: int) -> None:
    random = np.random.default_rng(seed)
    frame = predictions(*(arm(name, 0, score=random.random(CASES).round(2)) for name in "abc"))
    made = [ensemble_rows(frame, ["a", "b", "c"], how, how) for how in ("median", "vote")]
    found = compare(checked_predictions(pd.concat([frame, *made], ignore_index=True), "p.csv")).arms
    of = {one.arm: one.accuracy for one in found}
    assert of["median"] == of["vote"]


def test_a_published_vote_has_the_auc_of_hard_labels() -> None:
    right = np.array([True] * 56 + [False] * 29 + [True] * 134 + [False] * 18)
    y = np.repeat([1, 0], [85, 152])
    random = np.random.default_rng(5)
    votes = np.where(right, 2, 0) + random.integers(0, 2, len(y))  # of three, how many are right
    correct = random.permuted(np.tile(np.arange(3), (len(y), 1)), axis=1) < votes[:, None]
    sure = 0.5 + 0.5 * random.random(correct.shape)  # at least one half where positive
    positive = np.where(correct, y[:, None], 1 - y[:, None])
    frames = [
        pd.DataFrame(
            {"ID": range(len(y)), "arm": f"arch{n + 1}", "y_true": y, "score": np.where(p, s, 1 - s - 1e-9)}
        )
        for n, (p, s) in enumerate(zip(positive.T, sure.T, strict=True))
    ]
    frame = predictions(*frames)
    made = [ensemble_rows(frame, ["arch1", "arch2", "arch3"], how, how) for how in ("median", "vote")]
    found = compare(checked_predictions(pd.concat([frame, *made], ignore_index=True), "p.csv")).arms
    median, vote = found[3:]
    assert (round(100 * vote.accuracy, 2), round(vote.auc, 3)) == (80.17, 0.770)
    assert vote.auc == pytest.approx((56 / 85 + 134 / 152) / 2, abs=1e-12)
    assert median.accuracy == vote.accuracy
    assert median.auc != vote.auc


def test_ties_of_an_even_number() -> None:
    frame = predictions(arm("a", 1), arm("b", 2))
    rows = ensemble_rows(frame, ["a", "b"], "e", "vote")
    one, other = scores(frame, "a"), scores(frame, "b")
    tied = (one >= 0.5) != (other >= 0.5)
    assert 0 < tied.sum() < CASES
    assert ((rows["score"] == 0.5).to_numpy() == tied).all()
    assert (rows.loc[tied, "predicted"] == ((one + other) / 2 >= 0.5)[tied]).all()
    told = list(remarks(align(frame, ["a", "b"]), rows))
    assert told == [
        f"{tied.sum()} of 40 votes are tied: they go by the mean probability, and are negative without one"
    ]


def test_ties_without_probabilities_are_negative() -> None:
    raw = arm("b", 2).assign(score=lambda f: 9 * f["score"], predicted=1)
    frame = predictions(arm("a", 1).assign(predicted=0), raw)
    assert set(ensemble_rows(frame, ["a", "b"], "e", "vote")["predicted"]) == {0}


def test_a_case_that_a_member_lacks_is_left_out_and_told() -> None:
    frame = predictions(arm("a", 1), arm("b", 2, cases=38), arm("c", 3).iloc[1:])
    rows = ensemble_rows(frame, ["a", "b", "c"], "e")
    assert rows["ID"].tolist() == IDS[1:38]
    aligned = align(frame, ["a", "b", "c"])
    assert sorted(aligned.lost) == ["c00", "c38", "c39"]
    assert list(remarks(aligned, rows)) == [
        "3 cases are left out where not every member scored them: c00, c38, c39"
    ]
    assert align(frame, ["c", "b"]).lost == ("c38", "c39", "c00")


def test_cases_meet_by_name_not_by_place() -> None:
    frame = predictions(arm("a", 1), arm("b", 2).sample(frac=1, random_state=1))
    sorted_one = predictions(arm("a", 1), arm("b", 2))
    assert ensemble_rows(frame, ["a", "b"], "e").equals(ensemble_rows(sorted_one, ["a", "b"], "e"))


def repeated(name: str, seed: int, **columns: object) -> pd.DataFrame:
    runs = [
        arm(name, seed + 10 * run, repeat=run, fold=(np.arange(CASES) + run) % 4, **columns)
        for run in range(3)
    ]
    return pd.concat(runs, ignore_index=True)


def test_repeats_are_combined_one_by_one() -> None:
    frame = predictions(repeated("a", 1), repeated("b", 2))
    rows = ensemble_rows(frame, ["a", "b"], "e")
    assert len(rows) == 3 * CASES
    for run in range(3):
        alone = ensemble_rows(frame[frame["repeat"] == run], ["a", "b"], "e")
        assert rows[rows["repeat"] == run].reset_index(drop=True).equals(alone)
    found = compare(checked_predictions(pd.concat([frame, rows], ignore_index=True), "p.csv"))
    assert "nadeau-bengio" in {pair.test for pair in found.pairs}


def test_a_case_lost_in_one_repeat_is_kept_in_the_others() -> None:
    b = repeated("b", 2)
    b = b[(b["ID"] != "c07") | (b["repeat"] != 1)]
    frame = predictions(repeated("a", 1), b)
    rows = ensemble_rows(frame, ["a", "b"], "e")
    assert rows.groupby("repeat").size().tolist() == [40, 39, 40]
    assert align(frame, ["a", "b"]).lost == ("c07",)


def test_what_is_known_of_a_case_is_carried_over() -> None:
    group = [f"p{i // 2}" for i in range(CASES)]
    columns = {"group": group, "fold": np.arange(CASES) % 5}
    stamped = [arm(name, n, untrained=stamp, **columns) for n, (name, stamp) in enumerate(STAMPS.items())]
    frame = predictions(*stamped)
    rows = ensemble_rows(frame, list(STAMPS), "e")
    assert rows["group"].tolist() == group
    assert rows["fold"].tolist() == columns["fold"].tolist()
    assert set(rows["untrained"]) == {"seed 1; seed 2"}
    assert set(ensemble_rows(frame, ["d", "e1"], "e")["untrained"]) == {"seed 2; seed 1"}
    assert set(ensemble_rows(frame, ["b", "c"], "e")["untrained"]) == {""}


STAMPS = {"a": "seed 1", "b": None, "c": "", "d": "seed 2", "e1": "seed 1"}


def test_a_bootstrap_goes_on_as_one() -> None:
    drawn = [
        arm(name, 10 * n + sample, repeat=sample, bootstrap="left out" if sample else "apparent")
        for n, name in enumerate("ab")
        for sample in range(6)
    ]
    frame = predictions(*drawn)
    rows = ensemble_rows(frame, ["a", "b"], "e")
    assert rows["bootstrap"].tolist() == frame.loc[frame["arm"] == "a", "bootstrap"].tolist()
    found = compare(checked_predictions(pd.concat([frame, rows], ignore_index=True), "p.csv"))
    assert found.design.startswith("40 cases, .632+ bootstrap, 5 samples")


def variants(names: Sequence[str], classifiers: Sequence[str] = ("x",)) -> pd.DataFrame:
    found = [
        arm("net", 10 * v + c, variant=variant, classifier=classifier)
        for v, variant in enumerate(names)
        for c, classifier in enumerate(classifiers)
    ]
    return pd.concat(found, ignore_index=True)


@pytest.mark.parametrize(
    ("names", "part"),
    [
        (["seed 1", "seed 2", "seed 10"], ["seed 1", "seed 2", "seed 10"]),
        (["first", "seed 1", "seed 2"], ["seed 1", "seed 2"]),
        (["alexnet", "vgg"], ["alexnet"]),
        (["vgg seed 3", "vgg seed 1", "alexnet seed 3", "alexnet seed 1"], ["vgg seed 3", "vgg seed 1"]),
        (["unseed 1", "seed", "seed x"], ["unseed 1"]),
        (["", "seed 1"], ["seed 1"]),
    ],
)
def test_all_seeds_take_part_or_the_first_configuration_alone(names: list[str], part: list[str]) -> None:
    frame = predictions(variants(names, ("x", "y")), arm("a", 99))
    members = members_of(frame, ["a", "net"])
    assert [member.configuration.variant for member in members] == ["", *part]
    assert {member.configuration.classifier for member in members[1:]} == {"x"}


def test_one_network_with_seeds_is_an_ensemble_in_itself() -> None:
    frame = predictions(variants(["seed 1", "seed 2"]), arm("a", 99))
    rows = ensemble_rows(frame, ["net"], "e")
    parts = [frame.loc[frame.get("variant") == f"seed {seed}", "score"].to_numpy() for seed in (1, 2)]
    assert (rows["score"] == (parts[0] + parts[1]) / 2).all()
    assert set(rows["variant"]) == {""}
    assert list(remarks(align(frame, ["net"]), rows)) == ["arm 'net' takes part 2 times: seed 1, seed 2"]


def test_seeds_share_the_weight_of_their_arm() -> None:
    frame = predictions(variants(["seed 1", "seed 2"]), arm("a", 99))
    given = ensemble_rows(frame, ["net", "a"], "e", "weighted", {"net": 1, "a": 1})["score"].to_numpy()
    mean = ensemble_rows(frame, ["net"], "e")["score"].to_numpy()
    assert given == pytest.approx((mean + scores(frame, "a")) / 2, abs=1e-15)


def test_a_sweep_takes_part_with_its_primary_configuration_and_says_so() -> None:
    frame = predictions(
        arm("a", 1, selector="su", k="5", classifier="knn"), arm("a", 2, classifier="svm"), arm("b", 3)
    )
    rows = ensemble_rows(frame, ["a", "b"], "e")
    assert (rows["score"] == (frame["score"].to_numpy()[:CASES] + scores(frame, "b")) / 2).all()
    assert list(remarks(align(frame, ["a", "b"]), rows)) == [
        "arm 'a' takes part with the first of its 2 configurations: a + su:5 + knn"
    ]


def test_arms_that_were_put_together_without_being_read() -> None:
    net = variants(["seed 1", "seed 2"]).assign(selector="", k="", repeat=0, fold=0, predicted=1)
    plain = arm("a", 9).assign(selector="", k="", classifier="", repeat=0, fold=0, predicted=1, untrained="x")
    together = pd.concat([net, plain], ignore_index=True)  # missing: variant of a, untrained of net
    rows = ensemble_rows(together, ["a", "net"], "e")
    assert len(align(together, ["a", "net"]).members) == 3
    assert set(rows["untrained"]) == {"x"}
    assert set(COLUMNS) | {"probability"} <= set(rows.columns)


def test_cases_that_a_sample_holds_several_times_meet_as_often() -> None:
    frame = three()
    drawn = np.random.default_rng(3).integers(0, CASES, CASES)
    twice = pd.concat([frame[frame["arm"] == name].iloc[drawn] for name in "ab"], ignore_index=True)
    lost = twice[(twice["arm"] == "a") | (twice["ID"] != IDS[drawn[0]])]
    for sample, kept in ((twice, drawn), (lost, drawn[drawn != drawn[0]])):
        rows = ensemble_rows(sample, ["a", "b"], "e")
        assert rows["ID"].tolist() == [IDS[case] for case in kept]
        assert (rows["score"] == ensemble_rows(frame, ["a", "b"], "e")["score"].to_numpy()[kept]).all()
    assert align(lost, ["b", "a"]).lost == (IDS[drawn[0]],)


def test_probabilities_go_before_scores_and_scores_within_0_and_1_stand_for_them() -> None:
    logits = arm("a", 1).assign(probability=lambda f: f["score"], score=lambda f: 10 * f["score"] - 5)
    frame = predictions(logits, arm("b", 2))
    assert frame.loc[frame["arm"] == "b", "probability"].isna().all()
    plain = predictions(arm("a", 1), arm("b", 2))
    columns = ["ID", "score", "predicted", "probability"]
    for how in ("mean", "median"):
        found, expected = (ensemble_rows(each, ["a", "b"], "e", how) for each in (frame, plain))
        assert found[columns].equals(expected[columns])


@pytest.mark.parametrize("how", OF_PROBABILITIES)
@pytest.mark.parametrize("missing", [1, CASES])
def test_a_member_without_probabilities_is_named(how: How, missing: int) -> None:
    raw = arm("b", 2).assign(probability=lambda f: f["score"], score=lambda f: 4 * f["score"])
    raw.loc[raw.index[:missing], "probability"] = np.nan
    frame = predictions(arm("a", 1), raw.assign(predicted=1))
    found = problem(frame, ["a", "b"], "e", how, {"a": 1, "b": 1} if how == "weighted" else None)
    assert isinstance(found, DataError)
    assert found.message == f"{how}: arm 'b' has no `probability` of every case, and scores outside 0 to 1"
    assert "vote" in found.hint
    assert len(ensemble_rows(frame, ["a", "b"], "e", "vote")) == CASES


def test_a_vote_needs_classes() -> None:
    frame = predictions(arm("a", 1), arm("b", 2).assign(score=lambda f: 4 * f["score"]))
    assert problem(frame, ["a", "b"], "e", "vote").message == "vote: arm 'b' has no `predicted` of some cases"


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("y_true", 1, "case 'c04' has y_true 0 in arm 'a' and 1 in arm 'b'"),
        ("fold", 7, "case 'c04' has fold 0 in arm 'a' and 7 in arm 'b'"),
        ("group", "q", "case 'c04' has group p in arm 'a' and q in arm 'b'"),
        ("bootstrap", "apparent", "case 'c04' has bootstrap left out in arm 'a' and apparent in arm 'b'"),
    ],
)
def test_members_that_contradict_each_other(column: str, value: object, message: str) -> None:
    frame = predictions(*(arm(name, 1, group="p", bootstrap="left out") for name in "ab"))
    frame.loc[(frame["arm"] == "b") & (frame["ID"] == "c04"), column] = value
    found = problem(frame, ["a", "b"], "e")
    assert (type(found), found.message) == (DataError, message)


def test_members_without_a_common_case_or_with_three_classes() -> None:
    frame = predictions(arm("a", 1, cases=20), arm("b", 2).iloc[20:])
    assert problem(frame, ["a", "b"], "e").message == "no case was scored by all members: arm 'a', arm 'b'"
    classes = {f"score_{name}": 0.2 for name in ("x", "y", "z")}
    many = predictions(*(arm(name, 1).drop(columns="score").assign(y_true="x", **classes) for name in "ab"))
    assert problem(many, ["a", "b"], "e").message == "ensembles are of two classes, and here are 3: x, y, z"


WRONG: list[tuple[list[str], str, str, Mapping[str, float] | None, str]] = [
    (["a", "bb"], "e", "mean", None, "unknown arm 'bb'; did you mean 'b'?"),
    (["a", "b", "a"], "e", "mean", None, "arm 'a' is named twice"),
    (["a"], "e", "mean", None, "arm 'a' alone makes no ensemble"),
    ([], "e", "mean", None, "no arm makes no ensemble"),
    (["a", "b"], "c", "mean", None, "there is an arm 'c' already"),
    (["a", "b"], "e", "meen", None, "unknown way to combine 'meen'; did you mean 'mean'?"),
    (["a", "b"], "e", "mean", {"a": 1}, "mean: weights are for `weighted`"),
    (["a", "b"], "e", "weighted", None, "weighted without weights: learned on the cases that they are scored on,"),
    (["a", "b"], "e", "weighted", {}, "weighted without weights: "),
    (["a", "b"], "e", "weighted", {"a": 1}, "no weight of 'b'"),
    (["a", "b"], "e", "weighted", {"a": 1, "B": 1}, "unknown arm to weigh 'B'; did you mean 'b'?"),
    (["a", "b"], "e", "weighted", {"a": 1, "b": 1, "c": 1}, "unknown arm to weigh 'c'"),
    (["a", "b"], "e", "weighted", {"a": 1, "b": -0.5}, "the weight of 'b' is -0.5"),
    (["a", "b"], "e", "weighted", {"a": 1, "b": float("nan")}, "the weight of 'b' is nan"),
    (["a", "b"], "e", "weighted", {"a": 1, "b": float("inf")}, "the weight of 'b' is inf"),
    (["a", "b"], "e", "weighted", {"a": 0, "b": 0}, "all weights are 0"),
]  # fmt: skip


@pytest.mark.parametrize(("members", "name", "how", "weights", "message"), WRONG)
def test_wrong_names_and_weights(
    members: list[str], name: str, how: Any, weights: Mapping[str, float] | None, message: str
) -> None:
    found = problem(three(), members, name, how, weights)
    assert isinstance(found, ConfigError)
    assert found.message.startswith(message)


def test_weights_that_would_flatter_are_refused_with_the_way_out() -> None:
    hint = problem(three(), ["a", "b"], "e", "weighted").hint
    assert "ensemble: {of: [...], how: weighted}" in hint
    assert "inner folds" in hint


def test_weights_of_every_member_learned_on_other_cases() -> None:
    frame = predictions(variants(["seed 1", "seed 2"]), arm("a", 99))
    frame.loc[frame["arm"] == "a", ["score", "probability"]] = frame["y_true"].astype(float)
    inner, outer = frame["ID"] < "c20", frame["ID"] >= "c20"
    learned = align(frame[inner], ["net", "a"])
    weights = learned_weights(learned.probabilities, learned.rows["y_true"].to_numpy())
    rows = combined_rows(align(frame[outer], ["net", "a"]), "e", "weighted", weights)
    assert weights == pytest.approx([0, 0, 1], abs=1e-12)
    assert rows["score"].to_numpy() == pytest.approx(Y[20:], abs=1e-12)


@pytest.mark.parametrize("how", get_args(How))
def test_the_order_of_the_arms_changes_nothing(how: How) -> None:
    weights = {"a": 0.2, "b": 0.5, "c": 0.1} if how == "weighted" else None
    made = [ensemble_rows(three(), order, "e", how, weights) for order in (["a", "b", "c"], ["c", "a", "b"])]
    assert made[0].equals(made[1])
