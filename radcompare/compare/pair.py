"""The tests between two arms on the cases that both scored: which one is valid here, and what is refused."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd

from radcompare.compare.arm import clusters
from radcompare.compare.auc import auc
from radcompare.compare.delong import delong_clustered, delong_test
from radcompare.compare.mcnemar import mcnemar_exact
from radcompare.compare.nadeau_bengio import nadeau_bengio
from radcompare.compare.result import Comparison
from radcompare.errors import TestRefused
from radcompare.tables.results import Refusal

KEYS = ["ID", "repeat"]


@dataclass(frozen=True)
class Pair:
    """Two arms side by side: one row per case and run that both scored."""

    a: str
    b: str
    rows: pd.DataFrame

    @property
    def cases(self) -> int:
        """Number of cases that both scored."""
        return int(self.rows["ID"].nunique())

    @property
    def runs(self) -> int:
        """Number of repeats."""
        return int(self.rows["repeat"].nunique())


def pair_up(a: str, rows_a: pd.DataFrame, b: str, rows_b: pd.DataFrame) -> Pair:
    """Join two arms on their common cases and runs."""
    joined = rows_a.merge(rows_b, on=KEYS, suffixes=("_a", "_b"), sort=False)
    return Pair(a, b, joined.rename(columns={"y_true_a": "y_true", "fold_a": "fold", "group_a": "group"}))


def tests_of(pair: Pair, confidence: float) -> Iterator[Comparison | Refusal]:
    """Every test that is valid for this pair, and every usual one that is not, with its reason."""
    if pair.cases == 0:
        reason = "the two arms share no case"
        yield Refusal("delong", reason, "predictions of the same cases", pair.a, pair.b)
        return
    tests = (_repeated,) if pair.runs > 1 else (_areas, _accuracies)
    for test in tests:
        try:
            yield from test(pair, confidence)
        except TestRefused as refusal:
            yield Refusal(test.__name__.strip("_"), refusal.message, refusal.hint, pair.a, pair.b)


def _areas(pair: Pair, confidence: float) -> Iterator[Comparison | Refusal]:
    rows, patients = pair.rows, clusters(pair.rows)
    if patients is None:
        yield delong_test(rows["y_true"], rows["score_a"], rows["score_b"], confidence)
        return
    reason = (
        f"{pair.cases} cases of {len(set(patients))} patients are not independent, and delong takes them so"
    )
    yield Refusal("delong", reason, "delong-clustered", pair.a, pair.b)
    yield delong_clustered(rows["y_true"], rows["score_a"], rows["score_b"], patients, confidence)


def _accuracies(pair: Pair, confidence: float) -> Iterator[Comparison | Refusal]:
    rows = pair.rows
    if rows[["predicted_a", "predicted_b"]].isna().any(axis=None):
        reason = "an arm has no predicted classes"
        yield Refusal("mcnemar-exact", reason, "a column `predicted` of 0 and 1", pair.a, pair.b)
        return
    test = mcnemar_exact(rows["y_true"], rows["predicted_a"], rows["predicted_b"], confidence)
    yield (
        _with_note(test, "takes cases of one patient as independent") if clusters(rows) is not None else test
    )


def _repeated(pair: Pair, confidence: float) -> Iterator[Comparison | Refusal]:
    reason = f"{pair.runs} runs score every case {pair.runs} times; pooled they are not independent"
    yield Refusal("delong", reason, "nadeau-bengio", pair.a, pair.b)
    yield Refusal("mcnemar-exact", reason, "nadeau-bengio", pair.a, pair.b)
    folds = [fold for _, fold in pair.rows.groupby(["repeat", "fold"], sort=False)]
    n_test = pair.cases * pair.runs / len(folds)
    if n_test >= pair.cases:
        raise TestRefused("the predictions do not say their folds", "number the folds in a column `fold`")
    metric = "auc" if all(fold["y_true"].nunique() == 2 for fold in folds) else "accuracy"
    differences = [_difference(fold, metric) for fold in folds]
    test = nadeau_bengio(differences, pair.cases - n_test, n_test, confidence, metric=metric)
    yield _with_note(test, f"{len(folds)} folds in {pair.runs} runs; mean difference over folds")


def _difference(fold: pd.DataFrame, metric: str) -> float:
    if metric == "auc":
        return auc(fold["y_true"], fold["score_a"]) - auc(fold["y_true"], fold["score_b"])
    right_a, right_b = (float((fold[f"predicted_{x}"] == fold["y_true"]).mean()) for x in "ab")
    return right_a - right_b


def _with_note(test: Comparison, note: str) -> Comparison:
    return replace(test, note="; ".join(part for part in (test.note, note) if part))
