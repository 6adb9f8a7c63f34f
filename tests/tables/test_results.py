import json
import math

import pytest

from radcompare.errors import TableError
from radcompare.tables.results import ArmResult, PairResult, Refusal, Results, read_results, write_results

ARM = ArmResult(
    "radiomics", "relieff", "5", "naive-bayes", 10, 4, 6, 0.7, (0.4, 0.9), "wilson", 0.1 + 0.2, 0.5, 0.75, 1 / 3,
    (0.1, 0.9), "delong", "", ((0.0, 0.0), (0.5, 1.0)), ("a note",),
)  # fmt: skip
UNDEFINED = ArmResult(
    "deep",
    "",
    "",
    "",
    10,
    4,
    6,
    None,
    None,
    "none",
    None,
    None,
    None,
    None,
    None,
    "none",
    "untrained (random)",
)
PAIR = PairResult("radiomics", "deep", "delong", "auc", 10, -0.1, (-0.3, 5e-324), 0.04, 0.08, "a note")
FULL = Results(
    "10 cases, leave-one-out", 0.95, (ARM, UNDEFINED), (PAIR,), (UNDEFINED,),
    (Refusal("delong", "two runs", "nadeau-bengio", "radiomics", "deep"),), ("first", "second"),
)  # fmt: skip


@pytest.mark.parametrize("results", [FULL, Results("one test set", 0.9, (ARM,), ())])
def test_a_round_trip_keeps_everything(results, tmp_path):
    write_results(results, tmp_path / "results.json")
    assert read_results(tmp_path / "results.json") == results


def test_the_keys_that_other_programs_rely_on():
    plain = FULL.to_json()
    assert {"arm", "n", "accuracy", "accuracy_ci", "auc", "auc_ci"} <= plain["arms"][0].keys()
    assert {"a", "b", "test", "metric", "difference", "ci", "p", "p_adjusted"} <= plain["pairs"][0].keys()
    assert {"test", "reason", "instead"} <= plain["refused"][0].keys()
    assert plain["arms"][0]["auc_ci"] == [0.1, 0.9]
    assert plain["arms"][1]["auc"] is None
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_undefined_numbers_are_null():
    plain = Results(
        "d", 0.95, (), (PairResult("a", "b", "t", "auc", 3, math.nan, (-math.inf, 1.0), 1.0, 1.0),)
    ).to_json()
    assert plain["pairs"][0]["difference"] is None
    assert plain["pairs"][0]["ci"] == [None, 1.0]


def test_keys_of_a_newer_version_are_ignored(tmp_path):
    raw = FULL.to_json()
    raw |= {"brand_new": 1}
    raw["arms"][0]["brand_new"] = 1
    (tmp_path / "results.json").write_text(json.dumps(raw))
    assert read_results(tmp_path / "results.json") == FULL


def test_keys_that_an_older_version_lacked_have_defaults(tmp_path):
    raw = {
        key: value
        for key, value in FULL.to_json().items()
        if key in ("design", "confidence", "arms", "pairs")
    }
    (tmp_path / "results.json").write_text(json.dumps(raw))
    assert read_results(tmp_path / "results.json") == Results(FULL.design, 0.95, FULL.arms, FULL.pairs)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ("{}", "KeyError: 'arms'"),
        ('{"arms": [{"arm": "x"}], "pairs": []}', "TypeError"),
        ('{"arms": {"a": 1}, "pairs": []}', "AttributeError"),
        ('{"arms": [], "pairs": []}', "TypeError"),
    ],
)
def test_what_is_no_results_file(tmp_path, text, problem):
    (tmp_path / "results.json").write_text(text)
    with pytest.raises(TableError, match=r"results\.json: cannot be read as results: ") as refused:
        read_results(tmp_path / "results.json")
    assert problem in refused.value.message
    assert "finished run" in refused.value.hint


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(TableError, match="FileNotFoundError"):
        read_results(tmp_path / "results.json")


def test_random_weights_show_in_the_name():
    assert ARM.label == "radiomics"
    assert UNDEFINED.label == "deep [untrained]"


def test_notes_go_in_front():
    assert FULL.with_notes(("new",)).notes == ("new", "first", "second")
    assert FULL.notes == ("first", "second")
