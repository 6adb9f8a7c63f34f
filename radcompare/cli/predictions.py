"""Predictions: evaluate makes them, compare judges them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from radcompare import console
from radcompare.cli.options import (
    TABLES,
    Jobs,
    Json,
    Memory,
    Outcome,
    Output,
    Quiet,
    Scheduler,
    Seed,
    Table,
    Verbose,
    choice,
    menu,
)
from radcompare.cli.output import STANDARD_STREAM, refuse_both, refuse_target, write_frame
from radcompare.errors import ConfigError
from radcompare.parallel import placed

if TYPE_CHECKING:
    from radcompare.compare.summaries import Published
    from radcompare.config import Experiment
    from radcompare.evaluation.arms import Evaluation
    from radcompare.parallel import Progress
    from radcompare.tables.results import Pipeline

ORIGIN = "radcompare evaluate"
HINT = f"{ORIGIN} --help shows every option"
FOLDS = "10"


def add_to(app: typer.Typer) -> None:
    """Put the commands of this file on the menu."""
    app.command(rich_help_panel=TABLES)(evaluate)
    app.command(rich_help_panel=TABLES)(compare)


def evaluate(
    table: Table,
    outcome: Outcome,
    arm: Annotated[
        list[str] | None,
        typer.Option(
            "--arm",
            metavar="NAME=PATTERN",
            help="An arm and its columns, such as 'merged=r219_*,deep_*'; may be given again. All features if absent.",
        ),
    ] = None,
    score: Annotated[
        list[str] | None,
        typer.Option(
            "--score",
            metavar="NAME=COLUMN",
            help="An arm whose score is a column as it stands; may be given again.",
        ),
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            "--select",
            metavar="METHOD:K",
            help="What every fold keeps: relieff:5, su:10, or all. Given again, the first is primary and the rest exploratory.",
        ),
    ] = None,
    select_each: Annotated[
        list[str] | None,
        typer.Option(
            "--select-each",
            metavar="METHOD:K",
            help="In place of --select: the top K of each pattern of an arm.",
        ),
    ] = None,
    classifier: Annotated[
        list[str] | None,
        typer.Option(
            "--classifier",
            **menu(
                "classifier",
                "What learns, such as knn or random-forest:trees=500,min_leaf=2; naive-bayes if absent, may be given "
                "again; describe NAME shows the settings.",
            ),
        ),
    ] = None,
    cv: Annotated[
        str | None,
        typer.Option(
            "--cv",
            metavar="SCHEME",
            help=f"loo, FOLDS, REPEATSxFOLDS, bootstrap:SAMPLES (.632+), or cohort (train on one, test on the other); {FOLDS} if absent.",
        ),
    ] = None,
    inner: Annotated[
        str | None,
        typer.Option(
            "--inner",
            metavar="FOLDS",
            help="Nested validation: inside every training side FOLDS (or REPEATSxFOLDS) pick the best of the selections and classifiers by AUC; that is the primary result.",
        ),
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(
            "--groups",
            metavar="COLUMN",
            help="Cases of equal value stay together, such as those of a patient_id.",
        ),
    ] = None,
    test_table: Annotated[
        str | None, typer.Option("--test-table", metavar="TABLE", help="Train on TABLE, test on this one.")
    ] = None,
    train: Annotated[
        str | None,
        typer.Option("--train", metavar="VALUE", help="--cv cohort: value of `cohort` to train on."),
    ] = None,
    test: Annotated[
        str | None, typer.Option("--test", metavar="VALUE", help="--cv cohort: value of `cohort` to test on.")
    ] = None,
    positive: Annotated[
        str | None,
        typer.Option(
            "--positive",
            metavar="VALUE",
            help="The outcome's positive value; the larger one of two if absent.",
        ),
    ] = None,
    permutations: Annotated[
        int,
        typer.Option(
            "--permutations",
            min=0,
            metavar="N",
            help="Run everything again on N permuted outcomes, for the p of the whole pipeline; goes on where it stopped.",
        ),
    ] = 0,
    seed: Seed = 1,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    memory: Memory = None,
    output: Output = STANDARD_STREAM,
    as_json: Json = False,
    quiet: Quiet = False,
    _verbose: Verbose = False,
) -> None:
    """Predict the outcome from columns of a table, selecting inside the folds; write predictions."""
    from radcompare.compare.comparison import compare as compare_arms
    from radcompare.config import Experiment, parse
    from radcompare.report.text import notes_of, pipeline_note, stability_notes

    refuse_both(as_json, output)
    refuse_target(output)
    if select and select_each:
        raise ConfigError("--select and --select-each are two answers to one question", "give one of them")
    raw = {
        "table": table,
        "test_table": test_table,
        "outcome": outcome,
        "positive": positive,
        **_arms(arm or (), score or (), select_each),
        "select": select or ["all"],
        "classifiers": classifier or ["naive-bayes"],
        "validation": _validation(
            cv or (FOLDS if test_table is None else "cohort"), inner, groups, train, test
        ),
        "permutations": permutations,
        "seed": seed,
    }
    experiment = parse(Experiment, raw, origin=ORIGIN, hint=HINT)
    with placed(scheduler=scheduler, memory=memory), console.Progress(quiet=quiet) as progress:
        evaluation, pipelines, notes = _evaluate(experiment, jobs, progress)
    console.notes((*notes, *evaluation.notes, *stability_notes(evaluation.stability)), quiet=quiet)
    write_frame(evaluation.predictions.frame, output)
    if output == STANDARD_STREAM:
        console.notes(map(pipeline_note, pipelines), quiet=quiet)
    if output != STANDARD_STREAM:
        found = replace(compare_arms(evaluation.predictions), pipelines=pipelines)
        if as_json:
            console.write_json({"output": output, **found.to_json()})
        else:
            console.results(found)
        console.notes(notes_of(found), quiet=quiet)


def compare(
    predictions: Annotated[
        str | None,
        typer.Argument(
            metavar="[PREDICTIONS]",
            help="A table with ID, arm, y_true, score, of any program; score_CLASS for each of more than two classes. - is standard input.",
        ),
    ] = None,
    published: Annotated[
        list[str] | None,
        typer.Option(
            "--published",
            metavar="TEXT",
            help="An arm known from a publication: 'NAME: auc=0.712 n_pos=20 n_neg=20', 'right=31 n=40' or both. May be given again.",
        ),
    ] = None,
    same_cases: Annotated[
        bool,
        typer.Option("--same-cases", metavar="", help="The published figures are of the very same cases."),
    ] = False,
    correlation: Annotated[
        float,
        typer.Option(
            "--correlation", metavar="R", help="Of the published AUCs, with --same-cases; 0 if not known."
        ),
    ] = 0.0,
    reference: Annotated[
        str | None, typer.Option("--reference", metavar="ARM", help="Compare the others with this arm alone.")
    ] = None,
    confidence: Annotated[
        float,
        typer.Option("--confidence", metavar="X", help="Level of the intervals, above 0.5 and below 1."),
    ] = 0.95,
    tests: Annotated[
        list[str] | None,
        typer.Option(
            "--test",
            **menu(
                "test",
                "In place of the usual tests for the design; refused where it would be wrong. May be given again.",
            ),
        ),
    ] = None,
    intervals: Annotated[
        str,
        typer.Option(
            "--intervals",
            **choice(
                "standard",
                "exact",
                "bootstrap",
                help="Wilson and DeLong, Clopper-Pearson and DeLong, or BCa.",
            ),
        ),
    ] = "standard",
    adjust: Annotated[
        str,
        typer.Option("--adjust", **choice("holm", "benjamini-hochberg", help="p values over all pairs.")),
    ] = "holm",
    margin: Annotated[
        float | None,
        typer.Option(
            "--margin",
            metavar="X",
            help="With --reference: also test whether the others are no worse than it by X, such as 0.05.",
        ),
    ] = None,
    metrics: Annotated[
        bool, typer.Option("--metrics", metavar="", help="Also show every metric of every arm.")
    ] = False,
    seed: Seed = 1,
    as_json: Json = False,
    quiet: Quiet = False,
    _verbose: Verbose = False,
) -> None:
    """Compare arms on the same cases: accuracy, AUC, intervals, paired tests, and what is refused."""
    from radcompare.compare.comparison import compare as compare_arms
    from radcompare.compare.published import compare_published
    from radcompare.config import Statistics, parse
    from radcompare.report.text import metrics_grid, notes_of
    from radcompare.tables.predictions import read_predictions

    if not 0.5 < confidence < 1:
        raise ConfigError(
            f"--confidence: expected more than 0.5 and less than 1, found {confidence:g}",
            "write 95 % as 0.95",
        )
    _check_margin(margin, reference, published)
    raw = {"tests": tests or (), "intervals": intervals, "adjust": adjust, "margin": margin, "seed": seed}
    hint = "radcompare compare --help shows every option"
    statistics = parse(Statistics, raw, origin="radcompare compare", hint=hint)
    summaries = _summaries(published or (), predictions, same_cases=same_cases, correlation=correlation)
    found = None
    if predictions is not None:
        arms = read_predictions(predictions)
        known = None if reference in {summary.name for summary in summaries} else reference
        found = compare_arms(arms, reference=known, confidence=confidence, statistics=statistics)
    if summaries:
        found = compare_published(
            summaries,
            found,
            reference=reference,
            confidence=confidence,
            adjust=adjust,
            same_cases=same_cases,
            correlation=correlation,
        )
    assert found is not None
    if as_json:
        console.write_json(found.to_json())
    else:
        console.results(found)
        if metrics:
            console.grids([metrics_grid(found.arms)])
        console.notes(notes_of(found), quiet=quiet)


def _check_margin(margin: float | None, reference: str | None, published: Sequence[str] | None) -> None:
    if margin is None:
        return
    if published:
        problem = "--margin with --published: figures alone do not pair the cases"
        raise ConfigError(problem, "leave one of them out")
    if reference is None:
        raise ConfigError(
            "--margin without --reference", "name the arm that the others shall be no worse than"
        )
    if not 0 < margin < 1:
        raise ConfigError(
            f"--margin: expected more than 0 and less than 1, found {margin:g}",
            "give the largest loss that does not matter, such as 0.05",
        )


def _summaries(
    published: Sequence[str], predictions: str | None, *, same_cases: bool, correlation: float
) -> "list[Published]":
    """What was typed with --published, checked together with the options that go with it."""
    from radcompare.compare.summaries import parse_published

    if predictions is None and not published:
        raise ConfigError(
            "nothing to compare", "give a table of predictions, or --published 'auc=... n_pos=... n_neg=...'"
        )
    if same_cases and len(published) < 2:
        raise ConfigError("--same-cases without two --published", "it is said of two published arms")
    if correlation and not same_cases:
        raise ConfigError("--correlation without --same-cases", "AUCs of different cases are not correlated")
    if not -1 < correlation < 1:
        raise ConfigError(f"--correlation: expected more than -1 and less than 1, found {correlation:g}")
    return [parse_published(text, number) for number, text in enumerate(published, start=1)]


def _evaluate(
    experiment: "Experiment", jobs: int, progress: "Progress"
) -> "tuple[Evaluation, tuple[Pipeline, ...], tuple[str, ...]]":
    """The evaluation of an experiment on tables, its p on permuted outcomes, and what the tables had to say."""
    from radcompare.cache import default_cache
    from radcompare.evaluation.permuting import refuse_fixed
    from radcompare.experiment import permuted, pipeline_of, table_study

    study, notes = table_study(experiment)
    work = pipeline_of(experiment, study)
    if experiment.permutations:
        refuse_fixed(work)
    evaluation = work.run(jobs=jobs, progress=progress)
    found = permuted(experiment, work, evaluation, cache=default_cache(), jobs=jobs, progress=progress)
    return evaluation, found, notes


def _arms(arm: Sequence[str], score: Sequence[str], select_each: list[str] | None) -> dict[str, Any]:
    """The blocks `sources` and `arms` of an experiment; a pattern is a source of its own."""
    arms: dict[str, dict[str, Any]] = {}
    for name, columns in _named(arm, "--arm"):
        _put(arms, name, {"sources": columns.split(","), "select_each": select_each or []})
    for name, column in _named(score, "--score"):
        _put(arms, name, {"score": column})
    arms = arms or {"all": {"sources": ["*"], "select_each": select_each or []}}
    patterns = [pattern for settings in arms.values() for pattern in settings.get("sources", ())]
    return {"arms": arms, "sources": {pattern: {"columns": [pattern]} for pattern in patterns}}


def _named(texts: Sequence[str], option: str) -> list[tuple[str, str]]:
    found = [(text, *(part.strip() for part in text.partition("=")[::2])) for text in texts]
    for text, name, value in found:
        if not name or not value or "" in value.split(","):
            example = "radiomics=original_*" if option == "--arm" else "cnn=logit_1"
            raise ConfigError(
                f"{option}: expected NAME=..., found {text!r}", f"for example {option} '{example}'"
            )
    return [(name, value) for _, name, value in found]


def _put(arms: dict[str, dict[str, Any]], name: str, settings: dict[str, Any]) -> None:
    if name in arms:
        raise ConfigError(f"two arms are called {name!r}", "give every arm a name of its own")
    arms[name] = settings


def _validation(
    cv: str, inner: str | None, groups: str | None, train: str | None, test: str | None
) -> dict[str, Any]:
    """`--cv` and its companions as the block `validation` of an experiment."""
    from radcompare.config import Inner, Validation, parse

    scheme = parse(Validation, cv, origin="--cv", hint=HINT).model_dump()
    loop = None if inner is None else parse(Inner, inner, origin="--inner", hint=HINT).model_dump()
    return scheme | {"inner": loop, "groups": groups, "train": train, "test": test}
