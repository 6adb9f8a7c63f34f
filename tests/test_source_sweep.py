"""Sweeps over sources: written out by hand here, and told of the file where something is wrong."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from radcompare.cache import Cache
from radcompare.config import parse
from radcompare.errors import ConfigError
from radcompare.experiment import run
from radcompare.report.file_names import files_of
from radcompare.settings import Experiment
from radcompare.source_settings import DeepSource
from radcompare.source_sweep import write_out

DEEP = {"extractor": "deep", "weights": "random", "layer": "full7"}


def raw(sweep: Any, arms: Any = None, **deep: Any) -> dict[str, Any]:
    return {
        "cohort": "phantom",
        "outcome": "malignant",
        "sources": {"r219": {"extractor": "r219"}, "deep": {**DEEP, **deep, "sweep": sweep}},
        "arms": arms or {"radiomics": {"sources": "r219"}, "merged": {"sources": ["r219", "deep"]}},
    }


def experiment(*given: Any, **deep: Any) -> Experiment:
    return parse(Experiment, raw(*given, **deep), origin="e.yaml")


def test_a_sweep_stands_for_every_combination_the_last_key_changing_first() -> None:
    made = experiment({"network": ["cnn-f", "cnn-m"], "relu": ["pre", "post"]})
    assert list(made.sources) == [
        "r219",
        *(f"deep {network} {relu}" for network in ("cnn-f", "cnn-m") for relu in ("pre", "post")),
    ]
    source = made.sources["deep cnn-m pre"]
    assert isinstance(source, DeepSource)
    assert (source.network, source.relu, source.layer) == ("cnn-m", "pre", ("full7",))


def test_arms_follow_their_sources() -> None:
    made = experiment({"relu": ["pre", "post"]}, network="cnn-f")
    assert list(made.arms) == ["radiomics", "merged pre", "merged post"]
    assert made.arms["merged post"].sources == ("r219", "deep post")
    assert made.arms["merged post"].variant_of == "merged"
    assert made.arms["radiomics"].variant_of is None


def test_an_arm_of_two_swept_sources_has_every_pair() -> None:
    given = raw({"relu": ["pre", "post"]}, {"both": {"sources": ["deep", "other"]}}, network="cnn-f")
    given["sources"]["other"] = {**DEEP, "network": "cnn-s", "sweep": {"window": ["crop", "warp"]}}
    made = parse(Experiment, given, origin="e.yaml")
    assert list(made.arms) == ["both pre crop", "both pre warp", "both post crop", "both post warp"]


def test_values_that_belong_together(tmp_path: Path) -> None:
    pairs = [{"network": name, "weights": str(tmp_path / f"{name}.mat")} for name in ("cnn-f", "cnn-m")]
    given = raw({"network": pairs})
    del given["sources"]["deep"]["weights"]
    made = parse(Experiment, given, origin="e.yaml")
    source = made.sources["deep cnn-m"]
    assert isinstance(source, DeepSource)
    assert source.weights.endswith("cnn-m.mat")


def test_what_has_no_name_of_its_own_is_named_with_its_key() -> None:
    sweep = {
        "size": [40, 56],
        "masked": [True, False],
        "layer": [["full6", "full7"], "full7"],
        "relu": ["pre"],
    }
    given = raw(sweep, network="cnn-f")
    del given["sources"]["deep"]["layer"]
    made = parse(Experiment, given, origin="e.yaml")
    assert "deep size=40 masked=true full6+full7" in made.sources
    assert len(made.sources) == 1 + 8


def test_the_reference_may_be_an_arm_with_variants() -> None:
    given = raw({"relu": ["pre", "post"]}, network="cnn-f") | {"reference": "merged"}
    assert parse(Experiment, given, origin="e.yaml").reference == "merged"


def test_without_a_sweep_nothing_is_touched() -> None:
    for given in ({"sources": {"a": {"extractor": "r219"}}}, {"sources": 3}, [], None):
        written = write_out(given)
        assert written.raw is given
        assert written.in_file(("sources", "a", "x")) == ("sources", "a", "x")


@pytest.mark.parametrize(
    ("sweep", "told"),
    [
        ([1], "sources.deep.sweep: expected keys with lists of values, found [1]"),
        ({}, "sources.deep.sweep: expected keys with lists of values, found {}"),
        ({"relu": "pre"}, "sources.deep.sweep.relu: expected a list of values, found 'pre'"),
        ({"relu": []}, "sources.deep.sweep.relu: expected a list of values, found []"),
        ({"relu": ["pre", "pre"]}, "sources.deep.sweep.relu: 'pre' is given twice"),
        ({"extractor": ["r219"]}, "a sweep cannot change the extractor"),
        ({"layer": ["full6", "full7"]}, "sources.deep: layer is given, and swept over as well"),
        ({"network": [{"weights": "random"}]}, "a block of values that belong together names network too"),
        ({"seed": list(range(1001))}, "stands for 1,001 sources, more than 1,000"),
    ],
)
def test_what_is_wrong_with_a_sweep(sweep: Any, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        experiment(sweep, network="cnn-f")
    assert caught.value.message.startswith("e.yaml: ")
    assert told in caught.value.message


def test_a_written_out_name_that_is_there_already() -> None:
    given = raw({"relu": ["pre", "post"]}, network="cnn-f")
    given["sources"]["deep pre"] = {"extractor": "r219"}
    with pytest.raises(ConfigError, match="its sweep makes 'deep pre', which is there already"):
        parse(Experiment, given, origin="e.yaml")


def test_what_is_wrong_in_every_variant_is_told_once_and_of_the_file() -> None:
    with pytest.raises(ConfigError) as caught:
        experiment({"relu": ["pre", "poste"], "channel": ["r", "all"]}, network="cnn-f", layr="full7")
    lines = caught.value.message.splitlines()
    assert lines[0] == "e.yaml: unknown key sources.deep.layr; did you mean 'layer'?"
    assert len(lines) == 2
    assert "sources.deep.relu: expected 'pre', 'post' or 'both', found 'poste'" in lines[1]


def test_a_wrong_arm_is_told_once() -> None:
    with pytest.raises(ConfigError) as caught:
        experiment({"relu": ["pre", "post"]}, {"a": {"sources": "deep", "selct": "su:5"}}, network="cnn-f")
    assert caught.value.message == "e.yaml: unknown key arms.a.selct; did you mean 'select'?"


@pytest.mark.parametrize(
    ("name", "told"), [("other", "the name of a variant begins"), ("radiomics", "arm itself")]
)
def test_variants_that_are_none(name: str, told: str) -> None:
    given = raw({"relu": ["pre"]}, network="cnn-f")
    given["arms"] = {"radiomics": {"sources": "r219"}, "x": {"sources": "r219", "variant_of": name}}
    with pytest.raises(ConfigError, match=told):
        parse(Experiment, given, origin="e.yaml")


def columns_experiment() -> dict[str, Any]:
    sweep = {"columns": [["diameter_mm"], ["diameter_mm", "patient_id"]]}
    arms = {"all": {"sources": "table"}, "diameter": {"sources": "d"}}
    sources = {"table": {"sweep": sweep}, "d": {"columns": ["diameter_mm"]}}
    return {"cohort": "phantom", "phantom": {"cases": 12}, "outcome": "malignant"} | {
        "sources": sources,
        "arms": arms,
        "reference": "all",
        "validation": 3,
    }


@pytest.mark.slow
def test_the_first_variant_is_tested_and_the_others_are_exploratory(tmp_path: Path) -> None:
    given = parse(Experiment, columns_experiment(), origin="e.yaml")
    done = run(given, tmp_path / "run", cache=Cache(None))
    assert [(arm.arm, arm.variant) for arm in done.results.arms] == [
        ("all", "diameter_mm"),
        ("diameter", ""),
    ]
    assert [(a.arm, a.variant) for a in done.results.exploratory] == [("all", "diameter_mm+patient_id")]
    assert {(pair.a, pair.b) for pair in done.results.pairs} == {("diameter", "all")}
    frame = pd.read_csv(tmp_path / "run" / "predictions.csv", keep_default_na=False)
    assert list(frame.columns[:4]) == ["ID", "arm", "variant", "selector"]
    assert frame.groupby(["arm", "variant"]).size().to_dict() == {
        ("all", "diameter_mm"): 12,
        ("all", "diameter_mm+patient_id"): 12,
        ("diameter", ""): 12,
    }
    assert "figures/roc_all.svg" in files_of(given)
    assert (tmp_path / "run" / "figures" / "roc_all.svg").is_file()


@pytest.mark.slow
def test_the_resolved_config_runs_again_and_gives_the_same(tmp_path: Path) -> None:
    from radcompare.config import load_experiment

    run(parse(Experiment, columns_experiment(), origin="e.yaml"), tmp_path / "a", cache=Cache(None))
    again = load_experiment(tmp_path / "a" / "config.yaml")
    run(again, tmp_path / "b", cache=Cache(None))
    for name in ("results.json", "predictions.csv", "config.yaml"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
