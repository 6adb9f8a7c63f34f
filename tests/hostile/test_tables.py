"""Tables that were found to break a reader, each once: what is read is what was written, all else is refused."""

import gzip
import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radcompare.errors import TableError
from radcompare.report.run_folder import read_failures, showable
from radcompare.tables.case import Failure
from radcompare.tables.failures import write_failures
from radcompare.tables.features import read_features
from radcompare.tables.files import is_id, read_frame, refuse_bad_names, write_frame
from radcompare.tables.outcome import read_outcome
from radcompare.tables.predictions import read_predictions
from radcompare.tables.results import read_results
from radcompare.tables.table_check import check_table

ODD = (
    *(
        "a\rb",
        "a\nb",
        "a\r\nb",
        "a\x0bb",
        "a\x1cb",
        "a\x85b",
        "a\u2028b",
        'a"b',
        "a,b",
        "a;b;c;d;e",
        "a\tb\tc\td",
    ),
    *(
        "=1+1",
        "NA",
        "007",
        "1.0",
        "1e5",
        "-",
        "?",
        "true",
        "%a",
        "@relation",
        "#x",
        "{a}",
        "\ufeffx",
        "\x1b[2J",
    ),
    *("\u202eabc", "e\u0301", "é", "👩\u200d🔬", "x" * 10_000, "'", '"', '""', "\\", "\\n"),
)


def frame_of(header: Sequence[str], rows: int, texts: Sequence[str], wide: int) -> pd.DataFrame:
    """A table with odd texts for IDs and cells, and as many columns of numbers as are written in another way."""
    cells = [texts[row % len(texts)] for row in range(rows)]
    numbers = {name: np.arange(rows) / 7 for name in header}
    more = {f"w{at}": np.arange(rows) * 0.1 * at for at in range(wide)}
    return pd.DataFrame({"ID": cells, "t": cells[::-1], **numbers, **more})


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
@pytest.mark.parametrize("wide", [0, 70])
def test_any_text_comes_back(tmp_path: Path, wide: int, suffix: str) -> None:
    """IDs, cells and names of columns."""
    frame = frame_of([f"{text}{wide}" for text in ODD], len(ODD), ODD, wide)
    write_frame(frame, tmp_path / f"x{suffix}")
    read, _ = read_frame(str(tmp_path / f"x{suffix}"), lambda name: is_id(name) or name == "t")
    assert [str(name) for name in read.columns] == list(frame.columns)
    assert read.to_numpy().tolist() == frame.to_numpy().tolist()


@pytest.mark.parametrize("wide", [0, 70])
def test_any_text_may_come_first(tmp_path: Path, wide: int) -> None:
    """In the first line, where formats and delimiters are told from it."""
    for text in ODD:
        frame = frame_of(["v"], 2, "pq", wide).rename(columns={"ID": text})
        write_frame(frame, tmp_path / "x.csv")
        read, _ = read_frame(str(tmp_path / "x.csv"), lambda name, text=text: name in (text, "t"))
        assert [str(name) for name in read.columns] == list(frame.columns)
        assert read.to_numpy().tolist() == frame.to_numpy().tolist()


