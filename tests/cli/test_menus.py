"""list and describe: everything that is on a menu can be listed, described, and read by a program."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from radcompare import registry
from radcompare.cli.menus import KINDS
from radcompare.radiomics.catalogue import entries

Run = Callable[..., Any]


def listed(radcompare: Run, *arguments: str) -> list[dict[str, Any]]:
    ended = radcompare("list", *arguments, "--json")
    assert (ended.code, ended.err) == (0, "")
    rows: list[dict[str, Any]] = json.loads(ended.out)
    return rows


@pytest.fixture
def few_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A menu of three: making all of them takes half a minute, and tests/deep has that."""
    every = registry.names
    few = ["cnn-f", "resnet18", "arch1"]
    monkeypatch.setattr(registry, "names", lambda kind: few if kind == "network" else every(kind))


@pytest.mark.usefixtures("few_networks")
def test_networks_for_programs(radcompare: Run) -> None:
    rows = listed(radcompare, "networks")
    assert [set(row) for row in rows] == [{"name", "input_size", "parameters", "layers"}] * len(rows)
    assert [row["name"] for row in rows] == registry.names("network")
    assert {row["name"]: row["parameters"] for row in rows}["cnn-f"] == 60_834_536


def test_features_for_programs(radcompare: Run) -> None:
    rows = listed(radcompare, "features")
    told = {"definition", "reference", "ibsi", "unit", "parameters", "oracle"}
    assert all(row.keys() >= told and row["definition"] for row in rows)
    assert [row["name"] for row in rows] == [entry.name for entry in entries()]
    assert len(listed(radcompare, "features", "--set", "r219")) == 219


@pytest.mark.parametrize("kind", ["extractor", "selector", "classifier", "test"])
def test_other_menus_for_programs(radcompare: Run, kind: str) -> None:
    rows = listed(radcompare, f"{kind}s")
    assert [row["name"] for row in rows] == registry.names(kind)
    assert all(row["summary"].endswith(".") for row in rows)


def test_without_a_menu_all_of_them_in_short(radcompare: Run) -> None:
    assert [row["menu"] for row in listed(radcompare)] == list(KINDS)
    shown = radcompare("list").out
    assert ", ".join(registry.names("selector")) in shown
    assert shown.startswith("menus:\n")


@pytest.mark.usefixtures("few_networks")
def test_a_list_for_people_is_aligned(radcompare: Run) -> None:
    lines = radcompare("list", "networks").out.splitlines()
    assert lines[0] == "networks:"
    assert (
        len({line.index(word) for line, word in zip(lines[1:], ("input_size", "224", "224"), strict=False)})
        == 1
    )


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["network"], "unknown menu 'network'; did you mean 'networks'?"),
        (["NETWORKS"], "unknown menu 'NETWORKS'; did you mean 'networks'?"),
        (["features", "--set", "r21"], "unknown feature set 'r21'; did you mean 'r219'?"),
        (["tests", "--set", "r219"], "--set belongs to features"),
        (["--set", "r219"], "--set belongs to features"),
    ],
)
def test_a_wrong_list(radcompare: Run, arguments: list[str], error: str) -> None:
    ended = radcompare("list", *arguments)
    assert (ended.code, ended.out, ended.error) == (2, "", error)
    assert ended.hint


def test_a_feature_in_words(radcompare: Run) -> None:
    shown = radcompare("describe", "original_glcm_Contrast").out
    entry = next(entry for entry in entries() if entry.name == "original_glcm_Contrast")
    assert f"definition: {entry.definition}" in shown
    assert "ibsi: ACUI" in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_a_classifier_lists_its_settings(radcompare: Run) -> None:
    shown = radcompare("describe", "knn").out
    assert "settings: neighbours=5 (number of neighbours that vote), votes=equal (distance:" in shown
    found = json.loads(radcompare("describe", "random-forest", "--json").out)
    assert [line.split()[0] for line in found["settings"]] == [
        "trees=200",
        "depth",
        "min_leaf=1",
        "weights=none",
        "sampling=none",
        "cut=standard",
    ]
    assert "settings" not in radcompare("describe", "relieff").out.split("\n\n")[0]


def test_a_network_lists_its_layers(radcompare: Run) -> None:
    lines = radcompare("describe", "cnn-f").out.splitlines()
    assert lines[0] == "cnn-f: input 3, 224, 224; 60,834,536 parameters:"
    assert lines[2].split() == ["conv1", "Conv2d", "64", "x", "54", "x", "54", "ReLU", "23,296"]
    found = json.loads(radcompare("describe", "resnet18", "--json").out)
    assert found["layers"][-1] == "fc"
    table = {row["layer"]: row for row in found["layer_table"]}
    assert len(table) == len(found["layer_table"])
    assert (table["conv1"]["also"], table["conv1"]["activation"]) == ("bn1", "ReLU")
    assert table["layer4.1"]["shape"] == "512 x 7 x 7"


@pytest.mark.parametrize(
    "name", [name for kind in registry.MENUS if kind != "network" for name in registry.names(kind)]
)
def test_every_name_is_described_in_prose(radcompare: Run, name: str) -> None:
    ended = radcompare("describe", name)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"name: {name}\n")
    assert not [line for line in ended.out.splitlines() if line.endswith(("Args:", "Raises:", "Returns:"))]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("cnnf", "unknown name 'cnnf'; did you mean 'cnn-f'?"),
        (
            "original_glcm_contrast",
            "unknown name 'original_glcm_contrast'; did you mean 'original_glcm_Contrast'?",
        ),
        ("", "unknown name ''"),
    ],
)
def test_an_unknown_name(radcompare: Run, name: str, error: str) -> None:
    ended = radcompare("describe", name)
    assert (ended.code, ended.out, ended.error) == (2, "", error)
    assert ended.hint == "radcompare list shows what there is"


def test_describing_one_network_builds_no_other(radcompare: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from radcompare.deep import networks

    def catalogue() -> None:
        raise AssertionError("every network was built")

    monkeypatch.setattr(networks, "catalogue", catalogue)
    assert radcompare("describe", "cnn-f").code == 0
