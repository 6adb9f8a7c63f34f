import math
import os
import struct
from pathlib import Path

import pytest

from radcompare.cache import Cache, default_cache
from radcompare.errors import ConfigError

KEY = "ab" + "0" * 62
VALUES = {"sum": 0.1 + 0.2, "tiny": 5e-324, "huge": -1.7976931348623157e308, "zero": -0.0, "third": 1 / 3}


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


def test_values_return_to_the_last_bit_and_in_order(cache):
    cache.put(KEY, VALUES)
    found = cache.get(KEY)
    assert list(found) == list(VALUES)
    assert [struct.pack("<d", v) for v in found.values()] == [struct.pack("<d", v) for v in VALUES.values()]


def test_undefined_and_infinite_values(cache):
    cache.put(KEY, {"nan": math.nan, "up": math.inf, "down": -math.inf})
    found = cache.get(KEY)
    assert math.isnan(found["nan"])
    assert (found["up"], found["down"]) == (math.inf, -math.inf)


def test_no_values_are_values_too(cache):
    cache.put(KEY, {})
    assert cache.get(KEY) == {}


def test_what_was_never_stored(cache):
    assert cache.get(KEY) is None
    cache.put(KEY, VALUES)
    assert cache.get("ac" + KEY[2:]) is None


def test_the_latest_values_count(cache):
    cache.put(KEY, {"x": 1.0})
    cache.put(KEY, {"x": 2.0})
    assert cache.get(KEY) == {"x": 2.0}
    assert [path.name for path in cache.folder.rglob("*") if path.is_file()] == [f"{KEY}.json"]


def _entry(cache):
    return cache.folder / KEY[0] / f"{KEY}.json"


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:0],
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b"0.3", b"0.4"),
        lambda content: content.replace(b"\n", b""),
        lambda content: content.partition(b"\n")[2],
        lambda content: b"\xff\xfe" + content,
    ],
)
def test_a_damaged_entry_counts_as_absent(cache, damage):
    cache.put(KEY, VALUES)
    intact = _entry(cache).read_bytes()
    assert damage(intact) != intact
    _entry(cache).write_bytes(damage(intact))
    assert cache.get(KEY) is None
    cache.put(KEY, VALUES)
    assert cache.get(KEY) == VALUES


def test_a_folder_in_an_entrys_place_counts_as_absent(cache):
    _entry(cache).mkdir(parents=True)
    assert cache.get(KEY) is None


def test_without_a_folder_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Cache(None).put(KEY, VALUES)
    assert Cache(None).get(KEY) is None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match="cannot be written") as refused:
        Cache(tmp_path / "file").put(KEY, VALUES)
    assert str(tmp_path / "file") in refused.value.message


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"RADCOMPARE_CACHE": "/somewhere"}, Path("/somewhere")),
        ({"RADCOMPARE_CACHE": "/somewhere", "XDG_CACHE_HOME": "/xdg"}, Path("/somewhere")),
        ({"RADCOMPARE_CACHE": "", "XDG_CACHE_HOME": "/xdg"}, None),
        ({"XDG_CACHE_HOME": "/xdg"}, Path("/xdg/radcompare")),
        ({"XDG_CACHE_HOME": "", "HOME": "/home/someone"}, Path("/home/someone/.cache/radcompare")),
    ],
)
def test_where_the_users_cache_lies(monkeypatch, variables, folder):
    for name in ("RADCOMPARE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setitem(os.environ, name, value)
    assert default_cache().folder == folder
