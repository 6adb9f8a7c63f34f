"""Settings as frozen typed blocks: every key that an experiment file or the command line can give.

An unknown key is refused, and a path is resolved against the folder of the file that names it. The file itself
is read by `radcompare.config`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from radcompare import registry
from radcompare.block import Settings as Settings
from radcompare.classifier_settings import AnyClassifier, NaiveBayes
from radcompare.cnn_settings import Cnn, Ensemble
from radcompare.errors import did_you_mean
from radcompare.fields import ONE_OR_MORE, STANDARD_STREAM, SWEEP, FilePath, Names, on_menu, resolve
from radcompare.reading_settings import AS_STORED, Reading
from radcompare.source_settings import Source
from radcompare.wrong_settings import short

EVERYTHING = "all"
_FOLDS = re.compile(r"([0-9]+)(?:x([0-9]+))?")
_BOOTSTRAP = re.compile(r"bootstrap(?::([0-9]+))?")
_TOP = re.compile(r"([^:,]*)(?::([0-9]+))?((?:,[^,=]+=[^,=]+)*)")


class Phantom(Settings):
    """The built-in cohort: how many cases, and how different the two classes are (see imaging.phantom)."""

    cases: int = Field(60, ge=4, description="number of cases, half of each class")
    effect: float = Field(1.0, description="Cohen's d between the classes in each latent parameter")
    seed: int = Field(1, ge=0, description="of everything that is drawn of the cases")


class Selection(Settings):
    """Which features an arm keeps in every fold: `relieff:5`, `mrmr:10,bins=5`, or `all`."""

    method: Annotated[str, on_menu("selector", *registry.names("projection"), EVERYTHING)] = Field(
        EVERYTHING, description="a selector, a projection such as pca, or all to keep every feature"
    )
    top: int | None = Field(None, ge=1, description="how many features are kept; none with the method all")
    neighbours: int = Field(10, ge=1, description="k of Relief-F")
    ties: Literal["index", "weka"] = Field("index", description="Relief-F: how equal distances are ordered")
    sample: int | None = Field(
        None, ge=1, description="Relief-F: rows drawn, with replacement; all if absent"
    )
    sigma: float | None = Field(None, gt=0, description="Relief-F: neighbours weigh exp(-(rank/sigma)^2)")
    seed: int = Field(1, ge=0, description="seed of what is drawn: Relief-F's rows, forward's inner folds")
    missing: Literal["merge", "value"] = Field(
        "merge", description="SU: spread missing values, or count them"
    )
    bins: int | None = Field(
        None, ge=2, description="information measures: equal-width bins; MDL cuts if absent"
    )
    threshold: float = Field(
        0.9, gt=0, lt=1, description="correlation: |r| with a kept feature that drops another"
    )
    beta: float = Field(0.5, ge=0, description="mifs: weight of redundancy")
    delta: float = Field(0.0, ge=0, lt=1, description="fcbf: least symmetric uncertainty with the outcome")
    step: float = Field(0.1, ge=0, lt=1, description="rfe: share of the features dropped at a time")
    candidates: int = Field(50, ge=1, description="forward: the best by ANOVA that are tried")
    inner_folds: int = Field(5, ge=2, description="forward: folds that score a set of features")
    nearest: int = Field(3, ge=1, description="mutual-information: neighbours of its estimate")
    scaled: bool = Field(True, description="variance: of features scaled to their range")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, raw: Any) -> Any:
        return raw if isinstance(raw, Mapping | Selection) else selection_block(raw)

    @model_validator(mode="after")
    def _top_is_given(self) -> "Selection":
        if (self.method == EVERYTHING) != (self.top is None):
            expected = "expected METHOD:K such as relieff:5 or su:10, or `all` to keep every feature"
            raise ValueError(f"{expected}, found {str(self)!r}")
        return self

    @property
    def selector(self) -> str:
        """The method with those of its settings that are not the default, as tables name it."""
        given = self.model_dump(exclude_defaults=True, exclude={"method", "top"})
        return ",".join([self.method, *(f"{name}={value}" for name, value in given.items())])

    def __str__(self) -> str:
        method, comma, settings = self.selector.partition(",")
        return method + ("" if self.top is None else f":{self.top}") + comma + settings


def selection_block(raw: object) -> dict[str, Any]:
    """`relieff:5` and `mrmr:10,bins=5` as the keys of a `Selection`.

    Raises:
        ValueError: it has another form.
    """
    found = _TOP.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if found is None:
        raise ValueError(f"expected METHOD:K such as relieff:5, or all, found {short(raw)}")
    settings = dict(part.split("=") for part in found[3].split(",")[1:])
    return {"method": found[1], **({"top": int(found[2])} if found[2] else {}), **settings}


Selections = Annotated[tuple[Selection, ...], *SWEEP]
Classifiers = Annotated[tuple[AnyClassifier, ...], *SWEEP]


class Arm(Settings):
    """A named way to get a score per case: feature sources, what is kept of them, and a classifier.

    `select` keeps the top K of the merged vector, `select_each` the top K of every source. The first
    selection with the first classifier is the arm's primary configuration; the others are exploratory.
    An arm with `score` uses that column as it is, higher meaning positive, and learns nothing. One with `cnn` is a
    network trained on the training cases of every fold; one with `ensemble` combines other arms.
    """

    sources: Names = Field((), description="names in `sources` whose features are merged, side by side")
    select: Selections = Field(
        (), description="what is kept of the merged features; the experiment's `select` if absent"
    )
    select_each: Selections = Field(
        (), description="in place of `select`: what is kept of every source, before they are merged"
    )
    classifiers: Classifiers = Field(
        (), description="what learns from the features; the experiment's `classifiers` if absent"
    )
    score: str | None = Field(None, description="a column that is a score already")
    cnn: Cnn | None = Field(None, description="a network trained in every fold")
    ensemble: Ensemble | None = Field(None, description="other arms combined")
    variant_of: str | None = Field(
        None,
        description="the arm that this is a variant of, written out of a sweep; its name begins with that",
    )

    @model_validator(mode="after")
    def _one_kind(self) -> "Arm":
        kinds = [kind for kind in ("sources", "score", "cnn", "ensemble") if getattr(self, kind)]
        if len(kinds) != 1:
            found = f"{' and '.join(kinds)} are" if kinds else "none is"
            raise ValueError(
                "an arm has one of sources (features to learn from), score (a column), cnn (a network to train) and "
                f"ensemble (of other arms): {found} there"
            )
        plain = self.cnn is not None and not self.cnn.layer
        if (self.score or self.ensemble or plain) and (self.select or self.select_each or self.classifiers):
            hint = " (cnn: layer: NAME learns from activations)" if plain else ""
            raise ValueError(
                f"an arm with {kinds[0]} has nothing to select from: drop select, select_each and classifiers{hint}"
            )
        if self.select and self.select_each:
            raise ValueError(
                "give select (top of the merged vector) or select_each (top of each source), not both"
            )
        return self


FOLDS = 10
SAMPLES = 200
"""Bootstrap samples, where the number is not given."""


class Inner(Settings):
    """The loop inside every training side that picks one of an arm's configurations (nested validation)."""

    folds: int = Field(5, ge=2, description="of the training cases")
    repeats: int = Field(1, ge=1, description="runs of these folds")
    metric: Literal["auc", "accuracy", "balanced-accuracy"] = Field(
        "auc", description="what the best configuration is the best in"
    )

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, raw: Any) -> Any:
        return raw if isinstance(raw, Mapping | Inner) else inner_block(raw)


