"""Turns and flips against numpy and scipy, chance by statistics and bounds."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Tensor

from radcompare.cnn.augmentation import epoch_order, variations, varied
from radcompare.cnn_settings import Augmentation

ALL = Augmentation()
MODES = {"border": "nearest", "floor": "grid-constant", "reflect": "reflect"}
"""scipy's names for what lies beyond the border; its `constant` does not blend the edge with the floor."""
RANDOM = Augmentation(noise=0.1, shift=0.2, elastic=1.5)


def generator(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(*shape: int) -> Tensor:
    return torch.rand(shape, generator=generator(7))


def images(picture: Tensor, settings: Augmentation, *which: int) -> Tensor:
    """Some images, or all, of one picture of shape (rows, columns)."""
    numbers = torch.tensor(which or range(settings.images))
    return varied(picture.expand(len(numbers), 1, *picture.shape), numbers, settings)[:, 0]


def same_bits(first: Tensor, second: Tensor) -> bool:
    return first.shape == second.shape and first.numpy().tobytes() == second.numpy().tobytes()


def by_scipy(picture: np.ndarray, flip: str, degrees: float, mode: str) -> np.ndarray:
    flipped = FLIPPED[flip](picture).astype(np.float64)
    turned: np.ndarray = ndimage.rotate(flipped, degrees, order=1, reshape=False, mode=mode)
    return turned


FLIPPED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "none": lambda picture: picture,
    "horizontal": np.fliplr,
    "vertical": np.flipud,
}


def test_an_image_becomes_72_or_itself() -> None:
    assert variations(ALL) == 72
    assert variations(Augmentation(rotations=4, flips=("none", "vertical"))) == 8
    assert variations(None) == 1


@pytest.mark.parametrize("shape", [(3, 1, 16, 16), (2, 3, 9, 14), (2, 2, 4, 7, 7)])
def test_image_0_is_the_original_in_memory_of_its_own(shape: tuple[int, ...]) -> None:
    original = pictures(*shape)
    shown = varied(original, torch.zeros(len(original), dtype=torch.int64), ALL)
    assert same_bits(shown, original)
    assert shown.data_ptr() != original.data_ptr()


@pytest.mark.parametrize("flips", [("horizontal", "none"), ("vertical",), ("none", "none")])
def test_the_original_is_always_the_first_of_the_images(flips: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="begin with none"):
        Augmentation(flips=flips)  # type: ignore[arg-type]


@pytest.mark.parametrize("side", [12, 13])
@pytest.mark.parametrize("flip", [0, 1, 2])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_flips_and_quarter_turns_are_numpys(side: int, flip: int, quarters: int) -> None:
    picture = pictures(side, side)
    shown = images(picture, ALL, 24 * flip + 6 * quarters)[0]
    flipped = FLIPPED[ALL.flips[flip]](picture.numpy())
    np.testing.assert_array_equal(shown, np.rot90(flipped, quarters))


def test_a_turn_is_counter_clockwise_as_the_picture_is_looked_at() -> None:
    right = torch.zeros(9, 9)
    right[4, 8] = 1
    top = images(right, Augmentation(rotations=8, flips=("none",)), 2)[0]
    assert top.nonzero().tolist() == [[0, 4]]


@pytest.mark.parametrize("fill", MODES)
@pytest.mark.parametrize("shape", [(21, 21), (20, 20), (15, 24), (24, 15), (11, 1)])
def test_all_72_are_scipys_beyond_the_border_too(fill: str, shape: tuple[int, int]) -> None:
    """The whole picture, to 5e-6: coordinates are float32 here and float64 there."""
    picture = pictures(*shape)
    shown = images(picture, ALL.model_copy(update={"fill": fill}))
    expected = [
        by_scipy(picture.numpy(), flip, 15 * turn, MODES[fill]) for flip in ALL.flips for turn in range(24)
    ]
    np.testing.assert_allclose(shown, expected, rtol=0, atol=5e-6)


@pytest.mark.parametrize("turn", [1, 3, 5])
def test_another_centre_would_not_agree_with_scipy(turn: int) -> None:
    picture = np.linspace(0, 1, 400, dtype=np.float32).reshape(20, 20)
    shown = images(torch.from_numpy(picture), Augmentation(rotations=7), turn)[0, 5:15, 5:15].numpy()
    expected = by_scipy(picture, "none", 360 * turn / 7, "nearest")
    np.testing.assert_allclose(shown, expected[5:15, 5:15], rtol=0, atol=2e-6)
    assert np.abs(shown - expected[4:14, 5:15]).min() > 1e-3


