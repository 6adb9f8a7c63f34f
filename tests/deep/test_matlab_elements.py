"""Damage in a MATLAB file that scipy would not survive is told before; what scipy can read passes."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from radcompare.deep.matconvnet import read_matconvnet
from radcompare.deep.matlab_elements import refuse_damaged
from radcompare.errors import WeightsError

BUNDLED = Path(scipy.io.__file__).parent / "matlab" / "tests" / "data"
REFUSED_BY_BOTH = {"corrupted_zlib_checksum.mat", "bad_miuint32.mat", "malformed1.mat"}


def element(kind: int, content: bytes) -> bytes:
    return struct.pack("<2I", kind, len(content)) + content + bytes(-len(content) % 8)


def array(cls: int, *elements: bytes, sizes: bytes = struct.pack("<2i", 1, 1), kind: int = 5) -> bytes:
    flags = element(6, struct.pack("<2I", cls, 0))
    return element(14, b"".join([flags, element(kind, sizes), element(1, b"x"), *elements]))


def file(*variables: bytes) -> bytes:
    return b"MATLAB 5.0".ljust(124) + b"\0\1IM" + b"".join(variables)


def refused(path: Path, content: bytes) -> bool:
    path.write_bytes(content)
    try:
        refuse_damaged(path)
    except (ValueError, zlib.error):
        return True
    return False


NUMBER = array(6, element(9, struct.pack("<d", 1.5)))


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(
    ("variable", "sound"),
    [
        (NUMBER, True),
        (array(1, NUMBER), True),
        (array(6, element(9, struct.pack("<d", 1)), sizes=b"\1"), False),
        (array(6, element(9, struct.pack("<d", 1)), kind=9), False),
        (array(6, element(1000, b"12345678")), False),
        (array(6, element(8, b"12345678")), False),
        (array(6, NUMBER), False),
        (array(99, element(9, struct.pack("<d", 1))), False),
        (array(1, array(1, array(1, element(200, b"")))), False),
        (array(1, *[element(14, b"")]), True),
        (array(1, NUMBER, sizes=struct.pack("<2i", 1, 10**8)), False),
        (array(2, NUMBER, sizes=struct.pack("<2i", -1, 1)), False),
        (element(14, b"short"), False),
        (element(9, b"no array"), False),
        (struct.pack("<2I", 14, 2**31), False),
    ],
)
def test_what_scipy_would_look_up_without_looking(
    tmp_path: Path, variable: bytes, sound: bool, compressed: bool
) -> None:
    packed = struct.pack("<2I", 15, len(zlib.compress(variable))) + zlib.compress(variable)
    assert refused(tmp_path / "x.mat", file(packed if compressed else variable)) != sound


def test_arrays_that_lie_too_deep(tmp_path: Path) -> None:
    deep = NUMBER
    for _ in range(60):
        deep = array(1, deep)
    assert refused(tmp_path / "x.mat", file(deep))


@pytest.mark.skipif(not BUNDLED.is_dir(), reason="scipy came without its tests")
def test_whatever_scipy_reads_passes() -> None:
    files = sorted(BUNDLED.glob("*.mat"))
    assert len(files) > 50
    for path in files:
        if path.name not in REFUSED_BY_BOTH:
            refuse_damaged(path)


def test_a_number_that_is_none(tmp_path: Path) -> None:
    layers = np.empty((1, 1), dtype=object)
    weights = np.empty((1, 2), dtype=object)
    weights[0, 0], weights[0, 1] = np.ones((3, 3, 1, 1), np.float32), np.zeros((1, 1), np.float32)
    layers[0, 0] = {"name": "c", "type": "conv", "weights": weights, "stride": np.array([[np.inf, 1.0]])}
    scipy.io.savemat(tmp_path / "x.mat", {"layers": layers})
    with pytest.raises(WeightsError):
        read_matconvnet(tmp_path / "x.mat")
