"""What arms are made of."""

from typing import Any

import pytest

from radcompare.config import Experiment, parse
from radcompare.report.kinds import is_size, kinds_of

SOURCES: dict[str, Any] = {
    "hand": {"extractor": "r219"},
    "pyr": {"extractor": "pyradiomics"},
    "net": {"extractor": "deep", "network": "cnn-f", "weights": "random", "layer": "full7"},
    "size": {"columns": ["diameter_mm", "Volume"]},
    "clinical": {"columns": ["age", "sex"]},
    "all": {"columns": ["*"]},
    "deep_table": {"columns": ["deep_*"]},
    "hand_table": {"columns": ["original_*", "wavelet-*"]},
    "half": {"columns": ["age", "diameter_mm"]},
}
BASE = {"cohort": "phantom", "outcome": "malignant"}


def kinds(**arms: dict[str, Any]) -> dict[str, str]:
    return kinds_of(parse(Experiment, {**BASE, "sources": SOURCES, "arms": arms}, origin="test"))


@pytest.mark.parametrize(
    ("sources", "kind"),
    [
        (["hand"], "handcrafted"),
        (["hand", "pyr"], "handcrafted"),
        (["hand_table"], "handcrafted"),
        (["net"], "deep"),
        (["net", "deep_table"], "deep"),
        (["hand", "net"], "merged"),
        (["deep_table", "hand_table"], "merged"),
        (["hand", "net", "clinical"], "merged"),
        (["size"], "size"),
        (["clinical"], "columns"),
        (["half"], "columns"),
        (["all"], "columns"),
        (["size", "clinical"], "columns"),
        (["hand", "clinical"], "mixed"),
        (["net", "size"], "mixed"),
    ],
    ids="+".join,
)
def test_an_arm_is_of_the_kind_of_its_sources(sources: list[str], kind: str) -> None:
    assert kinds(a={"sources": sources}) == {"a": kind}


@pytest.mark.parametrize(
    ("arm", "kind"),
    [
        ({"score": "suspicion"}, "score"),
        ({"score": "max_diameter"}, "size"),
        ({"cnn": {"network": "cnn-f", "weights": "random"}}, "deep"),
        ({"ensemble": {"of": ["x", "y"], "how": "mean"}}, "ensemble"),
    ],
)
def test_an_arm_without_sources(arm: dict[str, Any], kind: str) -> None:
    others = {"x": {"sources": "hand"}, "y": {"sources": "net"}}
    assert kinds(a=arm, **others)["a"] == kind


def test_the_variants_of_a_sweep_are_one_arm() -> None:
    swept = {"extractor": "deep", "network": "cnn-f", "weights": "random", "layer": "full7"}
    swept["sweep"] = {"relu": ["pre", "post"]}  # type: ignore[assignment]
    raw = {**BASE, "sources": {"net": swept}, "arms": {"deep": {"sources": "net"}}}
    assert kinds_of(parse(Experiment, raw, origin="test")) == {"deep": "deep"}


@pytest.mark.parametrize(
    ("column", "size"),
    [
        ("diameter_mm", True),
        ("Volume", True),
        ("longest_axis", True),
        ("tumour volume", True),
        ("r219_shape_VoxelVolume", True),
        ("RECIST", True),
        ("age", False),
        ("malignant", False),
        ("insomnia", False),
        ("evolution", False),
        ("resized", False),
    ],
)
def test_a_measure_of_size_is_known_by_its_name(column: str, size: bool) -> None:
    assert is_size(column) is size
