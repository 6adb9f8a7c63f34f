"""CLEAR: CheckList for EvaluAtion of Radiomics research, 58 items.

Kocak et al. (2023), Insights into Imaging 14:75, doi 10.1186/s13244-023-01415-8, CC BY 4.0; items in short.
"""

from collections.abc import Iterator

from radcompare.config import ColumnsSource
from radcompare.report.checklists.facts import AUTHORS, Facts, Item, filled
from radcompare.report.kinds import MERGED, SIZE, is_external
from radcompare.source_settings import RadiomicsSource

SECTIONS = {
    "Title, abstract, introduction": (
        (1, "Title that names the radiomic methodology"),
        (2, "Structured summary"),
        (3, "Keywords"),
        (4, "Scientific or clinical background"),
        (5, "Rationale for radiomics"),
        (6, "Objectives"),
    ),
    "Study design": (
        (7, "Adherence to guidelines or checklists"),
        (8, "Ethics"),
        (9, "Sample size"),
        (10, "Nature of the study"),
        (11, "Eligibility criteria"),
        (12, "Flowchart of the technical pipeline"),
    ),
    "Data": (
        (13, "Source of the data"),
        (14, "Overlap with earlier studies"),
        (15, "How the data were split"),
        (16, "Imaging protocol"),
        (17, "Non-radiomic predictors"),
        (18, "Reference standard"),
    ),
    "Segmentation": ((19, "Segmentation strategy"), (20, "Who segmented")),
    "Pre-processing": (
        (21, "Image pre-processing"),
        (22, "Resampling"),
        (23, "Discretisation"),
        (24, "Image types"),
    ),
    "Feature extraction": (
        (25, "Software and version"),
        (26, "Feature classes"),
        (27, "Number of features"),
        (28, "Other parameters, or that defaults were kept"),
    ),
    "Data preparation": (
        (29, "Missing data"),
        (30, "Class imbalance"),
        (31, "Reliability of the segmentation"),
        (32, "Scaling"),
        (33, "Dimension reduction"),
    ),
    "Modelling": (
        (34, "Algorithms"),
        (35, "Training and tuning"),
        (36, "Confounders"),
        (37, "Model selection"),
    ),
    "Evaluation": (
        (38, "Testing technique"),
        (39, "Metrics"),
        (40, "Uncertainty"),
        (41, "Statistical comparison"),
        (42, "Comparison with non-radiomic and combined methods"),
        (43, "Interpretability"),
    ),
    "Results": (
        (44, "Baseline characteristics"),
        (45, "Flow of participants"),
        (46, "Statistics of features"),
        (47, "Performance"),
        (48, "Comparison with non-radiomic and combined methods"),
    ),
    "Discussion": (
        (49, "Important findings"),
        (50, "Earlier work"),
        (51, "Practical implications"),
        (52, "Strengths and limitations"),
    ),
    "Open science": (
        (53, "Images and masks shared (not essential)"),
        (54, "Feature data shared"),
        (55, "Pre-processing settings shared"),
        (56, "Modelling code shared"),
        (57, "Models shared"),
        (58, "A ready-to-use system (not essential)"),
    ),
}
BUNDLE = "radcompare freeze packs it for sharing"


def clear(facts: Facts) -> list[Item]:
    """Every item with what the run answers."""
    return filled(SECTIONS, dict(_answers(facts)))


def _answers(facts: Facts) -> Iterator[tuple[int, str]]:
    yield from _design(facts)
    if facts.experiment.cohort is not None:
        yield from _images(facts)
    yield from _preparation(facts)
    yield from _evaluation(facts)


def _design(facts: Facts) -> Iterator[tuple[int, str]]:
    found = [pair.detectable for pair in facts.results.pairs if pair.detectable is not None]
    if found:
        yield (
            9,
            f"not planned here; these cases find a true difference of {min(found):.3f} 8 times in 10",
        )
    yield 12, "the sections Cases and How this was done"
    yield 15, facts.split()
    others = [facts.sizes(), f"{unknown}: {AUTHORS}" if (unknown := facts.perhaps_clinical()) else ""]
    if any(others):
        yield 17, "; ".join(filter(None, others))
    yield 18, f"the column {facts.experiment.outcome}; what it stands for: {AUTHORS}"


