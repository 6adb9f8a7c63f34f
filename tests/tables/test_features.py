import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from radcompare.errors import TableError
from radcompare.tables.features import FeatureTable, matrix, read_features, write_features
from radcompare.tables.sidecar import meta_path

pytestmark = pytest.mark.filterwarnings("error")

SOURCE = {"computed_by": "pyradiomics 3.0.1", "settings": {"binWidth": 25}, "columns": ["original_glcm_Idm"]}


@pytest.fixture
def table():
    ids = pd.Index(["007", "b", "c"], name="ID")
    passthrough = pd.DataFrame({"died": [0, 1, 1], "note": ["x", "y, z", None]}, index=ids)
    features = pd.DataFrame(
        {
            "original_glcm_Idm": [0.1 + 0.2, np.nan, 1e-300],
            "stage": pd.Categorical(["2", None, "1"], categories=["3", "2", "1"]),
            "constant": [5.0] * 3,
            "empty": [np.nan] * 3,
        },
        index=ids,
    )
    return FeatureTable(passthrough, features, (SOURCE,), "abc")


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
def test_a_round_trip_keeps_everything(table, tmp_path, suffix):
    path = tmp_path / f"table{suffix}"
    write_features(table, path, {"versions": {"radcompare": "1"}})
    read = read_features(str(path))
    assert read.ids == ["007", "b", "c"]
    pd.testing.assert_frame_equal(read.features, table.features, check_exact=True)
    assert list(read.features["stage"].cat.categories) == [
        "3",
        "2",
        "1",
    ]  # declared order, unused level and all
    assert read.passthrough["died"].tolist() == [0, 1, 1]
    assert read.passthrough["note"].isna().tolist() == [False, False, True]
    assert read.sources == (SOURCE,)
    assert read.notes == ()


def test_the_sidecar(table, tmp_path):
    write_features(table, tmp_path / "table.csv.gz", {"versions": {"radcompare": "1"}})
    meta = json.loads((tmp_path / "table.meta.json").read_text())
    assert meta == {
        "versions": {"radcompare": "1"},
        "inputs": "abc",
        "features": ["original_glcm_Idm", "stage", "constant", "empty"],
        "levels": {"stage": ["3", "2", "1"]},
        "sources": [SOURCE],
    }


@pytest.mark.parametrize(
    ("name", "sidecar"),
    [
        ("t.csv", "t.meta.json"),
        ("t.csv.gz", "t.meta.json"),
        ("t.parquet", "t.meta.json"),
        ("ct.v2.csv", "ct.v2.meta.json"),
        ("plain", "plain.meta.json"),
    ],
)
def test_where_the_sidecar_lies(name, sidecar):
    assert meta_path(Path("folder") / name) == Path("folder") / sidecar


def test_the_written_table(table):
    assert list(table.frame().columns) == [
        "ID",
        "died",
        "note",
        "original_glcm_Idm",
        "stage",
        "constant",
        "empty",
    ]
    assert table.frame()["ID"].tolist() == ["007", "b", "c"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "cannot be read"),
        ("[1, 2]", r"is no sidecar: expected \{\.\.\.\}, found list"),
    ],
)
def test_a_broken_sidecar(write, content, message):
    path = write("ID,x\na,1\n")
    write(content, "table.meta.json")
    with pytest.raises(TableError, match=rf"table\.meta\.json: {message}") as refused:
        read_features(path)
    assert refused.value.hint == "restore the sidecar, or remove it"


def test_a_sidecar_that_lags_behind_its_table(write):
    path = write("ID,x,y,stage\na,1,2,IV\n")
    write('{"features": ["x", "gone"], "sources": []}', "table.meta.json")
    read = read_features(path)
    assert list(read.features.columns) == ["x"]
    assert read.notes == ("the sidecar lists features that the table lacks: gone",)
    write('{"features": ["x", "stage"], "levels": {"stage": ["I", "II"]}}', "table.meta.json")
    with pytest.raises(
        TableError, match=r"table\.csv: 'stage' holds 'IV', which is none of the levels"
    ) as refused:
        read_features(path)
    assert "expected I, II; or remove" in refused.value.hint


