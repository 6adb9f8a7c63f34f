"""What cannot be seen is written out, and what can stays as it is."""

import unicodedata

import pytest

from radcompare.printable import visible

SEEN = ("", "plain", "a b", "ü − ×", "שלום", "漢字", "e\u0301", "😀", "back\\slash", "'\"<&>")
UNSEEN = {
    "\n": r"\n",
    "\r": r"\r",
    "\t": r"\t",
    "\0": r"\x00",
    "\x1b[2J": r"\x1b[2J",
    "\x7f": r"\x7f",
    "\x9b31m": r"\x9b31m",
    "\xa0": r"\xa0",
    "\u200b": r"\u200b",
    "\u202e": r"\u202e",
    "\u2028": r"\u2028",
    "\udcff": r"\udcff",
    "\U000e0001": r"\U000e0001",
    "a\nb\x07c": r"a\nb\x07c",
}


@pytest.mark.parametrize("text", SEEN)
def test_what_can_be_seen_stays(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(("text", "shown"), UNSEEN.items())
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_signs_that_are_ours_are_kept() -> None:
    assert visible("a\n\tb\r", kept="\n\t") == "a\n\tb\\r"


@pytest.mark.slow
def test_nothing_that_controls_comes_through() -> None:
    every = "".join(map(chr, range(0x110000)))
    assert not {unicodedata.category(sign) for sign in visible(every)} & {
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Cn",
        "Zl",
        "Zp",
    }
