"""How a result was reached, in sentences for the page: from the settings and the results."""

from collections.abc import Iterator
from pathlib import Path

from radcompare.cnn_settings import Cnn, Ensemble
from radcompare.config import Arm, Experiment
from radcompare.reading_settings import Reading
from radcompare.report.kinds import is_external
from radcompare.report.text import adjusted
from radcompare.tables.results import Results

INTERVALS = {
    "wilson": "accuracy: Wilson's score interval",
    "wilson-clustered": "accuracy: Wilson's interval of as many independent cases as the groups are worth",
    "clopper-pearson": "accuracy: Clopper and Pearson's exact interval",
    "bca": "the bias-corrected and accelerated bootstrap (BCa), of cases within their class or of whole groups",
    "delong": "AUC: DeLong's interval",
    "delong-clustered": "AUC: Obuchowski's interval, with groups of cases as the unit",
}
TESTS = {
    "delong": "delong: paired test of two AUCs (DeLong 1988)",
    "delong-clustered": "delong-clustered: paired test of two AUCs, groups of cases as the unit (Obuchowski 1997)",
    "mcnemar-exact": "mcnemar-exact: exact binomial test on the cases that one arm alone got right",
    "mcnemar-midp": "mcnemar-midp: as mcnemar-exact, with half the weight for what was observed",
    "bootstrap": "bootstrap: the difference of two AUCs by resampling cases, or groups of them",
    "permutation": "permutation: the arms' ranks swapped within cases, or groups (Bandos 2005)",
    "5x2cv-f": "5x2cv-f: combined F test over five runs of two folds (Alpaydin 1999)",
    "cochran-q": "cochran-q: whether all arms are right equally often (Cochran 1950)",
    "mcnemar-clustered": "mcnemar-clustered: whether two arms are right as often, groups of cases as the unit",
    "nadeau-bengio": "nadeau-bengio: t test over folds, corrected for training cases in common (2003)",
}
SCHEMES = {
    "loo": "leave-one-out: every case is scored by what the others taught",
    "kfold": "{folds}-fold cross-validation, stratified by class",
    "bootstrap": "{repeats} bootstrap samples, each tested on the cases it left out; figures are .632+ estimates",
    "cohort": "trained on one cohort, tested on the other",
}


def methods(results: Results, experiment: Experiment) -> list[str]:
    """What was done, one sentence or list each."""
    return [
        *_reading(experiment.reading),
        *_sources(experiment),
        *_arms(experiment),
        *_learning(experiment),
        *_statistics(results),
        *_permutations(experiment),
    ]


def _reading(reading: Reading) -> Iterator[str]:
    """What was done to images and masks before anything was measured."""
    told = []
    if reading.resample_mask:
        told.append("masks on another grid were brought onto the image's, nearest neighbour")
    if reading.labels == "union":
        told.append("several labels of a mask were taken together")
    if reading.threshold is not None:
        told.append(f"masks of fractions were cut at {reading.threshold:g}")
    if reading.spacing is not None:
        sides = reading.spacing if isinstance(reading.spacing, tuple) else (reading.spacing,)
        size = " x ".join(f"{side:g}" for side in sides)
        told.append(
            f"images were resampled to {size} mm ({reading.interpolator}), masks by nearest neighbour"
        )
    if reading.clip is not None:
        told.append(f"intensities were clipped to {reading.clip[0]:g} to {reading.clip[1]:g}")
    if reading.pet == "stored":
        told.append("PET was measured as stored, not as SUV")
    if told:
        yield f"Images and masks: {'; '.join(told)}; features/*.readings.csv tells it case by case."


def _sources(experiment: Experiment) -> Iterator[str]:
    for name, source in experiment.sources.items():
        settings = source.model_dump(mode="json", exclude_none=True, exclude={"diagnostics"})
        told = ", ".join(f"{key} {_listed(value)}" for key, value in settings.items() if value != [])
        yield f"Features {name}: {told}."


