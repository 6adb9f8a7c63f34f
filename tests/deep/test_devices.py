"""Where a network runs, how exactly, and what the values do not depend on."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from radcompare.cache import Cache
from radcompare.deep import activations
from radcompare.deep.activations import DeepExtractor
from radcompare.deep.devices import chosen_device, named
from radcompare.deep.networks import Network
from radcompare.errors import ConfigError, ExitCode
from radcompare.extraction import extract
from radcompare.imaging.phantom import write_cohort
from radcompare.imaging.region import Region
from radcompare.settings import Phantom
from radcompare.source_settings import DeepSource
from radcompare.tables.cohort import Cohort, read_cohort

LAYERS = ("conv1", "conv5", "full7", "full8")
BFLOATS = [
    ("squeezenet1_1", ("features.0", "features.12", "output")),
    ("resnet18", ("conv1", "layer4.1", "fc")),
    ("cnn-f", LAYERS),
]


def lacks(device: str) -> pytest.MarkDecorator:
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}[device]
    return pytest.mark.skipif(there, reason=f"this machine has {device}")


def source(**changes: Any) -> DeepSource:
    return DeepSource(
        **{"network": "cnn-f", "weights": "random", "layer": LAYERS, "device": "cpu", **changes}
    )


def values_of(region: Region, /, **changes: Any) -> NDArray[np.float64]:
    return np.array(list(DeepExtractor(source(**changes)).extract(region).values()))


@pytest.fixture
def many(region: Region) -> Region:
    """A lesion of five slices that differ, and so of five pictures."""
    mask = np.zeros((7, 70, 80), dtype=bool)
    for at, reach in enumerate((10, 14, 20, 16, 8), start=1):
        mask[at, 20 : 20 + reach, 30 : 30 + 2 * reach] = True
    noise = np.random.default_rng(6).normal(-700, 150, mask.shape)
    return replace(region, image=noise + 600 * mask, mask=mask)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    return read_cohort(str(write_cohort(Phantom(cases=5), tmp_path_factory.mktemp("phantom"))))


@pytest.fixture
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@lacks("cuda")
@lacks("mps")
def test_auto_is_the_cpu_where_nothing_else_is() -> None:
    assert chosen_device("auto") == torch.device("cpu")
    assert DeepExtractor(source(device="auto")).settings()["device"] == "cpu"


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_is_the_first_there_is(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, expected: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert chosen_device("auto").type == expected
    assert chosen_device("cpu").type == "cpu"


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_absent_is_told_with_those_there_are(
    monkeypatch: pytest.MonkeyPatch, device: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: device != "cuda")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ConfigError) as caught:
        chosen_device(device)
    assert caught.value.message.startswith(f"device {device}: not on this machine")
    assert caught.value.hint == ("there is: cpu" if device == "cuda" else "there is: cuda, cpu")
    assert caught.value.exit_code == ExitCode.USAGE


@lacks("cuda")
def test_an_absent_device_is_found_with_the_settings() -> None:
    with pytest.raises(ConfigError, match="device cuda: not on this machine"):
        DeepExtractor(source(device="cuda")).settings()


def test_a_device_is_named_without_its_number() -> None:
    assert named(torch.device("cuda", 1)) == "cuda"
    assert named(torch.device("cpu")) == "cpu"


@pytest.mark.slow
@pytest.mark.parametrize(("network", "layers"), BFLOATS)
def test_lower_precision_gives_nearly_the_same_values(
    many: Region, request: pytest.FixtureRequest, network: str, layers: tuple[str, ...]
) -> None:
    """A number of bfloat16 has 8 significant bits: 0.4 % of it, and a few of those after some layers."""
    if network == "cnn-f":
        request.getfixturevalue("narrow")
    asked = {"network": network, "layer": layers}
    exact, coarse = values_of(many, **asked), values_of(many, **asked, precision="bfloat16")
    columns = DeepExtractor(source(**asked)).columns
    for layer in layers:
        of_layer = [f"_{layer}_" in column for column in columns]
        error = np.abs(coarse - exact)[of_layer].max() / np.abs(exact[of_layer]).max()
        assert 0 < error < 0.03, layer
    assert np.array_equal(values_of(many, **asked), exact), "the coarse network was put away"


def test_precision_is_part_of_the_settings(narrow: Network) -> None:
    told = [DeepExtractor(source(precision=each)).settings() for each in ("float32", "bfloat16")]
    assert [settings["precision"] for settings in told] == ["float32", "bfloat16"]
    assert told[0] != told[1]


@pytest.mark.slow
@pytest.mark.parametrize("looked_at", ["slice", "slices", "orthogonal"])
@pytest.mark.parametrize("batch", [1, 3])
def test_values_do_not_depend_on_the_size_of_batches(
    narrow: Network, many: Region, batch: int, looked_at: str
) -> None:
    usual = values_of(many, region=looked_at, relu="both", batch=16)
    other = values_of(many, region=looked_at, relu="both", batch=batch)
    np.testing.assert_allclose(other, usual, rtol=1e-5, atol=1e-6 * np.abs(usual).max())


def test_values_do_not_depend_on_the_number_of_threads(
    narrow: Network, many: Region, monkeypatch: pytest.MonkeyPatch, threads: None
) -> None:
    used: list[int] = []
    plain = activations.values_at

    def watched(model: Any, spots: Any, images: Tensor) -> Any:
        used.append(torch.get_num_threads())
        return plain(model, spots, images)

    monkeypatch.setattr(activations, "values_at", watched)
    torch.set_num_threads(2)
    found = []
    for number in (1, 2, 4):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, n=number: set(range(n)), raising=False)
        found.append(values_of(many, region="slices", relu="both"))
        assert torch.get_num_threads() == 2, "what others set is put back"
    assert sorted(set(used)) == [1, 2, 4]
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], rtol=1e-5, atol=1e-6 * np.abs(found[0]).max())


@pytest.mark.slow
@pytest.mark.parametrize("looked_at", ["slice", "slices"])
def test_tables_do_not_depend_on_the_number_of_jobs(
    narrow: Network, cohort: Cohort, looked_at: str, tmp_path: Path
) -> None:
    asked = source(region=looked_at, batch=3)
    one, two = (extract(cohort, asked, cache=Cache(tmp_path / str(jobs)), jobs=jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one.table.frame(), two.table.frame(), check_exact=True)
    assert one.table.notes == two.table.notes
    assert one.table.sources == two.table.sources
    assert one.failures == two.failures == ()


@pytest.mark.slow
def test_tables_do_not_depend_on_the_size_of_batches(narrow: Network, cohort: Cohort) -> None:
    """Cases with several pictures each, cut into batches in other places."""
    tables = [
        extract(cohort, source(region="slices", batch=batch), cache=Cache(None)).table.features
        for batch in (1, 3, 16)
    ]
    largest = float(tables[0].abs().to_numpy().max())
    for other in tables[1:]:
        pd.testing.assert_frame_equal(other, tables[0], rtol=1e-5, atol=1e-6 * largest)
