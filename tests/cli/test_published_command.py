"""`compare --published`: figures typed from a paper."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]
DEEP = ("--published", "deep: auc=0.712 n_pos=20 n_neg=20 right=31")
MERGED = ("--published", "merged: auc=0.935 n_pos=20 n_neg=20 right=36")


def test_the_lecture_s_figures(radcompare: Run) -> None:
    ended = radcompare("compare", *DEEP, *MERGED, "--same-cases")
    assert ended.code == 0
    assert "deep against merged: AUC -0.223 [-0.403, -0.043], p = 0.015" in ended.out
    assert "p lies between 0.0625 and 0.267" in ended.err
    assert "Refused: fisher-exact (deep, merged)" in ended.out


def test_for_programs(radcompare: Run) -> None:
    ended = radcompare("compare", *DEEP, *MERGED, "--json")
    found = json.loads(ended.out)
    assert [pair["test"] for pair in found["pairs"]] == ["hanley-mcneil", "fisher-exact"]
    assert found["arms"][0]["n_pos"] == 20


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ((), "nothing to compare"),
        (("--published", "auc=0.7"), "an AUC without n_pos and n_neg"),
        ((*DEEP, "--same-cases"), "--same-cases without two --published"),
        ((*DEEP, *MERGED, "--correlation", "0.5"), "--correlation without --same-cases"),
        ((*DEEP, *MERGED, "--same-cases", "--correlation", "1"), "expected more than -1 and less than 1"),
        ((*DEEP, *DEEP), "two arms are called 'deep'"),
        ((*DEEP, *MERGED, "--reference", "deeper"), "unknown arm 'deeper'; did you mean 'deep'?"),
    ],
)
def test_wrong_figures(radcompare: Run, options: tuple[str, ...], error: str) -> None:
    ended = radcompare("compare", *options)
    assert ended.code == 2
    assert error in ended.err
