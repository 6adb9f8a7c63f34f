"""Sheets of small pictures with the outline of a mask, for looking at a whole cohort at once."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from radcompare.errors import ConfigError
from radcompare.provenance import written_atomically

COLUMNS, ROWS = 8, 6
SIDE = 160
CAPTION = 16
GAP = 6
GROUND = (24, 24, 24)
WRITING = (215, 215, 215)
OUTLINE = (255, 210, 0)


@dataclass(frozen=True)
class Tile:
    """One picture with what is written below it.

    Attributes:
        caption: one line.
        rgb: uint8, shape (rows, columns, 3).
        mask: the region to be outlined, shape (rows, columns), or None.
    """

    caption: str
    rgb: NDArray[np.uint8]
    mask: NDArray[np.bool_] | None = None


def write_sheets(tiles: Iterable[Tile], folder: Path) -> list[Path]:
    """Draw tiles, forty-eight on a sheet, into `sheet-01.png`, `sheet-02.png`, ...; one sheet is in memory at a time.

    Sheets that an earlier call left in the folder are removed.

    Raises:
        ConfigError: the folder cannot be written.
    """
    _clear(folder)
    paths = []
    for number, page in enumerate(_pages(tiles), start=1):
        path = folder / f"sheet-{number:02d}.png"
        with written_atomically(path) as temporary:
            _sheet(page).save(temporary, format="PNG")
        paths.append(path)
    return paths


def _clear(folder: Path) -> None:
    """Remove what an earlier call wrote, and nothing of the user's."""
    for old in folder.glob("sheet-*.png"):
        if not re.fullmatch(r"sheet-\d\d+", old.stem):
            continue
        try:
            old.unlink()
        except OSError as error:
            problem = f"{old}: an old sheet cannot be removed: {error.strerror or error}"
            raise ConfigError(problem, "remove it, or name another folder") from None


def outlined(tile: Tile) -> NDArray[np.uint8]:
    """A tile at its size on the sheet with the region's border, one pixel wide, inside the region.

    Returns:
        uint8 of shape (SIDE, SIDE, 3).
    """
    picture = np.array(Image.fromarray(tile.rgb).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    if tile.mask is not None:
        grey = Image.fromarray(tile.mask.astype(np.uint8) * 255).resize(
            (SIDE, SIDE), Image.Resampling.BILINEAR
        )
        half = np.asarray(grey) >= 128
        inside = np.pad(half if half.any() else np.asarray(grey) > 0, 1)  # a mask of one pixel shows too
        core = inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:]
        picture[inside[1:-1, 1:-1] & ~core] = OUTLINE
    return picture


def _pages(tiles: Iterable[Tile]) -> Iterator[tuple[Tile, ...]]:
    upcoming = iter(tiles)
    while page := tuple(islice(upcoming, COLUMNS * ROWS)):
        yield page


def _sheet(tiles: tuple[Tile, ...]) -> Image.Image:
    rows = -(-len(tiles) // COLUMNS)
    columns = min(len(tiles), COLUMNS)
    step, line = SIDE + GAP, SIDE + CAPTION + GAP
    sheet = Image.new("RGB", (columns * step + GAP, rows * line + GAP), GROUND)
    drawing = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=11)
    for at, tile in enumerate(tiles):
        left, top = GAP + at % COLUMNS * step, GAP + at // COLUMNS * line
        sheet.paste(Image.fromarray(outlined(tile)), (left, top))
        drawing.text((left, top + SIDE + 2), _fitting(tile.caption, drawing, font), WRITING, font)
    return sheet


def _fitting(
    text: str, drawing: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> str:
    """A caption on one line, cut to the width of a tile."""
    text = " ".join(text.split())[:SIDE]  # no letter is narrower than a pixel
    if drawing.textlength(text, font) <= SIDE:
        return text
    while text and drawing.textlength(f"{text}…", font) > SIDE:
        text = text[:-1]
    return f"{text}…"
