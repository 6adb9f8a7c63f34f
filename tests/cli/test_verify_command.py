"""verify, freeze and run --locked: an untouched run comes out again, and what was changed is named."""

import json
import shutil
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

Run = Callable[..., Any]

CONFIG = """
name: kept
cohort: cohort/cohort.csv
outcome: malignant
sources: {r219: {extractor: r219}, size: {columns: diameter_mm}}
arms: {small: {sources: size}, rf: {sources: r219, select: "anova:5", classifiers: logistic-l2}}
reference: small
validation: {folds: 3}
"""


@pytest.fixture
def folder(radcompare: Run, phantom: Path, tmp_path: Path) -> Path:
    """A finished run of six cases, and the files it was made from beside it."""
    shutil.copytree(phantom, tmp_path / "cohort")
    (tmp_path / "kept.yaml").write_text(CONFIG, encoding="utf-8")
    assert radcompare("run", "kept.yaml", "--out", "run", "-q").code == 0
    return tmp_path / "run"


def spoil_mask(folder: Path) -> str:
    """Give the second case the mask of the first."""
    first, second, *_ = sorted((folder.parent / "cohort" / "mask").iterdir())
    second.write_bytes(first.read_bytes())
    return second.name


def set_key(path: Path, key: str, value: object) -> None:
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    raw[key] = value
    path.write_text(yaml.safe_dump(raw, sort_keys=False), encoding="utf-8")