def test_a_delimiter_in_quotes_is_none(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text('ID,"a;b;c;d","e;f",5" lesion\nc1,1,2,3\n')
    assert list(read_frame(str(tmp_path / "x.csv"))[0].columns) == ["ID", "a;b;c;d", "e;f", '5" lesion']
    (tmp_path / "x.csv").write_text('ID;"a,b,c,d";e\nc1;1,5;2\n')
    assert read_frame(str(tmp_path / "x.csv"))[0]["a,b,c,d"].tolist() == [1.5]


EMPTY = {
    "byte order mark": b"\xef\xbb\xbf",
    "mark and blank lines": b"\xef\xbb\xbf\r\n\n",
    "gzipped nothing": gzip.compress(b""),
    "gzipped blank lines": gzip.compress(b"\n\n"),
    "nothing": b"",
    "blanks": b" \n\t\n",
}
FOREIGN = {
    "NUL": b"ID,x\na\0b,1\n",
    "NUL in the header": b"ID,x\0y\na,1\n",
    "UTF-16": "ID,x\na,1\n".encode("utf-16"),
    "UTF-16 without a mark": "ID,x\na,1\n".encode("utf-16-le"),
    "UTF-32": "ID,x\na,1\n".encode("utf-32"),
    "Latin-1": "ID,größe\na,1\n".encode("latin-1"),
    "half a character": b"ID,x\n\xed\xa0\x80,1\n",
    "PNG": b"\x89PNG\r\n\x1a\n" + bytes(50),
    "ZIP": b"PK\x03\x04" + bytes(50),
    "gzip cut off": gzip.compress(b"ID,x\na,1\n" * 50)[:-4],
    "gzip damaged": gzip.compress(b"ID,x\na,1\n" * 50)[:30] + b"\xff" * 10,
    "gzip of a gzip": gzip.compress(gzip.compress(b"ID,x\na,1\n")),
    "Parquet by its mark": b"PAR1" + bytes(40) + b"PAR1",
    "open quote": b'ID,x\na,"1\nb,2\n',
    "cell beyond the limit": b"ID,x\n" + b"a" * 200_000 + b",1\n",
    "many cells": b"ID,x\n" + b"1," * 50_000 + b"1\n",
    "a carriage return alone": b"ID,x\na\rb,1\n",
}


@pytest.mark.parametrize("content", [*EMPTY.values(), *FOREIGN.values()], ids=[*EMPTY, *FOREIGN])
def test_what_is_no_table(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    for read in (read_frame, read_features, read_predictions):
        with pytest.raises(TableError) as refused:
            read(str(path))
        assert str(path) in refused.value.message
        assert refused.value.hint
        assert len(refused.value.message) < 2_000


BOMB = """
import resource, sys
from radcompare.errors import TableError
from radcompare.tables.features import read_features
held = int([line.split()[1] for line in open("/proc/self/status") if line.startswith("VmData")][0])
resource.setrlimit(resource.RLIMIT_DATA, (held * 1024 + 3 * 2**30,) * 2)
try:
    read_features(sys.argv[1])
except TableError as error:
    print(error)
"""


def zipped_zeros(path: Path) -> None:
    """Eight gigabytes in eight megabytes."""
    block = gzip.compress(bytes(2**26))
    path.write_bytes(b"".join([block] * 128))


def repeated_value(path: Path) -> None:
    """Two hundred million rows in a few kilobytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    part = pa.table(
        {"ID": pa.array(np.zeros(10**7)), **{f"x{at}": pa.array(np.zeros(10**7)) for at in range(2)}}
    )
    with pq.ParquetWriter(path, part.schema) as writer:
        for _ in range(20):
            writer.write_table(part)


@pytest.mark.slow
@pytest.mark.parametrize("make", [zipped_zeros, repeated_value])
def test_a_bomb_does_not_go_off(tmp_path: Path, make: object) -> None:
    path = tmp_path / "x.csv.gz"
    make(path)  # type: ignore[operator]
    assert path.stat().st_size < 2**24
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", BOMB, path], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "it unpacks to more than" in done.stdout or "it declares 200,000,000 rows" in done.stdout
    assert time.perf_counter() - begun < 30
    assert resource.getrlimit(resource.RLIMIT_DATA)[0] == resource.RLIM_INFINITY


PARQUET = {
    "metadata of pandas without a type": (b'"pandas_type"', b'"pondas_type"'),
    "metadata of pandas with another type": (b'"numpy_type": "float64"', b'"numpy_type": "floAt64"'),
    "metadata of pandas that is no JSON": (b'{"index_columns"', b'["index_columns"'),
}


def write_lying(path: Path, true: bytes, false: bytes) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(pd.DataFrame({"ID": ["a", "b"], "x": [1.0, 2.0]}))
    metadata = table.schema.metadata[b"pandas"]
    assert true in metadata
    pq.write_table(table.replace_schema_metadata({b"pandas": metadata.replace(true, false)}), path)


@pytest.mark.parametrize(("true", "false"), PARQUET.values(), ids=PARQUET)
def test_parquet_whose_metadata_lie(tmp_path: Path, true: bytes, false: bytes) -> None:
    write_lying(tmp_path / "x.parquet", true, false)
    with pytest.raises(TableError, match="cannot be parsed as a table"):
        read_frame(str(tmp_path / "x.parquet"))


def test_tables_whose_reading_grew_with_the_square(tmp_path: Path) -> None:
    """Blanks in a cell, levels of an attribute, escapes in quotes, names of columns: fifty thousand of each."""
    arff = "@relation r\n@attribute a %s\n@attribute b numeric\n@data\n%s\n"
    (tmp_path / "blanks").write_text(arff % ("string", "x" + " " * 50_000 + "y,1"))
    (tmp_path / "levels").write_text(arff % ("{" + ",".join(map(str, range(50_000))) + "}", "1,1"))
    (tmp_path / "quotes").write_text(arff % ("string", "'" + "\\'" * 50_000 + ",1"))
    begun = time.perf_counter()
    for path in tmp_path.iterdir():
        with suppress(TableError):
            read_frame(str(path))
    refuse_bad_names([f"x{at}" for at in range(50_000)], "t.csv")
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize("score", ["9" * 400, "1e999", "-inf", "nan", "", "x", "0x10", "true"])
@pytest.mark.parametrize("column", ["score", "y_true", "predicted", "probability"])
def test_numbers_that_are_none(tmp_path: Path, column: str, score: str) -> None:
    text = "ID,arm,y_true,score,predicted,probability\nc1,a,0,0.5,0,0.5\nc2,a,1,0.7,1,0.7\n"
    rows = pd.read_csv(io.StringIO(text), dtype="str")
    rows.loc[1, column] = score
    rows.to_csv(tmp_path / "p.csv", index=False)
    if column == "probability" and score in ("", "nan"):
        return
    if column == "predicted" and score in ("true",):
        return
    with pytest.raises(TableError, match=rf"row 3: .*{column}"):
        read_predictions(str(tmp_path / "p.csv"))


def test_failures_come_back_and_others_are_refused(tmp_path: Path) -> None:
    failures = [Failure(text, "s", f"case {text}", "do") for text in ODD]
    path = tmp_path / "failures.csv"
    write_failures(failures, path)
    assert read_failures(path) == failures
    for content in (
        b"",
        b"ID\n1\n",
        b"a,b,c,d\n1,2,3,4\n",
        b'ID,stage,problem,hint\n"a',
        b"\xff\xfe",
        b"ID,stage,problem,hint\n1,2,3,4,5,6\n",
    ):
        path.write_bytes(content)
        with pytest.raises(TableError):
            read_failures(path)


@pytest.mark.parametrize(
    "content", ["[" * 100_000, "[]", '{"arms": 1}', "nan", '"x"', '{"arms": [{}]}', "\udcff"]
)
def test_results_that_are_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(content, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(TableError):
        read_results(path)


@pytest.mark.parametrize(
    "error", [KeyError("a"), ValueError("x"), OverflowError("x"), TypeError("x"), ZeroDivisionError()]
)
def test_results_that_contradict_themselves(tmp_path: Path, error: Exception) -> None:
    def fail() -> None:
        with showable(tmp_path / "results.json"):
            raise error

    with pytest.raises(TableError, match=r"results\.json: cannot be shown"):
        fail()


@pytest.mark.parametrize(
    "levels", [{"k": ["a", "a"]}, {"k": 1}, {"k": None}, [], {"k": [1, 2]}, {"k": [["a"]]}]
)
def test_sidecars_whose_levels_are_none(tmp_path: Path, levels: object) -> None:
    (tmp_path / "x.csv").write_text("ID,original_glcm_X,k\na,1,a\nb,2,a\n")
    meta = {"features": ["original_glcm_X", "k"], "levels": levels}
    (tmp_path / "x.meta.json").write_text(json.dumps(meta))
    with pytest.raises(TableError):
        read_features(str(tmp_path / "x.csv"))


@pytest.mark.parametrize("number", ["9" * 400, "1e999", "-" + "9" * 400])
def test_an_outcome_beyond_all_numbers(tmp_path: Path, number: str) -> None:
    (tmp_path / "x.csv").write_text(f"ID,y,original_glcm_X\na,0,1\nb,1,2\nc,{number},3\nd,0,4\n")
    table = read_features(str(tmp_path / "x.csv"), outcome="y")
    assert len(read_outcome(table.column("y"), "x.csv").classes) == 3
    check_table(str(tmp_path / "x.csv"), "y")


@pytest.mark.parametrize("how", PARQUET.values(), ids=PARQUET)
def test_rows_of_parquet_whose_metadata_lie(tmp_path: Path, how: tuple[bytes, bytes]) -> None:
    """As if it were held."""
    write_lying(tmp_path / "x.parquet", *how)
    with pytest.raises(TableError, match="cannot be parsed as a table"):
        check_table(str(tmp_path / "x.parquet"))
