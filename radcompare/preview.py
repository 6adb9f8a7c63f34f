"""What a network would be shown of every case, or of a few examples, as sheets of pictures to look at.

The pictures come out of the same preparation that extraction uses, so nothing is drawn that a network would not see;
the mask's outline is laid over it.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radcompare.cnn_settings import Cnn
from radcompare.config import Experiment
from radcompare.deep.activations import DeepExtractor, network_of
from radcompare.deep.network_input import CHANNELS
from radcompare.deep.networks import Network
from radcompare.errors import DataError
from radcompare.evaluation.material import primary_sources
from radcompare.extraction import sequences_of, with_every_image
from radcompare.imaging.contact_sheet import Tile, write_sheets
from radcompare.imaging.reading import read_region
from radcompare.imaging.showing import refuse_unequal
from radcompare.imaging.window import Picture, pictures_of
from radcompare.parallel import Progress, each, silent
from radcompare.report.file_names import file_name
from radcompare.source_settings import DeepSource
from radcompare.tables.case import Case, Failure, attempt, lost
from radcompare.tables.cohort import Cohort

STAGE = "preview"

Looking = DeepSource | Cnn
"""Settings of a network that is shown something: read from, or trained."""


def draw(
    cohort: Cohort, source: Looking, folder: Path, *, jobs: int = 1, progress: Progress = silent
) -> tuple[list[Path], tuple[Failure, ...]]:
    """Write contact sheets of a cohort.

    Args:
        cohort: the cases.
        source: the network, for its input size and its mean, and what it is to be shown; weights are not needed.
        folder: for `sheet-01.png`, ...
        jobs: number of processes.
        progress: told after every case.

    Returns:
        The files, and the cases that cannot be shown.

    Raises:
        ConfigError: the network cannot look at what the source says.
        DataError: not one case can be shown.
    """
    if isinstance(source, DeepSource):
        DeepExtractor(source)  # what it refuses is refused before anything is drawn
    images = [cohort.sequence(name) for name in sequences_of(source)] or [cohort.cases]
    whole, lacking = with_every_image(cohort, images, STAGE)
    work = partial(_tiles_or_failure, source)
    failures = list(lacking)

    def tiles() -> Iterator[Tile]:
        for found in each(work, whole, jobs=jobs, what=f"{STAGE}: cases", progress=progress, lost=_lost):
            if isinstance(found, Failure):
                failures.append(found)
            else:
                yield from found

    sheets = write_sheets(tiles(), folder)
    if not sheets:
        first = f"; the first problem: {failures[0].problem}" if failures else ""
        raise DataError(f"none of the {len(cohort.cases)} cases can be shown{first}", "see radcompare check")
    return sheets, tuple(failures)


def draw_views(
    experiment: Experiment, cohort: Cohort | None, codes: NDArray[np.int64], folder: Path
) -> list[Path]:
    """Draw what the sources and arms with a network are shown of a few cases.

    Args:
        experiment: which networks, and of how many cases (`views`).
        cohort: the cases; None where there are no images.
        codes: class of every case.
        folder: for `NAME/sheet-01.png`; sheets of an earlier run there are removed.

    Returns:
        The files. A case that cannot be shown is not among them: it fails where it is measured, and is told there.
    """
    for old in folder.glob("*/sheet-*.png"):
        old.unlink(missing_ok=True)
    if cohort is None:
        return []
    rows = examples_of(codes, experiment.views)
    few = replace(cohort, cases=tuple(cohort.cases[row] for row in rows), columns=cohort.columns.iloc[rows])
    sources = {name: experiment.sources[name] for name in primary_sources(experiment)}
    seen: dict[str, Looking] = {name: one for name, one in sources.items() if isinstance(one, DeepSource)}
    seen |= {name: arm.cnn for name, arm in experiment.arms.items() if arm.cnn is not None}
    sheets: list[Path] = []
    for name, shown in seen.items() if rows else ():
        with suppress(DataError):
            found, _ = draw(few, shown, folder / file_name(name))
            sheets += found
    return sheets


def examples_of(codes: NDArray[np.int64], count: int) -> list[int]:
    """Rows spread evenly over each class, about as many of each, in the order of the cohort."""
    classes = np.unique(codes)
    shares = [count // len(classes) + (place < count % len(classes)) for place in range(len(classes))]
    rows: list[int] = []
    for code, share in zip(classes, shares, strict=True):
        of_class = np.flatnonzero(codes == code)
        spread = np.linspace(0, len(of_class) - 1, min(share, len(of_class)))
        rows += of_class[np.rint(spread).astype(np.intp)].tolist()
    return sorted(rows)


def _tiles_or_failure(source: Looking, case: tuple[str, Sequence[Case]]) -> list[Tile] | Failure:
    name, images = case
    return attempt(name, STAGE, lambda: list(_tiles(source, name, images)))


def _lost(case: tuple[str, Sequence[Case]], reason: str) -> list[Tile] | Failure:
    return lost(case[0], STAGE, reason)


def _tiles(source: Looking, name: str, images: Sequence[Case]) -> Iterator[Tile]:
    side = _network(source).input_size
    regions = [read_region(case) for case in images]
    per_image = [pictures_of(region, source, side, outlined=True) for region in regions]
    if source.combined == "channels":
        yield from (_together(name, pictures, case) for pictures, case in zip(per_image, images, strict=True))
    elif source.in_channels:
        refuse_unequal(regions, per_image)
        yield from (_together(name, views, None) for views in zip(*per_image, strict=True))
    else:
        for pictures, case in zip(per_image, images, strict=True):
            for picture in pictures:
                yield from _apart(name, picture, source, case.modality if source.images else "")


def _apart(name: str, picture: Picture, source: Looking, sequence: str) -> Iterator[Tile]:
    """One picture: grey where all channels show it, in its colour beside the mean where one does."""
    for at, (pixels, mask) in enumerate(_planes(picture)):
        plane = f"{at + 1}/3" if picture.pixels.ndim == 3 else ""
        parts = [
            name,
            sequence,
            picture.view,
            plane,
            f"{picture.beyond:.0%} beyond" if picture.beyond else "",
        ]
        yield Tile(" ".join(filter(None, parts)), _coloured(pixels, source), mask)


def _together(name: str, pictures: Sequence[Picture], case: Case | None) -> Tile:
    """Pictures that are the channels of one input, as red, green and blue; beyond three, the first three."""
    channels = [
        picture.pixels if picture.pixels.ndim == 2 else picture.pixels[len(picture.pixels) // 2]
        for picture in pictures
    ]
    channels = (
        (channels * 3)[:3] if len(channels) == 1 else [*channels, *([np.zeros_like(channels[0])] * 2)][:3]
    )
    sequence = case.modality if case is not None else ""
    view = "red axial, green coronal, blue sagittal" if case is not None else pictures[0].view
    mask = pictures[0].mask if pictures[0].pixels.ndim == 2 else None
    return Tile(" ".join(filter(None, [name, sequence, view])), _bytes(np.stack(channels, axis=-1)), mask)


def _planes(picture: Picture) -> Iterator[tuple[NDArray[np.float32], NDArray[np.bool_] | None]]:
    """A picture as it is; of a volume, three planes a quarter, a half and three quarters through it."""
    if picture.pixels.ndim == 2:
        yield picture.pixels, picture.mask
        return
    depth = len(picture.pixels)
    for plane in (depth // 4, depth // 2, 3 * depth // 4):
        yield picture.pixels[plane], None if picture.mask is None else picture.mask[plane]


def _coloured(pixels: NDArray[np.float32], source: Looking) -> NDArray[np.uint8]:
    network = _network(source)
    rgb = np.repeat(pixels[..., None], 3, axis=2)
    if source.channel in CHANNELS and network.channels == 3:
        mean = np.array(source.mean or network.mean, dtype=np.float32) / (source.scale or network.scale)
        shown = CHANNELS[source.channel]
        rgb[:] = mean
        rgb[..., shown] = pixels
    return _bytes(rgb)


def _network(source: Looking) -> Network:
    """The network with the input that it is to have."""
    if isinstance(source, DeepSource):
        return network_of(source)
    from radcompare.deep.trainable import description_of

    return description_of(source)


def _bytes(rgb: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.rint(rgb.clip(0, 1) * 255), dtype=np.uint8)
