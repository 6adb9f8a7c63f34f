import hashlib
import json
import platform
import stat
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import radcompare
from radcompare import provenance
from radcompare.errors import ConfigError
from radcompare.provenance import (
    digest_bytes,
    digest_code,
    digest_file,
    digest_input,
    digest_settings,
    environment,
    remove_leftovers,
    versions,
    write_json,
    written_atomically,
)

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""SHA-256 of `abc`, FIPS 180-2, appendix B.1."""


def test_versions_of_all_that_can_move_a_number():
    found = versions()
    assert found["radcompare"] == radcompare.__version__
    assert found["python"] == platform.python_version()
    for name in (
        "numpy",
        "scipy",
        "pandas",
        "scikit-learn",
        "SimpleITK",
        "PyWavelets",
        "torch",
        "torchvision",
    ):
        assert found[name] == metadata.version(name)


def test_a_library_that_is_not_there(monkeypatch):
    monkeypatch.setattr(provenance, "LIBRARIES", ("no-such-library",))
    assert versions()["no-such-library"] == "absent"


def test_the_environment_names_no_person():
    found = environment()
    assert found["versions"] == versions()
    assert found["platform"] == platform.platform()
    assert found.keys() == {"versions", "platform", "byteorder"}
    assert str(Path.home()) not in json.dumps(found)


def test_digests_against_the_standard(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    assert digest_bytes(b"abc") == ABC
    assert digest_file(tmp_path / "abc") == ABC


def test_a_large_file(tmp_path):
    content = bytes(range(256)) * 5000
    (tmp_path / "large").write_bytes(content)
    assert digest_file(tmp_path / "large") == hashlib.sha256(content).hexdigest()


def test_settings_are_equal_whatever_their_order():
    assert digest_settings({"a": 1, "b": {"c": 2, "d": 3}}) == digest_settings(
        {"b": {"d": 3, "c": 2}, "a": 1}
    )
    assert digest_settings([1, 2]) != digest_settings([2, 1])
    assert digest_settings({"a": 1}) != digest_settings({"a": 1.5})
    assert digest_settings({"path": Path("x")}) == digest_settings({"path": "x"})


def test_edited_code_has_another_digest(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "provenance.py"))
    compute = digest_code.__wrapped__
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "a.py").write_text("x = 1\n")
    first = compute()
    assert compute() == first
    (tmp_path / "notes.txt").write_text("no code")
    assert compute() == first
    (tmp_path / "room" / "a.py").write_text("x = 2\n")
    edited = compute()
    (tmp_path / "room" / "a.py").rename(tmp_path / "room" / "b.py")
    assert len({first, edited, compute()}) == 3


def test_the_digest_of_this_code():
    assert len(digest_code()) == 64
    assert digest_code() == digest_code.__wrapped__()


def test_json_for_people(tmp_path):
    write_json(tmp_path / "new" / "x.json", {"b": 1, "a": [0.1, None]})
    expected = '{\n  "b": 1,\n  "a": [\n    0.1,\n    null\n  ]\n}\n'
    assert (tmp_path / "new" / "x.json").read_text() == expected


def test_json_has_no_nan(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "x.json", {"x": float("nan")})
    assert list(tmp_path.iterdir()) == []


def _write(path, content):
    with written_atomically(path) as temporary:
        temporary.write_text(content)


def test_a_file_takes_its_place_when_it_is_whole(tmp_path):
    path = tmp_path / "a" / "b" / "x.csv.gz"
    with written_atomically(path) as temporary:
        assert temporary.parent == path.parent
        assert temporary.suffix == ".gz"
        temporary.write_text("new")
        assert not path.exists()
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


def _write_half(path):
    with written_atomically(path) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt


def test_a_failing_writer_leaves_the_old_file(tmp_path):
    path = tmp_path / "x.txt"
    _write(path, "old")
    with pytest.raises(KeyboardInterrupt):
        _write_half(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_are_the_usual_ones(tmp_path):
    (tmp_path / "usual").write_text("")
    _write(tmp_path / "ours", "")
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == stat.S_IMODE(
        (tmp_path / "usual").stat().st_mode
    )


def test_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "x.csv", tmp_path / "folder"):
        with pytest.raises(ConfigError) as refused:
            _write(path, "content")
        assert refused.value.message.startswith(f"{path}: cannot be written: ")
        assert "permissions" in refused.value.hint
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]


def test_leftovers_are_removed_and_nothing_else(tmp_path: Path) -> None:
    kept = [".hidden", "table.csv", ".table.csv", ".a.0123456789abcdef.txt.bak", f".b.{'g' * 16}.csv"]
    halves = [f".table.csv.{'0' * 16}.csv", f".{chr(10)}.csv.{'a1' * 8}.csv", f".LICENSE.{'f' * 16}"]
    folder = tmp_path / "features"
    folder.mkdir()
    for name in (*kept, *halves):
        (folder / name).touch()
    (folder / f".folder.{'0' * 16}").mkdir()
    remove_leftovers(folder, "table.csv")
    assert not (folder / halves[0]).exists()
    assert (folder / halves[1]).exists()
    remove_leftovers(tmp_path)
    assert {path.name for path in folder.iterdir()} == {*kept, f".folder.{'0' * 16}"}


def test_a_killed_writer_leaves_what_is_removed(tmp_path: Path) -> None:
    program = (
        "import os, signal; from pathlib import Path; from radcompare.provenance import written_atomically\n"
        f"with written_atomically(Path({str(tmp_path / 'table.csv')!r})) as half:\n"
        "    half.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program], check=False)
    (half,) = tmp_path.iterdir()
    assert half.name.startswith(".table.csv.")
    remove_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_what_its_files_hold(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, names in ((one, ("a.dcm", "b.dcm")), (two, ("x.dcm", "w.dcm"))):
        folder.mkdir()
        for name, content in zip(names, (b"first", b"second"), strict=True):
            (folder / name).write_bytes(content)
    assert digest_input(one) == digest_input(two)
    (two / "w.dcm").write_bytes(b"other")
    assert digest_input(one) != digest_input(two)
    assert digest_input(tmp_path / "none") == digest_input(None) == ""
    assert digest_input(one / "a.dcm") == digest_file(one / "a.dcm")
