import csv
import gzip
import hashlib
import io
import struct
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from radcompare.errors import ConfigError, TableError
from radcompare.tables.files import (
    is_id,
    read_bytes,
    read_frame,
    refuse_empty,
    to_csv,
    with_named_ids,
    write_frame,
)

pytestmark = pytest.mark.filterwarnings("error")

# Where a writer or a reader that rounds would lose a bit.
AWKWARD = [
    0.1 + 0.2,
    1 / 3,
    5e-324,
    2.2250738585072014e-308,
    1.7976931348623157e308,
    -0.0,
    1e23,
    123456789.123456789,
]
FORMATS = [".csv", ".csv.gz", ".parquet"]


def _bits(values):
    return [struct.pack("<d", value) for value in values]


@pytest.fixture
def frame():
    rng = np.random.default_rng(7)
    values = rng.standard_normal(2000) * 10.0 ** rng.integers(-300, 300, 2000)
    values[: len(AWKWARD)] = AWKWARD
    ids = [f"{number:05d}" for number in range(2000)]
    text = ["x, y", 'a "b"', "line\nbreak", "µ"] * 500
    return pd.DataFrame({"ID": ids, "value": values, "count": range(2000), "text": text})


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_round_trip_keeps_every_bit(frame, tmp_path, suffix):
    path = tmp_path / f"table{suffix}"
    write_frame(frame, path)
    read, digest = read_frame(str(path))
    assert list(read.columns) == list(frame.columns)
    assert _bits(read["value"]) == _bits(frame["value"])
    assert read["count"].tolist() == list(range(2000))
    assert read["ID"].tolist() == frame["ID"].tolist()  # text still: no leading zero is lost
    assert read["text"].tolist() == frame["text"].tolist()
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("suffix", FORMATS)
def test_missing_values_stay_missing(tmp_path, suffix):
    frame = pd.DataFrame(
        {"ID": ["a", "b"], "x": [np.nan, 1.0], "t": [None, "u"], "nothing": [np.nan, np.nan]}
    )
    write_frame(frame, tmp_path / f"table{suffix}")
    read, _ = read_frame(str(tmp_path / f"table{suffix}"))
    assert read.isna().to_numpy().tolist() == frame.isna().to_numpy().tolist()


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_table_gives_the_same_bytes(frame, tmp_path, suffix):
    first, second = tmp_path / f"first{suffix}", tmp_path / f"second{suffix}"
    write_frame(frame, first)
    write_frame(frame.copy(), second)
    assert first.read_bytes() == second.read_bytes()


def test_gzip_carries_no_time(frame, tmp_path):
    write_frame(frame, tmp_path / "table.csv.gz")
    assert (tmp_path / "table.csv.gz").read_bytes()[4:8] == bytes(4)  # MTIME, RFC 1952


def test_a_long_column_has_one_type(write):
    """A reader that goes chunk by chunk would give numbers first and text from where the first text stands."""
    read, _ = read_frame(write("x,y\n" + "1,2\n" * 300_000 + "one,2\n"))
    assert set(map(type, read["x"].tolist())) == {str}


def test_every_published_table_survives(shared_data, tmp_path):
    for name in ("Fusco2022", "LNDb"):
        read, _ = read_frame(str(shared_data / "tables" / "radmlbench" / f"{name}.csv.gz"))
        write_frame(read, tmp_path / f"{name}.csv")
        again, _ = read_frame(str(tmp_path / f"{name}.csv"))
        pd.testing.assert_frame_equal(read, again, check_exact=True)


def test_gzipped_csv_is_told_from_its_bytes(shared_data):
    read, _ = read_frame(str(shared_data / "tables" / "radmlbench" / "Ahn2021.csv.gz"))
    assert read.shape == (114, 110)
    assert read["ID"].tolist()[:2] == ["S1", "S2"]


def test_numbers_are_read_as_python_reads_them(shared_data):
    path = shared_data / "tables" / "fae_example.csv"
    with path.open(encoding="utf-8") as file:
        header = file.readline().rstrip("\n").split(",")
        rows = [line.rstrip("\n").split(",") for line in file]
    read, _ = read_frame(str(path))
    column = header.index("ADC_original_firstorder_Energy")
    assert _bits(read.iloc[:, column]) == _bits(float(row[column]) for row in rows)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ID,x\na,1.5\n", 1.5),
        ("ID\tx\na\t1.5\n", 1.5),
        ("ID;x\na;1.5\n", 1.5),
        ("ID;x\na;1,5\n", 1.5),  # a spreadsheet set to a European language
        ("ID;x\r\na;0,30000000000000004\r\n", 0.1 + 0.2),
        ("\ufeffID,x\na,1.5\n", 1.5),
        ('\n\n"ID","x"\na,1.5\n\n', 1.5),
        (" ID , x \na,1.5\n", 1.5),
    ],
)
def test_delimiters_and_decimals(write, text, expected):
    read, _ = read_frame(write(text))
    assert list(read.columns) == ["ID", "x"]
    assert read["x"].tolist() == [expected]


