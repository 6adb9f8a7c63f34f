"""The block `reading`: what it takes, and what is said of what it does not."""

from typing import Any

import pytest

from radcompare.block import parse
from radcompare.errors import ConfigError
from radcompare.reading_settings import AS_STORED, Reading


def read(**given: Any) -> Reading:
    return parse(Reading, given, origin="test")


def test_nothing_given_is_as_stored() -> None:
    assert read() == AS_STORED
    assert not AS_STORED.prepares
    assert AS_STORED.changed() == {}


@pytest.mark.parametrize(
    ("given", "spacing"), [(1, 1.0), (0.5, 0.5), ([2], 2.0), ([1, 1, 2.5], (1.0, 1.0, 2.5)), (None, None)]
)
def test_sizes(given: object, spacing: object) -> None:
    assert read(spacing=given).spacing == spacing


@pytest.mark.parametrize("given", ["abc", [1, 2], -1, 0, [1, 1, 0], [], True, [1, "x", 1], float("inf"), {}])
def test_what_is_no_size(given: object) -> None:
    with pytest.raises(ConfigError) as caught:
        read(spacing=given)
    assert caught.value.message.startswith(
        "test: spacing: expected a size in mm, or three of them (x, y, z), found "
    )
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    "given", [5, [1], [5, 1], [1, 1], [1, 2, 3], "a:b", [0, float("nan")], [False, True]]
)
def test_what_is_no_range(given: object) -> None:
    with pytest.raises(ConfigError) as caught:
        read(clip=given)
    assert caught.value.message.startswith("test: clip: expected two numbers, the lower one first, found ")


def test_what_changes_a_region_changes_its_key() -> None:
    assert read(clip=[-1000, 400], spacing=1).changed() == {"spacing": 1.0, "clip": [-1000.0, 400.0]}
    assert read(clip=[-1000, 400]).prepares
    assert not read(labels="union", threshold=0.5, resample_mask=True, pet="stored").prepares
