"""The images that one training image becomes: flipped, turned and, while training, disturbed at random.

An image's number is `flip * rotations + turn`: first the flip, then `turn * 360 / rotations` degrees
counter-clockwise about the picture's centre, ((rows - 1) / 2, (columns - 1) / 2). Number 0 is the original
wherever the flips begin with `none`. The 72 images of 24 turns x {none, horizontal, vertical} hold only 48 different
orientations: a vertical flip is a horizontal one turned by 180 degrees, so every flipped image comes twice.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from radcompare.cnn_settings import Augmentation

PADDING = {"border": "border", "floor": "zeros", "reflect": "reflection"}
"""torch's names for what lies beyond the border. A mirror repeats the edge: c b a | a b c."""


def variations(settings: Augmentation | None) -> int:
    """How many images one becomes."""
    return 1 if settings is None else settings.images


def epoch_order(cases: int, settings: Augmentation | None, generator: torch.Generator) -> Tensor:
    """What one epoch shows, shuffled.

    Args:
        cases: number of training cases.
        settings: `per_epoch` different images of every case are drawn; all of them if it is absent or too many.
        generator: on the CPU; the only source of chance.

    Returns:
        int64 of shape (m, 2): case, number of the image.
    """
    images = variations(settings)
    drawn = min(images, settings.per_epoch or images) if settings else images
    which = torch.arange(images).expand(cases, images)
    if drawn < images:
        which = torch.rand(cases, images, generator=generator).argsort(dim=1, stable=True)[:, :drawn]
    rows = torch.stack((torch.arange(cases).repeat_interleave(drawn), which.flatten()), dim=1)
    return rows[torch.randperm(len(rows), generator=generator)]


@torch.no_grad()
def varied(
    pictures: Tensor, which: Tensor, settings: Augmentation, generator: torch.Generator | None = None
) -> Tensor:
    """One image of every picture.

    Turns by multiples of 90 degrees are exact where the sides allow; everything else is one bilinear
    interpolation. The same picture and number give the same bytes in whatever batch. A volume is flipped and
    turned within every plane, that is, about z.

    Args:
        pictures: float32 in [0, 1], shape (n, channels, rows, columns) or (n, channels, planes, rows, columns).
        which: int64 of shape (n,), 0 <= which < settings.images; on the CPU, or the device has to wait.
        settings: what there is to vary.
        generator: on the CPU; the only source of chance. With it `elastic`, `shift` and `noise`, in this order, are
            added to every image, the original included; without it, at test time, none of them.

    Returns:
        float32 in [0, 1], of the pictures' shape, on their device; never the pictures themselves.

    Raises:
        ValueError: `which` does not give every picture a number of an image.
    """
    which = which.cpu()
    _check(pictures, which, settings)
    flat = pictures.flatten(1, -3)
    field = None
    if generator is not None and settings.elastic:
        field = _displacements(flat, settings.elastic, settings.elastic_smoothing, generator)
    seen = _seen(flat, which, settings, field).view(pictures.shape)
    return seen if generator is None else _disturbed(seen, settings, generator)


def _check(pictures: Tensor, which: Tensor, settings: Augmentation) -> None:
    if which.shape != pictures.shape[:1]:
        raise ValueError(f"{len(pictures)} pictures, but numbers of images of shape {tuple(which.shape)}")
    if bool(((which < 0) | (which >= settings.images)).any()):
        raise ValueError(f"images are counted from 0 to {settings.images - 1}, found {which.tolist()}")


class _Orientations(NamedTuple):
    """All images of one setting, by number.

    Attributes:
        codes: int64 (images,): 4 if left and right are exchanged first, plus the quarter turns that follow, 0 to 3.
        exact: bool (images,): no turn by less than a quarter is left.
        matrices: float32 (images, 2, 2): from (x, y) of the image to (x, y) of the picture, y downwards.
    """

    codes: Tensor
    exact: Tensor
    matrices: Tensor


