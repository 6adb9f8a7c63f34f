"""Paragraphs of methods and results for a manuscript, their numbers filled in; a draft for authors to read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from radcompare.config import Arm, ColumnsSource, Experiment
from radcompare.report.answers import headlines
from radcompare.report.headline import answer_in_a_sentence
from radcompare.report.kinds import is_external, kinds_of
from radcompare.report.methods import trained
from radcompare.report.text import with_interval
from radcompare.source_settings import RadiomicsSource
from radcompare.tables.results import Results

WEKA = "naive-bayes-weka"
"""Takes columns as they are, neither filled nor scaled."""
SELECTORS = {
    "relieff": "Relief-F",
    "su": "symmetric uncertainty",
    "mrmr": "minimum redundancy, maximum relevance (mRMR)",
    "cfs": "correlation-based feature selection",
    "lasso": "the lasso",
    "pca": "principal components",
}
"""Names in prose of what tables call shorter; others are named as they are."""
NAMED = 4
"""Columns of a table that a sentence names."""
CLASSIFIERS = {
    "naive-bayes": "a Gaussian naive Bayes classifier",
    "naive-bayes-weka": "naive Bayes as Weka defines it",
    "knn": "the nearest neighbours",
    "cart": "a decision tree (CART)",
    "random-forest": "a random forest",
    "svm-linear": "a linear support vector machine",
    "svm-rbf": "a support vector machine with a radial basis kernel",
    "logistic-l1": "logistic regression with an L1 penalty",
    "logistic-l2": "logistic regression with an L2 penalty",
    "gradient-boosting": "gradient-boosted trees",
}
SCHEMES = {
    "loo": "leave-one-out cross-validation",
    "kfold": "{folds}-fold cross-validation stratified by class",
    "bootstrap": "the .632+ bootstrap ({repeats} samples)",
    "cohort": "training on one cohort and testing on another",
}
TESTS = {
    "delong": "DeLong's test",
    "delong-clustered": "DeLong's test for clustered data (Obuchowski)",
    "mcnemar-exact": "McNemar's exact test",
    "mcnemar-midp": "McNemar's mid-p test",
    "mcnemar-clustered": "McNemar's test for clustered data",
    "nadeau-bengio": "the corrected resampled t test (Nadeau and Bengio)",
    "cochran-q": "Cochran's Q",
    "permutation": "a permutation test of the AUCs",
    "bootstrap": "a bootstrap test of the AUCs",
    "5x2cv-f": "the 5x2cv F test",
}


def manuscript(results: Results, experiment: Experiment, run: Mapping[str, Any]) -> list[str]:
    """Paragraphs: methods, then results.

    Args:
        results: of the run.
        experiment: its settings.
        run: `run.json`, for versions and numbers of features; empty where there is none.
    """
    return [
        " ".join(
            [
                *_cases(results, experiment),
                *_reading(experiment),
                *_features(experiment, run),
                *_evaluation(experiment),
                *_statistics(results),
                *_software(run),
            ]
        ),
        " ".join(_results(results, experiment)),
    ]


def _cases(results: Results, experiment: Experiment) -> Iterator[str]:
    flow = results.flow
    if flow is None:
        return
    column = experiment.validation.groups or ""
    unit = "patients" if "patient" in column.lower() else f"groups of equal {column}"
    groups = f" of {flow.groups} {unit}" if flow.groups is not None else ""
    classes = ", ".join(f"{count} {flow.outcome} = {name}" for name, count in flow.classes)
    yield f"The study comprised {flow.cases} lesions{groups} ({classes})."
    lost = [f"{loss.cases} in {loss.stage}" for loss in flow.losses]
    if lost:
        yield f"Features could not be had of {', '.join(lost)}; {flow.common} lesions were scored by every model."


def _reading(experiment: Experiment) -> Iterator[str]:
    reading = experiment.reading
    if reading.spacing is not None:
        size = reading.spacing if isinstance(reading.spacing, tuple) else (reading.spacing,)
        yield f"Images were resampled to {' x '.join(f'{side:g}' for side in size)} mm ({reading.interpolator})."


def _features(experiment: Experiment, run: Mapping[str, Any]) -> Iterator[str]:
    used = {source for arm in _primary(experiment).values() for source in arm.sources}
    for name, source in experiment.sources.items():
        if name not in used:  # of further variants of a sweep
            continue
        number = _columns(run, name)
        if isinstance(source, RadiomicsSource):
            what = "shape, intensity and texture features" + (
                f" as pyradiomics defines them ({source.params.name if source.params else 'its defaults'})"
                if source.extractor == "pyradiomics"
                else " (set r219)"
            )
            yield f"{number}handcrafted {what} were measured inside each mask ({name})."
        elif isinstance(source, ColumnsSource):
            yield f"{_as_they_are(source.columns)} ({name})."
        else:
            weights = "random weights" if source.weights == "random" else "pretrained weights"
            yield (
                f"{number}activations of the layer {', '.join(source.layer)} of {source.network} with {weights} were "
                f"taken from a {source.window} of the {_region(source.region)} ({name})."
            )


def _as_they_are(columns: Sequence[str]) -> str:
    more = [f"{len(columns) - NAMED} more"] if len(columns) > NAMED else []
    named = listed([*columns[:NAMED], *more])
    if len(columns) == 1 and "*" not in columns[0]:
        return f"The column {named} of the table was used as it is"
    return f"The columns {named} of the table were used as they are"


def _primary(experiment: Experiment) -> dict[str, Arm]:
    """Arms by the name that results give them; of a sweep the first variant."""
    arms: dict[str, Arm] = {}
    for name, arm in experiment.arms.items():
        arms.setdefault(arm.variant_of or name, arm)
    return arms


def _region(region: str) -> str:
    return {
        "slice": "slice with the largest region",
        "orthogonal": "three orthogonal slices",
        "slices": "slices through the region",
        "volume": "box around the region",
    }[region]


def _columns(run: Mapping[str, Any], name: str) -> str:
    """`219 `, or nothing where it is not known."""
    made = run.get("sources", {}).get(name, ())
    count = sum(int(source.get("columns", 0)) for source in made if isinstance(source, Mapping))
    return f"{count} " if count else "All "


def _evaluation(experiment: Experiment) -> Iterator[str]:
    validation = experiment.validation
    scheme = "cohort" if is_external(experiment) else validation.scheme
    how = SCHEMES[scheme].format(folds=validation.folds, repeats=validation.repeats)
    runs = f", repeated {validation.repeats} times" if scheme == "kfold" and validation.repeats > 1 else ""
    groups = f"; lesions of equal {validation.groups} were kept together" if validation.groups else ""
    yield f"Models were evaluated by {how}{runs}{groups} (seed {experiment.seed})."
    learned = [(arm.classifiers or experiment.classifiers)[0].name for arm in _primary(experiment).values()]
    but = " (but for Weka's naive Bayes)" if WEKA in learned else ""
    yield (
        f"In every fold missing values were filled and features scaled{but}, features selected, and classifiers "
        "trained on the training cases alone."
    )
    for name, arm in _primary(experiment).items():
        yield f"Model {name} {_model(arm, experiment)}."


def _model(arm: Arm, experiment: Experiment) -> str:
    """What a model is, as the end of a sentence."""
    if arm.cnn is not None:
        activations = f"; of the activations of {', '.join(arm.cnn.layer)} it {_learned(arm, experiment)}"
        return f"was {trained(arm.cnn)}{activations if arm.cnn.layer else ''}"
    if arm.ensemble is not None:
        return f"was the {arm.ensemble.how} of {listed(arm.ensemble.of)}"
    if arm.score is not None:
        return f"was the column {arm.score} as it is"
    return _learned(arm, experiment)


def _learned(arm: Arm, experiment: Experiment) -> str:
    kept = arm.select or arm.select_each or experiment.select
    learned = (arm.classifiers or experiment.classifiers)[0]
    chosen = SELECTORS.get(kept[0].method, kept[0].method)
    few = "all features" if kept[0].top is None else f"the {kept[0].top} best features by {chosen}"
    each = " of each source" if arm.select_each else ""
    return f"used {few}{each} and {CLASSIFIERS.get(str(learned), str(learned))}"


def _statistics(results: Results) -> Iterator[str]:
    used = list(dict.fromkeys([*(pair.test for pair in results.pairs), *(o.test for o in results.overall)]))
    if used:
        names = listed([TESTS.get(test, test) for test in used])
        how = {"holm": "Holm's method", "benjamini-hochberg": "Benjamini and Hochberg's method"}[
            results.adjust
        ]
        pairs = len(headlines(results))
        family = f", adjusted over {pairs} comparisons by {how}" if pairs > 1 else ""
        yield f"Differences were tested by {names}{family}; intervals are at {results.confidence * 100:g} %."
    if results.pipelines:
        yield (f"The whole pipeline was repeated on {results.pipelines[0].permutations} permuted outcomes.")


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _software(run: Mapping[str, Any]) -> Iterator[str]:
    versions = run.get("versions", {})
    names: Sequence[str] = ("python", "numpy", "scikit-learn", "SimpleITK", "torch")
    told = [f"{name} {versions[name]}" for name in names if versions.get(name, "absent") != "absent"]
    if versions:
        yield f"Software: radcompare {versions.get('radcompare', '')} ({', '.join(told)})."


def _results(results: Results, experiment: Experiment) -> Iterator[str]:
    told = [
        f"{with_interval(arm.auc, arm.auc_ci)} for {arm.label}" for arm in results.arms if arm.auc is not None
    ]
    if told:
        yield f"The AUC was {'; '.join(told)}."
    yield answer_in_a_sentence(results, kinds_of(experiment))
