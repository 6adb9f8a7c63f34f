"""Deep features: extract them, and look at what the network sees."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from radcompare import console, registry
from radcompare.cli.extraction import extract_to
from radcompare.cli.options import (
    CohortFile,
    Jobs,
    Json,
    Memory,
    Output,
    Quiet,
    ReadingOptions,
    Scheduler,
    Verbose,
    choice,
)
from radcompare.cli.output import STANDARD_STREAM
from radcompare.cli.reading import reading_of
from radcompare.errors import ConfigError, ExitCode
from radcompare.parallel import placed

if TYPE_CHECKING:
    from radcompare.source_settings import DeepSource

SIDE = 56
Network = Annotated[
    str,
    typer.Option(
        "--network",
        metavar="NAME",
        help="One that radcompare list networks shows, timm/NAME, monai/NAME, torchscript:FILE or MODULE:FUNCTION.",
        autocompletion=lambda: registry.names("network"),
    ),
]
Images = Annotated[
    list[str] | None,
    typer.Option("--image", metavar="NAME", help="Show the column Image_NAME; may be given again."),
]
Sequences = Annotated[
    str,
    typer.Option(
        "--sequences",
        **choice("columns", "channels", help="Several images: features of each, or channels of one input."),
    ),
]
RegionShown = Annotated[
    str,
    typer.Option(
        "--region",
        **choice(
            *("slice", "orthogonal", "slices", "volume"),
            help="The largest slice, the three orthogonal ones, every slice, or the 3-D box.",
        ),
    ),
]
Window = Annotated[
    str,
    typer.Option(
        "--window", **choice("crop", "warp", help="A fixed window around the mask, or its tight box.")
    ),
]
Size = Annotated[
    int | None,
    typer.Option("--size", min=1, metavar="N", help=f"Side of the crop window in pixels; {SIDE} if absent."),
]
Margin = Annotated[
    int, typer.Option("--margin", min=0, metavar="N", help="Pixels added on every side of the window.")
]
Masked = Annotated[bool, typer.Option("--masked", metavar="", help="Blank the pixels outside the mask.")]
Intensity = Annotated[
    list[str] | None,
    typer.Option(
        "--intensity",
        metavar="[MODALITY=]LOW:HIGH|percentile|auto",
        help="What becomes black and white: two intensities, the 1st and 99th percentile inside the mask, or by the "
        "cohort's Modality (auto, if absent: CT and files that do not say -1000:400). May be given per modality.",
    ),
]
Channel = Annotated[
    str,
    typer.Option(
        "--channel",
        **choice("r", "g", "b", "all", "each", help="The channels that show the picture, or one by one."),
    ),
]
InputSize = Annotated[
    int | None,
    typer.Option("--input-size", min=8, metavar="N", help="Side of the input; the network's if absent."),
]


def deep(
    cohort: CohortFile,
    network: Network,
    weights: Annotated[
        str,
        typer.Option(
            "--weights",
            metavar="imagenet|random|own|FILE",
            help="Published ones (also by torchvision's name, IMAGENET1K_V2), random ones (stamped untrained), those "
            "of MODULE:FUNCTION or torchscript:FILE, or a file: .pth, .pt, .safetensors, .mat.",
        ),
    ],
    layer: Annotated[
        list[str],
        typer.Option(
            "--layer",
            metavar="NAME",
            help="The layer to read; radcompare describe NETWORK lists them. May be given again.",
        ),
    ],
    relu: Annotated[
        str,
        typer.Option(
            "--relu", **choice("pre", "post", "both", help="Values before or after the layer's ReLU.")
        ),
    ] = "post",
    channel: Channel = "all",
    image: Images = None,
    sequences: Sequences = "columns",
    region: RegionShown = "slice",
    combine: Annotated[
        str | None,
        typer.Option(
            "--combine",
            **choice(
                *("columns", "mean", "max", "channels"),
                help="Several slices: mean for slices, columns for orthogonal if absent.",
            ),
        ),
    ] = None,
    window: Window = "crop",
    size: Size = None,
    margin: Margin = 0,
    masked: Masked = False,
    intensity: Intensity = None,
    pool: Annotated[
        str,
        typer.Option(
            "--pool", **choice("mean", "max", "flatten", help="How a map of a layer becomes columns.")
        ),
    ] = "mean",
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="N", help="Seed of random weights.")] = 1,
    lock: Annotated[
        str | None, typer.Option("--lock", metavar="SHA256", help="Refuse weights with another SHA-256.")
    ] = None,
    weights_dir: Annotated[
        Path | None,
        typer.Option(
            "--weights-dir",
            metavar="DIR",
            help="Where downloaded weights lie; for machines without a network.",
        ),
    ] = None,
    input_size: InputSize = None,
    bgr: Annotated[
        bool, typer.Option("--bgr", metavar="", help="The weights' first channel is blue, as Caffe's is.")
    ] = False,
    scale: Annotated[
        float | None, typer.Option("--scale", metavar="X", help="What white is to the weights, such as 255.")
    ] = None,
    mean: Annotated[
        str | None,
        typer.Option("--mean", metavar="R,G,B", help="Subtracted per channel, in units of --scale."),
    ] = None,
    std: Annotated[str | None, typer.Option("--std", metavar="R,G,B", help="Divided by per channel.")] = None,
    device: Annotated[
        str, typer.Option("--device", **choice("auto", "cpu", "cuda", "mps", help="Where the network runs."))
    ] = "auto",
    precision: Annotated[
        str,
        typer.Option(
            "--precision",
            **choice("float32", "bfloat16", help="Of the network; bfloat16 for speed on a GPU."),
        ),
    ] = "float32",
    batch: Annotated[
        int, typer.Option("--batch", min=1, metavar="N", help="Pictures shown to the network at a time.")
    ] = 16,
    reading: ReadingOptions = None,
    output: Output = STANDARD_STREAM,
    jobs: Jobs = 1,
    scheduler: Scheduler = None,
    memory: Memory = None,
    as_json: Json = False,
    quiet: Quiet = False,
    _verbose: Verbose = False,
) -> None:
    """Deep features: activations of a network that is shown the tumour."""
    given = {
        "network": network,
        "weights": weights,
        "layer": layer,
        "relu": relu,
        "channel": channel,
        "combine": combine,
        "pool": pool,
        "seed": seed,
        "lock": lock,
        "weights_dir": None if weights_dir is None else str(weights_dir),
        "bgr": bgr,
        "scale": scale,
        "mean": _numbers(mean, "--mean"),
        "std": _numbers(std, "--std"),
        "device": device,
        "precision": precision,
        "batch": batch,
    }
    shown = shown_settings(image, sequences, region, window, size, margin, masked, intensity, input_size)
    source = _deep_source("radcompare extract deep", {**given, **shown})
    with placed(scheduler=scheduler, memory=memory):
        read = reading_of(reading, "radcompare extract deep")
        extract_to(cohort, source, read, output, jobs, as_json, quiet)


def preview(
    cohort: CohortFile,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for the sheets; made if need be.")
    ],
    network: Network = "cnn-f",
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
    """Draw exactly what a network would be shown of every case, with the mask outlined."""
    from radcompare.preview import draw
    from radcompare.tables.cohort import read_cohort

    shown = shown_settings(image, sequences, region, window, size, margin, masked, intensity, input_size)
    given = {"network": network, "weights": "random", "layer": "output", "channel": channel, **shown}
    source = _deep_source("radcompare preview", given)
    cases = read_cohort(cohort, reading_of(reading, "radcompare preview"))
    with placed(scheduler=scheduler, memory=memory), console.Progress(quiet=quiet) as progress:
        sheets, failures = draw(cases, source, out, jobs=jobs, progress=progress)
    for failure in failures:
        console.note(f"not shown: {failure.problem}; {failure.hint}")
    if as_json:
        failed = [vars(failure) for failure in failures]
        console.write_json({"sheets": [str(sheet) for sheet in sheets], "failed": failed})
    else:
        console.write("\n".join(map(str, sheets)))
    if failures:
        raise typer.Exit(ExitCode.SOME_CASES_FAILED)


def shown_settings(
    image: list[str] | None,
    sequences: str,
    region: str,
    window: str,
    size: int | None,
    margin: int,
    masked: bool,
    intensity: list[str] | None,
    input_size: int | None,
) -> dict[str, Any]:
    """The settings of what is shown, which extraction, preview and training share."""
    if window == "warp" and size is not None:
        raise ConfigError(
            "--size is the side of the crop window: warp has none", "drop --size, or use --window crop"
        )
    return {
        "images": image or [],
        "sequences": sequences,
        "region": region,
        "window": window,
        "size": size or SIDE,
        "margin": margin,
        "masked": masked,
        "intensity": _by_modality(intensity),
        "input_size": input_size,
    }


def _by_modality(given: list[str] | None) -> str | dict[str, str]:
    """One text for all, or `CT=-1000:400` for each modality."""
    if not given:
        return "auto"
    if len(given) == 1 and "=" not in given[0]:
        return given[0]
    plain = [text for text in given if "=" not in text]
    if plain:
        raise ConfigError(
            f"--intensity {plain[0]}: is for every modality, and others are given beside it",
            "write MODALITY=... for each; other=... stands for the rest",
        )
    return dict(text.split("=", 1) for text in given)


def _numbers(text: str | None, option: str) -> list[float] | None:
    if text is None:
        return None
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ConfigError(f"{option} {text}: expected numbers with commas between them", "") from None


def _deep_source(origin: str, settings: dict[str, Any]) -> "DeepSource":
    from radcompare.block import parse
    from radcompare.source_settings import DeepSource

    return parse(DeepSource, settings, origin=origin, hint=f"{origin} --help shows every option")
