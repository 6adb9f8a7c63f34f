"""How often every test says p <= 0.05 where arms are equally good, as benchmarks/calibration.py measured it."""

import csv
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from radcompare.compare.design import Design
from radcompare.tables.results import NEAR, in_percent

Key = tuple[str, str]
"""Test and metric."""


class Rates(NamedTuple):
    """The lowest and the highest rate over numbers of cases and over arms that know something and nothing."""

    low: float
    high: float

    @property
    def fits(self) -> bool:
        """Whether all of them are near enough to 0.05."""
        return NEAR[0] <= self.low and self.high <= NEAR[1]

    def __str__(self) -> str:
        return in_percent(self)


def rates_of(design: Design) -> Mapping[Key, Rates]:
    """What was measured for the design that is nearest to this one; empty where none is near."""
    name = simulated(design)
    return {} if name is None else measured().get(name, {})


def simulated(design: Design) -> str | None:
    """The simulated design that is nearest, by its name in the table; None for one that nothing stands for."""
    if design.samples:
        return None
    grouped = design.groups is not None
    if design.runs > 1:
        name = "5x2 folds" if design.folds == 2 else "5x10 folds"
        return None if grouped else name
    if design.leaves_one_out:
        return None if grouped else "leave-one-out"
    name = "test cohort" if design.folds == 1 else "10 folds"
    return f"{name}, grouped" if grouped else name


@cache
def measured() -> Mapping[str, Mapping[Key, Rates]]:
    """The rates of every test by design."""
    text = files("radcompare.compare").joinpath("calibration.csv").read_text(encoding="utf-8")
    found: dict[str, dict[Key, list[float]]] = {}
    for row in csv.DictReader(text.splitlines()):
        if row["kind"] == "test":
            rates = found.setdefault(row["design"], {}).setdefault((row["name"], row["metric"]), [])
            rates.append(float(row["rate"]))
    return {
        design: {key: Rates(min(rates), max(rates)) for key, rates in tests.items()}
        for design, tests in found.items()
    }


def miscalibrated(design: Design, tests: Collection[Key]) -> Iterator[str]:
    """What to know of these tests in this design; nothing where all keep their 5 %."""
    rates = rates_of(design)
    unknown = [f"{test} ({metric})" for test, metric in tests if (test, metric) not in rates]
    if unknown:
        yield f"how often this errs was not simulated for this design: {', '.join(sorted(unknown))}"
    off = {key: rate for key, rate in rates.items() if key in set(tests) and not rate.fits}
    if not off:
        return
    told = ", ".join(f"{test} {rate} ({metric})" for (test, metric), rate in off.items())
    meaning = (
        "5 % is right",
        "less is cautious" if any(rate.low < NEAR[0] for rate in off.values()) else "",
        "more came mostly of arms that know nothing"
        if any(rate.high > NEAR[1] for rate in off.values())
        else "",
    )
    yield (
        f"in simulations of equally good arms ({simulated(design)}, 40 to 250 cases) p was at most 0.05 in: {told}; "
        + "; ".join(filter(None, meaning))
    )
