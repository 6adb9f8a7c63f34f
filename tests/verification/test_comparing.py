"""Which cells and numbers differ, by how much, and how much is allowed."""

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from radcompare.errors import TableError
from radcompare.verification.comparing import Difference, compare_json, compare_tables
from radcompare.verification.tolerances import ACROSS, OTHER_FEATURES, SCORES, Tolerance

EXACT, LOOSE = Tolerance(exact=True), Tolerance(exact=False)


def tables(folder: Path, stored: dict[str, Any], found: dict[str, Any]) -> tuple[Path, Path]:
    for name, columns in (("stored", stored), ("found", found)):
        pd.DataFrame(columns).to_csv(folder / f"{name}.csv", index=False)
    return folder / "stored.csv", folder / "found.csv"


def compared(
    folder: Path, stored: Any, found: Any, tolerance: Tolerance = EXACT, file: str = "features/x.csv"
) -> Any:
    return list(compare_tables(file, *tables(folder, stored, found), tolerance))


ONE = {"ID": ["a", "b", "c"], "original_glcm_Contrast": [1.0, 2.0, 3.0]}


def test_the_same_table_has_no_difference(tmp_path: Path) -> None:
    assert compared(tmp_path, ONE, ONE) == []


def test_a_cell_is_named_by_case_and_column(tmp_path: Path) -> None:
    (found,) = compared(tmp_path, ONE, {**ONE, "original_glcm_Contrast": [1.0, 2.5, 3.0]})
    assert found == Difference("features/x.csv", "original_glcm_Contrast", "b", "2.0", "2.5", 0.2)
    assert found.in_words() == (
        "features/x.csv: original_glcm_Contrast of b: 2.0 stored, 2.5 found (relative difference 2.0e-01)"
    )


def test_the_last_digit_counts_where_versions_are_the_same(tmp_path: Path) -> None:
    nearly = {**ONE, "original_glcm_Contrast": [1.0, math.nextafter(2.0, 3.0), 3.0]}
    (found,) = compared(tmp_path, ONE, nearly)
    assert (found.row, found.cells) == ("b", 1)
    assert compared(tmp_path, ONE, nearly, LOOSE) == []


@pytest.mark.parametrize(
    ("file", "column", "allowed"),
    [
        ("features/r.csv", "original_shape_MeshVolume", OTHER_FEATURES),
        ("features/r.csv", "wavelet-LLH_glcm_Contrast", ACROSS["wavelet"]),
        ("features/d.csv", "deep_cnn-f_full7_post_0001", ACROSS["deep_"]),
        ("predictions.csv", "score", SCORES),
    ],
)
def test_what_is_allowed_across_versions(tmp_path: Path, file: str, column: str, allowed: float) -> None:
    stored = {"ID": ["a"], column: [100.0]}
    inside, beyond = ({"ID": ["a"], column: [100.0 * (1 + share * allowed)]} for share in (0.9, 1.2))
    assert compared(tmp_path, stored, inside, LOOSE, file) == []
    assert len(compared(tmp_path, stored, beyond, LOOSE, file)) == 1


@pytest.mark.parametrize(
    ("stored", "found"),
    [("7", "07"), ("", "0.0"), ("nan", ""), ("relieff", "su"), ("0", "1"), ("1e400", "1.0")],
)
def test_texts_classes_and_missing_values_are_never_near(tmp_path: Path, stored: str, found: str) -> None:
    """07 and 7 are one number; everything else here is another value, whatever the versions."""
    a, b = {"ID": ["a"], "x": [stored]}, {"ID": ["a"], "x": [found]}
    assert len(compared(tmp_path, a, b, LOOSE)) == (0 if (stored, found) == ("7", "07") else 1)


def test_a_table_of_another_shape_is_one_difference(tmp_path: Path) -> None:
    (rows,) = compared(tmp_path, ONE, {name: values[:2] for name, values in ONE.items()})
    assert rows.in_words() == "features/x.csv: rows: 3 stored, 2 found"
    (columns,) = compared(tmp_path, ONE, {**ONE, "new": [1, 2, 3]})
    assert columns.in_words() == "features/x.csv: columns: 2 stored, 3 (new: new) found"
    (order,) = compared(tmp_path, ONE, dict(reversed(ONE.items())))
    assert order.found == "2 (another order)"


def test_every_column_is_counted_once_with_its_largest_difference(tmp_path: Path) -> None:
    (found,) = compared(tmp_path, ONE, {**ONE, "original_glcm_Contrast": [1.1, 4.0, 3.0]})
    assert (found.row, found.cells) == ("a", 2)
    assert found.largest == pytest.approx(0.5)
    assert found.in_words().endswith("(relative difference 5.0e-01, 2 cells in all)")


def results(folder: Path, stored: Any, found: Any, tolerance: Tolerance = EXACT) -> list[Difference]:
    for name, value in (("stored", stored), ("found", found)):
        (folder / f"{name}.json").write_text(json.dumps(value))
    return list(compare_json("results.json", folder / "stored.json", folder / "found.json", tolerance))


def test_results_are_named_by_arm_and_key(tmp_path: Path) -> None:
    stored = {"arms": [{"arm": "deep", "auc": 0.8, "auc_ci": [0.7, 0.9]}], "design": "x", "n": None}
    assert results(tmp_path, stored, stored) == []
    other = {"arms": [{"arm": "deep", "auc": 0.8, "auc_ci": [0.7, 0.95]}], "design": "y", "n": None}
    assert [found.where for found in results(tmp_path, stored, other)] == ["arms[deep].auc_ci[1]", "design"]
    assert [found.where for found in results(tmp_path, stored, {**stored, "new": 1})] == ["new"]
    assert [found.where for found in results(tmp_path, stored, {**stored, "arms": []})] == ["arms"]
    near = {**stored, "arms": [{"arm": "deep", "auc": 0.800001, "auc_ci": [0.7, 0.9]}]}
    assert len(results(tmp_path, stored, near)) == 1
    assert results(tmp_path, stored, near, LOOSE) == []


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "stored.json").write_text("{")
    (tmp_path / "found.json").write_text("{}")
    with pytest.raises(TableError, match=r"stored\.json: cannot be read"):
        list(compare_json("results.json", tmp_path / "stored.json", tmp_path / "found.json", EXACT))