@pytest.mark.parametrize(("fill", "corner"), [("border", 0.5), ("floor", 0.0), ("reflect", 0.5)])
def test_what_lies_beyond_a_grey_picture(fill: Any, corner: float) -> None:
    settings = Augmentation(rotations=8, fill=fill)
    shown = images(torch.full((30, 30), 0.5), settings, 1)[0]
    assert shown[0, 0].item() == pytest.approx(corner)
    assert shown[15, 15].item() == pytest.approx(0.5)


def test_border_shows_the_edge_and_reflect_what_is_inside_it() -> None:
    framed = torch.zeros(40, 40)
    framed[0], framed[-1], framed[:, 0], framed[:, -1] = 1, 1, 1, 1
    edge, mirror = (
        images(framed, Augmentation(rotations=8, fill=fill), 1)[0, 0, 0] for fill in ("border", "reflect")
    )
    assert edge.item() == pytest.approx(1)
    assert mirror.item() == pytest.approx(0)


@pytest.mark.parametrize("shape", [(17, 17), (12, 19)])
def test_a_horizontal_flip_is_a_vertical_one_and_half_a_turn_so_that_48_orientations_remain(
    shape: tuple[int, int],
) -> None:
    shown = images(pictures(*shape), ALL)
    horizontal, vertical = shown[24:48], shown[48:]
    assert same_bits(horizontal, vertical.roll(-12, 0).contiguous())
    assert len({image.numpy().tobytes() for image in shown}) == 48


def test_the_twins_of_an_odd_number_of_turns_are_other_angles() -> None:
    shown = images(pictures(16, 16), Augmentation(rotations=5))
    assert len({image.numpy().tobytes() for image in shown}) == 15


@pytest.mark.parametrize("settings", [ALL, RANDOM.model_copy(update={"noise": 0.0})])
def test_a_volume_is_turned_plane_by_plane(settings: Augmentation) -> None:
    volumes, which = pictures(5, 2, 3, 14, 14), torch.tensor([0, 6, 7, 31, 71])
    whole = varied(volumes, which, settings, generator())
    planes = [varied(volumes[:, :, plane], which, settings, generator()) for plane in range(3)]
    assert same_bits(whole, torch.stack(planes, dim=2))


def test_channels_are_turned_alike() -> None:
    grey = pictures(4, 1, 14, 14)
    shown = varied(grey.expand(4, 3, 14, 14), torch.tensor([1, 2, 30, 66]), ALL)
    assert same_bits(shown[:, 0], shown[:, 1])
    assert same_bits(shown[:, 0], shown[:, 2])


@pytest.mark.parametrize("shape", [(23, 23), (18, 25)])
def test_a_mixed_batch_is_its_pictures_one_by_one_bit_for_bit(shape: tuple[int, int]) -> None:
    batch, which = pictures(72, 2, *shape), torch.randperm(72, generator=generator())
    together = varied(batch, which, ALL)
    alone = [varied(batch[at : at + 1], which[at : at + 1], ALL) for at in range(72)]
    assert same_bits(together, torch.cat(alone))


def test_the_order_of_pictures_in_memory_does_not_matter() -> None:
    batch, which = pictures(6, 3, 10, 10), torch.tensor([0, 1, 6, 25, 36, 50])
    last = batch.to(memory_format=torch.channels_last)
    assert same_bits(varied(last, which, ALL).contiguous(), varied(batch, which, ALL))


def test_without_a_generator_nothing_is_random() -> None:
    batch, which = pictures(4, 1, 20, 20), torch.tensor([0, 5, 6, 40])
    assert same_bits(varied(batch, which, RANDOM), varied(batch, which, ALL))


def test_a_generator_without_anything_random_is_not_drawn_from() -> None:
    drawn = generator()
    before = drawn.get_state()
    shown = varied(pictures(2, 1, 9, 9), torch.tensor([0, 5]), ALL, drawn)
    assert same_bits(shown, varied(pictures(2, 1, 9, 9), torch.tensor([0, 5]), ALL))
    assert torch.equal(drawn.get_state(), before)


def test_the_same_generator_gives_the_same_bytes_and_another_one_others() -> None:
    batch, which = pictures(5, 2, 20, 20), torch.tensor([0, 5, 6, 40, 71])
    first = varied(batch, which, RANDOM, generator(3))
    assert same_bits(varied(batch, which, RANDOM, generator(3)), first)
    assert not torch.equal(varied(batch, which, RANDOM, generator(4)), first)


def test_global_random_states_are_untouched_and_do_not_matter() -> None:
    batch, which = pictures(5, 1, 20, 20), torch.arange(5)
    torch.manual_seed(5)
    before, seed = torch.get_rng_state(), torch.initial_seed()
    first = varied(batch, which, RANDOM, generator()), epoch_order(9, ALL, generator())
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.initial_seed() == seed
    torch.manual_seed(6)
    second = varied(batch, which, RANDOM, generator()), epoch_order(9, ALL, generator())
    assert all(same_bits(one, other) for one, other in zip(first, second, strict=True))


