"""What is kept comes back to the last bit or not at all, and clearing takes nothing of the user's."""

import math
import os
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from radcompare.cache import AT_WORK_S, Cache, Row, clear, default_cache, inventory
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


ROW = Row(np.array([1.5, -0.0, np.nan, 3e38], dtype=np.float32), {"area": 12.5, "view": "axial\n"})


def test_a_row_returns_to_the_last_bit(cache):
    cache.put_row(KEY, ROW)
    found = cache.get_row(KEY)
    assert found.values.tobytes() == ROW.values.tobytes()
    assert found.facts == ROW.facts


@pytest.mark.parametrize("suffix", [".json", ".row"])
def test_damage_anywhere_is_seen_and_mended(cache, suffix):
    cache.put(KEY, VALUES)
    cache.put_row(KEY, ROW)
    path = cache.path_of(KEY, suffix)
    read, intact = {".json": cache.get_all, ".row": cache.get_row}[suffix], path.read_bytes()
    for place in range(len(intact)):
        path.write_bytes(intact[:place] + bytes([intact[place] ^ 1 << place % 8]) + intact[place + 1 :])
        assert read(KEY) is None, place
    for foreign in (b"", b"[]", b"\x80\x04N.", intact * 2, bytes(1000)):
        path.write_bytes(foreign)
        assert read(KEY) is None
    cache.put(KEY, VALUES)
    cache.put_row(KEY, ROW)
    assert path.read_bytes() == intact


def test_an_entry_under_another_key_is_not_believed(cache):
    cache.put(KEY, VALUES)
    other = "ac" + KEY[2:]
    cache.path_of(KEY, ".json").rename(cache.path_of(other, ".json"))
    assert cache.get(other) is None


def test_an_empty_folder_in_an_entrys_place_gives_way(cache):
    _entry(cache).mkdir(parents=True)
    cache.put(KEY, VALUES)
    assert cache.get(KEY) == VALUES


@pytest.mark.parametrize("inside", ["", "deeper"])
def test_a_file_where_the_folder_should_be_is_told_before_any_work(tmp_path, monkeypatch, inside):
    (tmp_path / "file").touch()
    monkeypatch.setenv("RADCOMPARE_CACHE", str(tmp_path / "file" / inside))
    with pytest.raises(ConfigError, match=f"as {tmp_path}/file is a file") as refused:
        default_cache()
    assert "RADCOMPARE_CACHE" in refused.value.hint


def _leftover(cache, age):
    """What a killed run leaves, or one that is at work."""
    path = cache.folder / KEY[0] / f".{KEY}.json.{'0' * 16}.json"
    path.write_bytes(b"half")
    os.utime(path, (time.time() - age,) * 2)
    return path


def _of_others(cache):
    """Files whose names only resemble those of entries, and an entry behind a link."""
    elsewhere = cache.folder.parent / "elsewhere"
    elsewhere.mkdir()
    names = (
        *("notes.txt", f"{KEY}.json", f"a/{KEY}.txt", f"a/{KEY[:-1]}.json", f"a/{KEY}.json.bak"),
        *(f"a/{KEY.upper()}.json", f"b/{KEY}.json", f"a/.{KEY}.json", "a/deeper"),
    )
    for name in names:
        (cache.folder / name).parent.mkdir(exist_ok=True)
        (cache.folder / name).write_text("mine")
    (elsewhere / f"{'c' * 64}.json").write_text("mine")
    (cache.folder / "c").symlink_to(elsewhere)
    (cache.folder / "a" / f"{'a' * 64}.row").symlink_to(elsewhere / f"{'c' * 64}.json")
    return [path for path in cache.folder.parent.rglob("*") if not path.is_dir()]


def test_an_inventory_counts_by_kind(cache):
    cache.put(KEY, VALUES)
    cache.put("b" + KEY[1:], VALUES)
    cache.put_row(KEY, ROW)
    cache.path_of(KEY, ".state").write_bytes(b"12345")
    os.utime(cache.path_of(KEY, ".state"), (1e9, 1e9))
    _leftover(cache, 1)
    (cache.folder / "mine.txt").touch()
    found = inventory(cache)
    size = len(_entry(cache).read_bytes())
    assert found.entries["measurements"] == (2, 2 * size)
    assert found.entries["rows of networks"] == (1, cache.path_of(KEY, ".row").stat().st_size)
    assert found.entries["networks in training"] == (1, 5)
    assert (found.oldest, found.temporary, found.foreign) == (1e9, (1, 4), 1)
    assert abs(found.newest - time.time()) < 60


