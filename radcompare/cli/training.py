"""Networks trained on a cohort, outside of an experiment: train, finetune."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from radcompare import console
from radcompare.cli.deep import (
    Channel,
    Images,
    InputSize,
    Intensity,
    Margin,
    Masked,
    Network,
    RegionShown,
    Sequences,
    Size,
    Window,
    shown_settings,
)
from radcompare.cli.options import (
    IMAGES,
    CohortFile,
    Jobs,
    Json,
    Memory,
    Outcome,
    Quiet,
    ReadingOptions,
    Scheduler,
    Verbose,
)
from radcompare.cli.reading import reading_of
from radcompare.errors import ConfigError, ExitCode
from radcompare.parallel import placed

if TYPE_CHECKING:
    from radcompare.single_network import Saved

Model = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="FILE", help="The weights, .safetensors; provenance and curve beside them."
    ),
]
Groups = Annotated[
    str | None,
    typer.Option(
        "--groups", metavar="COLUMN", help="Cases of equal value are held out together, as patient_id."
    ),
]
Epochs = Annotated[int | None, typer.Option("--epochs", min=1, metavar="N", help="At most; 100 if absent.")]
Batch = Annotated[
    int | None, typer.Option("--batch", min=1, metavar="N", help="Pictures in a step; 16 if absent.")
]
Rate = Annotated[float | None, typer.Option("--learning-rate", metavar="X", help="1e-4 if absent.")]
Seed = Annotated[
    int, typer.Option("--seed", min=0, metavar="N", help="Of weights, order, augmentation, dropout.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Any other setting of a cnn arm, such as augment.rotations=8 or optimiser=adam; may be given again.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Put the commands of this file on the menu."""
    app.command(rich_help_panel=IMAGES)(train)
    app.command(rich_help_panel=IMAGES)(finetune)


def train(
    cohort: CohortFile,
    outcome: Outcome,
    output: Model,
    network: Network = "arch3",
    epochs: Epochs = None,
    batch: Batch = None,
    learning_rate: Rate = None,
    groups: Groups = None,
    seed: Seed = 1,
    settings: Settings = None,
    channel: Channel = "all",
    image: Images = None,
    sequences: Sequences = "columns",
    region: RegionShown = "slice",
    window: Window = "crop",
    size: Size = None,
    margin: Margin = 0,
    masked: Masked = False,
    intensity: Intensity = None,
    input_size: InputSize = None,
    reading: ReadingOptions = None,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    memory: Memory = None,
    as_json: Json = False,
    quiet: Quiet = False,
    _verbose: Verbose = False,
) -> None:
    """Train a network on a cohort from random weights, and save it for extract deep."""
    shown = shown_settings(image, sequences, region, window, size, margin, masked, intensity, input_size)
    given = {"network": network, "epochs": epochs, "batch": batch, "learning_rate": learning_rate}
    block = {**_given(given), "seeds": [seed], "channel": channel, **shown}
    with placed(scheduler=scheduler, memory=memory):
        _train(
            "radcompare train",
            cohort,
            reading,
            outcome,
            groups,
            _with(block, settings),
            output,
            jobs,
            as_json,
            quiet,
        )


