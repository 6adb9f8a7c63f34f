"""How often every test says p < 0.05 where two arms are equally good, and how often every interval holds the truth.

    python benchmarks/calibration.py [--draws 2000] [--cases 40 100 250] [--jobs 2] [--write]

Three arms of three Gaussian features each, equally informative (AUC of an arm about 0.75; or noise), correlated
between the arms, half of the cases positive; Gaussian naive Bayes. Features are given: what selection adds is in
noise.py. Judged by what the program itself would do: the tests that it chooses for the design and every other one it
would allow between the first two arms, the one over all three, and its intervals of accuracy, AUC and the difference.

The truth that an interval should hold is the mean performance, on fresh cases, of models trained on as many cases as
those of a fold; of a difference it is 0. Models for a test cohort are trained on 4000 cases: then both arms are
equally good, where two models of small training sets would truly differ.

With --write, the rows of the designs that were run are renewed in radcompare/compare/calibration.csv, which the
program reads, and in the table of docs/statistics.md, design by design: an interrupted run keeps what is done.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare import registry
from radcompare.compare.arm import clusters
from radcompare.compare.auc import auc
from radcompare.compare.cochran import cochran_q
from radcompare.compare.metrics import measure_run
from radcompare.compare.pair import Pair, pair_up, tests_of
from radcompare.compare.result import Comparison
from radcompare.config import Statistics
from radcompare.parallel import each
from radcompare.tables.results import NEAR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEATURES, SHIFT, BETWEEN_ARMS, WITHIN_PATIENT = 3, 0.55, 0.5, 0.5
"""Features of an arm, distance of the classes, correlations between the arms' features and between lesions."""
FRESH = 4000
ARMS = ("a", "b", "c")
KINDS = {"signal": SHIFT, "noise": 0.0}
SIZES = (40, 100, 250)
RESAMPLED = ("bootstrap", "permutation")
"""Tests that resample: run on every fourth draw, as is the bootstrap interval."""
SPARSELY = 4
ROOT = Path(__file__).parent.parent
TABLE, PAGE = ROOT / "radcompare" / "compare" / "calibration.csv", ROOT / "docs" / "statistics.md"
BEGIN, END = "<!-- calibration: begin -->", "<!-- calibration: end -->"


@dataclass(frozen=True)
class Scheme:
    """A design: runs and folds (0 for leave-one-out, 1 for a test cohort), and how many lesions a patient has."""

    name: str
    runs: int = 1
    folds: int = 10
    lesions: int = 1


SCHEMES = (
    Scheme("test cohort", folds=1),
    Scheme("test cohort, grouped", folds=1, lesions=2),
    Scheme("10 folds"),
    Scheme("10 folds, grouped", lesions=2),
    Scheme("leave-one-out", folds=0),
    Scheme("5x10 folds", runs=5),
    Scheme("5x2 folds", runs=5, folds=2),
)

Task = tuple[Scheme, int, str, int]
"""Design, cases, kind of arms, seed."""


@dataclass(frozen=True)
class Draw:
    """What one draw says.

    Attributes:
        rejected: by (test, metric), whether p <= 0.05.
        intervals: by (method, metric), the interval.
        worth: AUC and accuracy of the models on fresh cases.
    """

    rejected: dict[tuple[str, str], bool]
    intervals: dict[tuple[str, str], tuple[float, float]]
    worth: dict[str, float]


def features(rng: np.random.Generator, y: Ints, patient: Ints, shift: float) -> Floats:
    """Features of shape (arms, cases, features): correlated between arms, and between lesions of a patient."""
    shape = (FEATURES, len(y))

    def noise() -> Floats:
        own, common = rng.normal(size=shape), rng.normal(size=(FEATURES, int(patient.max()) + 1))[:, patient]
        single = len(np.unique(patient)) == len(patient)
        rho = 0.0 if single else WITHIN_PATIENT
        return np.asarray(np.sqrt(1 - rho) * own + np.sqrt(rho) * common)

    shared = noise()
    arms = [np.sqrt(BETWEEN_ARMS) * shared + np.sqrt(1 - BETWEEN_ARMS) * noise() + shift * y for _ in ARMS]
    return np.stack([arm.T for arm in arms])


def naive_bayes(train: Floats, y: Ints, test: Floats) -> Floats:
    """Log odds of class 1 of the test rows by Gaussian naive Bayes."""
    odds = np.log(y.mean() / (1 - y.mean())) * np.ones(len(test))
    for label, sign in ((1, 1.0), (0, -1.0)):
        rows = train[y == label]
        mean, variance = rows.mean(axis=0), rows.var(axis=0) + 1e-9
        odds += sign * (-0.5 * ((test - mean) ** 2 / variance + np.log(variance))).sum(axis=1)
    return odds


