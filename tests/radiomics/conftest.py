"""Small regions with known geometry, and readers of the shared images."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from radcompare.imaging.region import Region

MakeRegion = Callable[..., Region]


@pytest.fixture(scope="session")
def make_region() -> MakeRegion:
    """A region from a mask, with seeded noise for an image unless one is given."""

    def make(
        mask: NDArray[np.bool_],
        image: NDArray[np.generic] | None = None,
        spacing: tuple[float, float, float] = (1.0, 1.0, 1.0),
        organ: NDArray[np.bool_] | None = None,
        case: str = "case-1",
    ) -> Region:
        if image is None:
            image = np.random.default_rng(7).normal(40, 120, mask.shape).round().astype(np.int16)
        return Region(case, np.asarray(image), mask.astype(bool), spacing, organ=organ)

    return make


@pytest.fixture(scope="session")
def ellipsoid() -> Callable[..., NDArray[np.bool_]]:
    """The voxels whose centres lie in an axis-aligned ellipsoid (or ellipse), semi-axes in voxels."""

    def make(*semi_axes: float, margin: int = 3) -> NDArray[np.bool_]:
        axes = [np.arange(-int(a) - margin, int(a) + margin + 1) / a for a in semi_axes]
        grid = np.meshgrid(*axes, indexing="ij")
        return np.asarray(sum(axis**2 for axis in grid) <= 1)

    return make


@pytest.fixture(scope="session")
def blob() -> NDArray[np.bool_]:
    """An irregular connected region away from the border, with no symmetry, shape (12, 18, 20)."""
    from scipy.ndimage import gaussian_filter, label

    noise = gaussian_filter(np.random.default_rng(3).normal(size=(12, 18, 20)), 2)
    noise[:2] = noise[-2:] = noise[:, :3] = noise[:, -3:] = noise[:, :, :3] = noise[:, :, -4:] = -1
    parts, _ = label(noise > 0.0)
    return np.asarray(parts == np.argmax(np.bincount(parts.ravel())[1:]) + 1)


@pytest.fixture(scope="session")
def read_region() -> Callable[[Path, Path], Region]:
    """A region from an image file and a mask file, as they are stored."""

    def read(image: Path, mask: Path) -> Region:
        import SimpleITK as sitk

        volume = sitk.ReadImage(str(image))
        return Region(
            case=image.stem,
            image=sitk.GetArrayFromImage(volume),
            mask=sitk.GetArrayFromImage(sitk.ReadImage(str(mask))) == 1,
            spacing=volume.GetSpacing()[::-1],
            origin=volume.GetOrigin(),
            direction=volume.GetDirection(),
        )

    return read
