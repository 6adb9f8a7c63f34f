"""The experiment file: YAML in, a frozen typed `Experiment` out. The only place where raw YAML exists.

Every key is checked, an unknown one is refused with the nearest known key, and paths are resolved against
the folder of the file that names them.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from radcompare import registry
from radcompare.errors import ConfigError, did_you_mean

EVERYTHING = "all"
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class Settings(BaseModel):
    """Base of every block: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _on_menu(kind: str) -> BeforeValidator:
    """Check a name against the registry."""

    def check(name: object) -> object:
        known = registry.names(kind)
        if name not in known:
            raise ValueError(
                f"unknown {kind} {name!r}{did_you_mean(str(name), known)} (known: {', '.join(known)})"
            )
        return name

    return BeforeValidator(check)


def _resolve(path: object, info: ValidationInfo) -> object:
    """A relative path is relative to the file that names it; `${NAME}` stands for an environment variable."""
    if not isinstance(path, str):
        return path
    unset = [name for name in _VARIABLE.findall(path) if name not in os.environ]
    if unset:
        raise ValueError(f"the environment variable {unset[0]} is not set; set it, or give another path")
    return str(Path((info.context or {}).get("base") or "") / _VARIABLE.sub(lambda m: os.environ[m[1]], path))


FilePath = Annotated[Path, BeforeValidator(_resolve)]
"""A path in the experiment file."""


class Phantom(Settings):
    """The built-in cohort: how many cases, and how different the two classes are (see imaging.phantom)."""

    cases: int = Field(60, ge=4, description="number of cases, half of each class")
    effect: float = Field(1.0, description="Cohen's d between the classes in each latent parameter")
    seed: int = Field(1, ge=0)


class RadiomicsSource(Settings):
    """Handcrafted features measured on every case."""

    extractor: Literal["r219", "pyradiomics"]
    params: FilePath | None = Field(None, description="a pyradiomics parameter file, read unchanged")


class DeepSource(Settings):
    """Activations of a network shown the largest slice of every case."""

    extractor: Literal["deep"] = "deep"
    network: Annotated[str, _on_menu("network")]
    weights: str = Field(description="imagenet, random, or a weights file")
    seed: int = Field(1, ge=0, description="seed of random weights; unused otherwise")
    layer: str
    relu: Literal["pre", "post"] = "post"
    channel: Literal["r", "g", "b", "all"] = "all"
    window: Literal["crop", "warp"] = "crop"
    size: int = Field(56, ge=1, description="side of the crop window in pixels; unused by warp")
    margin: int = Field(0, ge=0, description="pixels around the box (warp) or added to the window (crop)")
    masked: bool = Field(False, description="set pixels outside the mask to the window's floor")
    intensity: str = Field("-1000:400", description="LOW:HIGH, or percentile (1st to 99th inside the mask)")
    pool: Literal["mean", "max", "flatten"] = Field("mean", description="how a spatial map becomes columns")

    @field_validator("weights")
    @classmethod
    def _file_beside_config(cls, value: str, info: ValidationInfo) -> str:
        return value if value in ("imagenet", "random") else str(_resolve(value, info))

    @field_validator("intensity")
    @classmethod
    def _range(cls, value: str) -> str:
        intensity_range(value)
        return value


class ColumnsSource(Settings):
    """Columns that exist already: of a feature table, or of the cohort itself."""

    columns: tuple[str, ...] = Field(min_length=1, description="names or shell patterns such as original_*")
    table: FilePath | None = Field(None, description="a feature table; the cohort's own columns if absent")


def _source_kind(raw: Any) -> str:
    extractor = raw.get("extractor") if isinstance(raw, Mapping) else getattr(raw, "extractor", None)
    if extractor is None:
        return "columns"
    return "deep" if extractor == "deep" else "radiomics"


Source = Annotated[
    Annotated[RadiomicsSource, Tag("radiomics")]
    | Annotated[DeepSource, Tag("deep")]
    | Annotated[ColumnsSource, Tag("columns")],
    Discriminator(_source_kind),
]
"""Where the features of an arm come from."""