@pytest.mark.parametrize("which", [0, 6, 7, 36])
def test_noise_has_its_standard_deviation_in_every_channel_alone(which: int) -> None:
    grey = torch.full((40, 2, 50, 50), 0.5)
    numbers = torch.full((40,), which)
    noise = varied(grey, numbers, Augmentation(noise=0.05), generator()) - 0.5
    assert noise.std().item() == pytest.approx(0.05, rel=0.01)
    assert noise.mean().item() == pytest.approx(0, abs=5e-4)
    assert abs(torch.corrcoef(noise.transpose(0, 1).flatten(1))[0, 1].item()) < 0.01


def test_a_shift_is_one_uniform_value_of_a_picture() -> None:
    grey = torch.full((4000, 2, 2, 3, 3), 0.5)
    shown = varied(grey, torch.zeros(4000, dtype=torch.int64), Augmentation(shift=0.3), generator())
    shifts = shown[:, 0, 0, 0, 0] - 0.5
    assert same_bits(shown, (shifts + 0.5).view(-1, 1, 1, 1, 1).expand(shown.shape))
    assert -0.3 <= shifts.min() < -0.29
    assert 0.29 < shifts.max() <= 0.3
    assert shifts.std().item() == pytest.approx(0.3 / math.sqrt(3), rel=0.03)


def displaced(settings: Augmentation, side: int, n: int, which: int = 0) -> Tensor:
    """Displacements (n, 2, side, side) along x and y in pixels, read off two ramps shown as channels."""
    ramp = torch.linspace(0, 1, side)
    ramps = torch.stack((ramp.expand(side, side), ramp[:, None].expand(side, side)))
    shown = varied(ramps.expand(n, -1, -1, -1), torch.full((n,), which), settings, generator())
    return (shown - ramps) * (side - 1)


@pytest.mark.parametrize("smoothing", [0.5, 1.0, 3.0, 4.0, 7.5])
def test_displacements_have_their_standard_deviation_after_smoothing(smoothing: float) -> None:
    """In the interior, where the ramps still show what a pixel was displaced by."""
    moved = displaced(Augmentation(elastic=1.5, elastic_smoothing=smoothing), 100, 400)[:, :, 10:-10, 10:-10]
    by_axis = moved.transpose(0, 1).flatten(1)
    np.testing.assert_allclose(by_axis.std(dim=1), 1.5, rtol=0.03)
    np.testing.assert_allclose(by_axis.mean(dim=1), 0, atol=0.05)
    assert abs(torch.corrcoef(by_axis)[0, 1].item()) < 0.03
    everywhere = moved.std(dim=(0, 1))
    assert everywhere.min() > 1.5 * 0.85
    assert everywhere.max() < 1.5 * 1.15


@pytest.mark.parametrize("smoothing", [2.0, 4.0])
@pytest.mark.parametrize("distance", [1, 4, 8])
def test_displacements_are_white_noise_smoothed_by_a_gaussian(smoothing: float, distance: int) -> None:
    """Whose correlation over a distance d is exp(-d^2 / (4 SD^2)); scipy smooths noise in every pixel."""
    moved = displaced(Augmentation(elastic=1.0, elastic_smoothing=smoothing), 100, 300)[:, 0, 10:-10, 10:-10]
    noise = np.random.default_rng(1).standard_normal((300, 100, 100))
    smooth = ndimage.gaussian_filter(noise, smoothing, axes=(1, 2), mode="wrap")[:, 10:-10, 10:-10]
    expected = math.exp(-(distance**2) / (4 * smoothing**2))
    for field in (moved.numpy(), smooth):
        ahead, behind = field[..., distance:].ravel(), field[..., :-distance].ravel()
        assert np.corrcoef(ahead, behind)[0, 1] == pytest.approx(expected, abs=0.02)


def test_displacements_are_as_smooth_between_the_knots_of_the_noise_as_on_them() -> None:
    moved = displaced(Augmentation(elastic=1.0, elastic_smoothing=4.0), 60, 1000)[:, 0, 10:-10:5, 10:-10]
    columns = moved.permute(2, 0, 1).flatten(1)
    far = torch.corrcoef(columns).diagonal(8)
    np.testing.assert_allclose(far, math.exp(-1), atol=0.05)


