"""Whole experiments: demo, run, report."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from radcompare import console
from radcompare.cli.options import EXPERIMENTS, Jobs, Json, Memory, Quiet, Scheduler, Verbose
from radcompare.cli.output import STANDARD_STREAM, refuse_folder
from radcompare.errors import ConfigError, ExitCode
from radcompare.parallel import placed

if TYPE_CHECKING:
    from radcompare.config import Experiment

Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Folder of the run; runs/NAME if absent.")
]


def add_to(app: typer.Typer) -> None:
    """Put the commands of this file on the menu."""
    app.command(rich_help_panel=EXPERIMENTS)(demo)
    app.command(rich_help_panel=EXPERIMENTS)(run)
    app.command(rich_help_panel=EXPERIMENTS)(report)


def demo(
    out: Out = None,
    write_cohort: Annotated[
        Path | None,
        typer.Option(
            "--write-cohort", metavar="DIR", help="Only write the phantom cohort here: NIfTI and cohort.csv."
        ),
    ] = None,
    cases: Annotated[
        int | None, typer.Option("--cases", min=4, metavar="N", help="Number of phantom cases.")
    ] = None,
    effect: Annotated[
        float | None,
        typer.Option("--effect", metavar="D", help="Cohen's d between the classes; 0 for none."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, metavar="N", help="Seed of the phantom cohort."),
    ] = None,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    memory: Memory = None,
    as_json: Json = False,
    quiet: Quiet = False,
    _verbose: Verbose = False,
) -> None:
    """Run the main job on a built-in phantom cohort, as sample_configs/demo.yaml says."""
    given = {"phantom.cases": cases, "phantom.effect": effect, "phantom.seed": seed}
    experiment, notes = _demo({key: value for key, value in given.items() if value is not None})
    if write_cohort is None:
        console.notes(notes, quiet=quiet)
        with placed(scheduler=scheduler, memory=memory):
            _run(experiment, out, jobs, as_json, quiet)
    else:
        _write_cohort(experiment, write_cohort)


def run(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.yaml", help="The experiment file.")],
    out: Out = None,
    cohort: Annotated[
        str | None,
        typer.Option(
            "--cohort", metavar="FILE", help="Cohort in place of the config's; - is standard input."
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Replace any setting, such as validation.folds=5; may be given again. A relative path belongs "
            "to the folder of the config.",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, metavar="N", help="Seed in place of the config's.")
    ] = None,
    locked: Annotated[
        bool,
        typer.Option(
            "--locked",
            metavar="",
            help="Refuse (exit 5) if tables, images, masks or weights are not those of the run that is in the folder.",
        ),
    ] = False,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    memory: Memory = None,
    as_json: Json = False,
    quiet: Quiet = False,
    _verbose: Verbose = False,
) -> None:
    """Run a whole experiment; started again, it goes on where it stopped."""
    from radcompare.config import load_experiment

    overrides = _overrides(settings or ())
    if cohort is not None:
        overrides["cohort"] = cohort if cohort == STANDARD_STREAM else str(Path(cohort).absolute())
    if seed is not None:
        overrides["seed"] = seed
    experiment = load_experiment(config, overrides)
    _refuse_to_replace(config, out)
    if locked:
        from radcompare.verification.lock import refuse_changed

        refuse_changed(_folder(experiment, out), experiment)
    with placed(scheduler=scheduler, memory=memory):
        _run(experiment, out, jobs, as_json, quiet)


def report(
    folder: Annotated[Path, typer.Argument(metavar="RUN_DIR", help="Folder of a finished run.")],
    other: Annotated[
        Path | None,
        typer.Argument(metavar="[RUN_DIR]", help="Another one: compare the two, and write nothing."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write report.html, figures and tables of a finished run anew; of two runs, say what changed."""
    if other is None:
        from radcompare.report.run_folder import rewrite_report

        page = rewrite_report(folder)
        if as_json:
            console.write_json(
                {
                    "report": str(page),
                    "figures": _names(folder / "figures"),
                    "tables": _names(folder / "tables"),
                }
            )
        else:
            console.write(str(page))
        return
    from radcompare.report.run_folder import showable
    from radcompare.verification.beside import beside, grids_of

    with showable(other / "results.json"):
        found = beside(folder, other)
        shown = grids_of(found)
    if as_json:
        console.write_json(found.to_json())
    else:
        console.grids(shown)
        console.refusals(found.refused)


def _names(folder: Path) -> list[str]:
    """Files of a folder; none where there was nothing to draw and no folder was made."""
    return sorted(str(path) for path in folder.glob("*") if path.is_file())


def _demo(overrides: dict[str, Any]) -> "tuple[Experiment, list[str]]":
    """The demo, with no more folds than a few cases allow."""
    from radcompare.config import load_experiment, sample_config

    experiment = load_experiment(sample_config("demo"), overrides)
    of_a_class, folds = experiment.phantom.cases // 2, experiment.validation.folds
    if of_a_class >= folds:
        return experiment, []
    fewer = overrides | {"validation.folds": of_a_class}
    note = f"{of_a_class} folds in place of {folds}: a class has no more cases"
    return load_experiment(sample_config("demo"), fewer), [note]


def _overrides(settings: Sequence[str]) -> dict[str, Any]:
    """Dotted keys and values of `--set`; later ones win."""
    from radcompare.config import parse_value

    found = {}
    for text in settings:
        key, equals, value = text.partition("=")
        if not equals or not all(part.strip() for part in key.split(".")):
            hint = "for example --set validation.folds=5"
            raise ConfigError(f"--set: expected KEY=VALUE, found {text!r}", hint)
        found[key.strip()] = parse_value(value)
    return found


def _refuse_to_replace(config: Path, out: Path | None) -> None:
    """A run writes `config.yaml` into its folder, and the user's own file of that name must survive it.

    Raises:
        ConfigError: it would be written over. The one of an earlier run is ours, and may be run again in place.
    """
    if out is None or (out / "run.json").exists():
        return
    if config.resolve() == (out / "config.yaml").resolve():
        problem = f"{config}: --out {out} would write over it, as a run keeps its settings in config.yaml"
        raise ConfigError(problem, "name another folder, or call the file something else")


def _folder(experiment: "Experiment", out: Path | None) -> Path:
    return out or Path("runs") / experiment.name


def _write_cohort(experiment: "Experiment", folder: Path) -> None:
    from radcompare.imaging.phantom import write_cohort

    refuse_folder(folder)
    console.write(str(write_cohort(experiment.phantom, folder)))


def _run(experiment: "Experiment", out: Path | None, jobs: int, as_json: bool, quiet: bool) -> None:
    from radcompare.cache import default_cache
    from radcompare.experiment import run as run_experiment

    folder = _folder(experiment, out)
    refuse_folder(folder)
    with console.Progress(quiet=quiet) as progress:
        finished = run_experiment(experiment, folder, cache=default_cache(), jobs=jobs, progress=progress)
    if as_json:
        console.write_json(finished.results.to_json())
    else:
        console.results(finished.results)
        console.write(f"Report: {folder / 'report.html'}")
    console.notes(finished.results.notes, quiet=quiet)
    if finished.failures:
        console.note(f"{len(finished.failures)} measurements failed: see {folder / 'failures.csv'}")
        raise typer.Exit(ExitCode.SOME_CASES_FAILED)
