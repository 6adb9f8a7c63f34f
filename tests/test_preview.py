"""Sheets show what the extractor shows a network, pixel by pixel, and tell what cannot be shown."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
import torch
from numpy.typing import NDArray
from PIL import Image

from radcompare import preview
from radcompare.deep.activations import DeepExtractor, network_of
from radcompare.deep.network_input import Scaling, to_input
from radcompare.errors import ConfigError, DataError, WeightsError
from radcompare.imaging.contact_sheet import GAP, OUTLINE, SIDE, Tile
from radcompare.imaging.phantom import write_cohort
from radcompare.imaging.reading import read_region
from radcompare.imaging.showing import Shown
from radcompare.imaging.window import pictures_of
from radcompare.settings import Phantom
from radcompare.source_settings import DeepSource
from radcompare.tables.case import Case, Failure
from radcompare.tables.cohort import Cohort, read_cohort

CASES = 4
CNN_F_MEAN = (124, 117, 104)
"""123.68, 116.779 and 103.939, where white is 255."""


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a cohort, to be copied."""
    return write_cohort(Phantom(cases=CASES), tmp_path_factory.mktemp("phantoms")).parent


@pytest.fixture
def cohort(phantoms: Path, tmp_path: Path) -> Cohort:
    return read_cohort(str(shutil.copytree(phantoms, tmp_path / "cohort") / "cohort.csv"))


def source(**changes: Any) -> DeepSource:
    return DeepSource(**{"network": "cnn-f", "weights": "random", "layer": "full7", **changes})


def with_sequences(cohort: Cohort, **columns: list[str]) -> Cohort:
    """The cohort with columns Image_NAME, which hold files that are there."""
    path = cohort.folder / "cohort.csv"
    frame = pd.read_csv(path).assign(**{f"Image_{name}": files for name, files in columns.items()})
    frame.to_csv(path, index=False)
    return read_cohort(str(path))


def files(cohort: Cohort) -> list[str]:
    return [str(case.image.relative_to(cohort.folder)) for case in cohort.cases]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Tile]:
    """The tiles of the last call at the size of the network's input; no sheet is written."""
    found: list[Tile] = []

    def keep(tiles: Iterable[Tile], folder: Path) -> list[Path]:
        found[:] = tiles
        return [folder / "sheet-01.png"] * bool(found)

    monkeypatch.setattr(preview, "write_sheets", keep)
    return found


def shown(settings: DeepSource, case: Case) -> Shown:
    region = read_region(case)
    return DeepExtractor(settings).show([region])


