"""The state of a training on disk: damaged, foreign or hostile ones are begun anew, and a full disk is an error."""

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from radcompare.cnn.keeping import StateFile
from radcompare.errors import ConfigError
from radcompare.sealed import sealing

STATE: dict[str, Any] = {"epoch": 3, "model": {"w": torch.arange(6.0)}}


def kept(path: Path) -> StateFile:
    file = StateFile(path, interval=0)
    file.save(STATE)
    return file


def same(state: Any) -> bool:
    return state["epoch"] == 3 and torch.equal(state["model"]["w"], STATE["model"]["w"])


def test_a_state_comes_back(tmp_path: Path) -> None:
    assert same(kept(tmp_path / "x.state").load())
    assert same(StateFile(tmp_path / "x.state").load())


def test_damage_anywhere_is_seen_and_mended(tmp_path: Path) -> None:
    """torch itself does not see a flipped bit in a tensor."""
    file = kept(tmp_path / "x.state")
    intact = (tmp_path / "x.state").read_bytes()
    for place in range(len(intact)):
        damaged = intact[:place] + bytes([intact[place] ^ 1 << place % 8]) + intact[place + 1 :]
        (tmp_path / "x.state").write_bytes(damaged)
        assert file.load() is None, place
    file.save(STATE)
    assert same(file.load())


class Hostile:
    """Runs a command when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.marker}",)


@pytest.mark.parametrize("sealed", [True, False])
def test_no_code_in_a_state_is_run(tmp_path: Path, sealed: bool) -> None:
    path, marker = tmp_path / "x.state", tmp_path / "marker"
    with sealing(path) if sealed else path.open("wb") as stream:
        torch.save({"epoch": 1, "model": Hostile(marker)}, stream)
    assert StateFile(path).load() is None
    path.write_bytes(pickle.dumps(Hostile(marker)))
    assert StateFile(path).load() is None
    assert not marker.exists()


def test_the_planted_code_is_a_live_one(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Hostile(tmp_path / "marker")))
    assert (tmp_path / "marker").exists()


def test_a_folder_in_its_place_counts_as_absent_and_does_not_end_a_training(tmp_path: Path) -> None:
    path = tmp_path / "x.state"
    path.mkdir()
    (path / "something").touch()
    file = StateFile(path)
    assert file.load() is None
    file.drop()
    assert (path / "something").exists()


def test_nowhere_to_keep_it() -> None:
    file = StateFile(None, interval=0)
    file.save(STATE)
    assert file.load() is None
    file.drop()


FULL = """
import resource, sys, torch
from pathlib import Path
from radcompare.cnn.keeping import StateFile
from radcompare.errors import ConfigError
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    StateFile(Path(sys.argv[1]), interval=0).save({"epoch": 1, "w": torch.zeros(int(sys.argv[2]))})
except ConfigError as error:
    print(error)
"""


@pytest.mark.slow
@pytest.mark.parametrize("numbers", [2_000, 2_500, 100_000])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, numbers: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, tmp_path / "x.state", str(numbers)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    if numbers > 2_000:
        assert "x.state: cannot be written: " in done.stdout
        assert "free some space" in done.stdout
        assert list(tmp_path.iterdir()) == []
    else:
        assert StateFile(tmp_path / "x.state").load() is not None


def test_the_error_names_the_cache(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be written") as refused:
        kept(tmp_path / "file" / "x.state")
    assert "RADCOMPARE_CACHE" in refused.value.hint