class Selection(Settings):
    """Which features an arm keeps in every fold: `relieff:5`, `su:10`, or `all`."""

    method: Annotated[str, _on_menu("selector")] | Literal["all"] = EVERYTHING
    top: int | None = Field(None, ge=1)
    neighbours: int = Field(10, ge=1, description="k of Relief-F")
    ties: Literal["index", "weka"] = Field("index", description="Relief-F: how equal distances are ordered")
    sample: int | None = Field(
        None, ge=1, description="Relief-F: rows drawn, with replacement; all if absent"
    )
    sigma: float | None = Field(None, gt=0, description="Relief-F: neighbours weigh exp(-(rank/sigma)^2)")
    seed: int = Field(1, description="Relief-F: seed of the rows drawn")
    missing: Literal["merge", "value"] = Field(
        "merge", description="SU: spread missing values, or count them"
    )

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, raw: Any) -> Any:
        if not isinstance(raw, str):
            return raw
        method, _, top = raw.partition(":")
        if top and not top.isdigit():
            raise ValueError(f"expected METHOD:K such as relieff:5, found {raw!r}")
        return {"method": method, **({"top": int(top)} if top else {})}

    @model_validator(mode="after")
    def _top_is_given(self) -> "Selection":
        if (self.method == EVERYTHING) != (self.top is None):
            raise ValueError("write METHOD:K such as relieff:5 or su:10, or `all` to keep every feature")
        return self

    def __str__(self) -> str:
        return self.method if self.top is None else f"{self.method}:{self.top}"


def _as_tuple(value: object) -> object:
    return value if isinstance(value, list | tuple) else (value,)


Classifier = Annotated[str, _on_menu("classifier")]


class Arm(Settings):
    """A named way to get a score per case: feature sources, what is kept of them, and a classifier.

    `select` keeps the top K of the merged vector, `select_each` the top K of every source. The first
    selection with the first classifier is the arm's primary configuration; the others are exploratory.
    An arm with `score` uses that column as it is, higher meaning positive, and learns nothing.
    """

    sources: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ()
    select: Annotated[tuple[Selection, ...], BeforeValidator(_as_tuple)] = ()
    select_each: Annotated[tuple[Selection, ...], BeforeValidator(_as_tuple)] = ()
    classifiers: Annotated[tuple[Classifier, ...], BeforeValidator(_as_tuple)] = ()
    score: str | None = Field(None, description="a column that is a score already")

    @model_validator(mode="after")
    def _one_kind(self) -> "Arm":
        if bool(self.sources) == bool(self.score):
            raise ValueError("an arm has either sources (features to learn from) or score (a column)")
        if self.score and (self.select or self.select_each or self.classifiers):
            raise ValueError("an arm with score learns nothing: drop select, select_each and classifiers")
        if self.select and self.select_each:
            raise ValueError("give select (top of the merged vector) or select_each (top of each source)")
        return self


class Validation(Settings):
    """How cases are divided: leave-one-out, k-fold (repeated), or one cohort against another."""

    scheme: Literal["loo", "kfold", "cohort"] = "kfold"
    folds: int = Field(10, ge=2)
    repeats: int = Field(1, ge=1)
    groups: str | None = Field(None, description="column whose equal values never straddle, e.g. patient_id")
    train: str | None = Field(None, description="scheme cohort: value of the `cohort` column to train on")
    test: str | None = Field(None, description="scheme cohort: value of the `cohort` column to test on")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, raw: Any) -> Any:
        """`loo`, `cohort`, `10` (folds) and `10x5` (folds x repeats) as on the command line."""
        if not isinstance(raw, str | int):
            return raw
        text = str(raw)
        if text in ("loo", "cohort"):
            return {"scheme": text}
        folds, _, repeats = text.partition("x")
        if not folds.isdigit() or (repeats and not repeats.isdigit()):
            raise ValueError(f"expected loo, cohort, FOLDS or FOLDSxREPEATS such as 10x5, found {text!r}")
        return {"scheme": "kfold", "folds": int(folds), "repeats": int(repeats or 1)}

    @model_validator(mode="after")
    def _whole(self) -> "Validation":
        if self.scheme != "kfold" and self.repeats > 1:
            raise ValueError(f"{self.scheme} gives the same folds every time: repeats belong to kfold")
        return self


class Experiment(Settings):
    """One experiment: a cohort (or feature tables), an outcome, arms, and how they are validated."""

    name: str = "experiment"
    cohort: FilePath | Literal["phantom"] | None = Field(None, description="a cohort.csv, or phantom")
    phantom: Phantom = Phantom()
    table: FilePath | None = Field(None, description="a feature table, instead of a cohort with images")
    test_table: FilePath | None = Field(None, description="train on `table`, test on this one")
    outcome: str
    positive: str | int | float | bool | None = Field(
        None, description="the outcome's value that is positive"
    )
    sources: dict[str, Source]
    arms: dict[str, Arm] = Field(min_length=1)
    select: Annotated[tuple[Selection, ...], BeforeValidator(_as_tuple)] = (Selection(),)
    classifiers: Annotated[tuple[Classifier, ...], BeforeValidator(_as_tuple)] = ("naive-bayes",)
    validation: Validation = Validation()
    reference: str | None = Field(
        None, description="the arm that the others are compared with; all pairs if absent"
    )
    confidence: float = Field(0.95, gt=0.5, lt=1)
    seed: int = Field(1, ge=0)

    @field_validator("cohort", mode="before")
    @classmethod
    def _phantom_is_no_path(cls, value: object, info: ValidationInfo) -> object:
        return value if value == "phantom" else _resolve(value, info)

    @model_validator(mode="after")
    def _names_exist(self) -> "Experiment":
        if (self.cohort is None) == (self.table is None):
            raise ValueError("give either cohort (images and masks) or table (features)")
        if self.test_table is not None and self.table is None:
            raise ValueError("test_table needs table to train on")
        for arm, settings in self.arms.items():
            for source in settings.sources:
                if source not in self.sources:
                    raise ValueError(f"arm {arm!r}: no source {source!r}{did_you_mean(source, self.sources)}")
        if self.reference is not None and self.reference not in self.arms:
            raise ValueError(f"reference: no arm {self.reference!r}{did_you_mean(self.reference, self.arms)}")
        return self