def test_an_inventory_of_nothing(cache):
    for empty in (cache, Cache(None)):
        found = inventory(empty)
        assert set(found.entries.values()) == {(0, 0)}
        assert (found.oldest, found.newest, found.temporary, found.foreign) == (None, None, (0, 0), 0)
        assert clear(empty) == (0, 0)


def test_clearing_takes_what_is_ours_alone(cache):
    cache.put_row(KEY, ROW)
    others = _of_others(cache)
    cache.put(KEY[:-1] + "1", VALUES)
    cache.put("d" + KEY[1:], VALUES)
    assert inventory(cache).foreign == 9 + 2  # links count, and what is behind them does not
    assert clear(cache)[0] == 3
    left = [path for path in cache.folder.parent.rglob("*") if not path.is_dir()]
    assert sorted(left) == sorted(set(others) - {cache.path_of(KEY, ".row")})
    assert (cache.folder / "d").is_dir()
    cache.put(KEY, VALUES)


def test_clearing_says_how_much(cache):
    cache.put(KEY, VALUES)
    _leftover(cache, AT_WORK_S + 60)
    assert clear(cache) == (2, 4 + 65 + len(_content()))
    assert clear(cache) == (0, 0)


def _content():
    return '{"sum": "0.30000000000000004", "tiny": "5e-324", "huge": "-1.7976931348623157e+308", ' + (
        '"zero": "-0.0", "third": "0.3333333333333333"}'
    )


def test_what_a_run_is_about_to_finish_stays(cache):
    cache.put(KEY, VALUES)
    at_work = _leftover(cache, AT_WORK_S - 60)
    assert clear(cache)[0] == 1
    assert at_work.exists()


def test_only_what_is_older(cache):
    cache.put(KEY, VALUES)
    cache.put_row(KEY, ROW)
    os.utime(_entry(cache), (time.time() - 1000,) * 2)
    os.utime(_leftover(cache, 0), (time.time() - 1000,) * 2)
    assert clear(cache, 1100) == (0, 0)
    assert clear(cache, 900)[0] == 2
    assert cache.get_row(KEY) is not None
    assert clear(cache)[0] == 1


def test_what_cannot_be_listed_or_removed_is_named(cache, monkeypatch):
    cache.put(KEY, VALUES)

    def refuse(self):
        raise PermissionError(13, "no")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(ConfigError, match=rf"{KEY}\.json: cannot be removed: no"):
        clear(cache)
    with pytest.raises(ConfigError, match="cannot be listed") as refused:
        inventory(Cache(_entry(cache)))
    assert "RADCOMPARE_CACHE" in refused.value.hint


WRITER = """
import sys, time
from pathlib import Path
import numpy as np
from radcompare.cache import Cache, Row, clear
cache, me, seconds = Cache(Path(sys.argv[1])), sys.argv[2], float(sys.argv[3])
keys = [digit + "0" * 62 + ("f" if digit in "0123" else me) for digit in "0123456789"]
end = time.monotonic() + seconds
rounds = 0
while time.monotonic() < end:
    if me == "c":
        clear(cache)
        continue
    for key in keys:
        values = {"x": float(int(key[0], 16)), "text": key}
        cache.put(key, values)
        assert cache.get_all(key) in (None, values)
        cache.put_row(key, Row(np.full(1000, int(key[0], 16), dtype=np.float32), {"text": key}))
        row = cache.get_row(key)
        assert row is None or (row.facts == {"text": key} and set(row.values) == {int(key[0], 16)})
    rounds += 1
assert rounds or me == "c"
"""


@pytest.mark.slow
def test_two_runs_at_once_while_a_third_process_clears(cache):
    """The first four keys are written by both, the others by one of them."""
    works = [
        subprocess.Popen([sys.executable, "-c", WRITER, cache.folder, me, "2"], stderr=subprocess.PIPE)
        for me in "abc"
    ]
    told = [work.communicate()[1].decode() for work in works]
    assert [work.returncode for work in works] == [0, 0, 0], told
    assert inventory(cache).temporary == (0, 0)
    assert inventory(cache).foreign == 0
