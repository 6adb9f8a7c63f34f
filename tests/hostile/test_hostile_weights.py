"""Weights of strangers: no code in them is run, and what they are not is an error."""

import io
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io
import torch

from radcompare.deep.checkpoint import read_checkpoint
from radcompare.deep.matconvnet import read_matconvnet
from radcompare.deep.networks import load_network
from radcompare.deep.own_networks import torchscript_network
from radcompare.deep.weights import Wanted, load
from radcompare.errors import ConfigError, WeightsError

Plant = Callable[[Path, Path], None]


class Hostile:
    """Runs a command when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.marker}",)


def alone(path: Path, marker: Path) -> None:
    torch.save(Hostile(marker), path)


def beside_tensors(path: Path, marker: Path) -> None:
    torch.save({"state_dict": {"conv1.weight": torch.ones(2), "evil": Hostile(marker)}}, path)


def as_a_key(path: Path, marker: Path) -> None:
    torch.save({"epoch": 1, "model": {"w": torch.ones(1)}, "extra": [Hostile(marker)]}, path)


def in_the_old_form(path: Path, marker: Path) -> None:
    torch.save({"w": Hostile(marker)}, path, _use_new_zipfile_serialization=False)


def a_plain_pickle(path: Path, marker: Path) -> None:
    path.write_bytes(pickle.dumps(Hostile(marker), protocol=2))


def builtin_evaluation(path: Path, marker: Path) -> None:
    path.write_bytes(
        b'cbuiltins\neval\n(S\'__import__("os").system("touch %s")\'\ntR.' % str(marker).encode()
    )


def a_zip_with_two_pickles(path: Path, marker: Path) -> None:
    beside_tensors(path, marker)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Hostile(marker), protocol=2))


def through_numpy(path: Path, marker: Path) -> None:
    torch.save({"w": np.array([Hostile(marker)], dtype=object)}, path)


PLANTS: list[Plant] = [
    *(alone, beside_tensors, as_a_key, in_the_old_form, a_plain_pickle, builtin_evaluation),
    *(a_zip_with_two_pickles, through_numpy),
]


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("suffix", [".pth", ".pt", ".safetensors", ".mat"])
def test_code_in_weights_is_not_run(tmp_path: Path, suffix: str, plant: Plant) -> None:
    path, marker = tmp_path / f"x{suffix}", tmp_path / "marker"
    plant(path, marker)
    wanted = Wanted(str(path))
    network = load_network("cnn-s" if suffix == ".mat" else "arch3")
    with pytest.raises(WeightsError):
        load(wanted, network)
    with pytest.raises(WeightsError):
        read_matconvnet(path) if suffix == ".mat" else read_checkpoint(path)
    assert not marker.exists()


@pytest.mark.parametrize("plant", [alone, in_the_old_form, a_plain_pickle, builtin_evaluation])
def test_the_plants_are_live(tmp_path: Path, plant: Plant) -> None:
    plant(tmp_path / "x", tmp_path / "marker")
    try:
        torch.load(tmp_path / "x", weights_only=False)
    except (RuntimeError, pickle.UnpicklingError):
        pickle.loads((tmp_path / "x").read_bytes())
    assert (tmp_path / "marker").exists()


def test_a_matlab_file_of_objects(tmp_path: Path) -> None:
    """What MATLAB keeps of functions and objects is bytes to scipy, and no network to us."""
    for contents in (
        {"layers": np.array([[Hostile]], dtype=object).astype("U10"), "meta": 1},
        {"net": np.array([["dagnn.DagNN"]], dtype=object)},
    ):
        scipy.io.savemat(tmp_path / "x.mat", contents)
        with pytest.raises(WeightsError):
            read_matconvnet(tmp_path / "x.mat")


def test_a_tensor_larger_than_memory(tmp_path: Path) -> None:
    """A few hundred bytes may say that they are an array of a million million numbers."""
    kept = torch.ones(1)
    saved = io.BytesIO()
    torch.save({"w": kept, "curve": np.arange(3.0)}, saved)
    with zipfile.ZipFile(io.BytesIO(saved.getvalue())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = next(name for name in parts if name.endswith("data.pkl"))
    small, large = b"K\x03\x85", b"\x8a\x06" + struct.pack("<q", 10**13)[:6] + b"\x85"
    assert small in parts[name]
    parts[name] = parts[name].replace(small, large)
    with zipfile.ZipFile(tmp_path / "x.pth", "w", zipfile.ZIP_STORED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    with pytest.raises(WeightsError):
        read_checkpoint(tmp_path / "x.pth")


def test_a_safetensors_header_larger_than_the_file(tmp_path: Path) -> None:
    for size in (2**62, 2**63, 2**64 - 1, 10**8, 3):
        (tmp_path / "x.safetensors").write_bytes(struct.pack("<Q", size) + b'{"a":{}}')
        with pytest.raises(WeightsError):
            read_checkpoint(tmp_path / "x.safetensors")


def program(path: Path) -> Path:
    """A TorchScript program, which is code by nature."""

    class Doubles(torch.nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return images.flatten(1) * 2

    torch.jit.script(Doubles()).save(str(path))  # type: ignore[no-untyped-call]
    return path


def test_a_program_runs_only_where_it_is_named_as_the_network(tmp_path: Path) -> None:
    path = program(tmp_path / "x.pt")
    with pytest.raises(WeightsError, match="is a TorchScript program") as refused:
        read_checkpoint(path)
    assert "torchscript:" in refused.value.hint
    with pytest.raises(WeightsError):
        load(Wanted(str(path)), load_network("arch3"))
    assert torchscript_network(f"torchscript:{path}").name == "torchscript:x"


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", bytes(100), b"\x80\x02."], ids=["empty", "zip", "zeros", "pickle"]
)
def test_what_is_no_program(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.pt").write_bytes(content)
    with pytest.raises(WeightsError):
        torchscript_network(f"torchscript:{tmp_path / 'x.pt'}").build()


@pytest.mark.parametrize(
    "name", ["os:system", "builtins:eval", "x:y", "../x:f", "\x1b[2J:f", "a b:c", ":", "a:"]
)
def test_a_function_of_ones_own_is_named_by_the_user_alone(name: str) -> None:
    """It is imported, as it is code that the user names; what fails says so."""
    with pytest.raises(ConfigError):
        load_network(name).build()