def test_raw_pyradiomics_columns_of_a_cnn_study(shared_data):
    path = shared_data / "tables" / "deep-prognosis" / "HarvardRT.csv"
    read = read_features(str(path), outcome="surv2yr")
    assert read.features.shape == (293, 1004)
    assert read.ids[:3] == ["1", "2", "3"]
    assert all(dtype == np.float64 for dtype in read.features.dtypes)
    assert int(read.features.isna().to_numpy().sum()) == 2583
    bookkeeping = [name for name in read.passthrough.columns if name.startswith("general_info_")]
    assert list(read.passthrough.columns) == ["surv2yr", "logit_0", "logit_1", *bookkeeping]
    assert read.passthrough["general_info_BoundingBox"].iloc[0] == _first_quoted_cell(path)
    assert read.notes == ("columns not named like features pass through: logit_0, logit_1",)


def _first_quoted_cell(path):
    with path.open(encoding="utf-8") as file:
        return file.readlines()[1].split('"')[1]


def test_a_wide_table_is_written_without_a_warning(shared_data, tmp_path):
    read = read_features(str(shared_data / "tables" / "radmlbench" / "Wang2024.csv.gz"), outcome="Target")
    write_features(read, tmp_path / "copy.csv.gz", {})
    again = read_features(str(tmp_path / "copy.csv.gz"))
    pd.testing.assert_frame_equal(again.features, read.features, check_exact=True)
    pd.testing.assert_frame_equal(again.passthrough, read.passthrough)


def test_ids_in_a_column_without_a_name(shared_data):
    read = read_features(str(shared_data / "tables" / "fae_example.csv"), outcome="label")
    assert read.ids[:2] == ["N10", "N100"]
    assert read.features.shape == (260, 258)
    assert read.passthrough["label"].sum() == 127


def test_a_gzipped_table(shared_data):
    read = read_features(str(shared_data / "tables" / "radmlbench" / "Li2020.csv.gz"), outcome="Target")
    assert read.features.shape == (51, 396)
    assert list(read.passthrough.columns) == ["Target"]
    assert read.ids[:2] == ["0", "1"]


def test_arff_is_numbered_by_rows_and_keeps_its_levels(shared_data):
    read = read_features(str(shared_data / "tables" / "ramella2018.arff"), outcome="adaptive")
    X, levels = matrix(read.features)
    assert X.shape == (91, 251)
    assert read.ids[-1] == "91"
    assert read.notes == ("no column ID: cases are called by the number of their row, from 1",)
    assert levels[
        [list(read.features.columns).index(name) for name in ("sesso", "anni", "istologia")]
    ].tolist() == [2, 0, 7]


@pytest.mark.parametrize("name", ["breast_cancer", "iris", "missing_mixed", "nominal", "smallclass"])
def test_weka_tables_as_csv(shared_reference, name):
    outcome = pd.read_csv(shared_reference / "weka" / f"{name}.csv", nrows=1).columns[-1]
    arff, csv = (
        read_features(str(shared_reference / "weka" / f"{name}.{kind}"), outcome=outcome)
        for kind in ("arff", "csv")
    )
    assert list(arff.features.columns) == list(csv.features.columns)
    a, levels = matrix(arff.features)
    b, _ = matrix(csv.features)
    np.testing.assert_array_equal(a[:, levels == 0], b[:, levels == 0])
    np.testing.assert_array_equal(np.isnan(a), np.isnan(b))


def test_an_arff_table_written_as_csv_keeps_its_kinds(shared_reference, tmp_path):
    read = read_features(str(shared_reference / "weka" / "missing_mixed.arff"))
    write_features(read, tmp_path / "copy.csv", {})
    again = read_features(str(tmp_path / "copy.csv"))
    pd.testing.assert_frame_equal(again.features, read.features, check_exact=True)


def test_standard_input_has_no_sidecar(write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write('{"features": ["y"]}', "-.meta.json")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"ID,x,y\na,1,2\n")))
    assert list(read_features("-").features.columns) == ["x", "y"]


def test_infinite_values_become_missing_and_are_told(write):
    read = read_features(write("ID,x,y,z\na,inf,1,-inf\nb,2,3,4\n"))
    np.testing.assert_array_equal(read.features, [[np.nan, 1, np.nan], [2, 3, 4]])
    assert read.notes == ("infinite values are taken as missing in x, z",)


def test_patterns_choose_and_the_rest_passes_through(write):
    read = read_features(write("ID,x,y,z,d\na,1,2,3,0\nb,4,5,6,1\n"), outcome="d", patterns=["z", "x"])
    assert list(read.features.columns) == ["x", "z"]
    assert list(read.passthrough.columns) == ["y", "d"]