@lru_cache(maxsize=16)
def _orientations(rotations: int, flips: tuple[str, ...]) -> _Orientations:
    """A vertical flip is kept as a horizontal one and half a turn more, so that twins are equal bit for bit."""
    images = [
        (flip != "none", (4 * turn // rotations + 2 * (flip == "vertical")) % 4, 4 * turn % rotations)
        for flip in flips
        for turn in range(rotations)
    ]
    codes = torch.tensor([4 * mirrored + quarters for mirrored, quarters, _ in images])
    exact = torch.tensor([rest == 0 for _, _, rest in images])
    matrices = [_matrix(mirrored, quarters, rest / rotations) for mirrored, quarters, rest in images]
    return _Orientations(codes, exact, torch.tensor(matrices))


def _matrix(mirrored: bool, quarters: int, rest: float) -> list[list[float]]:
    """Where an image's pixel comes from; `rest` is a share of a quarter turn."""
    cosine, sine = math.cos(rest * math.pi / 2), math.sin(rest * math.pi / 2)
    for _ in range(quarters):
        cosine, sine = -sine, cosine
    side = -1.0 if mirrored else 1.0
    return [[side * cosine, -side * sine], [sine, cosine]]


def _on(device: torch.device, tensor: Tensor) -> Tensor:
    """Moved from the CPU; a GPU goes on with what it was doing."""
    return tensor.to(device, non_blocking=device.type == "cuda")


def _seen(flat: Tensor, which: Tensor, settings: Augmentation, field: Tensor | None) -> Tensor:
    """Flipped, turned and displaced pictures of shape (n, maps, rows, columns)."""
    codes, exact, matrices = (each[which] for each in _orientations(settings.rotations, settings.flips))
    if field is not None:
        return _interpolated(flat, matrices, field, settings.fill)
    if flat.shape[-2] != flat.shape[-1]:
        exact &= codes % 2 == 0
    # The few exact ones are interpolated with the others, then overwritten: cheaper than taking them apart.
    seen = torch.empty_like(flat) if exact.all() else _interpolated(flat, matrices, None, settings.fill)
    for code in sorted(set(codes[exact].tolist())):
        at = _on(flat.device, (exact & (codes == code)).nonzero()[:, 0])
        seen[at] = torch.rot90(flat[at].flip(-1) if code >= 4 else flat[at], code % 4, (-2, -1))
    return seen


def _interpolated(flat: Tensor, matrices: Tensor, field: Tensor | None, fill: str) -> Tensor:
    """Bilinear values at `matrix @ (x, y) + field`, in torch's coordinates: -1 and 1 are the picture's outer edges.

    Args:
        flat: (n, maps, rows, columns).
        matrices: (n, 2, 2), in pixels.
        field: (n, 2, rows, columns), displacements along x and y in pixels, or None.
        fill: a key of `PADDING`.
    """
    rows, columns = flat.shape[-2:]
    scaled = matrices * torch.tensor([[1.0, rows / columns], [columns / rows, 1.0]])
    scaled = _on(flat.device, scaled)[..., None, None]
    across, down = _centres(columns, flat.device), _centres(rows, flat.device)[:, None]
    grid = scaled[:, :, 0] * across + scaled[:, :, 1] * down
    if field is not None:
        grid += field * _on(flat.device, torch.tensor([2 / columns, 2 / rows]))[:, None, None]
    at = grid.permute(0, 2, 3, 1)
    seen = functional.grid_sample(flat, at, padding_mode=PADDING[fill], align_corners=False)
    return seen.clamp_(0.0, 1.0)  # the four weights may add up to a little more than 1


@lru_cache(maxsize=16)
def _centres(side: int, device: torch.device) -> Tensor:
    """Pixel centres in torch's coordinates: (side,) from 1 / side - 1 to 1 - 1 / side."""
    return ((2 * torch.arange(side, dtype=torch.float64) + 1 - side) / side).float().to(device)


def _displacements(flat: Tensor, sd: float, smoothing: float, generator: torch.Generator) -> Tensor:
    """White noise smoothed by a Gaussian: the same for all maps of a picture, of the SD `sd` in every pixel.

    Returns:
        (n, 2, rows, columns): displacements along x and y in pixels.
    """
    down, across = (_smoother(side, smoothing) for side in flat.shape[-2:])
    shape = (len(flat), 2, down.shape[1], across.shape[1])
    noise = _on(flat.device, torch.randn(shape, generator=generator))
    return _on(flat.device, down) @ (noise @ _on(flat.device, sd * across.T))


@lru_cache(maxsize=16)
def _smoother(side: int, sd: float) -> Tensor:
    """Weights (side, knots) of a Gaussian along one axis, their squares adding up to 1 in every pixel.

    The knots of the noise are one SD apart (one pixel, if that is more) and go 4 SD beyond the borders. With a
    knot in every pixel the smoothed field would have the same correlations to within 2e-4.
    """
    step = max(1.0, sd)
    beyond = math.ceil(4 * sd / step)
    knots = step * torch.arange(-beyond, math.ceil((side - 1) / step) + beyond + 1, dtype=torch.float64)
    weights = torch.exp(-(((torch.arange(side)[:, None] - knots) / sd) ** 2) / 2)
    return functional.normalize(weights, dim=1).float()


def _disturbed(seen: Tensor, settings: Augmentation, generator: torch.Generator) -> Tensor:
    """Shifted by one value per picture, then noisy in every pixel; changes its argument."""
    if settings.shift:
        drawn = 2 * torch.rand(len(seen), generator=generator) - 1
        seen += _on(seen.device, settings.shift * drawn).view(-1, *([1] * (seen.ndim - 1)))
    if settings.noise:
        seen += _on(seen.device, settings.noise * torch.randn(seen.shape, generator=generator))
    return seen.clamp_(0.0, 1.0) if settings.shift or settings.noise else seen