def test_one_interpolation_turns_and_displaces() -> None:
    """A picture of straight lines is interpolated without error: turned ramps, moved by the field of image 0."""
    settings, side = Augmentation(elastic=1.0, rotations=8), 41
    field = displaced(settings, side, 3)[:, :, 14:27, 14:27]
    ramp = torch.linspace(0, 1, side)
    ramps = torch.stack((ramp.expand(side, side), ramp[:, None].expand(side, side))).expand(3, -1, -1, -1)
    number = torch.ones(3, dtype=torch.int64)
    both, turned = varied(ramps, number, settings, generator()), varied(ramps, number, settings)
    moved = (both - turned)[:, :, 14:27, 14:27] * (side - 1)
    np.testing.assert_allclose(moved, field, rtol=0, atol=1e-4)


def test_a_field_of_almost_nothing_shows_what_the_turn_alone_shows() -> None:
    batch, which = pictures(72, 1, 19, 19), torch.arange(72)
    shown = varied(batch, which, Augmentation(elastic=1e-9), generator())
    np.testing.assert_allclose(shown, varied(batch, which, ALL), rtol=0, atol=5e-6)


@pytest.mark.parametrize("fill", MODES)
def test_values_stay_between_0_and_1(fill: str) -> None:
    wild = Augmentation(fill=fill, noise=0.5, shift=0.5, elastic=3.0)  # type: ignore[arg-type]
    white = torch.ones(72, 1, 101, 101)
    for batch in (white, 0 * white, pictures(72, 1, 30, 30).round()):
        for shown in (
            varied(batch, torch.arange(72), wild),
            varied(batch, torch.arange(72), wild, generator()),
        ):
            assert shown.min() >= 0
            assert shown.max() <= 1


def test_nothing_is_learned_through_it_and_its_argument_is_left_alone() -> None:
    batch = pictures(3, 1, 9, 9).requires_grad_()
    before = batch.detach().clone()
    for settings in (ALL, RANDOM):
        shown = varied(batch, torch.tensor([0, 1, 6]), settings, generator())
        assert not shown.requires_grad
        assert shown.dtype == torch.float32
        assert not shown.is_inference()
    assert same_bits(batch.detach(), before)


def test_what_scoring_has_cached_does_not_hinder_training() -> None:
    """Tensors that were made in torch's inference mode cannot be kept for a gradient."""
    batch, which = pictures(4, 1, 37, 37), torch.tensor([0, 1, 6, 31])
    settings, layer = RANDOM.model_copy(update={"rotations": 22}), torch.nn.Conv2d(1, 2, 3)
    with torch.inference_mode():
        scored = varied(batch, which, settings), varied(batch, which, settings, generator())
    trained = varied(batch, which, settings), varied(batch, which, settings, generator())
    for shown, before in zip(trained, scored, strict=True):
        layer(shown).sum().backward()
        assert same_bits(shown, before)
    assert layer.weight.grad is not None


def test_an_empty_batch_stays_empty() -> None:
    for settings in (ALL, RANDOM):
        empty = varied(torch.empty(0, 1, 9, 9), torch.empty(0, dtype=torch.int64), settings, generator())
        assert empty.shape == (0, 1, 9, 9)


@pytest.mark.parametrize("which", [[0, 72], [-1, 0], [0], [[0, 1]]])
def test_numbers_that_do_not_fit_are_refused(which: list[Any]) -> None:
    with pytest.raises(ValueError, match="images"):
        varied(pictures(2, 1, 9, 9), torch.tensor(which), ALL)


@pytest.mark.parametrize("settings", [ALL, ALL.model_copy(update={"per_epoch": 100}), None])
def test_an_epoch_shows_every_image_of_every_case_once(settings: Augmentation | None) -> None:
    order = epoch_order(7, settings, generator())
    everything = [[case, which] for case in range(7) for which in range(variations(settings))]
    assert order.dtype == torch.int64
    assert sorted(order.tolist()) == everything
    assert order.tolist() != everything


@pytest.mark.parametrize("per_epoch", [1, 4, 71])
def test_an_epoch_shows_different_images_of_every_case(per_epoch: int) -> None:
    order = epoch_order(30, Augmentation(per_epoch=per_epoch), generator())
    assert order.shape == (30 * per_epoch, 2)
    assert len({tuple(row) for row in order.tolist()}) == len(order)
    assert torch.equal(order[:, 0].bincount(), torch.full((30,), per_epoch))
    assert order[:, 1].min() >= 0
    assert order[:, 1].max() < 72


def test_every_image_is_drawn_as_often() -> None:
    order = epoch_order(9000, Augmentation(rotations=3, per_epoch=2), generator())
    assert order[:, 1].bincount(minlength=9).numpy() == pytest.approx(2000, abs=200)


def test_an_epoch_is_its_generators() -> None:
    settings, drawn = Augmentation(per_epoch=3), generator()
    first, second = epoch_order(9, settings, drawn), epoch_order(9, settings, drawn)
    assert same_bits(epoch_order(9, settings, generator()), first)
    assert not torch.equal(first, second)
    assert epoch_order(0, settings, generator()).shape == (0, 2)