def test_a_semicolon_table_with_points_keeps_its_commas(write):
    read, _ = read_frame(write("ID;x;y\na;1.5;2,5\n"))
    assert read["x"].tolist() == [1.5]
    assert read["y"].tolist() == ["2,5"]


def test_cells_that_mean_no_value(write):
    cells = ["", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "?"]
    read, _ = read_frame(
        write("ID,x\n" + "".join(f"c{number},{cell}\n" for number, cell in enumerate(cells)))
    )
    assert read["x"].isna().all()
    assert read["x"].dtype == np.float64


def test_in_text_only_an_empty_cell_is_missing(write):
    read, _ = read_frame(write("ID,arm\nNA,None\n,null\n"), lambda column: column in ("ID", "arm"))
    assert read["arm"].tolist() == ["None", "null"]
    assert read["ID"].isna().tolist() == [False, True]


def test_a_first_column_without_a_name_is_text(write):
    read, _ = read_frame(write(",x\n007,1\n010,2\n"))
    assert read[""].tolist() == ["007", "010"]


def test_infinite_values_are_read(write):
    read, _ = read_frame(write("ID,x\na,inf\nb,-inf\n"))
    assert read["x"].tolist() == [np.inf, -np.inf]


def test_an_index_of_pandas_in_parquet_is_a_column(tmp_path):
    indexed = pd.DataFrame({"x": [1.0]}, index=pd.Index(["case 7"], name="ID"))
    indexed.to_parquet(tmp_path / "named.parquet")
    indexed.rename_axis(None).to_parquet(tmp_path / "unnamed.parquet")
    assert read_frame(str(tmp_path / "named.parquet"))[0].to_dict("list") == {"ID": ["case 7"], "x": [1.0]}
    assert read_frame(str(tmp_path / "unnamed.parquet"))[0].to_dict("list") == {"": ["case 7"], "x": [1.0]}


def test_standard_input(monkeypatch):
    monkeypatch.setattr(
        sys, "stdin", SimpleNamespace(buffer=io.BytesIO(gzip.compress(b"ID,x\na,1\n", mtime=0)))
    )
    read, _ = read_frame("-")
    assert read.to_dict("list") == {"ID": ["a"], "x": [1]}


def test_empty_standard_input_is_named(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"")))
    with pytest.raises(TableError, match=r"^standard input: is empty"):
        read_frame("-")


def _truncated_gzip():
    return gzip.compress(b"ID,x\na,1\n" * 100, mtime=0)[:30]


def _broken_gzip():
    whole = bytearray(gzip.compress(b"ID,x\na,1\n" * 100, mtime=0))
    whole[12:20] = b"\xff" * 8
    return bytes(whole)


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (b"", "is empty", "a header line"),
        (b" \n\n", "is empty", "a header line"),
        (_truncated_gzip(), "cannot be parsed as a table: Compressed file ended", "CSV, Parquet or ARFF"),
        (_broken_gzip(), "cannot be parsed as a table: Error -3", "CSV, Parquet or ARFF"),
        (b"PAR1 and then nothing", "cannot be parsed as a table", "CSV, Parquet or ARFF"),
        (bytes(range(256)), r"is not UTF-8 text \(byte 128\)", "save it as UTF-8"),
        ("ID,größe\na,1\n".encode("latin-1"), r"is not UTF-8 text \(byte 5\)", "save it as UTF-8"),
        (b"ID,x,ID\na,1,2\n", "the column 'ID' occurs twice", "rename or remove"),
        (b"ID,x, x\na,1,2\n", "the column 'x' occurs twice", "rename or remove"),
        (b"ID,x,\na,1,\n", "column 3 has no name", "name it, or delete it"),
        (b"ID,x,y\na,1,2\nb,3\n", "line 3: 2 cells for 3 columns", "cut off"),
        (b"ID,x\na,1\nb,2,3\n", "line 3: 3 cells for 2 columns", "quotes"),
        (b'ID,x\na,"1\n2', "cannot be parsed as a table: .*EOF inside string", "CSV, Parquet or ARFF"),
        (
            b'"' + b"a" * 200_000 + b"\n1\n",
            "cannot be parsed as a table: field larger",
            "CSV, Parquet or ARFF",
        ),
    ],
)
def test_what_is_no_table_is_refused(write, content, message, hint):
    path = write(content, "broken.csv")
    with pytest.raises(TableError, match=message) as refused:
        read_frame(path)
    assert refused.value.message.startswith(path)
    assert hint in refused.value.hint