def in_bytes(pixels: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(pixels * 255).astype(np.uint8)


@pytest.mark.parametrize(
    "settings",
    [
        {"window": "crop"},
        {"window": "crop", "size": 31, "margin": 3},
        {"window": "warp"},
        {"window": "warp", "margin": 5},
        {"window": "crop", "masked": True},
        {"window": "warp", "masked": True},
        {"window": "crop", "intensity": "percentile"},
        {"window": "warp", "region": "slice", "intensity": "-160:240"},
    ],
    ids=lambda settings: " ".join(map(str, settings.values())),
)
def test_a_tile_is_what_the_extractor_shows(
    settings: dict[str, Any], cohort: Cohort, drawn: list[Tile], tmp_path: Path
) -> None:
    sheets, failures = preview.draw(cohort, source(**settings), tmp_path)
    assert (sheets, failures) == ([tmp_path / "sheet-01.png"], ())
    assert len(drawn) == CASES
    for tile, case in zip(drawn, cohort.cases, strict=True):
        (picture,) = shown(source(**settings), case).pictures[:, 0]
        assert tile.rgb.shape == (224, 224, 3)
        assert np.array_equal(tile.rgb, np.stack([in_bytes(picture)] * 3, axis=-1))
        assert len(np.unique(tile.rgb)) > 20, "a picture"
        assert tile.caption.startswith(f"{case.case} axial ")


@pytest.mark.parametrize(("channel", "at"), [("r", 0), ("g", 1), ("b", 2)])
def test_one_channel_is_drawn_in_its_colour_beside_the_mean(
    channel: str, at: int, cohort: Cohort, drawn: list[Tile], tmp_path: Path
) -> None:
    settings = source(channel=channel, window="warp")
    preview.draw(cohort, settings, tmp_path)
    for tile, case in zip(drawn, cohort.cases, strict=True):
        (picture,) = shown(settings, case).pictures[:, 0]
        for colour, mean in enumerate(CNN_F_MEAN):
            expected = in_bytes(picture) if colour == at else np.full((224, 224), mean)
            assert np.array_equal(tile.rgb[..., colour], expected)


@pytest.mark.parametrize("channel", ["r", "b", "all"])
@pytest.mark.parametrize(
    "normalised",
    [{}, {"mean": (0.2, 0.4, 0.6), "std": (0.5, 0.2, 0.1), "scale": 1.0}],
    ids=["the network's", "given"],
)
def test_a_tile_is_the_networks_input_before_its_normalisation(
    channel: str, normalised: dict[str, Any], cohort: Cohort, drawn: list[Tile], tmp_path: Path
) -> None:
    settings = source(channel=channel, **normalised)
    preview.draw(cohort, settings, tmp_path)
    network = network_of(settings)
    mean, std = (
        torch.tensor(given or own).reshape(3, 1, 1)
        for given, own in ((settings.mean, network.mean), (settings.std, network.std))
    )
    scaling = Scaling(settings.scale or network.scale, mean, std)
    for tile, case in zip(drawn, cohort.cases, strict=True):
        seen = to_input(torch.from_numpy(shown(settings, case).pictures), scaling, settings.channel)[0]
        rgb = (seen * std + mean) / scaling.scale
        np.testing.assert_allclose(tile.rgb, 255 * rgb.numpy().transpose(1, 2, 0), atol=0.501)


def test_each_channel_is_drawn_once_in_grey(cohort: Cohort, drawn: list[Tile], tmp_path: Path) -> None:
    preview.draw(cohort, source(channel="each"), tmp_path)
    assert len(drawn) == CASES
    for tile, case in zip(drawn, cohort.cases, strict=True):
        (picture,) = shown(source(channel="each"), case).pictures[:, 0]
        assert np.array_equal(tile.rgb, np.stack([in_bytes(picture)] * 3, axis=-1))


def test_masked_tiles_are_black_outside_the_mask(cohort: Cohort, drawn: list[Tile], tmp_path: Path) -> None:
    preview.draw(cohort, source(), tmp_path)
    plain = list(drawn)
    preview.draw(cohort, source(masked=True), tmp_path)
    for bare, whole in zip(drawn, plain, strict=True):
        assert bare.mask is not None
        assert whole.mask is not None
        assert np.array_equal(bare.mask, whole.mask)
        away = ~_near(bare.mask, 10)  # two pixels of the image are eight here: so far does the cubic reach
        assert away.mean() > 0.2
        assert (bare.rgb[away] == 0).all()
        assert (whole.rgb[away] > 0).any()


def _near(mask: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Pixels with the mask at most so many rows and columns away."""
    rows = np.pad(mask, reach)
    rows = np.any([np.roll(rows, step, axis=0) for step in range(-reach, reach + 1)], axis=0)
    both = np.any([np.roll(rows, step, axis=1) for step in range(-reach, reach + 1)], axis=0)
    return both[reach:-reach, reach:-reach]


@pytest.mark.parametrize("window", ["crop", "warp"])
def test_the_outline_is_the_mask_as_it_lies_in_the_picture(
    window: str, cohort: Cohort, drawn: list[Tile], tmp_path: Path
) -> None:
    settings = source(window=window)
    preview.draw(cohort, settings, tmp_path)
    for tile, case in zip(drawn, cohort.cases, strict=True):
        region = read_region(case)
        (picture,) = pictures_of(region, settings, 224, outlined=True)
        assert tile.mask is not None
        assert picture.mask is not None
        assert np.array_equal(tile.mask, picture.mask)
        rows, columns = (np.flatnonzero(tile.mask.any(axis=axis)) for axis in (1, 0))
        edges = [rows[0], 223 - rows[-1], columns[0], 223 - columns[-1]]
        if window == "warp":  # its box is the mask's
            assert max(edges) <= 8
        else:  # its centre is the mask's, give or take half a pixel of the image: two of the picture, and smoothing
            assert abs(edges[0] - edges[1]) <= 8
            assert abs(edges[2] - edges[3]) <= 8


def test_every_slice_is_a_tile_of_its_own(cohort: Cohort, drawn: list[Tile], tmp_path: Path) -> None:
    settings = source(region="slices")
    preview.draw(cohort, settings, tmp_path)
    expected, captions = [], []
    for case in cohort.cases:
        expected += [in_bytes(picture) for picture in shown(settings, case).pictures[:, 0]]
        mask = read_region(case).mask
        captions += [f"{case.case} axial {at}" for at in np.flatnonzero(mask.any(axis=(1, 2)))]
    assert len(drawn) > 3 * CASES
    assert [" ".join(tile.caption.split(" ")[:3]) for tile in drawn] == captions
    for tile, picture in zip(drawn, expected, strict=True):
        assert np.array_equal(tile.rgb[..., 1], picture)


def test_orthogonal_slices_are_three_tiles(cohort: Cohort, drawn: list[Tile], tmp_path: Path) -> None:
    settings = source(region="orthogonal")
    preview.draw(cohort, settings, tmp_path)
    expected = np.concatenate([shown(settings, case).pictures[:, 0] for case in cohort.cases])
    assert [tile.caption.split(" ")[:2] for tile in drawn] == [
        [case.case, plane] for case in cohort.cases for plane in ("axial", "coronal", "sagittal")
    ]
    assert np.array_equal(np.stack([tile.rgb[..., 0] for tile in drawn]), in_bytes(expected))


def test_orthogonal_slices_that_are_channels_are_the_colours_of_one_tile(
    cohort: Cohort, drawn: list[Tile], tmp_path: Path
) -> None:
    settings = source(region="orthogonal", combine="channels")
    preview.draw(cohort, settings, tmp_path)
    for tile, case in zip(drawn, cohort.cases, strict=True):
        (channels,) = shown(settings, case).pictures
        assert np.array_equal(tile.rgb, in_bytes(channels).transpose(1, 2, 0))
        assert tile.caption == f"{case.case} red axial, green coronal, blue sagittal"


def test_sequences_are_tiles_with_their_names(cohort: Cohort, drawn: list[Tile], tmp_path: Path) -> None:
    images = files(cohort)
    twice = with_sequences(cohort, early=images, late=images)
    settings = source(images=("late", "early"), intensity={"early": "-1000:400", "late": "-160:240"})
    preview.draw(twice, settings, tmp_path)
    captions = [tile.caption.split(" ")[:3] for tile in drawn]
    assert captions == [[case.case, name, "axial"] for case in cohort.cases for name in ("late", "early")]
    for at, case in enumerate(cohort.cases):
        for tile, rule in zip(drawn[2 * at : 2 * at + 2], ("-160:240", "-1000:400"), strict=True):
            (picture,) = shown(source(intensity=rule), case).pictures[:, 0]
            assert np.array_equal(tile.rgb[..., 0], in_bytes(picture))


def test_sequences_that_are_channels_are_the_colours_of_one_tile(
    cohort: Cohort, drawn: list[Tile], tmp_path: Path
) -> None:
    images = files(cohort)
    twice = with_sequences(cohort, early=images, late=images)
    settings = source(
        images=("early", "late"),
        sequences="channels",
        intensity={"early": "-1000:400", "late": "-160:240"},
    )
    preview.draw(twice, settings, tmp_path)
    for tile, case in zip(drawn, cohort.cases, strict=True):
        for colour, rule in enumerate(("-1000:400", "-160:240")):
            (picture,) = shown(source(intensity=rule), case).pictures[:, 0]
            assert np.array_equal(tile.rgb[..., colour], in_bytes(picture))
        assert (tile.rgb[..., 2] == 0).all(), "there is no third"


def test_a_sheet_holds_the_pictures_and_their_outlines(cohort: Cohort, tmp_path: Path) -> None:
    settings = source(channel="g")
    (path,), failures = preview.draw(cohort, settings, tmp_path / "sheets")
    assert failures == ()
    assert path == tmp_path / "sheets" / "sheet-01.png"
    with Image.open(path) as image:
        sheet = np.asarray(image)
    for at, case in enumerate(cohort.cases):
        (picture,) = shown(settings, case).pictures[:, 0]
        rgb = np.full((224, 224, 3), CNN_F_MEAN, dtype=np.uint8)
        rgb[..., 1] = in_bytes(picture)
        expected = np.asarray(Image.fromarray(rgb).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
        left = GAP + at * (SIDE + GAP)
        found = sheet[GAP : GAP + SIDE, left : left + SIDE]
        line = (found == np.array(OUTLINE)).all(axis=-1)
        assert 20 < line.sum() < 0.1 * line.size
        assert np.array_equal(found[~line], expected[~line])


def break_image(case: Case) -> None:
    case.image.unlink()


def break_bytes(case: Case) -> None:
    case.mask.write_bytes(b"not an image")


@pytest.mark.parametrize("spoil", [break_image, break_bytes])
def test_a_broken_case_is_told_and_the_others_are_drawn(
    spoil: Callable[[Case], None], cohort: Cohort, drawn: list[Tile], tmp_path: Path
) -> None:
    preview.draw(cohort, source(), tmp_path)
    whole = list(drawn)
    spoil(cohort.cases[1])
    _, failures = preview.draw(cohort, source(), tmp_path)
    (failure,) = failures
    assert isinstance(failure, Failure)
    assert (failure.ID, failure.stage) == (cohort.cases[1].case, "preview")
    assert str(cohort.cases[1].image if spoil is break_image else cohort.cases[1].mask) in failure.problem
    assert failure.hint
    del whole[1]
    assert [tile.caption for tile in drawn] == [tile.caption for tile in whole]
    for now, before in zip(drawn, whole, strict=True):
        assert np.array_equal(now.rgb, before.rgb)


def test_a_case_without_a_rule_for_its_modality_is_told_and_the_others_are_drawn(
    cohort: Cohort, drawn: list[Tile], tmp_path: Path
) -> None:
    frame = pd.read_csv(cohort.folder / "cohort.csv").assign(Modality=["CT", "CT", "MR", "CT"])
    frame.to_csv(cohort.folder / "cohort.csv", index=False)
    mixed = read_cohort(str(cohort.folder / "cohort.csv"))
    _, (failure,) = preview.draw(mixed, source(intensity={"CT": "auto"}), tmp_path)
    assert (failure.ID, failure.stage) == (cohort.cases[2].case, "preview")
    assert "its modality is MR" in failure.problem
    assert [tile.caption.split(" ")[0] for tile in drawn] == [
        case.case for case in cohort.cases if case.case != failure.ID
    ]


def test_a_file_that_may_not_be_read_is_told(
    cohort: Cohort, drawn: list[Tile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = preview.read_region

    def refusing(case: Case) -> Any:
        if case == cohort.cases[0]:
            raise PermissionError(13, "Permission denied", "image.nii.gz")
        return plain(case)

    monkeypatch.setattr(preview, "read_region", refusing)
    _, (failure,) = preview.draw(cohort, source(), tmp_path)
    assert (failure.ID, failure.stage) == (cohort.cases[0].case, "preview")
    assert "Permission denied" in failure.problem
    assert "who may read it" in failure.hint
    assert len(drawn) == CASES - 1


def test_a_case_that_lacks_a_sequence_is_told_and_the_others_are_drawn(
    cohort: Cohort, drawn: list[Tile], tmp_path: Path
) -> None:
    images = files(cohort)
    lacking = with_sequences(cohort, early=images, late=[*images[:3], ""])
    _, (failure,) = preview.draw(lacking, source(images=("early", "late")), tmp_path)
    assert (failure.ID, failure.stage) == (cohort.cases[3].case, "preview")
    assert "no path" in failure.problem
    assert len(drawn) == 2 * (CASES - 1)


def test_no_case_at_all_is_an_error_that_tells_the_first_reason(cohort: Cohort, tmp_path: Path) -> None:
    for case in cohort.cases:
        case.image.unlink()
    said = f"none of the 4 cases can be shown; the first problem: .*{cohort.cases[0].image.name}"
    with pytest.raises(DataError, match=said) as caught:
        preview.draw(cohort, source(), tmp_path / "sheets")
    assert "radcompare check" in caught.value.hint
    assert not list(tmp_path.rglob("sheet-*.png"))


def test_progress_is_told_after_every_case(cohort: Cohort, drawn: list[Tile], tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    cohort.cases[2].image.unlink()
    preview.draw(cohort, source(), tmp_path, progress=lambda *said: told.append(said))
    assert told == [("preview: cases", done, CASES) for done in range(CASES + 1)]


@pytest.mark.slow
def test_two_processes_draw_the_same(cohort: Cohort, tmp_path: Path) -> None:
    cohort.cases[1].image.unlink()
    one, two = (preview.draw(cohort, source(), tmp_path / str(jobs), jobs=jobs) for jobs in (1, 2))
    assert [path.read_bytes() for path in one[0]] == [path.read_bytes() for path in two[0]]
    assert one[1] == two[1]
    assert [failure.ID for failure in one[1]] == [cohort.cases[1].case]


def test_sequences_that_show_other_slices_are_no_channels(
    cohort: Cohort, drawn: list[Tile], tmp_path: Path
) -> None:
    """As in extraction: the network would not be shown this."""
    first = cohort.cases[0]
    mask = sitk.ReadImage(str(first.mask))
    voxels = sitk.GetArrayFromImage(mask)
    at = int(np.argmax(voxels.sum(axis=(1, 2))))
    voxels[at, voxels[at].any(axis=1)] = 0
    other = sitk.GetImageFromArray(voxels)
    other.CopyInformation(mask)
    sitk.WriteImage(other, str(cohort.folder / "other.nii.gz"))
    both = with_sequences(cohort, A=files(cohort), B=files(cohort))
    path = cohort.folder / "cohort.csv"
    masks = [str(case.mask.relative_to(cohort.folder)) for case in cohort.cases]
    pd.read_csv(path).assign(Mask_B=["other.nii.gz", *masks[1:]]).to_csv(path, index=False)
    both = read_cohort(str(path))
    settings = source(images=["A", "B"], sequences="channels")
    _, failures = preview.draw(both, settings, tmp_path)
    assert [failure.ID for failure in failures] == [first.case]
    assert "do not show the same slices" in failures[0].problem
    assert len(drawn) == CASES - 1


def test_what_extraction_refuses_is_not_drawn(cohort: Cohort, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="looks at pictures, not volumes"):
        preview.draw(cohort, source(region="volume"), tmp_path)
    with pytest.raises(WeightsError, match="no TorchScript file"):
        preview.draw(cohort, source(network=f"torchscript:{tmp_path}/none.pt", layer="output"), tmp_path)


def test_whatever_goes_wrong_with_one_case_costs_no_other(
    cohort: Cohort, drawn: list[Tile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlucky = cohort.cases[1].case

    def read(case: Case) -> Any:
        if case.case == unlucky:
            raise ValueError("a fault")
        return read_region(case)

    monkeypatch.setattr(preview, "read_region", read)
    _, failures = preview.draw(cohort, source(), tmp_path)
    assert [(f.ID, f.problem) for f in failures] == [(unlucky, "unexpected ValueError: a fault")]
    assert len(drawn) == CASES - 1
