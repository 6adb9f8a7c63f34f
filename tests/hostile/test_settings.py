"""Settings of strangers: whatever YAML can do beside plain values is an error that names the place."""

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from radcompare.config import load_experiment, parse_value
from radcompare.errors import ConfigError, RadcompareError
from radcompare.plain_yaml import MOST_VALUES, NoKeyTwice
from radcompare.radiomics.parameters import read_parameters

LETTERS = "abcdefghij"


def laughs(merged: bool = False) -> str:
    """Nine to the power of nine values in a few hundred bytes."""
    first = "a: &a {k: 1}" if merged else f"a: &a [{','.join('x' * 9)}]"
    lines = [first]
    for before, after in pairwise(LETTERS):
        aliases = f"[{','.join([f'*{before}'] * 9)}]"
        lines.append(f"{after}: &{after} " + (f"{{<<: {aliases}, k{after}: 1}}" if merged else aliases))
    return "\n".join(lines)


HOSTILE = {
    "command": "name: !!python/object/apply:os.system ['touch marker']",
    "new object": "name: !!python/object/new:os.system ['touch marker']",
    "function": "name: !!python/name:os.system",
    "module": "name: !!python/module:antigravity",
    "tuple": "name: !!python/tuple [1]",
    "own tag": "name: !mine x",
    "laughs": laughs(),
    "merged laughs": laughs(merged=True),
    "inside itself": "name: &a [*a]",
    "a block inside itself": "name: &a {b: *a}",
    "merged with itself": "name: &a {<<: *a}",
    "deep": "name: " + "[" * 100_000,
    "deep blocks": "- " * 5_000,
    "deep keys": "{a: " * 2_000,
    "tab": "name:\n\tx",
    "key twice": "name: a\nname: b",
    "key twice in a flow": "{name: a, name: b}",
    "no text": "\x00\x01\x02",
    "NUL": 'name: "a\\0b"',
    "half a character": 'name: "\\ud800"',
    "huge number": "seed: " + "9" * 5_000,
    "huge hexadecimal": "seed: 0x" + "f" * 20_000,
    "beyond 64 bits": "seed: 9223372036854775808",
    "base sixty": "seed: " + ":".join(["59"] * 40),
    "a month of thirteen": "seed: 2024-13-45",
    "no date": "seed: !!timestamp soon",
    "no number": "seed: !!int x",
    "no yes": "seed: !!bool perhaps",
    "no block": "seed: !!map x",
    "a list for a key": "? [a]\n: b",
    "a block for a key": "? {a: b}\n: c",
    "merged with a number": "<<: 1",
    "unknown alias": "name: *nobody",
    "two documents": "--- {name: a}\n--- {name: b}",
    "other version": "%YAML 9.9\n--- {name: a}",
    "long": "name: " + "x" * 1_100_000,
    "many": "name: [" + "x," * (MOST_VALUES + 1) + "]",
}
ODD = {
    "date": "seed: 2024-01-01",
    "date for a key": "2024-01-01: x",
    "number for a key": "1: x",
    "nothing for a key": "~: x",
    "truth for a key": "yes: x",
    "set": "name: !!set {a, b}",
    "ordered": "name: !!omap [a: 1]",
    "pairs": "name: !!pairs [a: 1, a: 2]",
    "no bytes": "seed: !!binary '%%%'",
    "bytes": "name: !!binary aGVsbG8=",
    "infinite": "seed: .inf",
    "no number": "seed: .nan",
    "infinite text": "seed: 1e999",
    "negative": "seed: -1",
    "a list": "- a\n- b",
    "text": "just text",
    "nothing": "",
    "a long word": "name: " + "x" * 10_000,
    "an alias": "name: &a evil\noutcome: *a",
}


def quickly(read: Callable[[], object]) -> RadcompareError | None:
    """The error that comes of it, if any, within seconds; no other exception passes."""
    begun = time.perf_counter()
    try:
        read()
    except RadcompareError as error:
        return error
    finally:
        assert time.perf_counter() - begun < 5
    return None


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    for read in (lambda: load_experiment(path), lambda: read_parameters(path), lambda: parse_value(text)):
        error = quickly(read)
        assert isinstance(error, ConfigError)
        assert len(error.message) < 10 * len(str(path)) + 2 * len(text) < 10_000_000
        assert error.hint
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_what_is_yaml_and_no_experiment(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    assert isinstance(quickly(lambda: load_experiment(path)), ConfigError)
    assert isinstance(quickly(lambda: read_parameters(path)), ConfigError)
    assert not isinstance(quickly(lambda: parse_value(text)), Exception)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
@pytest.mark.parametrize(
    "key", ["name", "seed", "validation", "arms", "arms.x", "sources.x", "classifiers", "reading"]
)
def test_odd_values_anywhere(tmp_path: Path, key: str, text: str) -> None:
    value = parse_value(text.partition("\n")[0].partition(": ")[2])
    path = tmp_path / "x.yaml"
    path.write_text("table: t.csv\noutcome: y\nsources: {x: {columns: '*'}}\narms: {x: {sources: x}}\n")
    quickly(lambda: load_experiment(path, {key: value}))


def test_an_alias_that_is_used_sparingly_is_fine() -> None:
    assert yaml.load("a: &a [1, 2]\nb: *a\nc: {<<: &d {x: 1}, y: *a}", NoKeyTwice) == {
        "a": [1, 2],
        "b": [1, 2],
        "c": {"x": 1, "y": [1, 2]},
    }
    assert yaml.load("a: 9223372036854775807\nb: -9223372036854775808\nc: 1.5e+300", NoKeyTwice) == {
        "a": 2**63 - 1,
        "b": -(2**63),
        "c": 1.5e300,
    }


JSON = {
    "huge number": '{"setting": {"binWidth": 1' + "0" * 400 + "}}",
    "longer than Python reads": '{"setting": {"binWidth": 1' + "0" * 5_000 + "}}",
    "infinite": '{"setting": {"binWidth": Infinity}}',
    "no number": '{"voxelSetting": {"initValue": 1' + "0" * 400 + "}}",
    "deep": "[" * 100_000,
    "a list": "[]",
    "text": '"x"',
}


@pytest.mark.parametrize("text", JSON.values(), ids=JSON)
def test_parameters_as_json(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    assert isinstance(quickly(lambda: read_parameters(path)), ConfigError)
