"""Sheets counted and measured in pixels, outlines against a morphological erosion."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFont
from scipy import ndimage

from radcompare.errors import ConfigError
from radcompare.imaging.contact_sheet import (
    CAPTION,
    COLUMNS,
    GAP,
    GROUND,
    OUTLINE,
    ROWS,
    SIDE,
    Tile,
    outlined,
    write_sheets,
)

GREY = 100


def tile(value: int = GREY, caption: str = "", mask: NDArray[np.bool_] | None = None, side: int = 2) -> Tile:
    """One grey all over, so that resizing makes no other."""
    return Tile(caption, np.full((side, side, 3), value, dtype=np.uint8), mask)


def read(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        assert image.mode == "RGB"
        return np.asarray(image)


def centre(sheet: NDArray[np.uint8], at: int) -> tuple[int, ...]:
    """The pixel in the middle of a place on a sheet, counted row by row."""
    row, column = divmod(at, 8)
    y = GAP + row * (SIDE + CAPTION + GAP) + SIDE // 2
    return tuple(sheet[y, GAP + column * (SIDE + GAP) + SIDE // 2].tolist())


def border(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels of a mask with one of the four next to them outside, or outside the picture."""
    return mask & ~ndimage.binary_erosion(mask)


def is_outline(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return (picture == np.array(OUTLINE)).all(axis=-1)


@pytest.mark.parametrize(
    ("number", "on_each"), [(0, []), (1, [1]), (48, [48]), (49, [48, 1]), (100, [48, 48, 4])]
)
def test_there_are_forty_eight_tiles_on_a_sheet_in_their_order(
    number: int, on_each: list[int], tmp_path: Path
) -> None:
    paths = write_sheets((tile(30 + 2 * at) for at in range(number)), tmp_path)
    assert paths == [tmp_path / f"sheet-0{sheet}.png" for sheet in range(1, len(on_each) + 1)]
    assert sorted(tmp_path.iterdir()) == paths
    sheets = [read(path) for path in paths]
    shown = [centre(sheet, at) for sheet, tiles in zip(sheets, on_each, strict=True) for at in range(tiles)]
    assert shown == [(30 + 2 * at,) * 3 for at in range(number)]


@pytest.mark.parametrize(
    ("number", "columns", "rows"), [(1, 1, 1), (3, 3, 1), (8, 8, 1), (9, 8, 2), (48, 8, 6)]
)
def test_a_sheet_is_as_large_as_its_tiles_captions_and_gaps(
    number: int, columns: int, rows: int, tmp_path: Path
) -> None:
    (path,) = write_sheets([tile()] * number, tmp_path)
    expected = (
        rows * (SIDE + CAPTION) + (rows + 1) * GAP,
        columns * SIDE + (columns + 1) * GAP,
        3,
    )
    assert read(path).shape == expected
    assert (COLUMNS, ROWS) == (8, 6)


def test_between_the_tiles_there_is_nothing(tmp_path: Path) -> None:
    (path,) = write_sheets([tile()] * 9, tmp_path)
    sheet = read(path)
    taken = np.zeros(sheet.shape[:2], dtype=bool)
    for at in range(9):
        row, column = divmod(at, 8)
        top, left = GAP + row * (SIDE + CAPTION + GAP), GAP + column * (SIDE + GAP)
        taken[top : top + SIDE, left : left + SIDE] = True
    assert (sheet[taken] == GREY).all()
    assert (sheet[~taken] == GROUND).all()


def test_a_sheet_is_written_before_the_next_tile_is_asked_for(tmp_path: Path) -> None:
    there = []

    def tiles() -> Iterator[Tile]:
        for at in range(97):
            if at % 48 == 0:
                there.append(sorted(path.name for path in tmp_path.iterdir()))
            yield tile()

    write_sheets(tiles(), tmp_path)
    assert there == [[], ["sheet-01.png"], ["sheet-01.png", "sheet-02.png"]]


def test_the_folder_is_made(tmp_path: Path) -> None:
    (path,) = write_sheets([tile()], tmp_path / "new" / "sheets")
    assert path == tmp_path / "new" / "sheets" / "sheet-01.png"
    assert centre(read(path), 0) == (GREY,) * 3


def test_sheets_of_an_earlier_call_are_removed_and_nothing_else(tmp_path: Path) -> None:
    write_sheets([tile(20)] * 97, tmp_path)
    (tmp_path / "sheet-100.png").write_bytes(b"of a large cohort")
    others = ["cohort.csv", "figure.png", "sheet-01.txt", "sheet-a.png"]
    for name in others:
        (tmp_path / name).write_text("mine")
    (path,) = write_sheets([tile(40)], tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([*others, "sheet-01.png"])
    assert centre(read(path), 0) == (40,) * 3


def test_without_a_tile_the_earlier_sheets_are_gone_too(tmp_path: Path) -> None:
    write_sheets([tile()], tmp_path)
    assert write_sheets([], tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match=r"file/sheet-01\.png: cannot be written"):
        write_sheets([tile()], tmp_path / "file")


def ellipse(side: int = SIDE) -> NDArray[np.bool_]:
    y, x = np.ogrid[:side, :side]
    return ((y - 0.5 * side) / (0.3 * side)) ** 2 + ((x - 0.45 * side) / (0.2 * side)) ** 2 < 1


def with_a_hole() -> NDArray[np.bool_]:
    mask = ellipse()
    mask[70:85, 60:75] = False
    return mask


def ragged() -> NDArray[np.bool_]:
    return np.random.default_rng(4).random((SIDE, SIDE)) < 0.9


def everything() -> NDArray[np.bool_]:
    return np.ones((SIDE, SIDE), dtype=bool)


def one_pixel() -> NDArray[np.bool_]:
    mask = np.zeros((SIDE, SIDE), dtype=bool)
    mask[17, 33] = True
    return mask


def over_the_edge() -> NDArray[np.bool_]:
    mask = np.zeros((SIDE, SIDE), dtype=bool)
    mask[:30, 120:] = True
    return mask


@pytest.mark.parametrize("make", [ellipse, with_a_hole, ragged, everything, one_pixel, over_the_edge])
def test_the_outline_is_the_masks_border_inside_it_and_nothing_else(
    make: Callable[[], NDArray[np.bool_]],
) -> None:
    mask = make()
    drawn = outlined(tile(mask=mask, side=SIDE))
    assert np.array_equal(is_outline(drawn), border(mask))
    assert (drawn[~border(mask)] == GREY).all()
    assert is_outline(drawn).any()


def test_the_outline_is_one_pixel_wide_where_the_picture_is_enlarged() -> None:
    small = np.zeros((SIDE // 2, SIDE // 2), dtype=bool)
    small[20:45, 30:60] = True
    large = np.kron(small, np.ones((2, 2), dtype=bool))
    drawn = outlined(tile(mask=small, side=SIDE // 2))
    assert np.array_equal(is_outline(drawn), border(large))
    assert is_outline(drawn).sum() == 2 * (50 + 60) - 4
    assert (drawn[~border(large)] == GREY).all()


def test_the_outline_follows_the_mask_where_the_picture_is_shrunk() -> None:
    side = 224
    drawn = is_outline(outlined(tile(mask=ellipse(side), side=side)))
    inside = ellipse()  # the same shape drawn at the tile's size
    assert not drawn[~ndimage.binary_dilation(inside)].any()
    assert not drawn[ndimage.binary_erosion(inside, iterations=3)].any()
    filled = ndimage.binary_fill_holes(drawn)
    assert np.array_equal(drawn, border(filled)), "a closed line of one pixel"
    assert abs(filled.sum() - inside.sum()) < 0.02 * inside.sum()


def test_without_a_mask_there_is_no_outline() -> None:
    assert (outlined(tile()) == GREY).all()
    assert (outlined(tile(mask=np.zeros((2, 2), dtype=bool))) == GREY).all()


def test_a_picture_of_the_tiles_size_is_shown_as_it_is() -> None:
    rgb = np.random.default_rng(2).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    assert np.array_equal(outlined(Tile("", rgb)), rgb)


def test_drawing_leaves_the_tile_alone() -> None:
    shown = tile(mask=ellipse(), side=SIDE)
    outlined(shown)
    assert (shown.rgb == GREY).all()
    assert shown.mask is not None
    assert np.array_equal(shown.mask, ellipse())


def caption_rows(sheet: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What is below the first row of tiles."""
    return sheet[GAP + SIDE : GAP + SIDE + CAPTION]


def test_a_caption_stands_below_its_tile(tmp_path: Path) -> None:
    (path,) = write_sheets([tile(), tile(caption="case 7 axial 12")], tmp_path)
    written = (caption_rows(read(path)) != GROUND).any(axis=-1)
    columns = np.flatnonzero(written.any(axis=0))
    left = GAP + SIDE + GAP
    assert columns.min() >= left
    assert columns.min() < left + 5
    assert columns.max() < left + SIDE
    assert 30 < written.sum() < 2000
    sheet = read(path)
    assert (sheet[GAP + SIDE + CAPTION :] == GROUND).all()


@pytest.mark.parametrize("text", ["x" * 200, "a long name of a case, of a sequence and of a view besides"])
def test_a_long_caption_is_cut_to_the_most_that_fits(text: str, tmp_path: Path) -> None:
    font = ImageFont.load_default(size=11)
    fitting = max(n for n in range(len(text)) if font.getlength(f"{text[:n]}…") <= SIDE)
    assert 10 < fitting < len(text) - 1
    found, expected, longer = (
        read(write_sheets([tile(caption=caption), tile()], tmp_path / str(at))[0])
        for at, caption in enumerate((text, f"{text[:fitting]}…", f"{text[: fitting - 1]}…"))
    )
    assert np.array_equal(found, expected)
    assert not np.array_equal(found, longer)
    assert (caption_rows(found)[:, GAP + SIDE :] == GROUND).all(), "nothing beyond the tile"


def test_a_caption_that_fits_is_not_cut(tmp_path: Path) -> None:
    font = ImageFont.load_default(size=11)
    text = "abcdefghijklmnopqrstuvwxyz" * 3
    fits = max(n for n in range(len(text)) if font.getlength(text[:n]) <= SIDE)
    whole, less, more = (
        read(write_sheets([tile(caption=text[:n])], tmp_path / str(n))[0]) for n in (fits, fits - 1, fits + 1)
    )
    written = [
        np.flatnonzero((caption_rows(each) != GROUND).any(axis=(0, 2))).max() for each in (whole, less)
    ]
    assert written[0] > written[1], "the last letter is there"
    assert not np.array_equal(more, whole)
    assert np.flatnonzero((caption_rows(more) != GROUND).any(axis=(0, 2))).max() < GAP + SIDE


def test_a_users_own_files_are_left_alone(tmp_path: Path) -> None:
    own = [tmp_path / name for name in ("sheet-01-marked.png", "sheet-2026 results.png", "sheet-1.png")]
    for path in own:
        path.touch()
    (tmp_path / "sheet-07.png").touch()
    write_sheets([], tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(own)


def test_an_old_sheet_that_cannot_be_removed_is_named(tmp_path: Path) -> None:
    (tmp_path / "sheet-01.png").mkdir()
    with pytest.raises(ConfigError, match=r"sheet-01\.png: an old sheet cannot be removed"):
        write_sheets([tile()], tmp_path)


def test_a_caption_with_a_line_break_costs_nothing(tmp_path: Path) -> None:
    broken, plain = (read(write_sheets([tile(caption=text)], tmp_path)[0]) for text in ("case\n 1", "case 1"))
    assert np.array_equal(broken, plain)


def test_a_mask_of_one_pixel_is_outlined_where_the_picture_is_shrunk() -> None:
    mask = np.zeros((224, 224), dtype=bool)
    mask[100, 101] = True
    assert is_outline(outlined(tile(mask=mask, side=224))).any()
