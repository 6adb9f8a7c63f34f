"""train and finetune: what they save is the network that was trained, and extract deep reads it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from radcompare.imaging.phantom import write_cohort
from radcompare.settings import Phantom

Run = Callable[..., Any]
CASES = 10
FEW = ("--epochs", 2, "--set", "augment.per_epoch=1")
SMALL = ("--input-size", 34, *FEW)


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cohort(Phantom(cases=CASES, effect=2), tmp_path_factory.mktemp("ten"))


def train(radcompare: Run, cohort: Path, name: str, *more: object) -> Any:
    return radcompare("train", cohort, "--outcome", "malignant", *SMALL, *more, "-o", name)


def test_what_train_saves(radcompare: Run, ten: Path) -> None:
    ended = train(radcompare, ten, "out/a.safetensors", "--groups", "patient_id", "--json")
    assert ended.code == 0
    told = json.loads(ended.out)
    assert (told["cases"], told["held_out"], told["epochs"]) == (8, 2, 2)
    meta = json.loads(Path("out/a.meta.json").read_text())
    assert meta["weights_sha256"]
    assert meta["begun_with"] == "untrained (random, seed 1)"
    assert meta["settings"]["network"] == "arch3"
    assert meta["classes"] == ["0", "1"]
    curve = pd.read_csv("out/a.curve.csv")
    assert curve["epoch"].tolist() == [1, 2]
    assert told["validation_auc"] == curve["validation_auc"][told["best_epoch"] - 1]


def test_the_same_seed_saves_the_same_bytes(radcompare: Run, ten: Path) -> None:
    for name, seed, jobs in (("a", 3, 1), ("b", 3, 2), ("c", 4, 1)):
        assert train(radcompare, ten, f"{name}.safetensors", "--seed", seed, "-j", jobs).code == 0
    a, b, c = (Path(f"{name}.safetensors").read_bytes() for name in "abc")
    assert a == b != c


def test_the_design_travels_with_the_weights(radcompare: Run, ten: Path) -> None:
    """Batch normalisation leaves tensors behind, another activation nothing; both make other features."""
    given = ("--set", "normalisation=batch", "--set", "activation=tanh")
    assert train(radcompare, ten, "a.safetensors", *given).code == 0
    options = ("--network", "arch3", "--weights", "a.safetensors", "--layer", "conv3", "--pool", "max")
    assert radcompare("extract", "deep", ten, *options, "-q", "-o", "f.csv").code == 0
    values = pd.read_csv("f.csv").filter(like="deep_").to_numpy()
    assert values.shape == (CASES, 64)
    assert (np.abs(values) <= 1).all()  # of the hyperbolic tangent
    assert (values < 0).any()
    assert "conv3_norm.weight" in load_file("a.safetensors")


def test_features_are_those_of_the_network_that_was_trained(radcompare: Run, ten: Path) -> None:
    from radcompare.cnn_settings import Cnn
    from radcompare.deep.trainable import trainable
    from radcompare.pictures import read_pictures
    from radcompare.tables.cohort import read_cohort

    assert train(radcompare, ten, "a.safetensors").code == 0
    options = ("--network", "arch3", "--weights", "a.safetensors", "--layer", "full1")
    assert radcompare("extract", "deep", ten, *options, "-q", "-o", "f.csv").code == 0
    values = pd.read_csv("f.csv").filter(like="deep_").to_numpy()
    settings = Cnn(network="arch3", weights="a.safetensors", device="cpu")
    made = trainable(settings, 9)
    shown, _ = read_pictures(read_cohort(str(ten)), settings, 34, stage="train")
    with torch.inference_mode():
        expected = made.model.eval()(torch.from_numpy(shown.values)).numpy()
    assert np.allclose(values, expected, rtol=1e-4, atol=1e-6)


def test_finetune_begins_with_what_train_saved(radcompare: Run, ten: Path) -> None:
    assert train(radcompare, ten, "a.safetensors").code == 0
    tune = ("finetune", ten, "--outcome", "malignant", "--network", "arch3", "--weights", "a.safetensors")
    assert radcompare(*tune, "--freeze", "conv2", *FEW, "-o", "b.safetensors").code == 0
    before, after = load_file("a.safetensors"), load_file("b.safetensors")
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved == {"conv3.weight", "conv3.bias", "full1.weight", "full1.bias"}
    meta = json.loads(Path("b.meta.json").read_text())
    assert meta["begun_with"].startswith("sha256:")


@pytest.mark.slow
def test_another_output_is_put_on_a_backbone(radcompare: Run, ten: Path) -> None:
    from radcompare.deep.networks import load_network
    from radcompare.deep.weights import Wanted, load

    state = load(Wanted("random", 2), load_network("squeezenet1_1")).model.state_dict()
    torch.save(state, "net.pth")
    tune = ("finetune", ten, "--outcome", "malignant", "--network", "squeezenet1_1", "--weights", "net.pth")
    given = ("--set", "head=2", "--set", "augment=null", "--epochs", 1, "--freeze", "features.9")
    assert radcompare(*tune, *given, "-o", "tuned.safetensors").code == 0
    after = load_file("tuned.safetensors")
    assert after["classifier.1.weight"].shape[0] == 2
    assert torch.equal(after["features.0.weight"], state["features.0.weight"])
    assert not torch.equal(after["features.12.expand1x1.weight"], state["features.12.expand1x1.weight"])
    options = ("--network", "squeezenet1_1", "--weights", "tuned.safetensors", "--layer", "features.12")
    assert radcompare("extract", "deep", ten, *options, "-q", "-o", "f.csv").code == 0


@pytest.mark.parametrize(
    ("options", "told", "code"),
    [
        (("--network", "arch9"), "unknown network 'arch9'; did you mean 'arch3'", 2),
        (("--set", "optimizer=adam"), "unknown key optimizer; did you mean 'optimiser'", 2),
        (("--set", "augment.rotation=8"), "unknown key augment.rotation; did you mean 'rotations'", 2),
        (("--set", "nonsense"), "--set nonsense: expected KEY=VALUE", 2),
        (("--input-size", 20), "arch3", 2),
        (("--network", "resnet18", "--set", "dropout=0.2"), "dropout is of the small networks", 2),
        (("--groups", "patient"), "no column 'patient'; did you mean 'patient_id'", 3),
    ],
)
def test_what_is_wrong_is_told(
    radcompare: Run, ten: Path, options: tuple[object, ...], told: str, code: int
) -> None:
    ended = train(radcompare, ten, "a.safetensors", *options)
    assert (ended.code, ended.out) == (code, "")
    assert told in ended.err
    assert not Path("a.safetensors").exists()


def test_weights_of_another_architecture(radcompare: Run, ten: Path) -> None:
    assert train(radcompare, ten, "a.safetensors").code == 0
    options = ("--network", "arch1", "--weights", "a.safetensors", "--layer", "full1")
    ended = radcompare("extract", "deep", ten, *options, "-o", "f.csv")
    assert ended.code == 2
    assert "holds the weights of another network than arch1" in ended.err


def test_another_suffix(radcompare: Run, ten: Path) -> None:
    ended = train(radcompare, ten, "a.pth")
    assert ended.code == 2
    assert "weights are written as .safetensors" in ended.err


def test_a_case_that_cannot_be_shown_costs_no_other(radcompare: Run, ten: Path) -> None:
    frame = pd.read_csv(ten)
    for column in ("Image", "Mask"):
        frame[column] = [str(ten.parent / path) for path in frame[column]]
    frame.loc[0, "Image"] = "nowhere.nii.gz"
    frame.to_csv("cohort.csv", index=False)
    ended = train(radcompare, Path("cohort.csv"), "a.safetensors")
    assert ended.code == 4
    assert "not shown" in ended.err
    assert json.loads(Path("a.meta.json").read_text())["cases_lost"] == [frame["ID"][0]]


@pytest.mark.slow
def test_a_killed_experiment_goes_on_and_ends_with_the_same_bytes(ten: Path, tmp_path: Path) -> None:
    config = tmp_path / "e.yaml"
    block = "{network: arch3, input_size: 40, epochs: 6, stop: none, validation: 0, augment: {per_epoch: 8}}"
    config.write_text(
        f"cohort: {ten}\noutcome: malignant\narms:\n  a: {{cnn: {block}}}\nvalidation: 3\nseed: 5\n"
    )

    def command(cache: str, out: str) -> list[str]:
        return [sys.executable, "-m", "radcompare", "run", str(config), "--out", str(tmp_path / out), "-q"]

    def environment(cache: str) -> dict[str, str]:
        return {**os.environ, "RADCOMPARE_CACHE": str(tmp_path / cache)}

    subprocess.run(command("one", "whole"), env=environment("one"), check=True, capture_output=True)
    began = time.monotonic()
    kills = 0
    while True:
        running = subprocess.Popen(
            command("two", "killed"),
            env=environment("two"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            running.wait(timeout=2.5 + 1.5 * kills)
            break
        except subprocess.TimeoutExpired:
            os.kill(running.pid, signal.SIGKILL)
            running.wait()
            kills += 1
        assert time.monotonic() - began < 240
    assert kills
    for name in ("predictions.csv", "curves.csv", "results.json", "report.html"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "killed" / name).read_bytes(), name
