"""METRICS: METhodological RadiomICs Score, 30 items.

Kocak et al. (2024), Insights into Imaging 15:8, doi 10.1186/s13244-023-01572-w, CC BY 4.0; items in short. No score
is given: most of its weight lies in what only the authors of a study know.
"""

from collections.abc import Iterator

from radcompare.report.checklists.facts import AUTHORS, Facts, Item, filled
from radcompare.report.kinds import SIZE, is_external
from radcompare.source_settings import RadiomicsSource

SECTIONS = {
    "Study design": (
        (1, "Adherence to checklists or guidelines"),
        (2, "Eligibility criteria of a representative population"),
        (3, "High-quality reference standard"),
    ),
    "Imaging data": (
        (4, "Multi-centre"),
        (5, "Imaging as in clinical practice"),
        (6, "Imaging protocol with acquisition parameters"),
        (7, "Interval between imaging and reference standard"),
    ),
    "Segmentation": (
        (8, "Segmentation described"),
        (9, "Automated segmentation evaluated"),
        (10, "Test masks by a single reader or tool"),
    ),
    "Image processing and feature extraction": (
        (11, "Appropriate pre-processing, described"),
        (12, "Standardised extraction software"),
        (13, "Extraction parameters reported"),
    ),
    "Feature processing": (
        (14, "Non-robust features removed"),
        (15, "Redundant features removed"),
        (16, "Number of features fits the number of cases"),
        (17, "Robustness of end-to-end deep learning"),
    ),
    "Preparation for modelling": ((18, "Proper partitioning"), (19, "Confounding factors")),
    "Metrics and comparison": (
        (20, "Appropriate metrics"),
        (21, "Uncertainty"),
        (22, "Calibration"),
        (23, "Uni-parametric imaging, or proof that it is worse"),
        (24, "Comparison with a non-radiomic approach"),
        (25, "Comparison with simple or classical models"),
    ),
    "Testing": ((26, "Internal testing"), (27, "External testing")),
    "Open science": ((28, "Data"), (29, "Code"), (30, "Model")),
}
REDUNDANCY = ("mrmr", "cfs", "fcbf", "correlation")
"""Selectors that drop a feature for one like it."""
CALIBRATION = {
    "calibration_slope": "slope",
    "calibration_intercept": "intercept",
    "calibration_error": "ECE",
    "brier": "Brier score",
}
SIMPLE = ("logistic", "naive-bayes")
"""Classifiers that count as classical."""


def metrics(facts: Facts) -> list[Item]:
    """Every item with what the run answers: yes, no or partly, and why."""
    return filled(SECTIONS, dict(_answers(facts)))


def _answers(facts: Facts) -> Iterator[tuple[int, str]]:
    yield from _features(facts)
    yield from _partition(facts)
    yield from _comparison(facts)
    yield 29, "yes for modelling, if config.yaml is shared: radcompare runs it again (radcompare verify)"
    yield 28, "the feature tables can be shared: radcompare freeze packs them without images"


def _features(facts: Facts) -> Iterator[tuple[int, str]]:
    handcrafted = [s for s in facts.experiment.sources.values() if isinstance(s, RadiomicsSource)]
    if handcrafted:
        standard = all(source.extractor == "pyradiomics" for source in handcrafted)
        yield (
            12,
            "yes: features as pyradiomics defines them; docs/features.md has their IBSI codes"
            if standard
            else "partly: the set r219 has features beyond IBSI; docs/features.md says which",
        )
        yield 13, "yes: config.yaml and run.json"
    selected = [entry for entry in facts.results.stability if entry.k]
    if selected:
        # Of each source K, where sources are selected from apart: what a fit kept is the sum of the shares.
        largest = max(max(int(e.k), round(sum(share for _, share in e.frequency))) for e in selected)
        smaller = _smaller_class(facts)
        if smaller:
            fits = "yes" if smaller >= 10 * largest else "no"
            yield (
                16,
                f"{fits}: {largest} features kept at most, {smaller / largest:.0f} cases of the rarer class for each",
            )
    used = facts.selections()
    yield (
        15,
        "yes, inside every fold"
        if any(part.startswith(REDUNDANCY) for part in used.split(", "))
        else f"no selector of this run does it ({used})",
    )
    if any(arm.cnn is not None for arm in facts.experiment.arms.values()):
        seeds = max(len(arm.cnn.seeds) for arm in facts.experiment.arms.values() if arm.cnn is not None)
        yield 17, f"{'partly' if seeds > 1 else 'no'}: {seeds} seed(s)"


def _smaller_class(facts: Facts) -> int:
    flow = facts.results.flow
    return min((count for _, count in flow.classes), default=0) if flow is not None else 0


def _partition(facts: Facts) -> Iterator[tuple[int, str]]:
    groups = facts.experiment.validation.groups
    kept = f", {groups} never straddles" if groups else "; patients with several cases: " + AUTHORS
    yield 18, f"yes: everything is learned inside the folds{kept}"
    yield (
        19,
        "partly: size is an arm of its own" if SIZE in facts.kinds else "no: not even the size of the region",
    )
    internal = f"yes: {facts.split()}; no held-out set besides"
    yield 26, f"no: {facts.split()}" if is_external(facts.experiment) else internal
    yield 27, "yes: the tested cohort is another" if is_external(facts.experiment) else "no"


def _comparison(facts: Facts) -> Iterator[tuple[int, str]]:
    arms = facts.results.arms
    yield 20, "yes: AUC and figures of the confusion matrix"
    intervals = any(arm.auc_ci is not None for arm in arms)
    yield (
        21,
        "yes: intervals of AUC, accuracy, sensitivity, specificity, PPV, NPV and differences"
        if intervals
        else "no: repeated runs have no valid interval",
    )
    known = {metric.name for arm in arms for metric in arm.metrics if metric.value is not None}
    told = ", ".join([*(word for name, word in CALIBRATION.items() if name in known), "curve"])
    yield 22, f"yes: {told}" if any(arm.calibration for arm in arms) else "no: no probabilities of one run"
    if facts.sizes():
        yield 24, f"yes: {facts.sizes()}" + (f" by {facts.tests()}" if facts.tests() else "")
    elif unknown := facts.perhaps_clinical():
        yield 24, f"whether {unknown} is non-radiomic: {AUTHORS}"
    simple = [name for name in SIMPLE if name in facts.classifiers()]
    yield 25, f"yes: {', '.join(simple)}" if simple else "no"