def inner_block(raw: object) -> dict[str, int]:
    """`5` and `2x5` (two repeats of five folds) as the keys of an `Inner`.

    Raises:
        ValueError: it has another form.
    """
    found = _FOLDS.fullmatch(str(raw).strip())
    if found is None:
        raise ValueError(f"expected FOLDS or REPEATSxFOLDS such as 5, found {short(raw)}")
    return _folds_and_repeats(found)


class Validation(Settings):
    """How cases are divided: leave-one-out, k-fold (repeated), bootstrap, or one cohort against another."""

    scheme: Literal["loo", "kfold", "bootstrap", "cohort"] = Field(
        "kfold",
        description="every case alone (loo), in folds, by samples drawn with replacement (.632+), or trained on "
        "one cohort and tested on the other",
    )
    folds: int = Field(FOLDS, ge=2, description="of kfold, stratified by class")
    repeats: int = Field(1, ge=1, description="runs of kfold; samples of bootstrap")
    groups: str | None = Field(None, description="column whose equal values never straddle, e.g. patient_id")
    train: str | None = Field(None, description="scheme cohort: value of the `cohort` column to train on")
    test: str | None = Field(None, description="scheme cohort: value of the `cohort` column to test on")
    inner: Inner | None = Field(
        None, description="folds of the inner loop that picks an arm's configuration; none if absent"
    )

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, raw: Any) -> Any:
        block = raw if isinstance(raw, Mapping | Validation) else validation_block(raw)
        if isinstance(block, Mapping) and block.get("scheme") == "bootstrap":
            return {"repeats": SAMPLES, **block}
        return block

    @model_validator(mode="after")
    def _whole(self) -> "Validation":
        if self.scheme == "bootstrap" and (self.folds != FOLDS or self.repeats < 2):
            raise ValueError(
                "bootstrap has no folds but samples: repeats, 2 or more (bootstrap:200 in short)"
            )
        if self.scheme in ("loo", "cohort") and (self.repeats, self.folds) != (1, FOLDS):
            raise ValueError(
                f"{self.scheme} divides the cases in one way only: folds and repeats belong to kfold"
            )
        if (self.train is None) != (self.test is None):
            raise ValueError("train and test go together: give both, or neither")
        if self.train is not None and self.scheme != "cohort":
            raise ValueError(f"train and test name cohorts: they belong to scheme cohort, not {self.scheme}")
        if self.train is not None and self.train == self.test:
            raise ValueError(f"train and test are the same cohort, {self.train!r}")
        return self


