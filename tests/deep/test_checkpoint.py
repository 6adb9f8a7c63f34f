"""Weights files of torch and safetensors, good and bad."""

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from radcompare.deep.checkpoint import read_checkpoint
from radcompare.errors import WeightsError

STATE = {"conv.weight": torch.arange(6.0).reshape(2, 3), "conv.bias": torch.tensor([1.0, -1.0])}


class Bomb:
    """Runs code when a trusting unpickler meets it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def assert_state(path: Path) -> None:
    read = read_checkpoint(path).tensors
    assert list(read) == list(STATE)
    assert all(torch.equal(read[name], STATE[name]) for name in STATE)


@pytest.mark.parametrize(
    "contents",
    [
        STATE,
        {"state_dict": STATE, "epoch": 3},
        {f"module.{name}": value for name, value in STATE.items()},
        {"state_dict": {f"module.{name}": value for name, value in STATE.items()}},
    ],
    ids=["plain", "state_dict", "module.", "state_dict of module."],
)
@pytest.mark.parametrize("suffix", [".pth", ".pt"])
def test_torch_files(tmp_path: Path, contents: object, suffix: str) -> None:
    path = tmp_path / f"weights{suffix}"
    torch.save(contents, path)
    assert_state(path)


def test_torch_files_from_before_1_6(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save(STATE, path, _use_new_zipfile_serialization=False)
    assert_state(path)


def test_safetensors_files(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_file(STATE, path)
    read = read_checkpoint(path).tensors
    assert all(torch.equal(read[name], STATE[name]) for name in STATE)


@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors"])
def test_truncated_files_are_one_clear_error_wherever_they_end(tmp_path: Path, kind: str) -> None:
    path = tmp_path / ("weights.safetensors" if kind == "safetensors" else "weights.pth")
    if kind == "safetensors":
        save_file(STATE, path)
    else:
        torch.save(STATE, path, _use_new_zipfile_serialization=kind == "zip")
    whole = path.read_bytes()
    for end in range(0, len(whole) - 8, 37):
        path.write_bytes(whole[:end])
        with pytest.raises(WeightsError) as caught:
            read_checkpoint(path)
        assert str(path) in caught.value.message


@pytest.mark.parametrize(
    "contents",
    [b"", b"not weights at all\n" * 20, b"\x89PNG\r\n", bytes(512), b"PK\x03\x04 not a whole zip"],
    ids=["empty", "text", "png", "zeros", "zip"],
)
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_foreign_files(tmp_path: Path, contents: bytes, suffix: str) -> None:
    path = tmp_path / f"weights{suffix}"
    path.write_bytes(contents)
    with pytest.raises(WeightsError, match="cannot be read as weights") as caught:
        read_checkpoint(path)
    assert "state_dict" in caught.value.hint


@pytest.mark.parametrize("contents", [b"hello", pickle.dumps(pickle.Pickler)], ids=["text", "code"])
def test_the_reason_is_for_people(tmp_path: Path, contents: bytes) -> None:
    """Of these torch says `101`, and twenty lines with colours on how to trust the file."""
    path = tmp_path / "weights.pth"
    path.write_bytes(contents)
    with pytest.raises(
        WeightsError, match="it is damaged, is no file of torch, or holds more than tensors\n"
    ):
        read_checkpoint(path)


@pytest.mark.parametrize("zipped", [True, False])
def test_code_in_a_file_is_not_run(tmp_path: Path, zipped: bool) -> None:
    path, trace = tmp_path / "weights.pth", tmp_path / "ran"
    torch.save({**STATE, "extra": Bomb(trace)}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(WeightsError, match="cannot be read as weights"):
        read_checkpoint(path)
    path.write_bytes(pickle.dumps(Bomb(trace)))
    with pytest.raises(WeightsError, match="cannot be read as weights"):
        read_checkpoint(path)
    assert not trace.exists()


def test_a_whole_pickled_model_is_refused_with_the_way_to_save_it(tmp_path: Path) -> None:
    path = tmp_path / "model.pth"
    torch.save(torch.nn.Linear(2, 2), path)
    with pytest.raises(WeightsError) as caught:
        read_checkpoint(path)
    assert "torch.save(model.state_dict(), FILE)" in caught.value.hint


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (torch.zeros(3), "holds a Tensor"),
        ([STATE], "holds a list"),
        ({}, "holds nothing"),
        ({"epoch": 3, **STATE}, "epoch: not a tensor"),
    ],
    ids=["tensor", "list", "empty", "number"],
)
def test_files_of_something_else(tmp_path: Path, contents: object, message: str) -> None:
    path = tmp_path / "weights.pth"
    torch.save(contents, path)
    with pytest.raises(WeightsError, match=message):
        read_checkpoint(path)