def test_what_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(TableError, match=r"absent\.csv: cannot be read: No such file"):
        read_bytes(str(tmp_path / "absent.csv"))
    with pytest.raises(TableError, match="cannot be read: Is a directory") as refused:
        read_bytes(str(tmp_path))
    assert "check the path" in refused.value.hint


def test_a_header_alone(write):
    read, _ = read_frame(write("ID,x\n"))
    assert list(read.columns) == ["ID", "x"]
    with pytest.raises(TableError, match=r"t\.csv: has a header \(ID, x, \.\.\.\) and no row"):
        refuse_empty(read, "t.csv")
    refuse_empty(pd.DataFrame({"x": [1]}), "t.csv")


def test_one_column(write):
    assert read_frame(write("x\n1\n2\n"))[0]["x"].tolist() == [1, 2]


@pytest.mark.parametrize("name", ["table.xlsx", "table.arff", "table.tsv"])
def test_a_suffix_without_a_writer(tmp_path, name):
    with pytest.raises(ConfigError, match="no writer for") as refused:
        write_frame(pd.DataFrame({"x": [1]}), tmp_path / name)
    assert ".csv, .csv.gz or .parquet" in refused.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text_columns", [0, 1, 3])
def test_wide_tables_hold_what_pandas_would_write(text_columns):
    rng = np.random.default_rng(2)
    numbers = rng.standard_normal((5, 80)) * 10.0 ** rng.integers(-300, 300, (5, 80))
    numbers[0, :7] = [0.0, -0.0, 5e-324, 1.7976931348623157e308, np.nan, np.inf, -np.inf]
    numbers[:, 9] = rng.standard_normal(5).astype(np.float32)
    frame = pd.DataFrame(numbers, columns=[f"a,{i}" for i in range(80)])
    for at in range(text_columns):
        frame.insert(at, f"t{at}", ["plain", 'a "b", c', "two\nlines", "", "x\r\ny"])
    written = to_csv(frame)
    found = list(csv.reader(io.StringIO(written, newline="")))
    expected = list(csv.reader(io.StringIO(frame.to_csv(index=False, lineterminator="\n"), newline="")))
    assert found[0] == expected[0]
    for mine, theirs in zip(found[1:], expected[1:], strict=True):
        assert mine[:text_columns] == theirs[:text_columns]
        pairs = list(zip(mine[text_columns:], theirs[text_columns:], strict=True))
        assert all((a == b == "") or np.float64(a).tobytes() == np.float64(b).tobytes() for a, b in pairs)
    assert written.endswith("\n")
    assert "\n\n" not in written


def test_csv_has_no_index_and_unix_lines():
    assert to_csv(pd.DataFrame({"ID": ["a"], "x": [0.1]}, index=[5])) == "ID,x\na,0.1\n"


@pytest.mark.parametrize("name", ["ID", "id", " Case ", "case_ID", "CaseID"])
def test_headers_of_ids(name):
    assert is_id(name)


@pytest.mark.parametrize("name", ["patient_id", "idx", "", "identity"])
def test_headers_of_something_else(name):
    assert not is_id(name)


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        (["case", "x"], ["ID", "x"]),
        (["case", "ID", "x"], ["case", "ID", "x"]),
        (["case", "id", "x"], ["case", "ID", "x"]),
        (["", "x"], ["ID", "x"]),
        (["Unnamed: 0", "x"], ["ID", "x"]),
        (["", "ID", "x"], ["ID", "x"]),  # beside IDs, a column without a name counts rows
        (["x", "y"], ["x", "y"]),
    ],
)
def test_which_column_names_the_cases(columns, named):
    frame = pd.DataFrame([range(len(columns))], columns=columns)
    assert list(with_named_ids(frame).columns) == named


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
def test_the_workbook_of_a_spreadsheet_is_told_as_one(tmp_path, start):
    (tmp_path / "t.csv").write_bytes(start + b"\0" * 600)
    with pytest.raises(TableError, match="is a workbook of a spreadsheet program, or a zip file") as refused:
        read_frame(str(tmp_path / "t.csv"))
    assert "Radiomics_Features" in refused.value.hint