def validation_block(raw: object) -> dict[str, Any]:
    """`loo`, `cohort`, `10`, `5x2` (five repeats of two folds), `bootstrap:200` as the keys of a `Validation`.

    Raises:
        ValueError: it has another form.
    """
    text = str(raw).strip()
    if text in ("loo", "cohort"):
        return {"scheme": text}
    if drawn := _BOOTSTRAP.fullmatch(text):
        return {"scheme": "bootstrap", "repeats": int(drawn[1] or SAMPLES)}
    found = _FOLDS.fullmatch(text)
    if found is None:
        raise ValueError(
            f"expected loo, cohort, FOLDS, REPEATSxFOLDS such as 5x2 or bootstrap:SAMPLES, found {short(raw)}"
        )
    return {"scheme": "kfold", **_folds_and_repeats(found)}


def _folds_and_repeats(found: re.Match[str]) -> dict[str, int]:
    repeats, folds = (found[1], found[2]) if found[2] else (1, found[1])
    return {"folds": int(folds), "repeats": int(repeats)}


class Statistics(Settings):
    """How arms are measured and compared, where the usual for the design is not wanted."""

    tests: Annotated[tuple[Annotated[str, on_menu("test")], ...], *ONE_OR_MORE] = Field(
        (), description="tests of every pair in place of the usual ones; each has to be valid for the design"
    )
    intervals: Literal["standard", "exact", "bootstrap"] = Field(
        "standard",
        description="standard: Wilson and DeLong; exact: Clopper-Pearson and DeLong; bootstrap: BCa",
    )
    adjust: Literal["holm", "benjamini-hochberg"] = Field(
        "holm", description="p values over all pairs with the same test and metric"
    )
    margin: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="largest loss that does not matter: is an arm no worse than `reference`?",
    )
    resamples: int = Field(2000, ge=100, le=1_000_000, description="of every bootstrap")
    seed: int = Field(1, ge=0, description="of resamples and permutations")


