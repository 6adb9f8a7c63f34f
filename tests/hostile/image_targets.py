"""Images: the header says how many voxels there are, and a stranger wrote the header."""

import gzip
import struct
import tempfile
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from targets import Target


def written(
    suffix: str, *, flat: bool = False, kinds: Sequence[str] = ("int16", "float32", "uint8")
) -> list[bytes]:
    """Small valid files as SimpleITK writes them."""
    import SimpleITK as sitk

    found = []
    for kind in kinds:
        voxels = (np.arange(4 * 5 * 6).reshape(4, 5, 6) % 7 > 3).astype(kind)
        image = sitk.GetImageFromArray(voxels[0] if flat else voxels)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"x{suffix}"
            sitk.WriteImage(image, str(path), useCompression=suffix in (".nrrd", ".mha") and kind == "uint8")
            found.append(path.read_bytes())
    return found


def nifti() -> Sequence[bytes]:
    """With and without an sform, of both byte orders."""
    plain = written(".nii")
    swapped = bytearray(plain[0])
    for at, kind in ((0, "i"), *((40 + 2 * n, "h") for n in range(8)), (70, "h"), (72, "h"), (108, "f")):
        swapped[at : at + struct.calcsize(kind)] = struct.pack(
            f">{kind}", *struct.unpack_from(f"<{kind}", swapped, at)
        )
    return [*plain, bytes(swapped)]


def picture(suffix: str) -> Sequence[bytes]:
    """A grey and a colour one."""
    from io import BytesIO

    from PIL import Image

    found = []
    for mode, depth in (("L", 1), ("RGB", 3)):
        pixels = (np.arange(8 * 9 * depth).reshape(8, 9, depth) * 3 % 256).astype(np.uint8)
        stream = BytesIO()
        Image.fromarray(pixels.squeeze(), mode).save(stream, suffix)
        found.append(stream.getvalue())
    return found


def with_sums(png: bytes) -> bytes:
    """A PNG whose checksums fit its damaged chunks, so that the damage is looked at."""
    out, at = bytearray(png[:8]), 8
    while at + 12 <= len(png):
        (size,) = struct.unpack_from(">I", png, at)
        body = png[at + 4 : at + 8 + size]
        out += png[at : at + 4] + body + struct.pack(">I", zlib.crc32(body))
        at += 12 + size
    return bytes(out) + png[at:]


def read_image(path: Path) -> object:
    """As image and as mask; all problems are told as well."""
    from radcompare.imaging.reading import examine
    from radcompare.imaging.volume import intensities, read_volume
    from radcompare.tables.case import Case

    examine(Case("c", path, path, label=1))[0]
    return intensities(read_volume("c", path))


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def compressed_nifti() -> Sequence[bytes]:
    return [packed(seed) for seed in nifti()]


def _pictures(suffix: str) -> Callable[[], Sequence[bytes]]:
    return partial(picture, suffix)


TARGETS = (
    Target("nifti", ".nii", nifti, read_image),
    Target("nifti-gz", ".nii.gz", compressed_nifti, read_image, packed, nifti),
    Target("nrrd", ".nrrd", partial(written, ".nrrd"), read_image),
    Target("metaimage", ".mha", partial(written, ".mha"), read_image),
    Target("png", ".png", _pictures("png"), read_image, with_sums, head=60),
    Target("jpeg", ".jpg", _pictures("jpeg"), read_image),
    Target("tiff", ".tif", _pictures("tiff"), read_image, head=300),
    Target("bmp", ".bmp", _pictures("bmp"), read_image, head=60),
)
