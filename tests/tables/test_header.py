"""The names of a table's columns, without reading the table."""

import gzip
import io
import sys
from pathlib import Path

import pandas as pd
import pytest

from radcompare.tables.header import START, first_names

PLAIN = "ID;Größe, mm;b\n1;2;3\n"


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b"ID,Image,Mask\n", ["ID", "Image", "Mask"]),
        (b"\xef\xbb\xbfID\tImage\r\n1\t2\r\n", ["ID", "Image"]),
        (PLAIN.encode(), ["ID", "Größe, mm", "b"]),
        (gzip.compress(PLAIN.encode(), mtime=0), ["ID", "Größe, mm", "b"]),
        (b'"a,b",c', ["a,b", "c"]),
        (b"", []),
        (b" \n\n", []),
        (b"\xff\xfe\x00", []),
        (gzip.compress(PLAIN.encode(), mtime=0)[:12] + b"damaged", []),
        (b"PAR1 and nothing more", []),
    ],
)
def test_names_are_told_from_the_first_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, names: list[str]
) -> None:
    path = tmp_path / "t"
    path.write_bytes(content)
    assert [name for name in first_names(str(path)) if name] == names
    stdin = io.BufferedReader(io.BytesIO(content))  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "stdin", type("Stdin", (), {"buffer": stdin}))
    assert [name for name in first_names("-") if name] == names
    assert sys.stdin.buffer.read() == content


def test_a_long_header_may_be_cut_in_the_middle_of_a_letter(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("ID,Image," + "x" * (START - 10) + "ö" * 9, encoding="utf-8")
    assert first_names(str(path))[:2] == ["ID", "Image"]


def test_parquet_has_a_schema(tmp_path: Path) -> None:
    pd.DataFrame({"ID": ["a"], "f": [1.0]}).to_parquet(tmp_path / "t.parquet")
    assert first_names(str(tmp_path / "t.parquet")) == ["ID", "f"]


def test_parquet_on_standard_input_is_read_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pd.DataFrame({"ID": ["a"], "f": [1.0]}).to_parquet(tmp_path / "t.parquet")
    content = (tmp_path / "t.parquet").read_bytes()
    stdin = io.BufferedReader(io.BytesIO(content))  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "stdin", type("Stdin", (), {"buffer": stdin}))
    assert first_names("-") == ["ID", "f"]
    assert sys.stdin.buffer.read() == content


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        first_names(str(tmp_path / "none.csv"))
