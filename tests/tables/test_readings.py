"""How cases were read, as a table."""

from pathlib import Path

import pandas as pd
import pytest

from radcompare.tables.readings import readings_frame, readings_path, write_readings

ROWS = [
    {"ID": "a", "image_format": "DICOM", "voxels": 12, "suv_factor": 0.5, "structure": "GTV, left"},
    {"ID": "b", "image_format": "NIfTI", "voxels": 7, "label": 2},
]


def test_every_case_has_a_row_and_every_fact_a_column(tmp_path: Path) -> None:
    write_readings(ROWS, tmp_path / "r.csv")
    lines = (tmp_path / "r.csv").read_text(encoding="utf-8").splitlines()
    assert lines == [
        "ID,image_format,voxels,suv_factor,structure,label",
        'a,DICOM,12,0.5,"GTV, left",',
        "b,NIfTI,7,,,2",
    ]


def test_nothing_read_is_an_empty_table(tmp_path: Path) -> None:
    assert readings_frame([]).empty
    write_readings([], tmp_path / "r.csv")
    assert (tmp_path / "r.csv").is_file()


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet"])
def test_the_file_is_called_after_its_table(name: str) -> None:
    assert readings_path(Path("features") / name) == Path("features/t.readings.csv")


def test_columns_that_all_have_come_first() -> None:
    frame = readings_frame([{"ID": "a", "sequence": "T2", "remark": 1, "size": "2 x 2 x 2"}])
    assert list(frame.columns) == ["ID", "sequence", "size", "remark"]
    assert isinstance(frame, pd.DataFrame)
