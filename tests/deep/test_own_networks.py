"""Networks of the user's own: a function of a module, and a TorchScript program."""

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from radcompare import registry
from radcompare.cache import Cache
from radcompare.deep import activations, weights
from radcompare.deep.activations import DeepExtractor
from radcompare.deep.networks import load_network
from radcompare.errors import ConfigError, ExitCode, UnknownNameError, WeightsError
from radcompare.extraction import extract
from radcompare.imaging.phantom import write_cohort
from radcompare.imaging.region import Region
from radcompare.imaging.window import picture_of
from radcompare.settings import Phantom
from radcompare.source_settings import DeepSource
from radcompare.tables.cohort import read_cohort

pytestmark = [
    pytest.mark.usefixtures("one_thread", "nothing_kept"),
    pytest.mark.filterwarnings(r"ignore:`torch\.jit:DeprecationWarning"),
]

MODULE = "network_of_mine"
NAME = f"{MODULE}:build"
SOURCE = """
import torch
from torch import nn

def build():
    torch.manual_seed(11)
    maps = nn.Conv2d(3, 4, 9, stride=8)
    return nn.Sequential(maps, nn.GroupNorm(2, 4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.5), nn.Linear(4 * 27**2, 5))

def unseeded():
    return nn.Sequential(nn.Conv2d(3, 2, 9, stride=8), nn.Flatten())

def narrow_headed():
    return nn.Sequential(*list(build())[:-1], nn.Linear(4 * 27**2, 2))
"""
Write = Callable[[str], None]


@pytest.fixture
def nothing_kept() -> Iterator[None]:
    """Networks of other tests bear the same name."""
    activations._kept.clear()
    yield
    activations._kept.clear()


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Writes the module into the working folder, and forgets it afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # which is told from its source by the second alone

    def written(source: str) -> None:
        sys.modules.pop(MODULE, None)
        activations._kept.clear()
        (tmp_path / f"{MODULE}.py").write_text(source, encoding="utf-8")

    yield written
    sys.modules.pop(MODULE, None)


def built(name: str = NAME) -> nn.Module:
    """What the user's function returns, ready to look."""
    return load_network(name).build().eval()


def seen(region: Region, settings: DeepSource, side: int = 224) -> Tensor:
    """The window as ImageNet's networks are shown it, by torchvision's formula."""
    grey = torch.from_numpy(picture_of(region, settings, side).astype("float64"))
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    return ((grey - mean[:, None, None].double()) / std[:, None, None].double()).float()[None]


def values(region: Region, **settings: Any) -> list[float]:
    source = DeepSource(**{"network": NAME, "layer": "output", **settings})
    return list(DeepExtractor(source).extract(region).values())


def test_a_function_of_a_module_in_the_working_folder(write: Write) -> None:
    write(SOURCE)
    before = list(sys.path)
    network = load_network(NAME)
    assert sys.path == before
    assert (network.name, network.slug) == (NAME, "network-of-mine-build")
    assert list(network.layers) == ["0", "1", "2", "3", "5", "output"]
    assert network.layers["0"].shape == (4, 27, 27)
    assert network.layers["1"].activation == "ReLU"
    assert network.head_module == "5"


def test_a_module_in_a_package(write: Write, tmp_path: Path) -> None:
    write("")
    (tmp_path / "package_of_mine").mkdir()
    (tmp_path / "package_of_mine" / "inner.py").write_text(SOURCE, encoding="utf-8")
    assert load_network("package_of_mine.inner:build").layers["output"].shape == (5,)


def test_the_working_folder_comes_first(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / f"{MODULE}.py").write_text("build = None", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))
    write(SOURCE)
    assert load_network(NAME).layers["output"].shape == (5,)


def test_its_own_weights_answer(write: Write, region: Region) -> None:
    write(SOURCE)
    settings = DeepSource(network=NAME, weights="own", layer=("output",))
    extractor = DeepExtractor(settings)
    found = extractor.extract(region)
    assert list(found) == [f"deep_network-of-mine-build_output_post_000{i}" for i in range(5)]
    with torch.no_grad():
        expected = built()(seen(region, settings))[0].tolist()
    assert list(found.values()) == pytest.approx(expected, rel=1e-5)
    assert not extractor.untrained


def test_scaling_and_input_size_are_told_by_the_user(write: Write, region: Region) -> None:
    write("from torch import nn\n\ndef build():\n    return nn.AdaptiveAvgPool2d(1)\n")
    told: dict[str, Any] = {"scale": 255, "mean": (100, 50, 25), "std": (1, 2, 4), "input_size": 40}
    settings = DeepSource(network=NAME, weights="own", layer=("output",), **told)
    grey = 255 * float(picture_of(region, settings, 40).astype("float64").mean())
    expected = [grey - 100, (grey - 50) / 2, (grey - 25) / 4]
    assert list(DeepExtractor(settings).extract(region).values()) == pytest.approx(expected, rel=1e-5)


