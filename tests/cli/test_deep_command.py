"""radcompare extract deep, from files to a table: what is read, what is refused, and what is told about it."""

import hashlib
import json
import pickle
import urllib.error
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.io
import SimpleITK as sitk
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.stats import spearmanr
from torch import Tensor

from radcompare.deep import activations, chatfield
from radcompare.deep.networks import Network
from radcompare.errors import ExitCode

Run = Callable[..., Any]
Write = Callable[..., Path]
CT = ("--intensity", "-1000:400")


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """CNN-F with few maps under CNN-F's own name."""
    plan = replace(chatfield.FAST, maps=(4, 6, 5, 7, 6))
    twin = replace(chatfield.cnn_f(), build=lambda: chatfield.Chatfield(plan, full=9, classes=3))
    monkeypatch.setattr(chatfield, "cnn_f", lambda _name: twin)
    activations._kept.clear()
    yield twin
    activations._kept.clear()


@pytest.fixture
def state(narrow: Network) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(8)
    shapes = {name: value.shape for name, value in narrow.outline().state_dict().items()}
    return {name: 0.1 * torch.randn(shape, generator=generator) for name, shape in shapes.items()}


@pytest.fixture
def four(cohort: Write) -> Path:
    """The first four cases of the phantom."""
    return cohort(lambda frame: frame.head(4))


@pytest.fixture
def deep(radcompare: Run, tmp_path: Path) -> Callable[..., pd.DataFrame]:
    """The features of a cohort, by ID; nothing may fail."""

    def features(
        cohort: Path, *options: object, layer: str = "full7", weights: object = "random"
    ) -> pd.DataFrame:
        usual = ("--network", "cnn-f", "--weights", weights, "--layer", layer, "-o", "deep.csv")
        ended = radcompare("extract", "deep", cohort, *usual, *options)
        assert ended.code == 0, ended.err
        frame = pd.read_csv(tmp_path / "deep.csv", index_col="ID")
        return frame.filter(regex="^deep_")

    return features


def sidecar(name: str = "deep") -> dict[str, Any]:
    (source,) = json.loads(Path(f"{name}.meta.json").read_text(encoding="utf-8"))["sources"]
    assert isinstance(source, dict)
    return source


def write_image(path: Path, array: NDArray[Any], spacing: tuple[float, float, float] = (1, 1, 1)) -> Path:
    """An array (z, y, x); its spacing is (x, y, z)."""
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(spacing)
    sitk.WriteImage(image, str(path))
    return path


def read(path: object) -> tuple[NDArray[Any], tuple[float, ...]]:
    image = sitk.ReadImage(str(path))
    return sitk.GetArrayFromImage(image), image.GetSpacing()


def one_case(tmp_path: Path, image: NDArray[Any], mask: NDArray[np.bool_], name: str = "x") -> Path:
    """A cohort of one case."""
    write_image(tmp_path / f"{name}_image.nii", image)
    write_image(tmp_path / f"{name}_mask.nii", mask.astype(np.uint8))
    return table(tmp_path, [(name, tmp_path / f"{name}_image.nii", tmp_path / f"{name}_mask.nii")], name)


def table(tmp_path: Path, rows: list[tuple[object, ...]], name: str = "x", *more: str) -> Path:
    path = tmp_path / f"{name}_cohort.csv"
    pd.DataFrame(rows, columns=["ID", "Image", "Mask", *more]).to_csv(path, index=False)
    return path


