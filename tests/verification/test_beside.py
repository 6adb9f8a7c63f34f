"""Two runs beside one another: what was set otherwise, and paired tests arm by arm."""

import json
import shutil
from pathlib import Path

import pytest

from radcompare.cache import Cache
from radcompare.compare.delong import delong_test
from radcompare.config import load_experiment
from radcompare.errors import DataError, TableError
from radcompare.experiment import run
from radcompare.tables.predictions import read_predictions
from radcompare.verification.beside import beside, grids_of

TABLE = "ID,y,f1,f2\n" + "".join(
    f"c{i:02d},{i % 2},{i % 2 + (i * 7 % 11) / 5:.3f},{(i * 5 % 13) / 3:.3f}\n" for i in range(40)
)
CONFIG = """
name: small
table: table.csv
outcome: y
sources: {one: {columns: [f1]}, two: {columns: [f2]}}
arms: {one: {sources: one}, two: {sources: two}}
validation: 5
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("runs")
    (folder / "table.csv").write_text(TABLE, encoding="utf-8")
    (folder / "small.yaml").write_text(CONFIG, encoding="utf-8")
    for name, changed in (("first", {}), ("second", {"seed": 5, "classifiers": "logistic-l2"})):
        run(load_experiment(folder / "small.yaml", changed), folder / name, cache=Cache(None))
    return folder / "first", folder / "second"


def test_what_was_set_otherwise_is_told_by_its_key(runs: tuple[Path, Path]) -> None:
    changes = {what: (one, two) for what, one, two in beside(*runs).changes}
    assert changes["seed"] == ("1", "5")
    assert set(changes) == {"seed", "classifiers"}


def test_a_run_beside_itself_differs_in_nothing(runs: tuple[Path, Path], tmp_path: Path) -> None:
    shutil.copytree(runs[0], tmp_path / "copy")
    found = beside(runs[0], tmp_path / "copy")
    assert found.changes == ()
    assert {pair.difference for pair in found.pairs} == {0.0}
    assert {pair.p for pair in found.pairs} == {1.0}
    assert [grid.title for grid in grids_of(found)] == ["Arms"]


def test_arms_are_tested_second_minus_first_on_the_same_cases(runs: tuple[Path, Path]) -> None:
    found = beside(*runs)
    (pair,) = [pair for pair in found.pairs if (pair.a, pair.metric) == ("two", "auc")]
    frames = [read_predictions(str(folder / "predictions.csv")).frame for folder in runs]
    first, second = (frame[frame["arm"] == "two"].set_index("ID").sort_index() for frame in frames)
    expected = delong_test(first["y_true"], second["score"], first["score"])
    assert pair.n == 40
    assert pair.difference == pytest.approx(expected.difference, abs=1e-15)
    assert pair.p == pytest.approx(expected.p, abs=1e-12)
    assert pair.p_adjusted >= pair.p


def test_the_table_has_a_line_for_every_arm_of_either_run(runs: tuple[Path, Path], tmp_path: Path) -> None:
    shutil.copytree(runs[1], tmp_path / "other")
    path = tmp_path / "other" / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    results["arms"] = [arm for arm in results["arms"] if arm["arm"] == "one"]
    path.write_text(json.dumps(results), encoding="utf-8")
    arms = grids_of(beside(runs[0], tmp_path / "other"))[-1]
    assert [row[0] for row in arms.rows] == ["one", "two"]
    assert arms.rows[1][2:] == ("–", "–", "–", "–", "–")


def test_runs_of_other_outcomes_are_refused(runs: tuple[Path, Path], tmp_path: Path) -> None:
    shutil.copytree(runs[1], tmp_path / "other")
    path = tmp_path / "other" / "config.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("outcome: y", "outcome: f2"), encoding="utf-8")
    with pytest.raises(DataError, match=r"predicts 'y', .* predicts 'f2'"):
        beside(runs[0], tmp_path / "other")


def test_runs_without_an_arm_in_common_are_refused(runs: tuple[Path, Path], tmp_path: Path) -> None:
    shutil.copytree(runs[1], tmp_path / "other")
    path = tmp_path / "other" / "results.json"
    text = path.read_text(encoding="utf-8").replace('"arm": "one"', '"arm": "x"')
    path.write_text(text.replace('"arm": "two"', '"arm": "z"'), encoding="utf-8")
    with pytest.raises(DataError, match=r"no arm is in both runs: .*one, two; .*x, z"):
        beside(runs[0], tmp_path / "other")


def test_a_folder_without_a_run_is_named(runs: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"holds no results\.json"):
        beside(runs[0], tmp_path)
