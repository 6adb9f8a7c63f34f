"""Figures of an arm as they are typed from a publication: `deep: auc=0.712 n_pos=20 n_neg=20`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from radcompare.compare.hanley_mcneil import Summary
from radcompare.errors import ConfigError, TestRefused, did_you_mean

EXAMPLE = "for example --published 'deep: auc=0.712 n_pos=20 n_neg=20' or --published 'deep: right=31 n=40'"
COUNTS, SHARES = ("n", "n_pos", "n_neg", "right"), ("auc", "accuracy")
HALF_A_DIGIT = 0.0051
"""How far an accuracy may be from a share of whole cases: papers print two decimals."""


@dataclass(frozen=True)
class Published:
    """What is known of an arm.

    Attributes:
        name: to be told by.
        n, right: cases, and how many of them it got right; None where not told.
        area: its AUC; None where not told.
    """

    name: str
    n: int | None = None
    right: int | None = None
    area: Summary | None = None

    @property
    def cases(self) -> int:
        """How many cases the figures are of."""
        if self.n is not None:
            return self.n
        assert self.area is not None
        return self.area.n_pos + self.area.n_neg


def parse_published(text: str, number: int) -> Published:
    """Read `NAME: auc=0.712 n_pos=20 n_neg=20`, or `right=31 n=40`, or `accuracy=0.775 n=40`, or both kinds.

    Args:
        text: what was typed; the name may be missing.
        number: for the name then.

    Raises:
        ConfigError: it cannot be read, or its figures contradict each other.
    """
    name, colon, rest = text.rpartition(":")
    if colon and not name.strip():
        raise ConfigError(f"--published {text!r}: no name before the colon", EXAMPLE)
    values = dict(_pairs(rest, text))
    figures = {key: _figure(key, value, text) for key, value in values.items()}
    counts = {key: int(figures[key]) for key in COUNTS if key in figures}
    area = _area(figures, counts, text)
    n = _cases(counts, text)
    right = _right(figures, counts, n, text)
    if area is None and right is None:
        raise ConfigError(f"--published {text!r}: neither an AUC nor an accuracy", EXAMPLE)
    return Published(name.strip() or f"published {number}", n, right, area)


def check_names(summaries: Sequence[Published], arms: Sequence[str]) -> None:
    """Refuse two summaries, or a summary and an arm, of one name.

    Raises:
        ConfigError: which name it is.
    """
    seen = set(arms)
    for summary in summaries:
        if summary.name in seen:
            raise ConfigError(
                f"--published: two arms are called {summary.name!r}", "write 'NAME: ...' in front"
            )
        seen.add(summary.name)


def _pairs(text: str, whole: str) -> Iterator[tuple[str, str]]:
    seen = set()
    for part in filter(None, re.split(r"[\s,;]+", text.strip())):
        key, equals, value = part.partition("=")
        if not equals or not value:
            raise ConfigError(f"--published {whole!r}: expected KEY=NUMBER, found {part!r}", EXAMPLE)
        if key not in (*COUNTS, *SHARES):
            known = ", ".join((*SHARES, *COUNTS))
            raise ConfigError(
                f"--published {whole!r}: unknown key {key!r}{did_you_mean(key, (*SHARES, *COUNTS))}",
                f"known: {known}",
            )
        if key in seen:
            raise ConfigError(f"--published {whole!r}: {key} is given twice", EXAMPLE)
        seen.add(key)
        yield key, value


def _figure(key: str, value: str, whole: str) -> float:
    whole_number = key in COUNTS
    pattern, what = (
        (r"\d{1,9}", "a whole number") if whole_number else (r"(0?\.\d+|[01](\.0*)?)", "a number from 0 to 1")
    )
    if not re.fullmatch(pattern, value):
        raise ConfigError(f"--published {whole!r}: {key} is {value!r}, expected {what}", EXAMPLE)
    return float(value)


def _area(figures: dict[str, float], counts: dict[str, int], whole: str) -> Summary | None:
    if "auc" not in figures:
        return None
    missing = [key for key in ("n_pos", "n_neg") if key not in counts]
    if missing:
        problem = f"--published {whole!r}: an AUC without {' and '.join(missing)}"
        raise ConfigError(
            problem, "how sure an AUC is depends on the number of positive and of negative cases"
        )
    try:
        return Summary(figures["auc"], counts["n_pos"], counts["n_neg"])
    except TestRefused as refusal:
        raise ConfigError(f"--published {whole!r}: {refusal.message}", refusal.hint) from None


def _cases(counts: dict[str, int], whole: str) -> int | None:
    both = counts["n_pos"] + counts["n_neg"] if {"n_pos", "n_neg"} <= counts.keys() else None
    n = counts.get("n", both)
    if n is not None and both is not None and n != both:
        raise ConfigError(f"--published {whole!r}: n is {n}, n_pos and n_neg make {both}", "leave out n")
    return n


def _right(figures: dict[str, float], counts: dict[str, int], n: int | None, whole: str) -> int | None:
    if "right" not in counts and "accuracy" not in figures:
        return None
    if n is None or n < 1:
        raise ConfigError(f"--published {whole!r}: an accuracy without the number of cases", "give n=...")
    right = counts.get("right", round(figures.get("accuracy", 0.0) * n))
    if right > n:
        raise ConfigError(f"--published {whole!r}: {right} right of {n} cases", "give at most n")
    if "accuracy" in figures and abs(right / n - figures["accuracy"]) > HALF_A_DIGIT:
        problem = (
            f"--published {whole!r}: an accuracy of {figures['accuracy']:g} is not {right} right of {n} cases"
        )
        raise ConfigError(problem, "give right=... in its place")
    return right
