"""What is packed to be sent: everything of a run but pictures of patients."""

import re
import shutil
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from radcompare.cache import Cache
from radcompare.config import Experiment, parse
from radcompare.errors import TableError
from radcompare.experiment import run
from radcompare.verification.bundle import freeze
from radcompare.verification.verify import verify

EMBEDDED = re.compile(rb'<img[^>]*src="data:image')


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose report embeds what a network was shown."""
    raw = {
        "cohort": "phantom",
        "phantom": {"cases": 8},
        "outcome": "malignant",
        "sources": {
            "size": {"columns": ["diameter_mm"]},
            "net": {"extractor": "deep", "network": "cnn-f", "weights": "random", "layer": "full7"},
        },
        "arms": {"size": {"sources": "size"}, "net": {"sources": "net", "select": "anova:5"}},
        "validation": {"folds": 2},
        "statistics": {"resamples": 100},
        "views": 2,
    }
    folder = tmp_path_factory.mktemp("finished")
    run(parse(Experiment, raw, origin="test"), folder, cache=Cache(None))
    return folder


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    return shutil.copytree(finished, tmp_path / "run")


def packed(folder: Path) -> dict[str, bytes]:
    bundle = folder.with_suffix(".zip")
    freeze(folder, bundle)
    with zipfile.ZipFile(bundle) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def pictures(folder: Path) -> Iterator[bytes]:
    for path in (folder / "views").rglob("*.png"):
        yield path.read_bytes()


def test_the_report_of_the_run_embeds_views_and_that_of_the_bundle_does_not(folder: Path) -> None:
    before = (folder / "report.html").read_bytes()
    assert len(EMBEDDED.findall(before)) == 1
    inside = packed(folder)["report.html"]
    assert not EMBEDDED.search(inside)
    assert (folder / "report.html").read_bytes() == before


def test_no_file_of_a_bundle_holds_a_picture_of_a_case(folder: Path) -> None:
    files = packed(folder)
    shown = list(pictures(folder))
    assert shown
    for picture in shown:
        for name, content in files.items():
            assert picture not in content, name
            assert b64encode(picture) not in content, name
    assert not [name for name in files if name.startswith(("views/", "cohort/"))]


def test_nothing_else_of_the_report_is_lost(folder: Path) -> None:
    whole = (folder / "report.html").read_text(encoding="utf-8")
    bare = packed(folder)["report.html"].decode()
    without = re.sub(r'<section id="views">.*?</section>\n', "", whole, flags=re.DOTALL)
    assert without != whole
    assert bare == without.replace('<a href="#views">What networks saw</a>', "")


def test_tables_and_figures_are_packed_as_they_are(folder: Path) -> None:
    files = packed(folder)
    for name in ("tables/arms.csv", "tables/pairs.tex", "figures/roc.svg", "results.json"):
        assert files[name] == (folder / name).read_bytes()


def test_a_run_without_a_failure_list_is_not_packed(folder: Path) -> None:
    (folder / "failures.csv").unlink()
    with pytest.raises(TableError, match=r"failures\.csv"):
        freeze(folder, folder.with_suffix(".zip"))
    assert not folder.with_suffix(".zip").exists()


def test_results_that_cannot_be_shown_are_refused(folder: Path) -> None:
    path = folder / "results.json"
    path.write_text(
        path.read_text().replace('"a": "size"', '"a": "gone"').replace('"a": "net"', '"a": "gone"')
    )
    with pytest.raises(TableError, match="cannot be shown"):
        freeze(folder, folder.with_suffix(".zip"))


@pytest.mark.slow
def test_verify_minds_neither_views_nor_tables_nor_figures(folder: Path) -> None:
    (folder / "views" / "net" / "sheet-01.png").write_bytes(b"another")
    (folder / "tables" / "arms.csv").unlink()
    shutil.rmtree(folder / "figures")
    found = verify(folder)
    assert (found.same, found.stopped, found.differences) == (True, "", ())
    assert not [name for name in found.compared if name.startswith(("views/", "tables/", "figures/"))]
