"""The program in this process: what a shell would see, without a new interpreter for every command."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radcompare.cli import main

CASES = 24


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """What follows `error: ` on standard error, to the hint."""
        return self.err.partition("error: ")[2].partition("\nhint: ")[0].rstrip("\n")

    @property
    def hint(self) -> str:
        return self.err.partition("\nhint: ")[2].rstrip("\n")


Run = Callable[..., Ended]


class Stdin:
    """Standard input that holds given bytes."""

    def __init__(self, content: bytes) -> None:
        self.buffer = io.BufferedReader(io.BytesIO(content))  # type: ignore[arg-type]


@pytest.fixture
def radcompare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in an empty folder with a cache of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RADCOMPARE_CACHE", str(tmp_path / ".cache"))
    monkeypatch.delenv("RADCOMPARE_DEBUG", raising=False)

    def run(*arguments: object, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr(sys, "argv", ["radcompare", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", Stdin(stdin))
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Ended(int(caught.value.code or 0), out, err)

    return run


def feature_frame() -> pd.DataFrame:
    """24 cases of 12 patients; F0 and F1 differ between the classes, F2 to F5 are noise."""
    random = np.random.default_rng(0)
    outcome = np.tile([0, 1], CASES // 2)
    features = {
        f"original_firstorder_F{i}": random.normal(size=CASES) + (i < 2) * 1.5 * outcome for i in range(6)
    }
    ids = [f"c{i:02d}" for i in range(CASES)]
    patients = [f"p{i // 2}" for i in range(CASES)]
    return pd.DataFrame({"ID": ids, "patient_id": patients, "malignant": outcome, **features})


def prediction_frame() -> pd.DataFrame:
    """Two arms on the same 24 cases, with the four columns that any program can write."""
    random = np.random.default_rng(1)
    outcome = np.tile([0, 1], CASES // 2)
    arms = [
        pd.DataFrame(
            {
                "ID": [f"c{i:02d}" for i in range(CASES)],
                "arm": arm,
                "y_true": outcome,
                "score": np.clip(0.4 + 0.2 * outcome + 0.2 * random.normal(size=CASES), 0, 1),
            }
        )
        for arm in ("a", "b")
    ]
    return pd.concat(arms, ignore_index=True)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    feature_frame().to_csv(path, index=False)
    return path


@pytest.fixture
def predictions(tmp_path: Path) -> Path:
    path = tmp_path / "p.csv"
    prediction_frame().to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a phantom cohort of six cases."""
    from radcompare.config import Phantom
    from radcompare.imaging.phantom import write_cohort

    folder = tmp_path_factory.mktemp("phantom")
    write_cohort(Phantom(cases=6), folder)
    return folder


@pytest.fixture
def cohort(phantom: Path, tmp_path: Path) -> Callable[..., Path]:
    """Write a cohort file of the phantom cases, changed as asked."""

    def write(change: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame) -> Path:
        frame = pd.read_csv(phantom / "cohort.csv")
        for column in ("Image", "Mask"):
            frame[column] = [str(phantom / path) for path in frame[column]]
        path = tmp_path / "cohort.csv"
        change(frame).to_csv(path, index=False)
        return path

    return write