def divided(rng: np.random.Generator, y: Ints, patient: Ints, folds: int) -> Ints:
    """The fold of every case: patients in one fold, classes evenly over the folds."""
    if folds == 0:
        return np.arange(len(y))
    of_patient = np.empty(int(patient.max()) + 1, dtype=np.int64)
    first = np.unique(patient, return_index=True)[1]
    start = 0
    for label in (0, 1):
        mine = rng.permutation(patient[first[y[first] == label]])
        of_patient[mine] = (start + np.arange(len(mine))) % folds
        start += len(mine)
    return of_patient[patient]


def draw(task: Task) -> Draw:
    """Simulate once, and judge by the program's tests and intervals."""
    scheme, cases, kind, seed = task
    rng = np.random.default_rng([seed, cases, SCHEMES.index(scheme), list(KINDS).index(kind)])
    patient = np.arange(cases) // scheme.lesions
    y = (patient % 2).astype(np.int64)
    X = features(rng, y, patient, KINDS[kind])
    fresh_y = (np.arange(FRESH) % 2).astype(np.int64)
    fresh = features(rng, fresh_y, np.arange(FRESH), KINDS[kind])
    rows: dict[str, list[pd.DataFrame]] = {arm: [] for arm in ARMS}
    if scheme.folds == 1:
        one_fold = np.zeros(cases, np.int64)
        for arm, train, test in zip(ARMS, fresh, X, strict=True):
            rows[arm].append(_frame(arm, y, naive_bayes(train, fresh_y, test), one_fold, 0, patient, scheme))
    else:
        for run in range(scheme.runs):
            fold = divided(rng, y, patient, scheme.folds)
            for arm, values in zip(ARMS, X, strict=True):
                rows[arm].append(_frame(arm, y, _crossed(values, y, fold), fold, run, patient, scheme))
    # Trained on as many cases as a fold trains on; with a test cohort on so many that both arms are equally good.
    unseen = features(rng, fresh_y, np.arange(FRESH), KINDS[kind]) if scheme.folds == 1 else fresh
    used = divided(rng, y, patient, scheme.folds) != 0 if scheme.folds > 1 else np.ones(cases, bool)
    worth = {}
    for arm, values, first, new in zip(ARMS, X, fresh, unseen, strict=True):
        learned = (first, fresh_y) if scheme.folds == 1 else (values[used], y[used])
        odds = naive_bayes(*learned, new)
        worth |= {f"auc {arm}": auc(fresh_y, odds), f"accuracy {arm}": float(((odds > 0) == fresh_y).mean())}
    frames = {arm: pd.concat(parts, ignore_index=True) for arm, parts in rows.items()}
    pair = pair_up("a", frames["a"], "b", frames["b"])
    tests = list(_tests(pair, sparse=seed % SPARSELY == 0))
    intervals = {
        (f"{test.test} (difference)", test.metric): test.ci for test in tests if test.ci is not None
    } | (dict(_intervals(frames["a"], sparse=seed % SPARSELY == 0)) if scheme.runs == 1 else {})
    rejected = {(test.test, test.metric): test.p <= 0.05 for test in tests}
    if scheme.runs == scheme.lesions == 1:
        over_all = cochran_q(y, [frames[arm]["predicted"] for arm in ARMS])
        rejected[over_all.test, over_all.metric] = over_all.p <= 0.05
    return Draw(rejected, intervals, worth)


def _crossed(X: Floats, y: Ints, fold: Ints) -> Floats:
    odds = np.empty(len(y))
    for number in range(int(fold.max()) + 1):
        test = fold == number
        odds[test] = naive_bayes(X[~test], y[~test], X[test])
    return odds


def _frame(
    arm: str, y: Ints, odds: Floats, fold: Ints, run: int, patient: Ints, scheme: Scheme
) -> pd.DataFrame:
    chance = 1 / (1 + np.exp(-odds))
    columns = {
        "ID": np.arange(len(y)),
        "arm": arm,
        "repeat": run,
        "fold": fold,
        "y_true": y,
        "score": odds,
        "predicted": (odds > 0).astype(np.int64),
        "probability": chance,
    }
    if scheme.lesions > 1:
        columns["group"] = patient.astype(str)
    return pd.DataFrame(columns)


def _tests(pair: Pair, *, sparse: bool) -> Iterator[Comparison]:
    """Every test that the program would run for this pair when asked by name; refusals fall away."""
    for name in registry.names("test"):
        if name in RESAMPLED and not sparse:
            continue
        for found in tests_of(pair, 0.95, Statistics(tests=(name,), resamples=1000)):
            if isinstance(found, Comparison):
                yield found


