"""Sidecars, Parquet, ARFF, pipes and damaged files, merged both ways."""

import gzip
import io
import json
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from both_merges import PLAIN, at_once, by_rows

pytestmark = pytest.mark.filterwarnings("error")

SIDECARS = {
    "features and sources": {"features": ["y", "x"], "sources": [{"extractor": "r219", "columns": ["x"]}]},
    "a feature that the table lacks": {"features": ["x", "gone"]},
    "no feature of the table": {"features": ["gone"]},
    "levels": {"features": ["x", "t"], "levels": {"t": ["3", "2", "1", "unused"]}},
    "levels of what passes through": {"features": ["x"], "levels": {"t": ["1", "2", "3"]}},
    "levels that lack one": {"features": ["x", "t"], "levels": {"t": ["4", "5"]}},
    "no sidecar": [1],
}


@pytest.mark.parametrize("name", SIDECARS)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_sidecars(write, same, tmp_path, name, kind):
    frame = pd.DataFrame({"ID": list("abc"), "x": [1.5, 2, 3], "y": [1, 2, 7], "t": ["1", "3", None]})
    path = tmp_path / f"one.{kind}"
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path)
    write(json.dumps(SIDECARS[name]), "one.meta.json")
    same([str(path), write("ID,z\na,1.5\nb,2\nc,7\n", "two.csv")])


def test_more_levels_than_text_may_have(write, same):
    levels = [f"level{number}" for number in range(40)]
    text = "ID,t,x\n" + "".join(f"c{number},{level},1\n" for number, level in enumerate(levels))
    source, other = write(text, "one.csv"), write("ID,y\nc0,1\nc39,2\n", "two.csv")
    write(json.dumps({"features": ["t"], "levels": {"t": levels}}), "one.meta.json")
    _, meta, _ = same([source, other])
    assert json.loads(meta)["levels"] == {"t": levels}
    write(json.dumps({"features": ["t"], "levels": {"t": levels[1:]}}), "one.meta.json")
    assert "'t' holds 'level0', which is none of the levels" in same([source, other])[0]


FRAMES = {
    "numbers": pd.DataFrame(
        {"ID": list("abc"), "x": [1.5, np.nan, np.inf], "n": [1, 2, 3], "b": [True, False, True]}
    ),
    "small numbers": pd.DataFrame(
        {
            "ID": list("abc"),
            "x": np.array([0.1, 1 / 3, 7], "float32"),
            "patient": np.array([0.1, 2, 3], "float32"),
        }
    ),
    "IDs that are numbers": pd.DataFrame({"ID": [7.0, 8.0, 9.0], "x": [1, 2, 3]}),
    "text": pd.DataFrame(
        {"ID": list("abc"), "t": ["u", None, "u"], "patient": ["NA", "", None], "x": [1, 2, 3]}
    ),
    "levels": pd.DataFrame(
        {"ID": list("abc"), "t": pd.Categorical(["u", None, "v"], categories=["w", "v", "u"]), "x": [1, 2, 3]}
    ),
    "true, false and a gap": pd.DataFrame(
        {"ID": list("abc"), "t": [True, None, False], "patient": [None, None, True]}
    ),
    "an index": pd.DataFrame({"x": [1.0, 2.0, 3.0]}, index=pd.Index(list("abc"), name="ID")),
    "days": pd.DataFrame({"ID": list("abc"), "x": [1, 2, 3], "day": pd.to_datetime(["2020-01-01"] * 3)}),
    "numbers with gaps of their own": pd.DataFrame({"ID": list("abc"), "x": pd.array([1, None, 3], "Int64")}),
    "names with points": pd.DataFrame(
        {"ID": list("abc"), "x": [1, 2, 3], "x.y": [1, 2, 3], "x.y.z": [1.5, 2, 3]}
    ),
    "names with blanks": pd.DataFrame({" ID ": list("abc"), " x": [1, 2, 3]}),
    "names that are numbers": pd.DataFrame({0: [1, 2, 3], 1: [1, 2, 3]}),
    "no row": pd.DataFrame({"ID": [], "x": []}),
    "an ID twice": pd.DataFrame({"ID": list("aba"), "x": [1, 2, 3]}),
}


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_parquet_is_read(write, same, tmp_path, name, suffix):
    FRAMES[name].to_parquet(tmp_path / "one.parquet")
    sources = [str(tmp_path / "one.parquet"), write(PLAIN + "7,1\n8,3\n", "two.csv")]
    same(sources, suffix)
    same(sources[::-1], suffix)