def change_stored(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    stored = json.loads((folder / "run.json").read_text())
    change(stored)
    (folder / "run.json").write_text(json.dumps(stored))


@pytest.mark.slow
def test_an_untouched_run_comes_out_and_nothing_in_it_changes(radcompare: Run, folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    ended = radcompare("verify", "run", "-j", "2")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "Compared 7 files: every number to its last digit, as the versions are the same.",
        "SAME: run comes out as it is stored.",
    ]
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.slow
def test_a_changed_mask_is_the_first_cause(radcompare: Run, folder: Path) -> None:
    name = spoil_mask(folder)
    ended = radcompare("verify", "run")
    assert ended.code == 5
    first = ended.out.splitlines()[0]
    assert first.startswith(f"input differs: the mask of case phantom-002 ({name}): SHA-256 ")
    assert ended.out.splitlines()[-1].startswith("DIFFERS: first of all input: the mask of case phantom-002")


@pytest.mark.slow
def test_a_changed_seed_is_named(radcompare: Run, folder: Path) -> None:
    set_key(folder / "config.yaml", "seed", 2)
    ended = radcompare("verify", "run", "--json")
    told = json.loads(ended.out)
    assert (ended.code, told["same"], told["exact"]) == (5, False, True)
    assert told["causes"] == [{"kind": "seed", "what": "seed", "stored": "1", "found": "2"}]
    assert any(each["file"] == "predictions.csv" for each in told["differences"])


@pytest.mark.slow
def test_a_changed_setting_is_named_by_its_key(radcompare: Run, folder: Path) -> None:
    set_key(folder / "config.yaml", "confidence", 0.9)
    ended = radcompare("verify", "run")
    assert ended.code == 5
    assert ended.out.splitlines()[0] == "setting differs: confidence: 0.95 stored, 0.9 found"


@pytest.mark.slow
def test_another_version_alone_is_told_and_is_no_difference(radcompare: Run, folder: Path) -> None:
    change_stored(folder, lambda stored: stored["versions"].update({"scikit-learn": "0.1"}))
    ended = radcompare("verify", "run")
    assert ended.code == 0
    assert ended.out.startswith("version differs: scikit-learn: 0.1 stored, ")
    assert "as versions differ" in ended.out


@pytest.mark.slow
def test_another_version_that_moves_a_number_is_the_first_cause(radcompare: Run, folder: Path) -> None:
    change_stored(folder, lambda stored: stored["versions"].update({"scikit-learn": "0.1"}))
    path = folder / "predictions.csv"
    lines = path.read_text().splitlines()
    number = next(row for row, line in enumerate(lines) if ",rf," in line)
    cells = lines[number].split(",")
    place = lines[0].split(",").index("score")
    cells[place] = str(float(cells[place]) + 0.1)
    lines[number] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n")
    ended = radcompare("verify", "run")
    assert ended.code == 5
    assert ended.out.splitlines()[-1].startswith("DIFFERS: first of all version: scikit-learn: 0.1 stored")
    assert "predictions.csv: score of phantom-" in ended.out


@pytest.mark.slow
def test_a_number_that_somebody_wrote_into_the_results(radcompare: Run, folder: Path) -> None:
    path = folder / "results.json"
    stored = json.loads(path.read_text())
    stored["arms"][0]["auc"] = 0.999
    path.write_text(json.dumps(stored))
    ended = radcompare("verify", "run")
    assert ended.code == 5
    assert ended.out.startswith("results.json: arms[")


@pytest.mark.parametrize("name", ["cohort.csv", "image"])
def test_what_is_gone_is_told(radcompare: Run, folder: Path, name: str) -> None:
    target = folder.parent / "cohort" / name
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    ended = radcompare("verify", "run")
    if name == "cohort.csv":
        assert (ended.code, "cohort.csv: is not there any more" in ended.error) == (3, True)
    else:
        assert ended.code == 5
        assert ended.out.count("no file found") == 6
        assert "cannot be run again" in ended.out


@pytest.mark.parametrize("command", [["verify", "."], ["freeze", ".", "-o", "x.zip"]])
def test_a_folder_without_a_run(radcompare: Run, command: list[str]) -> None:
    ended = radcompare(*command)
    assert (ended.code, ended.error) == (3, ".: holds no results.json")


@pytest.mark.usefixtures("folder")
class TestLocked:
    @pytest.mark.slow
    def test_runs_where_nothing_changed(self, radcompare: Run) -> None:
        assert radcompare("run", "kept.yaml", "--out", "run", "-q", "--locked").code == 0

    def test_refuses_another_mask_and_leaves_the_run(self, radcompare: Run, folder: Path) -> None:
        before = (folder / "results.json").read_bytes()
        spoil_mask(folder)
        ended = radcompare("run", "kept.yaml", "--out", "run", "--locked")
        assert (ended.code, ended.out) == (5, "")
        assert "the mask of case phantom-002" in ended.error
        assert (folder / "results.json").read_bytes() == before

    def test_refuses_another_table(self, radcompare: Run, folder: Path) -> None:
        path = folder.parent / "cohort" / "cohort.csv"
        path.write_text(path.read_text() + "\n")
        ended = radcompare("run", "kept.yaml", "--out", "run", "--locked")
        assert (ended.code, "input: cohort.csv: SHA-256" in ended.error) == (5, True)

    @pytest.mark.slow
    def test_knows_both_tables_of_two_hospitals(self, radcompare: Run, tmp_path: Path) -> None:
        for name in ("here", "there"):
            rows = [f"{name}{row},{row % 2},{row * 1.5}" for row in range(12)]
            (tmp_path / f"{name}.csv").write_text("\n".join(["ID,y,original_shape_X", *rows]) + "\n")
        (tmp_path / "two.yaml").write_text(
            "table: here.csv\ntest_table: there.csv\noutcome: y\nsources: {x: {columns: 'original_*'}}\n"
            "arms: {a: {sources: x}}\n"
        )
        command = ("run", "two.yaml", "--out", "two", "-q")
        assert radcompare(*command).code == 0
        assert radcompare(*command, "--locked").code == 0
        (tmp_path / "there.csv").write_text((tmp_path / "there.csv").read_text() + "new,1,3.5\n")
        ended = radcompare(*command, "--locked")
        assert (ended.code, "input: there.csv: SHA-256" in ended.error) == (5, True)

    def test_needs_a_run_to_be_locked_to(self, radcompare: Run, folder: Path) -> None:
        ended = radcompare("run", "kept.yaml", "--out", "new", "--locked")
        assert ended.code == 2
        assert "holds no finished run" in ended.error
        assert not (folder.parent / "new").exists()


@pytest.mark.usefixtures("folder")
class TestFreeze:
    @pytest.mark.slow
    def test_holds_all_but_images_and_says_what_it_holds(self, radcompare: Run) -> None:
        ended = radcompare("freeze", "run", "-o", "bundle.zip")
        assert ended.code == 0
        with zipfile.ZipFile("bundle.zip") as bundle:
            names = bundle.namelist()
            assert ended.out.splitlines() == names
            assert {"config.yaml", "run.json", "results.json", "features/r219.csv", "environment.txt"} <= set(
                names
            )
            assert not [name for name in names if name.endswith((".nii.gz", ".nii"))]
            manifest = json.loads(bundle.read("MANIFEST.json"))
            assert set(manifest) == set(names) - {"MANIFEST.json"}
            assert all(sha256(bundle.read(name)).hexdigest() == digest for name, digest in manifest.items())
            assert "numpy==" in bundle.read("environment.txt").decode()

    @pytest.mark.slow
    def test_the_same_run_is_the_same_bytes(self, radcompare: Run) -> None:
        for name in ("one.zip", "two.zip"):
            assert radcompare("freeze", "run", "-o", name).code == 0
        assert Path("one.zip").read_bytes() == Path("two.zip").read_bytes()

    @pytest.mark.slow
    def test_the_images_of_a_phantom_stay_out(self, radcompare: Run, tmp_path: Path) -> None:
        (tmp_path / "p.yaml").write_text(
            "cohort: phantom\nphantom: {cases: 8}\noutcome: malignant\nsources: {s: {columns: diameter_mm}}\n"
            "arms: {a: {sources: s}}\nvalidation: {folds: 2}\n"
        )
        assert radcompare("run", "p.yaml", "--out", "p", "-q").code == 0
        assert list((tmp_path / "p" / "cohort").rglob("*.nii.gz"))
        ended = radcompare("freeze", "p", "-o", "p.zip")
        assert "cohort/" not in ended.out

    def test_needs_the_name_of_a_zip_file(self, radcompare: Run) -> None:
        assert radcompare("freeze", "run", "-o", "bundle.tar").code == 2