def _intervals(rows: pd.DataFrame, *, sparse: bool) -> Iterator[tuple[tuple[str, str], tuple[float, float]]]:
    for how in ("standard", "exact", *(["bootstrap"] if sparse else [])):
        statistics = Statistics(intervals=how, resamples=1000)
        found = measure_run(rows[["y_true", "score", "predicted"]], clusters(rows), statistics, 0.95).metrics
        for metric in ("accuracy", "auc"):
            if found[metric].ci is not None:
                yield (found[metric].method, metric), found[metric].ci


def table(scheme: Scheme, draws: int, sizes: list[int], jobs: int) -> pd.DataFrame:
    """The rate of every test and interval in one design."""
    lines = []
    for cases, kind in product(sizes, KINDS):
        tasks = [(scheme, cases, kind, seed) for seed in range(draws)]
        found = list(each(draw, tasks, jobs=jobs))
        lines += _rates(scheme, cases, kind, found)
        print(f"{scheme.name}, {cases} cases, {kind}: done", flush=True)
    return pd.DataFrame(lines)


def _rates(scheme: Scheme, cases: int, kind: str, found: list[Draw]) -> Iterator[dict[str, object]]:
    where = {"design": scheme.name, "cases": cases, "arms": kind}
    for name in dict.fromkeys(name for one in found for name in one.rejected):
        said = [one.rejected[name] for one in found if name in one.rejected]
        yield where | _line("test", name, said)
    for name in dict.fromkeys(name for one in found for name in one.intervals):
        method, metric = name
        truth = _truth(method, metric, found)
        limits = [one.intervals[name] for one in found if name in one.intervals]
        held = [low <= truth <= high for low, high in limits]
        yield where | _line("interval", name, held)


def _line(kind: str, name: tuple[str, str], said: list[bool]) -> dict[str, object]:
    rate = float(np.mean(said))
    error = float(np.sqrt(rate * (1 - rate) / len(said)))
    return {
        "kind": kind,
        "name": name[0],
        "metric": name[1],
        "draws": len(said),
        "rate": round(rate, 4),
        "error": round(error, 4),
    }


def _truth(method: str, metric: str, found: list[Draw]) -> float:
    if method.endswith("(difference)"):
        return 0.0
    return float(np.mean([other.worth[f"{metric} {arm}"] for other in found for arm in ARMS]))


def fits(rate: float) -> bool:
    """Whether a rejection rate at 0.05 is near enough."""
    return NEAR[0] <= rate <= NEAR[1]


def markdown(rates: pd.DataFrame) -> str:
    """The table of the documentation: a row per design and test, a column per number of cases and kind of arms."""
    parts = []
    for kind, title in (
        ("test", "Share of p ≤ 0.05 (right: 0.05)"),
        ("interval", "Share of 95 % intervals that hold the truth (right: 0.95)"),
    ):
        chosen = rates[rates["kind"] == kind]
        wide = chosen.pivot_table(
            index=["design", "name", "metric"], columns=["arms", "cases"], values="rate", sort=False
        )
        columns = list(wide.columns)
        header = ["design", "method", "metric", *(f"{arms}, {cases}" for arms, cases in columns)]
        lines = [f"### {title}", "", f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
        for index, row in wide.iterrows():
            cells = [_cell(kind, value) for value in row]
            lines.append(f"| {' | '.join([*map(str, index), *cells])} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _cell(kind: str, value: float) -> str:
    if np.isnan(value):
        return "–"
    return f"**{value:.3f}**" if kind == "test" and not fits(value) else f"{value:.3f}"


def write(rates: pd.DataFrame) -> None:
    """Renew these designs in the tables of the documentation."""
    if TABLE.exists():
        kept = pd.read_csv(TABLE)
        rates = pd.concat([kept[~kept["design"].isin(rates["design"])], rates])
    order = [scheme.name for scheme in SCHEMES]
    rates = rates.sort_values("design", key=lambda names: names.map(order.index), kind="stable")
    rates.to_csv(TABLE, index=False)
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{markdown(rates)}\n\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Run all designs and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--cases", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--design", choices=[scheme.name for scheme in SCHEMES], action="append")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    for scheme in SCHEMES:
        if given.design is None or scheme.name in given.design:
            rates = table(scheme, given.draws, given.cases, given.jobs)
            print(markdown(rates), flush=True)
            if given.write:
                write(rates)


if __name__ == "__main__":
    main()
