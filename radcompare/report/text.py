"""Results as rows of text: what the terminal, the page and later a paper's table show."""

from collections.abc import Iterator
from dataclasses import dataclass

from radcompare.tables.predictions import NESTED
from radcompare.tables.results import ArmResult, Interval, PairResult, Pipeline, Results, Stability

UNDEFINED = "–"
ADJUSTED = {"holm": "p (Holm)", "benjamini-hochberg": "p (BH)"}
ABBREVIATIONS = ("auc", "ppv", "npv", "mcc", "f1")
METRICS = {"auc": "AUC", "hand_till": "AUC (Hand-Till)", "accuracy": "accuracy"}


@dataclass(frozen=True)
class Grid:
    """A table of text.

    Attributes:
        title: what the rows are.
        header: names of the columns.
        rows: one text per column each.
        numeric: how many columns, counted from the right, hold numbers.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: int


def arms_grid(arms: tuple[ArmResult, ...], title: str = "Arms") -> Grid:
    """One row per arm: how well it did."""
    variants = any(arm.variant for arm in arms)
    header = (
        "arm",
        *(["variant"] if variants else []),
        "selector",
        "k",
        "classifier",
        "n",
        "accuracy",
        "AUC",
    )
    rows = tuple(
        (
            arm.label,
            *([arm.variant or UNDEFINED] if variants else []),
            arm.selector or UNDEFINED,
            arm.k or UNDEFINED,
            arm.classifier or UNDEFINED,
            str(arm.n),
            with_interval(arm.accuracy, arm.accuracy_ci),
            with_interval(arm.auc, arm.auc_ci),
        )
        for arm in arms
    )
    return Grid(title, header, rows, 3)


def details_grid(arms: tuple[ArmResult, ...], title: str = "Details") -> Grid:
    """One row per arm: what accuracy is made of, and how the intervals were made."""
    header = (
        *("arm", "interval of accuracy", "interval of AUC", "positive", "negative"),
        *("sensitivity", "specificity", "balanced accuracy"),
    )
    rows = tuple(
        (
            *(arm.label, arm.accuracy_method, arm.auc_method, _count(arm.n_pos), _count(arm.n_neg)),
            *map(with_interval, (arm.sensitivity, arm.specificity, arm.balanced_accuracy)),
        )
        for arm in arms
    )
    return Grid(title, header, rows, 5)


def metrics_grid(arms: tuple[ArmResult, ...]) -> Grid:
    """One row per metric, one column per arm."""
    header = ("metric", *(arm.label for arm in arms))
    by_name = [{metric.name: metric for metric in arm.metrics} for arm in arms]
    names = dict.fromkeys(name for metrics in by_name for name in metrics)
    rows = tuple(
        (
            name.upper() if name in ABBREVIATIONS else name.replace("_", " "),
            *(with_interval(m[name].value, m[name].ci) if name in m else UNDEFINED for m in by_name),
        )
        for name in names
    )
    return Grid("Metrics", header, rows, len(arms))


def pairs_grid(results: Results) -> Grid:
    """One row per test: on how many common cases, the difference, p, and p adjusted."""
    labels = {arm.arm: arm.label for arm in results.arms}
    header = ("pair", "test", "metric", "n", "difference", "p", adjusted(results.adjust))
    rows = tuple(
        (
            f"{labels[pair.a]} − {labels[pair.b]}",
            pair.test,
            METRICS.get(pair.metric, pair.metric),
            str(pair.n),
            with_interval(pair.difference, pair.ci, signed=True),
            p_value(pair.p),
            p_value(pair.p_adjusted),
        )
        for pair in results.pairs
    )
    return Grid("Differences", header, rows, 4)


def margins_grid(results: Results) -> Grid:
    """One row per arm that was to be no worse than the reference."""
    labels = {arm.arm: arm.label for arm in results.arms}
    p = adjusted(results.adjust)
    header = (
        "no worse than by the margin",
        "test",
        "metric",
        "n",
        "margin",
        "difference",
        "lower end",
        "p",
        p,
    )
    rows = tuple(
        (
            *(f"{labels[found.a]} − {labels[found.b]}", found.test, METRICS.get(found.metric, found.metric)),
            *(str(found.n), f"{found.margin:g}", with_interval(found.difference, signed=True)),
            *(with_interval(found.lower, signed=True), p_value(found.p), p_value(found.p_adjusted)),
        )
        for found in results.non_inferiority
    )
    return Grid("Non-inferiority", header, rows, 6)


def best_beside_nested(results: Results) -> Grid | None:
    """The best of every arm's sweep beside the nested estimate, which is what it is worth; None without nested arms.

    Without a nested estimate no best is named: chosen after seeing the figures, it would be read as a result.
    """
    header = ("arm", "best of its sweep", "AUC of the best", "nested AUC", "optimism")
    rows = []
    for arm in results.arms:
        swept = [o for o in results.exploratory if o.arm == arm.arm and o.auc is not None]
        if arm.selector != NESTED or arm.auc is None or not swept:
            continue
        best = max(swept, key=lambda other: other.auc or 0.0)
        name = f"{best.variant} {best.selector}{':' if best.k else ''}{best.k} + {best.classifier}".strip()
        gap = (best.auc or 0.0) - arm.auc
        figures = (with_interval(best.auc), with_interval(arm.auc), with_interval(gap, signed=True))
        rows.append((arm.label, f"{name}, of {len(swept)}", *figures))
    title = "Best of the sweep, optimistic, beside the nested estimate"
    return Grid(title, header, tuple(rows), 3) if rows else None


def pipelines_grid(pipelines: tuple[Pipeline, ...]) -> Grid:
    """One row per arm and sweep: its AUC, and what permuted outcomes make of it."""
    header = ("arm", "configuration", "AUC", "by luck: mean", "95th percentile", "permutations", "p")
    rows = tuple(
        (
            *(entry.arm, entry.what),
            *map(with_interval, (entry.auc, entry.luck, entry.luck_95)),
            *(str(entry.permutations), p_value(entry.p)),
        )
        for entry in pipelines
    )
    return Grid("Whole pipeline against permuted outcomes", header, rows, 5)


def stability_grid(stability: tuple[Stability, ...]) -> Grid:
    """One row per selection: how alike the feature sets of its folds are."""
    header = ("arm", "selector", "k", "fits", "features", "kept in every fit", "Kuncheva", "Nogueira")
    rows = tuple(
        (
            *(entry.arm, entry.selector, entry.k or UNDEFINED, str(entry.fits), str(entry.features)),
            str(sum(share == 1 for _, share in entry.frequency)),
            *map(with_interval, (entry.kuncheva, entry.nogueira)),
        )
        for entry in stability
    )
    return Grid("Stability of the selection: 1 the same features in every fit, 0 as by luck", header, rows, 5)


def stability_notes(stability: tuple[Stability, ...]) -> Iterator[str]:
    """A sentence per selection that several fits made."""
    for entry in stability:
        if entry.nogueira is not None:
            name = entry.selector + (f":{entry.k}" if entry.k else "")
            always = sum(share == 1 for _, share in entry.frequency)
            yield (
                f"arm {entry.arm!r}, {name}: {always} features kept in all {entry.fits} fits, "
                f"{len(entry.frequency)} in any; stability {entry.nogueira:.2f} (Nogueira)"
            )


def notes_of(results: Results) -> list[str]:
    """Everything to know, each thing once, with the arms or pairs that it concerns."""
    about: dict[str, list[str]] = {}
    for arm in (*results.arms, *results.exploratory):
        for note in arm.notes:
            about.setdefault(note, []).append(arm.label)
    for pair in results.pairs:
        if pair.note:
            about.setdefault(f"{pair.test}: {pair.note}", []).append(f"{pair.a} − {pair.b}")
    for overall in results.overall:
        if overall.note:
            about.setdefault(f"{overall.test}: {overall.note}", []).append("all arms")
    return [*results.notes, *(f"{', '.join(dict.fromkeys(who))}: {note}" for note, who in about.items())]


def pipeline_note(entry: Pipeline) -> str:
    """What permuted outcomes say of an arm, as a sentence."""
    return (
        f"{entry.arm}, {entry.what}: AUC {entry.auc:.3f}, by luck {entry.luck:.3f} on average; "
        f"{p_value(entry.p, name='p')} of the whole pipeline, {entry.permutations} permutations"
    )


def with_interval(value: float | None, interval: Interval | None = None, *, signed: bool = False) -> str:
    """`0.712 [0.551, 0.873]`, or a dash where there is no number."""
    if value is None:
        return UNDEFINED
    number = f"{value:+.3f}" if signed else f"{value:.3f}"
    if interval is None:
        return number
    low, high = (f"{bound:+.3f}" if signed else f"{bound:.3f}" for bound in interval)
    return f"{number} [{low}, {high}]"


def _count(n: int | None) -> str:
    return UNDEFINED if n is None else str(n)


def p_value(p: float, *, name: str = "") -> str:
    """Three decimals; below a thousandth only that it is. Named: `p = 0.021`, `p < 0.001`."""
    if p < 0.001:
        return f"{name} < 0.001" if name else "<0.001"
    return f"{name} = {p:.3f}" if name else f"{p:.3f}"


def adjusted_p(pair: PairResult, adjust: str) -> str:
    """The adjusted p of a pair by its name; p where no other test changed it: only an adjusted one may contradict
    the interval.
    """
    return p_value(pair.p_adjusted, name="p" if pair.p_adjusted == pair.p else adjusted(adjust))


def adjusted(adjust: str) -> str:
    """What a p value that was adjusted is called."""
    return ADJUSTED[adjust]