def _listed(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _arms(experiment: Experiment) -> Iterator[str]:
    for name, arm in experiment.arms.items():
        variants = [other for other in experiment.arms.values() if other.variant_of == arm.variant_of]
        if arm.variant_of is not None and arm != variants[0]:
            continue
        if arm.cnn is not None:
            yield f"Arm {name}: {trained(arm.cnn)}{_tuned(arm, experiment)}."
        elif arm.ensemble is not None:
            yield f"Arm {name}: {arm.ensemble.how} of {', '.join(arm.ensemble.of)}{_weights(arm.ensemble)}."
        elif arm.score is not None:
            yield f"Arm {name}: the column {arm.score} as it is."
        else:
            swept = f"; the first of {len(variants)} variants of {arm.variant_of}" if arm.variant_of else ""
            yield f"Arm {name}: {' + '.join(arm.sources)}; {_configurations(arm, experiment)}{swept}."


def trained(cnn: Cnn) -> str:
    """A network as a manuscript describes it."""
    begun = "from random weights" if cnn.weights == "random" else f"from the weights {Path(cnn.weights).name}"
    frozen = f", frozen up to {cnn.freeze}" if cnn.freeze else ""
    images = cnn.augment.images if cnn.augment is not None else 1
    varied = f"{images} images of every case by rotation and flip" if images > 1 else "no augmentation"
    stopped = "the last epoch"
    if cnn.stop != "none" and cnn.validation:
        share = f"{cnn.validation:.0%} of the training cases"
        stopped = f"the best {cnn.stop} of {share} held out, patience {cnn.patience}"
    return (
        f"{cnn.network} trained {begun}{frozen} in every fold: {cnn.optimiser}, learning rate {cnn.learning_rate:g}, "
        f"batches of {cnn.batch}, at most {cnn.epochs} epochs, {varied}, weights of {stopped}"
        + (f"; {len(cnn.seeds)} seeds" if len(cnn.seeds) > 1 else "")
    )


def _tuned(arm: Arm, experiment: Experiment) -> str:
    if arm.cnn is None or not arm.cnn.layer:
        return ""
    return f"; features are the activations of {', '.join(arm.cnn.layer)}; {_configurations(arm, experiment)}"


def _weights(ensemble: Ensemble) -> str:
    return f", weights learned on {ensemble.inner} inner folds" if ensemble.how == "weighted" else ""


def _configurations(arm: Arm, experiment: Experiment) -> str:
    kept = ", ".join(map(str, arm.select or arm.select_each or experiment.select))
    each = " of each source" if arm.select_each else ""
    learned = ", ".join(map(str, arm.classifiers or experiment.classifiers))
    return f"selection {kept}{each}; classifier {learned}"


def _learning(experiment: Experiment) -> Iterator[str]:
    validation = experiment.validation
    yield f"Validation: {division(experiment)}; seed {experiment.seed}."
    if validation.inner is not None:
        inner = validation.inner
        runs = f", {inner.repeats} runs" if inner.repeats > 1 else ""
        yield (
            f"Nested: where an arm has several configurations, {inner.folds} inner folds{runs} of the training cases "
            f"of every fold picked the one with the best {inner.metric}; its score is "
            "its place among the scores of the inner folds, on a scale that all folds share; chosen.csv lists them."
        )
    yield (
        "Selection, filling of missing values, scaling and the classifier were learned inside every fold, on "
        "its training cases alone."
    )


def division(experiment: Experiment) -> str:
    """How the cases are divided, in words."""
    validation = experiment.validation
    scheme = "cohort" if is_external(experiment) else validation.scheme
    words = SCHEMES[scheme].format(folds=validation.folds, repeats=validation.repeats)
    runs = f", {validation.repeats} runs" if scheme == "kfold" and validation.repeats > 1 else ""
    groups = f"; cases of equal {validation.groups} stay together" if validation.groups else ""
    return words + runs + groups


def _permutations(experiment: Experiment) -> Iterator[str]:
    if experiment.permutations:
        where = " within each cohort" if experiment.validation.scheme == "cohort" else ""
        unit = "groups of equal size" if experiment.validation.groups else "cases"
        yield (
            f"Whole pipeline: the outcome was permuted between {unit}{where} {experiment.permutations} times and "
            "folds, selection, classifiers and choice were run again; p counts the true outcome among them."
        )


def _statistics(results: Results) -> Iterator[str]:
    arms = (*results.arms, *results.exploratory)
    used = dict.fromkeys(name for arm in arms for name in (arm.accuracy_method, arm.auc_method))
    intervals = [INTERVALS[name] for name in used if name in INTERVALS]
    if intervals:
        yield f"Intervals at {results.confidence * 100:g} %: {'; '.join(intervals)}."
    names = dict.fromkeys([*(pair.test for pair in results.pairs), *(one.test for one in results.overall)])
    tests = [TESTS[name] for name in names if name in TESTS]
    if tests:
        family = "over all pairs with the same test and metric"
        yield f"Tests: {'; '.join(tests)}. {adjusted(results.adjust)} is adjusted {family}."
    if results.non_inferiority:
        margin = results.non_inferiority[0].margin
        yield (
            f"Non-inferiority: a loss of {margin:g} or more is refuted where the lower end of the interval is above "
            f"-{margin:g} (accuracies of one run: Tango 1998)."
        )