def test_of_two_columns_of_ids_the_one_called_so_counts(write):
    read = read_features(write("case,ID,x\n1,a,5\n1,b,6\n"))
    assert read.ids == ["a", "b"]
    assert list(read.features.columns) == ["x"]
    assert list(read.passthrough.columns) == ["case"]


@pytest.mark.parametrize(
    ("text", "outcome", "patterns", "message", "hint"),
    [
        ("ID,x\n", None, [], "has a header (ID, x, ...) and no row", "one row per case"),
        ("ID\na\n", None, [], "no feature column among", "--features"),
        ("ID,x\na,1\na,2\n", None, [], "the ID 'a' occurs 2 times (rows 2, 3)", "ID of its own"),
        ("ID,x\na,1\n,2\n", None, [], "row 3: the ID is empty", "ID of its own"),
        (
            "ID,x,Target\na,1,0\n",
            "target",
            [],
            "no outcome column 'target'; did you mean 'Target'?",
            "has x, Target",
        ),
        ("ID,x\na,1\n", None, ["y"], "no feature column matches 'y'", "the table has x"),
        (
            "ID,t\n" + "".join(f"c{n},text {n}\n" for n in range(21)),
            None,
            ["t"],
            "the column 't' holds free text (21 distinct values)",
            "make it numbers",
        ),
    ],
)
def test_what_is_wrong_is_named(write, text, outcome, patterns, message, hint):
    path = write(text)
    with pytest.raises(TableError) as refused:
        read_features(path, outcome=outcome, patterns=patterns)
    assert refused.value.message.startswith(path)
    assert message in refused.value.message
    assert hint in refused.value.hint


def test_the_matrix(table):
    X, levels = matrix(table.features)
    np.testing.assert_array_equal(
        X, [[0.1 + 0.2, 1, 5, np.nan], [np.nan, np.nan, 5, np.nan], [1e-300, 2, 5, np.nan]]
    )
    assert levels.tolist() == [0, 3, 0, 0]
    empty, none = matrix(table.features[[]])
    assert empty.shape == (3, 0)
    assert none.shape == (0,)


def test_picking_columns(table):
    assert list(table.pick(["constant", "orig*"]).columns) == ["original_glcm_Idm", "constant"]
    picked = table.pick(["died", "stage"], never=["note"])  # what passes through may be named
    assert list(picked.columns) == ["stage", "died"]
    assert picked["died"].dtype == np.float64
    assert list(table.pick(["*"]).columns) == list(table.features.columns)
    assert list(table.pick(["*"], never=["constant"]).columns) == ["original_glcm_Idm", "stage", "empty"]


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        (["died"], "'died' is what is predicted, or groups cases: no feature"),
        (["original_glcm_Idn"], "no column matches 'original_glcm_Idn'; did you mean 'original_glcm_Idm'?"),
        (["constant", "zzz"], "no column matches 'zzz'"),
    ],
)
def test_what_cannot_be_picked(table, patterns, message):
    with pytest.raises(TableError) as refused:
        table.pick(patterns, never=["died"])
    assert message in refused.value.message
    assert refused.value.hint


def test_one_column_wherever_it_stands(table):
    assert table.column("died").tolist() == [0, 1, 1]
    assert table.column("constant").tolist() == [5.0] * 3
    with pytest.raises(TableError, match="no column 'dead'; did you mean 'died'") as refused:
        table.column("dead")
    assert "the table has died, note, original_glcm_Idm" in refused.value.hint


@pytest.mark.parametrize(
    ("weights", "column", "stamp"),
    [
        ("untrained (random, seed 1)", "deep_cnn-f_full7_post_0012", "untrained (random, seed 1)"),
        ("imagenet abc", "deep_cnn-f_full7_post_0012", ""),
        (
            "untrained (random, seed 1)",
            "deep_vgg16_fc7_post_0012",
            "",
        ),  # not the network that made the columns
    ],
)
def test_random_weights_show(weights, column, stamp):
    ids = pd.Index(["a", "b"], name="ID")
    passthrough = pd.DataFrame({"weights_cnn-f": [weights, None]}, index=ids)
    assert FeatureTable(passthrough, pd.DataFrame({column: [1.0, 2.0]}, index=ids)).stamp() == stamp