def finetune(
    cohort: CohortFile,
    outcome: Outcome,
    output: Model,
    network: Network,
    weights: Annotated[
        str,
        typer.Option(
            "--weights",
            metavar="imagenet|own|FILE",
            help="To begin with; what train saved, or anything extract deep takes.",
        ),
    ],
    preset: Annotated[
        str | None, typer.Option("--preset", metavar="gbm22|gbm68", help="A schedule of the literature.")
    ] = None,
    freeze: Annotated[
        str | None, typer.Option("--freeze", metavar="LAYER", help="The last layer that keeps its weights.")
    ] = None,
    lock: Annotated[
        str | None, typer.Option("--lock", metavar="SHA256", help="Refuse weights with another SHA-256.")
    ] = None,
    weights_dir: Annotated[
        Path | None, typer.Option("--weights-dir", metavar="DIR", help="Where downloaded weights lie.")
    ] = None,
    epochs: Epochs = None,
    batch: Batch = None,
    learning_rate: Rate = None,
    groups: Groups = None,
    seed: Seed = 1,
    settings: Settings = None,
    channel: Channel = "all",
    image: Images = None,
    sequences: Sequences = "columns",
    region: RegionShown = "slice",
    window: Window = "crop",
    size: Size = None,
    margin: Margin = 0,
    masked: Masked = False,
    intensity: Intensity = None,
    input_size: InputSize = None,
    reading: ReadingOptions = None,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    memory: Memory = None,
    as_json: Json = False,
    quiet: Quiet = False,
    _verbose: Verbose = False,
) -> None:
    """Tune a network that is trained already to a cohort, and save it for extract deep."""
    shown = shown_settings(image, sequences, region, window, size, margin, masked, intensity, input_size)
    begun = {
        "weights": weights,
        "lock": lock,
        "weights_dir": None if weights_dir is None else str(weights_dir),
    }
    how = {
        "preset": preset,
        "freeze": freeze,
        "epochs": epochs,
        "batch": batch,
        "learning_rate": learning_rate,
    }
    block = {"network": network, **_given(begun | how), "seeds": [seed], "channel": channel, **shown}
    with placed(scheduler=scheduler, memory=memory):
        _train(
            "radcompare finetune",
            cohort,
            reading,
            outcome,
            groups,
            _with(block, settings),
            output,
            jobs,
            as_json,
            quiet,
        )


def _train(
    origin: str,
    cohort: str,
    reading: list[str] | None,
    outcome: str,
    groups: str | None,
    block: dict[str, Any],
    output: Path,
    jobs: int,
    as_json: bool,
    quiet: bool,
) -> None:
    from radcompare.cache import default_cache
    from radcompare.cnn_settings import Cnn
    from radcompare.config import parse
    from radcompare.single_network import train_one
    from radcompare.tables.cohort import read_cohort

    settings = parse(Cnn, block, origin=origin, hint=f"{origin} --help shows the options")
    with console.Progress(quiet=quiet) as progress:
        saved = train_one(
            read_cohort(cohort, reading_of(reading, origin)),
            settings,
            output,
            outcome=outcome,
            groups=groups,
            cache=default_cache(),
            jobs=jobs,
            progress=progress,
        )
    if as_json:
        console.write_json(_plain(saved))
    else:
        console.write(_in_words(saved))
    for failure in saved.failures:
        console.note(f"not shown: {failure.problem}; {failure.hint}")
    if saved.failures:
        raise typer.Exit(ExitCode.SOME_CASES_FAILED)


def _plain(saved: "Saved") -> dict[str, Any]:
    point = saved.learned.curve[saved.learned.best - 1]
    return {
        "weights": str(saved.path),
        "cases": saved.cases,
        "held_out": saved.held_out,
        "epochs": len(saved.learned.curve),
        "best_epoch": saved.learned.best,
        "loss": point.loss,
        "validation_loss": point.validation_loss,
        "validation_auc": point.validation_auc,
    }


def _in_words(saved: "Saved") -> str:
    told = _plain(saved)
    lines = [
        f"{told['weights']}: epoch {told['best_epoch']} of {told['epochs']}, learned from {told['cases']} cases"
    ]
    if told["validation_auc"] is not None:
        lines.append(
            f"AUC {told['validation_auc']:.3f} on the {told['held_out']} cases held out, which chose the epoch: optimistic"
        )
    return "\n".join(lines)


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if value is not None}


def _with(block: dict[str, Any], settings: list[str] | None) -> dict[str, Any]:
    """The block with what `--set` says; dotted keys lead into inner blocks."""
    from radcompare.config import parse_value

    for setting in settings or ():
        key, equals, text = setting.partition("=")
        if not equals or not key:
            raise ConfigError(f"--set {setting}: expected KEY=VALUE", "such as --set augment.rotations=8")
        *parents, last = key.split(".")
        inner = block
        for parent in parents:
            inner = inner.setdefault(parent, {})
            if not isinstance(inner, dict):
                raise ConfigError(f"--set {key}: {parent} has no keys inside", "give all of it")
        inner[last] = parse_value(text)
    return block
