"""Reading the tables that R wrote, digit for digit."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

Rows = list[dict[str, str]]


@pytest.fixture(scope="session")
def rows(shared_reference: Path) -> Callable[[str], Rows]:
    """The rows of one reference table."""

    def read(name: str) -> Rows:
        with (shared_reference / "proc" / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture(scope="session")
def column(rows: Callable[[str], Rows]) -> Callable[[str, str], NDArray[np.float64]]:
    """One column of a reference table; `-c` is column c with its sign changed."""

    def read(table: str, name: str) -> NDArray[np.float64]:
        values = np.array([float(row[name.removeprefix("-")]) for row in rows(table)])
        return -values if name.startswith("-") else values

    return read