def alike(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Equal but for the order in which a batch is added up, where a picture has another place in it."""
    atol = 1e-6 * float(expected.abs().to_numpy().max())
    pd.testing.assert_frame_equal(found, expected, rtol=1e-5, atol=atol, check_names=False)


def named(columns: pd.DataFrame, part: str, instead: str = "") -> pd.DataFrame:
    """The columns with a part in their names, under names with another in its place."""
    found = columns.filter(like=part)
    return found.rename(columns=lambda name: name.replace(part, instead))


@pytest.mark.slow
def test_several_layers_before_and_after_their_activation(
    four: Path, deep: Callable[..., pd.DataFrame]
) -> None:
    both = deep(four, "--layer", "full6", "--layer", "conv1", "--relu", "both", layer="conv5")
    sizes = {"conv5": 6, "full6": 9, "conv1": 4}
    assert list(both.columns) == [
        f"deep_cnn-f_{layer}_{side}_{unit:04d}"
        for layer, units in sizes.items()
        for side in ("pre", "post")
        for unit in range(units)
    ]
    before, after = named(both, "_full6_pre_", "_"), named(both, "_full6_post_", "_")
    assert before.to_numpy().min() < 0 < before.to_numpy().max()
    pd.testing.assert_frame_equal(after, before.clip(lower=0), check_exact=True)
    for layer in sizes:
        for side in ("pre", "post"):
            alone = deep(four, "--relu", side, layer=layer)
            pd.testing.assert_frame_equal(alone, both[alone.columns], check_exact=True)


def test_channels_one_by_one(four: Path, deep: Callable[..., pd.DataFrame]) -> None:
    each = deep(four, "--channel", "each", "--layer", "conv2")
    assert len(each.columns) == 3 * (9 + 6)
    assert list(each.columns[:10:9]) == ["deep_cnn-f_full7_post_r_0000", "deep_cnn-f_full7_post_g_0000"]
    for channel in "rgb":
        alone = deep(four, "--channel", channel, "--layer", "conv2")
        pd.testing.assert_frame_equal(named(each, f"_{channel}_", "_"), alone, check_exact=True)


@pytest.mark.slow
def test_a_network_of_one_channel_sees_nothing_in_the_others(
    four: Path, deep: Callable[..., pd.DataFrame], state: dict[str, Tensor]
) -> None:
    green = state["conv1.weight"].clone()
    green[:, [0, 2]] = 0
    torch.save(state | {"conv1.weight": green}, "green.pth")
    seen = {
        channel: deep(four, "--channel", channel, weights="green.pth") for channel in ("all", "r", "g", "b")
    }
    alike(seen["g"], seen["all"])
    alike(seen["r"], seen["b"])
    assert seen["g"].nunique().max() == 4
    black = seen["r"].to_numpy()
    np.testing.assert_allclose(black, np.broadcast_to(black[:1], black.shape), rtol=1e-5)


def turned(four: Path, tmp_path: Path, plane: str) -> Path:
    """The cohort with its images laid so that another plane is the axial one."""
    order = {"coronal": (1, 0, 2), "sagittal": (2, 0, 1)}[plane]
    rows: list[tuple[object, ...]] = []
    for row in pd.read_csv(four).itertuples():
        paths = []
        for kind in ("Image", "Mask"):
            array, (x, y, z) = read(getattr(row, kind))
            spacing = tuple((z, y, x)[axis] for axis in order)
            path = tmp_path / f"{plane}_{row.ID}_{kind}.nii"
            paths.append(write_image(path, array.transpose(order), (spacing[2], spacing[1], spacing[0])))
        rows.append((row.ID, *paths))
    return table(tmp_path, rows, plane)


def test_orthogonal_planes_are_axial_ones_of_turned_images(
    four: Path, deep: Callable[..., pd.DataFrame], tmp_path: Path
) -> None:
    three = deep(four, "--region", "orthogonal", "--window", "warp", layer="conv5")
    alone = {"axial": deep(four, "--window", "warp", layer="conv5")}
    for plane in ("coronal", "sagittal"):
        alone[plane] = deep(turned(four, tmp_path, plane), "--window", "warp", layer="conv5")
    for plane, expected in alone.items():
        alike(named(three, f"_{plane}_", "_"), expected)
    stack = np.stack([frame.to_numpy() for frame in alone.values()])
    for how, expected in {"mean": stack.mean(axis=0), "max": stack.max(axis=0)}.items():
        asked = ("--region", "orthogonal", "--combine", how, "--window", "warp")
        np.testing.assert_allclose(deep(four, *asked, layer="conv5"), expected, rtol=1e-6)


def test_planes_as_the_channels_of_one_picture(
    four: Path, deep: Callable[..., pd.DataFrame], state: dict[str, Tensor], tmp_path: Path
) -> None:
    """A network that looks at its second channel alone sees the coronal plane alone."""
    lone = state["conv1.weight"].clone()
    lone[:, [0, 2]] = 0
    torch.save(state | {"conv1.weight": lone}, tmp_path / "lone.pth")
    warp = ("--region", "orthogonal", "--window", "warp")
    stacked = deep(four, *warp, "--combine", "channels", weights="lone.pth")
    apart = deep(four, *warp, weights="lone.pth")
    assert len(stacked.columns) == 9
    alike(stacked, named(apart, "_coronal_", "_"))


@pytest.mark.slow
def test_all_slices_are_as_many_masks_of_one_slice(
    four: Path, deep: Callable[..., pd.DataFrame], tmp_path: Path
) -> None:
    rows: list[tuple[object, ...]] = []
    for row in pd.read_csv(four).itertuples():
        mask, _ = read(row.Mask)
        origin = sitk.ReadImage(str(row.Mask))
        for at in np.flatnonzero(mask.any(axis=(1, 2))):
            single = np.zeros_like(mask)
            single[at] = mask[at]
            image = sitk.GetImageFromArray(single)
            image.CopyInformation(origin)
            path = tmp_path / f"{row.ID}_{at}.nii"
            sitk.WriteImage(image, str(path))
            rows.append((f"{row.ID}_{at}", row.Image, path))
    assert len(rows) > 12
    single_slices = deep(table(tmp_path, rows), layer="full6")
    by_case = single_slices.groupby(lambda name: name.rpartition("_")[0])
    for options, expected in (
        ((), by_case.mean()),
        (("--combine", "mean"), by_case.mean()),
        (("--combine", "max"), by_case.max()),
    ):
        found = deep(four, "--region", "slices", *options, layer="full6")
        alike(found, expected)


@pytest.fixture
def sequences(four: Path, tmp_path: Path) -> Path:
    """Two images for every case, the second upside down and darker."""
    frame = pd.read_csv(four)
    for row in frame.itertuples():
        image = sitk.ReadImage(str(row.Image))
        other = sitk.GetImageFromArray((sitk.GetArrayFromImage(image)[:, ::-1] - 50).astype(np.int16))
        other.CopyInformation(image)
        sitk.WriteImage(other, str(tmp_path / f"{row.ID}_T2.nii"))
    others = [str(tmp_path / f"{name}_T2.nii") for name in frame["ID"]]
    frame.assign(Image_T1=frame["Image"], Image_T2=others).to_csv(tmp_path / "two.csv", index=False)
    frame.assign(Image=others).to_csv(tmp_path / "second.csv", index=False)
    return tmp_path / "two.csv"


@pytest.mark.slow
def test_sequences_as_columns(
    four: Path, sequences: Path, deep: Callable[..., pd.DataFrame], tmp_path: Path
) -> None:
    two = deep(sequences, "--image", "T1", "--image", "T2", *CT)
    assert list(two.columns) == [f"deep_cnn-f_full7_post_{s}_{i:04d}" for s in ("T1", "T2") for i in range(9)]
    for name, alone in (("T1", four), ("T2", tmp_path / "second.csv")):
        alike(named(two, f"_{name}_", "_"), deep(alone, *CT))


@pytest.mark.slow
@pytest.mark.parametrize("order", [("T1", "T2"), ("T2", "T1")])
@pytest.mark.parametrize("channel", [0, 1])
def test_sequences_as_channels(
    sequences: Path,
    deep: Callable[..., pd.DataFrame],
    state: dict[str, Tensor],
    tmp_path: Path,
    order: tuple[str, str],
    channel: int,
) -> None:
    """Weights that are zero but for one channel see one image, as weights of one channel do."""
    first = state["conv1.weight"][:, :1]
    torch.save(state | {"conv1.weight": first}, tmp_path / "one.pth")
    two = torch.zeros(4, 2, 11, 11)
    two[:, channel] = first[:, 0]
    torch.save(state | {"conv1.weight": two}, tmp_path / "two.pth")
    asked = (*CT, "--image", order[0], "--image", order[1], "--sequences", "channels")
    together = deep(sequences, *asked, weights="two.pth")
    alone = deep(sequences, *CT, "--image", order[channel], weights="one.pth")
    assert len(together.columns) == 9
    alike(together, named(alone, f"_{order[channel]}_", "_"))


def test_a_case_without_one_of_its_images_fails_alone(radcompare: Run, sequences: Path) -> None:
    frame = pd.read_csv(sequences)
    frame.loc[1, "Image_T2"] = None
    frame.to_csv(sequences, index=False)
    asked = (
        "--network",
        "cnn-f",
        "--weights",
        "random",
        "--layer",
        "full7",
        "--image",
        "T1",
        "--image",
        "T2",
    )
    ended = radcompare("extract", "deep", sequences, *asked, "-o", "deep.csv")
    assert ended.code == ExitCode.SOME_CASES_FAILED
    assert "note: not measured: case phantom-002: one of its images has no path in the cohort" in ended.err
    assert list(pd.read_csv("deep.csv")["ID"]) == ["phantom-001", "phantom-003", "phantom-004"]


def test_the_sidecar_says_what_the_units_are(
    four: Path, deep: Callable[..., pd.DataFrame], state: dict[str, Tensor], tmp_path: Path
) -> None:
    state["full7.bias"][:4] = -1e6  # nothing gets these above zero
    state["conv5.bias"][2] = -1e6
    state["full8.weight"][1] = 0.0  # has a bias alone, and no activation
    torch.save(state, tmp_path / "some_dead.pth")
    frame = deep(four, "--layer", "conv5", "--layer", "full8", weights="some_dead.pth")
    volumes = []
    for path in pd.read_csv(four)["Mask"]:
        mask, spacing = read(path)
        volumes.append(float(np.count_nonzero(mask) * np.prod(spacing)))
    varying = frame.loc[:, frame.nunique() > 1]
    rho = np.array([abs(spearmanr(column, volumes).statistic) for _, column in varying.items()])
    units = sidecar()["units"]
    assert (units["columns"], units["constant"]) == (9 + 6 + 3, 18 - len(varying.columns))
    assert units["dead"] == int((frame.drop(columns=list(frame.filter(like="full8"))) <= 0).all().sum())
    assert 5 <= units["dead"] < units["constant"] < 18
    assert units["size"]["threshold"] == 0.8
    assert units["size"]["columns"] == int((rho > 0.8 - 1e-9).sum())
    assert units["size"]["median"] == pytest.approx(np.median(rho), abs=5e-5)
    assert units["size"]["largest"] == pytest.approx(rho.max(), abs=5e-5)


def test_units_are_told_in_a_note(radcompare: Run, four: Path) -> None:
    asked = ("--network", "cnn-f", "--weights", "random", "--layer", "full7", "-o", "deep.csv")
    ended = radcompare("extract", "deep", four, *asked)
    units = sidecar()["units"]
    assert ended.err.startswith(
        f"note: of 9 columns {units['dead']} are dead, {units['constant']} constant; {units['size']['columns']} tell"
    )
    assert radcompare("extract", "deep", four, *asked, "-q").err == ""


def test_weights_are_known_by_their_sha256(
    four: Path, deep: Callable[..., pd.DataFrame], state: dict[str, Tensor], tmp_path: Path
) -> None:
    torch.save(
        {"state_dict": {f"module.{name}": value for name, value in state.items()}}, tmp_path / "net.pth"
    )
    deep(four, weights="net.pth")
    stamp = f"sha256:{hashlib.sha256((tmp_path / 'net.pth').read_bytes()).hexdigest()}"
    written = sidecar()
    assert written["settings"]["weights"] == stamp
    assert set(pd.read_csv("deep.csv")["weights_cnn-f"]) == {stamp}
    assert written["weights_file"] == {
        "loaded": 16,
        "missing": [],
        "unexpected": [],
        "wrapped_in": "state_dict",
        "prefix": "module.",
    }
    assert written["computed_by"] == f"torch {torch.__version__}"
    assert str(tmp_path) not in Path("deep.meta.json").read_text(encoding="utf-8")


def test_random_weights_are_stamped_untrained(four: Path, deep: Callable[..., pd.DataFrame]) -> None:
    deep(four, "--seed", "5")
    assert sidecar()["settings"]["weights"] == "untrained (random, seed 5)"
    assert set(pd.read_csv("deep.csv")["weights_cnn-f"]) == {"untrained (random, seed 5)"}


def test_what_of_a_file_was_not_used_is_told(radcompare: Run, four: Path, state: dict[str, Tensor]) -> None:
    del state["full8.weight"], state["full8.bias"]
    torch.save(state | {"head2.weight": torch.ones(2, 2)}, "headless.pth")
    asked = ("--network", "cnn-f", "--weights", "headless.pth", "-o", "deep.csv", "--layer")
    ended = radcompare("extract", "deep", four, *asked, "full7")
    told = "note: weights: 14 tensors loaded; missing: full8.weight, full8.bias; unexpected: head2.weight"
    assert (ended.code, told in ended.err.splitlines()) == (0, True)
    ended = radcompare("extract", "deep", four, *asked, "full8")
    assert ended.code == ExitCode.USAGE
    assert "its classification layer does not fit, so there is no full8 to read" in ended.error


@pytest.mark.parametrize("form", ["{}", "sha256:{}", "{:.8}", "upper"])
def test_a_lock_that_fits(
    four: Path, deep: Callable[..., pd.DataFrame], state: dict[str, Tensor], form: str
) -> None:
    torch.save(state, "net.pth")
    digest = hashlib.sha256(Path("net.pth").read_bytes()).hexdigest()
    lock = digest.upper() if form == "upper" else form.format(digest)
    locked = deep(four, "--lock", lock, weights="net.pth")
    settings = sidecar()["settings"]
    pd.testing.assert_frame_equal(locked, deep(four, weights="net.pth"), check_exact=True)
    assert settings == sidecar()["settings"]


@pytest.mark.parametrize(
    ("lock", "error"),
    [
        ("0123456789abcdef", "net.pth: its SHA-256 is {}, and the lock demands 0123456789abcdef"),
        ("sha256:" + "f" * 64, "net.pth: its SHA-256 is {}, and the lock demands " + "f" * 64),
        ("0123", "radcompare extract deep: lock: "),
        ("md5:01234567", "radcompare extract deep: lock: "),
    ],
)
def test_a_lock_that_does_not_fit(
    radcompare: Run, four: Path, state: dict[str, Tensor], lock: str, error: str
) -> None:
    torch.save(state, "net.pth")
    digest = hashlib.sha256(Path("net.pth").read_bytes()).hexdigest()
    asked = ("--network", "cnn-f", "--weights", "net.pth", "--layer", "full7", "-o", "deep.csv")
    ended = radcompare("extract", "deep", four, *asked, "--lock", lock)
    assert (ended.code, ended.out) == (ExitCode.USAGE, "")
    assert ended.error.startswith(error.format(digest))
    assert ended.hint
    assert not Path("deep.csv").exists()


def test_random_weights_have_nothing_to_lock(radcompare: Run, four: Path) -> None:
    asked = ("--network", "cnn-f", "--weights", "random", "--layer", "full7", "--lock", "01234567")
    ended = radcompare("extract", "deep", four, *asked)
    assert (ended.code, ended.error) == (ExitCode.USAGE, "random weights have no SHA-256 to lock")


class Bomb:
    """Runs code when a trusting unpickler meets it."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, ...]:
        return Path.write_text, (self.trace, "ran")


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def spoil_pth(path: Path, state: dict[str, Tensor]) -> None:
    torch.save(state, path)
    half(path)


def spoil_old_pth(path: Path, state: dict[str, Tensor]) -> None:
    torch.save(state, path, _use_new_zipfile_serialization=False)
    half(path)


def write_foreign_mat(path: Path, state: dict[str, Tensor]) -> None:
    scipy.io.savemat(path, {"tumour": np.eye(3)})


def write_text(path: Path, state: dict[str, Tensor]) -> None:
    path.write_text("weights of a network\n" * 40, encoding="utf-8")


def write_bare_bomb(path: Path, state: dict[str, Tensor]) -> None:
    path.write_bytes(pickle.dumps(Bomb(path.with_name("trace"))))


def write_bomb(path: Path, state: dict[str, Tensor]) -> None:
    torch.save({**state, "epoch": Bomb(path.with_name("trace"))}, path)


@pytest.mark.parametrize(
    ("name", "spoil", "error"),
    [
        ("cut.pth", spoil_pth, "cannot be read as weights: "),
        ("cut.pt", spoil_old_pth, "cannot be read as weights: "),
        ("text.pth", write_text, "cannot be read as weights: "),
        ("foreign.mat", write_foreign_mat, "has no cell array `layers` with `weights` in it (found tumour)"),
        ("text.mat", write_text, "cannot be read as a MATLAB file: "),
        ("text.safetensors", write_text, "cannot be read as weights: "),
        ("bomb.pth", write_bare_bomb, "cannot be read as weights: "),
        ("bomb.pt", write_bomb, "cannot be read as weights: "),
    ],
)
def test_files_that_are_no_weights_end_the_command_and_run_nothing(
    radcompare: Run,
    four: Path,
    state: dict[str, Tensor],
    tmp_path: Path,
    name: str,
    spoil: Callable[[Path, dict[str, Tensor]], None],
    error: str,
) -> None:
    spoil(tmp_path / name, state)
    asked = ("--network", "cnn-f", "--weights", name, "--layer", "full7", "-o", "deep.csv")
    ended = radcompare("extract", "deep", four, *asked)
    assert (ended.code, ended.out) == (ExitCode.USAGE, "")
    assert ended.error.startswith(f"{name}: {error}")
    assert ended.hint
    assert not (tmp_path / "deep.csv").exists()
    assert not (tmp_path / "trace").exists()


def test_the_bomb_would_have_run(tmp_path: Path) -> None:
    """So that its silence above means something."""
    write_bare_bomb(tmp_path / "bomb.pth", {})
    pickle.loads((tmp_path / "bomb.pth").read_bytes())
    assert (tmp_path / "trace").read_text(encoding="utf-8") == "ran"


@pytest.mark.parametrize(
    ("network", "layer", "near", "listed"),
    [
        (
            "cnn-f",
            "ful7",
            "; did you mean 'full7'?",
            "known: conv1, conv2, conv3, conv4, conv5, full6, full7, full8; ",
        ),
        ("cnn-f", "pool55", "; did you mean 'pool5'?", "known: conv1, "),
        (
            "squeezenet1_1",
            "features.120",
            "; did you mean 'features.12",
            "radcompare describe squeezenet1_1 lists",
        ),
        ("cnn-f", "zzz", "", "known: conv1, "),
    ],
)
def test_an_unknown_layer_names_the_nearest(
    radcompare: Run, four: Path, network: str, layer: str, near: str, listed: str
) -> None:
    asked = ("--network", network, "--weights", "random", "--layer", "output", "--layer", layer)
    ended = radcompare("extract", "deep", four, *asked)
    assert (ended.code, ended.out) == (ExitCode.USAGE, "")
    assert ended.error.startswith(f"unknown layer of {network} '{layer}'{near}")
    assert ended.hint.startswith(listed)


SQUEEZENET = ("--network", "squeezenet1_1", "--weights", "imagenet", "--layer", "features.0")
PUBLISHED = "squeezenet1_1-b8a52dc0.pth"


def test_without_a_network_published_weights_say_where_to_put_them(
    radcompare: Run, four: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def offline(url: str, *_: object, **__: object) -> None:
        asked.append(url)
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(torch.hub, "download_url_to_file", offline)
    ended = radcompare("extract", "deep", four, *SQUEEZENET, "--weights-dir", "weights", "-o", "deep.csv")
    assert (ended.code, ended.out) == (ExitCode.USAGE, "")
    assert asked == [f"https://download.pytorch.org/models/{PUBLISHED}"]
    assert ended.error.startswith(f"cannot fetch the ImageNet weights of squeezenet1_1 from {asked[0]}: ")
    assert "no route to host" in ended.error
    assert f"put it at {Path('weights') / PUBLISHED} " in ended.hint
    assert "--weights FILE" in ended.hint
    assert not Path("deep.csv").exists()


def test_published_weights_of_the_folder_are_not_fetched(
    radcompare: Run, four: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name of torchvision's file bears the first digits of its SHA-256, which these bytes do not have."""
    monkeypatch.setattr(
        torch.hub, "download_url_to_file", lambda *_, **__: pytest.fail("went for the network")
    )
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / PUBLISHED).write_bytes(b"half a download")
    digest = hashlib.sha256(b"half a download").hexdigest()
    ended = radcompare("extract", "deep", four, *SQUEEZENET, "--weights-dir", "weights")
    assert ended.code == ExitCode.USAGE
    assert ended.error == f"weights/{PUBLISHED}: is damaged: its SHA-256 is {digest}, not b8a52dc0..."
    assert ended.hint == "remove it, and it is fetched again"


@pytest.mark.slow
def test_a_file_may_be_called_as_it_likes(
    four: Path, deep: Callable[..., pd.DataFrame], state: dict[str, Tensor]
) -> None:
    torch.save(state, "net.pth")
    torch.save(state, "CNN_Weights.pth")
    pd.testing.assert_frame_equal(deep(four, weights="CNN_Weights.pth"), deep(four, weights="net.pth"))


def bright(shape: tuple[int, ...], seed: int = 0) -> NDArray[np.int16]:
    return np.random.default_rng(seed).integers(-900, 300, shape).astype(np.int16)


def mask_of(shape: tuple[int, ...], *box: slice) -> NDArray[np.bool_]:
    mask = np.zeros(shape, dtype=bool)
    mask[box] = True
    return mask


@pytest.mark.slow
def test_a_mask_of_one_pixel_cannot_be_warped_and_costs_no_other(
    radcompare: Run, four: Path, deep: Callable[..., pd.DataFrame], tmp_path: Path
) -> None:
    frame = pd.read_csv(four)
    mask = sitk.ReadImage(frame.loc[1, "Mask"])
    voxels = np.zeros_like(sitk.GetArrayFromImage(mask))
    voxels[tuple(size // 2 for size in voxels.shape)] = 1
    single = sitk.GetImageFromArray(voxels)
    single.CopyInformation(mask)
    sitk.WriteImage(single, str(tmp_path / "pixel.nii"))
    frame.loc[1, "Mask"] = str(tmp_path / "pixel.nii")
    frame.to_csv(tmp_path / "pixel.csv", index=False)
    asked = ("--network", "cnn-f", "--weights", "random", "--layer", "full7", "--window", "warp")
    ended = radcompare("extract", "deep", "pixel.csv", *asked, "-o", "some.csv")
    assert (ended.code, ended.out) == (ExitCode.SOME_CASES_FAILED, "")
    assert "note: not measured: phantom-002: the mask's box is a single voxel" in ended.err
    (failure,) = pd.read_csv("failures.csv").to_dict("records")
    assert (failure["ID"], failure["stage"]) == ("phantom-002", "deep")
    assert failure["hint"] == "give a margin, or window crop"
    others = pd.read_csv("some.csv", index_col="ID").filter(regex="^deep_")
    assert list(others.index) == ["phantom-001", "phantom-003", "phantom-004"]
    alike(others, deep(four, "--window", "warp").drop("phantom-002"))
    assert len(deep(tmp_path / "pixel.csv", "--window", "warp", "--margin", "2")) == 4
    assert len(deep(tmp_path / "pixel.csv")) == 4


@pytest.mark.slow
def test_a_window_beyond_the_border_is_filled_with_its_floor(
    deep: Callable[..., pd.DataFrame], radcompare: Run, tmp_path: Path
) -> None:
    """A box of 4 pixels in the corner has its centre at 2: of 20 rows and columns 8 lie beyond, 12 inside."""
    image, mask = bright((2, 40, 40)), mask_of((2, 40, 40), slice(1, 2), slice(0, 4), slice(0, 4))
    corner = one_case(tmp_path, image, mask, "corner")
    cut = deep(corner, "--size", "20")
    assert sidecar()["window_beyond_image"] == {"corner": pytest.approx(1 - (12 / 20) ** 2)}
    padded = np.pad(image, ((0, 0), (30, 0), (30, 0)), constant_values=-1000)
    whole = one_case(tmp_path, padded, np.pad(mask, ((0, 0), (30, 0), (30, 0))), "whole")
    inside = deep(whole, "--size", "20")
    assert sidecar()["window_beyond_image"] == {}
    pd.testing.assert_frame_equal(cut.rename(index={"corner": "whole"}), inside, check_exact=True)
    rows = [
        (name, tmp_path / f"{name}_image.nii", tmp_path / f"{name}_mask.nii") for name in ("whole", "corner")
    ]
    asked = (
        "--network",
        "cnn-f",
        "--weights",
        "random",
        "--layer",
        "full7",
        "--size",
        "20",
        "-o",
        "deep.csv",
    )
    ended = radcompare("extract", "deep", table(tmp_path, rows), *asked)
    assert ended.err.splitlines()[1] == (
        "note: the window reaches beyond the image in 1 case and was filled with its floor, at most 64% (corner): "
        "corner"
    )


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_voxels_that_are_no_number(
    radcompare: Run, deep: Callable[..., pd.DataFrame], tmp_path: Path, value: float
) -> None:
    shape, box = (3, 60, 60), (slice(1, 2), slice(20, 30), slice(22, 34))
    sound, mask = bright(shape).astype(np.float32), mask_of(shape, *box)
    spoiled = {
        "sound": None,
        "inside": (1, 25, 25),
        "window": (1, 18, 25),
        "corner": (1, 0, 0),
        "slice": (0, 25, 25),
    }
    rows: list[tuple[object, ...]] = []
    for name, at in spoiled.items():
        image = sound.copy()
        if at is not None:
            image[at] = value
        paths = tmp_path / f"{name}_image.nii", tmp_path / f"{name}_mask.nii"
        write_image(paths[0], image)
        write_image(paths[1], mask.astype(np.uint8))
        rows.append((name, *paths))
    asked = (
        "--network",
        "cnn-f",
        "--weights",
        "random",
        "--layer",
        "full7",
        "--size",
        "24",
        "-o",
        "deep.csv",
    )
    ended = radcompare("extract", "deep", table(tmp_path, rows), *asked)
    assert ended.code == ExitCode.SOME_CASES_FAILED
    failures = pd.read_csv("failures.csv", index_col="ID")["problem"]
    assert sorted(failures.index) == ["inside", "window"]
    assert "1 voxels inside the mask that are NaN or infinite" in failures["inside"]
    assert "1 of 576 pixels in the window (axial 1) are not finite" in failures["window"]
    found = pd.read_csv("deep.csv", index_col="ID").filter(regex="^deep_")
    assert list(found.index) == ["sound", "corner", "slice"]
    for other in ("corner", "slice"):  # what is not shown does no harm
        alike(found.loc[[other]], found.loc[["sound"]].rename(index={"sound": other}))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """One scene as grey and colour pictures and as volumes, with one mask."""
    rng = np.random.default_rng(12)
    grey, colour = (rng.integers(0, 256, shape).astype(np.uint8) for shape in ((50, 60), (50, 60, 3)))
    luminance = colour @ np.array([0.299, 0.587, 0.114])
    twelve = rng.integers(0, 4096, (50, 60)).astype(np.uint16)
    mask = mask_of((50, 60), slice(15, 33), slice(20, 44)).astype(np.uint8)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    Image.fromarray(np.stack([grey] * 3, axis=-1)).save(tmp_path / "grey_as_colour.png")
    Image.fromarray(np.dstack([grey, grey, grey, np.full_like(grey, 7)])).save(tmp_path / "with_alpha.png")
    Image.fromarray(colour).save(tmp_path / "colour.png")
    Image.fromarray(twelve).save(tmp_path / "twelve.png")
    for name, array in {"grey": grey, "luminance": luminance, "twelve": twelve}.items():
        write_image(tmp_path / f"{name}_double.nii", array[None].astype(np.float64))
        write_image(tmp_path / f"{name}_float.nii", array[None].astype(np.float32))
    write_image(tmp_path / "twelve_uint16.nii", twelve[None])
    write_image(tmp_path / "mask.nii", mask[None])
    Image.fromarray(255 * mask).save(tmp_path / "mask.png")
    return tmp_path


@pytest.mark.parametrize(
    ("images", "options", "rtol"),
    [
        # 8 bits go from 0 to 255 of themselves, also where they are colours
        (["grey.png", "grey_as_colour.png", "with_alpha.png"], (), 1e-6),
        (["grey.png", "grey_double.nii", "grey_float.nii"], ("--intensity", "0:255"), 1e-6),
        (["colour.png", "luminance_double.nii"], ("--intensity", "0:255"), 1e-6),
        (["colour.png", "luminance_float.nii"], ("--intensity", "0:255"), 1e-5),
        (["twelve.png", "twelve_uint16.nii", "twelve_float.nii"], ("--intensity", "0:4095"), 1e-6),
        (["twelve.png", "twelve_uint16.nii", "twelve_double.nii"], ("--intensity", "percentile"), 1e-6),
    ],
)
def test_the_type_of_the_file_does_not_count(
    pictures: Path,
    deep: Callable[..., pd.DataFrame],
    images: list[str],
    options: tuple[str, ...],
    rtol: float,
) -> None:
    rows: list[tuple[object, ...]] = [
        (name, pictures / name, pictures / f"mask{Path(name).suffix}") for name in images
    ]
    found = deep(table(pictures, rows), *options, "--relu", "pre", layer="full6").to_numpy()
    assert len(np.unique(found[0])) == 9
    largest = np.abs(found[0]).max()
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], rtol=rtol, atol=rtol * largest)


@pytest.mark.slow
def test_what_is_shown_of_a_picture_goes_by_its_bits(
    pictures: Path, deep: Callable[..., pd.DataFrame]
) -> None:
    """Where no intensity is given: 8 bits as they are, 12 bits by percentiles, a volume as CT."""
    for name, rule in {
        "colour.png": "0:255",
        "twelve.png": "percentile",
        "twelve_float.nii": "-1000:400",
    }.items():
        cohort = table(pictures, [(name, pictures / name, pictures / f"mask{Path(name).suffix}")])
        shown = deep(cohort, "--relu", "pre")
        pd.testing.assert_frame_equal(
            shown, deep(cohort, "--relu", "pre", "--intensity", rule), check_exact=True
        )
        other = deep(cohort, "--relu", "pre", "--intensity", "0:9000")
        assert not np.allclose(shown, other)


def test_modalities_have_intensities_of_their_own(pictures: Path, deep: Callable[..., pd.DataFrame]) -> None:
    image, mask = pictures / "twelve_float.nii", pictures / "mask.nii"
    rows: list[tuple[object, ...]] = [
        ("a", image, mask, "CT"),
        ("b", image, mask, "MR"),
        ("c", image, mask, "US"),
    ]
    cohort = table(pictures, rows, "modal", "Modality")
    each = ("CT=0:4095", "MR=percentile", "other=500:3000")
    found = deep(cohort, *(word for rule in each for word in ("--intensity", rule)))
    for name, rule in zip("abc", each, strict=True):
        alone = deep(cohort, "--intensity", rule.partition("=")[2])
        pd.testing.assert_frame_equal(found.loc[[name]], alone.loc[[name]], check_exact=True)
    assert len(found.drop_duplicates()) == 3


@pytest.mark.slow
def test_a_second_run_gives_the_same_bytes_without_reading_images(
    radcompare: Run, four: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from radcompare import batches

    asked = ("--network", "cnn-f", "--weights", "random", "--layer", "full7", "--region", "slices")
    first = radcompare("extract", "deep", four, *asked, "-o", "a.csv")
    monkeypatch.setattr(batches, "read_region", lambda *_: pytest.fail("read an image again"))
    second = radcompare("extract", "deep", four, *asked, "-o", "b.csv", "-j", "2")
    assert (first.code, first.err) == (second.code, second.err)
    assert Path("a.csv").read_bytes() == Path("b.csv").read_bytes()
    assert sidecar("a") == sidecar("b")