class Experiment(Settings):
    """One experiment: a cohort (or feature tables), an outcome, arms, and how they are validated."""

    name: str = Field("experiment", description="of the report, and of the folder in runs/ without --out")
    cohort: FilePath | Literal["phantom"] | None = Field(None, description="a cohort.csv, or phantom")
    phantom: Phantom = Field(Phantom(), description="what `cohort: phantom` is made of")
    reading: Reading = Field(AS_STORED, description="what is done to images and masks first")
    table: FilePath | None = Field(None, description="a feature table, instead of a cohort with images")
    test_table: FilePath | None = Field(None, description="train on `table`, test on this one")
    outcome: str = Field(description="the column to predict; two classes")
    positive: str | int | float | bool | None = Field(
        None, description="the outcome's value that is positive"
    )
    sources: dict[str, Source] = Field(default_factory=dict, description="feature sources by name")
    arms: dict[str, Arm] = Field(min_length=1, description="what is compared, by name")
    select: Selections = Field(
        (Selection(),), min_length=1, description="of every arm that says nothing of its own"
    )
    classifiers: Classifiers = Field(
        (NaiveBayes(),), min_length=1, description="of every arm that names none of its own"
    )
    validation: Validation = Field(Validation(), description="how cases are divided; the same for every arm")
    reference: str | None = Field(
        None, description="the arm that the others are compared with; all pairs if absent"
    )
    confidence: float = Field(0.95, gt=0.5, lt=1, description="level of all intervals")
    statistics: Statistics = Field(Statistics(), description="tests and intervals, where others are wanted")
    views: int = Field(
        6, ge=0, le=48, description="cases of which the report shows what the networks saw; 0 for none"
    )
    permutations: int = Field(
        0,
        ge=0,
        le=100_000,
        description="of the outcome, each running the whole pipeline, for its p; 0 for none",
    )
    seed: int = Field(1, ge=0, description="of folds, inner folds, permutations and classifiers")

    @field_validator("name")
    @classmethod
    def _names_a_folder(cls, value: str) -> str:
        if value.strip() in ("", ".", "..") or "/" in value or "\\" in value:
            raise ValueError(f"expected a name that can be a folder's, found {short(value)}")
        return value

    @model_validator(mode="before")
    @classmethod
    def _two_tables_are_two_cohorts(cls, raw: Any) -> Any:
        if isinstance(raw, Mapping) and raw.get("test_table") and raw.get("validation") is None:
            return {**raw, "validation": "cohort"}
        return raw

    @field_validator("cohort", mode="before")
    @classmethod
    def _phantom_is_no_path(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str | Path | None):
            raise ValueError(f"expected a path, or phantom, found {short(value)}")
        return value if value == "phantom" else resolve(value, info)

    @field_validator("positive", mode="before")
    @classmethod
    def _positive_is_one_value(cls, value: object) -> object:
        if not isinstance(value, str | int | float | None):
            raise ValueError(f"expected one value, found {short(value)}")
        return value

    @model_validator(mode="after")
    def _names_exist(self) -> "Experiment":
        if (self.cohort is None) == (self.table is None):
            found = "neither is" if self.table is None else "both are"
            raise ValueError(f"give either cohort (images and masks) or table (features): {found} there")
        self._check_test_table()
        for arm, settings in self.arms.items():
            for source in settings.sources:
                if source not in self.sources:
                    raise ValueError(f"arm {arm!r}: no source {source!r}{did_you_mean(source, self.sources)}")
        self._check_variants()
        self._check_ensembles()
        known = list(dict.fromkeys(arm.variant_of or name for name, arm in self.arms.items()))
        if self.reference is not None and self.reference not in known:
            raise ValueError(f"reference: no arm {self.reference!r}{did_you_mean(self.reference, known)}")
        if self.statistics.margin is not None and self.reference is None:
            raise ValueError(
                "statistics: a margin needs a reference, the arm that others shall be no worse than"
            )
        return self

    def _check_ensembles(self) -> None:
        whole = list(dict.fromkeys(arm.variant_of or name for name, arm in self.arms.items()))
        ensembles = [name for name, arm in self.arms.items() if arm.ensemble is not None]
        for name in ensembles:
            ensemble = self.arms[name].ensemble
            for member in () if ensemble is None else ensemble.of:
                if member not in whole:
                    raise ValueError(f"arm {name!r}: no arm {member!r}{did_you_mean(member, whole)}")
                if member in ensembles:
                    raise ValueError(f"arm {name!r}: {member!r} is an ensemble itself: name its members")

    def _check_variants(self) -> None:
        for name, arm in self.arms.items():
            if arm.variant_of is None:
                continue
            if arm.variant_of in self.arms:
                raise ValueError(f"arm {name!r}: {arm.variant_of!r} is an arm itself: rename one of the two")
            if not name.startswith(f"{arm.variant_of} ") and name != arm.variant_of:
                raise ValueError(f"arm {name!r}: the name of a variant begins with {arm.variant_of!r}")

    def _check_test_table(self) -> None:
        if self.test_table is None:
            return
        if self.table is None:
            raise ValueError("test_table needs table to train on")
        if str(self.table) == str(self.test_table) == STANDARD_STREAM:
            raise ValueError("table and test_table cannot both be standard input")
        if self.validation.scheme != "cohort" or self.validation.train is not None:
            raise ValueError(
                "with test_table one table trains and the other one tests: drop validation "
                "(or write {scheme: cohort, groups: COLUMN})"
            )
