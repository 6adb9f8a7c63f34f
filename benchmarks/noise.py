"""What the tests say on pure noise: the figures behind the caveats of `radcompare.compare.design`.

    python benchmarks/noise.py [--simulations 200]
    python benchmarks/noise.py --leak

Two arms of 200 noise features each, 60 cases of two classes, the best 10 by Relief-F, naive Bayes: nothing is to be
found. Printed is how often each test says p < 0.05 (5 % would be right), how often the AUC's 95 % interval holds
0.5, and the mean AUC, for leave-one-out, 10 folds and 5 runs of 10 folds; and the same for arms of a single feature.

With --leak: 60 cases of 4000 noise features, the best 10 by Relief-F or symmetric uncertainty, naive Bayes. The mean
AUC has to be 0.5 +- 0.03 where selection is inside the folds; beside it the same with the selection made on all rows
beforehand, which is the mistake.
"""

import argparse
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd

from radcompare.compare.auc import auc
from radcompare.compare.comparison import compare
from radcompare.config import Arm, Selection, Validation
from radcompare.evaluation.arms import evaluate
from radcompare.evaluation.study import Study
from radcompare.parallel import each
from radcompare.selection.choosing import make
from radcompare.selection.ranking import top
from radcompare.tables.outcome import Outcome

CASES, COLUMNS, KEPT = 60, 200, 10
SCENARIOS = (("10", COLUMNS), ("loo", COLUMNS), ("5x10", COLUMNS), ("10", 1), ("loo", 1))
"""Validation, and the number of features of each arm."""


def study(seed: int, columns: int) -> Study:
    """Noise and an outcome that has nothing to do with it."""
    rng = np.random.default_rng(seed)
    ids = pd.Index([f"case-{i}" for i in range(CASES)], name="ID")
    y = np.arange(CASES) % 2
    sources = {
        name: pd.DataFrame(rng.normal(size=(CASES, columns)), index=ids).add_prefix(name)
        for name in ("a", "b")
    }
    return Study(pd.DataFrame({"y": y}, index=ids), Outcome(y.astype(np.int64), ("0", "1")), sources, {})


def simulate(task: tuple[int, str, int]) -> dict[str, float]:
    """One simulation: p of every test, AUC, and whether its interval holds 0.5."""
    seed, scheme, columns = task
    arms = {
        name: Arm(sources=(name,), select=(Selection(method="relieff", top=KEPT),)) for name in ("a", "b")
    }
    evaluation = evaluate(study(seed, columns), arms, Validation.model_validate(scheme), seed=seed)
    results = compare(evaluation.predictions)
    found = {f"{pair.test} ({pair.metric})": float(pair.p < 0.05) for pair in results.pairs}
    first = results.arms[0]
    if first.auc_ci is not None:
        found["AUC interval holds 0.5"] = float(first.auc_ci[0] <= 0.5 <= first.auc_ci[1])
    return found | {"mean AUC": np.nan if first.auc is None else first.auc}


LEAK_COLUMNS = 4000
SELECTORS = ("relieff", "su")


def leak(task: tuple[int, str]) -> dict[str, float]:
    """The AUC of both selectors on one table of noise, selected inside the folds and outside of them."""
    seed, scheme = task
    noise = study(seed, LEAK_COLUMNS)
    X, y = noise.sources["a"], noise.outcome.codes
    arms, sources = {}, dict(noise.sources)
    for name in SELECTORS:
        selection = Selection(method=name, top=KEPT)
        arms[f"{name}, inside"] = Arm(sources=("a",), select=(selection,))
        kept = top(make(selection).fit(X.to_numpy(), y).scores_, KEPT)
        sources[name] = X.iloc[:, kept]
        arms[f"{name}, outside"] = Arm(sources=(name,))
    evaluation = evaluate(replace(noise, sources=sources), arms, Validation.model_validate(scheme), seed=seed)
    found = evaluation.predictions.configurations()
    return {arm.arm: auc(rows["y_true"], rows["score"]) for arm, rows in found}


def leaks(simulations: int, jobs: int) -> None:
    """Print the mean AUC on noise."""
    for scheme in ("10", "loo"):
        tasks = [(seed, scheme) for seed in range(simulations)]
        found = pd.DataFrame(list(each(leak, tasks, jobs=jobs)))
        print(f"\n{scheme}: {simulations} simulations of {CASES} cases, {LEAK_COLUMNS} features")
        for name, values in found.items():
            error = values.std() / np.sqrt(len(values))
            print(f"  {name!s:20s} mean AUC {values.mean():.3f}, standard error {error:.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--leak", action="store_true")
    options = parser.parse_args()
    if options.leak:
        leaks(options.simulations, options.jobs)
        return
    for scheme, columns in SCENARIOS:
        tasks = [(seed, scheme, columns) for seed in range(options.simulations)]
        rows: dict[str, list[float]] = defaultdict(list)
        for found in each(simulate, tasks, jobs=options.jobs):
            for name, value in found.items():
                rows[name].append(value)
        print(f"\n{scheme}: {options.simulations} simulations of {CASES} cases, {columns} features")
        for name, values in rows.items():
            print(f"  {name:32s} {np.mean(values):.3f}")


if __name__ == "__main__":
    main()
