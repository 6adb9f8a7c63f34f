"""-v tells versions, every step with its time, and where a fault happened; -q none of it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]
CALL = ("evaluate", "t.csv", "--outcome", "malignant", "--cv", "4", "-o", "out.csv")


def test_steps_are_told_with_their_time(radcompare: Run, table: Path) -> None:
    ended = radcompare(*CALL, "-v")
    assert ended.code == 0
    assert re.search(r"^note: radcompare \d.*, numpy \d", ended.err, flags=re.MULTILINE)
    assert re.search(r"^note: .*: folds: 4 in \d+\.\d s$", ended.err, flags=re.MULTILINE)


def test_without_it_neither_versions_nor_times_are_told(radcompare: Run, table: Path) -> None:
    radcompare(*CALL, "-v")
    ended = radcompare(*CALL)
    assert "numpy" not in ended.err
    assert not re.search(r" in \d+\.\d s$", ended.err, flags=re.MULTILINE)


def test_standard_output_is_the_same(radcompare: Run, table: Path) -> None:
    call = ("select", "t.csv", "--outcome", "malignant", "--scores")
    assert radcompare(*call, "-v").out == radcompare(*call).out