def test_own_weights_are_stamped_with_their_values(write: Write) -> None:
    write(SOURCE)
    stamps = [weights.stamp(weights.Wanted("own"), load_network(NAME)) for _ in range(2)]
    assert stamps[0] == stamps[1]
    assert stamps[0].startswith("sha256:")
    assert len(stamps[0]) == len("sha256:") + 64
    write(SOURCE.replace("manual_seed(11)", "manual_seed(12)"))
    assert weights.stamp(weights.Wanted("own"), load_network(NAME)) != stamps[0]


def test_what_a_function_draws_without_a_seed_of_its_own_depends_on_ours_alone(write: Write) -> None:
    write(SOURCE)
    network = load_network(f"{MODULE}:unseeded")
    torch.manual_seed(1)
    state = torch.random.get_rng_state()
    first = [weights.stamp(weights.Wanted("own", seed), network) for seed in (1, 2)]
    assert torch.equal(torch.random.get_rng_state(), state)
    torch.manual_seed(2)
    assert [weights.stamp(weights.Wanted("own", seed), network) for seed in (1, 2)] == first
    assert first[0] != first[1]
    loaded = weights.load(weights.Wanted("own", 2), network).model
    assert f"sha256:{weights._digest_of_values(loaded)}" == first[1]


def test_own_weights_of_batch_normalisation_are_stamped(write: Write, region: Region) -> None:
    """Its count of batches is a tensor without dimensions."""
    write(SOURCE.replace("nn.GroupNorm(2, 4)", "nn.BatchNorm2d(4)"))
    settings = DeepSource(network=NAME, weights="own", layer=("output",))
    with torch.no_grad():
        expected = built()(seen(region, settings))[0].tolist()
    assert values(region, weights="own") == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("asked", ["own", "random"])
def test_a_changed_module_is_measured_anew(write: Write, tmp_path: Path, asked: str) -> None:
    """Its parameters are what they were, and so is their stamp; what it makes of them is not."""
    cohort = read_cohort(str(write_cohort(Phantom(cases=4), tmp_path / "phantom")))
    source = DeepSource(network=NAME, weights=asked, layer=("output",))
    found = []
    for activation in ("ReLU", "Sigmoid"):
        write(SOURCE.replace("nn.ReLU()", f"nn.{activation}()"))
        found.append(extract(cohort, source, cache=Cache(tmp_path / "cache")).table.features)
    fresh = extract(cohort, source, cache=Cache(None)).table.features
    assert not fresh.equals(found[0])
    assert fresh.equals(found[1])


def test_own_weights_can_be_locked(write: Write) -> None:
    write(SOURCE)
    network = load_network(NAME)
    digest = weights.stamp(weights.Wanted("own"), network).removeprefix("sha256:")
    assert weights.stamp(weights.Wanted("own", lock=digest[:12]), network) == f"sha256:{digest}"
    with pytest.raises(WeightsError, match=f"{NAME}: its SHA-256 is {digest}, and the lock demands 0123abcd"):
        weights.stamp(weights.Wanted("own", lock="0123abcd"), network)


def test_random_weights_replace_its_own(write: Write, region: Region) -> None:
    write(SOURCE)
    network = load_network(NAME)
    models = [weights.load(weights.Wanted("random", seed), network).model for seed in (1, 1, 2)]
    first = [model.state_dict()["0.weight"] for model in (*models, built())]
    assert torch.equal(first[0], first[1])
    assert not torch.equal(first[0], first[2])
    assert not torch.equal(first[0], first[3])
    settings = DeepSource(network=NAME, weights="random", seed=2, layer=("output",))
    with torch.no_grad():
        expected = models[2](seen(region, settings))[0].tolist()
    extractor = DeepExtractor(settings)
    assert list(extractor.extract(region).values()) == pytest.approx(expected, rel=1e-5)
    assert extractor.weights_stamp == "untrained (random, seed 2)"


def test_weights_from_a_file(write: Write, region: Region, tmp_path: Path) -> None:
    write(SOURCE)
    model = built()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.01
    path = tmp_path / "mine.pth"
    torch.save(model.state_dict(), path)
    settings = DeepSource(network=NAME, weights=str(path), layer=("output",))
    with torch.no_grad():
        expected = model(seen(region, settings))[0].tolist()
    extractor = DeepExtractor(settings)
    assert list(extractor.extract(region).values()) == pytest.approx(expected, rel=1e-5)
    assert extractor.weights_stamp == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    report = extractor.remarks()
    assert (report["loaded"], report["missing"], report["unexpected"]) == (len(model.state_dict()), [], [])