def _images(facts: Facts) -> Iterator[tuple[int, str]]:
    reading = facts.experiment.reading
    clip = "" if reading.clip is None else f"; clipped to {reading.clip[0]:g} to {reading.clip[1]:g}"
    yield 21, f"masks and images as stored{clip}; features/*.readings.csv lists grid and label of every case"
    spaced = (
        "none in reading" if reading.spacing is None else f"to {reading.spacing} mm, {reading.interpolator}"
    )
    yield 22, f"{spaced}; what a set resamples itself stands in its parameter file or docs/features.md"
    handcrafted = [s for s in facts.experiment.sources.values() if isinstance(s, RadiomicsSource)]
    if handcrafted:
        files = [source.params.name for source in handcrafted if source.params is not None]
        named = ", ".join(files) or "the set's defaults (docs/features.md)"
        yield 23, named
        yield 24, named
        yield 26, "shape, first order and texture; every feature by name in features/*.meta.json"
        yield 28, f"settings in config.yaml; parameters: {named}"
    yield 25, f"{facts.versions('radcompare', 'pyradiomics', 'SimpleITK', 'torch')}; {facts.measured()}"


def _preparation(facts: Facts) -> Iterator[tuple[int, str]]:
    if facts.run.get("sources"):
        numbers = {
            name: sum(int(part.get("columns", 0)) for part in parts)
            for name, parts in facts.run["sources"].items()
        }
        told = [f"{name} {number}" for name, number in numbers.items() if number]
        if told:
            yield 27, ", ".join(told)
    yield 29, f"medians (levels: the most frequent) of the training rows of every fold{facts.unprepared()}"
    flow = facts.results.flow
    if flow is not None:
        yield 30, ", ".join(f"{name}: {count}" for name, count in flow.classes)
        yield 45, f"{flow.cases} cases in, {flow.common} scored by every arm; see Cases"
    yield 32, f"mean 0, variance 1 on the training rows of every fold{facts.unprepared()}"
    yield 33, f"in every fold, on its training rows: {facts.selections()}"


def _evaluation(facts: Facts) -> Iterator[tuple[int, str]]:
    inner = facts.experiment.validation.inner
    tuned = "none" if inner is None else f"{inner.folds} inner folds by {inner.metric}, inside every fold"
    yield 34, facts.classifiers()
    yield 35, f"{tuned}; settings in config.yaml"
    if SIZE in facts.kinds:
        yield 36, "the size of the region is an arm of its own; others: " + AUTHORS
    yield (
        37,
        f"the first configuration of every arm counts, others are exploratory; fixed beforehand: {AUTHORS}"
        if inner is None
        else tuned,
    )
    yield 38, "external: another cohort" if is_external(facts.experiment) else f"internal: {facts.split()}"
    named = dict.fromkeys(metric.name for arm in facts.results.arms for metric in arm.metrics)
    yield 39, ", ".join(named) or "AUC and accuracy"
    yield 40, f"intervals at {facts.results.confidence * 100:g} %: {', '.join(_methods(facts))}"
    if facts.tests():
        yield 41, f"{facts.tests()}; p adjusted ({facts.results.adjust})"
    others = facts.sizes()
    if others or MERGED in facts.kinds:
        yield 42, f"arms: {', '.join(arm.arm for arm in facts.results.arms)}"
        yield 48, f"arms: {', '.join(arm.arm for arm in facts.results.arms)}"
    shown = "; what networks were shown" if facts.deep else ""
    yield 43, f"selected features and their stability{shown}"
    if facts.results.stability:
        yield 46, "share of the fits that kept each feature; stability by Kuncheva and Nogueira"
    yield 47, f"AUC {facts.areas()}"
    if any(not isinstance(source, ColumnsSource) for source in facts.experiment.sources.values()):
        yield 54, f"features/*.csv of the run; {BUNDLE}"
    yield 55, f"config.yaml; {BUNDLE}"
    yield 56, f"radcompare {facts.run.get('versions', {}).get('radcompare', '')}; {BUNDLE}"


def _methods(facts: Facts) -> list[str]:
    used = [name for arm in facts.results.arms for name in (arm.auc_method, arm.accuracy_method)]
    return [name for name in dict.fromkeys(used) if name != "none"] or ["none is valid for repeated runs"]
