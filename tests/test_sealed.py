"""Files behind a seal: whatever happens to them, they are read as they were written or not at all."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from radcompare.errors import ConfigError
from radcompare.sealed import sealing, unsealed

CONTENT = b"line\nof\0bytes" * 3


def write(path: Path, content: bytes = CONTENT) -> Path:
    with sealing(path) as stream:
        stream.write(content)
    return path


def read(path: Path) -> bytes | None:
    with unsealed(path) as stream:
        return None if stream is None else stream.read()


@pytest.mark.parametrize("content", [b"", CONTENT, bytes(3_000_000)], ids=["empty", "short", "long"])
def test_what_was_written_comes_back(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path / "deep" / "er" / "entry", content)
    assert read(path) == content
    assert list(path.parent.iterdir()) == [path]


def test_any_flipped_bit_and_any_missing_byte_is_seen(tmp_path: Path) -> None:
    path = write(tmp_path / "entry")
    intact = path.read_bytes()
    for place in range(len(intact)):
        for bit in range(8):
            path.write_bytes(intact[:place] + bytes([intact[place] ^ 1 << bit]) + intact[place + 1 :])
            assert read(path) is None, (place, bit)
        path.write_bytes(intact[:place])
        assert read(path) is None, place
    path.write_bytes(intact + b"\0")
    assert read(path) is None


def test_it_is_not_believed_under_another_name(tmp_path: Path) -> None:
    other = write(tmp_path / "entry").rename(tmp_path / "other")
    assert read(other) is None


def folder(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def link_to_nowhere(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


@pytest.mark.parametrize("planted", [folder, pipe, link_to_nowhere, Path.touch])
def test_what_stands_in_its_place_is_not_read_and_gives_way(
    tmp_path: Path, planted: Callable[[Path], None]
) -> None:
    path = tmp_path / "entry"
    planted(path)
    assert read(path) is None
    assert read(write(path)) == CONTENT


def test_a_folder_that_holds_something_stays(tmp_path: Path) -> None:
    kept = tmp_path / "entry" / "a_users_file"
    kept.parent.mkdir()
    kept.touch()
    with pytest.raises(ConfigError, match=r"entry: cannot be written: "):
        write(kept.parent)
    assert kept.exists()


def test_a_file_that_may_not_be_read_counts_as_absent_and_gives_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, opened = write(tmp_path / "entry"), Path.open

    def forbidden(self: Path, mode: str = "r") -> object:
        if self == path:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(self, mode)

    monkeypatch.setattr(Path, "open", forbidden)
    assert read(path) is None
    write(path, b"new")
    monkeypatch.undo()
    assert read(path) == b"new"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EACCES])
def test_what_cannot_be_written_says_where_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(self: Path, *_: object) -> object:
        raise OSError(code, os.strerror(code), str(self))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ConfigError) as refused:
        write(tmp_path / "entry")
    assert refused.value.message == f"{tmp_path}/entry: cannot be written: {os.strerror(code)}"
    assert "free some space" in refused.value.hint
    assert "RADCOMPARE_CACHE" in refused.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [ConfigError("another"), ValueError("another"), KeyboardInterrupt()])
def test_an_error_of_the_writer_is_handed_on_and_leaves_the_old_file(
    tmp_path: Path, error: BaseException
) -> None:
    path = write(tmp_path / "entry")

    def fail() -> None:
        with sealing(path) as stream:
            stream.write(b"half")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert read(path) == CONTENT
    assert list(tmp_path.iterdir()) == [path]
