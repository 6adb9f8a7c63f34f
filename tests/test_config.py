"""The experiment file: frozen, every key checked, every wrong one told, and what a run wrote loads again."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from radcompare import registry
from radcompare.classifier_settings import Knn, NaiveBayes, RandomForest
from radcompare.config import (
    Arm,
    ColumnsSource,
    DeepSource,
    Experiment,
    Inner,
    Phantom,
    RadiomicsSource,
    Selection,
    Validation,
    intensity_range,
    load_experiment,
    parse,
    parse_value,
    sample_config,
)
from radcompare.errors import ConfigError

KINDS_OF_ARMS = (
    "arms.a: an arm has one of sources (features to learn from), score (a column), cnn (a network to train) "
    "and ensemble (of other arms)"
)


PLAIN = """
name: plain
table: t.csv
outcome: malignant
sources:
  s: {columns: ["original_*"]}
arms:
  a: {sources: s, select: "relieff:3"}
  b: {sources: s}
validation: 3
"""
DEEP: dict[str, Any] = {"extractor": "deep", "network": "cnn-f", "weights": "random", "layer": "full7"}


def written(folder: Path, text: str = PLAIN) -> Path:
    path = folder / "experiment.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path, text: str = PLAIN, **overrides: Any) -> Experiment:
    return load_experiment(written(folder, text), {k.replace("__", "."): v for k, v in overrides.items()})


def refusal(folder: Path, text: str = PLAIN, **overrides: Any) -> str:
    """The message, without the name of the file before it."""
    with pytest.raises(ConfigError) as caught:
        load(folder, text, **overrides)
    assert caught.value.hint
    assert "experiment.yaml" in caught.value.message or "--set" in caught.value.message
    return caught.value.message.partition("experiment.yaml")[2].partition(": ")[2] or caught.value.message


def test_short_forms_mean_the_long_ones(tmp_path: Path) -> None:
    experiment = load(tmp_path)
    assert experiment.arms["a"].sources == ("s",)
    assert experiment.arms["a"].select == (Selection(method="relieff", top=3),)
    assert experiment.validation == Validation(scheme="kfold", folds=3, repeats=1)
    assert experiment.select == (Selection(method="all"),)
    assert experiment.classifiers == (NaiveBayes(),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("loo", Validation(scheme="loo")),
        ("cohort", Validation(scheme="cohort")),
        (10, Validation(folds=10)),
        ("5", Validation(folds=5)),
        ("5x10", Validation(folds=10, repeats=5)),
    ],
)
def test_validation_in_short(text: object, expected: Validation) -> None:
    assert parse(Validation, text, origin="--cv") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("relieff:5", Selection(method="relieff", top=5)),
        (" su:10 ", Selection(method="su", top=10)),
        ("all", Selection()),
    ],
)
def test_selection_in_short_and_back(text: str, expected: Selection) -> None:
    assert parse(Selection, text, origin="--select") == expected
    assert str(expected) == text.strip()


@pytest.mark.parametrize(
    "block",
    [
        Phantom(),
        RadiomicsSource(extractor="r219"),
        DeepSource(**DEEP),
        ColumnsSource(columns=("a",)),
        Selection(),
        Arm(sources=("s",)),
        Validation(),
    ],
)
def test_every_block_is_frozen_and_refuses_other_keys(block: Any) -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(block, next(iter(type(block).model_fields)), "x")
    with pytest.raises(ValueError, match="Extra inputs"):
        type(block)(**block.model_dump(), other=1)


def test_the_experiment_is_frozen(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(tmp_path).outcome = "x"  # type: ignore[misc]


UNKNOWN = [
    ("clasifiers: knn", "unknown key clasifiers; did you mean 'classifiers'?"),
    ("folds: 3", "unknown key folds; did you mean 'validation.folds'?"),
    ("phantom: {case: 8}", "unknown key phantom.case; did you mean 'cases'?"),
]


@pytest.mark.parametrize(("line", "expected"), UNKNOWN)
def test_an_unknown_key_is_refused_with_the_nearest(tmp_path: Path, line: str, expected: str) -> None:
    assert refusal(tmp_path, PLAIN + line) == expected


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("validation", {"fold": 3}, "unknown key validation.fold; did you mean 'folds'?"),
        ("arms.a", {"source": "s"}, "unknown key arms.a.source; did you mean 'sources'?"),
        (
            "arms.a.select",
            {"method": "su", "top": 3, "neighbors": 4},
            "unknown key arms.a.select.0.neighbors; did you mean 'neighbours'?",
        ),
        ("sources.s", DEEP | {"netwrk": "x"}, "unknown key sources.s.netwrk; did you mean 'network'?"),
        (
            "sources.s",
            {"extractor": "r219", "parms": "x"},
            "unknown key sources.s.parms; did you mean 'params'?",
        ),
        (
            "classifiers",
            ["knn", {"name": "random-forest", "class_weight": "balanced"}],
            "unknown key classifiers.1.class_weight; did you mean 'weights'?",
        ),
        (
            "arms.a.classifiers",
            "random-forest:tree=500",
            "unknown key arms.a.classifiers.0.tree; did you mean 'trees'?",
        ),
        (
            "classifiers",
            "knn:zzz=1",
            "unknown key classifiers.0.zzz (known: sampling, cut, neighbours, votes)",
        ),
        ("sources.s", {"column": ["a"]}, "unknown key sources.s.column; did you mean 'columns'?"),
        (
            "sources.s",
            {"columns": ["a"], "zzz": 1},
            "unknown key sources.s.zzz (known: columns, table, sweep)",
        ),
        (
            "sources.s",
            {"extractor": "dep", "network": "cnn-f"},
            "sources.s.extractor: unknown extractor 'dep'; did you mean 'deep'? (known: ",
        ),
    ],
)
def test_an_unknown_key_inside_a_block(tmp_path: Path, key: str, value: object, expected: str) -> None:
    assert expected in refusal(tmp_path, **{key: value}).splitlines()[-1]


WRONG = [
    ("seed", "eleven", "seed: expected a whole number, found 'eleven'"),
    ("seed", -1, "seed: expected at least 0, found -1"),
    ("seed", 1.5, "seed: expected a whole number, found 1.5"),
    ("confidence", 95, "confidence: expected less than 1, found 95"),
    ("confidence", 0.5, "confidence: expected more than 0.5, found 0.5"),
    ("phantom.effect", float("nan"), "phantom.effect: expected a finite number, found nan"),
    ("phantom.cases", 3, "phantom.cases: expected at least 4, found 3"),
    (
        "outcome",
        True,
        "outcome: expected text, found True (text that YAML reads as something else needs quotes)",
    ),
    ("outcome", ["a"], "outcome: expected text, found ['a']"),
    ("outcome", None, "outcome: expected text, found nothing"),
    ("table", 5, "table: expected a path, found 5"),
    ("table", "", "table: expected a path, found nothing"),
    ("sources", "s", "sources: expected a block of `key: value`, found 's'"),
    ("arms", ["a", "b"], "arms: expected a block of `key: value`, found ['a', 'b']"),
    ("arms", {}, "arms: expected at least one, found {}"),
    ("positive", [1], "positive: expected one value, found [1]"),
    ("name", "../x", "name: expected a name that can be a folder's, found '../x'"),
    ("name", "..", "name: expected a name that can be a folder's, found '..'"),
    ("name", "", "name: expected a name that can be a folder's, found nothing"),
    ("select", None, "select: is empty: give a value, or leave the key out"),
    ("select", [], "select: expected at least one, found []"),
    ("classifiers", [], "classifiers: expected at least one, found []"),
    ("classifiers", ["knn", "knn"], "classifiers: 'knn' is given twice"),
    (
        "classifiers",
        ["knn:neighbours=3", {"name": "knn", "neighbours": 3}],
        "classifiers: 'knn:neighbours=3' is given twice",
    ),
    ("classifiers", "cart:min_leaf=0", "classifiers.0.min_leaf: expected at least 1, found '0'"),
    ("arms.b.classifiers", "svm-rbf:gamma=0", "arms.b.classifiers.0.gamma: expected more than 0, found '0'"),
    (
        "classifiers",
        {"name": "cart", "weights": "equal"},
        "classifiers.0.weights: expected 'none' or 'balanced', found 'equal'",
    ),
    ("classifiers", 5, "classifiers.0: expected a classifier's name such as knn, found 5"),
    ("classifiers", {"trees": 5}, "classifiers.0: unknown classifier nothing (known: naive-bayes, "),
    ("arms.a.select", ["su:1", "su:1"], "arms.a.select: 'su:1' is given twice"),
    ("arms.a.sources", ["s", "s"], "arms.a.sources: 's' is given twice"),
    ("arms.a.sources", "ss", "arm 'a': no source 'ss'; did you mean 's'?"),
    ("reference", "aa", "reference: no arm 'aa'; did you mean 'a'?"),
    (
        "arms.a.score",
        "x",
        f"{KINDS_OF_ARMS}: sources and score are there",
    ),
    (
        "arms.a",
        {},
        f"{KINDS_OF_ARMS}: none is there",
    ),
    (
        "arms.a",
        {"score": "x", "select": "all"},
        "arms.a: an arm with score has nothing to select from: drop select",
    ),
    (
        "arms.a.select_each",
        "su:1",
        "arms.a: give select (top of the merged vector) or select_each (top of each",
    ),
    (
        "select",
        "relieff",
        "select.0: expected METHOD:K such as relieff:5 or su:10, or `all` to keep every feature,",
    ),
    (
        "select",
        "all:3",
        "select.0: expected METHOD:K such as relieff:5 or su:10, or `all` to keep every feature,",
    ),
    ("select", "relieff:x", "select.0: expected METHOD:K such as relieff:5, or all, found 'relieff:x'"),
    ("select", 3, "select.0: expected METHOD:K such as relieff:5, or all, found 3"),
    ("select", "relieff:0", "select.0.top: expected at least 1, found 0"),
    (
        "select",
        "relief:3",
        "select.0.method: unknown selector 'relief'; did you mean 'relieff'? (known: ",
    ),
    ("classifiers", "naive", "classifiers.0: unknown classifier 'naive'; did you mean 'naive-bayes'?"),
    (
        "validation",
        "banana",
        "validation: expected loo, cohort, FOLDS, REPEATSxFOLDS such as 5x2 or bootstrap:SAMPLES, found 'banana'",
    ),
    (
        "validation",
        "-3",
        "validation: expected loo, cohort, FOLDS, REPEATSxFOLDS such as 5x2 or bootstrap:SAMPLES, found '-3'",
    ),
    (
        "validation",
        "10x",
        "validation: expected loo, cohort, FOLDS, REPEATSxFOLDS such as 5x2 or bootstrap:SAMPLES, found '10x'",
    ),
    (
        "validation",
        "²",
        "validation: expected loo, cohort, FOLDS, REPEATSxFOLDS such as 5x2 or bootstrap:SAMPLES, found '²'",
    ),
    (
        "validation",
        True,
        "validation: expected loo, cohort, FOLDS, REPEATSxFOLDS such as 5x2 or bootstrap:SAMPLES, found True",
    ),
    (
        "validation",
        [3],
        "validation: expected loo, cohort, FOLDS, REPEATSxFOLDS such as 5x2 or bootstrap:SAMPLES, found [3]",
    ),
    ("validation", 1, "validation.folds: expected at least 2, found 1"),
    ("validation", "0x10", "validation.repeats: expected at least 1, found 0"),
    ("validation", {"scheme": "loo", "repeats": 3}, "validation: loo divides the cases in one way only"),
    ("validation", {"scheme": "cohort", "folds": 3}, "validation: cohort divides the cases in one way only"),
    ("validation", {"scheme": "cohort", "train": "A"}, "validation: train and test go together"),
    (
        "validation",
        {"train": "A", "test": "B"},
        "validation: train and test name cohorts: they belong to scheme cohort",
    ),
    (
        "validation",
        {"scheme": "cohort", "train": "A", "test": "A"},
        "validation: train and test are the same cohort",
    ),
    ("cohort", "phantom", "give either cohort (images and masks) or table (features): both are there"),
    ("table", None, "give either cohort (images and masks) or table (features): neither is there"),
    ("cohort", 5, "cohort: expected a path, or phantom, found 5"),
    ("sources.s.columns", [], "sources.s.columns: expected at least one, found []"),
    ("sources.s.columns", [5], "sources.s.columns.0: expected text, found 5"),
]


@pytest.mark.parametrize(("key", "value", "expected"), WRONG)
def test_a_wrong_value_is_named_with_what_was_expected(
    tmp_path: Path, key: str, value: object, expected: str
) -> None:
    assert refusal(tmp_path, **{key: value}).startswith(expected)


def test_an_unknown_name_comes_with_the_menu(tmp_path: Path) -> None:
    menu = f"(known: {', '.join([*registry.SELECTORS, *registry.PROJECTIONS])}, all)"
    assert refusal(tmp_path, select="banana:3") == f"select.0.method: unknown selector 'banana' {menu}"


WRONG_DEEP = {
    "network": ("cnnf", "unknown network 'cnnf'; did you mean 'cnn-f'?"),
    "relu": ("x", "expected 'pre', 'post' or 'both', found 'x'"),
    "channel": ("x", "expected 'r', 'g', 'b', 'all' or 'each', found 'x'"),
    "window": ("crp", "expected 'crop' or 'warp', found 'crp'; did you mean 'crop'?"),
    "size": (0, "expected at least 1, found 0"),
    "margin": (100_000, "expected at most 4096, found 100000"),
    "masked": ("perhaps", "expected true or false, found 'perhaps'"),
    "intensity": ("5", "expected percentile or LOW:HIGH such as -1000:400, found '5'"),
    "pool": ("avg", "expected 'mean', 'max' or 'flatten', found 'avg'"),
    "weights": ("imagenat", "no weights file 'imagenat'; did you mean 'imagenet'?"),
}


def test_all_wrong_values_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse(DeepSource, DEEP | {key: value for key, (value, _) in WRONG_DEEP.items()}, origin="x.yaml")
    lines = caught.value.message.removeprefix("x.yaml: ").split("\n  ")
    assert len(lines) == len(WRONG_DEEP)
    for line in lines:
        key, _, said = line.partition(": ")
        assert said.startswith(WRONG_DEEP[key][1])


def test_missing_keys_are_named() -> None:
    with pytest.raises(ConfigError) as caught:
        parse(DeepSource, {"network": "cnn-f"}, origin="x.yaml")
    assert caught.value.message == "x.yaml: weights: is missing\n  layer: is missing"


@pytest.mark.parametrize(
    ("text", "expected"), [("-1000:400", (-1000.0, 400.0)), ("0:1.5", (0.0, 1.5)), ("percentile", None)]
)
def test_intensity(text: str, expected: tuple[float, float] | None) -> None:
    assert intensity_range(text) == expected


@pytest.mark.parametrize("text", ["400:-1000", "1:1", "nan:1", "-1000:inf", "a:b", "1", "", "1:2:3"])
def test_wrong_intensity(text: str) -> None:
    with pytest.raises(ValueError, match="found"):
        intensity_range(text)


UNREADABLE = [
    ("", ": is empty"),
    ("- a\n- b", ": holds a list"),
    ("just a sentence", ": holds text alone"),
    ("a: [1, 2\nb: {", ": is not YAML: line 2, column 2: expected ',' or ']', but got ':'"),
    ("a:\n\tb: 1", ": is not YAML: line 2, column 1: found character '\\t' that cannot start any token"),
    (PLAIN + "outcome: other", ": is not YAML: line 11, column 1: the key 'outcome' occurs twice"),
    ("a: \x00", ": is not YAML: unacceptable character #x0000: special characters are not allowed"),
]


@pytest.mark.parametrize(("text", "expected"), UNREADABLE)
def test_a_file_that_is_no_experiment(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert caught.value.message == f"{tmp_path / 'experiment.yaml'}{expected}"


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_experiment(tmp_path / "absent.yaml")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_experiment(tmp_path)
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)))
    with pytest.raises(ConfigError, match=r"is not UTF-8 text \(byte 128\)"):
        load_experiment(tmp_path / "binary.yaml")


def test_overrides_reach_into_blocks_and_short_forms(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        validation__folds=5,
        arms__a__select__top=7,
        arms__b__select=["su:1", "su:2"],
        arms__b__select__1__top=4,
        arms__c__sources="s",
        sources__s__columns__0="x_*",
        phantom__cases=8,
    )
    assert found.validation == Validation(folds=5)
    assert found.arms["a"].select == (Selection(method="relieff", top=7),)
    assert [str(s) for s in found.arms["b"].select] == ["su:1", "su:4"]
    assert found.arms["c"].sources == ("s",)
    assert found.sources["s"] == ColumnsSource(columns=("x_*",))
    assert found.phantom.cases == 8


def test_overrides_reach_into_classifiers(tmp_path: Path) -> None:
    text = PLAIN + "classifiers: [knn, random-forest:trees=9]"
    changed = load(tmp_path, text, classifiers__0__neighbours=3, classifiers__1__depth=2).classifiers
    assert changed == (Knn(neighbours=3), RandomForest(trees=9, depth=2))
    assert load(tmp_path, PLAIN + "classifiers: knn", classifiers__neighbours=3).classifiers == changed[:1]


def test_an_index_into_a_single_selection_is_what_errors_call_it(tmp_path: Path) -> None:
    assert load(tmp_path, arms__a__select__0__top=7).arms["a"].select[0].top == 7


def test_an_override_is_named_in_its_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, foo=3)
    assert caught.value.message.startswith(
        f"{tmp_path / 'experiment.yaml'} with foo replaced: unknown key foo"
    )


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("name.x", "--set name.x: name is 'plain', which has no keys inside"),
        ("classifiers.2", "--set classifiers.2: 2 is not an entry of a list of 1"),
        ("sources.s.columns.x", "--set sources.s.columns.x: x is not an entry of a list of 1"),
    ],
)
def test_an_override_that_leads_nowhere(tmp_path: Path, key: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_experiment(written(tmp_path, PLAIN + "classifiers: knn"), {key: 1})
    assert caught.value.message == expected


def test_paths_belong_to_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "configs"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    written(folder, PLAIN)
    assert load_experiment(Path("configs/experiment.yaml")).table == folder / "t.csv"
    found = load_experiment(Path("configs/experiment.yaml"), {"sources.s": DEEP | {"weights": "w.pth"}})
    assert found.sources["s"] == DeepSource(**DEEP | {"weights": str(folder / "w.pth")})
    assert load_experiment(Path("configs/experiment.yaml"), {"table": "/abs/t.csv"}).table == Path(
        "/abs/t.csv"
    )
    assert load_experiment(Path("configs/experiment.yaml"), {"table": "-"}).table == Path("-")


def test_paths_know_variables_and_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERE", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NOWHERE", raising=False)
    assert load(tmp_path, table="${HERE}/x.csv").table == tmp_path / "x.csv"
    assert load(tmp_path, table="~/x.csv").table == tmp_path / "x.csv"
    said = refusal(tmp_path, table="${NOWHERE}/x.csv")
    assert said == "table: the environment variable NOWHERE is not set; set it, or give another path"
    assert refusal(tmp_path, table="$HERE/x.csv").startswith(
        "table: write the environment variable HERE as ${HERE}"
    )


def test_named_weights_are_no_path(tmp_path: Path) -> None:
    for name in ("imagenet", "random"):
        assert load(tmp_path, sources__s=DEEP | {"weights": name}).sources["s"].weights == name  # type: ignore[union-attr]


def test_two_tables_are_validated_by_cohort(tmp_path: Path) -> None:
    text = PLAIN.replace("validation: 3", "test_table: u.csv")
    assert load(tmp_path, text).validation == Validation(scheme="cohort")
    grouped = {"scheme": "cohort", "groups": "patient_id"}
    assert load(tmp_path, text, validation=grouped).validation.groups == "patient_id"
    assert refusal(tmp_path, text, validation=5).startswith("with test_table one table trains and the other")
    both = grouped | {"train": "A", "test": "B"}
    assert refusal(tmp_path, text, validation=both).startswith(
        "with test_table one table trains and the other"
    )
    assert (
        refusal(tmp_path, text, table="-", test_table="-")
        == "table and test_table cannot both be standard input"
    )
    assert refusal(tmp_path, text, table=None, cohort="phantom") == "test_table needs table to train on"


def test_what_a_run_writes_loads_to_an_equal_experiment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RADCOMPARE_DATA", str(tmp_path))
    texts = [sample_config(name).read_text(encoding="utf-8") for name in ("demo", "nodules", "tables")]
    for number, text in enumerate([PLAIN, *texts]):
        experiment = load(tmp_path, text)
        run = tmp_path / f"run{number}"
        run.mkdir()
        dumped = yaml.safe_dump(experiment.model_dump(mode="json"))
        (run / "config.yaml").write_text(dumped, encoding="utf-8")
        assert load_experiment(run / "config.yaml") == experiment


@pytest.mark.parametrize(
    ("text", "expected"),
    [("5", 5), ("loo", "loo"), ("[a, b]", ["a", "b"]), ("{top: 3}", {"top": 3}), ("", None), ("0.9", 0.9)],
)
def test_values_of_set_are_yaml(text: str, expected: object) -> None:
    assert parse_value(text) == expected


@pytest.mark.parametrize("text", ["{folds:", "[1, 2", "a: b: c", "{a: 1, a: 2}"])
def test_a_value_of_set_that_is_no_yaml(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--set: cannot read the value .* line 1, column"):
        parse_value(text)


def test_shipped_configurations_are_found() -> None:
    assert sample_config("demo").name == "demo.yaml"
    with pytest.raises(ConfigError, match="no sample configuration 'demon'"):
        sample_config("demon")


def test_an_inner_loop_in_short_and_at_length(tmp_path: Path) -> None:
    found = load(tmp_path, validation={"scheme": "loo", "inner": "2x4"}).validation
    assert found == Validation(scheme="loo", inner=Inner(folds=4, repeats=2))
    assert load(tmp_path, validation__inner=3).validation == Validation(folds=3, inner=Inner(folds=3))
    longer = load(tmp_path, validation={"inner": 3}, validation__inner__metric="accuracy")
    assert longer.validation.inner == Inner(folds=3, metric="accuracy")


def test_a_bootstrap_in_short_and_at_length(tmp_path: Path) -> None:
    hundred = Validation(scheme="bootstrap", repeats=100)
    assert load(tmp_path, validation="bootstrap:100").validation == hundred
    assert load(tmp_path, validation={"scheme": "bootstrap", "repeats": 100}).validation == hundred
    assert load(tmp_path, validation="bootstrap").validation.repeats == 200
    assert load(tmp_path, validation={"scheme": "bootstrap"}).validation.repeats == 200


@pytest.mark.parametrize(
    ("validation", "expected"),
    [
        ("bootstrap:1", "validation: bootstrap has no folds but samples: repeats, 2 or more"),
        ({"scheme": "bootstrap", "folds": 5}, "validation: bootstrap has no folds but samples"),
        ({"inner": "loo"}, "validation.inner: expected FOLDS or REPEATSxFOLDS such as 5, found 'loo'"),
        ({"inner": 1}, "validation.inner.folds: expected at least 2, found 1"),
        ({"inner": {"fold": 3}}, "unknown key validation.inner.fold; did you mean 'folds'?"),
    ],
    ids=["one sample", "folds", "inner loo", "one fold", "a typing error"],
)
def test_wrong_inner_loops_and_bootstraps(tmp_path: Path, validation: object, expected: str) -> None:
    assert refusal(tmp_path, validation=validation).startswith(expected)


def test_a_list_of_values_stands_for_one_block_each(tmp_path: Path) -> None:
    text = PLAIN + (
        "select: [{method: [relieff, su], top: [5, 10]}, all]\n"
        "classifiers: [{name: random-forest, trees: [9, 99], weights: balanced}, knn]\n"
    )
    found = load(tmp_path, text)
    assert [str(s) for s in found.select] == ["relieff:5", "relieff:10", "su:5", "su:10", "all"]
    assert [str(c) for c in found.classifiers] == [
        "random-forest:trees=9,weights=balanced",
        "random-forest:trees=99,weights=balanced",
        "knn",
    ]


def test_a_sweep_names_what_is_wrong_in_it(tmp_path: Path) -> None:
    assert refusal(tmp_path, select={"method": "su", "top": [5, 0]}).startswith(
        "select.1.top: expected at least 1, found 0"
    )
    assert "is given twice" in refusal(tmp_path, select={"method": "su", "top": [5, 5]})