def intensity_range(text: str) -> tuple[float, float] | None:
    """`-1000:400` as two numbers, or None for `percentile`.

    Raises:
        ValueError: neither form, or low is not below high.
    """
    if text == "percentile":
        return None
    low, _, high = text.partition(":")
    try:
        bounds = float(low), float(high)
    except ValueError:
        raise ValueError(f"expected percentile or LOW:HIGH such as -1000:400, found {text!r}") from None
    if not bounds[0] < bounds[1]:
        raise ValueError(f"the lower bound must be below the upper one, found {text!r}")
    return bounds


def load_experiment(path: Path, overrides: Mapping[str, Any] | None = None) -> Experiment:
    """Read an experiment file.

    Args:
        path: the YAML file; relative paths inside are relative to its folder.
        overrides: dotted keys and values that replace the file's, e.g. `{"validation.folds": 5}`.
            A relative path among them belongs to the folder of the file, like those inside it.

    Raises:
        ConfigError: the file is missing, not YAML, or a key or value is wrong (all of them are listed).
    """
    raw = _read_yaml(path)
    for key, value in (overrides or {}).items():
        _replace(raw, key, value)
    return parse(Experiment, raw, origin=str(path), base=path.parent)


Block = TypeVar("Block", bound=Settings)


def parse(block: type[Block], raw: object, *, origin: str, base: Path | None = None) -> Block:
    """Check raw settings against a block.

    Args:
        block: the class of the settings.
        raw: what YAML or the command line gave.
        origin: the file or command, named in the error.
        base: the folder that relative paths belong to; the working folder if absent.
    """
    try:
        return block.model_validate(raw, context={"base": str(base) if base else ""})
    except ValidationError as error:
        problems = [_describe(problem, block) for problem in error.errors()]
        raise ConfigError(f"{origin}: " + "\n  ".join(problems), "correct the keys named above") from None


def sample_config(name: str) -> Path:
    """The path of a shipped experiment file: beside the package in a checkout, inside it when installed.

    Raises:
        ConfigError: there is no such file.
    """
    package = Path(__file__).parent
    for folder in (package / "sample_configs", package.parent / "sample_configs"):
        if (folder / f"{name}.yaml").is_file():
            return folder / f"{name}.yaml"
    raise ConfigError(f"no sample configuration {name!r}", "reinstall radcompare, or name the file itself")


def parse_value(text: str) -> Any:
    """The value of `--set key=value`, read as YAML."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"--set: cannot read the value {text!r}: {error}") from None


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}", "check the path") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not YAML: {error}", "see sample_configs/ for working files") from None
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: expected `key: value` lines, found {type(raw).__name__}")
    return raw


def _replace(raw: dict[str, Any], key: str, value: Any) -> None:
    *parents, last = key.split(".")
    for parent in parents:
        inner = raw.setdefault(parent, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"--set {key}: {parent} holds a value, not a block")
        raw = inner
    raw[last] = value


def _describe(problem: Any, block: type[Settings]) -> str:
    """One line for one thing that is wrong, with the nearest known key for an unknown one."""
    where = [str(part) for part in problem["loc"] if part not in ("radiomics", "deep", "columns")]
    where = [part for part in where if not part.startswith(("function-", "literal["))] or ["settings"]
    key = ".".join(where)
    if problem["type"] == "extra_forbidden":
        return f"unknown key {key}{did_you_mean(where[-1], _known_keys(block))}"
    if problem["type"] == "missing":
        return f"{key}: is missing"
    return f"{key}: {problem['msg'].removeprefix('Value error, ')} (found {_short(problem['input'])})"


def _short(value: object, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _known_keys(block: type[Settings]) -> Sequence[str]:
    """Every key that this block or a block inside it has."""
    return list(dict.fromkeys(_keys_below(block)))


def _keys_below(block: type[Settings]) -> Iterator[str]:
    yield from block.model_fields
    if block is Experiment:
        for inner in (Phantom, RadiomicsSource, DeepSource, ColumnsSource, Selection, Arm, Validation):
            yield from inner.model_fields
