"""Tables with Weka's scores, and small random tables with everything that a feature table can hold."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray


class Table(NamedTuple):
    X: NDArray[np.float64]
    y: NDArray[np.int64]
    levels: NDArray[np.int64]


class WekaTable(NamedTuple):
    X: NDArray[np.float64]
    y: NDArray[np.int64]
    levels: NDArray[np.int64]
    names: list[str]
    scores: dict[str, list[float]]
    cuts: dict[str, list[float]]


def read_arff(path: Path) -> tuple[list[str], Table]:
    """Attribute names, and values with nominal ones as positions among the declared levels."""
    header, _, body = path.read_text().partition("@data")
    declared = [line.split(None, 2)[1:] for line in header.splitlines() if line.startswith("@attribute")]
    levels = [kind.strip("{}").split(",") if kind.startswith("{") else [] for _, kind in declared]

    def decode(cell: str, known: list[str]) -> float:
        if cell == "?":
            return np.nan
        return float(known.index(cell)) if known else float(cell)

    rows = [list(map(decode, line.split(","), levels)) for line in body.split()]
    table = np.array(rows)
    counts = np.array([len(known) for known in levels[:-1]])
    return [name for name, _ in declared[:-1]], Table(table[:, :-1], table[:, -1].astype(np.int64), counts)


@pytest.fixture(scope="session")
def weka_table(shared_reference: Path) -> Callable[[str], WekaTable]:
    def read(name: str) -> WekaTable:
        folder = shared_reference / "weka"
        names, table = read_arff(folder / f"{name}.arff")
        expected = json.loads((folder / f"{name}.weka397.json").read_text())
        assert expected["columns"] == names
        cuts = {column: found or [] for column, found in expected["scores"].pop("cuts").items()}
        return WekaTable(*table, names, expected["scores"], cuts)

    return read


def random_table(
    seed: int, n: int = 40, *, classes: int = 3, missing: float = 0.15, decimals: int = 8
) -> Table:
    """Numeric, constant, all-missing and nominal columns in turn; few decimals make equal distances."""
    random = np.random.default_rng(seed)
    y = np.concatenate([np.arange(classes), random.integers(0, classes, n - classes)])
    levels = np.array([0, 0, 3, 0, 0, 2, 5, 0, 1, 0])
    X = np.where(levels > 0, random.integers(0, np.maximum(levels, 1), (n, 10)), random.normal(size=(n, 10)))
    X[:, 0] += y
    X = np.round(X, decimals)
    X[:, 3] = 7.25
    X[random.random(X.shape) < missing] = np.nan
    X[:, 4] = np.nan
    X[:, 9] = np.where(np.isnan(X[:, 9]), 0.0, X[:, 9])
    return Table(X, y, levels)


@pytest.fixture
def make_table() -> Callable[..., Table]:
    return random_table