NEVER_WRITTEN = ("no row", "an ID twice", "names that are numbers", "days")


@pytest.mark.parametrize("name", [name for name in FRAMES if name not in NEVER_WRITTEN])
@pytest.mark.parametrize("cells", [1, 2**19])
def test_parquet_is_written(write, tmp_path, monkeypatch, name, cells):
    """Groups of rows may differ, and nothing else."""
    monkeypatch.setattr("radcompare.tables.streamed_output.GROUP", cells)
    FRAMES[name].to_parquet(tmp_path / "one.parquet")
    sources = [write(PLAIN + "7,1\n8,3\n", "two.csv"), str(tmp_path / "one.parquet")]
    once, rows = tmp_path / "once.parquet", tmp_path / "rows.parquet"
    assert at_once(sources, once)[1:] == by_rows(sources, rows, cells)[1:]
    expected, found = pq.read_table(once), pq.read_table(rows)
    assert found.schema.equals(expected.schema, check_metadata=True)
    assert found.equals(expected)
    assert (rows.read_bytes() == once.read_bytes()) == (cells > 1)


def test_weka_tables(write, same, shared_reference):
    sources = [str(shared_reference / "weka" / f"{name}.arff") for name in ("missing_mixed", "nominal")]
    same([sources[0], write("x\n1\n2\n3\n", "two.csv")])
    same(sources)


@pytest.mark.slow
def test_real_tables(same, shared_data):
    folder = shared_data / "tables" / "radmlbench"
    same([str(folder / "Fusco2022.csv.gz"), str(folder / "Fusco2022.csv.gz")], cells=(5000,))
    same([str(folder / "HNSCC.csv.gz"), str(folder / "WORC-Lipo.csv.gz")], cells=(50_000,))
    same(
        [str(shared_data / "lidc-nodules" / f"{name}.csv") for name in ("cohort", "semantics")], cells=(500,)
    )


@pytest.mark.parametrize(
    "content",
    [PLAIN, gzip.compress(PLAIN.encode(), mtime=0), "@relation r\n@attribute z numeric\n@data\n1\n2\n"],
)
def test_standard_input(write, monkeypatch, tmp_path, content):
    raw = content.encode() if isinstance(content, str) else content
    sources = ["-", write("ID,x\na,1\n2,3\n", "two.csv")]
    results = []
    for merged in (at_once, lambda sources, path: by_rows(sources, path, 1)):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
        results.append(merged(sources, tmp_path / f"{len(results)}.csv"))
    assert results[0] == results[1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"ID,x\na,\xff\n", "is not UTF-8 text (byte 7)"),
        (b"\xef\xbb\xbfID,x\na,\xff\n", "is not UTF-8 text (byte 7)"),
        (b"ID,x,x\na\n" + "µ".encode()[:1], "is not UTF-8 text (byte 9)"),
        (b"ID,x\n" + b"a,1\n" * 300_000 + b"\xe2\x82", "is not UTF-8 text (byte 1200005)"),
        (
            gzip.compress(PLAIN.encode(), mtime=0)[:-9],
            "Compressed file ended before the end-of-stream marker was reached",
        ),
        (gzip.compress(PLAIN.encode(), mtime=0)[:-6] + b"\0" * 6, "CRC check failed"),
        (gzip.compress(PLAIN.encode(), mtime=0) + b"more", "Not a gzipped file (b'mo')"),
        (b"\x1f\x8b\x08\x00" + b"\xff" * 30, "Error -3 while decompressing data"),
        (b"PAR1 but no more", "cannot be parsed as a table: "),
    ],
)
def test_damaged_files(write, same, content, message):
    assert message in same([write(content, "one.csv"), write(PLAIN, "two.csv")], cells=(1,))[0]


def test_files_that_are_not_there(write, same, tmp_path):
    for source in (str(tmp_path / "none.csv"), str(tmp_path)):
        message, hint = same([write(PLAIN), source])
        assert message.startswith(f"{source}: cannot be read: ")
        assert hint == "check the path; `-` reads standard input"
