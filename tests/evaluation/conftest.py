"""Studies made by hand: cases, an outcome, and sources of features."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import pytest

from radcompare.evaluation.study import Study
from radcompare.tables.outcome import Outcome


def study_of(
    sources: Mapping[str, pd.DataFrame],
    y: Sequence[int] | np.ndarray,
    columns: Mapping[str, Sequence[object] | np.ndarray] | None = None,
    stamps: Mapping[str, str] | None = None,
) -> Study:
    """A study of cases c00, c01, ...; a source may have fewer of them."""
    known = pd.DataFrame(dict(columns or {}), index=ids(len(y)))
    return Study(known, Outcome(np.asarray(y, dtype=np.int64), ("no", "yes")), sources, dict(stamps or {}))


def ids(n: int) -> pd.Index:
    return pd.Index([f"c{i:02d}" for i in range(n)], name="ID")


def random_source(
    seed: int, n: int, p: int, prefix: str = "x", signal: np.ndarray | None = None
) -> pd.DataFrame:
    """Normal numbers; the first column follows `signal` where it is given."""
    X = np.random.default_rng(seed).normal(size=(n, p))
    if signal is not None:
        X[:, 0] += 2 * signal
    return pd.DataFrame(X, index=ids(n), columns=[f"{prefix}{j}" for j in range(p)])


@pytest.fixture
def make_study() -> Callable[..., Study]:
    return study_of


@pytest.fixture
def make_source() -> Callable[..., pd.DataFrame]:
    return random_source
