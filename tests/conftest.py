"""Where the tests find real data; nothing of it is in the repository."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def _folder(path: Path, variable: str) -> Path:
    if not path.is_dir():
        pytest.skip(f"no data at {path}: set {variable} to the folder that holds it")
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real images and tables."""
    return _folder(Path(os.environ.get("RADCOMPARE_DATA", SHARED / "data")), "RADCOMPARE_DATA")


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """Values that other programs computed."""
    return _folder(Path(os.environ.get("RADCOMPARE_REFERENCE", SHARED / "reference")), "RADCOMPARE_REFERENCE")


@pytest.fixture(autouse=True, scope="session")
def _figures_as_svg_alone() -> Iterator[None]:
    """PNG and PDF of every figure of every run would double the time of the tests; tests/report/ has them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("radcompare.report.drawn.FORMATS", ("svg",))
        yield
