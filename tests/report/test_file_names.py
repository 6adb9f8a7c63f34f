"""Names from data as names of files."""

import pytest

from radcompare.report.file_names import LONGEST, file_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("r219", "r219"),
        ("cnn-f_v1.2", "cnn-f_v1.2"),
        ("../secret", "%2E.%2Fsecret"),
        ("a b,c", "a%20b%2Cc"),
        ("C:\\x", "C%3A%5Cx"),
        ("ö", "%C3%B6"),
        (".", "%2E"),
        ("", ""),
    ],
)
def test_a_name_becomes_a_safe_one(name: str, expected: str) -> None:
    assert file_name(name) == expected


def test_long_names_are_cut_and_stay_different() -> None:
    names = [file_name("肺" * 100 + tail) for tail in ("a", "b")]
    assert names[0] != names[1]
    assert all(len(name) == LONGEST + 17 for name in names)


def test_a_name_that_just_fits_is_kept() -> None:
    assert file_name("a" * LONGEST) == "a" * LONGEST
