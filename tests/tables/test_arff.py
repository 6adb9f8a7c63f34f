import numpy as np
import pandas as pd
import pytest

from radcompare.errors import TableError
from radcompare.tables.arff import is_arff, parse_arff
from radcompare.tables.files import read_frame

WELL_FORMED = """% a comment
@RELATION 'some tumours'

@attribute ID string
@ATTRIBUTE 'mean HU' NUMERIC
@attribute stage {I,'II a',"III, b",it\\'s}
@attribute unused { a , b,c }
@attribute count integer
@data
% another
p1, 1.5, I, a, 3
p2, ?, 'II a', b, 4
'p 3',-2e-3,"III, b",?,5
p4,inf,'it\\'s',a,-
"""


@pytest.fixture
def table():
    return parse_arff(WELL_FORMED, "t.arff")


def test_numbers_names_and_missing(table):
    assert list(table.columns) == ["ID", "mean HU", "stage", "unused", "count"]
    np.testing.assert_array_equal(table["mean HU"], [1.5, np.nan, -0.002, np.inf])
    np.testing.assert_array_equal(table["count"], [3, 4, 5, np.nan])
    assert table["mean HU"].dtype == np.float64
    assert table["count"].dtype == np.float64


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [("1,-2,+3", "int64"), ("1,2.0,3", "float64"), ("1,?,3", "float64"), (f"1,{'9' * 16},3", "float64")],
)
def test_whole_numbers_are_what_they_are_in_csv(cells, dtype):
    rows = cells.replace(",", "\n")
    assert parse_arff(f"@relation r\n@attribute x numeric\n@data\n{rows}\n", "t")["x"].dtype == dtype


def test_text_is_kept(table):
    assert table["ID"].tolist() == ["p1", "p2", "p 3", "p4"]


def test_levels_are_the_declared_ones(table):
    assert table["stage"].tolist() == ["I", "II a", "III, b", "it's"]
    assert list(table["stage"].cat.categories) == ["I", "II a", "III, b", "it's"]
    assert list(table["unused"].cat.categories) == ["a", "b", "c"]  # no row holds c
    assert table["unused"].isna().tolist() == [False, False, True, False]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("'a\\\\b'", "a\\b"),
        ('"say \\"x\\""', 'say "x"'),
        ("'tab\\there'", "tab\there"),
        ("O'Brien", "O'Brien"),
        ("a\x85b", "a\x85b"),
    ],
)
def test_quotes_and_escapes(cell, value):
    table = parse_arff(f"@relation r\n@attribute s string\n@attribute x real\n@data\n{cell},1\n", "t")
    assert table["s"].tolist() == [value]
    assert table["x"].tolist() == [1.0]


def test_a_hyphen_is_missing_unless_a_plus_stands_beside_it():
    text = "@relation r\n@attribute stain {{{}}}\n@data\n-\n{}\n"
    gap = parse_arff(text.format("-,weak", "weak"), "t")["stain"]
    assert gap.isna().tolist() == [True, False]
    assert list(gap.cat.categories) == ["weak"]
    finding = parse_arff(text.format("-,+", "+"), "t")["stain"]
    assert finding.tolist() == ["-", "+"]


def test_a_table_without_rows():
    table = parse_arff("@relation r\n@attribute x numeric\n@attribute c {a,b}\n@data\n", "t")
    assert table.shape == (0, 2)
    assert list(table["c"].cat.categories) == ["a", "b"]


def test_windows_line_ends():
    table = parse_arff(WELL_FORMED.replace("\n", "\r\n"), "t.arff")
    pd.testing.assert_frame_equal(table, parse_arff(WELL_FORMED, "t.arff"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("% x\n\n @Relation r\n", True), ("ID,x\n1,2\n", False), ("", False), ("% only\n", False)],
)
def test_arff_is_told_from_its_first_line(text, expected):
    assert is_arff(text) is expected


@pytest.mark.parametrize(
    ("declarations", "rows", "message", "hint"),
    [
        ("@attribute x", "", "line 2: cannot read '@attribute x'", "@attribute NAME TYPE"),
        ("@attribute d date", "", "line 2: attribute 'd' is of type 'date'", "numeric, string or"),
        ("@attribute x real\n@attribute x real", "", "line 3: the attribute 'x' occurs twice", "rename"),
        ("@attribute c {a,b,a}", "", "line 2: attribute 'c': declares the level 'a' twice", "once"),
        ("@attribute x real\n@attribute y real", "1,2\n3", "line 6: has 1 values for 2 attributes", "commas"),
        ("@attribute x real", "1,", "line 4: has 2 values for 1 attributes", "commas"),
        ("@attribute x real", "{0 1}", "line 4: is a sparse row", "dense"),
        ("@attribute x real", "one", "attribute 'x': could not convert string to float: 'one'", "numbers or"),
        ("@attribute c {a,b}", "B", "attribute 'c': the value 'B' is not declared", "declared: a, b"),
    ],
)
def test_what_cannot_be_read_is_named(declarations, rows, message, hint):
    with pytest.raises(TableError) as refused:
        parse_arff(f"@relation r\n{declarations}\n@data\n{rows}\n", "t.arff")
    assert refused.value.message.startswith("t.arff")
    assert message in refused.value.message
    assert hint in refused.value.hint


def test_rows_without_data_line():
    with pytest.raises(TableError, match=r"t\.arff: has no @data line"):
        parse_arff("@relation r\n@attribute x real\n1\n2\n", "t.arff")


def test_a_published_radiomics_table(shared_data):
    table, _ = read_frame(str(shared_data / "tables" / "ramella2018.arff"))
    assert table.shape == (91, 252)
    assert list(table["T"].cat.categories) == ["T1", "T2", "T3", "T4"]
    # Counted in the file with another program: rows whose cell is `-`.
    missing = {
        "T": 4,
        "N": 2,
        "stadio": 2,
        "istologia": 3,
        "mutazione_EGFR": 61,
        "mutazione_ALK": 72,
        "fumo": 54,
    }
    assert {name: int(table[name].isna().sum()) for name in missing} == missing
    assert int(table.isna().to_numpy().sum()) == sum(missing.values())
    assert table["adaptive"].value_counts().to_dict() == {"0": 41, "1": 50}
    assert table["mean"].iloc[0] == 918.6462298


@pytest.mark.parametrize("name", ["breast_cancer", "iris", "missing_mixed", "nominal", "smallclass"])
def test_arff_and_csv_of_one_table_say_the_same(shared_reference, name):
    arff, _ = read_frame(str(shared_reference / "weka" / f"{name}.arff"))
    csv, _ = read_frame(str(shared_reference / "weka" / f"{name}.csv"))
    assert list(arff.columns) == list(csv.columns)
    for column in arff.columns:
        nominal = isinstance(arff[column].dtype, pd.CategoricalDtype)
        left = arff[column].astype("str" if nominal else "float64")
        right = csv[column].astype("str" if nominal else "float64")
        assert left.isna().tolist() == right.isna().tolist()
        assert left.dropna().tolist() == right.dropna().tolist()