def test_a_file_with_another_classification_layer(write: Write, region: Region, tmp_path: Path) -> None:
    write(SOURCE)
    torch.save(built(f"{MODULE}:narrow_headed").state_dict(), path := tmp_path / "mine.pth")
    extractor = DeepExtractor(DeepSource(network=NAME, weights=str(path), layer=("2",)))
    assert len(extractor.extract(region)) == 4
    assert extractor.remarks()["missing"] == ["5.weight", "5.bias"]
    with pytest.raises(
        WeightsError, match="its classification layer does not fit, so there is no output to read"
    ):
        values(region, weights=str(path))


@pytest.mark.parametrize(
    ("source", "function", "problem", "hint"),
    [
        (None, "build", f"{NAME}: cannot import {MODULE}: ModuleNotFoundError", "from the working folder"),
        ("def build(:", "build", f"{NAME}: cannot import {MODULE}: SyntaxError", "from the working folder"),
        ("1 / 0", "build", f"{NAME}: cannot import {MODULE}: ZeroDivisionError: division", "working folder"),
        (SOURCE, "built", f"{MODULE}:built: {MODULE} has no function 'built'", "MODULE:FUNCTION"),
        ("build = 3", "build", f"{NAME}: {MODULE} has no function 'build'", "MODULE:FUNCTION"),
        (
            "def build():\n    return open('no.pth')",
            "build",
            f"{NAME}: fails with FileNotFoundError",
            "without",
        ),
        (
            "def build(depth):\n    return depth",
            "build",
            f"{NAME}: fails with TypeError",
            "without arguments",
        ),
        ("def build():\n    return {}", "build", f"{NAME}: returns dict, not a torch.nn.Module", "itself"),
        (
            "from torch import nn\ndef build():\n    return nn.Linear(7, 2)",
            "build",
            f"{NAME} cannot look at an input of 3 x 224 x 224",
            "input size",
        ),
    ],
    ids=[
        "no module",
        "syntax",
        "import",
        "no function",
        "number",
        "raises",
        "arguments",
        "dict",
        "other input",
    ],
)
def test_what_is_no_network_is_told_in_one_message(
    write: Write, source: str | None, function: str, problem: str, hint: str
) -> None:
    write(source or "")
    if source is None:
        Path(f"{MODULE}.py").unlink()
    with pytest.raises(ConfigError) as caught:
        DeepExtractor(DeepSource(network=f"{MODULE}:{function}", weights="own", layer=("output",)))
    assert caught.value.message.startswith(problem)
    assert hint in caught.value.hint
    assert caught.value.exit_code == ExitCode.USAGE
    assert str(Path.cwd()) not in sys.path


def test_networks_of_the_menu_have_no_weights_of_their_own() -> None:
    for ask in (weights.stamp, weights.load):
        with pytest.raises(WeightsError, match="cnn-f has no weights of its own") as caught:
            ask(weights.Wanted("own"), load_network("cnn-f"))
        assert "MODULE:FUNCTION" in caught.value.hint


def test_own_weights_take_the_channels_that_they_were_built_for(write: Write) -> None:
    write(SOURCE)
    network = load_network(NAME)
    with pytest.raises(WeightsError, match="takes 3 channels with its own weights, not 2") as caught:
        weights.load(weights.Wanted("own", channels=2), network)
    assert "--weights FILE" in caught.value.hint
    assert weights.load(weights.Wanted("random", channels=2), network).model[0].weight.shape == (4, 2, 9, 9)


class Tiny(nn.Module):
    """Control flow that tracing would lose, and a dropout that a trained network has to pass over."""

    def __init__(self, flat: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 9, stride=8)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.5)
        self.flat = flat

    def forward(self, images: Tensor) -> Tensor:
        maps = self.drop(torch.relu(self.norm(self.conv(images))))
        if self.flat:
            return maps.mean(dim=[2, 3])
        return maps


@pytest.fixture
def tiny() -> Tiny:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return Tiny()


def saved(model: nn.Module, path: Path) -> Path:
    torch.jit.save(torch.jit.script(model), path)
    return path


def script_source(path: Path, **settings: Any) -> DeepSource:
    return DeepSource(**{"network": f"torchscript:{path}", "weights": "own", "layer": "output", **settings})


@pytest.mark.parametrize("kind", ["in training", "for evaluation", "traced"])
def test_a_program_answers_as_the_module_that_it_was_made_of(
    tiny: Tiny, tmp_path: Path, region: Region, kind: str
) -> None:
    path = tmp_path / "tiny.pt"
    if kind == "traced":
        torch.jit.save(torch.jit.trace(tiny.eval(), torch.zeros(1, 3, 224, 224)), path)
    else:
        saved(tiny.train(kind == "in training"), path)
    settings = script_source(path)
    found = DeepExtractor(settings).extract(region)
    with torch.no_grad():
        expected = tiny.eval()(seen(region, settings))[0].tolist()
    assert list(found) == [f"deep_torchscript-tiny_output_post_000{i}" for i in range(4)]
    assert list(found.values()) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("pool", ["mean", "max", "flatten"])
def test_maps_that_a_program_answers_are_pooled(
    tmp_path: Path, tiny: Tiny, region: Region, pool: str
) -> None:
    tiny.flat = False
    settings = script_source(saved(tiny, tmp_path / "maps.pt"), pool=pool)
    with torch.no_grad():
        maps = tiny.eval()(seen(region, settings))[0]
    expected = {"mean": maps.mean(dim=(1, 2)), "max": maps.amax(dim=(1, 2)), "flatten": maps.flatten()}[pool]
    found = list(DeepExtractor(settings).extract(region).values())
    assert found == pytest.approx(expected.tolist(), rel=1e-5, abs=1e-6)


def test_nothing_but_the_output_of_a_program_can_be_read(tmp_path: Path, tiny: Tiny) -> None:
    path = saved(tiny, tmp_path / "tiny.pt")
    assert list(load_network(f"torchscript:{path}").layers) == ["output"]
    with pytest.raises(UnknownNameError, match="unknown layer of torchscript:tiny 'conv'"):
        DeepExtractor(script_source(path, layer="conv"))


def test_a_program_is_known_by_its_bytes_and_never_by_its_path(tmp_path: Path, tiny: Tiny) -> None:
    path = saved(tiny, tmp_path / "tiny.pt")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    extractor = DeepExtractor(script_source(path))
    assert extractor.settings()["weights"] == extractor.weights_stamp == f"sha256:{digest}"
    assert extractor.settings()["network"] == "torchscript:tiny"
    assert str(tmp_path) not in json.dumps(extractor.settings())
    assert DeepExtractor(script_source(path, lock=digest)).weights_stamp == f"sha256:{digest}"
    with pytest.raises(WeightsError, match="the lock demands 00000000"):
        DeepExtractor(script_source(path, lock="0" * 8)).settings()


def test_two_programs_of_one_name_are_kept_apart(tmp_path: Path, tiny: Tiny, region: Region) -> None:
    paths = [tmp_path / folder / "tiny.pt" for folder in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        saved(tiny, path)
        with torch.no_grad():
            tiny.norm.weight.mul_(2)
    first, second = (DeepExtractor(script_source(path)).extract(region) for path in paths)
    assert list(second.values()) == pytest.approx([2 * value for value in first.values()], rel=1e-5)
    assert min(first.values()) > 0


@pytest.mark.parametrize("content", ["weights", "text", "empty", "half a program"])
def test_a_file_that_is_no_program(tmp_path: Path, tiny: Tiny, content: str) -> None:
    path = tmp_path / "tiny.pt"
    if content == "weights":
        torch.save(tiny.state_dict(), path)
    elif content == "half a program":
        path.write_bytes(saved(tiny, path).read_bytes()[:4000])
    else:
        path.write_bytes(b"no program at all\n" * (30 if content == "text" else 0))
    with pytest.raises(WeightsError) as caught:
        DeepExtractor(script_source(path))
    assert caught.value.message.startswith(f"{path}: is no TorchScript program: ")
    assert "\n" not in caught.value.message
    assert "weights alone go to --weights" in caught.value.hint


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.pt"
    with pytest.raises(WeightsError) as caught:
        DeepExtractor(script_source(path))
    assert caught.value.message == f"no TorchScript file {path}"
    assert caught.value.hint == "pass what torch.jit.save wrote"


def test_a_program_passed_as_weights_is_told_where_it_belongs(tmp_path: Path, tiny: Tiny) -> None:
    path = saved(tiny, tmp_path / "tiny.pt")
    with pytest.raises(WeightsError, match="is a TorchScript program, not weights alone") as caught:
        weights.load(weights.Wanted(str(path)), load_network("resnet18"))
    assert caught.value.hint == "name it as the network: --network torchscript:tiny.pt --weights own"


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("a.b_c:build", ":"),
        ("torchscript:folder/net.pt", "torchscript:"),
        ("torchscript:", "torchscript:"),
        ("a-b:build", "a-b:build"),
        ("a:b:c", "a:b:c"),
        ("resnet18", "resnet18"),
    ],
)
def test_names_tell_what_they_name(name: str, family: str) -> None:
    assert registry.network_family(name) == family
